"""Foods that a model named, with grams: found in the tables, from which every nutrient comes.

A model's words are words from outside: they are cut, and no more than the name of a food is taken.
"""

import math
import re
import unicodedata
from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from hearth.core.db import Db
from hearth.core.errors import Invalid
from hearth.foods import CODES, Nutrients
from hearth.people import Person
from hearth.recognition.answers import Alternative, Reading, ReadItem
from hearth.recognition.called import in_locale
from hearth.recognition.catalogue import MealText, read_phrase, shared
from hearth.recognition.certainty import CODES as BOUNDED
from hearth.recognition.reasons import why
from hearth.recognition.words import tokens
from hearth.web import gettext

LONGEST_NAME: Final = 80
LEAST_GRAMS: Final = 1.0
"""Below this the weight counts as not said, and the food's usual portion is taken."""
SUREST: Final = 0.7
"""No food whose weight was only seen is surer than this: "probably", never "quite sure"."""
TOGETHER: Final = 0.5
"""How far the errors of a picture's foods go together, as in `certainty`."""

# What may stand in the name of a food: words, with digits as in "V8", and percentages as in "2% milk".
_OF_A_NAME: Final = re.compile(r"\d+(?:[.,]\d+)?\s?%|[^\W_]+(?:['’-][^\W_]+)*")
_COMMA: Final = re.compile(r"[,;](?!\d)")
_LETTERS: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_MARKUP: Final = re.compile(r"[<>{}|\\`]")


class NamedFood(msgspec.Struct, frozen=True, kw_only=True):
    """A food as a model named it: in English and as `said` in the person's language.

    `spread` is half the width of the 80 % interval of the grams, as a share; `seen` how sure the
    model is of the food (0 to 1).
    """

    name: str
    said: str
    grams: float
    spread: float = 0.0
    seen: float = 1.0

    @property
    def phrase(self) -> str:
        """The food with its grams, as a person would type it."""
        name = self.said or self.name
        return f"{self.grams:.4g} g {name}" if self.grams >= LEAST_GRAMS else name


class Found(msgspec.Struct, frozen=True):
    """An item of the tables, half of its 80 % interval by nutrient, and the words it was found by.

    `unread` are words of its name that name no food; `is_part` when it is one food of several that
    the name holds, with a guess of how much of them it is.
    """

    item: ReadItem
    halves: dict[str, float]
    words: str
    unread: tuple[str, ...] = ()
    is_part: bool = False


class _Understood(msgspec.Struct, frozen=True):
    """A name as the engine read it: what of it is food, what is not, and the share of its words
    that were understood."""

    words: str
    language: str
    reading: Reading
    foods: tuple[ReadItem, ...]
    unread: tuple[str, ...]
    share: float

    @property
    def ids(self) -> list[str]:
        """The foods in the order named."""
        return [item.food.id for item in self.foods if item.food is not None]

    @property
    def sure(self) -> float:
        """How sure all of it is: as sure as its least sure food, less what was not understood."""
        return min((item.confidence for item in self.foods), default=0.0) * self.share


def plain(text: str, most: int = LONGEST_NAME) -> str:
    """Words from outside as one line of plain text: no control or invisible characters, no markup."""
    composed = unicodedata.normalize("NFC", text)
    visible = "".join(
        " " if unicodedata.category(letter)[0] in "CZ" else letter for letter in composed
    )
    return " ".join(_MARKUP.sub(" ", visible).split())[:most].strip()


def as_name(text: str) -> str:
    """The words of a food's name alone, without numbers and marks that would count as amounts."""
    # Fractions and raised figures pass for letters, and would be read as amounts.
    said = "".join(" " if unicodedata.category(one) in ("No", "Nl") else one for one in plain(text))
    return " ".join(word for found in _OF_A_NAME.findall(said) for word in _words(found))


def _words(found: str) -> list[str]:
    """The word itself where the engine takes it for one ("7up"), else its letters ("500g")."""
    taken = tokens(found)
    is_word = len(taken) == 1 and taken[0].kind == "word" and taken[0].end == len(found)
    return [found] if is_word else _LETTERS.findall(found)


async def found(db: Db, person: Person, named: NamedFood, locale: str) -> tuple[Found, ...]:
    """The food in the tables: the person's own words first, in their language and in English.

    A name that the engine takes for several foods gives each of them with its part of the grams.
    One that no food matches stays, named and with its grams, without figures.
    """
    reads = [
        await _understood(db, person, (words, named.grams), language, locale)
        for words, language in dict.fromkeys(((named.name, "en"), (named.said, locale)))
    ]
    # Of equal ones the last counts: the person's own language.
    best = max(reversed(reads), key=lambda read: (bool(read.foods), read.sure))
    if not best.foods:
        return (Found(_unmatched(named), {}, named.phrase),)
    called = reads[-1] if reads[-1].ids == best.ids else best
    if len(best.foods) == 1:
        return (_whole(named, best, called),)
    return await _parts(db, person, named, (best, called))


def _whole(named: NamedFood, best: _Understood, called: _Understood) -> Found:
    """The one food of a name, at all of its grams."""
    item = _weighed(best.foods[0], named, best)
    words = _phrase(called.words, named.grams)
    return Found(item, _halves(item, best, named.spread), words, best.unread)


async def _parts(
    db: Db, person: Person, named: NamedFood, read: tuple[_Understood, _Understood]
) -> tuple[Found, ...]:
    """The foods of a name with their parts of its grams, as in their usual portions."""
    best, called = read
    usual = await _usual(db, person, best)
    whole = sum(usual)
    parts = []
    for item, by, portion in zip(best.foods, called.foods, usual, strict=True):
        grams = named.grams * portion / whole if named.grams >= LEAST_GRAMS else 0.0
        name = _bare(by, named.grams)
        one = replace(named, name=name, said=name, grams=grams)
        weighed = _weighed(_as_part(item, grams), one, best)
        shared_out = replace(weighed, why=f"{_split(named)} {weighed.why}")
        halves = _halves(weighed, best, named.spread)
        parts.append(Found(shared_out, halves, one.phrase, is_part=True))
    # What was not understood belongs to all of them, and is told once.
    return (replace(parts[0], unread=best.unread), *parts[1:])


async def _usual(db: Db, person: Person, best: _Understood) -> list[float]:
    """What the foods weigh beside each other: their usual portions, where the name alone, without
    grams that the engine counts to the first food, is read as the same foods."""
    read = await _read(db, person, best.words, best.language)
    alone = [item for item in read.items if item.food is not None]
    if [item.food.id for item in alone if item.food] != best.ids:
        alone = list(best.foods)
    return [item.grams or LEAST_GRAMS for item in alone]


def _bare(item: ReadItem, grams: float) -> str:
    """The words of one food of several, without the grams that were put before the first."""
    name = as_name(item.phrase.removeprefix(_phrase("", grams)))
    return name or (item.food.name if item.food else item.phrase)


def _as_part(item: ReadItem, grams: float) -> ReadItem:
    """The item, its grams told to be a part of what was named and not what was said."""
    if item.food is None or item.because is None or grams < LEAST_GRAMS:
        return item
    how = gettext("a part of what was named, as in usual portions")
    because = replace(item.because, how=how)
    return replace(item, because=because, why=why(item.food.name, grams, because, gettext))


def _split(named: NamedFood) -> str:
    return gettext("“%(name)s” is several foods.") % {"name": named.said or named.name}


def split_note() -> str:
    """How far to trust what was seen under one name and is several foods."""
    return gettext(
        "Some names hold several foods: how much of each is a guess from usual portions."
    )


async def _understood(
    db: Db, person: Person, named: tuple[str, float], language: str, locale: str
) -> _Understood:
    """The name and grams as the engine reads them in a language, answered in the person's.

    A comma may stand between foods ("tuna, egg") or within one ("bread, rye"): what the engine is
    surer of counts.
    """
    name, grams = named
    listed = ", ".join(filter(None, map(as_name, _COMMA.split(name))))
    reads = [
        await _as_read(db, person, (one, grams), language, locale)
        for one in dict.fromkeys((as_name(name), listed))
    ]
    return max(reads, key=lambda read: (bool(read.foods), read.sure))


async def _as_read(
    db: Db, person: Person, named: tuple[str, float], language: str, locale: str
) -> _Understood:
    name, grams = named
    reading = await _read(db, person, _phrase(name, grams), language) if name else Reading()
    if language != locale:
        reading = in_locale(reading, (await shared.readers(db)).everything.index, locale)
    foods = tuple(item for item in reading.items if item.food is not None)
    nameless = [_bare(item, grams) for item in reading.items if item.food is None]
    unread = tuple(dict.fromkeys((*nameless, *reading.unread)))
    lost = sum(len(phrase.split()) for phrase in unread)
    share = max(0.0, 1 - lost / max(1, len(name.split())))
    return _Understood(name, language, reading, foods, unread, share)


async def _read(db: Db, person: Person, text: str, language: str) -> Reading:
    try:
        return await read_phrase(db, person, MealText(text=text, locale=language))
    except Invalid:
        return Reading()


def _phrase(name: str, grams: float) -> str:
    return f"{grams:.4g} g {name}" if grams >= LEAST_GRAMS else name


def _unmatched(named: NamedFood) -> ReadItem:
    return ReadItem(
        phrase=named.phrase, food=None, grams=named.grams if named.grams >= LEAST_GRAMS else None,
        amount_text="", nutrients={}, energy_kcal=None, carb_g=None, protein_g=None, fat_g=None,
        confidence=0.0, why=gettext("No food of the catalogue has these words."),
    )  # fmt: skip


def _weighed(item: ReadItem, named: NamedFood, read: _Understood) -> ReadItem:
    """The item at exactly the grams that were seen, no surer than a weight that was only seen."""
    item = _scaled(item, named.grams) if named.grams >= LEAST_GRAMS else item
    sure = min(SUREST, item.confidence * max(0.0, min(1.0, named.seen))) * read.share
    reason = item.why
    if read.unread:
        unread = gettext("Not understood: %(words)s.") % {"words": ", ".join(read.unread)}
        reason = f"{reason} {unread}"
    return replace(item, phrase=named.phrase, confidence=round(sure, 2), why=reason)


def _scaled(item: ReadItem, grams: float) -> ReadItem:
    """The item at another weight: the engine may have read part of the name as an amount."""
    if not item.grams or abs(item.grams - grams) < 0.005 * grams:
        return item
    share = grams / item.grams
    nutrients = {code: amount * share for code, amount in item.nutrients.items()}
    return replace(
        item,
        grams=grams,
        amount_text="",
        nutrients=nutrients,
        energy_kcal=nutrients.get("energy_kcal"),
        carb_g=nutrients.get("carb_g"),
        protein_g=nutrients.get("protein_g"),
        fat_g=nutrients.get("fat_g"),
        alternatives=tuple(_other(one, share) for one in item.alternatives),
    )


def _other(one: Alternative, share: float) -> Alternative:
    energy = None if one.energy_kcal is None else one.energy_kcal * share
    return replace(one, grams=one.grams * share, amount_text="", energy_kcal=energy)


def _halves(item: ReadItem, read: _Understood, spread: float) -> dict[str, float]:
    """Half the 80 % interval of an item: by the food that was meant, by its weight, and by what of
    its name was not understood and may be as much of it."""
    halves = {}
    for code, (_, high) in read.reading.interval.items():
        amount, total = item.nutrients.get(code), read.reading.totals.get(code)
        if amount and total:
            halves[code] = amount * math.hypot((high - total) / total, spread, 1 - read.share)
    return halves


def _interval(parts: Sequence[Found], totals: Nutrients) -> dict[str, tuple[float, float]]:
    """Low and high of the whole. The items' doubts add up half in quadrature, as what is
    independent, and half in full: they were seen by one eye, measured by one thing."""
    bounds: dict[str, tuple[float, float]] = {}
    for code in BOUNDED:
        halves = [part.halves[code] for part in parts if code in part.halves]
        if halves and code in totals:
            apart = sum(half**2 for half in halves)
            width = math.sqrt((1 - TOGETHER) * apart + TOGETHER * sum(halves) ** 2)
            bounds[code] = (max(0.0, totals[code] - width), totals[code] + width)
    return bounds


def summed(parts: Sequence[Found]) -> Reading:
    """The items together: totals with the share of all items that state each nutrient."""
    items = tuple(part.item for part in parts)
    totals: Nutrients = {}
    coverage: dict[str, float] = {}
    for code in CODES:
        amounts = [item.nutrients[code] for item in items if code in item.nutrients]
        if amounts:
            totals[code] = sum(amounts)
            coverage[code] = len(amounts) / len(items)
    return Reading(
        items=items,
        totals=totals,
        coverage=coverage,
        interval=_interval(parts, totals),
        unread=tuple(phrase for part in parts for phrase in part.unread),
    )
