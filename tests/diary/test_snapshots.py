"""Snapshots: an edit of a food rewrites the past only when the person says so; it can be undone."""

import asyncio
from datetime import date, timedelta

import pytest

from hearth import diary, foods
from hearth.core.db import Pool
from hearth.core.errors import Conflict
from hearth.core.jobs import drain
from hearth.core.values import now
from hearth.diary import ItemChange, NewItem, NewMeal
from hearth.diary.jobs import redo_snapshots
from hearth.diary.meals import HOLD_MEAL
from hearth.diary.past import sweep_past
from hearth.diary.snapshots import resnapshot
from hearth.foods import Food, FoodEdited
from hearth.foods.own import FoodChange, NewPortion
from hearth.people import Person
from tests.diary.test_meals import breakfast


async def edited(db: Pool, person: Person, food: Food, since: date | None, energy: float) -> Food:
    portions = [NewPortion("1 slice", 40, "slice", True)]
    change = FoodChange(
        nutrients={"energy_kcal": energy, "protein_g": 8, "carb_g": 45, "fat_g": 3},
        portions=portions,
        applies="since" if since else "all",
        since=since,
    )
    return await foods.edit_food(db, person, food.id, change)


async def test_an_edit_from_now_on_leaves_the_past(db: Pool, person: Person, bread: Food) -> None:
    logged = await breakfast(db, person, NewItem(food_id=bread.id, grams=100))
    change = FoodChange(nutrients={"energy_kcal": 250, "protein_g": 9, "carb_g": 45, "fat_g": 4})
    await foods.edit_food(db, person, bread.id, change)
    assert await diary.meal(db, person, logged.id) == logged
    fresh = await breakfast(db, person, NewItem(food_id=bread.id, grams=100))
    assert fresh.items[0].nutrients["energy_kcal"] == 250


async def test_an_edit_of_all_is_applied_once_and_undone(
    db: Pool, person: Person, bread: Food
) -> None:
    logged = await breakfast(
        db, person, NewItem(food_id=bread.id, amount=2, unit="slice"),
        NewItem(food_id=bread.id, grams=100),
    )  # fmt: skip
    food = await edited(db, person, bread, None, 260)
    fact = FoodEdited(person.id, bread.id, food.version, None)
    await resnapshot(db, fact)
    await resnapshot(db, fact)
    redone = await diary.meal(db, person, logged.id)
    assert [item.grams for item in redone.items] == [80, 100]
    assert redone.items[0].nutrients["energy_kcal"] == pytest.approx(208)
    assert (redone.items[0].food_version, redone.version) == (food.version, 2)
    back = await foods.undo_edit(db, person, bread.id)
    await resnapshot(db, FoodEdited(person.id, bread.id, back.version, None))
    assert (await diary.meal(db, person, logged.id)).items == logged.items


async def test_an_edit_since_a_day_leaves_the_days_before(
    db: Pool, person: Person, stranger: Person, bread: Food
) -> None:
    logged = await breakfast(db, person, NewItem(food_id=bread.id, grams=100))
    after = date(2024, 5, 18)
    food = await edited(db, person, bread, after, 260)
    await resnapshot(db, FoodEdited(person.id, bread.id, food.version, after))
    assert await diary.meal(db, person, logged.id) == logged
    await resnapshot(db, FoodEdited(stranger.id, bread.id, food.version, None))
    assert await diary.meal(db, person, logged.id) == logged


async def test_the_edit_itself_sets_the_job_to_work(db: Pool, person: Person, bread: Food) -> None:
    logged = await breakfast(db, person, NewItem(food_id=bread.id, grams=100))
    assert redo_snapshots  # importing it is what registers it
    await edited(db, person, bread, None, 260)
    await drain(db)
    assert (await diary.meal(db, person, logged.id)).items[0].nutrients["energy_kcal"] == 260
    await foods.undo_edit(db, person, bread.id)
    await drain(db)
    assert (await diary.meal(db, person, logged.id)).items == logged.items


async def test_what_undo_kept_is_forgotten_in_the_end(
    db: Pool, person: Person, bread: Food
) -> None:
    logged = await breakfast(db, person, NewItem(food_id=bread.id, grams=100))
    await diary.delete_meal(db, person, logged.id)
    await sweep_past(db)
    back = await diary.undo_meal(db, person, logged.id)
    await diary.delete_meal(db, person, back.id)
    await sweep_past(db, before=now() + timedelta(seconds=1))
    with pytest.raises(Conflict):
        await diary.undo_meal(db, person, logged.id)


async def test_what_undo_brings_back_follows_the_edits_since(
    db: Pool, person: Person, bread: Food
) -> None:
    logged = await breakfast(db, person, NewItem(food_id=bread.id, amount=2, unit="slice"))
    await diary.delete_meal(db, person, logged.id)
    food = await edited(db, person, bread, None, 260)
    back = (await diary.undo_meal(db, person, logged.id)).items[0]
    assert (back.food_version, back.grams) == (food.version, 80)
    assert back.nutrients["energy_kcal"] == pytest.approx(208)


async def test_what_undo_brings_back_leaves_out_edits_from_now_on(
    db: Pool, person: Person, bread: Food
) -> None:
    logged = await diary.log_meal(db, person, NewMeal(items=(NewItem(food_id=bread.id, grams=50),)))
    await diary.delete_meal(db, person, logged.id)
    await foods.edit_food(db, person, bread.id, FoodChange(nutrients={"energy_kcal": 260}))
    back = await diary.undo_meal(db, person, logged.id)
    assert back.items == logged.items


async def test_an_undone_edit_leaves_no_day_that_it_was_logged_for(
    db: Pool, person: Person, bread: Food
) -> None:
    await foods.edit_food(db, person, bread.id, FoodChange(nutrients={"energy_kcal": 260}))
    logged = await breakfast(db, person, NewItem(food_id=bread.id, grams=100))
    assert logged.items[0].nutrients["energy_kcal"] == 260
    await foods.undo_edit(db, person, bread.id)
    await drain(db)
    assert (await diary.meal(db, person, logged.id)).items[0].nutrients["energy_kcal"] == 240


async def test_an_item_keeps_its_grams_when_its_portion_becomes_impossible(
    db: Pool, person: Person, bread: Food
) -> None:
    logged = await breakfast(db, person, NewItem(food_id=bread.id, amount=10, unit="slice"))
    change = FoodChange(portions=[NewPortion("1 slice", 40_000, "slice", True)], applies="all")
    await foods.edit_food(db, person, bread.id, change)
    await drain(db)
    redone = (await diary.meal(db, person, logged.id)).items[0]
    assert (redone.grams, redone.food_version) == (300, 2)


async def test_a_volume_is_weighed_anew(db: Pool, person: Person, bread: Food) -> None:
    logged = await breakfast(db, person, NewItem(food_id=bread.id, amount=1, unit="dl"))
    assert logged.items[0].grams == 50
    await foods.edit_food(db, person, bread.id, FoodChange(density_g_ml=0.6, applies="all"))
    await drain(db)
    redone = (await diary.meal(db, person, logged.id)).items[0]
    assert (redone.grams, redone.provenance) == (60, f"{bread.id}@2; density 0.6 g/ml")


async def test_a_change_under_way_outlasts_a_redoing(db: Pool, person: Person, bread: Food) -> None:
    logged = await breakfast(db, person, NewItem(food_id=bread.id, grams=100))
    food = await edited(db, person, bread, None, 260)
    async with db.transaction(person.id) as tx:
        await tx.one(HOLD_MEAL, person.id, meal=logged.id)
        redoing = asyncio.create_task(
            resnapshot(db, FoodEdited(person.id, bread.id, food.version, None))
        )
        await asyncio.sleep(0.2)  # it waits for the meal
        item = (logged.id, logged.items[0].id)
        await diary.change_item(tx, person, item, ItemChange(grams=50))
    await redoing
    redone = (await diary.meal(db, person, logged.id)).items[0]
    assert (redone.grams, redone.nutrients["energy_kcal"]) == (50, 130)
