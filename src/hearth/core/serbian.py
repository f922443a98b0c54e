"""Serbian from Cyrillic to Latin letters (gajica): one table, one direction.

Cyrillic is what is written and Latin what is derived, because that direction is unambiguous: Latin
"nj" may be њ or нј ("konj" against "injekcija").
"""

import re
from typing import Final

LETTERS: Final[dict[str, str]] = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "ђ": "đ", "е": "e", "ж": "ž", "з": "z",
    "и": "i", "ј": "j", "к": "k", "л": "l", "љ": "lj", "м": "m", "н": "n", "њ": "nj", "о": "o",
    "п": "p", "р": "r", "с": "s", "т": "t", "ћ": "ć", "у": "u", "ф": "f", "х": "h", "ц": "c",
    "ч": "č", "џ": "dž", "ш": "š",
}  # fmt: skip
"""Each small Cyrillic letter and what it is in Latin."""

_CYRILLIC: Final = str.maketrans(
    LETTERS | {small.upper(): latin.capitalize() for small, latin in LETTERS.items()}
)
_CAPITAL_DIGRAPH: Final = re.compile("[ЉЊЏ]")


def to_latin(text: str) -> str:
    """Serbian Cyrillic in Latin letters; what is not Cyrillic (placeholders too) stays as it is.

    "Његош" becomes "Njegoš" and "ЊЕГОШ" becomes "NJEGOŠ".
    """
    return _CAPITAL_DIGRAPH.sub(_spelt_capital, text).translate(_CYRILLIC)


def _spelt_capital(found: re.Match[str]) -> str:
    """A capital digraph letter: both capital inside a word in capitals, else only the first."""
    text, place = found.string, found.start()
    after = text[place + 1 : place + 2]
    # At the end of a word (КОЊ) only the letter before can tell.
    beside = after if after.isalpha() else text[max(place - 1, 0) : place]
    latin = LETTERS[found.group().lower()]
    return latin.upper() if beside.isupper() else latin.capitalize()
