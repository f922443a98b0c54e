"""From the fields of a page's form to what the diary's verbs take."""

from datetime import UTC, date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET

from hearth.core.db import Db
from hearth.diary.goals import NewGoal, Target
from hearth.diary.items import ItemChange, NewItem
from hearth.diary.meals import Meal, MealChange, NewMeal
from hearth.diary.refusals import refused
from hearth.diary.settings import Settings, SettingsChange
from hearth.diary.weights import NewWeight
from hearth.people import Person
from hearth.recognition import MealText, Reading, read_meal
from hearth.web import KJ_PER_KCAL, Fields, uuid_of

GOALS: Final = ("protein_g", "carb_g", "fat_g", "fiber_g")
QUICK: Final = ("energy_kcal", "protein_g", "carb_g", "fat_g")
NOON: Final = time(12)


def day_of(fields: Fields, name: str) -> date:
    """A day that must be given."""
    found = _day(fields, name)
    if found is None:
        raise refused(name, "is needed: a day as 2026-05-31.")
    return found


def _day(fields: Fields, name: str = "day") -> date | None:
    text = fields.text(name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise refused(name, "must be a day as 2026-05-31.") from None


def _at(fields: Fields) -> datetime | None:
    text = fields.text("at")
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None
    except ValueError:
        raise refused("at", "must be a time as 2026-05-31T12:30Z.") from None


def _when(fields: Fields) -> dict[str, Any]:
    """The day and time of a form: the day that it was opened for counts over the clock."""
    day, at = _day(fields), _at(fields)
    if day is not None and at is not None and abs((at.date() - day).days) > 1:
        at = None
    return {"day": day, "at": at, "kind": fields.text("kind")}


async def meal_of(db: Db, person: Person, locale: str, fields: Fields) -> NewMeal:
    """The meal of the add form: with a reading its choices, without one the words as they read."""
    text = fields.text("text")
    chosen = _chosen(fields)
    if chosen is None:
        if not text:
            raise refused("text", "is needed: say what you ate.")
        read = await read_meal(db, person, MealText(text=text, locale=locale))
        chosen = _as_read(read)
        if not chosen:
            raise refused("text", "names no food that was found. Name one, for example an apple.")
    if not chosen:
        raise refused("food", "is left out everywhere: nothing is left to save.")
    return NewMeal(items=tuple(chosen), note=_unread(fields), **_when(fields))


def _unread(fields: Fields) -> str:
    return fields.text("note")


def _chosen(fields: Fields) -> list[NewItem] | None:
    """The items of the reading that the form shows, if it shows one of the words as they are now."""
    if fields.text("read_text") != fields.text("text") or not fields.text("read_text"):
        return None
    found = []
    for n in range(200):
        read = fields.text(f"read-{n}")
        if not read:
            break
        item = _item(fields, n, read)
        if item is not None:
            found.append(item)
    return found


def _item(fields: Fields, n: int, read: str) -> NewItem | None:
    picked = fields.text(f"food-{n}")
    if not picked:
        return None
    food_id, _, grams_text = picked.rpartition("|")
    grams = fields.number(f"grams-{n}")
    if grams is None and not grams_text:
        raise refused(f"grams-{n}", "is needed.")
    weight = grams if grams is not None else float(grams_text)
    return NewItem(
        food_id=food_id,
        grams=weight,
        phrase=fields.text(f"phrase-{n}"),
        corrected=f"{food_id}|{weight:.4g}" != read,
    )


def _as_read(read: Reading) -> list[NewItem]:
    return [
        NewItem(
            food_id=item.food.id, grams=item.grams, phrase=item.phrase, confidence=item.confidence
        )
        for item in read.items
        if item.food is not None and item.grams
    ]


def quick_of(fields: Fields) -> NewMeal:
    """A meal of one name with the figures that are given; what is empty is unknown."""
    given = {code: value for code in QUICK if (value := fields.number(code)) is not None}
    item = NewItem(name=fields.text("name"), nutrients=given)
    return NewMeal(items=(item,), **_when(fields))


def food_of(fields: Fields) -> NewMeal:
    """A meal of an amount of one food."""
    item = NewItem(
        food_id=fields.text("food_id"), amount=fields.needed("amount"), unit=fields.text("unit")
    )
    return NewMeal(items=(item,), **_when(fields))


def version_of(fields: Fields) -> int:
    """The version that the form was made from."""
    text = fields.text("version")
    if not text.isdigit():
        raise refused("version", "is missing: load the page again.")
    return int(text[:9])


def change_of(found: Meal, fields: Fields) -> MealChange:
    """What the form of a meal changes: kind, note, grams, and what is taken out."""
    kept = {item.id: item for item in found.items}
    changes = []
    for n in range(len(found.items) + 1):
        text = fields.text(f"item-{n}")
        if not text or fields.text(f"drop-{n}"):
            continue
        item_id = uuid_of(text, f"item-{n}")
        grams = fields.number(f"grams-{n}")
        was = kept.get(item_id)
        same = was is None or was.grams is None or f"{was.grams:.6g}" == f"{grams or 0:.6g}"
        changes.append(ItemChange(id=item_id, grams=None if same else grams))
    return MealChange(
        kind=fields.text("kind") or UNSET, note=fields.text("note"), items=tuple(changes)
    )


def weight_of(fields: Fields, today: date, zone: str, *, pounds: bool) -> NewWeight:
    """A weighing: now, or at noon of the day that the page shows."""
    value = fields.needed("weight")
    day, at = _day(fields), _at(fields)
    if day is not None and day != today:
        at = datetime.combine(day, NOON, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return NewWeight(lb=value, at=at) if pounds else NewWeight(kg=value, at=at)


def goal_of(fields: Fields, own: Settings) -> NewGoal:
    """The goals of the form; an empty field is no goal."""
    energy = fields.number("energy")
    if energy is not None and own.energy_unit == "kJ":
        energy /= KJ_PER_KCAL
    targets = {}
    for code in GOALS:
        amount = fields.number(code)
        if amount is not None:
            given = {"amount": amount, "per": fields.text(f"{code}-per") or "amount"}
            targets[code] = _as(given, Target, code)
    return NewGoal(energy_kcal=energy, targets=targets)


def settings_of(fields: Fields) -> SettingsChange:
    """The units of the form."""
    weekday = fields.number("first_day_of_week")
    given = {
        "units": fields.text("units") or None,
        "energy_unit": fields.text("energy_unit") or None,
        "first_day_of_week": None if weekday is None else int(weekday),
    }
    return _as(given, SettingsChange, "settings")


def _as(given: dict[str, Any], into: Any, field: str) -> Any:
    try:
        return msgspec.convert(given, into)
    except msgspec.ValidationError as error:
        raise refused(field, f"was not accepted: {error}.") from None
