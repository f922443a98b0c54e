"""What must hold of a food's figures per 100 g before they enter the starter catalogue.

Each check returns what is wrong in words, or nothing. The rules are those of the Open Food Facts
data-quality checks; energy is held closer than theirs, by the general Atwater factors.
"""

from collections.abc import Iterable, Iterator, Mapping

NEEDED = ("energy_kcal", "protein_g", "carb_g", "fat_g")
PARTS = ("protein_g", "carb_g", "fat_g", "water_g", "alcohol_g")
WITHIN = (
    ("sugars_g", "carb_g"),
    ("fiber_g", "carb_g"),
    ("starch_g", "carb_g"),
    ("sat_fat_g", "fat_g"),
    ("mono_fat_g", "fat_g"),
    ("poly_fat_g", "fat_g"),
)
# Tables round each figure by itself, so a part may exceed its whole by a rounding step.
ROUNDING_G = 0.35

# Energy farther than 15 % + 8 kcal from the general factors, and why that is right.
_BRAN = "USDA gives the carbohydrate of bran less than the general factor: little is digested"
_SPICE = "USDA gives the carbohydrate of spices less than the general factor"
_VINEGAR = "the energy is acetic acid, which is not among the figures"
ATWATER_REASONS: dict[str, str] = {
    "allspice": _SPICE,
    "baking-powder": "carbohydrate by difference is mostly leavening salts",
    "cayenne": _SPICE,
    "chewing-gum-sugar-free": "the carbohydrate is polyols and gum base",
    "cloves": _SPICE,
    "cocoa-powder": "USDA gives cocoa its own factors (protein 1.83, carbohydrate 1.33, fat 8.37)",
    "oat-bran": _BRAN,
    "seaweed-nori": "USDA gives the carbohydrate of algae less than the general factor",
    "sweetener-stevia": "the carbohydrate is erythritol, which gives no energy",
    "vanilla-extract": "a third is alcohol, which the table does not state",
    "vinegar": _VINEGAR,
    "vinegar-spirit": _VINEGAR,
    "wheat-bran": _BRAN,
}


def expected_kcal(figures: Mapping[str, float]) -> float:
    """Energy by the general Atwater factors, fibre at 2 kcal/g, alcohol at 7 (EU 1169/2011)."""
    fiber = figures.get("fiber_g", 0.0)
    return (
        4 * figures["protein_g"]
        + 4 * (figures["carb_g"] - fiber)
        + 2 * fiber
        + 9 * figures["fat_g"]
        + 7 * figures.get("alcohol_g", 0.0)
    )


def problems(key: str, figures: Mapping[str, float]) -> list[str]:
    """Everything that is implausible in the figures of `key`; empty when all is well."""
    missing = [f"{code} is unknown" for code in NEEDED if code not in figures]
    if missing:
        return missing
    return [*_out_of_range(figures), *_parts_over_whole(figures), *_energy_off(key, figures)]


def _out_of_range(figures: Mapping[str, float]) -> Iterator[str]:
    for code, amount in figures.items():
        if amount < 0:
            yield f"{code} {amount:g} is negative"
        if code.endswith("_g") and amount > 100:
            yield f"{code} {amount:g} is more than 100 g in 100 g"
    if figures["energy_kcal"] > 902:
        yield f"energy_kcal {figures['energy_kcal']:g} is more than pure fat has"
    whole = sum(figures.get(code, 0.0) for code in PARTS)
    if whole > 105:
        yield f"the parts sum to {whole:g} g in 100 g"


def _parts_over_whole(figures: Mapping[str, float]) -> Iterator[str]:
    for part, whole in WITHIN:
        if figures.get(part, 0.0) > figures[whole] + ROUNDING_G:
            yield f"{part} {figures[part]:g} is more than {whole} {figures[whole]:g}"
    kinds = sum(figures.get(code, 0.0) for code in ("sat_fat_g", "mono_fat_g", "poly_fat_g"))
    if kinds > figures["fat_g"] * 1.05 + ROUNDING_G:
        yield f"the kinds of fat sum to {kinds:g} g, more than fat_g {figures['fat_g']:g}"


def _energy_off(key: str, figures: Mapping[str, float]) -> Iterator[str]:
    stated, expected = figures["energy_kcal"], expected_kcal(figures)
    if key not in ATWATER_REASONS and abs(stated - expected) > 0.15 * stated + 8:
        yield f"energy_kcal {stated:g} is far from {expected:.0f} by protein, carbohydrate and fat"


def portion_problems(grams_and_default: Iterable[tuple[float, bool]]) -> list[str]:
    """What is wrong with a food's portions, each as its grams and whether it is the default."""
    portions = list(grams_and_default)
    wrong = [f"a portion of {grams:g} g" for grams, _ in portions if not 0 < grams <= 2000]
    defaults = sum(is_default for _, is_default in portions)
    if defaults != 1:
        wrong.append(f"{defaults} default portions instead of one")
    return wrong
