"""What models cost: counted for each call, capped by the month, shown to whom it concerns.

Before a call its likely cost is set aside, in a transaction that takes turns with all others; after
it the true cost takes that place. So calls at the same time cannot overrun a budget together, and a
process that dies in between leaves the amount set aside counted. Months are UTC's. What is shown of
all this stands in `accounts`.
"""

from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

import msgspec

from hearth.ai.answers import Call, OverBudget
from hearth.ai.config import MICRO, Config, Provider
from hearth.core.db import SYSTEM, Db
from hearth.core.sql import Statements
from hearth.core.values import new_id, now


class Spent(msgspec.Struct, frozen=True):
    """What calls took. `cost_micro`, in millionths of the currency, leaves out unpriced calls."""

    calls: int
    unpriced_calls: int
    tokens_in: int
    tokens_out: int
    cost_micro: int


class Took(msgspec.Struct, frozen=True, kw_only=True):
    """What a call took in the end. Nothing is known that is None."""

    outcome: str
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost_micro: int | None = None
    waited_ms: int = 0


class Reserved(msgspec.Struct, frozen=True, kw_only=True):
    """An amount set aside for one call."""

    id: UUID
    month: date
    currency: str
    person_id: UUID | None
    service: str
    model: str
    purpose: str
    prompt: str
    cost_micro: int | None


statements: Final = Statements.beside(__file__)
TAKE_TURNS = statements.rows("take_turns", str)
PERSON_SPENT = statements.rows("person_spent", Spent)
HOUSE_SPENT = statements.rows("house_spent", Spent)
BEGIN_USAGE = statements.change("begin_usage")
END_USAGE = statements.change("end_usage")
ADD_SPENDING = statements.change("add_spending")
GIVE_UP_USAGE = statements.rows("give_up_usage", int)


# ------------------------------------------------------------------ rules


def cost_micro(provider: Provider, tokens_in: int | None, tokens_out: int | None) -> int | None:
    """What tokens cost in millionths of the currency; None when price or count is not known.

    A price is for a million tokens, so that tokens times price are millionths already.
    """
    total = 0.0
    for tokens, price in ((tokens_in, provider.price_in), (tokens_out, provider.price_out)):
        if price == 0:
            continue
        if tokens is None or price is None:
            return None
        total += tokens * price
    return round(total)


def cost_of_speech(
    provider: Provider, seconds: float | None, tokens_in: int | None, tokens_out: int | None
) -> int | None:
    """What a transcription cost: by the minute when that has a price, else by tokens."""
    if provider.price_minute is None:
        return cost_micro(provider, tokens_in, tokens_out)
    if provider.price_minute == 0:
        return 0
    return None if seconds is None else round(seconds / 60 * provider.price_minute * MICRO)


def month_of(at: datetime) -> date:
    """The first day of a moment's month in UTC."""
    return at.astimezone(UTC).date().replace(day=1)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def reservation(
    config: Config, service: str, model: str, call: Call, *, prompt: str, cost_micro: int | None
) -> Reserved:
    """What is to be set aside for a call that is about to be made."""
    return Reserved(
        id=new_id(),
        month=month_of(now()),
        currency=config.currency,
        person_id=call.person_id,
        service=service,
        model=model,
        purpose=call.purpose,
        prompt=prompt,
        cost_micro=cost_micro,
    )


def _over(spent: Spent, budget: int, more: int, currency: str) -> OverBudget | None:
    """The refusal of what would go over the person's budget."""
    if spent.cost_micro + more <= budget:
        return None
    ends = _month_ends()
    return OverBudget(
        f"Your budget for models, {budget / MICRO:.2f} {currency} a month, is used up: "
        f"{spent.cost_micro / MICRO:.2f} are spent or set aside, and this may cost "
        f"{more / MICRO:.4f}. It begins anew on {ends.date()}; the ways that need no model go on "
        "working.",
        retry_after_s=max(1.0, (ends - now()).total_seconds()),
    )


def _house_over(spent: Spent, budget: int, more: int, currency: str) -> OverBudget | None:
    """The same of the house's."""
    if spent.cost_micro + more <= budget:
        return None
    ends = _month_ends()
    return OverBudget(
        f"This Hearth's budget for models, {budget / MICRO:.2f} {currency} a month, is used up. "
        f"It begins anew on {ends.date()}; the ways that need no model go on working.",
        retry_after_s=max(1.0, (ends - now()).total_seconds()),
    )


def _month_ends() -> datetime:
    return datetime.combine(next_month(month_of(now())), datetime.min.time(), UTC)


# ------------------------------------------------------------------ verbs


async def reserve(db: Db, config: Config, wanted: Reserved) -> Reserved:
    """Set aside what a call may cost, or refuse with `OverBudget`; what costs nothing goes."""
    async with db.transaction(SYSTEM) as tx:
        if wanted.cost_micro:
            await tx.one(TAKE_TURNS, SYSTEM)
            await _check_budgets(tx, config, wanted, wanted.cost_micro)
        if wanted.person_id is not None:
            await tx.run(
                BEGIN_USAGE,
                SYSTEM,
                person=wanted.person_id,
                **_fields(
                    wanted, "id", "service", "model", "purpose", "prompt", "cost_micro", "currency"
                ),
            )
        await _add(tx, wanted, calls=1, cost=wanted.cost_micro or 0, took=None)
    return wanted


async def settle(db: Db, reserved: Reserved, took: Took) -> None:
    """Put the truth in the place of what was set aside."""
    async with db.transaction(SYSTEM) as tx:
        if reserved.person_id is not None:
            await tx.run(
                END_USAGE,
                SYSTEM,
                person=reserved.person_id,
                id=reserved.id,
                **msgspec.structs.asdict(took),
            )
        cost = (took.cost_micro or 0) - (reserved.cost_micro or 0)
        await _add(tx, reserved, calls=0, cost=cost, took=took)


async def give_up_lost(db: Db) -> int:
    """End the accounts of calls that nobody waits for any more; how many there were.

    A process that was killed, or a person who went away, leaves a call pending. It may have been
    charged, so that what was set aside for it stays counted.
    """
    async with db.transaction(SYSTEM) as tx:
        return await tx.one(GIVE_UP_USAGE, SYSTEM)


async def _check_budgets(tx: Db, config: Config, wanted: Reserved, more: int) -> None:
    given = {"currency": wanted.currency, "month": wanted.month}
    over: OverBudget | None = None
    if config.budget_month_micro is not None:
        house = await tx.one(HOUSE_SPENT, SYSTEM, **given)
        over = _house_over(house, config.budget_month_micro, more, wanted.currency)
    if over is None and config.budget_person_micro is not None and wanted.person_id is not None:
        own = await tx.one(PERSON_SPENT, SYSTEM, person=wanted.person_id, **given)
        over = _over(own, config.budget_person_micro, more, wanted.currency)
    if over is not None:
        raise over


async def _add(tx: Db, of: Reserved, *, calls: int, cost: int, took: Took | None) -> None:
    unpriced = 1 if took is not None and took.cost_micro is None else 0
    await tx.run(
        ADD_SPENDING,
        SYSTEM,
        **_fields(of, "month", "currency", "service", "model", "purpose"),
        calls=calls,
        unpriced_calls=unpriced,
        tokens_in=(took.tokens_in if took else None) or 0,
        tokens_out=(took.tokens_out if took else None) or 0,
        cost_micro=cost,
    )


def _fields(of: Reserved, *names: str) -> dict[str, object]:
    return {name: getattr(of, name) for name in names}
