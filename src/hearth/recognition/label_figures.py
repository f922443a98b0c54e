"""The figures of a label out of pictures of one package, judged together.

A figure that two pictures give alike is sure; figures that differ are doubts, with all that was
seen.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec

from hearth.recognition.photos import LabelReading
from hearth.recognition.photos.readings import AtMost, Column, Why

Basis = Literal["100", "serving"]
Unit = Literal["g", "ml"]
CarbBasis = Literal["available", "total"]

# What another figure of the label speaks against stays doubtful however often it is read.
_AGAINST: Final = frozenset(
    {"energy_disagrees", "columns_disagree", "percent_disagrees", "more_than_whole", "unusual"}
)
# Slips that come again on every picture of the label, so that a second one proves nothing.
_AGAIN: Final = frozenset(
    {"column_guessed", "words_not_read", "unit_not_read", "said_twice", "basis_not_read"}
)


class LabelDoubt(msgspec.Struct, frozen=True):
    """A figure to be looked at: why, and all amounts that the pictures gave for it."""

    column: Column
    code: str
    why: Why | Literal["photos_differ", "units_differ", "carb_bases_differ"]
    seen: tuple[float, ...] = ()


class LabelFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a package's label by Hearth's codes and units; absent is unknown.

    `basis` is what is printed and meant to be compared: 100 g or ml as `unit` says, else the
    serving; `per_100` is then worked out from it. `serving` is in `unit`. `at_most` lists figures
    printed as "<0.5 g": bounds, each in its column. `carb_basis` says whether carbohydrate includes
    fibre ("total", US). `warnings` are those of the readings, and "units_differ" and
    "carb_bases_differ" among them; `lines` the text as read.
    """

    per_100: dict[str, float] = {}
    per_serving: dict[str, float] = {}
    serving: float | None = None
    basis: Basis = "100"
    unit: Unit = "g"
    carb_basis: CarbBasis = "available"
    at_most: tuple[AtMost, ...] = ()
    doubts: tuple[LabelDoubt, ...] = ()
    warnings: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()

    @property
    def printed(self) -> dict[str, float]:
        """The figures of the column that is compared with the package."""
        return self.per_100 if self.basis == "100" else self.per_serving

    @property
    def bounds(self) -> frozenset[str]:
        """The codes of printed figures that are bounds."""
        column = "per_100" if self.basis == "100" else "per_serving"
        return frozenset(one.code for one in self.at_most if one.column == column)

    def doubt(self, code: str) -> LabelDoubt | None:
        """What is doubtful about a printed figure, or about the serving."""
        column = "per_serving" if code == "serving" or self.basis == "serving" else "per_100"
        return next((one for one in self.doubts if (one.column, one.code) == (column, code)), None)


# ------------------------------------------------------------------ judging pictures together


def merged(readings: Sequence[LabelReading]) -> LabelFigures:
    """What the readings of one package's pictures say together."""
    read = [one for one in readings if one.per_100 or one.per_serving]
    lines = tuple(line for one in readings for line in one.lines)
    if not read:
        return LabelFigures(warnings=("nothing_read",), lines=lines)
    # What was worked out from a serving is no second reading of what is printed for 100 g.
    for_100 = [one for one in read if one.basis != "serving"]
    per_100, doubts = _column(for_100, "per_100")
    per_serving, of_serving = _column(read, "per_serving")
    serving, of_size = _serving(read)
    at_most = [*_bounds(for_100, per_100, "per_100"), *_bounds(read, per_serving, "per_serving")]
    printed = bool(per_100)
    if not printed and serving:
        per_100 = {code: rounded(amount * 100 / serving) for code, amount in per_serving.items()}
        at_most += [AtMost("per_100", one.code) for one in at_most]
    stated = _best([one for one in read if one.basis != "unknown"] or read)
    figures = LabelFigures(
        per_100=per_100,
        per_serving=per_serving,
        serving=serving,
        basis="100" if printed else "serving",
        unit=stated.unit,
        carb_basis=stated.carb_basis,
        at_most=tuple(at_most),
        doubts=(*doubts, *of_serving, *of_size),
        warnings=_warnings(readings, read),
        lines=lines,
    )
    return _with_differences(figures, read)


def _best(readings: Sequence[LabelReading]) -> LabelReading:
    return max(readings, key=lambda one: (len(one.per_100) + len(one.per_serving)) * one.confidence)


def _bounds(
    readings: Sequence[LabelReading], amounts: Mapping[str, float], column: Column
) -> list[AtMost]:
    """The figures that stand as a bound where they were read; a "<" is lost sooner than invented."""
    return [
        AtMost(column, code)
        for code, amount in amounts.items()
        if any(
            AtMost(column, code) in one.at_most and getattr(one, column)[code] == amount
            for one in readings
        )
    ]


def _with_differences(figures: LabelFigures, read: Sequence[LabelReading]) -> LabelFigures:
    """With doubts where pictures state their figures for different things."""
    # A picture without its heading says nothing of either.
    known = [one for one in read if one.basis != "unknown"]
    doubts: list[LabelDoubt] = []
    if len({one.unit for one in known}) > 1:
        doubts += [
            LabelDoubt(column, code, "units_differ", (amount,))
            for column, amounts in _columns(figures)
            for code, amount in amounts.items()
        ]
    if len({one.carb_basis for one in known}) > 1:
        doubts += [
            LabelDoubt(column, "carb_g", "carb_bases_differ", (amounts["carb_g"],))
            for column, amounts in _columns(figures)
            if "carb_g" in amounts
        ]
    whys = tuple(dict.fromkeys(one.why for one in doubts))
    return msgspec.structs.replace(
        figures, doubts=(*figures.doubts, *doubts), warnings=(*figures.warnings, *whys)
    )


def _columns(figures: LabelFigures) -> tuple[tuple[Column, Mapping[str, float]], ...]:
    return ("per_100", figures.per_100), ("per_serving", figures.per_serving)


def rounded(amount: float) -> float:
    """As many figures as a label can mean."""
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
    amount, whys = min(
        found, key=lambda one: (bool(one[1]), not _AGAIN.isdisjoint(one[1]), -times[one[0]])
    )
    if len(times) > 1:
        return amount, LabelDoubt(column, code, "photos_differ", tuple(times))
    against = next((why for _, each in found for why in each if why in _AGAINST), None)
    stays = len(found) == 1 or not _AGAIN.isdisjoint(whys)
    why = against or (whys[0] if whys and stays else None)
    return amount, LabelDoubt(column, code, why, (amount,)) if why else None


def _warnings(readings: Sequence[LabelReading], read: Sequence[LabelReading]) -> tuple[str, ...]:
    """What holds of all pictures on which something was read; another picture may make up for it."""
    common = [code for code in read[0].warnings if all(code in one.warnings for one in read)]
    return (*common, *(["some_not_read"] if len(read) < len(readings) else []))
