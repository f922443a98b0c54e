"""How an amount is said: "2 x 1 slice" is two slices, två skivor, dve kriške."""

import re
from functools import cache
from typing import Final

from hearth.foods.serbian import to_latin
from hearth.foods.starter import portion_words

_AMOUNT: Final = re.compile(r"(?:(\d+(?:\.\d+)?) x )?1 (?:(small|medium|large) )?([a-z]+)")
# Amounts that no portion row names: what the reader takes when nobody says how much.
_PHRASES: Final = {
    "usual amount": {"sv": "vanlig mängd", "sr-Cyrl": "уобичајена количина"},
    "thin spread": {"sv": "tunt lager", "sr-Cyrl": "танак намаз"},
}


def amount_said(text: str, locale: str) -> str:
    """An amount of the reader in a language; as it is where it is no plain count of a known unit.

    The size stands behind the unit, so that it need not agree with it in gender.
    """
    latin = locale == "sr-Latn"
    tongue = "sr-Cyrl" if locale.startswith("sr") else locale.partition("-")[0]
    said = _said(text, tongue)
    return to_latin(said) if latin else said


def _said(text: str, tongue: str) -> str:
    count_text, _, phrase = text.rpartition(" x ")
    if phrase in _PHRASES:
        word = _PHRASES[phrase].get(tongue, phrase)
        return f"{count_text} × {word}" if count_text else word
    found = _AMOUNT.fullmatch(text)
    forms = _words().get((found.group(3), tongue)) if found else None
    if found is None or not forms:
        return text
    count = float(found.group(1) or 1)
    size = _words().get((found.group(2) or "", tongue), ("",))[0]
    written = f"{count:g}".replace(".", "." if tongue == "en" else ",")
    unit = forms[min(_form(count, tongue), len(forms) - 1)]
    return f"{written} {unit}" + (f" ({size})" if size else "")


def _form(count: float, tongue: str) -> int:
    """Which plural form a count takes (CLDR): Serbian has three, the others two."""
    if count != int(count):
        return 1
    if tongue != "sr-Cyrl":
        return 0 if count == 1 else 1
    tens, ones = int(count) % 100, int(count) % 10
    if ones == 1 and tens != 11:
        return 0
    return 1 if 2 <= ones <= 4 and not 12 <= tens <= 14 else 2


@cache
def _words() -> dict[tuple[str, str], tuple[str, ...]]:
    return {
        (word.unit, tongue): forms
        for word in portion_words()
        for tongue, forms in word.words.items()
    }
