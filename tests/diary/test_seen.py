"""Kept days: what was answered before is answered again, and never after it has changed."""

from datetime import date

import msgspec

from hearth import diary
from hearth.core.db import Pool
from hearth.diary.seen import day_as_json
from hearth.people import Person

ON = date(2026, 3, 4)


def eaten(kcal: float) -> diary.NewMeal:
    item = diary.NewItem(name="Something", nutrients={"energy_kcal": kcal})
    return diary.NewMeal(items=[item], day=ON)


async def energy(db: Pool, person: Person) -> float:
    answer = await day_as_json(db, person, ON)
    totals = msgspec.json.decode(answer.body)["totals"]
    return float(totals["energy_kcal"]["amount"]) if totals else 0.0


async def test_a_day_is_kept_until_the_diary_changes(db: Pool, person: Person) -> None:
    await diary.log_meal(db, person, eaten(100))
    first = await day_as_json(db, person, ON)
    assert (await day_as_json(db, person, ON)) is first
    assert (await day_as_json(db, person, ON, anew=True)) is not first


async def test_every_kind_of_change_is_seen_at_once(db: Pool, person: Person) -> None:
    assert await energy(db, person) == 0
    meal = await diary.log_meal(db, person, eaten(100))
    assert await energy(db, person) == 100
    other = await diary.log_meal(db, person, eaten(50))
    assert await energy(db, person) == 150
    await diary.delete_meal(db, person, meal.id)
    assert await energy(db, person) == 50
    await diary.undo_meal(db, person, meal.id)
    assert await energy(db, person) == 150
    changed = diary.ItemChange(id=other.items[0].id, nutrients={"energy_kcal": 60.0})
    await diary.change_meal(db, person, other.id, diary.MealChange(items=[changed]))
    assert await energy(db, person) == 160


async def test_weights_and_goals_are_part_of_the_day(db: Pool, person: Person) -> None:
    stamps = [(await day_as_json(db, person, ON)).stamp]
    await diary.weigh(db, person, diary.NewWeight(kg=70))
    stamps.append((await day_as_json(db, person, ON)).stamp)
    await diary.set_goal(db, person, ON, diary.NewGoal(energy_kcal=2000))
    stamps.append((await day_as_json(db, person, ON)).stamp)
    assert len(set(stamps)) == 3


async def test_a_change_that_was_undone_leaves_the_stamp(db: Pool, person: Person) -> None:
    before = (await day_as_json(db, person, ON)).stamp
    try:
        async with db.transaction(person.id) as tx:
            await diary.log_meal(tx, person, eaten(10))
            raise ZeroDivisionError
    except ZeroDivisionError:
        pass
    assert (await day_as_json(db, person, ON)).stamp == before


async def test_another_zone_is_another_answer(db: Pool, person: Person) -> None:
    moved = msgspec.structs.replace(person, zone="Asia/Tokyo")
    here, there = await day_as_json(db, person, ON), await day_as_json(db, moved, ON)
    assert here.etag != there.etag
