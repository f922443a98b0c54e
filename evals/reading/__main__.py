"""Every figure of reading meals in one report: `python -m evals.reading`.

The everyday logs need nothing but the project. NutriBench and the USDA's tables are not part of it:
HEARTH_SHARED_DATA says where they lie; what is not there is skipped, and said.
"""

import argparse
import contextlib
import os
import random
import resource
import time
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from evals.reading.everyday import FILE, SECOND, THIRD, everyday, lines
from hearth.foods import Food, read_bundle, starter_foods
from hearth.recognition import Index, Reader, Report, Scores, Unreadable, nutribench

SHARED: Final = Path(os.environ.get("HEARTH_SHARED_DATA", "../shared/data"))
BUNDLES: Final = {
    "FNDDS 2017-18": "FoodData_Central_survey_food_csv_2020-10-30.zip",
    "FNDDS 2021-23": "FoodData_Central_survey_food_csv_2024-10-31.zip",
    "SR Legacy": "FoodData_Central_sr_legacy_food_csv_2018-04.zip",
    "Foundation": "FoodData_Central_foundation_food_csv_2025-04-24.zip",
}
PRODUCT: Final = ("FNDDS 2021-23", "FNDDS 2017-18", "SR Legacy", "Foundation")
"""The tables that an import brings beside the starter catalogue, in their order."""
# File, tables, whether the starter catalogue goes first.
RUNS: Final = (
    ("dev_v1.csv.gz", ("FNDDS 2017-18",), False),
    ("dev_v1.csv.gz", ("FNDDS 2021-23",), False),
    ("dev_v1.csv.gz", PRODUCT, True),
    ("dev_v2_intl.csv.gz", PRODUCT, True),
)


def main() -> None:
    """Print the report."""
    parser = argparse.ArgumentParser(prog="python -m evals.reading", description=__doc__)
    parser.add_argument("--limit", type=int, help="read only so many meals of each NutriBench file")
    limit = parser.parse_args().limit
    for line in report(limit):
        print(line, flush=True)


def report(limit: int | None = None) -> Iterator[str]:
    """The lines of the report."""
    yield f"Reading meals from words, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    starter = list(starter_foods())
    yield from _index_cost("Starter catalogue", starter)
    reader = Reader(Index(starter))
    for file in (FILE, SECOND, THIRD):
        yield f"\nEveryday logs (evals/reading/{file.name}), starter catalogue alone:"
        yield from (f"  {line}" for line in lines(everyday(reader, file)))
    yield from slowest(reader)
    yield from _product_cost(starter)
    for run in RUNS:
        yield from _benchmark(*run, limit)
    yield f"\nPeak memory of this process {_peak_mb():.0f} MB, tables and meals of every run included"


def _product_cost(starter: list[Food]) -> Iterator[str]:
    """What the index costs over all that an import brings."""
    paths = [SHARED / "fdc-bundles" / BUNDLES[table] for table in PRODUCT]
    if all(path.exists() for path in paths):
        held = {food.id: food for path in paths for food in read_bundle(path)}
        yield from _index_cost(f"Starter + {' + '.join(PRODUCT)}", [*starter, *held.values()])


def _index_cost(title: str, foods: list[Food]) -> Iterator[str]:
    """How long index and reader take from foods already in memory, and what they then hold.

    What is held is counted object by object in a process of its own, where nothing is known yet;
    the foods themselves are left out. A first meal with mistyped words is read, so that what is
    made when first needed is counted too; it is timed by itself.
    """
    held = _held_mb(foods)
    began, processor = time.perf_counter(), time.process_time()
    reader = Reader(Index(foods))
    ready, worked = time.perf_counter() - began, time.process_time() - processor
    _first_meal(reader)
    first = time.perf_counter() - began - ready
    yield (
        f"\n{title}: {len(foods):,} foods; index ready {ready:.2f} s after they are loaded (bound 2 s; "
        f"{worked:.2f} s of processor time), first meal {first:.2f} s, both hold {held:.0f} MB (bound 150 MB)"
    )


def _held_mb(foods: list[Food]) -> float:
    """What index and reader hold after a first meal, in a forked process."""
    ours, theirs = Pipe(duplex=False)
    child = get_context("fork").Process(target=_tell_held, args=(foods, theirs))
    child.start()
    held = float(ours.recv())
    child.join()
    return held / 2**20


def _tell_held(foods: list[Food], told: Connection) -> None:
    tracemalloc.start()
    reader = Reader(Index(foods))
    _first_meal(reader)
    told.send(tracemalloc.get_traced_memory()[0])


def _first_meal(reader: Reader) -> None:
    reader.read("2 boild eggs, a slice of bread with chees and a glass of milk")


def _benchmark(
    name: str, tables: tuple[str, ...], starter: bool, limit: int | None
) -> Iterator[str]:
    file = SHARED / "nutribench" / name
    paths = [SHARED / "fdc-bundles" / BUNDLES[table] for table in tables]
    missing = [path.name for path in (file, *paths) if not path.exists()]
    title = f"{name} with {'starter + ' if starter else ''}{' + '.join(tables)}"
    if missing:
        yield f"\n{title}: skipped, because {', '.join(missing)} is not under {SHARED}"
        return
    yield f"\n{title}"
    yield from _figures(nutribench(file, paths, limit=limit, embedded=starter))


def _figures(report: Report) -> Iterator[str]:
    yield (
        f"  {report.foods} foods, {report.meals} meals, {report.answered:.1%} answered; index "
        f"{report.index_seconds:.1f} s with reading the tables, "
        f"p50 {report.p50_ms:.1f} ms, p95 {report.p95_ms:.1f} ms a meal"
    )
    groups = {"all": report.scores, **report.subsets}
    yield from (f"  {name:14} {_scores(scores)}" for name, scores in groups.items() if scores)


def _scores(one: Scores) -> str:
    return (
        f"n {one.n:5}  carb < 7.5 g off {one.carb_within_7_5_g:6.2%}, mean error carb "
        f"{one.carb_mae_g:5.2f} g, protein {one.protein_mae_g:4.2f} g, fat {one.fat_mae_g:4.2f} g; "
        f"energy within 20 % {one.energy_within_20_percent:6.2%}; 80 % interval holds "
        f"{one.carb_interval_holds:.1%} (carb), {one.energy_interval_holds:.1%} (energy){_width(one)}"
    )


def _width(one: Scores) -> str:
    """How wide the intervals are: the median of (high - low) / middle, when the scores hold it."""
    widths = [getattr(one, f"{what}_interval_width", None) for what in ("carb", "energy")]
    if None in widths:
        return ""
    return f", median width {widths[0]:.0%} / {widths[1]:.0%} of the middle"


def slowest(reader: Reader) -> Iterator[str]:
    """The slowest of texts that were made to be slow, and of random ones (bound: 100 ms)."""
    dice = random.Random(7)
    words = [
        "egg ",
        "with ",
        "2 ",
        "milk",
        " and ",
        "кашика ",
        "200 g ",
        ",",
        "½",
        "qwertz ",
        "no ",
    ]
    texts = [word * (2_000 // len(word)) for word in words]
    texts += ["".join(dice.choices(words, k=dice.randint(1, 900))) for _ in range(200)]
    texts += ["".join(map(chr, dice.choices(range(32, 0x500), k=1_999))) for _ in range(50)]
    took = sorted(_milliseconds(reader, text) for text in texts)
    yield (
        f"\nHostile texts: n {len(took)}, median {took[len(took) // 2]:.1f} ms, "
        f"p95 {took[int(0.95 * len(took))]:.1f} ms, slowest {took[-1]:.1f} ms of processor time (bound 100 ms)"
    )


def _milliseconds(reader: Reader, text: str) -> float:
    """Processor time, which other work on the machine does not lengthen."""
    began = time.process_time()
    with contextlib.suppress(Unreadable):
        reader.read(text)
    return 1000 * (time.process_time() - began)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
