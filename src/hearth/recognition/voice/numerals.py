"""English numbers between words and digits: recognisers write words, people correct digits faster.

"one hundred and fifty grams" is "150 grams", "one point five litres" is "1.5 litres". One to twelve
stay words, as they are written in running text.
"""

from collections.abc import Sequence
from typing import Final

_ONES: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_VALUES: Final = {word: value for value, word in enumerate(_ONES)} | {
    word: 10 * value for value, word in enumerate(_TENS, 2)
}
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
    thousands, after = 0, place
    found = _below_thousand(words, place)
    value = 0
    if found is not None:
        value, after = found
        if _at(words, after) == "thousand" and value:
            thousands, value, after = value * 1000, 0, after + 1
            rest = _below_thousand(words, after + (_at(words, after) == "and"))
            if rest is not None:
                value, after = rest
    fraction, end = _fraction(words, after)
    if end > after and (found is not None or end > place + 1):
        return thousands + value + fraction, end
    return (float(thousands + value), after) if found is not None else None


def _below_thousand(words: Sequence[str], place: int) -> tuple[int, int] | None:
    """A number below a thousand: "a hundred", "three hundred and thirty", "forty five"."""
    first, after = _below_hundred(words, place)
    if after == place and _at(words, place) == "a" and _at(words, place + 1) in _LARGE:
        first, after = 1, place + 1
    if after == place:
        return None
    if _at(words, after) != "hundred" or not 1 <= first <= 9:
        return first, after
    hundreds, after = 100 * first, after + 1
    joint = after + (_at(words, after) == "and")
    rest, end = _below_hundred(words, joint)
    return (hundreds + rest, end) if end > joint else (hundreds, after)


_LARGE: Final = ("hundred", "thousand")


def _below_hundred(words: Sequence[str], place: int) -> tuple[int, int]:
    """A number below a hundred and the place after it; the same place when there is none."""
    value = _VALUES.get(_at(words, place))
    if value is None:
        return 0, place
    more = _VALUES.get(_at(words, place + 1), 0)
    if value >= 20 and 1 <= more <= 9:
        return value + more, place + 2
    return value, place + 1


def _fraction(words: Sequence[str], place: int) -> tuple[float, int]:
    """The decimals after "point": "point two five" is 0.25."""
    if _at(words, place) != "point":
        return 0.0, place
    digits, after = "", place + 1
    while _VALUES.get(_at(words, after), 10) < 10:
        digits += str(_VALUES[words[after]])
        after += 1
    return (float(f"0.{digits}"), after) if digits else (0.0, place)


def _at(words: Sequence[str], place: int) -> str:
    return words[place] if place < len(words) else ""
