"""Meals: what was eaten, when, and of what; logged, changed, copied, deleted and brought back."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from hearth import foods, recognition
from hearth.core.db import Db, Transaction
from hearth.core.errors import NotFound
from hearth.core.jobs import tell
from hearth.core.sql import Statements
from hearth.core.values import new_id, now
from hearth.diary.items import Item, ItemChange, NewItem, as_stored, made
from hearth.diary.refusals import PLAIN, refused, text
from hearth.diary.times import local_day, plausible, same_time, when, zone_of
from hearth.diary.totals import Totals, totals
from hearth.foods import CODES, Food, from_column, to_column
from hearth.people import Person

MOST_ITEMS: Final = 100
KINDS: Final = ("breakfast", "lunch", "dinner", "snack")
"""The kinds of meal that pages know; any other word is a person's own kind."""

Kind = Annotated[str, msgspec.Meta(max_length=40, extra_json_schema=PLAIN)]
Name = Annotated[str, msgspec.Meta(max_length=200, extra_json_schema=PLAIN)]
Note = Annotated[str, msgspec.Meta(max_length=2000, extra_json_schema=PLAIN)]
Items = Annotated[Sequence[ItemChange], msgspec.Meta(max_length=MOST_ITEMS)]


class Meal(msgspec.Struct, frozen=True, kw_only=True):
    """A meal with its items. `at` is None when nobody said the time of day; `zone` is where."""

    id: UUID
    day: date
    at: datetime | None
    zone: str
    kind: str
    name: str
    note: str
    version: int
    created_at: datetime
    items: tuple[Item, ...]
    totals: Totals


class NewMeal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A meal to log: now, on a `day`, or `at` a time (without an offset: on the person's wall).

    `zone` is the person's unless they are elsewhere. No `kind` takes it from the time of day.
    """

    items: Annotated[Sequence[NewItem], msgspec.Meta(min_length=1, max_length=MOST_ITEMS)]
    day: date | None = None
    at: datetime | None = None
    zone: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    kind: Kind = ""
    name: Name = ""
    note: Note = ""


class MealChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to change of a meal; what is left out stays. `items` is the whole new list."""

    day: date | UnsetType = UNSET
    at: datetime | UnsetType | None = UNSET
    kind: Kind | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    note: Note | UnsetType = UNSET
    items: Items | UnsetType = UNSET


class NewCopy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a copy goes: to a day (today if nothing is said), at the same time on the wall."""

    day: date | None = None
    kind: Kind = ""


class MealLogged(msgspec.Struct, frozen=True):
    """A meal was logged, copied, or brought back by undo."""

    person_id: UUID
    meal_id: UUID
    day: date


class MealChanged(msgspec.Struct, frozen=True):
    """A meal was changed; `day_before` is where it was, the same day or another."""

    person_id: UUID
    meal_id: UUID
    day: date
    day_before: date


class MealDeleted(msgspec.Struct, frozen=True):
    """A meal was deleted; undo can bring it back."""

    person_id: UUID
    meal_id: UUID
    day: date


class Line(msgspec.Struct, frozen=True):
    """A meal and one of its items, as the database has them; no item in an empty meal."""

    id: UUID
    day: date
    at: datetime | None
    zone: str
    kind: str
    name: str
    note: str
    version: int
    created_at: datetime
    item_id: UUID | None
    position: int
    food_id: str | None
    food_version: int | None
    item_name: str
    phrase: str
    amount: float
    unit: str
    grams: float | None
    nutrients: Sequence[float | None]
    provenance: str
    confidence: float | None


statements = Statements.beside(__file__)
LOG_MEAL = statements.change("log_meal")
MEAL_LINES = statements.rows("meal_lines", Line)
DAY_LINES = statements.rows("day_lines", Line)
HOLD_MEAL = statements.rows("hold_meal", int)
PUT_MEAL = statements.change("put_meal")
PUT_ITEMS = statements.change("put_items")
DROP_ITEMS = statements.change("drop_items")
MOVE_ITEMS = statements.change("move_items")
DROP_MEAL = statements.change("drop_meal")


# ------------------------------------------------------------------ rules


def kind_of(given: str, at: datetime | None, zone: str) -> str:
    """The kind as given, a known one in small letters; by the hour on the wall when none is.

    4 to 10 is breakfast, 11 to 15 lunch, 17 to 21 dinner, the rest a snack: only a first guess that
    the person sees and can change.
    """
    plain_kind = text(given, "kind", 40)
    if plain_kind:
        return plain_kind.lower() if plain_kind.lower() in KINDS else plain_kind
    hour = at.astimezone(zone_of(zone)).hour if at else -1
    guesses = ((range(4, 11), "breakfast"), (range(11, 16), "lunch"), (range(17, 22), "dinner"))
    return next((kind for hours, kind in guesses if hour in hours), "snack")


def assembled(lines: Sequence[Line]) -> Meal:
    """The meal of its lines."""
    first = lines[0]
    own = [line for line in lines if line.item_id is not None]
    return Meal(
        id=first.id,
        day=first.day,
        at=first.at,
        zone=first.zone,
        kind=first.kind,
        name=first.name,
        note=first.note,
        version=first.version,
        created_at=first.created_at,
        items=tuple(map(_item, own)),
        totals=totals([line.nutrients for line in own]),
    )


def _item(line: Line) -> Item:
    item = Item(
        line.item_id,  # type: ignore[arg-type]  # a line without an item is left out before
        line.position,
        line.food_id,
        line.food_version,
        line.item_name,
        line.phrase,
        line.amount,
        line.unit,
        line.grams,
        from_column(line.nutrients),
        line.provenance,
        line.confidence,
    )
    return as_stored(item)


def columns(items: Sequence[Item]) -> dict[str, Any]:
    """The items as one array for each column, as `log_meal` and `put_items` take them."""
    return {
        "ids": [item.id for item in items],
        "positions": [item.position for item in items],
        "food_ids": [item.food_id for item in items],
        "food_versions": [item.food_version for item in items],
        "names": [item.name for item in items],
        "phrases": [item.phrase for item in items],
        "amounts": [item.amount for item in items],
        "units": [item.unit for item in items],
        "grams": [item.grams for item in items],
        "nutrients": [value for item in items for value in to_column(item.nutrients)],
        "width": len(CODES),
        "provenances": [item.provenance for item in items],
        "confidences": [item.confidence for item in items],
    }


def _meal(person: Person, new: NewMeal, items: Iterable[Item]) -> Meal:
    zone = new.zone or person.zone
    day, at = when(new.day, new.at, zone_of(zone), now())
    kept = tuple(items)
    return Meal(
        id=new_id(),
        day=day,
        at=at,
        zone=zone,
        kind=kind_of(new.kind, at, zone),
        name=text(new.name, "name", 200),
        note=text(new.note, "note", 2000),
        version=1,
        created_at=now(),
        items=kept,
        totals=totals([to_column(item.nutrients) for item in kept]),
    )


# ------------------------------------------------------------------ verbs


async def meal(db: Db, person: Person, meal_id: UUID) -> Meal:
    """One meal with its items."""
    lines = await db.all(MEAL_LINES, person.id, meal=meal_id)
    if not lines:
        raise NotFound("There is no such meal in your diary.")
    return assembled(lines)


async def log_meal(db: Db, person: Person, new: NewMeal) -> Meal:
    """Log a meal. Figures come from the foods; an item without a food states its own."""
    if not 1 <= len(new.items) <= MOST_ITEMS:
        raise refused("items", f"must be 1 to {MOST_ITEMS}.")
    async with db.transaction(person.id) as tx:
        known = await foods_for(tx, person, [item.food_id for item in new.items])
        items = [
            made(item, named(known, item.food_id, place), place)
            for place, item in enumerate(new.items)
        ]
        logged = _meal(person, new, items)
        await insert(tx, person, logged)
        await learned(tx, person, list(zip(new.items, items, strict=True)))
        return logged


async def copy_meal(db: Db, person: Person, meal_id: UUID, copy: NewCopy) -> Meal:
    """The same meal once more, with the same snapshots, at the same time on the wall."""
    async with db.transaction(person.id) as tx:
        return await _copied(tx, person, await meal(tx, person, meal_id), copy)


async def copy_day(db: Db, person: Person, on: date, copy: NewCopy) -> tuple[Meal, ...]:
    """Every meal of a day once more on another (today if none is given), in the order eaten."""
    async with db.transaction(person.id) as tx:
        found = await meals_of(tx, person, on)
        if not found:
            raise NotFound(f"Nothing is logged on {on}, so there is nothing to copy.")
        return tuple([await _copied(tx, person, one, copy) for one in found])


async def meals_of(db: Db, person: Person, on: date) -> list[Meal]:
    """The meals of one day with their items, in the order eaten."""
    return [assembled(lines) for lines in grouped(await db.all(DAY_LINES, person.id, day=on))]


def grouped(lines: Iterable[Line]) -> list[list[Line]]:
    """The lines of each meal, in their order."""
    by_meal: dict[UUID, list[Line]] = {}
    for line in lines:
        by_meal.setdefault(line.id, []).append(line)
    return list(by_meal.values())


async def _copied(tx: Transaction, person: Person, one: Meal, copy: NewCopy) -> Meal:
    zone = zone_of(person.zone)
    day = plausible(copy.day or local_day(now(), zone), now())
    at = same_time(one.at, zone_of(one.zone), one.day, day, zone) if one.at else None
    twin = replace(
        one,
        id=new_id(),
        day=day,
        at=at,
        zone=person.zone,
        kind=text(copy.kind, "kind", 40) or one.kind,
        version=1,
        created_at=now(),
        items=tuple(replace(item, id=new_id()) for item in one.items),
    )
    await insert(tx, person, twin)
    return twin


async def insert(tx: Transaction, person: Person, new: Meal) -> None:
    """Write a new meal, note the use of its foods, and tell."""
    await tx.run(
        LOG_MEAL,
        person.id,
        meal=new.id,
        day=new.day,
        at=new.at,
        zone=new.zone,
        kind=new.kind,
        name=new.name,
        note=new.note,
        created_at=new.created_at,
        **columns(new.items),
    )
    await used(tx, person, new.items)
    await tell(tx, MealLogged(person.id, new.id, new.day))


async def used(tx: Transaction, person: Person, items: Iterable[Item]) -> None:
    """Note which foods somebody eats: their search shows them first."""
    ids = [item.food_id for item in items if item.food_id]
    if ids:
        await foods.note_use(tx, person, ids)


async def foods_for(tx: Transaction, person: Person, ids: Iterable[str | None]) -> dict[str, Food]:
    """The foods of these ids, those that exist, named in the person's language; in one statement."""
    wanted = list(dict.fromkeys(food_id for food_id in ids if food_id))
    known = await foods.foods_by_id(tx, person, wanted) if wanted else {}
    return {food_id: foods.in_locale(food, person.locale) for food_id, food in known.items()}


def named(known: dict[str, Food], food_id: str | None, place: int) -> Food | None:
    """The food that an item names, None for a quick add; a food that does not exist is refused."""
    if food_id is None:
        return None
    if food_id not in known:
        raise refused(f"items.{place}.food_id", f"“{food_id}” is no food in the catalogue.")
    return known[food_id]


async def learned(
    tx: Transaction, person: Person, logged: Sequence[tuple[NewItem | ItemChange, Item]]
) -> None:
    """A correction of what was read becomes the person's own word for that food at once."""
    for new, item in logged:
        if new.corrected and item.phrase and item.food_id:
            await recognition.learn(tx, person, item.phrase, item.food_id, item.grams)
