"""Identity stays at home: what is taken out of text before it goes to any model.

E-mail addresses, telephone numbers, personal numbers of Sweden and Serbia, and the names that the
caller says are the person's own. Barcodes, dates and amounts of food stay. Inflected forms of a
name (Serbian cases) are not recognised, and nothing is taken out of pictures or sound.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Final

_EMAIL: Final = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_SWEDISH: Final = re.compile(
    r"(?<![\d.,])(?:\d{2})?\d{6}[-+]\d{4}(?!\d)|(?<!\d)(?:19|20)\d{10}(?!\d)"
)
_SERBIAN: Final = re.compile(r"(?<!\d)\d{13}(?!\d)")
# International (+46 70..., 0046 70...); national with a leading 0, grouped or 8 to 11 digits in one
# piece (12 and 13 are barcodes); and the North American three-three-four.
_PHONES: Final = (
    re.compile(r"(?<![\w+])(?:\+|00(?=[1-9]))\d(?:[ \-./()]{0,2}\d){6,13}(?!\d)"),
    re.compile(
        r"(?<![\w.,/-])\(?0\d{1,3}\)?[ \-/]{1,2}\d{2,4}(?:[ \-/]?\d{2,4}){1,3}(?![\d,.]\d|\d)"
    ),
    re.compile(r"(?<![\w.,])0\d{7,10}(?!\d)"),
    re.compile(r"(?<![\w.,])(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?!\d)"),
)


def redacted(text: str, names: Iterable[str] = ()) -> str:
    """`text` with `[e-mail]`, `[phone]`, `[personal number]` and `[name]` where those stood.

    A whole name goes in any case of letters; a part of it (from two letters) where it is written as
    given, so that a person called Olive still eats olive oil.
    """
    text = _EMAIL.sub("[e-mail]", text)
    text = _SWEDISH.sub(lambda found: _or_number(found, _is_swedish), text)
    text = _SERBIAN.sub(lambda found: _or_number(found, _is_serbian), text)
    for pattern in _PHONES:
        text = pattern.sub("[phone]", text)
    for name in sorted({name.strip() for name in names}, key=len, reverse=True):
        text = _without(text, name)
    return text


def _without(text: str, name: str) -> str:
    parts = [part for part in re.split(r"[\s,]+", name) if len(part) > 1]
    if not parts:
        return text
    # Whatever whitespace stands between the parts of the whole name.
    whole = r"\s+".join(re.escape(part) for part in parts)
    if len(parts) > 1:
        text = re.sub(rf"(?<!\w){whole}(?!\w)", "[name]", text, flags=re.IGNORECASE)
    for part in parts:
        # The possessive of English and Swedish goes with the name.
        text = re.sub(rf"(?<!\w){re.escape(part)}(?:['’]?s)?(?!\w)", "[name]", text)
    return text


def _or_number(found: "re.Match[str]", is_personal: Callable[[str], bool]) -> str:
    return "[personal number]" if is_personal(found.group()) else found.group()


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        return bool(date(year, month, day % 60 or 60))
    except ValueError:
        return False


def _is_swedish(text: str) -> bool:
    """Personnummer: a day of birth (plus 60 in a coordination number) and Luhn's check digit."""
    digits = [int(letter) for letter in text if letter.isdigit()][-10:]
    year, month, day = (digits[at] * 10 + digits[at + 1] for at in (0, 2, 4))
    doubled = [digit * (2 - at % 2) for at, digit in enumerate(digits)]
    total = sum(one // 10 + one % 10 for one in doubled)
    return total % 10 == 0 and _is_day(2000 + year, month, day)


def _is_serbian(text: str) -> bool:
    """JMBG: a day of birth with three digits of the year, and a check digit modulo 11."""
    digits = [int(letter) for letter in text]
    day, month = digits[0] * 10 + digits[1], digits[2] * 10 + digits[3]
    year = digits[4] * 100 + digits[5] * 10 + digits[6]
    weights = (7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    rest = 11 - sum(weight * digit for weight, digit in zip(weights, digits, strict=False)) % 11
    in_range = year >= 900 or year <= 99
    return (
        in_range
        and _is_day(1000 + year if year >= 900 else 2000 + year, month, day)
        and (digits[12] == (rest if rest < 10 else 0))
    )
