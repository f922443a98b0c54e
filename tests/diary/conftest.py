"""Persons and foods for the diary's tests."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from hearth import foods
from hearth.core.db import SYSTEM, Pool
from hearth.core.values import new_id
from hearth.foods import Food
from hearth.foods.own import NewFood, NewPortion
from hearth.people import Person

Made = Callable[..., Awaitable[Food]]


async def somebody(db: Pool, zone: str = "Europe/Stockholm") -> Person:
    """A person who has just come."""
    fresh = new_id()
    async with db.connection(SYSTEM) as connection:
        await connection.execute(
            "insert into people.person (person_id, email, email_key) values ($1, $2, $2)",
            fresh,
            f"{fresh}@example.org",
        )
    return Person(id=fresh, email=f"{fresh}@example.org", zone=zone)


@pytest.fixture
async def person(db: Pool) -> Person:
    return await somebody(db)


@pytest.fixture
async def stranger(db: Pool) -> Person:
    return await somebody(db)


@pytest.fixture
async def bread(db: Pool, person: Person) -> Food:
    """An own food: 240 kcal in 100 g, a slice of 30 g, half a gram in a millilitre."""
    new = NewFood(
        name="Rye bread",
        nutrients={"energy_kcal": 240, "protein_g": 8, "carb_g": 45, "fat_g": 3},
        portions=[NewPortion("1 slice", 30, "slice", True), NewPortion("1 loaf", 600, "loaf")],
        density_g_ml=0.5,
    )
    return await foods.create_food(db, person, new)


@pytest.fixture
async def butter(db: Pool, person: Person) -> Food:
    """An own food whose carbohydrate nobody states."""
    new = NewFood(name="Butter", nutrients={"energy_kcal": 720, "protein_g": 1, "fat_g": 80})
    return await foods.create_food(db, person, new)


def nowhere() -> UUID:
    """An id that nothing has."""
    return new_id()
