"""Learns the widths of intervals from food tables alone: `python -m evals.calibration`.

A description of one table of the USDA is told as a person would tell it, with an amount, and read
against a table. Where the row itself is in the table, a food is told by its whole name; where it is
not (another cycle of the survey, or a table of ingredients read against the survey and the other
way about), by parts of it. For an index of several tables three of five count from the first kind:
most of what people eat is a row of a survey's table, the rest is only like one. For one table alone,
in whose own terms the answer is wanted, it is six of seven. What the row's own figures are beside
what was read gives the error, in widths as `recognition.certainty` states them; the quantiles by
kind stand in `recognition.learned_errors`. No benchmark's text or label is among the errors. The
two shares are choices of ours, made after seeing how often intervals held on the development half
of NutriBench.
"""

import itertools
import random
import re
import statistics
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from evals.reading.__main__ import BUNDLES, SHARED
from hearth.foods import Food, Portion, read_bundle
from hearth.recognition import Index, Reader, Unreadable
from hearth.recognition.certainty import CODES
from hearth.recognition.learned_errors import KINDS, LEVELS

WITHIN: Final = 1_500
BESIDE: Final = 1_000
"""Descriptions of each pair of tables: of rows that are in the table read, and that are not."""
BESIDE_OF_ONE: Final = 250
"""Of the second kind, how many count for an index of one table."""

Pair = tuple[tuple[str, ...], tuple[str, ...], bool]
"""The tables told, the tables read against, whether the told rows are among them."""
PAIRS: Final[tuple[Pair, ...]] = (
    (("FNDDS 2021-23",), ("FNDDS 2021-23",), True),
    (("SR Legacy",), ("SR Legacy", "Foundation"), True),
    (("FNDDS 2017-18",), ("FNDDS 2017-18",), True),
    (("FNDDS 2017-18",), ("FNDDS 2021-23",), False),
    (("SR Legacy", "Foundation"), ("FNDDS 2021-23",), False),
    (("FNDDS 2021-23",), ("SR Legacy", "Foundation"), False),
)
_SILENT: Final = re.compile(r",?\s*\b(?:NS as to|NS to)\b[^,;()]*|,?\s*\bNFS\b|\([^()]*\)")
_NO_HELPING: Final = re.compile(r"guideline|inch|surface|not specified", re.IGNORECASE)
_WEIGHTS_G: Final = (30, 50, 85, 100, 120, 150, 200, 250)

Errors = dict[tuple[str, str], list[float]]
RowErrors = list[tuple[str, str, float]]
"""Nutrient, kind and error, in widths, of one row; empty where its text was not read as one food."""


def main() -> None:
    """Print what was read, and the constants."""
    print(f"Errors by kind, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC")
    missing = [file for file in BUNDLES.values() if not (SHARED / "fdc-bundles" / file).exists()]
    if missing:
        print(f"Skipped, because {', '.join(missing)} is not under {SHARED / 'fdc-bundles'}")
        return
    tables = {name: list(read_bundle(SHARED / "fdc-bundles" / BUNDLES[name])) for name in BUNDLES}
    several: Errors = defaultdict(list)
    one: Errors = defaultdict(list)
    for number, pair in enumerate(PAIRS):
        rows = compared(tables, pair, random.Random(number))
        few = rows if pair[2] else rows[:BESIDE_OF_ONE]
        for errors, counted in ((several, rows), (one, few)):
            for code, kind, error in itertools.chain.from_iterable(counted):
                errors[code, kind].append(error)
        print(f"  {' + '.join(pair[0])} read against {' + '.join(pair[1])}: {len(rows)} rows")
    print("ERRORS")
    print("\n".join(constants(several)))
    print("ERRORS_OF_ONE_TABLE")
    print("\n".join(constants(one)))
    for line in least(tables["SR Legacy"], tables["Foundation"]):
        print(line)
    for code in CODES:
        every = [food.nutrients.get(code) for foods in tables.values() for food in foods]
        grams = [value / 100 for value in every if value is not None]
        print(f'    "{code}": {quantiles(grams)},  # of a gram of any food, n {len(grams)}')


def compared(tables: dict[str, list[Food]], pair: Pair, dice: random.Random) -> list[RowErrors]:
    """The errors of the rows of one table that are, or are not, in the tables read."""
    told_of, against, among = pair
    reader = Reader(Index(food for name in against for food in tables[name]))
    known = reader.index.by_id
    rows = [food for name in told_of for food in tables[name] if (food.id in known) == among]
    drawn = dice.sample(rows, min(WITHIN if among else BESIDE, len(rows)))
    return gathered(reader, drawn, whole=among, dice=dice)


def constants(errors: Errors) -> Iterator[str]:
    """The lines to paste as `ERRORS`."""
    for code in CODES:
        yield f'    "{code}": {{'
        for kind in KINDS:
            found = errors[code, kind]
            yield f'        "{kind}": {quantiles(found)},  # n {len(found)}'
        yield "    },"


def least(some: Sequence[Food], others: Sequence[Food]) -> Iterator[str]:
    """By how much the analyses of foods of one name differ, in the median."""
    named = {food.name.lower(): food for food in some}
    pairs = [(named[food.name.lower()], food) for food in others if food.name.lower() in named]
    for code in CODES:
        both = [(one.nutrients.get(code), other.nutrients.get(code)) for one, other in pairs]
        shares = [abs(one / other - 1) for one, other in both if one is not None and other]
        yield f'    "{code}": {statistics.median(shares):.3f},  # two analyses, n {len(shares)}'


def quantiles(values: Sequence[float]) -> tuple[float, ...]:
    """The values at `LEVELS`, rounded to two places."""
    ordered = sorted(values)
    return tuple(round(ordered[int(level * (len(ordered) - 1))], 2) for level in LEVELS)


def gathered(
    reader: Reader, rows: Sequence[Food], *, whole: bool, dice: random.Random
) -> list[RowErrors]:
    """The errors, in widths, of rows told and read."""
    found = []
    for food in rows:
        text, grams = told(food, dice, whole=whole)
        found.append(list(_errors(reader, food, text, grams)))
    return found


def _errors(
    reader: Reader, food: Food, text: str, grams: float
) -> Iterator[tuple[str, str, float]]:
    """Truth less reading, in widths; nothing where the text was taken for several foods or none."""
    try:
        doubts = reader.doubts(text)
    except Unreadable:
        return
    if len(doubts) != 1:
        return
    [doubt] = doubts
    for code in CODES:
        if code in food.nutrients and doubt.widths.get(code):
            truth = food.nutrients[code] * grams / 100
            yield code, doubt.kind, (truth - doubt.amounts[code]) / doubt.widths[code]


def told(food: Food, dice: random.Random, *, whole: bool) -> tuple[str, float]:
    """A food as a person tells it, and its grams: weighed, in a portion of its own, or unsaid.

    What nobody says may be the table's usual amount or another portion of about that size.
    """
    words = phrase(food.name, dice, whole=whole)
    helpings = [
        row for row in food.portions if row.grams >= 5 and not _NO_HELPING.search(row.label)
    ]
    how = dice.choice(("weighed", "portion", "unsaid") if helpings else ("weighed",))
    if how == "weighed":
        grams = dice.choice(_WEIGHTS_G)
        return f"{grams} g of {words}", grams
    if how == "portion":
        row = dice.choice(helpings)
        return f"{_bare(row.label)} of {words}", row.grams
    usual = _usual(food.portions)
    like = [row.grams for row in helpings if 0.5 <= row.grams / usual <= 2]
    return words, dice.choice((usual, dice.choice(like or [usual])))


def _usual(portions: Sequence[Portion]) -> float:
    """The amount that the table itself takes when nobody said one, else its first portion."""
    usual = [row for row in portions if row.is_default or "not specified" in row.label]
    return (usual or portions)[0].grams


def phrase(name: str, dice: random.Random, *, whole: bool) -> str:
    """The words of a name in the order of speech: "Bread, rye, toasted" is "rye toasted bread"."""
    parts = [" ".join(part.split()) for part in re.split("[,;]", _SILENT.sub("", name.lower()))]
    head, *rest = [part for part in parts if part] or [name.lower()]
    kept = rest if whole else [part for part in rest if dice.random() < 0.5]
    before = [part for part in kept if " " not in part]
    return " ".join([*before, head, *(part for part in kept if " " in part)])


def _bare(label: str) -> str:
    return " ".join(re.sub(r"\([^()]*\)|,", " ", label.lower()).split())


if __name__ == "__main__":
    main()
