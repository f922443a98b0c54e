"""What the diary does not accept, said so that its reader can put it right."""

from typing import Final

from hearth.core.errors import Stale
from hearth.core.errors import refused as refused

MAX_GRAMS: Final = 20_000.0
"""The most that one item may weigh: 20 kg. More is a slip of the keyboard."""
LEAST: Final = 0.0001
"""The smallest amount and weight that an item may have; less is lost in a stored `real`."""
# For the description of the API; `text` below refuses what is not so in words of its own.
PLAIN: Final = {"pattern": r"^[^\x00-\x08\x0b-\x1f]*$"}
"""JSON Schema's words for a text without control characters other than line ends and tabs."""


def number(value: float, field: str, *, least: float, most: float) -> float:
    """`value` when least <= value <= most; NaN and infinities never are."""
    if not least <= value <= most:
        raise refused(field, f"must be a number from {least:g} to {most:g}.")
    return value


def text(value: str, field: str, most: int) -> str:
    """`value` without spaces around it. Control characters and lone surrogates are refused."""
    plain = value.strip()
    if len(plain) > most:
        raise refused(field, f"has {len(plain)} characters; at most {most} are kept.")
    if any(ord(letter) < 32 and letter not in "\n\t" for letter in plain):
        raise refused(field, "has a control character in it; send plain text.")
    if any(0xD800 <= ord(letter) <= 0xDFFF for letter in plain):
        raise refused(field, "is not valid Unicode.")
    return plain


def current(version: int, if_match: int | None) -> None:
    """Raise `Stale` when If-Match names another version than the stored one."""
    if if_match is not None and if_match != version:
        raise Stale(
            f"This was changed elsewhere: you have version {if_match}, stored is {version}. "
            "Load it again and repeat your change."
        )
