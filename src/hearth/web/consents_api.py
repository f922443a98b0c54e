"""`/api/consents` and `/api/models`: what a person agreed to, and what models do and cost."""

from datetime import date, datetime
from typing import Annotated, Final, get_args
from uuid import UUID

import msgspec
from litestar import delete, get, put
from litestar.params import JSONBody, PathParameter, QueryParameter

from hearth import privacy
from hearth.ai import Ability, Ai, Service, Sort, Spent, accounts
from hearth.core.errors import refused
from hearth.privacy import Consent, Purpose
from hearth.web.answers import Limit
from hearth.web.dependencies import DbIn, DoorsIn, PersonIn
from hearth.web.models_web import Month, month_in

PurposeName = Annotated[
    str, PathParameter(pattern=r"^[a-z][a-z0-9_]{0,31}(:[a-z0-9_]{1,32})?$", max_length=65)
]
Place = Annotated[UUID | None, QueryParameter(description="`next` of the page before.")]
_STAFF: Final = {"role": ("support", "operations", "admin"), "scope": "models:read"}


class ConsentChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the person agrees. To agree, `digest` is needed: that of what they were shown, as `GET
    /api/consents` gave it; when it is another by now, nothing is agreed to."""

    given: bool
    digest: Annotated[str, msgspec.Meta(max_length=64)] | None = None


class PurposeState(msgspec.Struct, frozen=True):
    """Something to agree to: the version of its text, what it hangs on (a model's kind and address)
    and covers, and the `digest` of all that; whether the person's consent stands, and since when."""

    purpose: str
    version: int
    subject: str
    covers: list[str]
    digest: str
    given: bool
    given_at: datetime | None = None


class Consents(msgspec.Struct, frozen=True):
    """What can be agreed to here, and a page of all that the person ever agreed to, latest first.

    What stands without being among `purposes` as given is of no effect; it can be taken back."""

    purposes: list[PurposeState]
    history: list[Consent]
    next: UUID | None = None


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """A provider and its model. `origin` is where it is asked; empty for what runs inside of Hearth; `takes` are the
    sorts of data that it may be sent; `state` is `well`, `trying` or `away`. Prices are in
    `currency` for a million tokens and a minute of speech; null is not known."""

    service: str
    model: str
    kind: str
    origin: str
    takes: list[Sort]
    needs_consent: bool
    consented: bool
    state: str
    price_in: float | None
    price_out: float | None
    price_minute: float | None
    currency: str


class AbilityState(msgspec.Struct, frozen=True):
    """What models do: answer questions (`ask`), see pictures, hear speech, embed texts. `usable` is
    whether one may be asked for this person now; `models` are in the order of asking."""

    ability: Ability
    usable: bool
    models: list[Model]


class MonthUsage(msgspec.Struct, frozen=True, kw_only=True):
    """A month (UTC) of calls. Costs are in millionths of `currency`; null is not known, and sums
    leave it out and count it as `unpriced_calls`. Budgets are null where there is none."""

    month: date
    currency: str
    spent: Spent
    budget_micro: int | None
    budget_left_micro: int | None
    sums: list[accounts.Spending]


class Calls(MonthUsage, frozen=True, kw_only=True):
    """The person's month with its days, and a page of its calls, newest first."""

    days: list[accounts.UsageDay]
    items: list[accounts.Usage]
    next: UUID | None = None


# ------------------------------------------------------------------ consents


@get("/api/consents", tags=["consents"], summary="Consents")
async def list_consents(
    db: DbIn, person: PersonIn, after: Place = None, limit: Limit = 50
) -> Consents:
    """What can be agreed to in this house, and what the person agreed to."""
    standing = await privacy.standing_consents(db, person)
    history = await privacy.consents(db, person, after=after, limit=limit + 1)
    return Consents(
        [_state(one, standing) for one in privacy.purposes()],
        history[:limit],
        history[limit - 1].id if len(history) > limit else None,
    )


@put("/api/consents/{purpose:str}", tags=["consents"], summary="Give or withdraw a consent")
async def change_consent(
    db: DbIn, person: PersonIn, purpose: PurposeName, data: JSONBody[ConsentChange]
) -> Consent:
    """Agree to a purpose, or with `given` false take the agreement back. It acts at once."""
    if not data.given:
        return await privacy.withdraw(db, person, purpose)
    if data.digest is None:
        raise refused("digest", "is needed to agree: send that of what was shown.")
    return await privacy.give(db, person, purpose, digest=data.digest)


@delete("/api/consents/{purpose:str}", tags=["consents"], summary="Withdraw a consent")
async def withdraw_consent(db: DbIn, person: PersonIn, purpose: PurposeName) -> None:
    """Take an agreement back. It acts at once; that it was given stays on record."""
    await privacy.withdraw(db, person, purpose)


def _state(purpose: Purpose, standing: list[Consent]) -> PurposeState:
    given = next((one for one in standing if one.meets(purpose)), None)
    return PurposeState(
        purpose.name,
        purpose.version,
        purpose.subject,
        sorted(purpose.covers),
        purpose.digest,
        given is not None,
        given.given_at if given else None,
    )


# ------------------------------------------------------------------ models


@get("/api/models", tags=["models"], summary="Models")
async def list_models(db: DbIn, doors: DoorsIn, person: PersonIn) -> list[AbilityState]:
    """What models do in this house, and which of them the person agreed to."""
    agreed = await privacy.consented(db, person)
    return [_ability(doors.ai, ability, agreed) for ability in get_args(Ability)]


@get("/api/models/usage", tags=["models"], summary="What the person's calls cost")
async def model_usage(
    db: DbIn,
    doors: DoorsIn,
    person: PersonIn,
    month: Month = None,
    after: Place = None,
    limit: Limit = 50,
) -> Calls:
    """The calls of models made for the person in a month (UTC), this one unless another is named."""
    first, budgets = month_in(month), doors.ai.budgets
    items = await accounts.usage_of(db, person.id, month=first, after=after, limit=limit + 1)
    sums = await accounts.own_spending(db, person.id, first, budgets.currency)
    spent = await accounts.spent(db, person.id, budgets.currency, month=first)
    return Calls(
        month=first,
        currency=budgets.currency,
        spent=spent,
        budget_micro=budgets.person_month_micro,
        budget_left_micro=_left(budgets.person_month_micro, spent),
        sums=sums,
        days=await accounts.usage_days(db, person.id, first, budgets.currency),
        items=items[:limit],
        next=items[limit - 1].id if len(items) > limit else None,
    )


@get("/api/models/spending", tags=["models"], opt=_STAFF, summary="What the house spent")
async def model_spending(
    db: DbIn, doors: DoorsIn, person: PersonIn, month: Month = None
) -> MonthUsage:
    """What calls of models cost the house in a month, of all persons together; for staff."""
    first, budgets = month_in(month), doors.ai.budgets
    spent = await accounts.house_spent(db, first, budgets.currency)
    return MonthUsage(
        month=first,
        currency=budgets.currency,
        spent=spent,
        budget_micro=budgets.month_micro,
        budget_left_micro=_left(budgets.month_micro, spent),
        sums=await accounts.spending(db, first, budgets.currency),
    )


def _ability(ai: Ai, ability: Ability, agreed: frozenset[str]) -> AbilityState:
    states = {one.service: one.state for one in ai.checks()}
    models = [_model(one, agreed, states.get(one.name, "well")) for one in ai.services(ability)]
    usable = any(one.consented or not one.needs_consent for one in models)
    return AbilityState(ability, usable, models)


def _model(service: Service, agreed: frozenset[str], state: str) -> Model:
    return Model(
        service=service.name,
        model=service.model,
        kind=service.kind,
        origin=service.origin,
        takes=list(service.takes),
        needs_consent=service.needs_consent,
        consented=service.name in agreed,
        state=state,
        price_in=service.price_in,
        price_out=service.price_out,
        price_minute=service.price_minute,
        currency=service.currency,
    )


def _left(budget_micro: int | None, spent: Spent) -> int | None:
    return None if budget_micro is None else max(0, budget_micro - spent.cost_micro)


routes: Final = [
    list_consents, change_consent, withdraw_consent, list_models, model_usage, model_spending,
]  # fmt: skip
