"""What a measurement says, and how several become one."""

import math
from collections.abc import Sequence
from statistics import median

import msgspec


class Rate(msgspec.Struct, frozen=True):
    """How much was done in a second, and how long each took. `failed`: answered wrongly or not."""

    per_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    failed: int = 0


class Row(msgspec.Struct, frozen=True):
    """One thing measured: of the product, of its SQL alone, and of an empty handler."""

    name: str
    clients: int
    product: Rate
    sql: Rate | None = None
    empty: Rate | None = None
    statements: int = 0
    load_average: float = 0.0
    of_sql: float | None = None
    """Median over the rounds of the product's rate by that of the SQL alone."""


class Fact(msgspec.Struct, frozen=True):
    """A single figure with its unit."""

    name: str
    value: float
    unit: str
    note: str = ""


class Target(msgspec.Struct, frozen=True):
    """What was wanted beside what was measured."""

    name: str
    wanted: str
    measured: str
    met: bool


def percentile(sorted_values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile; NaN of nothing."""
    if not sorted_values:
        return math.nan
    return sorted_values[max(0, math.ceil(share * len(sorted_values)) - 1)]


def rate_of(waited_ms: Sequence[float], lasted_s: float, failed: int = 0) -> Rate:
    """The rate of single measurements."""
    inorder = sorted(waited_ms)
    p50, p95, p99 = (percentile(inorder, share) for share in (0.5, 0.95, 0.99))
    return Rate(len(inorder) / lasted_s, p50, p95, p99, failed)


def middle(rates: Sequence[Rate]) -> Rate:
    """The medians of several rounds; what failed is added up."""
    return Rate(
        median(rate.per_s for rate in rates),
        median(rate.p50_ms for rate in rates),
        median(rate.p95_ms for rate in rates),
        median(rate.p99_ms for rate in rates),
        sum(rate.failed for rate in rates),
    )
