"""How dishes of a menu fit into what is left of a day: ranked, or as printed without a goal."""

from collections.abc import Sequence
from typing import Final

import msgspec

from hearth.diary.days import Day
from hearth.recognition import Dish

ENERGY: Final = "energy_kcal"
PROTEIN: Final = "protein_g"


class Left(msgspec.Struct, frozen=True):
    """What is left of a day towards its goals, below 0 when there is more than the goal.

    None where there is no goal, or where nobody knows how much was eaten. `is_partial` says that
    more may have been eaten than is known, so that less may be left.
    """

    energy_kcal: float | None = None
    protein_g: float | None = None
    is_partial: bool = False

    @property
    def is_known(self) -> bool:
        """Whether anything can be ranked by it."""
        return self.energy_kcal is not None or self.protein_g is not None


class Fit(msgspec.Struct, frozen=True):
    """A dish and how it fits. `rest_kcal` is what it leaves of the day, below 0 when it is over;
    `protein_share` how much of the protein that is left it brings (0 to 1). None is not known."""

    dish: Dish
    rest_kcal: float | None
    protein_share: float | None


def left_of(day: Day) -> Left:
    """What is left of a day."""
    return Left(
        _left(day, ENERGY),
        _left(day, PROTEIN),
        any(day.goals[code].is_partial for code in (ENERGY, PROTEIN) if code in day.goals),
    )


def _left(day: Day, code: str) -> float | None:
    progress = day.goals.get(code)
    if progress is None or progress.goal is None or progress.eaten is None:
        return None
    return progress.goal - progress.eaten


def ranked(dishes: Sequence[Dish], left: Left) -> list[Fit]:
    """The dishes, those first that fit into the energy left, then those over, then the unknown.

    Among them the one first that brings more of the protein left. What neither tells apart stays as
    it is printed, and so does all without a goal.
    """
    fits = [_fit(dish, left) for dish in dishes]
    return sorted(fits, key=lambda fit: _rank(fit, left)) if left.is_known else fits


def _fit(dish: Dish, left: Left) -> Fit:
    return Fit(dish, _rest(dish, left.energy_kcal), _share(dish, left.protein_g))


def _rest(dish: Dish, left: float | None) -> float | None:
    """What the dish leaves; of one that is only known in part, only that it is too much."""
    stated = dish.nutrients.get(ENERGY)
    if left is None or stated is None:
        return None
    is_whole = dish.known(ENERGY) is not None
    return left - stated if is_whole or stated > left else None


def _share(dish: Dish, left: float | None) -> float | None:
    protein = dish.known(PROTEIN)
    if left is None or left <= 0 or protein is None:
        return None
    return min(1.0, protein / left)


def _rank(fit: Fit, left: Left) -> tuple[int, float]:
    protein = -(fit.protein_share or 0.0)
    if left.energy_kcal is None:
        return (0 if fit.protein_share is not None else 1, protein)
    if fit.rest_kcal is None:
        return (2, protein)
    return (0 if fit.rest_kcal >= 0 else 1, protein)
