"""How sure a reading is: a confidence for each item, an interval for the whole."""

import math
from collections.abc import Sequence
from typing import Final

import msgspec

from hearth.foods import Food
from hearth.recognition.matching import Match
from hearth.recognition.portions import Amount

HOLDS: Final = 0.8
"""How often an interval is to hold the truth."""

_NARROW: Final = 0.05
"""By how much less a food must fit to be about a third as likely as the best one."""


class Choice(msgspec.Struct, frozen=True):
    """A food with an amount of it, how well both fit, and the share of the words it holds.

    `fit` is how well its name alone fits.
    """

    place: int
    amount: Amount
    score: float
    share: float
    fit: float = 1.0


def odds(choices: Sequence[Choice], choice: Choice) -> float:
    """The likelihood of one choice among all: falling with its distance from the best."""
    best = choices[0].score
    weights = [math.exp((other.score - best) / _NARROW) for other in choices]
    return math.exp((choice.score - best) / _NARROW) / sum(weights)


def confidence(choices: Sequence[Choice], match: Match) -> float:
    """How likely food and grams are right, 0.01..0.99, by fit, lead, known words and grams."""
    best = choices[0]
    lead = best.score - choices[1].score if len(choices) > 1 else 0.2
    known = len(match.said) / (len(match.said) + len(match.unknown) or 1)
    fit = min(1.0, max(0.0, (best.score - 0.3) / 0.7))
    sure = (0.3 + 0.4 * fit + 0.3 * min(1.0, lead / 0.12)) * known * (1 - 0.6 * best.amount.spread)
    return round(min(0.99, max(0.01, sure)), 2)


CODES: Final = ("energy_kcal", "carb_g")
"""The nutrients of which a reading gives an interval."""

_FLOOR_PER_G: Final = {"energy_kcal": 0.08, "carb_g": 0.01}
"""The least doubt about a gram of food: tables differ by about this where a food has nearly none."""


_MOST_APART: Final = {"energy_kcal": 100.0, "carb_g": 20.0}


class Doubt(msgspec.Struct, frozen=True):
    """What one item adds to the doubt about a meal: its amounts and their widths, by nutrient.

    `kind` says from which of the error distributions the widths are multiplied.
    """

    amounts: dict[str, float]
    widths: dict[str, float]
    kind: str


def doubt(foods: Sequence[Food], choices: Sequence[Choice], match: Match) -> Doubt:
    """How far the truth of an item may lie from the best choice.

    Every food that may be meant is a possible truth, as likely as it fits; words that no food holds
    make the others likelier and the best one less. The error of the grams comes on top. This gives
    the scale of the error; its distribution was learned (`ERRORS`).
    """
    heard = _heard(choices, match)
    width = _NARROW * (1 + 4 * (1 - heard))
    best = choices[0]
    weights = [math.exp((choice.score - best.score) / width) for choice in choices]
    amounts, widths = {}, {}
    for code in CODES:
        values = [_value(foods[choice.place], choice, code) for choice in choices]
        first = values[0]
        if first is None:
            continue
        # A food of which this would be several times as much says more of a misreading.
        most = 3 * first + _MOST_APART[code]
        apart = sum(
            weight * (min(value, most) - first) ** 2
            for weight, value in zip(weights, values, strict=True)
            if value is not None
        )
        spread = 0.05 + best.amount.spread + 0.5 * (1 - heard)
        amounts[code] = first
        floor = _FLOOR_PER_G[code] * best.amount.grams
        widths[code] = math.hypot(math.sqrt(apart / sum(weights)), spread * first, floor)
    return Doubt(amounts, widths, _kind(heard, best))


def _heard(choices: Sequence[Choice], match: Match) -> float:
    """The share of what was said that the best food holds, words that no food has included."""
    known = len(match.said) / (len(match.said) + len(match.unknown) or 1)
    return known * choices[0].share


def _kind(heard: float, best: Choice) -> str:
    """Which error distribution an item has: by how well its name fits and how its grams came."""
    fit = min(best.fit, heard)
    name = (
        "well" if fit >= 0.93 else "mostly" if fit >= 0.8 else "partly" if fit >= 0.6 else "hardly"
    )
    spread = best.amount.spread
    return f"{name}, {'weighed' if spread <= 0.05 else 'portion' if spread <= 0.2 else 'unsaid'}"


UNKNOWN: Final = "unknown"


def unknown(grams: float | None) -> Doubt:
    """The doubt about a weighed food that the catalogue does not hold: it may be any food."""
    none = dict.fromkeys(CODES, 0.0)
    return Doubt(none, {"energy_kcal": grams or 0.0, "carb_g": grams or 0.0}, UNKNOWN)


def _value(food: Food, choice: Choice, code: str) -> float | None:
    per_100_g = food.nutrients.get(code)
    return None if per_100_g is None else per_100_g * choice.amount.grams / 100


LEVELS: Final = (0.02, 0.06, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.94, 0.98)
"""The shares of errors below the quantiles of `ERRORS`."""

_FITS: Final = ("well", "mostly", "partly", "hardly")
KINDS: Final = tuple(
    f"{fit}, {amount}" for fit in _FITS for amount in ("weighed", "portion", "unsaid")
)

# Errors (truth less reading) in widths, at LEVELS: learned from tables of the USDA read against one
# another (python -m evals.calibration). Most readings are exact and few are far off: no normal
# distribution has this shape, so that intervals are quantiles of sums of draws from these.
ERRORS: Final[dict[str, dict[str, tuple[float, ...]]]] = {
    "energy_kcal": {
        "well, weighed": (-1.75, -0.46, -0.01, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.56, 2.02),
        "well, portion": (-1.53, -0.14, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.18, 1.72),
        "well, unsaid": (-1.46, -0.97, -0.58, 0.0, 0.0, 0.0, 0.0, 0.03, 0.87, 1.95, 2.46),
        "mostly, weighed": (-2.01, -1.37, -0.9, -0.03, 0.0, 0.0, 0.0, 0.0, 0.43, 1.0, 1.91),
        "mostly, portion": (-2.93, -1.43, -0.92, 0.0, 0.0, 0.0, 0.0, 0.13, 1.19, 1.64, 4.84),
        "mostly, unsaid": (-2.14, -1.5, -1.16, -0.6, 0.0, 0.0, 0.0, 0.35, 1.29, 2.1, 3.24),
        "partly, weighed": (-3.04, -1.77, -1.41, -0.72, -0.11, 0.0, 0.0, 0.48, 1.62, 2.24, 4.64),
        "partly, portion": (-1.6, -1.04, -0.78, -0.31, 0.0, 0.0, 0.06, 0.65, 2.02, 2.6, 8.33),
        "partly, unsaid": (-1.82, -1.32, -1.13, -0.83, -0.23, 0.0, 0.25, 1.5, 3.07, 5.2, 10.53),
        "hardly, weighed": (-1.8, -1.25, -1.16, -0.84, -0.4, -0.07, 0.05, 0.44, 0.97, 1.61, 4.27),
        "hardly, portion": (-1.57, -1.13, -0.94, -0.51, -0.11, 0.0, 0.27, 0.9, 2.27, 3.0, 4.84),
        "hardly, unsaid": (-1.23, -1.12, -1.03, -0.79, -0.46, -0.09, 0.25, 1.07, 1.88, 2.54, 4.37),
    },
    "carb_g": {
        "well, weighed": (-1.05, -0.23, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.04, 0.26, 1.84),
        "well, portion": (-1.42, -0.14, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.12, 1.62),
        "well, unsaid": (-1.47, -0.85, -0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.82, 1.54, 2.42),
        "mostly, weighed": (-2.01, -1.11, -0.47, -0.0, 0.0, 0.0, 0.0, 0.0, 0.19, 0.62, 2.03),
        "mostly, portion": (-2.23, -1.28, -0.51, 0.0, 0.0, 0.0, 0.0, 0.0, 0.8, 1.41, 3.42),
        "mostly, unsaid": (-1.81, -1.27, -1.05, -0.34, 0.0, 0.0, 0.0, 0.17, 1.29, 2.0, 3.55),
        "partly, weighed": (-3.11, -1.52, -0.88, -0.3, 0.0, 0.0, 0.06, 0.66, 1.54, 2.68, 5.54),
        "partly, portion": (-1.57, -1.05, -0.78, -0.16, 0.0, 0.0, 0.0, 0.35, 1.01, 1.91, 4.94),
        "partly, unsaid": (-1.46, -1.16, -0.96, -0.48, -0.03, 0.0, 0.11, 0.99, 2.11, 4.79, 13.22),
        "hardly, weighed": (-1.78, -1.28, -1.15, -0.44, -0.05, 0.0, 0.05, 0.5, 1.13, 2.02, 6.14),
        "hardly, portion": (-1.44, -1.17, -0.99, -0.53, -0.1, 0.0, 0.16, 0.77, 1.9, 2.74, 4.68),
        "hardly, unsaid": (-1.19, -1.02, -0.9, -0.59, -0.1, 0.0, 0.15, 0.91, 2.22, 3.09, 6.63),
    },
}  # fmt: skip
# Kilocalories and grams of carbohydrate in a gram of any food of these tables.
_ANY_FOOD: Final[dict[str, tuple[float, ...]]] = {
    "energy_kcal": (0.15, 0.31, 0.44, 0.69, 1.24, 1.75, 2.41, 3.38, 4.17, 4.82, 5.84),
    "carb_g": (0.0, 0.0, 0.0, 0.02, 0.07, 0.12, 0.2, 0.4, 0.65, 0.73, 0.83),
}  # fmt: skip

_LEAST: Final = {"energy_kcal": 0.035, "carb_g": 0.07}
"""By what share two analyses of one food differ: the median of the foods that have one name in SR
Legacy and Foundation."""

_DRAWS: Final = 199
"""Draws from a meal's errors; a prime, so that each item's are taken in another order."""
_STEP: Final = 76
"""The generator of the lattice: item i takes its errors in steps of a power of it."""


def _drawn(quantiles: Sequence[float]) -> tuple[float, ...]:
    """`_DRAWS` values of a distribution, evenly by rank, between its quantiles in straight lines."""
    values = []
    for draw in range(_DRAWS):
        rank = min(LEVELS[-1], max(LEVELS[0], (draw + 0.5) / _DRAWS))
        after = next(place for place, level in enumerate(LEVELS) if level >= rank)
        before = max(0, after - 1)
        gap = LEVELS[after] - LEVELS[before]
        part = (rank - LEVELS[before]) / gap if gap else 0.0
        values.append(quantiles[before] + part * (quantiles[after] - quantiles[before]))
    return tuple(values)


_DRAWN: Final = {
    code: {kind: _drawn(quantiles) for kind, quantiles in kinds.items()}
    | {UNKNOWN: _drawn(_ANY_FOOD[code])}
    for code, kinds in ERRORS.items()
}


def interval(doubts: Sequence[Doubt]) -> dict[str, tuple[float, float]]:
    """Low and high for energy and carbohydrate of a meal: the middle 80 % of its possible totals.

    Each item's errors are drawn in an order of its own (a lattice, so that the same meal has the
    same interval), and their sums are ranked. An interval is never narrower than `_LEAST`.
    """
    bounds: dict[str, tuple[float, float]] = {}
    cut = round((1 - HOLDS) / 2 * _DRAWS)
    for code in CODES:
        known = [one for one in doubts if code in one.amounts]
        if known:
            total = sum(one.amounts[code] for one in known)
            errors = sorted(_sums(known, code))
            low, high = total + errors[cut], total + errors[-1 - cut]
            least = _LEAST[code] * total
            bounds[code] = (max(0.0, min(low, total - least)), max(high, total + least))
    return bounds


def _sums(doubts: Sequence[Doubt], code: str) -> list[float]:
    """The errors of a meal: each item's, drawn in its own order and added up."""
    sums = [0.0] * _DRAWS
    step = 1
    for one in doubts:
        drawn = _DRAWN[code][one.kind]
        width = one.widths[code]
        for draw in range(_DRAWS):
            error = width * drawn[draw * step % _DRAWS]
            # No food has less than nothing of it.
            sums[draw] += max(error, -one.amounts[code])
        step = step * _STEP % _DRAWS
    return sums
