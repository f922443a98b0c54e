"""Grams of a millilitre of a food: from its own rows, else by what it is made of."""

from typing import Final

from hearth.foods import Food
from hearth.recognition.labels import Row, is_raw_measure, row_of

_VOLUMES: Final = {"cup": 236.6, "tbsp": 14.79, "tsp": 4.93, "fl oz": 29.57}


def rows_of(food: Food) -> list[Row]:
    """The portion rows of a food, taken apart."""
    return [row_of(portion) for portion in food.portions if portion.grams > 0]


def millilitre_grams(food: Food) -> tuple[float, bool]:
    """Grams of one millilitre of a food, and whether the food itself says so."""
    if food.density_g_ml:
        return food.density_g_ml, True
    best: float | None = None
    for row in rows_of(food):
        if row.unit in _VOLUMES and not row.adds and "ice" not in row.label:
            if row.unit == "fl oz":
                return row.grams / _VOLUMES["fl oz"], True
            if best is None and not is_raw_measure(row):
                best = row.grams / _VOLUMES[row.unit]
    return (best, True) if best else (_general_density(food), False)


def _general_density(food: Food) -> float:
    """Grams of a millilitre by what the food is made of: watery or oily 1, dry and airy less."""
    water = food.nutrients.get("water_g")
    energy = food.nutrients.get("energy_kcal", 100.0)
    if food.nutrients.get("fat_g", 0.0) > 75:
        return 0.92
    if water is not None:
        return 1.0 if water > 80 else 0.85 if water > 40 else 0.6
    return 1.0 if energy < 90 else 0.85 if energy < 250 else 0.6
