"""The quantity of a phrase: where it stands, and whether one or several are meant."""

from collections.abc import Sequence
from typing import Final

import msgspec

from hearth.recognition.matching import is_telling
from hearth.recognition.phrases import Piece
from hearth.recognition.quantities import SIZES, UNITS_SAID, Quantity, size_at
from hearth.recognition.words import Token, listed, stem

MADE_OF: Final = listed(
    "filled topped coated made stuffed loaded mix mixture combination blend variety prepared "
    "covered mixed layered medley assortment combining featuring packed complete including "
    "drizzled garnished smothered sprinkled dressed spiked infused loaded "
)
"""After these follows what a food is made of or holds."""


def of_several(quantity: Quantity) -> Quantity:
    """The quantity of a food in the plural: "a side of chips", "meatballs" are helpings."""
    vague = quantity.article and not (quantity.unit or quantity.size) and quantity.count == 1
    if quantity.stated and not vague:
        return quantity
    return msgspec.structs.replace(quantity, several=True, stated=False)


def is_plural(kept: Sequence[Token], locale: str) -> bool:
    """Whether the food is named in the plural, as far as endings tell: "tacos", "kåldolmar"."""
    words = [token for token in front(kept) if is_telling(token.norm)]
    if not words or len(words[-1].norm) < 4:
        return False
    if words[-1].norm in _COLLECTIVE:
        return True
    if locale == "en":
        last = words[-1]
        return last.norm.endswith("s") and stem(last.norm) != last.norm and not last.capital
    return any(word.norm.endswith(_PLURALS[locale]) for word in words)


def front(kept: Sequence[Token]) -> Sequence[Token]:
    """The words that name the food, without what it is made of, with or in."""
    for place, token in enumerate(kept):
        if place and (token.norm in MADE_OF or token.norm in ("with", "in", "from", "on")):
            return kept[:place]
    return kept


# Words that are one form for one and for many, of what is rarely eaten singly.
_COLLECTIVE: Final = listed("potatis krompir krompira krompirom krompiru krumpir tacos nachos")
_PLURALS: Final = {"sv": ("ar", "or", "er"), "sr": ("e", "i")}


def refined(piece: Piece, locale: str = "en") -> tuple[Quantity, list[Token]]:
    """The quantity of a piece with the unit and size that stand further on, and its other tokens.

    "a steaming cup of coffee", "a chilled large bottle of water".
    """
    quantity = piece.quantity or Quantity()
    kept = list(piece.tokens)
    if not quantity.unit:
        place = _unit_place(kept, locale)
        if place is not None:
            unit = UNITS_SAID[locale][kept[place].norm].name
            after = place + 1
            del kept[place : after + (after < len(kept) and kept[after].norm in ("of", "av"))]
            quantity = msgspec.structs.replace(quantity, unit=unit, stated=True)
    sized = len(kept) > 2 and kept[-2].norm in SIZES
    if not quantity.unit and not quantity.stated and len(kept) > 1 and (locale != "en" or sized):
        last = UNITS_SAID[locale].get(kept[-1].norm)
        if last is not None and last.name in _TRAILING:
            # "pica kapričoza parče", "kaffe kopp"; English would make a name of it ("poke bowl").
            quantity = msgspec.structs.replace(quantity, unit=last.name, stated=True)
            kept.pop()
    if not quantity.size:
        size = _size(kept)
        quantity = msgspec.structs.replace(quantity, size=size)
    return quantity, kept


_TRAILING: Final = frozenset(
    (
        "slice",
        "piece",
        "glass",
        "cup",
        "serving",
        "can",
        "bottle",
        "handful",
        "scoop",
        "tbsp",
        "tsp",
        "bag",
        "package",
        "packet",
        "bowl",
    )
)


def _size(kept: Sequence[Token]) -> str:
    """The size word before the food ("a delicious large apple"), "" when there is none."""
    for place, token in enumerate(kept[:9]):
        size, _ = size_at(kept, place)
        if size:
            return size
        if is_telling(token.norm):
            break
    return ""


def _unit_place(kept: Sequence[Token], locale: str) -> int | None:
    """Where the unit stands when words come before it: a unit word with "of" after it."""
    for place, token in enumerate(kept[:6]):
        after = kept[place + 1].norm if place + 1 < len(kept) else ""
        if token.norm in UNITS_SAID[locale] and after in ("of", "av"):
            return place
    return None
