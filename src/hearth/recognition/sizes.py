"""Sizes on photos: what of known size was seen, and how far grams from a photo can be trusted."""

from typing import Final, Literal

from hearth.web import gettext

SizeCue = Literal["bank_card", "can_330ml", "coin", "fork", "hand", "plate", "none"]

MEAN_ERROR: Final = 0.36
"""How far the grams of present vision models are off on average, as a share of the true weight:
36 to 37 % for GPT-4o and Claude 3.5 Sonnet on 52 standardised photos (Fridolfsson and others,
Nutrients 2025). No smaller figure is known for photos with a reference in them."""

WITHIN: Final = 1.6
"""Mean errors that hold 80 % of a normal distribution: 1.2816 / sqrt(2 / pi)."""


def spread_of(grams: float, low_g: float, high_g: float) -> float:
    """Half the width of the 80 % interval of a weight seen, as a share of it.

    What the model says of itself counts only where it is more doubtful than models are known to be.
    """
    if grams <= 0:
        return 1.0
    own = max(grams - low_g, high_g - grams, 0.0) / grams
    return min(max(own, MEAN_ERROR * WITHIN), 3.0)


def cue_told(cue: SizeCue) -> str:
    """In words, by what the sizes were measured."""
    return {
        "bank_card": gettext("measured by a bank card (85.6 x 53.98 mm)"),
        "can_330ml": gettext("measured by a can (66 mm wide)"),
        "coin": gettext("measured by a coin"),
        "fork": gettext("measured by a fork (about 20 cm)"),
        "hand": gettext("measured by a hand"),
        "plate": gettext("measured by the plate (taken to be 26 to 27 cm)"),
        "none": gettext("nothing of known size was seen"),
    }[cue]
