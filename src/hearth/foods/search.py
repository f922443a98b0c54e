"""Finding foods by what people type: words anywhere in a name, either script, slips of the finger.

A word that no food has is corrected from the lexicon of all words; then the foods are asked once.
The order is: own and often logged, then exact names, names that begin so, raw before processed when
the query is plain, and what is common before what is rare.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from hearth.core.db import SYSTEM, Db
from hearth.core.sql import Statements
from hearth.foods.barcodes import looks_like_barcode
from hearth.foods.catalogue import by_barcode, foods_by_id, in_locale
from hearth.foods.foods import Food
from hearth.foods.words import is_plain, words
from hearth.people import Person

MAX_WORDS: Final = 8
MAX_LETTERS: Final = 40
MAX_DEPTH: Final = 1000
# Above this, reading foods in the order of popularity finds a page sooner than sorting all that match.
COMMON: Final = 8_000
CANDIDATES: Final = 3


class KnownWord(msgspec.Struct, frozen=True):
    """A word of the catalogue and in how many foods it stands."""

    word: str
    foods: int


_statements = Statements.beside(__file__)
WORD_COUNTS: Final = _statements.rows("word_counts", int)
SIMILAR_WORDS: Final = _statements.rows("similar_words", KnownWord)
FIND_IDS: Final = _statements.rows("find_ids", str)
FIND_COMMON_IDS: Final = _statements.rows("find_common_ids", str)
OFTEN_USED: Final = _statements.rows("often_used", str)
REFRESH_LEXICON: Final = _statements.change("refresh_lexicon")


def distance(typed: str, word: str, limit: int) -> int:
    """Letters to insert, leave out, replace or swap with a neighbour; `limit` + 1 when more."""
    if abs(len(typed) - len(word)) > limit:
        return limit + 1
    before: list[int] = []
    above = list(range(len(word) + 1))
    for row, letter in enumerate(typed, start=1):
        here = [row]
        for column, other in enumerate(word, start=1):
            cost = min(above[column] + 1, here[-1] + 1, above[column - 1] + (letter != other))
            if row > 1 and column > 1 and letter == word[column - 2] and typed[row - 2] == other:
                cost = min(cost, before[column - 2] + 1)
            here.append(cost)
        if min(here) > limit:
            return limit + 1
        before, above = above, here
    return above[-1]


def slips(letters: int) -> int:
    """How many slips are forgiven in a word of so many letters."""
    return 1 if letters <= 4 else 2 if letters <= 8 else 3


def corrections(typed: str, known: Sequence[KnownWord]) -> list[str]:
    """The words that were probably meant, nearest first; the beginning of a word counts as well."""
    limit = slips(len(typed))
    ranked = []
    for candidate in known:
        whole = distance(typed, candidate.word, limit)
        begun = distance(typed, candidate.word[: len(typed)], limit) + 0.5
        # The first letter is seldom wrong.
        nearest = min(float(whole), begun) + (0.5 if candidate.word[0] != typed[0] else 0)
        if nearest <= limit:
            ranked.append((nearest, -candidate.foods, candidate.word))
    ranked.sort()
    return [word for near, _, word in ranked[:CANDIDATES] if near <= ranked[0][0] + 0.5]


def singulars(word: str) -> list[str]:
    """English singulars that `word` may be the plural of: "tomatoes" may be of "tomato"."""
    if len(word) < 4 or not word.endswith("s") or word.endswith("ss"):
        return []
    if word.endswith("ies"):
        return [word[:-3] + "y"]
    return [word[:-2], word[:-1]] if word.endswith("es") else [word[:-1]]


def lexemes(choices: Sequence[Sequence[str]]) -> str:
    """The text query: each word by any of its choices, as the beginning of a word.

    Words hold letters and digits only, so nothing in them can be syntax.
    """
    parts = []
    for options in choices:
        prefix = ":*" if len(options[0]) > 1 or len(choices) == 1 else ""
        parts.append("(" + " | ".join(f"'{option}'{prefix}" for option in options) + ")")
    return " & ".join(parts)


async def find(
    db: Db, person: Person | None, text: str, *, limit: int = 20, past: int = 0, locale: str = "en"
) -> list[Food]:
    """Foods for what was typed, best first, named in `locale`; `past` skips what was shown.

    A barcode in any printed form finds its foods at once. Nothing typed: what the person logs most.
    """
    if past == 0 and looks_like_barcode(text):
        found = await by_barcode(db, person, text)
        if found:
            return [in_locale(food, locale) for food in found[:limit]]
    typed = [word[:MAX_LETTERS] for word in words(text[:400])][:MAX_WORDS]
    past = min(past, MAX_DEPTH)
    ids = await _ids(db, person, typed, limit, past)
    foods = await foods_by_id(db, person, ids)
    return [in_locale(foods[food_id], locale) for food_id in ids if food_id in foods]


async def refresh_lexicon(db: Db) -> None:
    """Counts the words of the catalogue anew; after imports and once a night."""
    await db.run(REFRESH_LEXICON, SYSTEM)


async def _ids(db: Db, person: Person | None, typed: list[str], limit: int, past: int) -> list[str]:
    acting = getattr(db, "acting", person.id if person else None)
    if not typed:
        return await db.all(OFTEN_USED, acting, many=limit, past=past) if person else []
    counts = await db.all(WORD_COUNTS, acting, words=typed)
    choices = await _choices(db, acting, typed, counts, every=False)
    ids = await _matching(db, acting, typed, choices, counts, (limit, past))
    if ids or past or all(counts) is False:
        return ids
    # Every word exists, but no food has them all: one of them may be a slip that is a word too.
    choices = await _choices(db, acting, typed, counts, every=True)
    return await _matching(db, acting, typed, choices, counts, (limit, past))


async def _choices(
    db: Db, acting: Any, typed: list[str], counts: list[int], *, every: bool
) -> list[list[str]]:
    """For each word what may stand for it: itself and its singulars, or its corrections."""
    choices = []
    for word, count in zip(typed, counts, strict=True):
        options = [word, *singulars(word)]
        if (count == 0 or every) and len(word) > 2 and not word.isdigit():
            options += corrections(word, await db.all(SIMILAR_WORDS, acting, typed=word))
        choices.append(list(dict.fromkeys(options)))
    return choices


async def _matching(
    db: Db,
    acting: Any,
    typed: list[str],
    choices: list[list[str]],
    counts: list[int],
    page: tuple[int, int],
) -> list[str]:
    common = len(typed) == 1 and counts[0] > COMMON
    # The best reading of the query: typed words that exist, else their first correction.
    meant = [
        options[0] if count or len(options) == 1 else options[-1 if len(options) == 2 else 1]
        for options, count in zip(choices, counts, strict=True)
    ]
    return await db.all(
        FIND_COMMON_IDS if common else FIND_IDS,
        acting,
        lexemes=lexemes(choices),
        phrase=" ".join(meant),
        heads=sorted({option for options in choices for option in options if len(option) > 2}),
        patterns=[f"%{word}%" for word in typed],
        plain=is_plain(meant),
        many=page[0],
        past=page[1],
    )
