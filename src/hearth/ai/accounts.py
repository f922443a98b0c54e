"""What calls of models took, for whom it concerns: a person's account, and the house's.

Sums are in one currency; calls whose price is not known are counted apart and never as nothing.
"""

from datetime import date, datetime
from typing import Final
from uuid import UUID

import msgspec

from hearth.ai.usage import HOUSE_SPENT, PERSON_SPENT, Spent, month_of
from hearth.core.db import SYSTEM, Db
from hearth.core.sql import Statements
from hearth.core.values import now


class Spending(msgspec.Struct, frozen=True):
    """A month's spending of one provider, model and purpose."""

    service: str
    model: str
    purpose: str
    calls: int
    unpriced_calls: int
    tokens_in: int
    tokens_out: int
    cost_micro: int


class Usage(msgspec.Struct, frozen=True):
    """One time that a provider was asked for a person."""

    id: UUID
    at: datetime
    service: str
    model: str
    purpose: str
    prompt: str
    outcome: str
    tokens_in: int | None
    tokens_out: int | None
    cost_micro: int | None
    currency: str
    waited_ms: int | None


class UsageDay(msgspec.Struct, frozen=True):
    """A day (UTC) of a person's calls; `cost_micro` leaves out unpriced calls."""

    day: date
    calls: int
    unpriced_calls: int
    cost_micro: int


_sql: Final = Statements.beside(__file__)
SPENDING: Final = _sql.rows("spending", Spending)
OWN_SPENDING: Final = _sql.rows("own_spending", Spending)
USAGE_DAYS: Final = _sql.rows("usage_days", UsageDay)
USAGE_OF: Final = _sql.rows("usage_of", Usage)


async def spent(
    db: Db, person_id: UUID, currency: str = "EUR", *, month: date | None = None
) -> Spent:
    """What a person's calls have taken in a month, this one unless another is named."""
    return await db.one(PERSON_SPENT, person_id, currency=currency, month=month or month_of(now()))


async def own_spending(
    db: Db, person_id: UUID, month: date, currency: str = "EUR"
) -> list[Spending]:
    """The same by provider, model and purpose, dearest first."""
    return await db.all(OWN_SPENDING, person_id, month=month, currency=currency)


async def usage_days(db: Db, person_id: UUID, month: date, currency: str = "EUR") -> list[UsageDay]:
    """The days of a month on which a person's calls were made."""
    return await db.all(USAGE_DAYS, person_id, month=month, currency=currency)


async def usage_of(
    db: Db,
    person_id: UUID,
    *,
    month: date | None = None,
    after: UUID | None = None,
    limit: int = 50,
) -> list[Usage]:
    """A person's calls, newest first; `after` is the id of the last one of the page before."""
    return await db.all(USAGE_OF, person_id, month=month, after=after, limit=limit)


async def house_spent(db: Db, month: date, currency: str = "EUR") -> Spent:
    """What all calls of a month took, for staff."""
    return await db.one(HOUSE_SPENT, SYSTEM, month=month, currency=currency)


async def spending(db: Db, month: date, currency: str = "EUR") -> list[Spending]:
    """The house's spending in a month by provider, model and purpose, for staff."""
    return await db.all(SPENDING, SYSTEM, month=month, currency=currency)
