"""Changes of a meal that is there: its items, its day, its deletion, and undo of each.

Every change holds the meal, checks the version that the change was made on, and keeps what it
replaces.
"""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from msgspec import UNSET
from msgspec.structs import replace

from hearth.core.db import Db, Transaction
from hearth.core.errors import NotFound
from hearth.core.jobs import tell
from hearth.core.values import now
from hearth.diary import past
from hearth.diary.items import Item, ItemChange, NewItem, changed, made
from hearth.diary.meals import (
    DROP_ITEMS,
    DROP_MEAL,
    HOLD_MEAL,
    MOST_ITEMS,
    MOVE_ITEMS,
    PUT_ITEMS,
    PUT_MEAL,
    Meal,
    MealChange,
    MealChanged,
    MealDeleted,
    MealLogged,
    columns,
    foods_for,
    kind_of,
    learned,
    meal,
    named,
    used,
)
from hearth.diary.refusals import current, refused, text
from hearth.diary.snapshots import caught_up
from hearth.diary.times import plausible, same_time, when, zone_of
from hearth.foods import Food
from hearth.people import Person

Edit = Callable[[Transaction, Meal], Awaitable[Meal]]


def _moved(was: Meal, change: MealChange) -> Meal:
    """The meal with its own fields changed; on another day it keeps its time on the wall."""
    zone = zone_of(was.zone)
    day, at = was.day, was.at
    if change.day is not UNSET:
        day = plausible(change.day, now())
        at = same_time(was.at, zone, was.day, day, zone) if was.at else None
    if change.at is None:
        at = None
    elif change.at is not UNSET:
        day, at = when(day if change.day is not UNSET else None, change.at, zone, now())
    return replace(
        was,
        day=day,
        at=at,
        kind=was.kind if change.kind is UNSET else kind_of(change.kind, at, was.zone),
        name=was.name if change.name is UNSET else text(change.name, "name", 200),
        note=was.note if change.note is UNSET else text(change.note, "note", 2000),
    )


def _held(was: Meal, item_id: UUID) -> Item:
    for item in was.items:
        if item.id == item_id:
            return item
    raise NotFound("There is no such item in this meal.")


async def change_meal(
    db: Db, person: Person, meal_id: UUID, change: MealChange, *, if_match: int | None = None
) -> Meal:
    """Change a meal; `if_match` is the version that the change was made on."""

    async def changed_meal(tx: Transaction, was: Meal) -> Meal:
        meal_now = _moved(was, change)
        if change.items is UNSET:
            return meal_now
        return replace(meal_now, items=await _wanted(tx, person, was, change.items))

    return await _rewritten(db, person, meal_id, if_match, changed_meal)


async def add_items(
    db: Db, person: Person, meal_id: UUID, new: Sequence[NewItem], *, if_match: int | None = None
) -> Meal:
    """Log more items in a meal."""

    async def longer(tx: Transaction, was: Meal) -> Meal:
        known = await foods_for(tx, person, [item.food_id for item in new])
        first = max((item.position for item in was.items), default=-1) + 1
        added = [
            made(item, named(known, item.food_id, place), place)
            for place, item in enumerate(new, first)
        ]
        await learned(tx, person, list(zip(new, added, strict=True)))
        return replace(was, items=was.items + tuple(added))

    return await _rewritten(db, person, meal_id, if_match, longer)


async def change_item(
    db: Db,
    person: Person,
    item: tuple[UUID, UUID],
    change: ItemChange,
    *,
    if_match: int | None = None,
) -> Meal:
    """Change one item, named by its meal's id and its own; the meal as it is then."""
    meal_id, item_id = item

    async def changed_meal(tx: Transaction, was: Meal) -> Meal:
        _held(was, item_id)
        wanted = tuple(
            replace(change, id=item_id) if kept.id == item_id else ItemChange(id=kept.id)
            for kept in was.items
        )
        return replace(was, items=await _wanted(tx, person, was, wanted))

    return await _rewritten(db, person, meal_id, if_match, changed_meal)


async def remove_item(
    db: Db, person: Person, item: tuple[UUID, UUID], *, if_match: int | None = None
) -> Meal:
    """Take one item, named by its meal's id and its own, out of the meal; undo brings it back."""
    meal_id, item_id = item

    async def shorter(tx: Transaction, was: Meal) -> Meal:
        _held(was, item_id)
        return replace(was, items=tuple(kept for kept in was.items if kept.id != item_id))

    return await _rewritten(db, person, meal_id, if_match, shorter)


async def delete_meal(
    db: Db, person: Person, meal_id: UUID, *, if_match: int | None = None
) -> None:
    """Delete a meal; `undo_meal` brings it back within 30 days."""
    async with db.transaction(person.id) as tx:
        was = await _locked(tx, person, meal_id, if_match)
        await tx.run(past.KEEP_MEAL, person.id, meal=meal_id)
        await tx.run(DROP_MEAL, person.id, meal=meal_id)
        await tell(tx, MealDeleted(person.id, meal_id, was.day))


async def undo_meal(db: Db, person: Person, meal_id: UUID, *, replaced: int | None = None) -> Meal:
    """Take back the last change of a meal, or its deletion.

    `replaced` is the version that the change replaced: a second undo of the same change then takes
    back nothing further.
    """
    async with db.transaction(person.id) as tx:
        stored = await tx.maybe(HOLD_MEAL, person.id, meal=meal_id)
        before = await meal(tx, person, meal_id) if stored else None
        kept = await past.taken(tx, person, "meal", meal_id, version=replaced)
        version = past.next_version(kept, stored)
        await tx.run(past.CLEAR_ITEMS, person.id, meal=meal_id)
        await tx.run(past.RESTORE_MEAL, person.id, was=kept.was, version=version)
        await tx.run(past.RESTORE_ITEMS, person.id, was=kept.was)
        await caught_up(tx, person.id, meal_id)
        back = await meal(tx, person, meal_id)
        if before:
            await tell(tx, MealChanged(person.id, meal_id, back.day, before.day))
        else:
            await tell(tx, MealLogged(person.id, meal_id, back.day))
        return back


async def _rewritten(
    db: Db, person: Person, meal_id: UUID, if_match: int | None, edit: Edit
) -> Meal:
    async with db.transaction(person.id) as tx:
        was = await _locked(tx, person, meal_id, if_match)
        after = replace(await edit(tx, was), version=was.version + 1)
        if len(after.items) > MOST_ITEMS:
            raise refused("items", f"would be {len(after.items)}; a meal holds {MOST_ITEMS}.")
        await tx.run(past.KEEP_MEAL, person.id, meal=meal_id)
        await _put(tx, person, was, after)
        await tell(tx, MealChanged(person.id, meal_id, after.day, was.day))
        return await meal(tx, person, meal_id)


async def _locked(tx: Transaction, person: Person, meal_id: UUID, if_match: int | None) -> Meal:
    """The meal, held so that nobody else changes it meanwhile."""
    await tx.maybe(HOLD_MEAL, person.id, meal=meal_id)
    found = await meal(tx, person, meal_id)
    current(found.version, if_match)
    return found


async def _put(tx: Transaction, person: Person, was: Meal, after: Meal) -> None:
    """Write what differs."""
    kept = {item.id for item in after.items}
    gone = [item.id for item in was.items if item.id not in kept]
    fresh = [item for item in after.items if item not in was.items]
    fields = {name: getattr(after, name) for name in ("day", "at", "zone", "kind", "name", "note")}
    await tx.run(PUT_MEAL, person.id, meal=was.id, version=after.version, **fields)
    if gone:
        await tx.run(DROP_ITEMS, person.id, meal=was.id, ids=gone)
    if after.day != was.day:
        await tx.run(MOVE_ITEMS, person.id, meal=was.id, day=after.day)
    if fresh:
        await tx.run(PUT_ITEMS, person.id, meal=was.id, day=after.day, **columns(fresh))
        await used(tx, person, fresh)


async def _wanted(
    tx: Transaction, person: Person, was: Meal, changes: Sequence[ItemChange]
) -> tuple[Item, ...]:
    """The whole list of items as it shall be: kept ones changed, new ones made."""
    kept = {item.id: item for item in was.items}
    ids = [_food_needed(kept, change) for change in changes]
    known = await foods_for(tx, person, ids)
    items = [_one(kept, change, known, place) for place, change in enumerate(changes)]
    if len({item.id for item in items}) < len(items):
        raise refused("items", "name the same item twice.")
    await learned(tx, person, list(zip(changes, items, strict=True)))
    return tuple(items)


def _food_needed(kept: dict[UUID, Item], change: ItemChange) -> str | None:
    """Which food has to be read for a change: another food, or the own one for another unit."""
    item = kept.get(change.id) if change.id else None
    if item is None or change.food_id not in (None, item.food_id):
        return change.food_id
    return item.food_id if change.unit not in (UNSET, item.unit) else None


def _one(kept: dict[UUID, Item], change: ItemChange, known: dict[str, Food], place: int) -> Item:
    if change.id is None:
        return made(change.as_new(), named(known, change.food_id, place), place)
    if change.id not in kept:
        raise refused(f"items.{place}.id", "is no item of this meal.")
    item = kept[change.id]
    if change.food_id not in (None, item.food_id):
        return changed(item, change, named(known, change.food_id, place), place)
    # A food that has gone from the catalogue leaves its snapshot; only another unit needs it.
    return changed(item, change, known.get(item.food_id or ""), place)
