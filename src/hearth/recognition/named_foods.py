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
from hearth.web import gettext

LONGEST_NAME: Final = 80
LEAST_GRAMS: Final = 1.0
"""Below this the weight counts as not said, and the food's usual portion is taken."""
SUREST: Final = 0.7
"""No food whose weight was only seen is surer than this: "probably", never "quite sure"."""
TOGETHER: Final = 0.5
"""How far the errors of a picture's foods go together, as in `certainty`."""

# What may stand in the name of a food: words, and percentages as in "2% milk".
_OF_A_NAME: Final = re.compile(r"\d+(?:[.,]\d+)?\s?%|[^\W\d_]+(?:['’-][^\W\d_]+)*")
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
    """An item of the tables, half of its 80 % interval by nutrient, and the words it was found by."""

    item: ReadItem
    halves: dict[str, float]
    words: str


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
    return " ".join(_OF_A_NAME.findall(said))


async def found(db: Db, person: Person, named: NamedFood, locale: str) -> Found:
    """The food in the tables: the person's own words first, in their language and in English.

    One that no food matches stays, named and with its grams, without figures.
    """
    best: tuple[float, ReadItem, str, Reading] | None = None
    for words, language in dict.fromkeys(((named.name, "en"), (named.said, locale))):
        reading = await _read(db, person, (words, named.grams), language, locale)
        item = next((one for one in reading.items if one.food is not None), None)
        if item is not None and (best is None or item.confidence > best[0]):
            best = item.confidence, item, words, reading
    if best is None:
        return Found(_unmatched(named), {}, named.phrase)
    _, item, words, reading = best
    weighed = _weighed(item, named)
    halves = _halves(weighed, reading, named.spread)
    return Found(weighed, halves, _phrase(as_name(words), named.grams))


async def _read(
    db: Db, person: Person, named: tuple[str, float], language: str, locale: str
) -> Reading:
    """The name and grams as the engine reads them in a language, answered in the person's."""
    name = as_name(named[0])
    if not name:
        return Reading()
    try:
        text = _phrase(name, named[1])
        reading = await read_phrase(db, person, MealText(text=text, locale=language))
    except Invalid:
        return Reading()
    if language == locale:
        return reading
    return in_locale(reading, (await shared.readers(db)).everything.index, locale)


def _phrase(name: str, grams: float) -> str:
    return f"{grams:.4g} g {name}" if grams >= LEAST_GRAMS else name


def _unmatched(named: NamedFood) -> ReadItem:
    return ReadItem(
        phrase=named.phrase, food=None, grams=named.grams if named.grams >= LEAST_GRAMS else None,
        amount_text="", nutrients={}, energy_kcal=None, carb_g=None, protein_g=None, fat_g=None,
        confidence=0.0, why=gettext("No food of the catalogue has these words."),
    )  # fmt: skip


def _weighed(item: ReadItem, named: NamedFood) -> ReadItem:
    """The item at exactly the grams that were seen, no surer than a weight that was only seen."""
    item = _scaled(item, named.grams) if named.grams >= LEAST_GRAMS else item
    sure = min(SUREST, item.confidence * max(0.0, min(1.0, named.seen)))
    return replace(item, phrase=named.phrase, confidence=round(sure, 2))


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


def _halves(item: ReadItem, reading: Reading, spread: float) -> dict[str, float]:
    """Half the 80 % interval of an item: by the food that was meant, and by its weight."""
    halves = {}
    for code, (_, high) in reading.interval.items():
        amount, total = item.nutrients.get(code), reading.totals.get(code)
        if amount and total:
            halves[code] = amount * math.hypot((high - total) / total, spread)
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
    """The items together: totals with the share of the foods that state each nutrient."""
    eaten = [part.item for part in parts if part.item.food is not None]
    totals: Nutrients = {}
    coverage: dict[str, float] = {}
    for code in CODES:
        amounts = [item.nutrients[code] for item in eaten if code in item.nutrients]
        if amounts:
            totals[code] = sum(amounts)
            coverage[code] = len(amounts) / len(eaten)
    return Reading(
        items=tuple(part.item for part in parts),
        totals=totals,
        coverage=coverage,
        interval=_interval(parts, totals),
    )
