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
from hearth.diary.amounts import Weighed, weight_of
from hearth.diary.items import sourced
from hearth.diary.meals import MealChanged
from hearth.diary.refusals import LEAST, MAX_GRAMS
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


class TakenOfFood(Taken, frozen=True):
    """The same with its food."""

    food_id: str


class Redone(msgspec.Struct, frozen=True):
    """The same item with its figures anew."""

    item: Taken
    grams: float
    food: Food
    provenance: str


statements = Statements.beside(__file__)
ITEMS_OF_FOOD = statements.rows("items_of_food", Taken)
OWN_ITEMS_OF_MEAL = statements.rows("own_items_of_meal", TakenOfFood)
HOLD_MEALS = statements.rows("hold_meals", UUID)
PUT_SNAPSHOTS = statements.change("put_snapshots")
RENEW_MEALS = statements.change("renew_meals")


def redone(item: Taken, food: Food) -> Redone:
    """The item by another version of its food; a portion or a volume weighs what that one says.

    A weight that no item can have is a slip in the food: the item then keeps its grams.
    """
    by = _weighed(item, food)
    return Redone(item, by.grams, food, sourced(food, by.how))


def _weighed(item: Taken, food: Food) -> Weighed:
    how = item.provenance.partition("; ")[2]
    if how.startswith(("portion ", "density ")):
        by = weight_of(food, item.amount, item.unit)
        if by is not None and LEAST <= by.grams <= MAX_GRAMS:
            return by
    return Weighed(item.grams, how)


async def resnapshot(db: Db, edited: FoodEdited) -> None:
    """Redo the items of an edited food from the day that the edit applies to, a batch at a time."""
    last: Taken | None = None
    while True:
        async with db.transaction(edited.person_id) as tx:
            items = await _batch(tx, edited, last)
            # Whoever changes an item holds its meal: held in the same order, nobody's change is lost.
            meals = sorted({item.meal_id for item in items})
            await tx.all(HOLD_MEALS, edited.person_id, meal_ids=meals)
            items = await _batch(tx, edited, last)
            await _redo(tx, edited.person_id, edited.food_id, items)
        if not items:
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


async def caught_up(tx: Transaction, person_id: UUID, meal_id: UUID) -> None:
    """Redo what an undo brought back to a meal, where an edit of its food has since applied to it."""
    by_food: dict[str, list[Taken]] = {}
    for item in await tx.all(OWN_ITEMS_OF_MEAL, person_id, meal=meal_id):
        by_food.setdefault(item.food_id, []).append(item)
    for food_id, items in by_food.items():
        await _redo(tx, person_id, food_id, items)


async def _redo(tx: Transaction, person_id: UUID, food_id: str, items: Sequence[Taken]) -> None:
    held: dict[tuple[date, int | None], Food] = {}
    for item in items:
        key = (item.day, item.food_version)
        if key not in held:
            held[key] = await foods.own_food_on(
                tx, person_id, food_id, item.day, held=item.food_version
            )
    pairs = [(item, held[item.day, item.food_version]) for item in items]
    fresh = [redone(item, food) for item, food in pairs if item.food_version != food.version]
    if fresh:
        await _put(tx, person_id, fresh)


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
