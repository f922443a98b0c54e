"""What a phrase means beside its neighbours.

A sandwich whose filling is told is its bread: "macka med leverpastej och gurka" is a slice of bread
with liver pâté and cucumber, because a Swedish sandwich is open; elsewhere it has two slices. Chips
beside a hot meal are fried potatoes; beside a sandwich they may be crisps.
"""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from hearth.recognition.matching import Match, is_telling
from hearth.recognition.phrasing import Part
from hearth.recognition.quantities import Quantity
from hearth.recognition.words import listed, stem

_SANDWICHES: Final = listed(
    "sandwich sandwiches macka mackan mackor mackorna smorgas smorgasen smorgasar "
    "sendvic sendvica sendvici sendvice"
)
_BREAD: Final = ("white", "bread")


def in_context(
    parts: Sequence[Part], match: Callable[[Sequence[str]], Match], locale: str
) -> list[Part]:
    """The parts as their neighbours make them; `match` looks English words up."""
    return [_in_context(parts, place, match, locale) for place in range(len(parts))]


def _in_context(
    parts: Sequence[Part], place: int, match: Callable[[Sequence[str]], Match], locale: str
) -> Part:
    part = parts[place]
    if _is_bare(part) and _is_filled(parts, place):
        return _bread(part, match, locale)
    if locale == "en" and place and _are_fries(parts[place - 1], part):
        return msgspec.structs.replace(part, match=match(_FRIES))
    if locale == "en" and _are_dipped(part, parts[place + 1 : place + 2]):
        return msgspec.structs.replace(part, match=match(_TORTILLA))
    return part


def _are_dipped(part: Part, following: Sequence[Part]) -> bool:
    """Whether chips are dipped into what follows: then they are of maize."""
    words = [token.norm for token in part.tokens if is_telling(token.norm)]
    beside = {stem(token.norm) for after in following for token in after.tokens}
    return words == ["chips"] and bool(beside & _DIPS)


_DIPS: Final = listed("guac guacamole salsa queso")
_TORTILLA: Final = ("tortilla", "chips")
_FRIES: Final = ("french", "fries")
# What is served with fried potatoes.
_HOT: Final = listed(
    "fish cod haddock scampi prawn steak sausage burger hamburger cheeseburger egg chicken pie "
    "gammon kebab curry schnitzel nugget finger mussel ham bean steak goujon pasty"
)
_COLD: Final = listed("sandwich sub wrap salad dip salsa guacamole hummus toastie dog soup")


def _are_fries(before: Part, part: Part) -> bool:
    words = [token.norm for token in part.tokens if is_telling(token.norm)]
    if words != ["chips"] or part.joint == ".":
        return False
    beside = {stem(token.norm) for token in before.tokens}
    return bool(beside & _HOT) and not beside & _COLD


def _is_bare(part: Part) -> bool:
    words = [token.norm for token in part.tokens if is_telling(token.norm)]
    quantity = part.quantity
    plain = not quantity.grams and quantity.unit in ("", "piece")
    return plain and len(words) == 1 and words[0] in _SANDWICHES


def _is_filled(parts: Sequence[Part], place: int) -> bool:
    return place + 1 < len(parts) and parts[place + 1].joint == "with"


def _bread(part: Part, match: Callable[[Sequence[str]], Match], locale: str) -> Part:
    """The slices of the sandwiches counted, where the catalogue knows bread."""
    found = match(_BREAD)
    if not found.candidates:
        return part
    slices = part.quantity.count * (1 if locale == "sv" else 2)
    return msgspec.structs.replace(
        part, match=found, quantity=Quantity(slices, "slice", stated=True)
    )
