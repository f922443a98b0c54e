"""Serbian in two scripts, and the one normal form of words that search and recognition compare.

Names are written in Cyrillic; Latin is derived by `to_latin`, because that direction is unambiguous
(Latin "nj" may be њ or нј, "injekcija" against "konj"). `fold` is for comparing, never for showing.
"""

import re
import unicodedata
from typing import Final

_LETTERS: Final[dict[str, str]] = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "ђ": "đ", "е": "e", "ж": "ž", "з": "z",
    "и": "i", "ј": "j", "к": "k", "л": "l", "љ": "lj", "м": "m", "н": "n", "њ": "nj", "о": "o",
    "п": "p", "р": "r", "с": "s", "т": "t", "ћ": "ć", "у": "u", "ф": "f", "х": "h", "ц": "c",
    "ч": "č", "џ": "dž", "ш": "š",
}  # fmt: skip

_CYRILLIC: Final = str.maketrans(
    _LETTERS | {small.upper(): latin.capitalize() for small, latin in _LETTERS.items()}
)
_CAPITAL_DIGRAPH: Final = re.compile("[ЉЊЏ]")

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
    table |= {ord(letter): fold_latin(latin) for letter, latin in _LETTERS.items()}
    return table


def fold_latin(latin: str) -> str:
    """`latin` (small letters) without marks: "čđž" is "cdjz"."""
    return "".join(_WHOLE.get(letter) or _without_marks(letter) for letter in latin)


_FOLDING: Final = _folding()


def _spelt_capital(found: re.Match[str]) -> str:
    """A capital digraph letter: both capital inside a word in capitals, else only the first."""
    text, place = found.string, found.start()
    after = text[place + 1 : place + 2]
    # At the end of a word (КОЊ) only the letter before can tell.
    beside = after if after.isalpha() else text[max(place - 1, 0) : place]
    latin = _LETTERS[found.group().lower()]
    return latin.upper() if beside.isupper() else latin.capitalize()


def to_latin(text: str) -> str:
    """Serbian Cyrillic in Latin letters (gajica); what is not Cyrillic stays as it is.

    "Његош" becomes "Njegoš" and "ЊЕГОШ" becomes "NJEGOŠ".
    """
    return _CAPITAL_DIGRAPH.sub(_spelt_capital, text).translate(_CYRILLIC)


def fold(text: str) -> str:
    """The normal form in which words are compared: small letters, no marks, Latin only.

    Both scripts and both spellings meet: "Ђувеч", "Đuveč" and "djuvec" are all "djuvec".
    """
    if text.isascii():
        return text.lower()
    return text.lower().translate(_FOLDING)
