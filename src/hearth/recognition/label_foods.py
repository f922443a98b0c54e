"""The food that a nutrition label makes, and the pictures that are read for it.

The person confirms the figures; only then is there a food.
"""

from collections.abc import Awaitable, Mapping, Sequence, Set
from typing import Final, Literal, TypeVar

import msgspec

from hearth.core.errors import FieldError, Invalid, Problem, TooMany, Unavailable
from hearth.foods import NewFood, NewPortion, energy_range
from hearth.recognition import photos
from hearth.recognition.label_figures import Basis, CarbBasis, LabelFigures, Unit, rounded
from hearth.recognition.photos import LabelReading, Prepared
from hearth.recognition.turns import Turns

T = TypeVar("T")
Disagreement = Literal["energy_disagrees", "sat_fat_over_fat", "sugars_over_carbs"]

# Beyond what rounding on labels and averages of analyses explain.
_ENERGY_SHARE: Final = 0.05
_ENERGY_KCAL: Final = 5.0
# Labels of the US round each figure of a serving to whole grams and to 5 or 10 kcal: 21 CFR 101.9(c).
_ROUNDED_KCAL: Final = 5.0
# A label that states no fibre still counts its energy.
_UNSTATED_FIBRE_KCAL: Final = 8.0
_SLACK_G: Final = 0.1


class LabelFood(msgspec.Struct, frozen=True, kw_only=True):
    """What a person has confirmed: `figures` are per 100 `unit`, or per `serving` of it.

    `density_g_ml` weighs what is stated in millilitres; unknown counts a millilitre as a gram.
    `at_most` has the codes whose figure is a bound: the food is saved with the most that they can be.
    """

    name: str
    figures: Mapping[str, float]
    brand: str | None = None
    barcode: str | None = None
    basis: Basis = "100"
    unit: Unit = "g"
    serving: float | None = None
    density_g_ml: float | None = None
    carb_basis: CarbBasis = "available"
    at_most: frozenset[str] = frozenset()


# ------------------------------------------------------------------ the food


def new_food(said: LabelFood, portion: str) -> NewFood:
    """The food as it is saved: per 100 g, with its serving as the portion named `portion`.

    What is stated in millilitres gets the density by which its figures were weighed, so that 100 ml
    of it are what the label says. Raises `Invalid` when figures per serving come without the size
    of the serving.
    """
    if said.basis == "serving" and not said.serving:
        wrong = FieldError("serving", "is needed: the figures are per serving.")
        raise Invalid(f"serving: {wrong.message}", errors=(wrong,))
    weighs = (said.density_g_ml or 1.0) if said.unit == "ml" else 1.0
    portions = []
    if said.serving:
        portions = [NewPortion(portion, said.serving * weighs, is_default=True)]
    return NewFood(
        name=said.name,
        brand=said.brand,
        barcode=said.barcode,
        nutrients=per_100_g(said),
        portions=portions,
        density_g_ml=weighs if said.unit == "ml" else None,
        carb_basis=said.carb_basis,
    )


def per_100_g(said: LabelFood) -> dict[str, float]:
    """The figures for 100 g, whatever the label states them for."""
    weighs = (said.density_g_ml or 1.0) if said.unit == "ml" else 1.0
    of = said.serving if said.basis == "serving" and said.serving else 100.0
    return {code: rounded(amount * 100 / (of * weighs)) for code, amount in said.figures.items()}


def food_of(figures: LabelFigures, name: str, portion: str, barcode: str | None) -> NewFood | None:
    """The food that the figures make as they were read; None where they make none.

    Figures of which nobody knows for how much they stand make none.
    """
    if not figures.printed or not {"basis_not_read", "units_differ"}.isdisjoint(figures.warnings):
        return None
    if figures.basis == "serving" and not figures.serving:
        return None
    said = LabelFood(
        name=name,
        figures=figures.printed,
        barcode=barcode,
        basis=figures.basis,
        unit=figures.unit,
        serving=figures.serving,
        carb_basis=figures.carb_basis,
        at_most=figures.bounds,
    )
    return new_food(said, portion)


def warnings_of(
    figures: Mapping[str, float], carb_basis: CarbBasis, at_most: Set[str] = frozenset()
) -> tuple[Disagreement, ...]:
    """What disagrees among the figures as they are stated, for 100 g or for a serving.

    That is energy with its parts, by the factors of Regulation (EU) 1169/2011, annex XIV, and a
    part with its whole. What rounding explains disagrees with nothing, so figures of a serving
    must not be scaled before. `at_most` has the codes that are bounds.
    """
    found: dict[Disagreement, bool] = {
        "energy_disagrees": _energy_disagrees(figures, carb_basis, at_most),
        "sat_fat_over_fat": _over(figures, "sat_fat_g", "fat_g", at_most),
        "sugars_over_carbs": _over(figures, "sugars_g", "carb_g", at_most),
    }
    return tuple(code for code, is_so in found.items() if is_so)


def disagreements_of(figures: LabelFigures) -> tuple[Disagreement, ...]:
    """What disagrees among the printed figures of pictures."""
    return warnings_of(figures.printed, figures.carb_basis, figures.bounds)


def _over(figures: Mapping[str, float], part: str, whole: str, at_most: Set[str]) -> bool:
    if part not in figures or whole not in figures or part in at_most:
        return False
    return figures[part] > figures[whole] + _SLACK_G


def energy_span(
    figures: Mapping[str, float], carb_basis: CarbBasis, at_most: Set[str] = frozenset()
) -> tuple[float, float] | None:
    """The energy in kcal that the parts may have, bounds from nothing on; None as `energy_range`."""
    least = {code: 0.0 if code in at_most else amount for code, amount in figures.items()}
    low, high = energy_range(least, carb_basis), energy_range(figures, carb_basis)
    return (low[0], high[1]) if low and high else None


def _energy_disagrees(
    figures: Mapping[str, float], carb_basis: CarbBasis, at_most: Set[str]
) -> bool:
    energy, span = figures.get("energy_kcal"), energy_span(figures, carb_basis, at_most)
    if energy is None or span is None:
        return False
    slack = _ENERGY_KCAL + (_ROUNDED_KCAL if carb_basis == "total" else 0.0)
    more = 0.0 if "fiber_g" in figures else _UNSTATED_FIBRE_KCAL
    low = span[0] * (1 - _ENERGY_SHARE) - slack
    high = span[1] * (1 + _ENERGY_SHARE) + slack + more
    least = 0.0 if "energy_kcal" in at_most else energy
    return energy < low or least > high


# ------------------------------------------------------------------ reading pictures

TURNS: Final = Turns(
    2,
    TooMany(
        "Two labels of yours are being read already. Wait until one is done.", retry_after_s=10
    ),
)
"""Readings of labels under way."""


async def read_labels(pictures: Sequence[bytes], locale: str) -> list[LabelReading | Problem]:
    """What each picture says, or why it was not read; nothing of them is kept.

    The same picture again is no second reading, and is told so. To be called within one of `TURNS`. Raises `Unavailable` when too much waits to be read.
    """
    # One after the other: there is one process that reads print, and others wait for it too.
    return [
        Invalid("This picture was sent more than once. It was read once.")
        if picture in pictures[:number]
        else await _read_or_why(picture, locale)
        for number, picture in enumerate(pictures)
    ]


async def _read_or_why(picture: bytes, locale: str) -> LabelReading | Problem:
    try:
        return await photos.read_label(picture, locale)
    except Unavailable:
        raise
    except Problem as problem:
        return problem


async def barcode_on(pictures: Sequence[bytes]) -> str:
    """The one barcode that the pictures surely show; '' for none, several, or a shop's own."""
    found: set[str] = set()
    for picture in dict.fromkeys(pictures):
        read = await _or_none(photos.read_barcodes(picture))
        found |= {code.text for code in read.codes if not code.internal} if read else set()
    return found.pop() if len(found) == 1 else ""


async def prepared(pictures: Sequence[bytes]) -> list[Prepared]:
    """The pictures that can be opened, to be shown beside the form."""
    shown = [await _or_none(photos.prepare(picture)) for picture in dict.fromkeys(pictures)]
    return [one for one in shown if one]


async def _or_none(reading: Awaitable[T]) -> T | None:
    try:
        return await reading
    except Problem:
        return None
