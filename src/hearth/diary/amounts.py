"""From an amount in a unit to grams of a food, by rules that can be shown to the person."""

from typing import Final

import msgspec

from hearth.diary.refusals import MAX_GRAMS, number, refused
from hearth.foods import Food, Portion

GRAMS: Final[dict[str, float]] = {
    "g": 1.0,
    "kg": 1000.0,
    "mg": 0.001,
    "oz": 28.349523125,  # international avoirdupois ounce and pound, exact by definition (1959)
    "lb": 453.59237,
}
MILLILITRES: Final[dict[str, float]] = {
    "ml": 1.0,
    "cl": 10.0,
    "dl": 100.0,
    "l": 1000.0,
    # US customary volumes, exact by definition: a gallon is 231 cubic inches.
    "tsp": 4.92892159375,
    "tbsp": 14.78676478125,
    "fl_oz": 29.5735295625,
    "cup": 236.5882365,
}
WHOLE: Final = frozenset({"", "portion", "serving"})
"""Units that mean the food's default portion."""


class Weighed(msgspec.Struct, frozen=True):
    """Grams, and in words how they came about (for an item's provenance)."""

    grams: float
    how: str


def weighed(food: Food, amount: float, unit: str, field: str) -> Weighed:
    """What `amount` of `unit` of a food weighs.

    A unit of mass counts first, then the food's own portion of that label or unit word, then a
    volume by the food's density. Anything else is refused, with the units that would do.
    """
    found = weight_of(food, amount, unit.strip())
    if found is None:
        known = ", ".join(units_of(food))
        raise refused(
            f"{field}.unit", f"“{unit}” is no amount of “{food.name}”; use one of: {known}."
        )
    number(found.grams, f"{field}.amount", least=0, most=MAX_GRAMS)
    return found


def weight_of(food: Food, amount: float, unit: str) -> Weighed | None:
    """The same without limits; None when the unit is none of this food's."""
    if unit in GRAMS:
        return Weighed(amount * GRAMS[unit], f"{amount:g} {unit}")
    if portion := portion_of(food, unit):
        return Weighed(amount * portion.grams, f"portion “{portion.label}” {portion.grams:g} g")
    if unit in MILLILITRES and food.density_g_ml:
        millilitres = amount * MILLILITRES[unit]
        return Weighed(millilitres * food.density_g_ml, f"density {food.density_g_ml:g} g/ml")
    return None


def portion_of(food: Food, unit: str) -> Portion | None:
    """The food's portion that is called `unit`, by label before unit word; the default for none."""
    wanted = unit.casefold()
    if wanted in WHOLE:
        return next((portion for portion in food.portions if portion.is_default), None) or next(
            iter(food.portions), None
        )
    by_label = (portion for portion in food.portions if portion.label.casefold() == wanted)
    by_unit = [portion for portion in food.portions if portion.unit.casefold() == wanted]
    by_unit.sort(key=lambda portion: not portion.is_default)
    return next(by_label, None) or next(iter(by_unit), None)


def units_of(food: Food) -> list[str]:
    """Every unit in which an amount of this food can be given."""
    volumes = list(MILLILITRES) if food.density_g_ml else []
    return [*GRAMS, *volumes, *(portion.label for portion in food.portions)]
