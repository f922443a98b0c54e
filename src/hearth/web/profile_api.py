"""`/api/profile`: the person themselves."""

from typing import Final

import msgspec
from litestar import delete, get, patch
from litestar.params import JSONBody

from hearth import people
from hearth.web.dependencies import DbIn, LimitsIn, PersonIn


class Farewell(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The password, to show that it is really the person who leaves."""

    password: people.persons.Secret


@get("/api/profile", tags=["profile"], opt={"scope": "profile:read"})
async def profile(db: DbIn, person: PersonIn) -> people.persons.Profile:
    """The person as they see themselves."""
    return await people.persons.profile(db, person)


@patch("/api/profile", tags=["profile"], opt={"scope": "profile:write"})
async def change_profile(
    db: DbIn, person: PersonIn, data: JSONBody[people.persons.ProfileChange]
) -> people.persons.Profile:
    """Change name, language or time zone."""
    return await people.persons.change_profile(db, person, data)


@delete("/api/profile", tags=["profile"], opt={"scope": "profile:delete"}, status_code=204)
async def delete_profile(
    db: DbIn, limits: LimitsIn, person: PersonIn, data: JSONBody[Farewell]
) -> None:
    """Delete the person and everything that is theirs, at once and for good."""
    await people.persons.delete_person(db, limits, person, password=data.password)


routes: Final = [profile, change_profile, delete_profile]
