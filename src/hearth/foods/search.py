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
CANDIDATES: Final = 3
SHORT: Final = 3
# Words in fewer foods may be misprints of words that are so many times more common.
SURE: Final = 50
MISPRINT: Final = 100
# A word that stands in so many times more foods than the rarest typed one is no slip.
RARE: Final = 20


class KnownWord(msgspec.Struct, frozen=True):
    """A word of the catalogue and in how many foods it stands."""

    word: str
    foods: int


class Reading(msgspec.Struct, frozen=True):
    """What a typed word is taken for (`meant`), and all that is looked for in its place."""

    meant: str
    options: list[str]


_statements = Statements.beside(__file__)
WORD_COUNTS: Final = _statements.rows("word_counts", int)
SIMILAR_WORDS: Final = _statements.rows("similar_words", KnownWord)
FIND_IDS: Final = _statements.rows("find_ids", str)
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
    return min(above[-1], limit + 1)


def slips(letters: int) -> int:
    """How many slips are forgiven in a word of so many letters."""
    return 1 if letters <= 4 else 2 if letters <= 8 else 3


def corrections(typed: str, known: Sequence[KnownWord]) -> list[str]:
    """The words that were probably meant, nearest first; the beginning of a word counts as well."""
    limit = slips(len(typed))
    letters = set(typed)
    ranked = []
    for candidate in known:
        # Each letter that the candidate lacks is a slip of its own: a cheap way to rule out most.
        if len(letters.difference(candidate.word)) > limit:
            continue
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
    parts = ["(" + " | ".join(f"'{option}':*" for option in options) + ")" for options in choices]
    return " & ".join(parts)


def phrases(meant: Sequence[str]) -> list[str]:
    """The query as names may have it: as meant, and with its plurals as singulars."""
    first = [next(iter(singulars(word)), word) for word in meant]
    last = [([word, *singulars(word)])[-1] for word in meant]
    return list(dict.fromkeys(" ".join(reading) for reading in (meant, first, last)))


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
    async with db.transaction(SYSTEM) as tx:
        # Millions of names take longer than a statement otherwise may.
        await tx.connection.execute("set local statement_timeout = '600s'")
        await tx.run(REFRESH_LEXICON, SYSTEM)


async def _ids(db: Db, person: Person | None, typed: list[str], limit: int, past: int) -> list[str]:
    acting = getattr(db, "acting", person.id if person else None)
    if not typed:
        return await db.all(OFTEN_USED, acting, many=limit, past=past) if person else []
    # Twice what is shown, so that good names among packages can rise above frequent ones.
    page: dict[str, Any] = {"many": limit, "past": past, "packages": past + 2 * limit}
    counts = await db.all(WORD_COUNTS, acting, words=typed)
    readings = [
        await _reading(db, acting, word, count) for word, count in zip(typed, counts, strict=True)
    ]
    # The person's own foods are in no lexicon: what the catalogue does not know may be like them.
    page["slips"] = [
        not count and len(word) > SHORT for word, count in zip(typed, counts, strict=True)
    ]
    ids = await db.all(FIND_IDS, acting, **_asked(typed, readings), **page)
    if ids or past or not all(counts):
        return ids
    # Every word exists, but no food has them all: a rare one may be a slip that is a word too.
    rare = RARE * min(counts)
    readings = [
        await _reading(db, acting, word, SURE if count > rare else 0)
        for word, count in zip(typed, counts, strict=True)
    ]
    return await db.all(FIND_IDS, acting, **_asked(typed, readings), **page)


async def _reading(db: Db, acting: Any, typed: str, count: int) -> Reading:
    """What a word is taken for that stands in `count` foods; 0: it is taken for a slip."""
    options = [typed, *singulars(typed)]
    if count >= SURE or len(typed) < (5 if count else 3) or typed.isdigit():
        return Reading(typed, options)
    similar = await db.all(SIMILAR_WORDS, acting, typed=typed)
    # What begins with the typed letters is found without being a correction.
    similar = [one for one in similar if not one.word.startswith(typed)]
    if count:
        # Slips stand on packages too: a rare word yields to a neighbour that is far more common.
        least = MISPRINT * count
        similar = [
            one for one in similar if one.foods >= least and distance(typed, one.word, 1) < 2
        ]
    corrected = corrections(typed, similar)
    meant = corrected[0] if corrected else typed
    return Reading(meant, list(dict.fromkeys([*options, *corrected])))


def _asked(typed: Sequence[str], readings: Sequence[Reading]) -> dict[str, Any]:
    options = [reading.options for reading in readings]
    # The beginning of a short word is begun by so many that the text index is no help.
    brief = [len(options) > 1 and max(map(len, one)) < SHORT for one in options]
    if all(brief):
        brief = [False] * len(brief)
    indexed = [one for one, is_brief in zip(options, brief, strict=True) if not is_brief]
    meant = [reading.meant for reading in readings]
    said = phrases(meant)
    heads = {word for words in options for word in words if len(word) > 2}
    return {
        "lexemes": lexemes(indexed),
        "also": [f"% {one[0]}%" for one, is_brief in zip(options, brief, strict=True) if is_brief],
        "called": [f"%|{phrase}|%" for phrase in said],
        "begun": [f"%|{phrase} %" for phrase in said],
        "headed": [f"%|{phrase}%" for phrase in said],
        "inside": [f"% {phrase}%" for phrase in said],
        "heads": [f"%|{word}%" for word in sorted(heads)],
        "typed": typed,
        "choices": [" ".join(one) for one in options],
        "plain": is_plain(meant),
        # Two letters stand for half the catalogue: then only what is common is worth ordering.
        "generic": 400 if len(typed) == 1 and len(typed[0]) < 3 else 2000,
    }
