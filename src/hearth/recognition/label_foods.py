"""Nutrition labels to foods: pictures of one package judged together, and the food that they make.

A figure that two pictures give alike is sure; figures that differ are doubts, with all that was
seen. The person confirms; only then is there a food.
"""

from collections import Counter
from collections.abc import Awaitable, Mapping, Sequence
from typing import Final, Literal, TypeVar

import msgspec

from hearth.core.errors import FieldError, Invalid, Problem, TooMany, Unavailable
from hearth.foods import NewFood, NewPortion, energy_range
from hearth.recognition import photos
from hearth.recognition.photos import LabelReading, Prepared
from hearth.recognition.photos.readings import Column, Why
from hearth.recognition.turns import Turns

T = TypeVar("T")
Basis = Literal["100", "serving"]
Unit = Literal["g", "ml"]
CarbBasis = Literal["available", "total"]
Disagreement = Literal["energy_disagrees", "sat_fat_over_fat", "sugars_over_carbs"]

# What another figure of the label speaks against stays doubtful however often it is read.
_AGAINST: Final = frozenset(
    {"energy_disagrees", "columns_disagree", "percent_disagrees", "more_than_whole", "unusual"}
)
# Beyond what rounding on labels and averages of analyses explain.
_ENERGY_SHARE: Final = 0.05
_ENERGY_KCAL: Final = 5.0
# A label that states no fibre still counts its energy.
_UNSTATED_FIBRE_KCAL: Final = 8.0
_SLACK_G: Final = 0.1


class LabelDoubt(msgspec.Struct, frozen=True):
    """A figure to be looked at: why, and all amounts that the pictures gave for it."""

    column: Column
    code: str
    why: Why | Literal["photos_differ"]
    seen: tuple[float, ...] = ()


class LabelFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a package's label by Hearth's codes and units; absent is unknown.

    `basis` is what is printed and meant to be compared: 100 g or ml as `unit` says, else the
    serving; `per_100` is then worked out from it. `serving` is in `unit`. `at_most` lists codes
    printed as "<0.5 g". `carb_basis` says whether carbohydrate includes fibre ("total", US).
    `warnings` are those of the readings; `lines` the text as read.
    """

    per_100: dict[str, float] = {}
    per_serving: dict[str, float] = {}
    serving: float | None = None
    basis: Basis = "100"
    unit: Unit = "g"
    carb_basis: CarbBasis = "available"
    at_most: tuple[str, ...] = ()
    doubts: tuple[LabelDoubt, ...] = ()
    warnings: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()

    @property
    def printed(self) -> dict[str, float]:
        """The figures of the column that is compared with the package."""
        return self.per_100 if self.basis == "100" else self.per_serving

    def doubt(self, code: str) -> LabelDoubt | None:
        """What is doubtful about a printed figure, or about the serving."""
        column = "per_serving" if code == "serving" or self.basis == "serving" else "per_100"
        return next((one for one in self.doubts if (one.column, one.code) == (column, code)), None)


class LabelFood(msgspec.Struct, frozen=True, kw_only=True):
    """What a person has confirmed: `figures` are per 100 `unit`, or per `serving` of it.

    `density_g_ml` weighs what is stated in millilitres; unknown counts a millilitre as a gram.
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


# ------------------------------------------------------------------ judging pictures together


def merged(readings: Sequence[LabelReading]) -> LabelFigures:
    """What the readings of one package's pictures say together."""
    read = [one for one in readings if one.per_100 or one.per_serving]
    lines = tuple(line for one in readings for line in one.lines)
    if not read:
        return LabelFigures(warnings=("nothing_read",), lines=lines)
    best = max(read, key=lambda one: (len(one.per_100) + len(one.per_serving)) * one.confidence)
    # What was worked out from a serving is no second reading of what is printed for 100 g.
    per_100, doubts = _column([one for one in read if one.basis != "serving"], "per_100")
    per_serving, of_serving = _column(read, "per_serving")
    serving, of_size = _serving(read)
    doubts = [*doubts, *of_serving, *of_size]
    printed = bool(per_100)
    if not printed and serving:
        per_100 = {code: _rounded(amount * 100 / serving) for code, amount in per_serving.items()}
    return LabelFigures(
        per_100=per_100,
        per_serving=per_serving,
        serving=serving,
        basis="100" if printed else "serving",
        unit=best.unit,
        carb_basis=best.carb_basis,
        at_most=tuple(dict.fromkeys(code for one in read for code in one.at_most)),
        doubts=tuple(doubts),
        warnings=_warnings(readings, read),
        lines=lines,
    )


def _rounded(amount: float) -> float:
    return float(f"{amount:.4g}")


def _column(
    readings: Sequence[LabelReading], column: Column
) -> tuple[dict[str, float], list[LabelDoubt]]:
    amounts: dict[str, float] = {}
    doubts: list[LabelDoubt] = []
    codes = dict.fromkeys(code for one in readings for code in getattr(one, column))
    for code in codes:
        found = [
            (getattr(one, column)[code], _whys(one, column, code))
            for one in readings
            if code in getattr(one, column)
        ]
        amounts[code], doubt = _agreed(found, column, code)
        doubts += [doubt] if doubt else []
    return amounts, doubts


def _serving(readings: Sequence[LabelReading]) -> tuple[float | None, list[LabelDoubt]]:
    found = [(one.serving, _whys(one, "per_serving", "serving")) for one in readings if one.serving]
    if not found:
        return None, []
    serving, doubt = _agreed(found, "per_serving", "serving")
    return serving, [doubt] if doubt else []


def _whys(reading: LabelReading, column: Column, code: str) -> tuple[Why, ...]:
    return tuple(one.why for one in reading.doubts if (one.column, one.code) == (column, code))


def _agreed(
    found: Sequence[tuple[float, tuple[Why, ...]]], column: Column, code: str
) -> tuple[float, LabelDoubt | None]:
    """The amount that the pictures give, those without a doubt and the commoner first."""
    times = Counter(amount for amount, _ in found)
    amount, whys = min(found, key=lambda one: (bool(one[1]), -times[one[0]]))
    if len(times) > 1:
        return amount, LabelDoubt(column, code, "photos_differ", tuple(times))
    against = next((why for _, each in found for why in each if why in _AGAINST), None)
    why = against or (whys[0] if whys and len(found) == 1 else None)
    return amount, LabelDoubt(column, code, why, (amount,)) if why else None


def _warnings(readings: Sequence[LabelReading], read: Sequence[LabelReading]) -> tuple[str, ...]:
    """What holds of all pictures on which something was read; another picture may make up for it."""
    common = [code for code in read[0].warnings if all(code in one.warnings for one in read)]
    return (*common, *(["some_not_read"] if len(read) < len(readings) else []))


# ------------------------------------------------------------------ the food


def new_food(said: LabelFood, portion: str) -> NewFood:
    """The food as it is saved: per 100 g, with its serving as the portion named `portion`.

    Raises `Invalid` when figures per serving come without the size of the serving.
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
        density_g_ml=said.density_g_ml if said.unit == "ml" else None,
        carb_basis=said.carb_basis,
    )


def per_100_g(said: LabelFood) -> dict[str, float]:
    """The figures for 100 g, whatever the label states them for."""
    weighs = (said.density_g_ml or 1.0) if said.unit == "ml" else 1.0
    of = said.serving if said.basis == "serving" and said.serving else 100.0
    return {code: _rounded(amount * 100 / (of * weighs)) for code, amount in said.figures.items()}


def food_of(figures: LabelFigures, name: str, portion: str, barcode: str | None) -> NewFood | None:
    """The food that the figures make as they were read; None where they make none.

    Figures of which nobody knows for how much they stand make none.
    """
    if not figures.printed or "basis_not_read" in figures.warnings:
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
    )
    return new_food(said, portion)


def warnings_of(nutrients: Mapping[str, float], carb_basis: CarbBasis) -> tuple[Disagreement, ...]:
    """What disagrees among figures per 100 g: energy with its parts, a part with its whole.

    Energy by the factors of Regulation (EU) 1169/2011, annex XIV.
    """
    found: dict[Disagreement, bool] = {
        "energy_disagrees": _energy_disagrees(nutrients, carb_basis),
        "sat_fat_over_fat": _over(nutrients, "sat_fat_g", "fat_g"),
        "sugars_over_carbs": _over(nutrients, "sugars_g", "carb_g"),
    }
    return tuple(code for code, is_so in found.items() if is_so)


def _over(nutrients: Mapping[str, float], part: str, whole: str) -> bool:
    if part not in nutrients or whole not in nutrients:
        return False
    return nutrients[part] > nutrients[whole] + _SLACK_G


def _energy_disagrees(nutrients: Mapping[str, float], carb_basis: CarbBasis) -> bool:
    energy, span = nutrients.get("energy_kcal"), energy_range(nutrients, carb_basis)
    if energy is None or span is None:
        return False
    more = 0.0 if "fiber_g" in nutrients else _UNSTATED_FIBRE_KCAL
    low = span[0] * (1 - _ENERGY_SHARE) - _ENERGY_KCAL
    high = span[1] * (1 + _ENERGY_SHARE) + _ENERGY_KCAL + more
    return not low <= energy <= high


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

    To be called within one of `TURNS`. Raises `Unavailable` when too much waits to be read.
    """
    # One after the other: there is one process that reads print, and others wait for it too.
    return [await _read_or_why(picture, locale) for picture in pictures]


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
    for picture in pictures:
        read = await _or_none(photos.read_barcodes(picture))
        found |= {code.text for code in read.codes if not code.internal} if read else set()
    return found.pop() if len(found) == 1 else ""


async def prepared(pictures: Sequence[bytes]) -> list[Prepared]:
    """The pictures that can be opened, to be shown beside the form."""
    shown = [await _or_none(photos.prepare(picture)) for picture in pictures]
    return [one for one in shown if one]


async def _or_none(reading: Awaitable[T]) -> T | None:
    try:
        return await reading
    except Problem:
        return None
