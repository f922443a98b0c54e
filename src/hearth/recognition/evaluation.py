"""How well meals are read, against a file of meals with known figures (NutriBench's form).

Accuracy is the share of meals whose carbohydrate is less than 7.5 g off, the benchmark's own
measure; the mean absolute errors are over all meals, and a meal without an answer counts as 0 g.
"""

import csv
import gzip
import io
import statistics
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from hearth.core.errors import Invalid
from hearth.foods import Food, read_bundle, starter_foods
from hearth.recognition.answers import ENGINE, Reading, Unreadable
from hearth.recognition.index import Index
from hearth.recognition.reading import Reader

LABELS: Final = ("carb_g", "protein_g", "fat_g", "energy_kcal")
OUT_COLUMNS: Final = ("id", *LABELS, "carb_low", "carb_high", "energy_low", "energy_high")
NEAR_CARB_G: Final = 7.5
NEAR_ENERGY: Final = 0.2


class Scores(msgspec.Struct, frozen=True):
    """The figures of one set of meals; shares are 0..1, errors are grams or kcal a meal.

    The width of an interval is the median of what lies between its ends, in shares of the answer.
    """

    n: int
    answered: float
    carb_within_7_5_g: float
    carb_mae_g: float
    protein_mae_g: float
    fat_mae_g: float
    energy_mae_kcal: float
    energy_within_20_percent: float
    carb_interval_holds: float
    energy_interval_holds: float
    carb_interval_width: float
    energy_interval_width: float


class Report(msgspec.Struct, frozen=True):
    """An evaluation: what was read with what, how fast, and how right (None without labels)."""

    engine: str
    file: str
    tables: tuple[str, ...]
    foods: int
    meals: int
    answered: float
    index_seconds: float
    p50_ms: float
    p95_ms: float
    scores: Scores | None
    subsets: dict[str, Scores] = {}


class _Answer(msgspec.Struct, frozen=True):
    """One meal read: its row, what was understood (None when refused), and milliseconds."""

    row: Mapping[str, str]
    reading: Reading | None
    took_ms: float


def nutribench(
    file: Path,
    tables: Sequence[Path] = (),
    out: Path | None = None,
    limit: int | None = None,
    *,
    embedded: bool = False,
) -> Report:
    """Read every meal of `file` (csv or csv.gz with id and description) and score what has labels.

    `tables` are USDA bundles; with `embedded` the starter catalogue goes before them, and it is
    used alone where there are none. `out` gets one row a meal. `Invalid` without id or description.
    """
    began = time.perf_counter()
    reader = Reader(Index(_foods(tables, embedded=embedded or not tables)))
    index_seconds = time.perf_counter() - began
    answers = [_answer(reader, row) for row in _meals(file, limit)]
    if out is not None:
        _write(out, answers)
    times = sorted(answer.took_ms for answer in answers) or [0.0]
    groups: dict[str, list[_Answer]] = {}
    for answer in answers:
        if answer.row.get("subset"):
            groups.setdefault(answer.row["subset"], []).append(answer)
    return Report(
        engine=ENGINE,
        file=file.name,
        tables=(("starter catalogue",) if embedded or not tables else ())
        + tuple(table.name for table in tables),
        foods=len(reader.index.foods),
        meals=len(answers),
        answered=_share(answer.reading is not None for answer in answers),
        index_seconds=index_seconds,
        p50_ms=statistics.median(times),
        p95_ms=times[int(0.95 * (len(times) - 1))],
        scores=_scores(answers),
        subsets={
            name: scores for name, group in sorted(groups.items()) if (scores := _scores(group))
        },
    )


def _foods(tables: Sequence[Path], *, embedded: bool) -> Iterator[Food]:
    """The foods of the tables in their order, each id once, the first table's first."""
    if embedded:
        yield from starter_foods()
    seen: set[str] = set()
    for table in tables:
        for food in read_bundle(table):
            if food.id not in seen:
                seen.add(food.id)
                yield food


def _meals(file: Path, limit: int | None) -> Iterator[dict[str, str]]:
    """The rows of the file, `limit` of them evenly spread when given."""
    packed = file.read_bytes()
    text = (gzip.decompress(packed) if file.suffix == ".gz" else packed).decode("utf-8-sig")
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = {"id", "description"} - set(reader.fieldnames or ())
    if missing:
        raise Invalid(f"{file.name} has no column {' and '.join(sorted(missing))}.")
    rows = list(reader)
    number = min(limit or len(rows), len(rows))
    yield from (rows[place * len(rows) // number] for place in range(number))


def _answer(reader: Reader, row: dict[str, str]) -> _Answer:
    began = time.perf_counter()
    try:
        reading = reader.read(row["description"])
    except Unreadable:
        return _Answer(row, None, 1000 * (time.perf_counter() - began))
    return _Answer(row, reading, 1000 * (time.perf_counter() - began))


def _total(answer: _Answer, code: str) -> float:
    return answer.reading.totals.get(code, 0.0) if answer.reading else 0.0


def _interval(answer: _Answer, code: str) -> tuple[float, float]:
    found = answer.reading.interval if answer.reading else {}
    return found.get(code, (0.0, 0.0))


def _write(out: Path, answers: Iterable[_Answer]) -> None:
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(OUT_COLUMNS)
        for answer in answers:
            figures = [_total(answer, code) for code in LABELS]
            bounds = [*_interval(answer, "carb_g"), *_interval(answer, "energy_kcal")]
            writer.writerow([answer.row["id"], *(f"{figure:.3f}" for figure in figures + bounds)])


def _share(holds: Iterable[bool]) -> float:
    found = list(holds)
    return sum(found) / len(found) if found else 0.0


def _scores(answers: Sequence[_Answer]) -> Scores | None:
    """The figures of the answers whose rows carry every label; None when there is none."""
    labelled = [answer for answer in answers if all(answer.row.get(code) for code in LABELS)]
    if not labelled:
        return None
    errors = {
        code: [abs(_total(answer, code) - float(answer.row[code])) for answer in labelled]
        for code in LABELS
    }
    return Scores(
        n=len(labelled),
        answered=_share(answer.reading is not None for answer in labelled),
        carb_within_7_5_g=_share(error < NEAR_CARB_G for error in errors["carb_g"]),
        carb_mae_g=statistics.fmean(errors["carb_g"]),
        protein_mae_g=statistics.fmean(errors["protein_g"]),
        fat_mae_g=statistics.fmean(errors["fat_g"]),
        energy_mae_kcal=statistics.fmean(errors["energy_kcal"]),
        energy_within_20_percent=_share(
            error <= NEAR_ENERGY * float(answer.row["energy_kcal"])
            for error, answer in zip(errors["energy_kcal"], labelled, strict=True)
        ),
        carb_interval_holds=_holds(labelled, "carb_g"),
        energy_interval_holds=_holds(labelled, "energy_kcal"),
        carb_interval_width=_width(labelled, "carb_g"),
        energy_interval_width=_width(labelled, "energy_kcal"),
    )


def _holds(answers: Sequence[_Answer], code: str) -> float:
    """The share of meals whose true figure lies in the interval (rounding of labels allowed)."""
    return _share(
        low - 0.05 <= float(answer.row[code]) <= high + 0.05
        for answer in answers
        for low, high in (_interval(answer, code),)
    )


def _width(answers: Sequence[_Answer], code: str) -> float:
    """The median width of the intervals, in shares of the answer (of 1 g or kcal where it is less)."""
    widths = []
    for answer in answers:
        low, high = _interval(answer, code)
        widths.append((high - low) / max(_total(answer, code), 1.0))
    return statistics.median(widths)
