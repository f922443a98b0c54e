"""How far readings are off: quantiles of errors (truth less reading), in widths of `certainty.Doubt`.

Learned from tables of the USDA read against one another, never from a benchmark; `python -m
evals.calibration` says from which and how many, and prints what stands here. Most readings are
exact and few are far off: no normal distribution has this shape.
"""

from typing import Final

LEVELS: Final = (0.02, 0.06, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.94, 0.98)
"""The shares of errors below each quantile."""

_FITS: Final = ("well", "mostly", "partly", "hardly")
KINDS: Final = tuple(
    f"{fit}, {amount}" for fit in _FITS for amount in ("weighed", "portion", "unsaid")
)
"""How well the name fits, and how the grams came."""

Errors = dict[str, dict[str, tuple[float, ...]]]

ERRORS: Final[Errors] = {
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
"""By nutrient and kind, for an index of several tables: what was eaten may be a row of any, or of none."""

ERRORS_OF_ONE_TABLE: Final[Errors] = {
    "energy_kcal": {
        "well, weighed": (-1.11, -0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.94),
        "well, portion": (-0.64, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5),
        "well, unsaid": (-1.23, -0.83, -0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.82, 1.6, 2.41),
        "mostly, weighed": (-1.5, -0.92, -0.23, -0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.18, 1.37),
        "mostly, portion": (-2.18, -0.97, -0.52, 0.0, 0.0, 0.0, 0.0, 0.0, 0.13, 0.71, 2.28),
        "mostly, unsaid": (-2.25, -1.52, -1.08, -0.38, 0.0, 0.0, 0.0, 0.0, 0.9, 1.38, 2.44),
        "partly, weighed": (-2.77, -1.8, -1.35, -0.58, 0.0, 0.0, 0.0, 0.44, 1.62, 2.18, 3.0),
        "partly, portion": (-1.58, -0.78, -0.25, 0.0, 0.0, 0.0, 0.0, 0.09, 0.77, 1.66, 3.03),
        "partly, unsaid": (-2.03, -1.6, -1.38, -0.94, -0.13, 0.0, 0.0, 0.81, 1.73, 3.1, 9.41),
        "hardly, weighed": (-2.23, -1.21, -1.08, -0.84, -0.42, 0.0, 0.2, 0.58, 1.52, 1.79, 4.92),
        "hardly, portion": (-1.57, -1.23, -0.77, -0.28, 0.0, 0.0, 0.24, 0.84, 1.85, 2.57, 4.84),
        "hardly, unsaid": (-1.27, -1.17, -1.12, -0.97, -0.64, -0.38, -0.02, 0.59, 1.32, 1.5, 3.23),
    },
    "carb_g": {
        "well, weighed": (-0.48, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.01, 0.32),
        "well, portion": (-0.8, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.41),
        "well, unsaid": (-1.24, -0.69, -0.39, 0.0, 0.0, 0.0, 0.0, 0.0, 0.7, 1.24, 2.38),
        "mostly, weighed": (-1.19, -0.15, -0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.83),
        "mostly, portion": (-1.37, -0.06, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.4, 1.78),
        "mostly, unsaid": (-1.81, -1.09, -0.47, 0.0, 0.0, 0.0, 0.0, 0.0, 0.73, 1.34, 2.46),
        "partly, weighed": (-2.55, -1.16, -0.44, 0.0, 0.0, 0.0, 0.0, 0.62, 1.6, 2.32, 4.48),
        "partly, portion": (-1.57, -0.86, -0.36, 0.0, 0.0, 0.0, 0.0, 0.0, 0.26, 0.59, 2.53),
        "partly, unsaid": (-2.03, -1.21, -1.13, -0.55, 0.0, 0.0, 0.0, 0.46, 1.38, 1.92, 4.79),
        "hardly, weighed": (-2.48, -1.32, -1.2, -0.63, -0.05, 0.0, 0.02, 0.35, 0.96, 1.06, 1.99),
        "hardly, portion": (-1.97, -1.25, -1.12, -0.23, 0.0, 0.0, 0.07, 0.83, 1.28, 1.66, 3.34),
        "hardly, unsaid": (-1.2, -1.08, -0.97, -0.66, -0.26, 0.0, 0.09, 0.48, 1.08, 1.27, 3.41),
    },
}  # fmt: skip
"""The same for one table alone, where the answer is wanted in that table's own terms."""

ANY_FOOD: Final[dict[str, tuple[float, ...]]] = {
    "energy_kcal": (0.15, 0.31, 0.44, 0.69, 1.24, 1.75, 2.41, 3.38, 4.17, 4.82, 5.84),
    "carb_g": (0.0, 0.0, 0.0, 0.02, 0.07, 0.12, 0.2, 0.4, 0.65, 0.73, 0.83),
}  # fmt: skip
"""Kilocalories and grams of carbohydrate in a gram of any food of these tables."""
