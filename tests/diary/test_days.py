"""Days and ranges of days: totals, coverage, goals and weight beside them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from hearth import diary
from hearth.core.db import Pool
from hearth.core.errors import Invalid
from hearth.diary import NewGoal, NewItem, NewMeal, NewWeight, Target
from hearth.foods import CODES, Food
from hearth.people import Person
from tests.diary.conftest import somebody

DAY = date(2024, 5, 17)


async def eaten(db: Pool, person: Person, day: date, *items: NewItem) -> None:
    await diary.log_meal(db, person, NewMeal(day=day, kind="lunch", items=items))


async def test_a_day_sums_what_is_known_and_names_what_is_not(
    db: Pool, person: Person, bread: Food, butter: Food
) -> None:
    await eaten(db, person, DAY, NewItem(food_id=bread.id, grams=100))
    await eaten(db, person, DAY, NewItem(food_id=butter.id, grams=10))
    day = await diary.day(db, person, DAY)
    assert [len(meal.items) for meal in day.meals] == [1, 1]
    assert day.totals["energy_kcal"].amount == 312
    carb = day.totals["carb_g"]
    assert (carb.amount, carb.is_partial) == (45, True)
    assert carb.coverage == pytest.approx(240 / 312, abs=1e-4)
    assert day.meals[1].carb_g is None
    assert "calcium_mg" in day.unknown
    assert "calcium_mg" not in day.totals


async def test_an_empty_day_is_empty_not_unknown(db: Pool, person: Person) -> None:
    day = await diary.day(db, person, DAY)
    assert (day.meals, day.totals, day.unknown, day.goal, day.last_weight) == (
        [],
        {},
        (),
        None,
        None,
    )


async def test_goals_are_resolved_from_energy_and_weight(
    db: Pool, person: Person, bread: Food
) -> None:
    goal = NewGoal(
        energy_kcal=2000,
        targets={
            "protein_g": Target(1.6, "kg"),
            "fat_g": Target(30, "energy_percent", "max"),
            "calcium_mg": Target(800, bound="min"),
        },
    )
    await diary.set_goal(db, person, DAY, goal)
    await diary.weigh(db, person, NewWeight(kg=80, at=datetime(2024, 5, 16, 7, 0, tzinfo=UTC)))
    await eaten(db, person, DAY, NewItem(food_id=bread.id, grams=200))
    goals = (await diary.day(db, person, DAY)).goals
    assert (goals["protein_g"].goal, goals["protein_g"].eaten) == (128, 16)
    assert goals["protein_g"].source == "1.6 g per kg of 80 kg on 2024-05-16"
    assert goals["fat_g"].goal == pytest.approx(66.66667)
    assert (goals["energy_kcal"].goal, goals["energy_kcal"].eaten) == (2000, 480)
    assert (goals["calcium_mg"].eaten, goals["calcium_mg"].is_partial) == (None, True)
    before = await diary.day(db, person, DAY - timedelta(days=1))
    assert before.goals == {}


async def test_what_is_missing_for_a_goal_is_said(db: Pool, person: Person) -> None:
    targets = {"protein_g": Target(1.6, "kg"), "fat_g": Target(30, "energy_percent")}
    await diary.set_goal(db, person, DAY, NewGoal(targets=targets))
    goals = (await diary.day(db, person, DAY)).goals
    assert (goals["protein_g"].goal, goals["protein_g"].eaten) == (None, 0.0)
    assert "weight" in goals["protein_g"].source
    assert "energy goal" in goals["fat_g"].source


async def test_weights_of_the_day_stand_beside_it(db: Pool, person: Person) -> None:
    for kg, hour in ((80.4, 6), (81, 20)):
        await diary.weigh(db, person, NewWeight(kg=kg, at=datetime(2024, 5, 17, hour, tzinfo=UTC)))
    day = await diary.day(db, person, DAY)
    assert [weight.kg for weight in day.weights] == [80.4, 81]
    later = await diary.day(db, person, DAY + timedelta(days=9))
    assert later.weights == []
    assert later.last_weight is not None
    assert later.last_weight.kg == 81


async def test_a_range_agrees_with_its_days(
    db: Pool, person: Person, bread: Food, butter: Food
) -> None:
    both = (NewItem(food_id=bread.id, grams=50), NewItem(food_id=butter.id, grams=10))
    for back in (0, 1, 5):
        await eaten(db, person, DAY - timedelta(days=back), *both[: 1 + back % 2])
    await eaten(db, person, DAY, NewItem(name="Canteen", nutrients={"protein_g": 20}))
    found = await diary.day_range(db, person, DAY - timedelta(days=5), DAY, CODES)
    assert [one.day for one in found.days] == [DAY - timedelta(days=back) for back in (5, 1, 0)]
    for one in found.days:
        day = await diary.day(db, person, one.day)
        assert one.items == day.items_count
        assert one.totals == day.totals


async def test_a_range_shows_nothing_of_others(
    db: Pool, person: Person, stranger: Person, bread: Food
) -> None:
    await eaten(db, person, DAY, NewItem(food_id=bread.id, grams=50))
    assert (await diary.day_range(db, stranger, DAY, DAY)).days == []
    assert len((await diary.day_range(db, person, DAY, DAY)).days) == 1


async def test_ranges_that_are_too_long_or_backwards_are_refused(db: Pool, person: Person) -> None:
    for last in (DAY - timedelta(days=1), DAY + timedelta(days=400)):
        with pytest.raises(Invalid):
            await diary.day_range(db, person, DAY, last)
    with pytest.raises(Invalid):
        await diary.day_range(db, person, DAY, DAY, ["luck_g"])
    assert (await diary.day_range(db, person, DAY, DAY + timedelta(days=399))).days == []


async def test_now_is_today_where_the_person_is(db: Pool) -> None:
    person = await somebody(db, "Pacific/Kiritimati")
    quick = NewItem(name="Water", nutrients={"water_g": 200})
    meal = await diary.log_meal(db, person, NewMeal(items=(quick,)))
    assert meal.day == (datetime.now(UTC) + timedelta(hours=14)).date()
    there = await diary.log_meal(db, person, NewMeal(items=(quick,), zone="Pacific/Pago_Pago"))
    assert there.day == (datetime.now(UTC) - timedelta(hours=11)).date()


def test_every_nutrient_has_a_place_in_the_view() -> None:
    assert len(CODES) <= 128  # diary.day_total looks at as many places
