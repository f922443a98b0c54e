"""How sure a reading is: a confidence for each item, an interval for the whole."""

import math
from collections.abc import Sequence
from typing import Final

import msgspec

from hearth.foods import Food
from hearth.recognition.learned_errors import (
    ANY_FOOD,
    ERRORS,
    ERRORS_OF_ONE_TABLE,
    LEVELS,
    Errors,
)
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
    most = MOST_GUESSED if match.head in match.guessed else 0.99
    return round(min(most, max(0.01, sure)), 2)


MOST_GUESSED: Final = 0.5
"""The most confidence in a food whose name was taken for a mistyped one."""

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
    the scale of the error; its distribution was learned (`learned_errors`).
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


_LEAST: Final = {"energy_kcal": 0.035, "carb_g": 0.07}
"""By what share two analyses of one food differ: the median of the foods that have one name in SR
Legacy and Foundation."""
_LEAST_OF_ONE_TABLE: Final = dict.fromkeys(CODES, 0.01)
"""One table has one analysis of a food; what is left is the rounding of grams and figures."""

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


_Drawn = dict[str, dict[str, tuple[float, ...]]]


def _all_drawn(errors: Errors) -> _Drawn:
    return {
        code: {kind: _drawn(quantiles) for kind, quantiles in kinds.items()}
        | {UNKNOWN: _drawn(ANY_FOOD[code])}
        for code, kinds in errors.items()
    }


_DRAWN: Final = _all_drawn(ERRORS)
_DRAWN_OF_ONE_TABLE: Final = _all_drawn(ERRORS_OF_ONE_TABLE)


def interval(doubts: Sequence[Doubt], *, one_table: bool = False) -> dict[str, tuple[float, float]]:
    """Low and high for energy and carbohydrate of a meal: the middle 80 % of its possible totals.

    With `one_table` the reader knows one table alone and the totals are meant in its terms; else
    the doubt that tables differ comes on top.

    Each item's errors are drawn in an order of its own (a lattice, so that the same meal has the
    same interval), and their sums are ranked. An interval is never narrower than `_LEAST`.
    """
    drawn = _DRAWN_OF_ONE_TABLE if one_table else _DRAWN
    leasts = _LEAST_OF_ONE_TABLE if one_table else _LEAST
    bounds: dict[str, tuple[float, float]] = {}
    cut = round((1 - HOLDS) / 2 * _DRAWS)
    for code in CODES:
        known = [one for one in doubts if code in one.amounts]
        if known:
            total = sum(one.amounts[code] for one in known)
            errors = sorted(_sums(known, code, drawn))
            low, high = total + errors[cut], total + errors[-1 - cut]
            least = leasts[code] * total
            bounds[code] = (max(0.0, min(low, total - least)), max(high, total + least))
    return bounds


def _sums(doubts: Sequence[Doubt], code: str, all_drawn: _Drawn) -> list[float]:
    """The errors of a meal: each item's, drawn in its own order and added up."""
    sums = [0.0] * _DRAWS
    step = 1
    for one in doubts:
        drawn = all_drawn[code][one.kind]
        width = one.widths[code]
        for draw in range(_DRAWS):
            error = width * drawn[draw * step % _DRAWS]
            # No food has less than nothing of it.
            sums[draw] += max(error, -one.amounts[code])
        step = step * _STEP % _DRAWS
    return sums
