"""How sure a reading is: a confidence for each item, an interval for the whole."""

import math
from collections.abc import Sequence
from typing import Final

import msgspec

from hearth.recognition.answers import ReadItem
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


def interval(items: Sequence[ReadItem]) -> dict[str, tuple[float, float]]:
    """Low and high for energy and carbohydrate of a meal: the items' doubts add up in quadrature.

    The doubt of an item is what its confidence leaves open; it never falls below 3 %, which is
    what rounding in tables alone makes.
    """
    bounds: dict[str, tuple[float, float]] = {}
    for code in ("energy_kcal", "carb_g"):
        amounts = [
            (item.nutrients[code], item.confidence) for item in items if code in item.nutrients
        ]
        if not amounts:
            continue
        total = sum(amount for amount, _ in amounts)
        doubts = (amount * (0.03 + 0.45 * (1 - sure) ** 2) for amount, sure in amounts)
        half = WITHIN * math.sqrt(sum(doubt * doubt for doubt in doubts)) + 0.02 * total
        bounds[code] = (max(0.0, total - half), total + half)
    return bounds
