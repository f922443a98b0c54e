"""What Open Food Facts says a product holds, in both of its shapes, as our nutrients per 100 g.

Before schema 1003: `nutriments` with `<name>_100g` in grams, energy in kJ or kcal. From 1003 on:
`nutrition`, sets of nutrients with preparation, basis and source. Figures that were estimated from
the ingredients are never taken for what the label says.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from hearth.foods.nutrients import Nutrients
from hearth.foods.quality import is_reversed

KJ_PER_KCAL: Final = 4.184
# Regulation (EU) 1169/2011, annex I: salt is sodium times 2.5.
SALT_PER_SODIUM: Final = 2.5
# Grams of ethanol in a millilitre at 20 degrees; labels state alcohol as % of the volume.
ETHANOL_G_ML: Final = 0.789

# Names of Open Food Facts by our code. The first of several that a product states is taken.
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "protein_g": ("proteins",),
    "carb_g": ("carbohydrates",),
    "fat_g": ("fat",),
    "fiber_g": ("fiber",),
    "sugars_g": ("sugars",),
    "added_sugars_g": ("added-sugars",),
    "starch_g": ("starch",),
    "polyols_g": ("polyols",),
    "sat_fat_g": ("saturated-fat",),
    "mono_fat_g": ("monounsaturated-fat",),
    "poly_fat_g": ("polyunsaturated-fat",),
    "trans_fat_g": ("trans-fat",),
    "cholesterol_mg": ("cholesterol",),
    "linoleic_g": ("linoleic-acid",),
    "linolenic_g": ("alpha-linolenic-acid",),
    "epa_g": ("eicosapentaenoic-acid",),
    "dha_g": ("docosahexaenoic-acid",),
    "caffeine_mg": ("caffeine",),
    "sodium_mg": ("sodium",),
    "potassium_mg": ("potassium",),
    "calcium_mg": ("calcium",),
    "magnesium_mg": ("magnesium",),
    "phosphorus_mg": ("phosphorus",),
    "iron_mg": ("iron",),
    "zinc_mg": ("zinc",),
    "copper_mg": ("copper",),
    "manganese_mg": ("manganese",),
    "selenium_ug": ("selenium",),
    "iodine_ug": ("iodine",),
    "vit_a_ug": ("vitamin-a",),
    "beta_carotene_ug": ("beta-carotene",),
    "vit_c_mg": ("vitamin-c",),
    "vit_d_ug": ("vitamin-d",),
    "vit_e_mg": ("vitamin-e",),
    "vit_k_ug": ("vitamin-k",),
    "thiamin_mg": ("vitamin-b1",),
    "riboflavin_mg": ("vitamin-b2",),
    "niacin_mg": ("vitamin-pp",),
    "pantothenate_mg": ("pantothenic-acid",),
    "vit_b6_mg": ("vitamin-b6",),
    "biotin_ug": ("biotin",),
    "folate_ug": ("vitamin-b9", "folates"),
    "vit_b12_ug": ("vitamin-b12",),
    "choline_mg": ("choline",),
}
OTHER_NAMES: Final = ("energy-kcal", "energy-kj", "energy", "salt", "alcohol")
READ: Final = tuple(name for names in NAMES.values() for name in names) + OTHER_NAMES

_PER_GRAM: Final = {"g": 1.0, "mg": 1e3, "ug": 1e6}
_UNITS_IN_GRAMS: Final = {
    "": 1.0, "g": 1.0, "kg": 1e3, "mg": 1e-3, "µg": 1e-6, "μg": 1e-6, "mcg": 1e-6, "ug": 1e-6,
}  # fmt: skip


class Unusable(ValueError):
    """A row that cannot be used; the text is the reason under which it is counted."""


def from_nutriments(nutriments: Mapping[str, Any]) -> tuple[Nutrients, bool]:
    """Schemas before 1003: amounts per 100 g or ml, and whether kcal and kJ were swapped."""
    stated = {name: number for name in READ if (number := _stated(nutriments, name)) is not None}
    return _nutrients(stated)


def from_nutrition(nutrition: Mapping[str, Any]) -> tuple[Nutrients, bool]:
    """Schemas from 1003 on. The aggregated set goes first, then the input sets by their order."""
    sets = [nutrition.get("aggregated_set"), *_listed(nutrition.get("input_sets"))]
    stated: dict[str, float] = {}
    for one in sets:
        if isinstance(one, Mapping) and one.get("preparation", "as_sold") == "as_sold":
            stated = _from_set(one) | stated
    return _nutrients(stated)


def _stated(nutriments: Mapping[str, Any], name: str) -> float | None:
    value = nutriments.get(f"{name}_100g")
    return None if value is None or value == "" else _number(value, f"{name}_100g")


def _number(value: Any, name: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise Unusable(f"{name} is not a number") from None
    # Also refuses NaN and infinity, which the dumps have held.
    if not 0 <= number < 1e7:
        raise Unusable(f"{name} is negative or not a finite number")
    return number


def _from_set(one: Mapping[str, Any]) -> dict[str, float]:
    """The names and amounts per 100 g, in grams, kJ or kcal, that one set states of its label."""
    factor = _to_100(one)
    nutrients = one.get("nutrients")
    if factor is None or one.get("source") == "estimate" or not isinstance(nutrients, Mapping):
        return {}
    stated = {}
    for name in READ:
        entry = nutrients.get(name)
        if isinstance(entry, Mapping) and entry.get("source") != "estimate":
            amount = _in_grams(name, entry)
            if amount is not None:
                stated[name] = amount * factor
    return stated


def _to_100(one: Mapping[str, Any]) -> float | None:
    """What turns the set's amounts into those per 100 g or ml; None when its basis is not known."""
    per = str(one.get("per") or "100g").lower()
    if per in ("100g", "100ml"):
        return 1.0
    if str(one.get("per_unit") or "").lower() not in ("g", "ml"):
        return None
    quantity = one.get("per_quantity")
    if quantity in (None, "", 0):
        return None
    return 100 / number if (number := _number(quantity, "per_quantity")) else None


def _in_grams(name: str, entry: Mapping[str, Any]) -> float | None:
    value = entry.get("value", entry.get("value_computed"))
    if value is None or value == "":
        return None
    number = _number(value, name)
    unit = str(entry.get("unit") or "").lower()
    if name.startswith("energy"):
        if name == "energy-kcal":
            return number / KJ_PER_KCAL if unit == "kj" else number
        return number * KJ_PER_KCAL if unit == "kcal" else number
    if name == "alcohol":
        return number
    in_grams = _UNITS_IN_GRAMS.get(unit)
    return None if in_grams is None else number * in_grams


def _nutrients(stated: Mapping[str, float]) -> tuple[Nutrients, bool]:
    nutrients: Nutrients = {}
    energy, swapped = _energy(stated)
    if energy is not None:
        nutrients["energy_kcal"] = round(energy, 2)
    for code, names in NAMES.items():
        for name in names:
            if name in stated:
                per_gram = _PER_GRAM[code.rsplit("_", 1)[1]]
                nutrients[code] = float(f"{stated[name] * per_gram:.6g}")
                break
    if "sodium_mg" not in nutrients and "salt" in stated:
        nutrients["sodium_mg"] = float(f"{stated['salt'] / SALT_PER_SODIUM * 1e3:.6g}")
    if "alcohol" in stated:
        nutrients["alcohol_g"] = float(f"{stated['alcohol'] * ETHANOL_G_ML:.6g}")
    return nutrients, swapped


def _energy(stated: Mapping[str, float]) -> tuple[float | None, bool]:
    kcal = stated.get("energy-kcal")
    kj = stated.get("energy-kj", stated.get("energy"))
    if kcal is None:
        return (None if kj is None else kj / KJ_PER_KCAL), False
    if kj is not None and is_reversed(kcal, kj):
        return kj, True
    return kcal, False


def _listed(value: Any) -> Sequence[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, list) else []
