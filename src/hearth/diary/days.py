"""Days: what was eaten on a day and over a range of days, beside goals and weight.

A day is asked for more than anything else: two statements, however long the diary is.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from hearth.core.db import Db
from hearth.core.sql import Statements
from hearth.diary.goals import Goal, Progress, Target, progress
from hearth.diary.meals import DAY_LINES, Line, grouped
from hearth.diary.refusals import refused
from hearth.diary.totals import Total, Totals, plain, total_of, totals, unknown
from hearth.diary.weights import Weight
from hearth.foods import CODES
from hearth.people import Person

MOST_DAYS: Final = 400
MAIN: Final = (
    "energy_kcal", "protein_g", "carb_g", "fat_g", "fiber_g", "sugars_g", "sat_fat_g", "sodium_mg",
)  # fmt: skip
"""The nutrients of a range when nobody says which."""
ENERGY, PROTEIN, CARB, FAT = (CODES.index(code) for code in MAIN[:4])


class DayItem(msgspec.Struct, frozen=True):
    """An item in short; the meal itself has every nutrient. None is unknown."""

    id: UUID
    food_id: str | None
    name: str
    phrase: str
    amount: float
    unit: str
    grams: float | None
    energy_kcal: float | None
    protein_g: float | None
    carb_g: float | None
    fat_g: float | None
    confidence: float | None


class DayMeal(msgspec.Struct, frozen=True, kw_only=True):
    """A meal in short. The sums count what is known, None when no item states it."""

    id: UUID
    at: datetime | None
    zone: str
    kind: str
    name: str
    note: str
    version: int
    energy_kcal: float | None
    protein_g: float | None
    carb_g: float | None
    fat_g: float | None
    items: list[DayItem]


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """A day: its meals in the order eaten, their totals, the goals, and weight beside them.

    `unknown` are the nutrients that nothing eaten states: they have no total. `goals` is by
    nutrient. `last_weight` is the last weighing up to this day.
    """

    day: date
    zone: str
    meals: list[DayMeal]
    items_count: int
    totals: Totals
    unknown: tuple[str, ...]
    goal: Goal | None
    goals: dict[str, Progress]
    weights: list[Weight]
    last_weight: Weight | None


class DaySummary(msgspec.Struct, frozen=True):
    """A day of a range that has something in it. `weight_kg` is the mean of its weighings."""

    day: date
    meals: int
    items: int
    totals: Totals
    weight_kg: float | None


class DayRange(msgspec.Struct, frozen=True):
    """The days from `first` to `last` that have something in them; other days have nothing."""

    first: date
    last: date
    nutrients: tuple[str, ...]
    days: list[DaySummary]


class Beside(msgspec.Struct, frozen=True):
    """What stands beside a day, as the database has it: each list is a column of weighings."""

    valid_from: date | None
    energy_kcal: float | None
    targets: Any
    version: int | None
    ids: list[UUID] | None
    days: list[date] | None
    ats: list[datetime] | None
    zones: list[str] | None
    kgs: list[float] | None
    notes: list[str] | None
    versions: list[int] | None


class Sum(msgspec.Struct, frozen=True):
    """The sum of the nutrient at `place` (from 1) on a day."""

    day: date
    place: int
    amount: float
    stated: int
    items: int
    energy_share: float | None


class Count(msgspec.Struct, frozen=True):
    """How many meals and items a day has."""

    day: date
    meals: int
    items: int


class DayWeight(msgspec.Struct, frozen=True):
    """The mean of a day's weighings."""

    day: date
    kg: float


statements = Statements.beside(__file__)
STAMP = statements.rows("stamp", int)
BESIDE_DAY = statements.rows("beside_day", Beside)
DAY_SUMS = statements.rows("day_sums", Sum)
DAY_COUNTS = statements.rows("day_counts", Count)
DAY_WEIGHTS = statements.rows("day_weights", DayWeight)


# ------------------------------------------------------------------ rules


def _short(line: Line) -> DayItem:
    column = line.nutrients
    return DayItem(
        line.item_id,  # type: ignore[arg-type]  # lines without an item are left out before
        line.food_id,
        line.item_name,
        line.phrase,
        plain(line.amount),
        line.unit,
        _known(line.grams),
        _known(column[ENERGY]),
        _known(column[PROTEIN]),
        _known(column[CARB]),
        _known(column[FAT]),
        _known(line.confidence),
    )


def _known(amount: float | None) -> float | None:
    return None if amount is None else plain(amount)


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return plain(sum(known)) if known else None


def _meal(lines: Sequence[Line]) -> DayMeal:
    first = lines[0]
    items = [_short(line) for line in lines if line.item_id is not None]
    return DayMeal(
        id=first.id,
        at=first.at,
        zone=first.zone,
        kind=first.kind,
        name=first.name,
        note=first.note,
        version=first.version,
        energy_kcal=_sum([item.energy_kcal for item in items]),
        protein_g=_sum([item.protein_g for item in items]),
        carb_g=_sum([item.carb_g for item in items]),
        fat_g=_sum([item.fat_g for item in items]),
        items=items,
    )


def _goal(beside: Beside) -> Goal | None:
    if beside.valid_from is None or beside.version is None:
        return None
    targets = msgspec.convert(beside.targets, dict[str, Target])
    return Goal(beside.valid_from, _known(beside.energy_kcal), targets, beside.version)


def _weights(beside: Beside) -> list[Weight]:
    """The weighings of their columns, the latest first."""
    columns = (
        beside.ids, beside.days, beside.ats, beside.zones,
        [plain(kg) for kg in beside.kgs or ()], beside.notes, beside.versions,
    )  # fmt: skip
    return [Weight(*row) for row in zip(*(column or () for column in columns), strict=True)]


def summed(person: Person, on: date, lines: Sequence[Line], beside: Beside) -> Day:
    """The day of its lines and of what stands beside it."""
    own = [line.nutrients for line in lines if line.item_id is not None]
    sums = totals(own)
    goal = _goal(beside)
    weights = _weights(beside)
    last = weights[0] if weights else None
    return Day(
        day=on,
        zone=person.zone,
        meals=[_meal(one) for one in grouped(lines)],
        items_count=len(own),
        totals=sums,
        unknown=unknown(sums) if own else (),
        goal=goal,
        goals=progress(goal, sums, (last.kg, last.day) if last else None, len(own)),
        weights=[weight for weight in reversed(weights) if weight.day == on],
        last_weight=last,
    )


def _places(nutrients: Sequence[str]) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(nutrients)) or MAIN
    for code in wanted:
        if code not in CODES:
            raise refused("nutrients", f"“{code[:60]}” is no nutrient that is known here.")
    return wanted


# ------------------------------------------------------------------ verbs


async def day(db: Db, person: Person, on: date) -> Day:
    """A day of the person's diary; an empty one when nothing is logged."""
    return await db.reading(person.id, lambda one: read_day(one, person, on))


async def read_day(one: Db, person: Person, on: date) -> Day:
    """The same on a connection that already reads for the person."""
    lines = await one.all(DAY_LINES, person.id, day=on)
    return summed(person, on, lines, await one.one(BESIDE_DAY, person.id, day=on))


async def days(
    db: Db, person: Person, first: date, last: date, nutrients: Sequence[str] = ()
) -> DayRange:
    """The days from `first` to `last`, at most 400, with sums of `nutrients` (the main ones)."""
    if not timedelta(0) <= last - first < timedelta(MOST_DAYS):
        raise refused("to", f"must be from 0 to {MOST_DAYS - 1} days after `from`.")
    wanted = _places(nutrients)
    bounds = {"first": first, "last": last}
    places = [CODES.index(code) + 1 for code in wanted]
    counts = await db.all(DAY_COUNTS, person.id, **bounds)
    sums = await db.all(DAY_SUMS, person.id, places=places, **bounds)
    weights = await db.all(DAY_WEIGHTS, person.id, **bounds)
    return DayRange(first, last, wanted, _summaries(counts, sums, weights))


def _summaries(
    counts: Sequence[Count], sums: Sequence[Sum], weights: Sequence[DayWeight]
) -> list[DaySummary]:
    by_day: dict[date, dict[str, Total]] = {}
    for one in sums:
        total = total_of(one.amount, one.stated, one.items, one.energy_share)
        by_day.setdefault(one.day, {})[CODES[one.place - 1]] = total
    eaten = {count.day: count for count in counts}
    kilograms = {weight.day: plain(weight.kg) for weight in weights}
    nothing = Count(date.min, 0, 0)
    found = []
    for on in sorted({*eaten, *kilograms}):
        count = eaten.get(on, nothing)
        sums_of_day = by_day.get(on, {})
        found.append(DaySummary(on, count.meals, count.items, sums_of_day, kilograms.get(on)))
    return found
