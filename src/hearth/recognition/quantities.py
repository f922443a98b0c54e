"""Quantities in words: numbers, fractions, ranges, multiplications, units and sizes.

Pure functions over tokens, in English, Swedish and Serbian (both scripts are one after folding).
"""

from collections.abc import Sequence
from importlib.resources import files
from typing import Final

import msgspec

from hearth.recognition.numerals import counts, number_in_words, rest_at
from hearth.recognition.words import Token, folded, listed, tokens


class Unit(msgspec.Struct, frozen=True):
    """A unit: its plain name, what it measures (mass, volume, count), and its grams or ml."""

    name: str
    kind: str
    factor: float = 0.0


class Quantity(msgspec.Struct, frozen=True):
    """How much: `count` of `unit`, of the size `size`, each holding `content_g` or `content_ml`.

    `stated` is False when nobody said how much; an article ("a banana") states one.
    `several` says that nobody said how much, of a food named in the plural.
    "two 330 ml cans" is count 2, unit can, content_ml 330.
    """

    count: float = 1.0
    unit: str = ""
    size: str = ""
    content_g: float | None = None
    content_ml: float | None = None
    stated: bool = False
    article: bool = False
    several: bool = False

    @property
    def grams(self) -> float | None:
        """Grams when the words give them, else None."""
        unit = UNITS.get(self.unit)
        if unit is not None and unit.kind == "mass":
            return self.count * unit.factor
        return None if self.content_g is None else self.count * self.content_g

    @property
    def millilitres(self) -> float | None:
        """Millilitres when the words give them in a metric or fluid unit, else None."""
        if self.unit in METRIC_VOLUMES:
            return self.count * UNITS[self.unit].factor
        return None if self.content_ml is None else self.count * self.content_ml


METRIC_VOLUMES: Final = frozenset(("ml", "cl", "dl", "l", "fl oz", "pint", "quart"))
MOST: Final = 100_000.0
"""The largest count, grams or millilitres that a quantity may hold; more is cut to it."""


def _read_units() -> tuple[dict[str, Unit], dict[str, dict[str, Unit]]]:
    """The units by their plain name, and by the words for them (folded) in each language."""
    units: dict[str, Unit] = {}
    said: dict[str, dict[str, Unit]] = {"en": {}, "sv": {}, "sr": {}}
    table = (files("hearth.recognition") / "units.tsv").read_text(encoding="utf-8")
    for line in table.splitlines():
        if line and not line.startswith("#"):
            name, kind, factor, *columns = line.split("\t")
            units[name] = Unit(name, kind, float(factor or 0))
            for language, own in zip(said, columns, strict=True):
                for word in f"{columns[0]} {own}".split():
                    if f"-{word}" not in own.split() and word[0] != "-":
                        said[language].setdefault(folded(word), units[name])
    return units, said


UNITS, UNITS_SAID = _read_units()
UNIT_WORDS: Final = {word: unit for words in UNITS_SAID.values() for word, unit in words.items()}
"""The units by their words in any language; `UNITS_SAID` has those of each."""

# Words for amounts that are no whole numbers, or not exactly one; whole numbers: `numerals`.
_EN_NUMBERS: Final = {
    "dozen": 12, "half": 0.5, "quarter": 0.25, "third": 1 / 3, "couple": 2, "few": 3, "several": 4,
}  # fmt: skip
_SV_NUMBERS: Final = {
    "halv": 0.5, "halvt": 0.5, "halva": 0.5, "nagra": 3, "dussin": 12, "kvarts": 0.25,
    "kvart": 0.25, "tredjedel": 1 / 3, "tredjedels": 1 / 3, "fjardedel": 0.25, "fjardedels": 0.25,
    "par": 2,
}  # fmt: skip
_SR_NUMBERS: Final = {
    "pola": 0.5, "polovina": 0.5, "polovinu": 0.5, "cetvrt": 0.25, "cetvrtina": 0.25,
    "cetvrtinu": 0.25, "trecina": 1 / 3, "trecinu": 1 / 3, "nekoliko": 3, "par": 2, "dvoje": 2,
    "oba": 2, "obe": 2, "troje": 3, "cetvoro": 4, "desetak": 10, "petnaestak": 15, "tuce": 12,
}  # fmt: skip
NUMBERS: Final[dict[str, dict[str, float]]] = {
    "en": _EN_NUMBERS, "sv": _SV_NUMBERS, "sr": _SR_NUMBERS,
}  # fmt: skip
_SHARES: Final = {
    "quarters": 0.25, "quarter": 0.25, "thirds": 1 / 3, "third": 1 / 3, "halves": 0.5,
    "fjardedels": 0.25, "fjardedelar": 0.25, "fjardedel": 0.25, "tredjedels": 1 / 3,
    "tredjedelar": 1 / 3, "tredjedel": 1 / 3, "cetvrtine": 0.25, "cetvrtina": 0.25,
    "trecine": 1 / 3, "trecina": 1 / 3, "polovine": 0.5, "polovina": 0.5,
}  # fmt: skip
"""What a counted share is: "three quarters", "två tredjedelar", "tri četvrtine"."""
ARTICLES: Final[dict[str, frozenset[str]]] = {
    "en": frozenset(("a", "an", "another")),
    "sv": frozenset(("en", "ett")),
    "sr": frozenset(("jedan", "jedna", "jedno", "jednu")),
}
_ABOUT: Final = listed(
    "about around roughly approximately ca cirka circa omkring ungefar oko otprilike "
    "exactly nearly almost"
)
_RANGE: Final = frozenset(("-", "–", "—", "to", "or", "till", "eller", "do", "ili"))
_TIMES: Final = frozenset(("x", "×", "*"))
_OF: Final = frozenset(("of", "a", "an", "the", "av"))

SIZES: Final[dict[str, str]] = {
    "small": "small", "little": "small", "mini": "miniature", "miniature": "miniature",
    "footlong": "footlong", "medium": "medium", "regular": "medium", "average": "medium", "large": "large", "big": "large",
    "tall": "small", "grande": "medium", "venti": "large", "jumbo": "extra large",
    "thin": "thin", "thick": "thick", "huge": "extra large",
    "liten": "small", "litet": "small", "sma": "small", "lilla": "small", "stor": "large",
    "stort": "large", "stora": "large", "mellanstor": "medium", "mellan": "medium",
    "mali": "small", "mala": "small", "malo": "small", "male": "small", "malu": "small",
    "veliki": "large", "velika": "large", "veliko": "large", "velike": "large", "veliku": "large",
    "srednji": "medium", "srednja": "medium", "srednje": "medium", "srednju": "medium",
    "tunn": "thin", "tunna": "thin", "tjock": "thick", "tanka": "thin", "tanku": "thin",
}  # fmt: skip


# "snack size", "fun-sized": words that are sizes only before "size".
SIZED: Final[dict[str, str]] = {
    "snack": "snack", "fun": "fun", "bite": "miniature", "king": "king", "personal": "personal",
    "individual": "personal", "sharing": "large", "family": "extra large",
}  # fmt: skip


def number_at(found: Sequence[Token], place: int, locale: str) -> tuple[float, int] | None:
    """The number that begins at `place`, in digits or words, and the place after it."""
    if place >= len(found):
        return None
    token = found[place]
    if _names(found, place + 1):
        return None
    if token.kind == "number":
        return _and_part(found, place + 1, min(token.value, MOST), locale)
    if token.norm[:1] == "x" and token.norm[1:].isdigit():
        return min(float(token.norm[1:]), MOST), place + 1
    if token.kind != "word":
        return None
    return _whole(found, place, locale) or _vague(found, place, locale)


def _whole(found: Sequence[Token], place: int, locale: str) -> tuple[float, int] | None:
    """A number of number words, with what makes it a share or a dozen: "two dozen"."""
    word = found[place].norm
    for language in dict.fromkeys((locale if locale in NUMBERS else "en", "en")):
        if not counts(word, language) or _is_island(found, place):
            continue
        ahead = [token.norm for token in found[place : place + 10]]
        at = number_in_words(ahead, 0, language)
        if at is not None and not _names(found, place + at[1]):
            return _grouped(found, place + at[1], min(at[0], MOST))
    return None


def _is_island(found: Sequence[Token], place: int) -> bool:
    """Whether a number word is the name of a dressing: "Thousand Island"."""
    following = found[place + 1].norm if place + 1 < len(found) else ""
    return found[place].norm == "thousand" and following in ("island", "islands")


def _grouped(found: Sequence[Token], place: int, value: float) -> tuple[float, int]:
    """A count with the group that it counts: "two dozen", "ett par", "three quarters of a"."""
    step = place + (place < len(found) and found[place].norm == "-")
    group = found[step].norm if step < len(found) else ""
    if group in ("dozen", "dussin", "tuce"):
        return value * 12, step + 1
    if group in ("par", "couple") and value == 1:
        return 2.0, step + 1
    return (
        (value * _SHARES[group], _past_of(found, step + 1)) if group in _SHARES else (value, place)
    )


def _vague(found: Sequence[Token], place: int, locale: str) -> tuple[float, int] | None:
    """A word that is no whole number with what belongs to it: "half a dozen", "a couple of"."""
    word = found[place].norm
    value = NUMBERS.get(locale, {}).get(word, _EN_NUMBERS.get(word))
    if value is None or [token.norm for token in found[place + 1 : place + 2]] == ["pounder"]:
        return None  # a quarter pounder is a whole burger
    step = _past_of(found, place + 1)
    if value < 1 and step < len(found) and found[step].norm == "dozen":
        return value * 12, step + 1
    return value, step if value in (2, 3, 4) or value < 1 else place + 1


def _past_of(found: Sequence[Token], place: int) -> int:
    """The place after the small words that follow a share or a few: "half of the"."""
    while place < len(found) and found[place].norm in _OF:
        place += 1
    return place


def _and_part(found: Sequence[Token], place: int, value: float, locale: str) -> tuple[float, int]:
    """Digits with a half in words after them: "2 and a half", "1 i po"."""
    ahead = [token.norm for token in found[place : place + 3]]
    part, after = rest_at(ahead, 0, locale if locale in NUMBERS else "en")
    return value + part, place + after


_DIMENSIONS: Final = listed(
    "inch inches in cm mm centimeter diameter calorie calories kcal cal year years grain grains "
    "percent star tum island islands musketeers"
)


def _names(found: Sequence[Token], place: int) -> bool:
    """Whether the number before `place` belongs to a name or a dimension: "6-inch", "one-crust"."""
    hyphen = place < len(found) and found[place].norm == "-"
    after = place + hyphen
    if after >= len(found) or found[after].kind != "word":
        return False
    word = found[after].norm
    if word in _DIMENSIONS and not (word == "in" and not hyphen):
        return True
    tight = hyphen and found[after].start == found[place].end == found[place - 1].end + 1
    return (
        tight
        and word not in UNIT_WORDS
        and word not in _SHARES
        and not counts(word, "en")
        and word not in ("fl", "fluid")
    )


def quantity_at(
    found: Sequence[Token], place: int, locale: str = "en"
) -> tuple[Quantity, int] | None:
    """The quantity that begins at `place` and the place after it; None when none begins there.

    Reads "200 g", "200g", "1,5 dl", "2 x 330 ml", "2-3", "two or three", "half a", "a", "a large",
    "a 12 fl oz can of". A trailing "of" is taken along.
    """
    start = place
    if _is_half_and_half(found, place):
        return None
    while place < len(found) and (found[place].norm in _ABOUT or _multiplies(found, place)):
        place += 1
    article = place < len(found) and found[place].norm in ARTICLES.get(locale, ARTICLES["en"])
    counted = number_at(found, place, locale)
    if article and (counted is None or counted == (1.0, place + 1)):
        counted = number_at(found, place + 1, locale)
        if counted is None:
            return _measured(found, place + 1, 1.0, locale, article=True)
    if counted is None or counted[1] == start:
        return None
    count, place = _ranged(found, *counted, locale)
    return _multiplied(found, place, count, locale) or _measured(found, place, count, locale)


def _multiplies(found: Sequence[Token], place: int) -> bool:
    """Whether "x" before a number says how many: "fish fingers x 4"."""
    times = found[place].norm in _TIMES
    return times and place + 1 < len(found) and found[place + 1].kind == "number"


def _is_half_and_half(found: Sequence[Token], place: int) -> bool:
    """Whether the words are the name of thin cream, which counts nothing."""
    norms = [token.norm for token in found[max(0, place - 2) : place + 3]]
    return any(norms[at : at + 3] == ["half", "and", "half"] for at in range(len(norms)))


def _ranged(found: Sequence[Token], count: float, place: int, locale: str) -> tuple[float, int]:
    """The middle of "2-3" or "two or three"; the count itself when no range follows."""
    if place + 1 < len(found) and found[place].norm in _RANGE:
        upper = number_at(found, place + 1, locale)
        if upper is not None and count < upper[0] <= 4 * count:
            return (count + upper[0]) / 2, upper[1]
    return count, place


def _multiplied(
    found: Sequence[Token], place: int, count: float, locale: str
) -> tuple[Quantity, int] | None:
    """ "2 x 330 ml", "two 330 ml cans": `count` times a measured amount; else None."""
    times = place < len(found) and found[place].norm in _TIMES
    each = number_at(found, place + 1 if times else place, locale)
    if each is None:
        return None
    unit, _ = _unit_after_mark(found, each[1], locale)
    if not times and (unit is None or unit.name not in MEASURES):
        return None
    return _measured(found, each[1], min(count * each[0], MOST), locale)


def unit_at(found: Sequence[Token], place: int, locale: str = "en") -> tuple[Unit, int] | None:
    """The unit at `place` and the place after it; "fl oz" and "fluid ounces" are one unit."""
    if place >= len(found) or found[place].kind != "word":
        return None
    word = found[place].norm
    if word in ("fl", "fluid", "floz"):
        after = place + 1
        if after < len(found) and found[after].norm == ".":
            after += 1
        ounces = after < len(found) and found[after].norm in ("oz", "ounce", "ounces")
        return (UNITS["fl oz"], after + 1) if ounces or word == "floz" else None
    unit = UNITS_SAID.get(locale, UNITS_SAID["en"]).get(word)
    return None if unit is None else (unit, place + 1)


def _measured(
    found: Sequence[Token], place: int, count: float, locale: str, *, article: bool = False
) -> tuple[Quantity, int]:
    """The unit, the size and the content that follow a count."""
    if place < len(found) and found[place].norm in _TIMES:
        place += 1  # "2x eggs"
    size, place = size_at(found, place)
    content: dict[str, float] = {}
    unit, place = _unit_after_mark(found, place, locale)
    if unit is not None and unit.kind != "count" and unit.name in MEASURES:
        package = unit_at(found, place, locale)
        if package is not None and package[0].kind == "count":
            content = {"content_g" if unit.kind == "mass" else "content_ml": count * unit.factor}
            count, (unit, place) = 1.0, package
    if not size:
        size, place = size_at(found, place)
    if place < len(found) and found[place].norm in ("of", "av"):
        place += 1
    name = unit.name if unit else ""
    quantity = Quantity(min(count, MOST), name, size, stated=True, article=article)
    return msgspec.structs.replace(quantity, **content), place


MEASURES: Final = METRIC_VOLUMES | frozenset(("g", "kg", "hg", "dag", "oz", "lb"))


def _unit_after_mark(found: Sequence[Token], place: int, locale: str) -> tuple[Unit | None, int]:
    """The unit at `place`, past a hyphen or a point: "12-ounce", "2 tbsp."."""
    step = place + 1 if place < len(found) and found[place].norm == "-" else place
    at = unit_at(found, step, locale)
    if at is None:
        return None, place
    after = at[1]
    if (
        after < len(found)
        and found[after].norm == "."
        and found[after].start == found[after - 1].end
    ):
        follows = found[after + 1] if after + 1 < len(found) else None
        after += int(follows is not None and follows.kind == "word" and not follows.capital)
    return at[0], after


def size_at(found: Sequence[Token], place: int) -> tuple[str, int]:
    """The size word at `place` ("" when none) and the place after it."""
    if place < len(found) and found[place].norm == "extra" and place + 1 < len(found):
        size, after = size_at(found, place + 1)
        return (f"extra {size}", after) if size else ("", place)
    if place < len(found) and found[place].norm in SIZED:
        hyphen = place + 1 < len(found) and found[place + 1].norm == "-"
        after = place + 1 + hyphen
        if after < len(found) and found[after].norm in ("size", "sized"):
            return SIZED[found[place].norm], after + 1
    if place < len(found) and found[place].norm in SIZES:
        after = place + 1
        if after < len(found) and found[after].norm in (
            "crust",
            "stuffed",
            "patty",
            "patties",
            "grain",
            "curd",
            "sliced",
        ):
            return "", place
        if after + 1 < len(found) and found[after].norm == "-" and found[after + 1].norm == "sized":
            after += 2
        elif after < len(found) and found[after].norm in ("sized", "size"):
            after += 1
        return SIZES[found[place].norm], after
    return "", place


def parse(text: str, locale: str = "en") -> Quantity | None:
    """The quantity at the beginning of `text`, or None: `parse("1 1/2 dl")`."""
    at = quantity_at(tokens(text), 0, locale)
    return at[0] if at is not None else None
