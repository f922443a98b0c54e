"""From the fields of a page's form to what the diary's verbs take."""

from datetime import UTC, date, datetime, time
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import UNSET
from msgspec.structs import replace

from hearth.core.db import Db
from hearth.core.errors import Problem
from hearth.diary.goals import Goal, NewGoal, Target
from hearth.diary.items import ItemChange, NewItem
from hearth.diary.meals import MOST_ITEMS, Meal, MealChange, NewMeal
from hearth.diary.photos import MOST_OF_A_MEAL
from hearth.diary.refusals import refused
from hearth.diary.settings import Settings, SettingsChange
from hearth.diary.times import local_day, zone_of
from hearth.diary.weights import NewWeight
from hearth.people import Person
from hearth.recognition import MealText, Reading, ReadingView, read_meal
from hearth.web import KJ_PER_KCAL, Fields, Shown, accepted, typed_number, uuid_of

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


def day_text(fields: Fields, shown: Shown) -> str:
    """The day that a form is for, in words; "" for the one that is when it is sent."""
    try:
        day = _day(fields)
    except Problem:
        return ""
    return shown.day(day) if day else ""


def _at(fields: Fields) -> datetime | None:
    text = fields.text("at")
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None
    except ValueError:
        raise refused("at", "must be a time as 2026-05-31T12:30Z.") from None


def _when(person: Person, fields: Fields) -> dict[str, Any]:
    """The day and time of a form: for another day than the clock's, the time is unknown."""
    day, at = _day(fields), _at(fields)
    if day is not None and at is not None and local_day(at, zone_of(person.zone)) != day:
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
        if not chosen and not _unmatched(fields):
            raise refused("text", "names no food that was found. Name one, for example an apple.")
    chosen += _unmatched(fields)
    if not chosen:
        raise refused("food", "is left out everywhere: nothing is left to save.")
    return NewMeal(items=tuple(chosen), **_when(person, fields))


def _chosen(fields: Fields) -> list[NewItem] | None:
    """The items of the reading that the form shows, if it is one of the words as they are now."""
    if _of_other_words(fields):
        return None
    found = []
    for n in range(MOST_ITEMS):
        read = fields.text(f"read-{n}")
        if not read:
            break
        item = _item(fields, n, read)
        if item is not None:
            found.append(item)
    return found


def _unmatched(fields: Fields) -> list[NewItem]:
    """What was seen and no table holds, where the person keeps it by name: its figures are unknown."""
    found = []
    for n in range(MOST_ITEMS):
        grams, _, name = fields.text(f"named-{n}").partition("|")
        if name:
            weight = _number(grams, f"named-{n}") if grams else None
            found.append(NewItem(name=name, grams=weight or None))
    return found


def _item(fields: Fields, n: int, read: str) -> NewItem | None:
    """A line of the reading: `read` is food, grams and confidence as they were understood."""
    was, _, sure = read.rpartition("|")
    picked = fields.text(f"food-{n}")
    if not picked:
        return None
    food_id, _, usual = picked.rpartition("|")
    typed = fields.text(f"grams-{n}")
    # Without JavaScript the grams stay those of the first food when another is picked.
    followed = fields.text("live") == "yes" or picked == was or typed != was.rpartition("|")[2]
    grams = fields.number(f"grams-{n}") if typed and followed else _number(usual, f"food-{n}")
    if not grams or grams <= 0:
        raise refused(f"grams-{n}", f"of “{fields.text(f'phrase-{n}')}” must be more than 0.")
    corrected = food_id != was.rpartition("|")[0] or f"{grams:.4g}" != was.rpartition("|")[2]
    # A model's words are not the person's: "no chicken but tofu" on a photo is true of that photo.
    # Words that the person has written anew since are.
    teaches = corrected and fields.text("seen").split() != fields.text("text").split()
    return NewItem(
        food_id=food_id,
        grams=grams,
        phrase=fields.text(f"phrase-{n}"),
        confidence=None if corrected else _number(sure, f"read-{n}"),
        corrected=teaches,
    )


def as_sent(view: ReadingView, fields: Fields) -> ReadingView:
    """The reading with what the form had picked and typed, so that a mistake in it costs nothing."""
    if _of_other_words(fields):
        return view
    lines = [
        replace(
            line,
            picked=fields.text(f"food-{n}") or "none",
            typed=fields.text(f"grams-{n}"),
        )
        if fields.text(f"read-{n}").rpartition("|")[0] == line.understood
        else line
        for n, line in enumerate(view.lines)
    ]
    return replace(view, lines=lines)


def _of_other_words(fields: Fields) -> bool:
    """Whether the form's reading is not of the words as they are now."""
    said = fields.text("text").split()
    return not said or fields.text("read_text").split() != said


def _number(text: str, field: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise refused(field, "is not what the page held: load it again.") from None


def _as_read(read: Reading) -> list[NewItem]:
    return [
        NewItem(
            food_id=item.food.id, grams=item.grams, phrase=item.phrase, confidence=item.confidence
        )
        for item in read.items
        if item.food is not None and item.grams
    ]


def photos_of(fields: Fields) -> list[UUID]:
    """The photos that a form carries along, at most as many as a meal may have."""
    return [uuid_of(text, "photos") for text in fields.text("photos").split()[:MOST_OF_A_MEAL]]


def quick_of(person: Person, fields: Fields) -> NewMeal:
    """A meal of one name with the figures that are given; what is empty is unknown."""
    given = {code: value for code in QUICK if (value := fields.number(code)) is not None}
    item = NewItem(name=fields.text("name"), nutrients=given)
    return NewMeal(items=(item,), **_when(person, fields))


def food_of(person: Person, fields: Fields) -> NewMeal:
    """A meal of an amount of one food."""
    item = NewItem(
        food_id=fields.text("food_id"), amount=fields.needed("amount"), unit=fields.text("unit")
    )
    return NewMeal(items=(item,), **_when(person, fields))


def version_of(fields: Fields) -> int:
    """The version that the form was made from."""
    version = fields.version()
    if version is None:
        raise refused("version", "is missing: load the page again.")
    return version


def change_of(found: Meal, fields: Fields) -> MealChange:
    """What the form of a meal changes: kind, note, grams, and what is taken out.

    Items that came in elsewhere since the form was opened stay; those that went stay away.
    """
    wanted = of_form(fields)
    changes = []
    for item in found.items:
        grams, dropped = wanted.get(item.id, ("", False))
        if dropped:
            continue
        same = not grams or item.grams is None or f"{item.grams:.6g}" == grams
        weight = None if same else grams_of(grams, item.name)
        changes.append(ItemChange(id=item.id, grams=weight))
    return MealChange(
        kind=fields.text("kind") or UNSET, note=fields.text("note"), items=tuple(changes)
    )


def of_form(fields: Fields) -> dict[UUID, tuple[str, bool]]:
    """The items of a meal's form by id: the grams as typed, and whether it is taken out."""
    return {
        uuid_of(text, f"item-{n}"): (fields.text(f"grams-{n}"), bool(fields.text(f"drop-{n}")))
        for n in range(MOST_ITEMS)
        if (text := fields.text(f"item-{n}"))
    }


def grams_of(text: str, name: str) -> float:
    """Grams as people type them."""
    try:
        grams = typed_number(text)
    except ValueError:
        grams = None
    if grams is None or not grams > 0:
        raise refused("grams", f"of “{name}” must be a number above 0, not “{text[:40]}”.")
    return grams


def weight_of(fields: Fields, today: date, zone: str, *, pounds: bool) -> NewWeight:
    """A weighing: now, or at noon of the day that the page shows."""
    value = fields.needed("weight")
    day, at = _day(fields), _at(fields)
    if day is not None and day != today:
        at = datetime.combine(day, NOON, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return NewWeight(lb=value, at=at) if pounds else NewWeight(kg=value, at=at)


def goal_of(fields: Fields, own: Settings, now: Goal | None) -> NewGoal:
    """The goals of the form; an empty field is no goal. What it does not show stays as it is now."""
    before = dict(now.targets) if now else {}
    targets = {code: target for code, target in before.items() if code not in GOALS}
    for code in GOALS:
        amount = fields.number(code)
        if amount is not None:
            given = {"amount": amount, "per": fields.text(f"{code}-per") or "amount"}
            if code in before:
                given["bound"] = before[code].bound
            targets[code] = accepted(given, Target, code)
    return NewGoal(energy_kcal=_energy(fields, own, now), targets=targets)


def _energy(fields: Fields, own: Settings, now: Goal | None) -> float | None:
    """Energy in kcal. A figure that was only shown, rounded to the unit, changes nothing."""
    typed = fields.number("energy")
    per = KJ_PER_KCAL if own.energy_unit == "kJ" else 1.0
    if typed is None:
        return None
    if now and now.energy_kcal is not None and round(now.energy_kcal * per) == typed:
        return now.energy_kcal
    return typed / per


def settings_of(fields: Fields) -> SettingsChange:
    """The units of the form."""
    weekday = fields.number("first_day_of_week")
    given = {
        "units": fields.text("units") or None,
        "energy_unit": fields.text("energy_unit") or None,
        "first_day_of_week": None if weekday is None else int(weekday),
        "keep_photos": fields.text("keep_photos") or None,
    }
    return accepted(given, SettingsChange, "settings")
