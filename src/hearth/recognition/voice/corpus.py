"""What people may say of a meal: sentences from our own templates over the starter catalogue.

They teach the recogniser which words follow which ("two slices of", "grams of chicken breast"), not
which meals are eaten. The same catalogue gives the same sentences.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Final

from hearth.foods import Food, portion_words, starter_foods
from hearth.recognition.voice.numerals import in_words
from hearth.recognition.voice.vocabulary import dictionary, hearable

_NUMBERS: Final = (*range(5, 100, 5), *range(100, 400, 10), *range(400, 1001, 50), 125, 175, 225)
_SMALL: Final = ("two", "three", "four", "five", "six")
_SIZES: Final = ("large", "small", "medium", "big")
_MEALS: Final = (
    "{a}", "{a}", "{a} and {b}", "{a} with {b}", "{a} and some {c}", "{a} {b} and {c}",
    "{a} with {b} and {c}", "i had {a}", "i had {a} and {b}", "i ate {a} with {b}",
    "for breakfast i had {a} and {b}", "{a} for breakfast", "for lunch i had {a} with {b}",
    "{a} for lunch", "for dinner we had {a} with {b} and {c}", "{a} and {b} for dinner",
    "i drank {a}", "as a snack i ate {a}", "this morning i had {a} with {b}", "{a} on {c}",
    "today i ate {a} and {b}", "just {a}", "{a} without {c}", "a little {c} and {a}",
)  # fmt: skip
_A_FOOD: Final = 9
"""Sentences that begin from each name of a food."""


def sentences() -> Iterator[str]:
    """All sentences, without marks, numbers in words."""
    foods = spoken_foods()
    phrases = [list(phrases_of(food, name, place)) for place, (food, name) in enumerate(foods)]
    count = len(foods)
    for place, said in enumerate(phrases):
        for turn in range(_A_FOOD):
            # Strides without a common measure, so that every food meets many others.
            second = phrases[(place * 7 + turn * 311 + 1) % count]
            third = foods[(place * 13 + turn * 173 + 2) % count][1]
            yield _MEALS[(place + turn * 5) % len(_MEALS)].format(
                a=said[turn % len(said)], b=second[(place + turn) % len(second)], c=third
            )


def spoken_foods() -> list[tuple[Food, str]]:
    """Each food of the starter catalogue under each English name that can be heard."""
    foreign = _foreign()
    found: dict[str, tuple[Food, str]] = {}
    for food in starter_foods():
        english = food.names["en"]
        for name in (english, english.split(",")[0], *food.aliases):
            heard = hearable(re.sub(r"\(.*?\)", "", name))
            if heard and not foreign & set(heard.split()) and not re.search(r"\d", heard):
                found.setdefault(heard, (food, heard))
    return list(found.values())


def _foreign() -> set[str]:
    """Words of Swedish names that no English name has: aliases do not say their language."""
    words: dict[str, set[str]] = {"en": set(), "sv": set()}
    for food in starter_foods():
        for locale, known in words.items():
            known.update(re.findall(r"[^\W\d_]+", food.names[locale].lower()))
    return words["sv"] - words["en"]


def phrases_of(food: Food, name: str, place: int) -> Iterator[str]:
    """Ways to say how much of one food: bare, counted, by its own portions, weighed."""
    many = plural(name)
    yield name
    yield f"{_article(name)} {name}"
    yield f"{_SMALL[place % 5]} {many}"
    yield f"{_article(_SIZES[place % 4])} {_SIZES[place % 4]} {name}"
    numbers = (in_words(_NUMBERS[(place + step) % len(_NUMBERS)]) for step in (0, 17, 29))
    yield from (f"{number} grams of {name}" for number in numbers)
    yield f"half {_article(name)} {name}" if place % 2 else f"some {name}"
    for portion in food.portions:
        yield from islice(_counted(portion.unit or "", name, place), 3)
    if food.density_g_ml is not None:
        yield f"{in_words(_NUMBERS[(place + 7) % len(_NUMBERS)])} millilitres of {name}"


def _counted(unit: str, name: str, place: int) -> Iterator[str]:
    """ "a slice of", "two slices of", "half a slice of"; nothing for a unit that is no word."""
    words = _unit_words().get(unit)
    if words is None or unit == "piece":
        return
    one, more = words
    yield f"{_article(one)} {one} of {name}"
    yield f"{_SMALL[(place + 1) % 5]} {more} of {name}"
    yield f"half {_article(one)} {one} of {name}"


@cache
def _unit_words() -> dict[str, tuple[str, str]]:
    forms = {word.unit: word.words["en"] for word in portion_words()}
    return {
        unit: (one, more) for unit, (one, more) in forms.items() if hearable(one) and hearable(more)
    }


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"


def plural(name: str) -> str:
    """The name in the plural where the dictionary knows the form, else unchanged."""
    first, *rest = re.split(r" (?=with |in |and |of |on )", name, maxsplit=1)
    before, _, last = first.rpartition(" ")
    for form in (f"{last[:-1]}ies" if last.endswith("y") else "", f"{last}s", f"{last}es"):
        if form in dictionary() and not last.endswith("s"):
            return " ".join(part for part in (before, form, *rest) if part)
    return name
