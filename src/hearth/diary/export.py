"""A person's data, to take along: everything that Hearth shows them, as one JSON document.

It is written piece by piece, a year of meals at a time, so that ten years need no more memory than
one. Photos are in it by where to fetch them. Not in it: passwords and the secrets of logins and
tokens, what is kept for undo, and the versions of an own food before the present one; meals carry
their own snapshot of every food.
"""

from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Final
from uuid import UUID

import msgspec

from hearth import ai, foods, people, privacy, recognition
from hearth.core.db import Db
from hearth.core.sql import Statements
from hearth.core.values import now
from hearth.diary import goals, photos, settings, weights
from hearth.diary.goals import Goal
from hearth.diary.meals import Line, Meal, assembled, grouped
from hearth.diary.photos import Photo
from hearth.diary.settings import Settings
from hearth.diary.weights import Weight
from hearth.foods import Food
from hearth.people import Person

PAGE: Final = 200


class PhotoLink(msgspec.Struct, frozen=True, kw_only=True):
    """A photo that is kept. `url` gives its picture to its person, `original_url` the file as it was
    taken, None when that was not kept."""

    id: UUID
    meal_id: UUID | None
    at: datetime
    width: int
    height: int
    url: str
    original_url: str | None


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of one person. Amounts, units and nutrient codes are those of the API; `calls` are
    the times that a model was asked for them, newest first."""

    exported_at: datetime
    profile: people.persons.Profile
    logins: list[people.logins.Login]
    tokens: list[people.tokens.ApiToken]
    settings: Settings
    goals: list[Goal]
    weights: list[Weight]
    own_foods: list[Food]
    own_words: list[recognition.OwnWord]
    consents: list[privacy.Consent]
    photos: list[PhotoLink]
    meals: list[Meal]
    calls: list[ai.accounts.Usage]


statements = Statements.beside(__file__)
YEARS = statements.rows("years", int)
STRETCH_LINES = statements.rows("stretch_lines", Line)


# What comes piece by piece stands last, in lists that the document's head leaves empty.
_ENDING: Final = b'"meals":[],"calls":[]}'


async def export(db: Db, person: Person) -> AsyncIterator[bytes]:
    """The JSON of an `Export`, in pieces."""
    yield msgspec.json.encode(await _head(db, person)).removesuffix(_ENDING)
    yield b'"meals":['
    async for piece in _joined(_meals(db, person)):
        yield piece
    yield b'],"calls":['
    async for piece in _joined(_calls(db, person)):
        yield piece
    yield b"]}"


async def _joined(things: AsyncIterator[object]) -> AsyncIterator[bytes]:
    comma = b""
    async for thing in things:
        yield comma + msgspec.json.encode(thing)
        comma = b","


async def _meals(db: Db, person: Person) -> AsyncIterator[Meal]:
    for year in await db.all(YEARS, person.id):
        first, last = date(year, 1, 1), date(year, 12, 31)
        lines = await db.all(STRETCH_LINES, person.id, first=first, last=last)
        for meal in map(assembled, grouped(lines)):
            yield meal


async def _calls(db: Db, person: Person) -> AsyncIterator[ai.accounts.Usage]:
    after: UUID | None = None
    while page := await ai.usage_of(db, person.id, after=after, limit=PAGE):
        for call in page:
            yield call
        after = page[-1].id


async def _head(db: Db, person: Person) -> Export:
    return Export(
        exported_at=now(),
        profile=await people.persons.profile(db, person),
        logins=await people.logins.logins(db, person),
        tokens=await people.tokens.tokens(db, person),
        settings=await settings.settings(db, person),
        goals=(await goals.goals(db, person)).goals,
        weights=await _weights(db, person),
        own_foods=await _own_foods(db, person),
        own_words=(await recognition.own_words(db, person)).aliases,
        consents=await privacy.consents(db, person),
        photos=[_link(one) for one in await _photos(db, person)],
        meals=[],
        calls=[],
    )


async def _weights(db: Db, person: Person) -> list[Weight]:
    found: list[Weight] = []
    after = None
    while True:
        page = await weights.weights(
            db, person, date(1900, 1, 1), date(9999, 12, 31), after=after, limit=PAGE
        )
        found += page.weights
        after = page.after
        if after is None:
            return found


async def _own_foods(db: Db, person: Person) -> list[Food]:
    found: list[Food] = []
    while True:
        page = await foods.own_foods(db, person, after=found[-1].id if found else "", limit=PAGE)
        found += page
        if len(page) < PAGE:
            return found


async def _photos(db: Db, person: Person) -> list[Photo]:
    found: list[Photo] = []
    while page := await photos.photos_after(
        db, person, found[-1].id if found else UUID(int=0), limit=PAGE
    ):
        found += page
    return found


def _link(photo: Photo) -> PhotoLink:
    url = f"/photos/{photo.id}"
    return PhotoLink(
        id=photo.id,
        meal_id=photo.meal_id,
        at=photo.at,
        width=photo.width,
        height=photo.height,
        url=url,
        original_url=f"{url}/original" if photo.original else None,
    )
