"""A person's data, to take along: everything that Hearth shows them, as one JSON document.

It is written piece by piece, a year of meals at a time, so that ten years need no more memory than
one. Not in it: passwords and the secrets of logins and tokens, what is kept for undo, and the
versions of an own food before the present one; meals carry their own snapshot of every food.
"""

from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Final

import msgspec

from hearth import foods, people, recognition
from hearth.core.db import Db
from hearth.core.sql import Statements
from hearth.core.values import now
from hearth.diary import goals, settings, weights
from hearth.diary.goals import Goal
from hearth.diary.meals import Line, Meal, assembled, grouped
from hearth.diary.settings import Settings
from hearth.diary.weights import Weight
from hearth.foods import Food
from hearth.people import Person

PAGE: Final = 200


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of one person. Amounts, units and nutrient codes are those of the API."""

    exported_at: datetime
    profile: people.persons.Profile
    logins: list[people.logins.Login]
    tokens: list[people.tokens.ApiToken]
    settings: Settings
    goals: list[Goal]
    weights: list[Weight]
    own_foods: list[Food]
    own_words: list[recognition.OwnWord]
    meals: list[Meal]


statements = Statements.beside(__file__)
YEARS = statements.rows("years", int)
STRETCH_LINES = statements.rows("stretch_lines", Line)


async def export(db: Db, person: Person) -> AsyncIterator[bytes]:
    """The JSON of an `Export`, in pieces."""
    whole = msgspec.json.encode(await _but_meals(db, person))
    # The meals come last, into the empty list that the document ends with.
    yield whole.removesuffix(b"]}")
    comma = b""
    for year in await db.all(YEARS, person.id):
        first, last = date(year, 1, 1), date(year, 12, 31)
        lines = await db.all(STRETCH_LINES, person.id, first=first, last=last)
        for meal in map(assembled, grouped(lines)):
            yield comma + msgspec.json.encode(meal)
            comma = b","
    yield b"]}"


async def _but_meals(db: Db, person: Person) -> Export:
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
        meals=[],
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
