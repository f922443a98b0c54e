"""The catalogue: what foods are called, what 100 g of them hold, and how people measure them.

A *food* is a row of the catalogue or a person's own; a *nutrient* is one of a fixed list of codes;
a *portion* is an amount in which people take a food, with its grams; a *version* is one edit of an
own food, which applies from now, since a day, or to all of the past.
"""

from hearth.foods.barcodes import canonical
from hearth.foods.catalogue import by_barcode, everything_readable, food, foods_by_id, in_locale
from hearth.foods.commands import Say, Status, main_import, main_status
from hearth.foods.foods import SOURCES, Food, Portion, named
from hearth.foods.imports import Report, load_starter
from hearth.foods.nutrients import (
    CODES,
    NUTRIENTS,
    Nutrient,
    Nutrients,
    from_column,
    scaled,
    to_column,
)
from hearth.foods.own import (
    FoodChange,
    FoodEdited,
    NewFood,
    NewPortion,
    create_food,
    delete_food,
    edit_food,
    habits,
    note_use,
    own_food_on,
    own_foods,
    own_foods_said,
    undo_edit,
)
from hearth.foods.quality import energy_range
from hearth.foods.said import amount_said
from hearth.foods.search import find
from hearth.foods.serbian import fold
from hearth.foods.starter import portion_words, starter_foods
from hearth.foods.usda import read_bundle

__all__ = [
    "CODES",
    "NUTRIENTS",
    "SOURCES",
    "Food",
    "FoodChange",
    "FoodEdited",
    "NewFood",
    "NewPortion",
    "Nutrient",
    "Nutrients",
    "Portion",
    "Report",
    "Say",
    "Status",
    "amount_said",
    "by_barcode",
    "canonical",
    "create_food",
    "delete_food",
    "edit_food",
    "energy_range",
    "everything_readable",
    "find",
    "fold",
    "food",
    "foods_by_id",
    "from_column",
    "habits",
    "in_locale",
    "load_starter",
    "main_import",
    "main_status",
    "named",
    "note_use",
    "own_food_on",
    "own_foods",
    "own_foods_said",
    "portion_words",
    "read_bundle",
    "scaled",
    "starter_foods",
    "to_column",
    "undo_edit",
]
