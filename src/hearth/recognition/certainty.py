"""How sure a reading is: a confidence for each item, an interval for the whole."""

import math
from collections.abc import Sequence
from typing import Final

import msgspec

from hearth.foods import Food
from hearth.recognition.matching import Match
from hearth.recognition.portions import Amount

WITHIN: Final = 1.2816
"""Standard deviations on either side of the middle that hold 80 % of a normal distribution."""

_NARROW: Final = 0.05
"""By how much less a food must fit to be about a third as likely as the best one."""


class Choice(msgspec.Struct, frozen=True):
    """A food with an amount of it, how well both fit, and the share of the words it holds."""

    place: int
    amount: Amount
    score: float
    share: float


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

_SCALE: Final = 0.2
"""One factor for all widths. Most items are read exactly and few are wrong by much, so that four
fifths of the truths lie much nearer than their standard deviation; docs/reading.md has how often
the intervals hold."""

_TOGETHER: Final = 0.5
"""How far the errors of a meal's items go together: one reader, one person's idea of a portion."""


class Doubt(msgspec.Struct, frozen=True):
    """What one item adds to the doubt about a meal: its amount and variance, by nutrient."""

    amounts: dict[str, float]
    variances: dict[str, float]


def doubt(foods: Sequence[Food], choices: Sequence[Choice], match: Match) -> Doubt:
    """How far the truth of an item may lie from the best choice.

    Every food that may be meant is a possible truth, as likely as it fits; words that no food holds
    make the others likelier and the best one less. The error of the grams comes on top, and 3 %
    that rounding in tables alone makes.
    """
    known = len(match.said) / (len(match.said) + len(match.unknown) or 1)
    heard = known * choices[0].share
    width = _NARROW * (1 + 4 * (1 - heard))
    best = choices[0].score
    weights = [math.exp((choice.score - best) / width) for choice in choices]
    amounts, variances = {}, {}
    for code in CODES:
        values = [_value(foods[choice.place], choice, code) for choice in choices]
        first = values[0]
        if first is None:
            continue
        apart = sum(
            weight * (value - first) ** 2
            for weight, value in zip(weights, values, strict=True)
            if value is not None
        )
        spread = 0.03 + choices[0].amount.spread + 0.5 * (1 - heard)
        amounts[code] = first
        variances[code] = apart / sum(weights) + (spread * first) ** 2
    return Doubt(amounts, variances)


def _value(food: Food, choice: Choice, code: str) -> float | None:
    per_100_g = food.nutrients.get(code)
    return None if per_100_g is None else per_100_g * choice.amount.grams / 100


def interval(doubts: Sequence[Doubt]) -> dict[str, tuple[float, float]]:
    """Low and high for energy and carbohydrate of a meal.

    The items' doubts add up half in quadrature, as what is independent, and half in full.
    """
    bounds: dict[str, tuple[float, float]] = {}
    for code in CODES:
        known = [one for one in doubts if code in one.amounts]
        if known:
            total = sum(one.amounts[code] for one in known)
            apart = sum(one.variances[code] for one in known)
            whole = sum(math.sqrt(one.variances[code]) for one in known)
            width = math.sqrt((1 - _TOGETHER) * apart + _TOGETHER * whole**2)
            half = 0.02 * total + _SCALE * WITHIN * width
            bounds[code] = (max(0.0, total - half), total + half)
    return bounds
