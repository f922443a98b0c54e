"""A demonstration person with two weeks of meals, for who wants to look around first.

The person is called so, and their meals are made up; the figures of what they eat are not.
"""

import secrets
from datetime import date, datetime, time, timedelta
from typing import Final

from hearth import people
from hearth.core.db import Db
from hearth.core.errors import NotFound
from hearth.core.limits import Limits
from hearth.core.secrets import Vault
from hearth.core.values import now
from hearth.diary.goals import NewGoal, Target, set_goal
from hearth.diary.items import NewItem
from hearth.diary.meals import NewMeal, foods_for, log_meal
from hearth.diary.times import local_day, zone_of
from hearth.diary.weights import NewWeight, weigh
from hearth.people import Person

EMAIL: Final = "demo@example.org"
DAYS: Final = 14
ZONE: Final = "Europe/Stockholm"

Eaten = tuple[tuple[str, float], ...]
"""Foods of the starter catalogue with their grams."""

BREAKFASTS: Final[tuple[Eaten, ...]] = (
    (("oat-porridge-milk", 300), ("blueberries", 60), ("coffee", 200)),
    (("scrambled-eggs", 120), ("bread-rye", 40), ("butter", 8), ("latte", 300)),
    (("yoghurt-plain-whole", 250), ("banana", 110), ("almonds", 20)),
)
LUNCHES: Final[tuple[Eaten, ...]] = (
    (("lentil-soup", 400), ("bread-rye", 60)),
    (("chicken-caesar-salad", 350), ("apple", 150)),
    (("pea-soup-swedish", 400), ("crispbread-rye", 20)),
    (("shopska-salad", 300), ("cevapi", 150)),
)
DINNERS: Final[tuple[Eaten, ...]] = (
    (("salmon-baked", 150), ("potato-boiled", 250), ("broccoli-cooked", 120)),
    (("swedish-meatballs", 150), ("potato-boiled", 250), ("lingonberry-jam", 30)),
    (("pasta-tomato-sauce", 400), ("hard-cheese-swedish", 25)),
    (("chicken-curry-rice", 450),),
    (("vegetable-soup", 400), ("bread-rye", 80), ("cottage-cheese", 100)),
)
MEALS: Final = (
    ("breakfast", time(7, 30), BREAKFASTS),
    ("lunch", time(12, 15), LUNCHES),
    ("dinner", time(18, 45), DINNERS),
)


async def make_demo(db: Db, vault: Vault) -> tuple[str, str | None]:
    """The demonstration person's address and new password; None when they are there already."""
    try:
        await people.persons.person_by_email(db, EMAIL)
        return EMAIL, None
    except NotFound:
        password = secrets.token_urlsafe(12)
    new = people.registrations.NewPerson(EMAIL, password, "Demonstration", zone=ZONE)
    gate = people.logins.Gate(vault, Limits())
    await people.registrations.register(db, gate, new, kind="page")
    person = await people.persons.person_by_email(db, EMAIL)
    async with db.transaction(person.id) as tx:
        await _fill(tx, person)
    return EMAIL, password


async def _fill(db: Db, person: Person) -> None:
    clock = now()
    today = local_day(clock, zone_of(person.zone))
    targets = {"protein_g": Target(1.2, "kg"), "fiber_g": Target(25, bound="min")}
    first = today - timedelta(days=DAYS - 1)
    await set_goal(db, person, first, NewGoal(energy_kcal=2100, targets=targets))
    for back in range(DAYS):
        day = today - timedelta(days=back)
        for meal in _meals(day):
            # What would lie ahead today has not been eaten yet.
            if meal.at and meal.at.replace(tzinfo=zone_of(person.zone)) <= clock:
                await _logged(db, person, meal)
        weighed = datetime.combine(day, time(7, 0))
        if back % 2 == 0 and weighed.replace(tzinfo=zone_of(person.zone)) <= clock:
            await weigh(db, person, NewWeight(kg=74.5 + back * 0.05, at=weighed))


def _meals(day: date) -> list[NewMeal]:
    turn = day.toordinal()
    return [
        NewMeal(
            at=datetime.combine(day, at),
            kind=kind,
            items=tuple(
                NewItem(food_id=f"starter:{food}", grams=float(grams))
                for food, grams in choices[turn % len(choices)]
            ),
        )
        for kind, at, choices in MEALS
    ]


async def _logged(db: Db, person: Person, meal: NewMeal) -> None:
    """Log what the catalogue has of a meal."""
    async with db.transaction(person.id) as tx:
        known = await foods_for(tx, person, [item.food_id for item in meal.items])
        items = tuple(item for item in meal.items if item.food_id in known)
        if items:
            await log_meal(tx, person, NewMeal(at=meal.at, kind=meal.kind, items=items))
