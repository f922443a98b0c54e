"""Whether the figures of a food can be true: the checks that Open Food Facts runs on its products.

Per 100 g: no nutrient weighs more than the food, the parts no more than the whole, and the energy
agrees with its parts by the factors of Regulation (EU) 1169/2011, annex XIV. Community data is full
of slips, so what is impossible is refused and what is only doubtful is flagged.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Final, Literal

from hearth.foods.foods import CarbBasis
from hearth.foods.nutrients import BY_CODE

Flag = Literal[
    "sat_fat_over_fat", "sugars_over_carbs", "energy_doubtful", "energy_wrong", "repeated_values",
    "energy_reversed",
]  # fmt: skip

MAX_SUM_G: Final = 105.0
# Pure fat holds 900 kcal; the rest is rounding on labels.
MAX_ENERGY_KCAL: Final = 1000.0
MAX_BY_UNIT: Final[Mapping[str, float]] = {
    "g": 100.0, "mg": 100_000.0, "ug": 100_000_000.0, "kcal": MAX_ENERGY_KCAL,
}  # fmt: skip
ENERGY_FLOOR_KCAL: Final = 13.0
WRONG: Final = 0.30
DOUBTFUL: Final = 0.15
ROUNDING_KCAL: Final = 5.0


def impossible(nutrients: Mapping[str, float], carb_basis: CarbBasis = "total") -> str | None:
    """Why these amounts per 100 g cannot be true, or None."""
    for code, amount in nutrients.items():
        # "not" catches NaN as well.
        if not amount >= 0:
            return f"{code} is negative or not a number"
        if amount > MAX_BY_UNIT[BY_CODE[code].unit] * 1.001:
            return f"{code} is more than 100 g of anything can hold"
    parts = ["protein_g", "carb_g", "fat_g", "alcohol_g", "water_g"]
    if carb_basis == "available":
        parts.append("fiber_g")
    if sum(nutrients.get(code, 0.0) for code in parts) > MAX_SUM_G:
        return f"the parts weigh more than {MAX_SUM_G:g} g in 100 g"
    return None


def flags(nutrients: Mapping[str, float], carb_basis: CarbBasis = "total") -> list[Flag]:
    """What is doubtful about these amounts per 100 g."""
    found: list[Flag] = []
    if nutrients.get("sat_fat_g", 0.0) > nutrients.get("fat_g", 100.0) + 0.1:
        found.append("sat_fat_over_fat")
    if nutrients.get("sugars_g", 0.0) > nutrients.get("carb_g", 100.0) + 0.1:
        found.append("sugars_over_carbs")
    if energy := _energy_flag(nutrients, carb_basis):
        found.append(energy)
    macros = ("protein_g", "carb_g", "fat_g", "fiber_g", "sugars_g", "sat_fat_g")
    repeated = Counter(nutrients[code] for code in macros if nutrients.get(code, 0) > 1)
    if repeated and max(repeated.values()) >= 3:
        found.append("repeated_values")
    return found


def is_reversed(kcal: float, kj: float) -> bool:
    """Whether a label's kcal and kJ were swapped: the kcal figure is about 4.2 times the kJ one."""
    return 3.7 * kj - 2 <= kcal <= 4.7 * kj + 2 and kcal > ENERGY_FLOOR_KCAL


def energy_range(
    nutrients: Mapping[str, float], carb_basis: CarbBasis
) -> tuple[float, float] | None:
    """The energy in kcal that the parts can give; None when one of the three macros is unknown.

    4 kcal/g protein and carbohydrate, 9 fat, 7 alcohol, 2 fibre, 2.4 polyols. Where carbohydrate
    includes fibre, fibre may count from 2 (of it) to 4 kcal/g, hence a range.
    """
    if not nutrients.keys() >= {"protein_g", "carb_g", "fat_g"}:
        return None
    fibre, polyols = nutrients.get("fiber_g", 0.0), nutrients.get("polyols_g", 0.0)
    parts = 4 * nutrients["protein_g"] + 4 * nutrients["carb_g"] + 9 * nutrients["fat_g"]
    parts += 7 * nutrients.get("alcohol_g", 0.0)
    if carb_basis == "available":
        return parts - 1.6 * polyols, parts + 2 * fibre
    return max(0.0, parts - 4 * fibre - 1.6 * polyols), parts


def _energy_flag(nutrients: Mapping[str, float], carb_basis: CarbBasis) -> Flag | None:
    span = energy_range(nutrients, carb_basis)
    energy = nutrients.get("energy_kcal")
    if span is None or energy is None or max(energy, span[1]) <= ENERGY_FLOOR_KCAL:
        return None
    low, high = span
    outside = max(low - energy, energy - high, 0.0)
    for flag, share in (("energy_wrong", WRONG), ("energy_doubtful", DOUBTFUL)):
        if outside > share * (low if energy < low else high) + ROUNDING_KCAL:
            return "energy_wrong" if flag == "energy_wrong" else "energy_doubtful"
    return None
