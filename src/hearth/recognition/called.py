"""A reading in a language: its foods by their names there, its amounts in its words.

Survey tables mark what was not said ("Milk, NFS", "NS as to fat", "Quantity not specified"). Such
marks are for those who code surveys: people read the names and amounts without them.
"""

import re
from typing import Final

from msgspec.structs import replace

from hearth import foods
from hearth.recognition.answers import Alternative, FoodName, Reading, ReadItem
from hearth.recognition.index import Index
from hearth.recognition.reasons import why
from hearth.web import gettext

_MARKS: Final = re.compile(
    r"\s*\(NFS\)|,?\s*\bNFS\b|,?\s*\bNS (?:as to|to|size)\b[^,;:()]*?(?=\s*[,;:()]|\. |$)"
)
_UNSTATED: Final = re.compile(r"(?:Quantity not specified|Guideline amount|a usual addition).*")


def plain_name(text: str) -> str:
    """A name or sentence without a survey's marks for what was not said."""
    return _MARKS.sub("", text).strip() if "N" in text else text


def plain_amount(text: str) -> str:
    """An amount without a survey's words: "usual amount" where the survey states a guideline."""
    return plain_name(_UNSTATED.sub("usual amount", text))


def in_locale(reading: Reading, index: Index, locale: str) -> Reading:
    """The reading with its foods named and its amounts worded in a language."""

    def called(food: FoodName) -> FoodName:
        place = index.by_id.get(food.id)
        name = food.name if place is None else foods.named(index.foods[place], locale)
        return FoodName(food.id, plain_name(name) or name)

    def amount(text: str) -> str:
        return foods.amount_said(plain_amount(text), locale)

    def other(one: Alternative) -> Alternative:
        return replace(one, food=called(one.food), amount_text=amount(one.amount_text))

    def local(item: ReadItem) -> ReadItem:
        food = called(item.food) if item.food else None
        return replace(
            item,
            food=food,
            amount_text=amount(item.amount_text),
            why=_why(item, food),
            alternatives=tuple(other(one) for one in item.alternatives),
        )

    return replace(reading, items=tuple(local(item) for item in reading.items))


def _why(item: ReadItem, food: FoodName | None) -> str:
    if food is None:
        return gettext("No food of the catalogue has these words.")
    if item.because is None or item.grams is None:
        return item.why
    return why(food.name, item.grams, item.because, gettext)
