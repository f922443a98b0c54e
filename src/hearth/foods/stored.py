"""How the stored columns of a food become its values again."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from hearth.core.sql import Convert
from hearth.foods.foods import Portion
from hearth.foods.nutrients import Nutrients, from_column


def figures(column: Sequence[float | None]) -> Nutrients:
    """The map of a stored column, each figure as it was written.

    PostgreSQL keeps `real`: 0.83 comes back as 0.8299999833; six digits are what it holds for sure.
    """
    return from_column([None if amount is None else float(f"{amount:.6g}") for amount in column])


def portions(stored: Any) -> tuple[Portion, ...]:
    """The portions of the decoded JSON."""
    return msgspec.convert(stored, tuple[Portion, ...])


FOOD_COLUMNS: Final[dict[str, Convert]] = {
    "nutrients": figures,
    "aliases": tuple,
    "portions": portions,
    "density_g_ml": lambda real: float(f"{real:.6g}"),
}
