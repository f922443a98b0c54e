"""A person's own words: what they mean by a phrase, learned from each correction.

Phrases are compared by their telling words, without quantity: who corrects "two gibanica" teaches
what one gibanica is.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final

import msgspec

from hearth import foods
from hearth.core.db import Db, Transaction
from hearth.core.errors import FieldError, Invalid, NotFound
from hearth.core.sql import Statements
from hearth.people import Person
from hearth.recognition.answers import Alias
from hearth.recognition.phrases import cut
from hearth.recognition.quantities import UNIT_WORDS, Quantity
from hearth.recognition.words import STOP, folded, stem, tokens

MOST_GRAMS: Final = 20_000.0
LONGEST: Final = 200


class OwnWord(msgspec.Struct, frozen=True):
    """A phrase and the food a person means by it. `phrase` is its form for comparison, `said` as
    they wrote it; `grams` weigh one of it, None when the amount is always said. `times` learned."""

    phrase: str
    said: str
    food_id: str
    grams: float | None
    times: int
    updated_at: datetime


class OwnWords(msgspec.Struct, frozen=True):
    """Every word that a person has taught, the last first."""

    aliases: list[OwnWord]


class NewWord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A phrase to learn; `grams` weigh all of what it says."""

    phrase: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    food_id: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    grams: Annotated[float, msgspec.Meta(ge=0.0001, le=MOST_GRAMS)] | None = None


_statements = Statements.beside(__file__)
LEARN_ALIAS = _statements.change("learn_alias")
ALIASES = _statements.rows("aliases", OwnWord)
ALIAS = _statements.rows("alias", OwnWord)
FORGET_ALIAS = _statements.rows("forget_alias", str)


# ------------------------------------------------------------------ rules


def key(phrase: str) -> str:
    """The telling words of a phrase: folded stems, without small words, units and numbers."""
    words = (stem(folded(token.norm)) for token in tokens(phrase) if token.kind == "word")
    return " ".join(word for word in words if word not in STOP and word not in UNIT_WORDS)


def worded(phrase: str, grams: float | None) -> tuple[str, float | None]:
    """A phrase without its quantity, in the form for comparison, and the grams of one of it.

    Where the phrase itself says a weight or a unit, the grams teach nothing and are left out.
    """
    pieces = [piece for piece in cut(tokens(phrase), "en") if piece.tokens]
    quantity = pieces[0].quantity if len(pieces) == 1 else None
    if quantity is None:
        return key(phrase), grams
    name = key(" ".join(token.norm for token in pieces[0].tokens))
    return name or key(phrase), _each(quantity, grams)


def _each(quantity: Quantity, grams: float | None) -> float | None:
    if grams is None or quantity.unit or quantity.grams is not None or quantity.count <= 0:
        return None
    return grams / quantity.count


def in_text(own: Sequence[Alias], text: str) -> list[Alias]:
    """Those of a person's words that can stand in a text: all their telling words do."""
    said = set(key(text).split())
    return [alias for alias in own if said.issuperset(key(alias.phrase).split())]


# ------------------------------------------------------------------ verbs


async def learn(
    tx: Transaction, person: Person, phrase: str, food_id: str, grams: float | None
) -> None:
    """From now on the person means this food by the phrase; one without words teaches nothing."""
    name, each = worded(phrase, grams)
    if name and len(name) <= LONGEST:
        await tx.run(LEARN_ALIAS, person.id, phrase=name, said=phrase, food_id=food_id, grams=each)


async def teach(db: Db, person: Person, new: NewWord) -> OwnWord:
    """Learn a phrase that the person states by hand."""
    name, _ = worded(new.phrase, new.grams)
    plain = all(ord(letter) >= 32 and not 0xD800 <= ord(letter) <= 0xDFFF for letter in new.phrase)
    if not name or len(name) > LONGEST or not plain:
        message = "needs words that name a food, in plain text of at most 200 letters"
        raise Invalid(f"The phrase {message}.", errors=(FieldError("phrase", message),))
    if new.food_id not in await foods.foods_by_id(db, person, [new.food_id]):
        message = "is no food in the catalogue"
        raise Invalid(f"“{new.food_id}” {message}.", errors=(FieldError("food_id", message),))
    async with db.transaction(person.id) as tx:
        await learn(tx, person, new.phrase.strip(), new.food_id, new.grams)
        return await tx.one(ALIAS, person.id, phrase=name)


async def aliases(db: Db, person: Person) -> OwnWords:
    """The person's own words, the last learned first, at most 2,000."""
    return OwnWords(await db.all(ALIASES, person.id))


async def forget(db: Db, person: Person, phrase: str) -> None:
    """Forget a phrase, in its words or its form for comparison."""
    for name in dict.fromkeys((phrase, worded(phrase, None)[0])):
        if name and await db.maybe(FORGET_ALIAS, person.id, phrase=name):
            return
    raise NotFound("There is no such phrase among your own words.")


async def own_words(db: Db, person: Person, text: str) -> list[Alias]:
    """What the reader needs to know of the person's words for a text."""
    found = await db.all(ALIASES, person.id)
    said = set(key(text).split())
    return [
        Alias(one.phrase, one.food_id, one.grams)
        for one in found
        if said.issuperset(one.phrase.split())
    ]
