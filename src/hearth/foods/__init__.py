"""The catalogue: what foods are called, what 100 g of them hold, and how people measure them.

A *food* is a row of the catalogue or a person's own; a *nutrient* is one of a fixed list of codes;
a *portion* is an amount in which people take a food, with its grams.
"""

from hearth.foods.foods import Food, Portion
from hearth.foods.nutrients import (
    CODES,
    NUTRIENTS,
    Nutrient,
    Nutrients,
    from_column,
    scaled,
    to_column,
)
from hearth.foods.serbian import fold
from hearth.foods.starter import portion_words, starter_foods
from hearth.foods.usda import read_bundle

__all__ = [
    "CODES",
    "NUTRIENTS",
    "Food",
    "Nutrient",
    "Nutrients",
    "Portion",
    "fold",
    "from_column",
    "portion_words",
    "read_bundle",
    "scaled",
    "starter_foods",
    "to_column",
]
