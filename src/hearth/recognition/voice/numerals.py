"""English numbers between words and digits: recognisers write words, people correct digits faster.

"one hundred and fifty grams" is "150 grams", "one point five litres" is "1.5 litres". One to twelve
stay words, as they are written in running text.
"""

from collections.abc import Sequence
from typing import Final

from hearth.recognition.numerals import decimals_at, whole_at

_ONES: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
LAST_WORD: Final = 12
"""The largest whole number that stays a word."""


def in_words(number: int) -> str:
    """The words for a number from 0 to 9,999: "one hundred and fifty"."""
    if number < 20:
        return _ONES[number]
    if number < 100:
        rest = number % 10
        return _TENS[number // 10 - 2] + (f" {_ONES[rest]}" if rest else "")
    size, name = (1000, "thousand") if number >= 1000 else (100, "hundred")
    more, rest = divmod(number, size)
    joint = " and " if rest < 100 else " "
    return f"{in_words(more)} {name}" + (f"{joint}{in_words(rest)}" if rest else "")


def in_digits(text: str) -> str:
    """The text with every number above twelve, and every decimal, in digits."""
    words, place, written = text.split(), 0, list[str]()
    while place < len(words):
        found = _number(words, place)
        if found is None:
            written.append(words[place])
            place += 1
        else:
            number, after = found
            stays = number == int(number) <= LAST_WORD and after == place + 1
            written.append(words[place] if stays else f"{number:.10g}")
            place = after
    return " ".join(written)


def _number(words: Sequence[str], place: int) -> tuple[float, int] | None:
    """The number in words that begins at `place`, and the place after it."""
    begins = place + (words[place] == "a" and words[place + 1 : place + 2] in _LARGE)
    whole = whole_at(words, begins, "en")
    value, after = whole or (0, place)
    decimals, end = decimals_at(words, after, "en")
    return (value + decimals, end) if whole is not None or end > after else None


_LARGE: Final = (["hundred"], ["thousand"])
