"""Portions as sources write them ("0.5 cup (1 NLEA serving)", "30 g (2 biscuits)"), in our form."""

import re
from collections.abc import Sequence
from typing import Final

from hearth.foods.foods import Portion

MAX_PORTION_G: Final = 50_000.0
UNSPECIFIED: Final = "Quantity not specified"
FLUID_OUNCE_ML: Final = 29.5735

# The words that sources use for a unit, by the plain unit word.
_UNIT_WORDS: Final[dict[str, str]] = {
    word: unit
    for unit, words in {
        "fl oz": "fl oz|fluid ounce|fluid ounces|fl. oz",
        "cup": "cup|cups",
        "tbsp": "tbsp|tablespoon|tablespoons|tbs",
        "tsp": "tsp|teaspoon|teaspoons",
        "oz": "oz|ounce|ounces|onz",
        "lb": "lb|pound|pounds",
        "ml": "ml|milliliter|milliliters|mlt",
        "dl": "dl",
        "l": "l|liter|litre|liters|litres",
        "slice": "slice|slices",
        "piece": "piece|pieces|small|medium|large|regular|whole|fruit|item|each|unit|miniature|egg",
        "can": "can|cans",
        "bottle": "bottle|bottles",
        "glass": "glass|glasses",
        "bowl": "bowl|bowls",
        "plate": "plate|plates",
        "mug": "mug|mugs",
        "bar": "bar|bars",
        "bag": "bag|bags",
        "packet": "packet|packets|package|packages|pouch|pouches|pkg",
        "container": "container|containers|carton|cartons|jar|jars|tub|tubs|cup container",
        "fillet": "fillet|fillets",
        "clove": "clove|cloves",
        "leaf": "leaf|leaves",
        "stalk": "stalk|stalks|spear|spears",
        "scoop": "scoop|scoops",
        "portion": "serving|servings|portion|portions",
        "handful": "handful|handfuls",
        "patty": "patty|patties",
        "cookie": "cookie|cookies|biscuit|biscuits",
        "cracker": "cracker|crackers",
        "sandwich": "sandwich|sandwiches",
    }.items()
    for word in words.split("|")
}

_MASSES_G: Final = {"oz": 28.3495, "lb": 453.592}
_LEADING_ONE: Final = re.compile(r"^(?:1(?:\.0+)?|one|a|an)\s+", re.IGNORECASE)
_AMOUNT: Final = re.compile(
    r"^(\d+(?:[.,]\d+)?)\s*(g|gr|grm|gm|gram|grams|ml|mlt|milliliters?)\b", re.I
)
_MASS_ASIDE: Final = re.compile(r"\((?:about\s+)?(\d+(?:[.,]\d+)?)\s*(g|gr|grm|gm|grams?)\)", re.I)
_ASIDE: Final = re.compile(r"\(([^()]*)\)")


def unit_of(words: str) -> str:
    """The plain unit word at the start of `words`, or "" when there is none."""
    parts = re.findall(r"[a-z.]+", words.lower().split("(")[0].replace(",", " , ").split(" , ")[0])
    for length in (2, 1):
        if unit := _UNIT_WORDS.get(" ".join(parts[:length])):
            # "large fillet" counts fillets; the size stays in the label.
            following = _UNIT_WORDS.get(" ".join(parts[length : length + 1]), "")
            return following if unit == "piece" and following else unit
    return ""


def counted(amount: float | None, words: str, grams: float) -> Portion | None:
    """The portion of one `words` when `amount` weigh `grams`; None when that says nothing."""
    words = " ".join(words.split())
    amount = amount if amount and amount > 0 else 1.0
    if not words or not 0 < grams / amount <= MAX_PORTION_G:
        return None
    plain = _LEADING_ONE.sub("", words)
    label = f"1 {plain}" if plain != words or not words[0].isdigit() else words
    if words.startswith((UNSPECIFIED, "Guideline amount")):
        return Portion(label=words, grams=round(grams / amount, 3))
    return Portion(label, round(grams / amount, 3), _counting(unit_of(plain), grams / amount))


def _counting(unit: str, grams: float) -> str:
    """`unit`, unless it is a mass that the weight contradicts ("1 oz, dry, yields" 71 g)."""
    mass_g = _MASSES_G.get(unit)
    return "" if mass_g and abs(grams - mass_g) > 0.06 * mass_g else unit


def with_default(portions: Sequence[Portion]) -> tuple[Portion, ...]:
    """`portions` without repeats, the survey's "Quantity not specified" amount as the default.

    When another portion weighs the same, that one is the default, because it has a name.
    """
    unspecified = next((one for one in portions if one.label == UNSPECIFIED), None)
    by_label = {one.label: one for one in portions if one.label != UNSPECIFIED}
    if unspecified is None:
        return tuple(by_label.values())
    for one in by_label.values():
        if abs(one.grams - unspecified.grams) <= 0.005 * unspecified.grams:
            by_label[one.label] = Portion(one.label, one.grams, one.unit, is_default=True)
            return tuple(by_label.values())
    return (*by_label.values(), Portion(UNSPECIFIED, unspecified.grams, is_default=True))


def density(portions: Sequence[Portion]) -> float | None:
    """Grams per millilitre, from the weight of one US fluid ounce where the source states it."""
    for portion in portions:
        if portion.label == "1 fl oz" and 0.05 < portion.grams / FLUID_OUNCE_ML < 5:
            return round(portion.grams / FLUID_OUNCE_ML, 4)
    return None


def serving(text: str, density_g_ml: float | None = None) -> Portion | None:
    """The serving of a label: "30 g (2 biscuits)", "2 biscuits (30 g)", "200 ml (206 g)", "250 ml".

    A mass in brackets is preferred; millilitres without one say nothing without a density.
    """
    text = " ".join(text.split())[:100]
    if aside := _MASS_ASIDE.search(text):
        return _serving(text[: aside.start()], _number(aside.group(1)))
    amount = _AMOUNT.match(text)
    if amount is None:
        return None
    words = found.group(1) if (found := _ASIDE.search(text)) else ""
    if amount.group(2).lower().startswith("g"):
        return _serving(words, _number(amount.group(1)))
    return _serving(words, _number(amount.group(1)) * density_g_ml) if density_g_ml else None


def _serving(words: str, grams: float) -> Portion | None:
    if not 0 < grams <= MAX_PORTION_G:
        return None
    words = words.strip(" ,;:")
    plain = _LEADING_ONE.sub("", words)
    label = f"1 serving ({words})" if words else "1 serving"
    # "1 bar" is a unit of its own; "2 biscuits" stays a serving, which is what it weighs.
    unit = unit_of(plain) if plain != words else ""
    if unit in ("ml", "l", "dl", "oz", "lb"):
        unit = ""
    return Portion(label=label, grams=round(grams, 3), unit=unit or "portion", is_default=True)


def _number(text: str) -> float:
    return float(text.replace(",", "."))
