"""The cast of the catalogue's tests."""

from uuid import UUID

import pytest

from hearth.core.db import SYSTEM, Pool
from hearth.core.values import new_id
from hearth.people import Person


@pytest.fixture
def person(person_id: UUID) -> Person:
    """Somebody with an empty kitchen."""
    return Person(id=person_id, email=f"{person_id}@example.org", zone="Europe/Stockholm")


@pytest.fixture
async def stranger(db: Pool) -> Person:
    """Somebody else."""
    fresh = new_id()
    async with db.connection(SYSTEM) as connection:
        await connection.execute(
            "insert into people.person (person_id, email, email_key, name) values ($1, $2, $2, '')",
            fresh,
            f"{fresh}@example.org",
        )
    return Person(id=fresh, email=f"{fresh}@example.org")
