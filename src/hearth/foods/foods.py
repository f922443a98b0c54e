"""A food: what it is called, what 100 g of it hold, and the amounts in which people take it.

A food's id says where it comes from and stays the same over every re-import:
`starter:egg-scrambled`, `fndds:32130000`, `sr:01123`, `foundation:321360`, `branded:2345678`,
`off:7310865004703`, `own:<uuid>`.
"""

from typing import Final, Literal

import msgspec

from hearth.foods.nutrients import Nutrients
from hearth.foods.serbian import to_latin

CarbBasis = Literal["total", "available"]
SOURCES: Final = {
    "starter": "Hearth",
    "fndds": "USDA FNDDS",
    "sr": "USDA SR Legacy",
    "foundation": "USDA Foundation Foods",
    "branded": "USDA Branded Foods",
    "off": "© Open Food Facts contributors, ODbL",
}
"""What stands before the colon of an id, in the words of who published it."""


class Portion(msgspec.Struct, frozen=True, omit_defaults=True):
    """An amount in which people take a food: `label` in words, `grams` for one of it.

    `unit` is the plain unit word when there is one (cup, tbsp, slice, piece, glass, can, ...),
    `is_default` marks the amount that is taken when nobody says how much.
    """

    label: str
    grams: float
    unit: str = ""
    is_default: bool = False


class Food(msgspec.Struct, frozen=True, kw_only=True):
    """A food of the catalogue. `nutrients` are per 100 g; absent means unknown.

    `carb_basis` says whether `carb_g` includes fibre ("total", as USDA by difference) or not
    ("available", as EU labels). `density_g_ml` is grams per millilitre where it is known.
    `names` holds the name by locale (en, sv, sr-Cyrl); `name` is the one of the source. `version`
    counts the edits of a person's own food and is 0 for the catalogue.
    """

    id: str
    name: str
    nutrients: Nutrients
    names: dict[str, str] = {}
    aliases: tuple[str, ...] = ()
    brand: str | None = None
    category: str | None = None
    portions: tuple[Portion, ...] = ()
    density_g_ml: float | None = None
    barcode: str | None = None
    carb_basis: CarbBasis = "total"
    source: str = ""
    version: int = 0


def named(food: Food, locale: str) -> str:
    """The food's name in `locale`, or the source's where there is none.

    Serbian Latin is derived from the Cyrillic name.
    """
    if locale in ("sr-Latn", "sr"):
        cyrillic = food.names.get("sr-Cyrl")
        return food.names.get("sr-Latn") or (to_latin(cyrillic) if cyrillic else food.name)
    return food.names.get(locale) or food.names.get(locale.partition("-")[0]) or food.name
