"""How often somebody may try: per address and per account, never locking an owner out for good.

Every limit refills steadily, so that a full one opens again within seconds or minutes. Attempts on
an account from addresses where it has never been logged in share one budget; an address that the
owner has logged in from has its own. Whoever hammers an account from afar exhausts the former and
leaves the latter alone.
"""

from typing import Final

import msgspec

from hearth.core.errors import TooMany
from hearth.core.limits import Limits, neighbourhood
from hearth.core.values import request_context


class Budget(msgspec.Struct, frozen=True):
    """`limit` attempts per `per_s` seconds, for each subject."""

    name: str
    limit: int
    per_s: float


FROM_ADDRESS: Final = Budget("people.address", 60, 300)
FAMILIAR: Final = Budget("people.login.familiar", 30, 300)
UNFAMILIAR: Final = Budget("people.login.unfamiliar", 10, 900)
REGISTER: Final = Budget("people.register", 20, 3600)
RESET: Final = Budget("people.reset", 5, 3600)
PASSWORD: Final = Budget("people.password", 10, 900)


async def allow(limits: Limits, budget: Budget, subject: str) -> None:
    """Count an attempt; `TooMany`, with the time to wait, when the budget is used up."""
    taken = await limits.take(budget.name, subject, limit=budget.limit, per_s=budget.per_s)
    if not taken.allowed:
        raise TooMany(
            "Too many attempts. Wait a moment and try again.",
            code="too_many_attempts",
            retry_after_s=max(1.0, taken.retry_after_s),
        )


async def allow_address(limits: Limits, budget: Budget = FROM_ADDRESS) -> None:
    """Count an attempt from the address of the request; the machine itself is not counted."""
    network = neighbourhood(request_context.get().address)
    if network:
        await allow(limits, budget, network)
