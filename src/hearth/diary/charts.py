"""What the day's pictures are drawn from: the week, the sources of energy, the line of weights."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import msgspec
from babel.dates import format_date

from hearth.diary.days import DayRange
from hearth.diary.goals import KCAL_PER_G
from hearth.diary.totals import Totals
from hearth.diary.weights import Weight
from hearth.web import Shown

WEEK: Final = 7
PARTS: Final = (("protein_g", "protein"), ("carb_g", "carb"), ("fat_g", "fat"))


class WeekDay(msgspec.Struct, frozen=True, kw_only=True):
    """A day in the strip: `share` of the goal (or of the week's most, without one), 0 to 1."""

    day: date
    letter: str
    number: str
    label: str
    share: float
    is_shown: bool
    is_today: bool


class Part(msgspec.Struct, frozen=True):
    """A share of the ring, from `start`; both 0 to 1."""

    kind: str
    start: float
    share: float


def week_of(on: date, first_day_of_week: int) -> tuple[date, date]:
    """The first and last day of the week that holds a day; weekdays by ISO number, Monday is 1."""
    first = on - timedelta(days=(on.isoweekday() - first_day_of_week) % WEEK)
    return first, first + timedelta(days=WEEK - 1)


def week_days(
    found: DayRange, on: date, today: date, goal_kcal: float | None, shown: Shown
) -> list[WeekDay]:
    """The strip of the week around the day that is shown."""
    eaten = {
        one.day: one.totals["energy_kcal"].amount
        for one in found.days
        if "energy_kcal" in one.totals
    }
    whole = goal_kcal or max(eaten.values(), default=0.0) or 1.0
    days = [found.first + timedelta(days=n) for n in range(WEEK)]
    return [
        WeekDay(
            day=day,
            letter=format_date(day, "EEEEE", locale=shown.babel),
            number=str(day.day),
            label=shown.day(day) + (f": {shown.energy(eaten[day])}" if day in eaten else ""),
            share=min(1.0, eaten.get(day, 0.0) / whole),
            is_shown=day == on,
            is_today=day == today,
        )
        for day in days
    ]


def ring_parts(totals: Totals) -> list[Part]:
    """Where the energy of the three macronutrients comes from; none when one of them is unknown."""
    if any(code not in totals for code, _ in PARTS):
        return []
    kcal = [totals[code].amount * KCAL_PER_G[code] for code, _ in PARTS]
    whole, start, parts = sum(kcal), 0.0, []
    for (_, kind), energy in zip(PARTS, kcal, strict=True):
        share = energy / whole if whole else 0.0
        parts.append(Part(kind, start, share))
        start += share
    return parts if whole else []


def spark_path(weights: Sequence[Weight]) -> str:
    """The line of weighings in a box of 300 by 72, oldest first; "" for fewer than two."""
    if len(weights) < 2:
        return ""
    ordered = sorted(weights, key=lambda weight: weight.at)
    start, span = ordered[0].at, (ordered[-1].at - ordered[0].at).total_seconds() or 1.0
    low = min(weight.kg for weight in ordered)
    height = max(weight.kg for weight in ordered) - low or 1.0
    points = [
        f"{2 + 296 * (weight.at - start).total_seconds() / span:.1f} "
        f"{62 - 52 * (weight.kg - low) / height:.1f}"
        for weight in ordered
    ]
    return "M" + "L".join(points)
