"""The one normal form of words that search and recognition compare, in both Serbian scripts.

Names are written in Cyrillic and shown in Latin by `to_latin`; `fold` is for comparing, never for
showing.
"""

import unicodedata
from typing import Final

from hearth.core.serbian import LETTERS, to_latin

__all__ = ["fold", "fold_latin", "to_latin"]

# Letters that Unicode does not take apart into a base letter and a mark.
_WHOLE: Final[dict[str, str]] = {
    "đ": "dj", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l",
    "ı": "i", "ħ": "h", "ŧ": "t", "ŋ": "n", "ĸ": "k",
    "‘": "'", "’": "'", "ʼ": "'", "´": "'",
    "‐": "-", "‑": "-", "–": "-", "—": "-",
    "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u00ad": "",
}  # fmt: skip


def _without_marks(letter: str) -> str:
    """`letter` in its base letters, with the letters of `_WHOLE` spelt out."""
    parts = unicodedata.normalize("NFKD", letter)
    bare = "".join(part for part in parts if not unicodedata.combining(part))
    return "".join(_WHOLE.get(part, part) for part in bare)


def _folding() -> dict[int, str]:
    """What each small letter with a mark, each mark alone and each Cyrillic letter becomes."""
    latin = (chr(code) for span in ((0xC0, 0x250), (0x1E00, 0x1F00)) for code in range(*span))
    table = {ord(letter): _without_marks(letter) for letter in latin if letter.isalpha()}
    table |= dict.fromkeys(range(768, 880), "")
    table |= {ord(letter): plain for letter, plain in _WHOLE.items()}
    table |= {ord(letter): fold_latin(latin) for letter, latin in LETTERS.items()}
    return table


def fold_latin(latin: str) -> str:
    """`latin` (small letters) without marks: "čđž" is "cdjz"."""
    return "".join(_WHOLE.get(letter) or _without_marks(letter) for letter in latin)


_FOLDING: Final = _folding()


def fold(text: str) -> str:
    """The normal form in which words are compared: small letters, no marks, Latin only.

    Both scripts and both spellings meet: "Ђувеч", "Đuveč" and "djuvec" are all "djuvec".
    """
    if text.isascii():
        return text.lower()
    return text.lower().translate(_FOLDING)
