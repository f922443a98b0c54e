"""What the diary's pages show: figures already written for their reader."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final
from uuid import UUID

import msgspec

from hearth.diary.charts import Part, WeekDay, ring_parts, spark_path, week_days
from hearth.diary.days import Day, DayItem, DayMeal, DayRange
from hearth.diary.goals import Goal
from hearth.diary.items import Item
from hearth.diary.meals import Meal
from hearth.diary.settings import Settings
from hearth.diary.sources import source_told
from hearth.diary.totals import Total, Totals
from hearth.diary.weights import Weight
from hearth.foods import CODES, NUTRIENTS
from hearth.web import Shown, gettext

MACROS: Final = (
    ("protein_g", "protein"),
    ("carb_g", "carb"),
    ("fat_g", "fat"),
    ("fiber_g", "fiber"),
)
_BY_CODE: Final = {nutrient.code: nutrient for nutrient in NUTRIENTS}


class Bar(msgspec.Struct, frozen=True):
    """A bar of the day: `share` is 0 to 1 and beyond of its goal, None without one."""

    label: str
    text: str
    share: float | None
    kind: str


class NutrientLine(msgspec.Struct, frozen=True):
    """A row of the table of nutrients."""

    name: str
    amount: str
    coverage: str


class ItemLine(msgspec.Struct, frozen=True, kw_only=True):
    """An item as shown."""

    id: str
    food_id: str | None
    name: str
    amount_text: str
    energy_text: str
    grams: str = ""
    macros_text: str = ""
    provenance: str = ""


class MealCard(msgspec.Struct, frozen=True, kw_only=True):
    """A meal on the day's page."""

    id: str
    kind: str
    title: str
    clock: str
    energy_text: str
    lines: list[ItemLine]


class WeightLine(msgspec.Struct, frozen=True):
    """A weighing in the list."""

    id: str
    when: str
    text: str


class DayView(msgspec.Struct, frozen=True, kw_only=True):
    """The page of a day."""

    day: date
    is_today: bool
    title: str
    subtitle: str
    previous: date
    next: date
    week: list[WeekDay]
    ring: list[Part]
    energy: float
    energy_goal: float
    energy_text: str
    energy_unit: str
    energy_label: str
    energy_sentence: str
    energy_is_partial: bool
    bars: list[Bar]
    nutrients: list[NutrientLine]
    unknown: list[str]
    meals: list[MealCard]
    weight_text: str
    weight_label: str
    weights: list[WeightLine]
    spark: str
    spark_label: str
    undo: str
    undo_version: str
    undo_text: str


class MealView(msgspec.Struct, frozen=True, kw_only=True):
    """The page of a meal."""

    id: str
    day: date
    day_text: str
    today: date
    title: str
    kind: str
    note: str
    version: int
    lines: list[ItemLine]
    nutrients: list[NutrientLine]


def kinds() -> list[tuple[str, str]]:
    """The meals of a day with their names, "" for the one that fits the time."""
    return [
        ("", gettext("by the time of day")),
        ("breakfast", gettext("Breakfast")),
        ("lunch", gettext("Lunch")),
        ("dinner", gettext("Dinner")),
        ("snack", gettext("Snack")),
    ]


def kinds_with(own: str) -> list[tuple[str, str]]:
    """The meals of a day to choose from, with a person's own kind among them."""
    known = kinds()[1:]
    return known if own in dict(known) else [*known, (own, own)]


def nutrient_name(code: str) -> str:
    """The name of a nutrient in the language of the page."""
    return gettext(_BY_CODE[code].name)


def quick_figures() -> list[tuple[str, str]]:
    """The figures of a quick add by code, with their units."""
    return [
        (code, f"{nutrient_name(code)}, {_BY_CODE[code].unit}")
        for code in ("energy_kcal", "protein_g", "carb_g", "fat_g")
    ]


def shown_for(locale: str, zone: str, settings: Settings) -> Shown:
    """The writer of figures for a person's settings."""
    return Shown(
        locale=locale,
        zone=zone,
        energy_unit=settings.energy_unit,
        imperial=settings.units == "imperial",
    )


def nutrient_lines(totals: Totals, shown: Shown) -> list[NutrientLine]:
    """The table of nutrients. "≥" says that some of what was eaten does not state the nutrient."""
    return [_nutrient(code, totals[code], shown) for code in CODES if code in totals]


def _nutrient(code: str, total: Total, shown: Shown) -> NutrientLine:
    unit = _BY_CODE[code].unit
    text = shown.energy(total.amount) if unit == "kcal" else shown.amount(total.amount, unit)
    least = "≥ " if total.is_partial else ""
    return NutrientLine(nutrient_name(code), least + text, shown.share(total.coverage))


def _bar(code: str, kind: str, day: Day, shown: Shown) -> Bar:
    total, progress, is_eaten = day.totals.get(code), day.goals.get(code), day.items_count > 0
    goal = progress.goal if progress else None
    eaten = "?" if total is None and is_eaten else shown.number(total.amount if total else 0, 0)
    least = "≥ " if total is not None and total.is_partial else ""
    text = f"{least}{eaten} g" if not goal else f"{least}{eaten} / {shown.number(goal)} g"
    share = (total.amount if total else 0.0) / goal if goal else None
    return Bar(nutrient_name(code), text, share, kind)


def _item(item: DayItem, shown: Shown) -> ItemLine:
    return ItemLine(
        id=str(item.id),
        food_id=item.food_id,
        name=item.name,
        amount_text=shown.grams(item.grams),
        energy_text=shown.energy(item.energy_kcal),
    )


def _title(kind: str, name: str) -> str:
    return name or dict(kinds()).get(kind) or kind


def _meal_card(meal: DayMeal, shown: Shown) -> MealCard:
    return MealCard(
        id=str(meal.id),
        kind=meal.kind,
        title=_title(meal.kind, meal.name),
        clock=shown.clock(meal.at, meal.zone) if meal.at else "",
        energy_text=shown.energy(meal.energy_kcal) if meal.items else "",
        lines=[_item(item, shown) for item in meal.items],
    )


def _energy_sentence(day: Day, goal: float | None, shown: Shown) -> str:
    total = day.totals.get("energy_kcal")
    eaten = total.amount if total else 0.0
    if day.items_count and total is None:
        return gettext("The energy of what was eaten is unknown.")
    if total and total.is_partial:
        return gettext("At least this much: the energy of some of it is unknown.")
    if goal is None:
        return gettext("No goal for energy is set yet.")
    if eaten <= goal:
        return gettext("%(energy)s left of %(goal)s.") % {
            "energy": shown.energy(goal - eaten),
            "goal": shown.energy(goal),
        }
    return gettext("%(energy)s over the goal of %(goal)s.") % {
        "energy": shown.energy(eaten - goal),
        "goal": shown.energy(goal),
    }


def day_title(on: date, today: date, shown: Shown) -> str:
    """Today and its neighbours by name, other days by date."""
    near = {today: gettext("Today"), today - timedelta(days=1): gettext("Yesterday")}
    return near.get(on) or shown.day(on)


class Undo(msgspec.Struct, frozen=True):
    """What can be taken back: where to say so, the version that comes back, and in words."""

    path: str = ""
    version: str = ""
    text: str = ""


def undo_of(said: str) -> Undo:
    """What can be taken back: said as `meal.ID.VERSION`, `change.ID.…` or `weight.ID.…`."""
    what, thing, version = (*said.split("."), "", "", "")[:3]
    texts = {
        "meal": ("/meal/{}/undo", gettext("The meal was deleted.")),
        "weight": ("/weights/{}/undo", gettext("The weight was deleted.")),
        "change": ("/meal/{}/undo", gettext("The meal was changed.")),
    }
    try:
        path, text = texts[what]
        return Undo(path.format(UUID(thing)), version, text)
    except (KeyError, ValueError):
        return Undo()


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What stands around a day on its page; `recent` are weighings to draw, the latest first."""

    today: date
    week: DayRange
    recent: Sequence[Weight]
    undo: Undo


def day_view(day: Day, around: Around, shown: Shown) -> DayView:
    """The page of a day."""
    progress = day.goals.get("energy_kcal")
    goal = progress.goal if progress else None
    total = day.totals.get("energy_kcal")
    eaten = total.amount if total else 0.0
    # Nothing eaten is a zero; something of which nobody knows the energy is none.
    is_unknown = total is None and day.items_count > 0
    title, today = day_title(day.day, around.today, shown), around.today
    weight_title = gettext("Weight in pounds") if shown.imperial else gettext("Weight in kilograms")
    return DayView(
        day=day.day,
        is_today=day.day == today,
        title=title,
        subtitle="" if title == shown.day(day.day) else shown.day(day.day),
        previous=day.day - timedelta(days=1),
        next=day.day + timedelta(days=1),
        week=week_days(around.week, day.day, today, goal, shown),
        ring=ring_parts(day.totals),
        energy=eaten,
        energy_goal=goal or 0.0,
        energy_text="?" if is_unknown else shown.number(shown.energy_of(eaten)),
        energy_unit=shown.energy_unit,
        energy_label=f"{title}: {shown.energy(None if is_unknown else eaten)}"
        + (f" / {shown.energy(goal)}" if goal else ""),
        energy_sentence=_energy_sentence(day, goal, shown),
        energy_is_partial=is_unknown or bool(total and total.is_partial),
        bars=[_bar(code, kind, day, shown) for code, kind in MACROS],
        nutrients=nutrient_lines(day.totals, shown),
        unknown=[nutrient_name(code) for code in day.unknown],
        meals=[_meal_card(meal, shown) for meal in day.meals],
        weight_text=shown.body_weight(day.last_weight.kg) if day.last_weight else "",
        weight_label=weight_title,
        weights=_weight_lines(around.recent, shown),
        spark=spark_path(around.recent),
        spark_label=gettext("Weight over the last weeks; the table below has the figures."),
        undo=around.undo.path,
        undo_version=around.undo.version,
        undo_text=around.undo.text,
    )


def _weight_lines(recent: Sequence[Weight], shown: Shown) -> list[WeightLine]:
    return [
        WeightLine(str(one.id), shown.moment(one.at), shown.body_weight(one.kg)) for one in recent
    ]


def _meal_item(item: Item, shown: Shown) -> ItemLine:
    known = item.nutrients
    macros = [
        f"{nutrient_name(code)} {shown.amount(known[code], 'g') if code in known else '?'}"
        for code, _ in MACROS
    ]
    return ItemLine(
        id=str(item.id),
        food_id=item.food_id,
        name=item.name,
        amount_text=shown.grams(item.grams),
        energy_text=shown.energy(known.get("energy_kcal")),
        grams="" if item.grams is None else f"{item.grams:.6g}",
        macros_text=" · ".join(macros),
        provenance=source_told(item.provenance),
    )


def meal_view(meal: Meal, sums: Totals, today: date, shown: Shown) -> MealView:
    """The page of a meal."""
    return MealView(
        id=str(meal.id),
        day=meal.day,
        day_text=day_title(meal.day, today, shown),
        today=today,
        title=_title(meal.kind, meal.name),
        kind=meal.kind,
        note=meal.note,
        version=meal.version,
        lines=[_meal_item(item, shown) for item in meal.items],
        nutrients=nutrient_lines(sums, shown),
    )


class MacroField(msgspec.Struct, frozen=True):
    """A macronutrient's goal in the form."""

    code: str
    label: str
    amount: str
    per: str


class GoalForm(msgspec.Struct, frozen=True):
    """The form of goals."""

    energy: str
    macros: list[MacroField]


def goal_form(goal: Goal | None, shown: Shown) -> GoalForm:
    """The form with the goal that holds."""
    energy = goal.energy_kcal if goal else None
    macros = []
    for code, _ in MACROS:
        target = goal.targets.get(code) if goal else None
        amount = f"{target.amount:g}" if target else ""
        macros.append(
            MacroField(code, nutrient_name(code), amount, target.per if target else "amount")
        )
    return GoalForm("" if energy is None else f"{shown.energy_of(energy):.0f}", macros)


def pers() -> list[tuple[str, str]]:
    """What a goal of a macronutrient can be measured in."""
    return [
        ("amount", gettext("g a day")),
        ("energy_percent", gettext("% of the energy")),
        ("kg", gettext("g per kg of weight")),
    ]


def weekdays(shown: Shown) -> list[tuple[int, str]]:
    """The days of a week by their ISO number."""
    names = shown.babel.days["format"]["wide"]
    return [(number, names[number - 1]) for number in range(1, 8)]
