"""Sums of nutrients that say how much of what was eaten they know about.

Unknown is not zero: an item that does not state a nutrient adds nothing to its sum and lowers its
coverage; a nutrient that no item states has no sum at all.
"""

from collections.abc import Iterable, Sequence
from itertools import compress, zip_longest

import msgspec

from hearth.foods import CODES

Column = Sequence[float | None]


class Total(msgspec.Struct, frozen=True):
    """The sum of one nutrient over the items that state it.

    `coverage` (0 to 1) is the share of the energy eaten that comes from items which state the
    nutrient; where some item's energy is unknown or all is zero, the share of the items.
    `is_partial` says that at least one item does not state it.
    """

    amount: float
    coverage: float
    is_partial: bool


Totals = dict[str, Total]
"""Sums by nutrient code; a code that no item states is absent."""


def plain(amount: float) -> float:
    """An amount to seven significant digits, which is what a stored `real` holds."""
    return float(f"{amount:.7g}")


def totals(columns: Sequence[Column]) -> Totals:
    """The sums over the items' stored columns; a short one, of an older list, is unknown beyond."""
    weights, whole = _weights(columns)
    # Nutrients that are missing in the same items are covered alike, and most come in such groups.
    coverage: dict[tuple[bool, ...], float] = {}
    found: Totals = {}
    for code, values in zip(CODES, zip_longest(*columns), strict=False):
        if None not in values:
            found[code] = Total(plain(sum(values)), 1.0, False)  # type: ignore[arg-type]
            continue
        stated = tuple([value is not None for value in values])
        if stated not in coverage:
            coverage[stated] = share(sum(compress(weights, stated)), whole)
        if True in stated:
            amount = sum(compress(values, stated))  # type: ignore[arg-type]
            found[code] = Total(plain(amount), coverage[stated], True)
    return found


def share(part: float, whole: float) -> float:
    """A coverage to four digits; sums of fractions may end a hair above one."""
    return round(min(1.0, part / whole), 4)


def _weights(columns: Sequence[Column]) -> tuple[Sequence[float], float]:
    energies = [column[0] if column else None for column in columns]
    if None not in energies and (whole := sum(energies)) > 0:  # type: ignore[arg-type]
        return energies, whole  # type: ignore[return-value]
    return [1.0] * len(columns), float(len(columns))


def total_of(amount: float, stated: int, items: int, energy_share: float | None) -> Total:
    """A total from sums that the database made; `energy_share` is None where it cannot be said."""
    coverage = stated / items if energy_share is None else energy_share
    return Total(plain(amount), share(coverage, 1.0), stated < items)


def unknown(codes: Iterable[str]) -> tuple[str, ...]:
    """The nutrient codes that are in no total, in the order of the list."""
    known = set(codes)
    return tuple(code for code in CODES if code not in known)
