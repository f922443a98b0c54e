"""Marks and words that separate nothing: an "and" inside one name, a heading before a list."""

from collections.abc import Sequence
from typing import Final

from hearth.recognition.words import Token, listed, stem


def halves(found: Sequence[Token], place: int) -> bool:
    """Whether the "and" at `place` stands inside one name: "half and half", "cheese & onion crisps".

    Such a pair names a food only before the food that has the flavour.
    """
    if not place:
        return False
    ahead = [token.norm if token.kind == "word" else "" for token in found[place + 1 : place + 3]]
    before, (after, following) = found[place - 1].norm, (*ahead, "", "")[:2]
    if (before, after) in _NAMES_WITH_AND:
        return True
    return (before, after) in _FLAVOURS and stem(following) in _FLAVOURED


# Names that hold "and" and are no two foods.
_NAMES_WITH_AND: Final = frozenset(
    (
        ("half", "half"),
        ("pb", "j"),
        ("pb", "jelly"),
        ("g", "t"),
        ("ben", "jerrys"),
        ("ben", "jerry"),
    )
)
_FLAVOURS: Final = frozenset(
    (("salt", "vinegar"), ("cheese", "onion"), ("cream", "onion"), ("salt", "pepper"),
     ("sweet", "salty"), ("sweet", "sour"), ("honey", "mustard"), ("cream", "chive"))
)  # fmt: skip
_FLAVOURED: Final = listed(
    "crisp chip cracker popcorn pasty pretzel pringle pie sandwich puff peanut nut twist"
)


def after_heading(found: Sequence[Token]) -> int:
    """Where the foods begin: after "tacos:" or "meal deal:" when a list of them follows."""
    norms = [token.norm for token in found]
    at = norms.index(":") if ":" in norms[1:_HEADING] else 0
    heads = at > 0 and all(token.kind == "word" for token in found[:at])
    return at + 1 if heads and "," in norms[at:] else 0


_HEADING: Final = 4
"""Words up to the colon of a heading, the colon among them."""
