"""Snapshots of the past, redone when a person says that an edit of their own food applies to it.

Which version of the food holds on a day, `foods` knows; redoing is therefore repeatable, and taking
the edit back brings the earlier figures back the same way. Each replaced row is in the audit trail.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

import msgspec

from hearth import foods
from hearth.core.db import Db, Transaction
from hearth.core.jobs import tell
from hearth.core.sql import Statements
from hearth.diary.amounts import Weighed, portion_of
from hearth.diary.items import sourced
from hearth.diary.meals import MealChanged
from hearth.foods import CODES, Food, FoodEdited, scaled, to_column

BATCH: Final = 200


class Taken(msgspec.Struct, frozen=True):
    """An item of the food, with its amount as it was weighed."""

    meal_id: UUID
    id: UUID
    day: date
    amount: float
    unit: str
    grams: float
    food_version: int | None
    provenance: str


class Redone(msgspec.Struct, frozen=True):
    """The same item with its figures anew."""

    item: Taken
    grams: float
    food: Food
    provenance: str


statements = Statements.beside(__file__)
ITEMS_OF_FOOD = statements.rows("items_of_food", Taken)
PUT_SNAPSHOTS = statements.change("put_snapshots")
RENEW_MEALS = statements.change("renew_meals")


def redone(item: Taken, food: Food) -> Redone:
    """The item by another version of its food; a portion weighs what that version says."""
    by = _weighed(item, food)
    return Redone(item, by.grams, food, sourced(food, by.how))


def _weighed(item: Taken, food: Food) -> Weighed:
    how = item.provenance.partition("; ")[2]
    if how.startswith("portion ") and (portion := portion_of(food, item.unit)):
        how = f"portion “{portion.label}” {portion.grams:g} g"
        return Weighed(item.amount * portion.grams, how)
    return Weighed(item.grams, how)


async def resnapshot(db: Db, edited: FoodEdited) -> None:
    """Redo the items of an edited food from the day that the edit applies to, a batch at a time."""
    last: Taken | None = None
    while True:
        async with db.transaction(edited.person_id) as tx:
            items = await _batch(tx, edited, last)
            await _redo(tx, edited, items)
        if len(items) < BATCH:
            return
        last = items[-1]


async def _batch(tx: Transaction, edited: FoodEdited, last: Taken | None) -> list[Taken]:
    return await tx.all(
        ITEMS_OF_FOOD,
        edited.person_id,
        food_id=edited.food_id,
        since=edited.since,
        after_day=last.day if last else None,
        after_id=last.id if last else None,
        batch=BATCH,
    )


async def _redo(tx: Transaction, edited: FoodEdited, items: Sequence[Taken]) -> None:
    on_day: dict[date, Food] = {}
    for item in items:
        if item.day not in on_day:
            on_day[item.day] = await foods.own_food_on(
                tx, edited.person_id, edited.food_id, item.day
            )
    fresh = [
        redone(item, on_day[item.day])
        for item in items
        if item.food_version != on_day[item.day].version
    ]
    if fresh:
        await _put(tx, edited.person_id, fresh)


async def _put(tx: Transaction, person_id: UUID, fresh: Sequence[Redone]) -> None:
    columns = [to_column(scaled(one.food.nutrients, one.grams)) for one in fresh]
    await tx.run(
        PUT_SNAPSHOTS,
        person_id,
        meal_ids=[one.item.meal_id for one in fresh],
        ids=[one.item.id for one in fresh],
        grams=[one.grams for one in fresh],
        food_versions=[one.food.version for one in fresh],
        provenances=[one.provenance for one in fresh],
        nutrients=[amount for column in columns for amount in column],
        width=len(CODES),
    )
    meals = {one.item.meal_id: one.item.day for one in fresh}
    await tx.run(RENEW_MEALS, person_id, meal_ids=list(meals))
    for meal_id, day in meals.items():
        await tell(tx, MealChanged(person_id, meal_id, day, day))
