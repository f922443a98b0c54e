"""The demonstration: two weeks of meals of the starter catalogue, made once."""

from datetime import timedelta

from hearth import diary, people
from hearth.core.db import Pool
from hearth.core.secrets import Vault, new_key
from hearth.core.values import now
from hearth.diary.demo import BREAKFASTS, DINNERS, LUNCHES
from hearth.diary.times import local_day, zone_of
from hearth.foods import starter_foods
from hearth.foods.imports import load_starter


def test_everything_on_the_table_is_in_the_starter_catalogue() -> None:
    known = {food.id for food in starter_foods()}
    eaten = {food for meals in (BREAKFASTS, LUNCHES, DINNERS) for meal in meals for food, _ in meal}
    assert {f"starter:{food}" for food in eaten} - known == set()


async def test_the_demonstration_is_made_once(db: Pool) -> None:
    await load_starter(db)
    vault = Vault(new_key("test"))
    email, password = await diary.make_demo(db, vault)
    assert password
    assert await diary.make_demo(db, vault) == (email, None)
    person = await people.persons.person_by_email(db, email)
    today = local_day(now(), zone_of(person.zone))
    found = await diary.day_range(db, person, today - timedelta(days=30), today)
    assert len(found.days) >= 13
    assert 1000 < found.days[3].totals["energy_kcal"].amount < 3000
