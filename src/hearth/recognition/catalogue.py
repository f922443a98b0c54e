"""The reader at work: one index of the catalogue in each process, and each person's own over it.

The index is built in a thread when it is first needed and again when an import has ended; until the
new one is there, the old one reads on.
"""

import asyncio
import copy
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Final

import msgspec

from hearth import foods
from hearth.core import telemetry
from hearth.core.db import Db
from hearth.core.errors import FieldError, Invalid
from hearth.foods import Food
from hearth.people import Person
from hearth.recognition.aliases import in_text, own_words
from hearth.recognition.answers import Alias, Reading, Unreadable
from hearth.recognition.called import in_locale
from hearth.recognition.index import Index
from hearth.recognition.reading import LONGEST_TEXT, Reader
from hearth.recognition.words import STOP, tokens

SURE: Final = 0.45
"""The confidence below which another table is asked: what the pages show as a guess."""
MOST_OWN: Final = 300
"""How many of a person's own foods that share a word's beginning with a text are read by name."""
_BEGINNING: Final = 3
"""Letters of a word that all its forms have in common."""


class MealText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A meal in words. `locale` is the language (en, sv, sr-Latn, sr-Cyrl; the person's by
    default); `at` may say when it was eaten, and does not change the reading."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_TEXT)]
    locale: Annotated[str, msgspec.Meta(max_length=20)] | None = None
    at: datetime | None = None


class Readers(msgspec.Struct, frozen=True):
    """Who reads: `everything` knows the whole catalogue, `named` the foods with names in more
    languages than English. In those languages the second goes first: the tables of the USDA know a
    food of the region, if at all, by some relative with an English name."""

    everything: Reader
    named: Reader


class Catalogue:
    """The readers of this process. Rebuilding swaps them in one step; readings under way finish."""

    def __init__(self) -> None:
        self._readers: Readers | None = None
        self._building = asyncio.Lock()

    async def readers(self, db: Db) -> Readers:
        """The readers; the first to ask waits until they are built, and so does who asks meanwhile."""
        if self._readers is None:
            async with self._building:
                if self._readers is None:
                    self._readers = await _built(db)
        return self._readers

    async def refresh(self, db: Db) -> None:
        """Build the indexes anew from the catalogue as it is now."""
        async with self._building:
            self._readers = await _built(db)

    def hold(self, known: Iterable[Food]) -> None:
        """Read with these foods alone, until the next refresh."""
        self._readers = _indexed(list(known))


shared: Final = Catalogue()


async def _built(db: Db) -> Readers:
    known = [food async for food in foods.everything_readable(db)]
    return await asyncio.to_thread(_indexed, known)


def _indexed(known: Sequence[Food]) -> Readers:
    everything = Reader(Index(known))
    named = [food for food in known if len(food.names) > 1]
    if len(named) == len(known):
        return Readers(everything, everything)
    return Readers(everything, Reader(Index(named)))


async def refresh_catalogue(db: Db) -> None:
    """Build this process's index anew: at its start, and when an import has ended."""
    await shared.refresh(db)


async def read_meal(db: Db, person: Person | None, said: MealText) -> Reading:
    """What somebody ate, from their words. Changes nothing; runs off the event loop."""
    try:
        reading = await read_phrase(db, person, said)
    except Invalid:
        telemetry.count_meal_analysis(success=False)
        raise
    telemetry.count_meal_analysis(success=bool(reading.items))
    return reading


async def read_phrase(db: Db, person: Person | None, said: MealText) -> Reading:
    """The same for a part of what is read as a whole: it does not count as a meal of its own."""
    readers, own, habits = await shared.readers(db), list[Alias](), dict[str, int]()
    reader = readers.everything
    if person is not None:
        reader, own = await _personal(db, person, reader, said.text)
        habits = await foods.habits(db, person)
    locale = said.locale or (person.locale if person else "en")
    # A word that the person has taught, or an own food, is known to the whole catalogue alone.
    first = readers.named if locale != "en" and not own else reader
    read = partial(Reader.read, text=said.text, locale=locale, own=own, habits=habits)
    try:
        reading = await asyncio.to_thread(read, first)
        if first is not reader and not _is_whole(reading):
            other = await asyncio.to_thread(read, reader)
            reading = max(reading, other, key=_understood)
    except Unreadable as error:
        raise Invalid(
            str(error), code="unreadable", errors=(FieldError("text", str(error)),)
        ) from None
    return in_locale(reading, reader.index, locale)


def _is_whole(reading: Reading) -> bool:
    """Whether every phrase was found to be a food, none of them by mere guessing."""
    return not reading.unread and all(
        item.food and item.confidence >= SURE for item in reading.items
    )


def _understood(reading: Reading) -> tuple[int, int]:
    return len([item for item in reading.items if item.food]), -len(reading.unread)


async def _personal(
    db: Db, person: Person, reader: Reader, text: str
) -> tuple[Reader, list[Alias]]:
    """The reader with the foods that only this person's words reach, and those words.

    These are their own foods, by name, and packaged foods that they once chose for a phrase.
    """
    known = await own_words(db, person, text)
    mine = await foods.own_foods_said(db, person, _beginnings(text), limit=MOST_OWN)
    within = reader.index.by_id.keys() | {food.id for food in mine}
    chosen = [alias.food_id for alias in known if alias.food_id not in within]
    if chosen:
        mine += (await foods.foods_by_id(db, person, chosen)).values()
    called = in_text([Alias(name, food.id) for food in mine for name in _names(food)], text)
    # A correction goes ahead of a name: of equal phrases the last counts.
    return over(reader, mine) if mine else reader, [*called, *known]


def _beginnings(text: str) -> list[str]:
    """The beginnings of the words of a text, by which own foods are looked up."""
    words = (token.norm for token in tokens(text) if token.kind == "word")
    return list(dict.fromkeys(word[:_BEGINNING] for word in words if word not in STOP))


def _names(food: Food) -> tuple[str, ...]:
    return (food.name, *food.names.values(), *food.aliases)


def over(reader: Reader, mine: Sequence[Food]) -> Reader:
    """The reader with a person's own foods laid over the shared index, which stays as it is."""
    index = copy.copy(reader.index)
    first = len(index.foods)
    index.foods = [*index.foods, *mine]
    index.by_id = index.by_id | {food.id: first + place for place, food in enumerate(mine)}
    own = copy.copy(reader)
    own.index = index
    return own
