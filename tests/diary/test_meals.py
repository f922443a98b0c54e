"""Meals: logged, read, changed, copied, deleted and brought back; and who may not."""

import asyncio
import json
import math
from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec import UNSET

from hearth import diary
from hearth.core.db import Pool
from hearth.core.errors import Conflict, Invalid, NotFound, Stale
from hearth.core.idempotency import Answer, once
from hearth.diary import ItemChange, MealChange, NewCopy, NewItem, NewMeal
from hearth.diary.meals import Meal
from hearth.foods import Food
from hearth.people import Person
from hearth.recognition.aliases import aliases
from tests.diary.conftest import nowhere

DAY = date(2024, 5, 17)


def slices(food: Food, amount: float = 1, **more: object) -> NewItem:
    return NewItem(food_id=food.id, amount=amount, unit="slice", **more)  # type: ignore[arg-type]


async def breakfast(db: Pool, person: Person, *items: NewItem) -> Meal:
    return await diary.log_meal(db, person, NewMeal(day=DAY, kind="Breakfast", items=items))


async def test_a_meal_is_logged_with_a_snapshot_of_its_foods(
    db: Pool, person: Person, bread: Food
) -> None:
    logged = await breakfast(db, person, slices(bread, 2), slices(bread))
    stored = await diary.meal(db, person, logged.id)
    assert stored == logged
    assert [item.grams for item in stored.items] == [60, 30]
    assert stored.items[0].nutrients["energy_kcal"] == 144
    assert stored.items[0].provenance == f"{bread.id}@1; portion “1 slice” 30 g"
    assert (stored.kind, stored.at, stored.version) == ("breakfast", None, 1)
    assert stored.totals["energy_kcal"].amount == 216
    assert "calcium_mg" not in stored.totals


@pytest.mark.parametrize(
    ("amount", "unit", "grams"),
    [(2, "1 slice", 60), (1, "", 30), (1, "loaf", 600), (1, "dl", 50), (2, "oz", 56.69905)],
)
async def test_an_amount_is_weighed(
    db: Pool, person: Person, bread: Food, amount: float, unit: str, grams: float
) -> None:
    logged = await breakfast(db, person, NewItem(food_id=bread.id, amount=amount, unit=unit))
    assert logged.items[0].grams == pytest.approx(grams)


async def test_a_quick_add_states_its_own_figures(db: Pool, person: Person) -> None:
    logged = await breakfast(db, person, NewItem(name="Canteen", nutrients={"energy_kcal": 500}))
    stored = await diary.meal(db, person, logged.id)
    assert stored.items[0].nutrients == {"energy_kcal": 500}
    assert stored.items[0].grams is None


REFUSED = [
    ({"grams": math.nan}, "grams"),
    ({"grams": math.inf}, "grams"),
    ({"grams": -5.0}, "grams"),
    ({"grams": 20_001.0}, "grams"),
    ({"amount": 0.0}, "amount"),
    ({"amount": 40.0, "unit": "loaf"}, "amount"),
    ({"amount": 1.0, "unit": "handful"}, "unit"),
    ({"grams": 5.0, "nutrients": {"energy_kcal": 1.0}}, "nutrients"),
    ({"grams": 5.0, "phrase": "nul\x00byte"}, "phrase"),
]


@pytest.mark.parametrize(("given", "field"), REFUSED)
async def test_impossible_items_are_refused(
    db: Pool, person: Person, bread: Food, given: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        await breakfast(db, person, NewItem(food_id=bread.id, **given))  # type: ignore[arg-type]
    assert refusal.value.errors[0].field.startswith(f"items.0.{field}")


@pytest.mark.parametrize(
    "nutrients", [{"energy_kcal": math.nan}, {"protein_g": -1.0}, {"fat_g": 1e9}, {"luck_g": 1.0}]
)
async def test_impossible_figures_are_refused(
    db: Pool, person: Person, nutrients: dict[str, float]
) -> None:
    with pytest.raises(Invalid):
        await breakfast(db, person, NewItem(name="Luck", nutrients=nutrients))


async def test_a_food_that_is_not_there_is_refused(db: Pool, person: Person) -> None:
    with pytest.raises(Invalid) as refusal:
        await breakfast(db, person, NewItem(food_id="sr:00000", grams=5))
    assert refusal.value.errors[0].field == "items.0.food_id"


async def test_somebody_elses_meal_is_not_there(
    db: Pool, person: Person, stranger: Person, bread: Food
) -> None:
    logged = await breakfast(db, person, slices(bread))
    for act in (
        diary.meal(db, stranger, logged.id),
        diary.delete_meal(db, stranger, logged.id),
        diary.change_meal(db, stranger, logged.id, MealChange(name="mine")),
        diary.copy_meal(db, stranger, logged.id, NewCopy()),
    ):
        with pytest.raises(NotFound):
            await act
    with pytest.raises(Conflict):
        await diary.undo_meal(db, stranger, logged.id)
    with pytest.raises(Invalid):
        await breakfast(db, stranger, slices(bread))
    assert (await diary.day(db, stranger, DAY)).meals == []
    assert (await diary.meal(db, person, logged.id)) == logged


async def test_the_same_key_logs_once(db: Pool, person: Person, bread: Food) -> None:
    async def log(key: str) -> Answer:
        async def work(tx: object) -> Answer:
            meal = await diary.log_meal(
                tx,
                person,
                NewMeal(day=DAY, items=(slices(bread),)),  # type: ignore[arg-type]
            )
            return Answer(201, json.dumps(str(meal.id)).encode())

        return await once(db, person.id, key, b"one", work)

    first, second = await asyncio.gather(log("key"), log("key"))
    assert first.body == second.body
    assert sorted((first.replayed, second.replayed)) == [False, True]
    assert len((await diary.day(db, person, DAY)).meals) == 1


async def test_a_change_keeps_the_snapshot_and_names_its_version(
    db: Pool, person: Person, bread: Food
) -> None:
    logged = await breakfast(db, person, slices(bread, 2))
    ids = (logged.id, logged.items[0].id)
    changed = await diary.change_item(db, person, ids, ItemChange(amount=3), if_match=1)
    assert (changed.version, changed.items[0].grams) == (2, 90)
    assert changed.items[0].nutrients["energy_kcal"] == 216
    with pytest.raises(Stale):
        await diary.change_item(db, person, ids, ItemChange(amount=9), if_match=1)
    with pytest.raises(Stale):
        await diary.delete_meal(db, person, logged.id, if_match=1)
    assert await diary.meal(db, person, logged.id) == changed


async def test_items_are_replaced_kept_added_and_undone_step_by_step(
    db: Pool, person: Person, bread: Food, butter: Food
) -> None:
    logged = await breakfast(db, person, slices(bread), NewItem(food_id=butter.id, grams=10))
    kept = ItemChange(id=logged.items[1].id, grams=20)
    new = ItemChange(name="Coffee", nutrients={"caffeine_mg": 95})
    second = await diary.change_meal(db, person, logged.id, MealChange(items=(kept, new)))
    assert [item.name for item in second.items] == ["Butter", "Coffee"]
    assert second.items[0].nutrients["fat_g"] == 16
    third = await diary.remove_item(db, person, (logged.id, second.items[0].id))
    assert [item.name for item in third.items] == ["Coffee"]
    back = await diary.undo_meal(db, person, logged.id)
    assert (back.items, back.version) == (second.items, 4)
    first = await diary.undo_meal(db, person, logged.id)
    assert (first.items, first.totals) == (logged.items, logged.totals)
    with pytest.raises(Conflict):
        await diary.undo_meal(db, person, logged.id)


async def test_another_food_takes_the_place_and_the_weight(
    db: Pool, person: Person, bread: Food, butter: Food
) -> None:
    logged = await breakfast(db, person, slices(bread, 2))
    ids = (logged.id, logged.items[0].id)
    changed = await diary.change_item(db, person, ids, ItemChange(food_id=butter.id))
    item = changed.items[0]
    assert (item.id, item.food_id, item.grams) == (ids[1], butter.id, 60)
    with pytest.raises(Invalid):
        await diary.change_item(db, person, ids, ItemChange(food_id="sr:00000"))
    with pytest.raises(NotFound):
        await diary.change_item(db, person, (logged.id, nowhere()), ItemChange(amount=1))


async def test_more_items_go_into_a_meal(db: Pool, person: Person, bread: Food) -> None:
    logged = await breakfast(db, person, slices(bread))
    longer = await diary.add_items(db, person, logged.id, [slices(bread, 4)])
    assert [item.grams for item in longer.items] == [30, 120]
    with pytest.raises(Invalid):
        await diary.add_items(db, person, logged.id, [slices(bread)] * 99)


async def test_deleting_is_undone_exactly(
    db: Pool, person: Person, bread: Food, butter: Food
) -> None:
    logged = await breakfast(db, person, slices(bread, 1.3), NewItem(food_id=butter.id, grams=7.7))
    await diary.delete_meal(db, person, logged.id, if_match=1)
    with pytest.raises(NotFound):
        await diary.meal(db, person, logged.id)
    assert (await diary.day(db, person, DAY)).items_count == 0
    back = await diary.undo_meal(db, person, logged.id)
    assert (back.items, back.created_at) == (logged.items, logged.created_at)
    assert back.version > logged.version


async def test_a_meal_moves_with_its_items_and_its_time(
    db: Pool, person: Person, bread: Food
) -> None:
    at = datetime(2024, 3, 30, 8, 15)  # the clocks change the night after
    new = NewMeal(at=at, items=(slices(bread),))
    logged = await diary.log_meal(db, person, new)
    assert logged.at == datetime(2024, 3, 30, 7, 15, tzinfo=UTC)
    moved = await diary.change_meal(db, person, logged.id, MealChange(day=date(2024, 3, 31)))
    assert moved.at == datetime(2024, 3, 31, 6, 15, tzinfo=UTC)
    assert (await diary.day(db, person, date(2024, 3, 30))).items_count == 0
    assert (await diary.day(db, person, date(2024, 3, 31))).items_count == 1
    timeless = await diary.change_meal(db, person, logged.id, MealChange(at=None))
    assert (timeless.at, timeless.day) == (None, date(2024, 3, 31))


async def test_meals_and_days_are_copied_with_their_snapshots(
    db: Pool, person: Person, bread: Food
) -> None:
    logged = await breakfast(db, person, slices(bread), slices(bread, 2))
    there = DAY + timedelta(days=3)
    twin = await diary.copy_meal(db, person, logged.id, NewCopy(day=there, kind="supper"))
    assert (twin.day, twin.kind, twin.totals) == (there, "supper", logged.totals)
    assert {item.id for item in twin.items}.isdisjoint(item.id for item in logged.items)
    again = await diary.copy_day(db, person, there, NewCopy(day=there))
    assert [meal.totals for meal in again] == [logged.totals]
    assert (await diary.day(db, person, there)).items_count == 4
    with pytest.raises(NotFound):
        await diary.copy_day(db, person, date(1999, 1, 1), NewCopy())


async def test_a_correction_becomes_the_persons_own_word(
    db: Pool, person: Person, bread: Food
) -> None:
    said = slices(bread, 2, phrase="two rågbröd", corrected=True)
    await breakfast(db, person, said)
    words = (await aliases(db, person)).aliases
    assert [(word.phrase, word.food_id, word.grams) for word in words] == [
        ("ragbrod", bread.id, 30)
    ]


async def test_a_meal_without_items_is_refused(db: Pool, person: Person) -> None:
    with pytest.raises(Invalid):
        await diary.log_meal(db, person, NewMeal(items=()))
    assert MealChange().items is UNSET
