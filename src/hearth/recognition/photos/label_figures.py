"""The figures and words of a label's text: "3,4g", "<0.5 g", "1 046 kJ", "Og" for "0g"."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from typing import Final

import msgspec

from hearth.core.serbian import to_latin
from hearth.recognition.photos.readings import Row


class Figure(msgspec.Struct, frozen=True):
    """A number with its unit as printed; `step` is what its last digit counts.

    `odd` says that the digits look misread ("05"), `thousands` that a point or comma was taken for
    the mark of thousands ("1,100mg"). `row` and `x` are where it stands.
    """

    amount: float
    unit: str = ""
    step: float = 1.0
    less: bool = False
    odd: bool = False
    thousands: bool = False
    row: int = 0
    x: float = 0.0
    score: float = 1.0


class Words(msgspec.Struct, frozen=True):
    """Letters between figures; `text` is folded and without spaces."""

    text: str
    row: int
    x: float
    score: float = 1.0


Piece = Figure | Words

# Slips of readers of print: the letter O for nought before a unit or among digits, l and I for 1.
_SLIPS: Final = (
    (re.compile(r"(?<![^\W\d_])[OoОоQ](?=\s?(?:[mµμu]?g\b|mcg\b|%|[.,]\d))"), "0"),
    (re.compile(r"(?<=\d)[OoОо](?=[\d.,\s%]|[mµμ]?g\b|k|$)"), "0"),
    (re.compile(r"(?<![^\W_])[lI|](?=[.,]?\d)"), "1"),
    (re.compile(r"(?<=\d)\s?[kК][cсç][aа][l1I|л]", re.IGNORECASE), " kcal"),
    (re.compile(r"(?<=\d)\s?[kкК][JjЈјI\]](?![^\W\d_])"), " kJ"),
    (re.compile(r"[‹≤⩽«]\s*(?=\d)"), "<"),
    (
        re.compile(
            r"\b(?:less than|mindre än|manje od|мање од|under|ispod)\s+(?=\d)", re.IGNORECASE
        ),
        "<",
    ),
)
_FIGURE: Final = re.compile(
    r"(?P<less><\s*)?(?<![\d.,])"
    r"(?P<number>\d{1,3}(?:[ .,]\d{3})(?=\s?k?[jc])|\d{1,5}(?:[.,]\d{1,3})?)(?![\d])"
    r"\s?(?P<unit>kj|kcal|cal\b|kал|mcg|µg|μg|ug|mg|мг|ml|мл|"
    r"g(?=per|po|pr|[^a-zåäöčćšžđ]|$)|г(?![а-я])|%)?",
    re.IGNORECASE,
)
_UNITS: Final = {
    "mcg": "ug", "µg": "ug", "μg": "ug", "г": "g", "мг": "mg", "мл": "ml", "cal": "kcal",
    "kал": "kcal",
}  # fmt: skip
_LETTERS: Final = re.compile(r"[^\W_]+")
MAX_ROWS: Final = 200
MAX_TEXT: Final = 400


def folded(text: str) -> str:
    """Letters and digits alone, in Latin, lower case, without marks above them: "so" for "Со:"."""
    plain = unicodedata.normalize("NFKD", to_latin(text).lower().replace("đ", "dj"))
    return "".join(letter for letter in plain if letter.isalnum() and letter.isascii())


def pieces(rows: Sequence[Row]) -> Iterator[Piece]:
    """The words and figures of the rows in reading order; what is beyond any label is left out."""
    for number, row in enumerate(rows[:MAX_ROWS]):
        for cell in row:
            text = _mended(cell.text[:MAX_TEXT])
            across = (cell.right - cell.left) / max(len(text), 1)
            done = 0
            for found in _FIGURE.finditer(text):
                yield from _words(
                    text[done : found.start()], number, cell.left + done * across, cell.score
                )
                middle = cell.left + (found.start() + found.end()) / 2 * across
                yield _figure(found, number, middle, cell.score)
                done = found.end()
            yield from _words(text[done:], number, cell.left + done * across, cell.score)


def _mended(text: str) -> str:
    for pattern, right in _SLIPS:
        text = pattern.sub(right, text)
    return text


def _words(text: str, row: int, x: float, score: float) -> Iterator[Words]:
    found = _LETTERS.findall(text)
    # A unit that a line's end parted from its number is no part of the name after it.
    while found and folded(found[0]) in ("kj", "kcal"):
        yield Words(folded(found.pop(0)), row, x, score)
    if len(found) > 1 and folded(found[0]) in ("g", "mg", "ml"):
        found = found[1:]
    if letters := folded(" ".join(found)):
        yield Words(letters, row, x, score)


def _figure(found: re.Match[str], row: int, x: float, score: float) -> Figure:
    text = found["number"].replace(",", ".")
    unit = (found["unit"] or "").lower()
    unit = _UNITS.get(unit, unit)
    whole, _, decimals = text.partition(".")
    thousands = len(decimals) == 3 and unit in ("kj", "kcal", "mg") and whole != "0"
    if " " in text or thousands:
        text, decimals = text.replace(" ", "").replace(".", ""), ""
    odd = len(whole) > 1 and whole[0] == "0"
    return Figure(
        amount=float(text),
        unit=unit,
        step=10.0 ** -len(decimals),
        less=bool(found["less"]),
        odd=odd,
        thousands=thousands,
        row=row,
        x=x,
        score=score,
    )


@cache
def phrases() -> tuple[tuple[str, str], ...]:
    """Every folded phrase with what it means, the longest first."""
    found: dict[str, str] = {}
    text = resources.files(__package__).joinpath("label_words.tsv").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            meaning, listed = line.split("\t")
            for phrase in listed.split(";"):
                found.setdefault(folded(phrase), meaning)
    return tuple(sorted(found.items(), key=lambda pair: (-len(pair[0]), pair[0])))


@cache
def meaning(text: str) -> str | None:
    """What folded words mean: the phrase that ends last in them, of those the longest.

    A phrase at the very end may have one slip in six letters; a longer one with a slip goes before
    a shorter one that only is its tail ("saturated fat" read as "saturaled fat" is not fat).
    """
    text = text[-80:]
    best: tuple[int, float, str] | None = None
    for phrase, what in phrases():
        found = _fit(phrase, text)
        if found is not None and (best is None or found > best[:2]):
            best = (*found, what)
    return best[2] if best else None


def _fit(phrase: str, text: str) -> tuple[int, float] | None:
    """Where the phrase ends in the text and how much it covers, or None.

    Short phrases must be the whole text. A slip costs, so that "kalium" is not "kalcium".
    """
    if len(phrase) <= 3:
        return (len(text), len(phrase)) if text == phrase else None
    place = text.rfind(phrase)
    if place >= 0:
        return place + len(phrase), len(phrase)
    slips = len(phrase) // 6
    tails = {text[-(len(phrase) + more) :] for more in range(-slips, slips + 1)} if slips else ()
    if any(is_near(phrase, tail, slips) for tail in tails):
        return len(text), len(phrase) - 2.5
    return None


def is_near(one: str, other: str, most: int) -> bool:
    """Whether at most `most` letters were changed, lost or added between the two."""
    if abs(len(one) - len(other)) > most:
        return False
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        before, row[0] = row[0], number
        for place, against in enumerate(other, 1):
            before, row[place] = (
                row[place],
                min(row[place] + 1, row[place - 1] + 1, before + (letter != against)),
            )
        if min(row) > most:
            return False
    return row[-1] <= most
