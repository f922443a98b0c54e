"""Nutrients: one map keyed by code, stored as one column in a fixed order.

A nutrient that a source does not state is absent from the map and NULL in the column; it is never 0.
The unit is the last part of the code (`_g`, `_mg`, `_ug`, `_kcal`).
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

Nutrients = dict[str, float]
"""Amounts by nutrient code, per 100 g of a food or for a whole amount, as the holder says."""


class Nutrient(msgspec.Struct, frozen=True):
    """One nutrient: its code, its English name, and the FoodData Central ids that carry it.

    `fdc_ids` are in order of preference: the first that a food states is taken.
    """

    code: str
    name: str
    fdc_ids: tuple[int, ...] = ()

    @property
    def unit(self) -> str:
        """The unit in which the amount is written: g, mg, ug or kcal."""
        return self.code.rsplit("_", 1)[1]


# The order is the order of the stored column: append at the end, never insert, never reuse a place.
# Energy: 1008 is often absent in Foundation foods; then 2048 (Atwater specific), then 2047 (general).
NUTRIENTS: Final[tuple[Nutrient, ...]] = (
    Nutrient("energy_kcal", "Energy", (1008, 2048, 2047)),
    Nutrient("protein_g", "Protein", (1003,)),
    Nutrient("carb_g", "Carbohydrate", (1005,)),
    Nutrient("fat_g", "Fat", (1004, 1085)),
    Nutrient("fiber_g", "Fibre", (1079,)),
    Nutrient("sugars_g", "Sugars", (2000, 1063)),
    Nutrient("added_sugars_g", "Added sugars", (1235,)),
    Nutrient("starch_g", "Starch", (1009,)),
    Nutrient("polyols_g", "Polyols", ()),
    Nutrient("sat_fat_g", "Saturated fat", (1258,)),
    Nutrient("mono_fat_g", "Monounsaturated fat", (1292,)),
    Nutrient("poly_fat_g", "Polyunsaturated fat", (1293,)),
    Nutrient("trans_fat_g", "Trans fat", (1257,)),
    Nutrient("cholesterol_mg", "Cholesterol", (1253,)),
    Nutrient("linoleic_g", "Linoleic acid (18:2)", (1269,)),
    Nutrient("linolenic_g", "Linolenic acid (18:3)", (1404, 1270)),
    Nutrient("epa_g", "EPA (20:5 n-3)", (1278,)),
    Nutrient("dpa_g", "DPA (22:5 n-3)", (1280,)),
    Nutrient("dha_g", "DHA (22:6 n-3)", (1272,)),
    Nutrient("water_g", "Water", (1051,)),
    Nutrient("alcohol_g", "Alcohol", (1018,)),
    Nutrient("caffeine_mg", "Caffeine", (1057,)),
    Nutrient("theobromine_mg", "Theobromine", (1058,)),
    Nutrient("sodium_mg", "Sodium", (1093,)),
    Nutrient("potassium_mg", "Potassium", (1092,)),
    Nutrient("calcium_mg", "Calcium", (1087,)),
    Nutrient("magnesium_mg", "Magnesium", (1090,)),
    Nutrient("phosphorus_mg", "Phosphorus", (1091,)),
    Nutrient("iron_mg", "Iron", (1089,)),
    Nutrient("zinc_mg", "Zinc", (1095,)),
    Nutrient("copper_mg", "Copper", (1098,)),
    Nutrient("manganese_mg", "Manganese", (1101,)),
    Nutrient("selenium_ug", "Selenium", (1103,)),
    Nutrient("iodine_ug", "Iodine", (1100,)),
    Nutrient("vit_a_ug", "Vitamin A (RAE)", (1106,)),
    Nutrient("retinol_ug", "Retinol", (1105,)),
    Nutrient("beta_carotene_ug", "Beta-carotene", (1107,)),
    Nutrient("alpha_carotene_ug", "Alpha-carotene", (1108,)),
    Nutrient("cryptoxanthin_ug", "Beta-cryptoxanthin", (1120,)),
    Nutrient("lycopene_ug", "Lycopene", (1122,)),
    Nutrient("lutein_ug", "Lutein and zeaxanthin", (1123,)),
    Nutrient("vit_c_mg", "Vitamin C", (1162,)),
    Nutrient("vit_d_ug", "Vitamin D", (1114,)),
    Nutrient("vit_e_mg", "Vitamin E", (1109,)),
    Nutrient("vit_k_ug", "Vitamin K", (1185,)),
    Nutrient("thiamin_mg", "Thiamin (B1)", (1165,)),
    Nutrient("riboflavin_mg", "Riboflavin (B2)", (1166,)),
    Nutrient("niacin_mg", "Niacin (B3)", (1167,)),
    Nutrient("pantothenate_mg", "Pantothenic acid (B5)", (1170,)),
    Nutrient("vit_b6_mg", "Vitamin B6", (1175,)),
    Nutrient("biotin_ug", "Biotin", (1176,)),
    Nutrient("folate_ug", "Folate (DFE)", (1190, 1177)),
    Nutrient("vit_b12_ug", "Vitamin B12", (1178,)),
    Nutrient("choline_mg", "Choline", (1180,)),
)

CODES: Final[tuple[str, ...]] = tuple(nutrient.code for nutrient in NUTRIENTS)
BY_CODE: Final[Mapping[str, Nutrient]] = {nutrient.code: nutrient for nutrient in NUTRIENTS}
_PLACE: Final[Mapping[str, int]] = {code: place for place, code in enumerate(CODES)}


def to_column(nutrients: Mapping[str, float]) -> list[float | None]:
    """The stored form: one number or NULL per place of `CODES`. A code that is unknown raises KeyError."""
    column: list[float | None] = [None] * len(CODES)
    for code, amount in nutrients.items():
        column[_PLACE[code]] = amount
    return column


def from_column(column: Sequence[float | None]) -> Nutrients:
    """The map form. A column written before a code was appended is shorter; the rest is unknown."""
    return {code: amount for code, amount in zip(CODES, column, strict=False) if amount is not None}


def scaled(per_100_g: Mapping[str, float], grams: float) -> Nutrients:
    """What `grams` of a food hold, from its amounts per 100 g. Unknown stays unknown."""
    factor = grams / 100
    return {code: amount * factor for code, amount in per_100_g.items()}
