"""Providers in order: who may be asked, with what set aside, and the first that manages.

Here stand consent, breakers and budgets; what is asked is the caller's `Work`.
"""

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final, Generic, TypeVar
from uuid import UUID

import msgspec

from hearth.ai import usage
from hearth.ai.answers import (
    Answer,
    Call,
    Check,
    OverBudget,
    TooManyAtOnce,
    failed,
    not_configured,
    not_consented,
)
from hearth.ai.breaker import REST_S, Breaker
from hearth.ai.config import Ability, Config, Provider
from hearth.ai.wire import LONGEST_WAIT_S, ProviderFailed
from hearth.core.db import Db

T = TypeVar("T")

# More tokens or seconds than any model takes are a mistake of who counted them.
MOST_TOKENS: Final = 100_000_000
MOST_SECONDS: Final = 86_400.0
# Of one person in one process: a model on a small machine answers one question at a time.
MOST_AT_ONCE: Final = 4
_UNHEARD: Final = frozenset({"timeout", "lost"})


class Tally(msgspec.Struct):
    """What one provider has taken in one task, repairs included; None is not known."""

    tokens_in: int | None = None
    tokens_out: int | None = None
    seconds: float | None = None
    outcome: str = "failed"

    def add(self, tokens_in: int | None, tokens_out: int | None) -> None:
        """Count one answer's tokens. A count that cannot be is no count."""
        if tokens_in is not None and 0 <= tokens_in <= MOST_TOKENS:
            self.tokens_in = (self.tokens_in or 0) + tokens_in
        if tokens_out is not None and 0 <= tokens_out <= MOST_TOKENS:
            self.tokens_out = (self.tokens_out or 0) + tokens_out

    def lasted(self, told_s: float | None, known_s: float | None) -> None:
        """Note how long a recording was, as the provider told, else as is known here."""
        possible = told_s is not None and 0 <= told_s <= MOST_SECONDS
        self.seconds = told_s if possible else known_s


Work = Callable[[Provider, Tally], Awaitable[T]]


class Task(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One thing to get done by whichever provider manages.

    `work` does it and sets the tally's outcome; `likely` says what one exchange may cost with a
    provider, in millionths of the currency, None when its price is not known; `exchanges` is how
    many there are at most.
    """

    ability: Ability
    call: Call
    work: Work[T]
    likely: Callable[[Provider], int | None]
    prompt: str = ""
    exchanges: int = 1


class Calling:
    """The providers of this process with their breakers."""

    def __init__(self, config: Config, db: Db, clock: Callable[[], float]) -> None:
        self.config = config
        self._db = db
        self._under_way: Counter[UUID] = Counter()
        self._breakers = {one.name: Breaker(one.name, clock) for one in config.providers}

    def allowed(self, ability: Ability, call: Call) -> tuple[Provider, ...]:
        """Who can do this and may for this person; nobody is `NotConfigured` or `NotConsented`."""
        able = self.config.able(ability)
        if not able:
            raise not_configured(ability)
        allowed = tuple(one for one in able if may(one, call))
        if not allowed:
            raise not_consented([one.name for one in able])
        return allowed

    async def first(self, task: Task[T]) -> Answer[T]:
        """The answer of the first provider that gives one."""
        with self._turn(task.call.person_id):
            return await self._first(task)

    @contextmanager
    def _turn(self, person_id: UUID | None) -> Iterator[None]:
        if person_id is None:
            yield
            return
        if self._under_way[person_id] >= MOST_AT_ONCE:
            raise TooManyAtOnce(
                f"{MOST_AT_ONCE} questions to models are under way for you. Wait for one of them.",
                retry_after_s=5,
            )
        self._under_way[person_id] += 1
        try:
            yield
        finally:
            self._under_way[person_id] -= 1
            if not self._under_way[person_id]:
                del self._under_way[person_id]

    async def _first(self, task: Task[T]) -> Answer[T]:
        why: list[str] = []
        over: OverBudget | None = None
        for provider in self.allowed(task.ability, task.call):
            try:
                return await self._by(provider, task)
            except OverBudget as refused:
                # A provider that costs less, or nothing, may still be within the budget.
                over = over or refused
            except ProviderFailed as failure:
                why.append(f"{provider.name} {failure.why}")
        raise over or failed(why)

    def checks(self) -> list[Check]:
        """How each provider is, from its last calls."""
        states = {"closed": "well", "half_open": "trying", "open": "away"}
        away = "It failed several times in a row and is tried again in a while."
        return [
            Check(name, states[one.state], away if one.state == "open" else "")
            for name, one in self._breakers.items()
        ]

    async def _by(self, provider: Provider, task: Task[T]) -> Answer[T]:
        breaker = self._breakers[provider.name]
        if not breaker.allows():
            raise ProviderFailed("has failed several times and is left alone for a while.")
        try:
            reserved = await usage.reserve(self._db, self.config, self._reservation(provider, task))
            return await self._worked(provider, task, reserved)
        finally:
            # No effect after success or failure; ends a trial that was cancelled or refused.
            breaker.given_up()

    async def _worked(
        self, provider: Provider, task: Task[T], reserved: usage.Reserved
    ) -> Answer[T]:
        """The work, counted. A cancelled call stays counted as what was set aside for it."""
        tally, started = Tally(), time.perf_counter()
        failure: ProviderFailed | None = None
        value: list[T] = []
        try:
            value.append(await task.work(provider, tally))
        except ProviderFailed as caught:
            failure = caught
            tally.outcome = caught.outcome
        _tell(self._breakers[provider.name], failure)
        took = usage.Took(
            outcome=tally.outcome,
            tokens_in=tally.tokens_in,
            tokens_out=tally.tokens_out,
            cost_micro=_cost(provider, task, reserved, tally),
            waited_ms=round((time.perf_counter() - started) * 1000),
        )
        await usage.settle(self._db, reserved, took)
        if failure is not None:
            raise failure
        return Answer(
            value=value[0],
            service=reserved.service,
            model=reserved.model,
            tokens_in=took.tokens_in,
            tokens_out=took.tokens_out,
            cost_micro=took.cost_micro,
            currency=reserved.currency,
        )

    def _reservation(self, provider: Provider, task: Task[T]) -> usage.Reserved:
        once = task.likely(provider)
        return usage.reservation(
            self.config,
            provider.name,
            provider.model_for(task.ability),
            task.call,
            prompt=task.prompt,
            cost_micro=None if once is None else once * task.exchanges,
        )


def may(provider: Provider, call: Call) -> bool:
    """Whether what this call sends may go to a provider."""
    return not provider.needs_consent or not call.is_personal or provider.name in call.consented


def _tell(breaker: Breaker, failure: ProviderFailed | None) -> None:
    if failure is None or not failure.is_away:
        breaker.succeeded()
        return
    # Who asks for more patience than a person has is left alone for as long as they ask.
    asked_s = failure.again_s or 0.0
    breaker.failed(max(REST_S, asked_s), at_once=asked_s > LONGEST_WAIT_S)


def _cost(provider: Provider, task: Task[T], reserved: usage.Reserved, tally: Tally) -> int | None:
    """What a call cost; where the provider does not tell, what was set aside for it."""
    if tally.outcome == "failed" and tally.tokens_in is None:
        return 0
    known = _known_cost(provider, task, tally)
    if tally.outcome in _UNHEARD:
        # The exchange that was not heard to its end may have been charged like a whole one.
        once = task.likely(provider)
        return None if once is None else (known or 0) + once
    return reserved.cost_micro if known is None else known


def _known_cost(provider: Provider, task: Task[T], tally: Tally) -> int | None:
    if task.ability == "hear":
        return usage.cost_of_speech(provider, tally.seconds, tally.tokens_in, tally.tokens_out)
    return usage.cost_micro(provider, tally.tokens_in, tally.tokens_out)
