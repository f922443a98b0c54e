"""Numbers in words: "one hundred and fifty", "hundrafemtio", "dvesta pedeset", and their halves.

One grammar for English, Swedish and Serbian over folded words. Swedish writes a number as one word,
Serbian now and then does; such a word is taken apart first.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

_EN: Final = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
    "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90, "hundred": 100, "thousand": 1000,
}  # fmt: skip
_SV: Final = {
    "noll": 0, "en": 1, "ett": 1, "tva": 2, "tre": 3, "fyra": 4, "fem": 5, "sex": 6, "sju": 7,
    "atta": 8, "nio": 9, "tio": 10, "elva": 11, "tolv": 12, "tretton": 13, "fjorton": 14,
    "femton": 15, "sexton": 16, "sjutton": 17, "arton": 18, "nitton": 19, "tjugo": 20,
    "trettio": 30, "fyrtio": 40, "femtio": 50, "sextio": 60, "sjuttio": 70, "attio": 80,
    "nittio": 90, "hundra": 100, "tusen": 1000,
}  # fmt: skip
_SR: Final = {
    "nula": 0, "jedan": 1, "jedna": 1, "jedno": 1, "jednu": 1, "dva": 2, "dve": 2, "dvije": 2,
    "tri": 3, "cetiri": 4, "pet": 5, "sest": 6, "sedam": 7, "osam": 8, "devet": 9, "deset": 10,
    "jedanaest": 11, "dvanaest": 12, "trinaest": 13, "cetrnaest": 14, "petnaest": 15,
    "sesnaest": 16, "sedamnaest": 17, "osamnaest": 18, "devetnaest": 19, "dvadeset": 20,
    "trideset": 30, "cetrdeset": 40, "pedeset": 50, "sezdeset": 60, "sedamdeset": 70,
    "osamdeset": 80, "devedeset": 90, "sto": 100, "stotinu": 100, "stotina": 100, "stotine": 100,
    "dvesta": 200, "dvjesta": 200, "dvesto": 200, "dvjesto": 200, "trista": 300, "tristo": 300,
    "cetiristo": 400, "petsto": 500, "sesto": 600, "seststo": 600, "sedamsto": 700, "osamsto": 800,
    "devetsto": 900, "hiljadu": 1000, "hiljada": 1000, "hiljade": 1000, "tisucu": 1000,
    "tisuca": 1000,
}  # fmt: skip


class _Tongue(NamedTuple):
    """The number words of a language, what joins them, what begins decimals, and "and a half"."""

    values: dict[str, int]
    joint: str
    joins_tens: bool
    point: tuple[str, ...]
    halves: tuple[tuple[str, ...], ...]


_TONGUES: Final = {
    "en": _Tongue(_EN, "and", False, ("point",), (("and", "a", "half"), ("and", "half"))),
    "sv": _Tongue(
        _SV,
        "",
        False,
        ("komma",),
        (("och", "en", "halv"), ("och", "ett", "halvt"), ("och", "halv")),
    ),
    "sr": _Tongue(_SR, "i", True, ("zarez", "koma"), (("i", "po"), ("i", "pol"), ("i", "pola"))),
}
_QUARTERS: Final = {"en": (("and", "a", "quarter"),), "sv": (("och", "en", "kvart"),), "sr": ()}


@lru_cache(maxsize=4096)
def _parts(word: str, locale: str) -> tuple[int, ...]:
    """The values of a number word, in order: "hundrafemtio" is (100, 50); () for another word."""
    values = _TONGUES[locale].values
    if word in values:
        return (values[word],)
    if locale == "en" or len(word) > 40:
        return ()
    found = _COMPOUNDS[locale].fullmatch(word)
    if found is None:
        return ()
    return tuple(values[part] for part in _MORPHEMES[locale].findall(word) if part in values)


def _longest_first(locale: str) -> str:
    return "|".join(sorted(_TONGUES[locale].values, key=len, reverse=True))


# A compound has two number words or more, so that "tre" in "tretton" is never taken for three.
_MORPHEMES: Final = {name: re.compile(_longest_first(name)) for name in ("sv", "sr")}
_COMPOUNDS: Final = {
    "sv": re.compile(rf"(?:{_longest_first('sv')}){{2,6}}"),
    "sr": re.compile(rf"(?:{_longest_first('sr')})(?:i?(?:{_longest_first('sr')})){{1,5}}"),
}


def counts(word: str, locale: str) -> bool:
    """Whether a folded word is a number word."""
    return bool(_parts(word, locale))


def whole_at(words: Sequence[str], place: int, locale: str) -> tuple[int, int] | None:
    """The whole number in words that begins at `place`, and the place after it; None when none.

    Words are folded; hyphens between them may stand as words of their own ("twenty", "-", "five").
    """
    total = group = 0
    last, step, after = _NOTHING, place, place
    while step < len(words):
        found = _parts(words[step], locale)
        grown = _grown(total, group, last, found) if found else None
        if grown is not None:
            total, group, last = grown
            step = after = step + 1
        elif after == step > place and _passes(words, step, last, locale):
            step += 1
        else:
            break
    return (total + group, after) if after > place else None


_NOTHING: Final = 10_000
"""Stands for the value before the first: anything may follow it."""


def _grown(total: int, group: int, last: int, values: Sequence[int]) -> tuple[int, int, int] | None:
    """The number with the values of one more word; None when these do not go on with it.

    `total` are the whole thousands, `group` what is below them, `last` the value before.
    """
    for value in values:
        if value == 1000:
            if total:
                return None
            total, group, last = 1000 * (group or 1), 0, 1000
        elif value == 100 and 1 <= group <= 9:
            group, last = 100 * group, 100
        elif last in (_NOTHING, 1000) or _fits(value, last):
            group, last = group + value, value
        else:
            return None
    return total, group, last


def _fits(value: int, last: int) -> bool:
    """Whether a value may follow the one before it: units after tens, less than 100 after hundreds."""
    if last >= 100:
        return 0 < value < 100
    return last >= 20 and 1 <= value <= 9


def _passes(words: Sequence[str], step: int, last: int, locale: str) -> bool:
    """Whether the word at `step` joins two parts of one number: "hundred and fifty", "twenty-five".

    After tens, the next must be units; only Serbian joins these by a word ("dvadeset i pet").
    """
    following = _parts(words[step + 1], locale) if step + 1 < len(words) else ()
    if not following or not 20 <= last <= 1000:
        return False
    tongue = _TONGUES[locale]
    if words[step] == tongue.joint:
        return following[0] < 10 if last < 100 and tongue.joins_tens else last >= 100
    return words[step] == "-"


def number_in_words(words: Sequence[str], place: int, locale: str) -> tuple[float, int] | None:
    """The number in words at `place`, with its decimals or its half: "two and a half", "jedan i po".

    None when no number word stands there.
    """
    whole = whole_at(words, place, locale)
    if whole is None:
        return None
    value, after = whole
    decimals, end = decimals_at(words, after, locale)
    if end > after:
        return value + decimals, end
    if not value:
        return None  # "zero sugar" is a name, "coke zero" too
    part, end = rest_at(words, after, locale)
    return value + part, end


def rest_at(words: Sequence[str], place: int, locale: str) -> tuple[float, int]:
    """The half or quarter after a whole number ("and a half") and the place after it; else 0."""
    for share, phrases in ((0.5, _TONGUES[locale].halves), (0.25, _QUARTERS[locale])):
        for phrase in phrases:
            if tuple(words[place : place + len(phrase)]) == phrase:
                return share, place + len(phrase)
    return 0.0, place


def decimals_at(words: Sequence[str], place: int, locale: str) -> tuple[float, int]:
    """The decimals after "point": "point two five" is 0.25; 0 and the same place when none."""
    if place >= len(words) or words[place] not in _TONGUES[locale].point:
        return 0.0, place
    digits, after = "", place + 1
    while after < len(words):
        found = _parts(words[after], locale)
        if len(found) != 1 or found[0] > 9:
            break
        digits, after = digits + str(found[0]), after + 1
    return (float(f"0.{digits}"), after) if digits else (0.0, place)
