"""The pages of models: which there are, what a person agreed to, and what they cost."""

from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import QueryParameter

from hearth import privacy
from hearth.ai import accounts, month_of, next_month
from hearth.core.db import Db
from hearth.core.errors import NotFound
from hearth.core.values import now
from hearth.people import Person
from hearth.privacy import Consent
from hearth.web import models_shown as views
from hearth.web.costs import money
from hearth.web.dependencies import DbIn, DoorsIn, LocaleIn, PersonIn
from hearth.web.doors import Doors
from hearth.web.forms import fields_of, seen
from hearth.web.identity import safe_next
from hearth.web.shown import Shown
from hearth.web.templates import render

AnyRequest = Request[Any, Any, Any]
Page = Response[Any]
LINES: Final = 50
_STAFF: Final = {"role": ("support", "operations", "admin")}

Month = Annotated[
    str | None,
    QueryParameter(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="A month as 2026-11."),
]


def month_in(text: str | None) -> date:
    """The first day of a month in an address; this month (UTC) where none is named."""
    return date.fromisoformat(f"{text}-01") if text else month_of(now())


@get("/me/models", include_in_schema=False)
async def models_page(
    request: AnyRequest, db: DbIn, doors: DoorsIn, person: PersonIn, locale: LocaleIn,
    month: Month = None,
) -> Page:  # fmt: skip
    """The models of this house, the person's consents, and their account."""
    shown = Shown(locale=locale, zone=person.zone)
    return render(
        request,
        "models.html",
        here="me",
        abilities=views.abilities(doors.ai),
        **await _consents(db, doors, person, shown),
        **_months(month_in(month), shown),
        **await _account(db, doors, person, shown, month_in(month)),
    )


@get("/me/models/calls", include_in_schema=False)
async def calls_page(
    request: AnyRequest, db: DbIn, person: PersonIn, locale: LocaleIn,
    month: Month = None, after: UUID | None = None,
) -> Page:  # fmt: skip
    """A month's calls, a page at a time."""
    shown = Shown(locale=locale, zone=person.zone)
    first = month_in(month)
    found = await accounts.usage_of(db, person.id, month=first, after=after, limit=LINES + 1)
    return render(
        request,
        "model_calls.html",
        here="me",
        calls=[views.call_line(shown, one) for one in found[:LINES]],
        next=found[LINES - 1].id if len(found) > LINES else None,
        is_first=after is None,
        **_months(first, shown),
    )


@post("/me/consents", include_in_schema=False)
async def change_consent(request: AnyRequest, db: DbIn, person: PersonIn) -> Page:
    """Agree to what was shown, or take an agreement back, and go on."""
    fields = await fields_of(request)
    purpose = fields.text("purpose")
    if fields.text("given") == "yes":
        await privacy.give(db, person, purpose, digest=fields.text("digest"))
    else:
        await _withdraw(db, person, purpose)
    return seen(safe_next(fields.text("next")))


@get("/staff/models", opt=_STAFF, include_in_schema=False)
async def spending_page(
    request: AnyRequest, db: DbIn, doors: DoorsIn, person: PersonIn, locale: LocaleIn,
    month: Month = None,
) -> Page:  # fmt: skip
    """What the house spent on models, for staff."""
    shown = Shown(locale=locale, zone=person.zone)
    first, budgets = month_in(month), doors.ai.budgets
    lines = await accounts.spending(db, first, budgets.currency)
    return render(
        request,
        "spending.html",
        here="me",
        abilities=views.abilities(doors.ai),
        **_months(first, shown),
        **_sums(shown, lines, budgets.currency, budgets.month_micro),
    )


async def _consents(db: Db, doors: Doors, person: Person, shown: Shown) -> dict[str, Any]:
    """Each provider that needs consent, with since when the person agrees to it if they do; and the
    agreements that were not taken back and meet nothing that this house has now."""
    standing = await privacy.standing_consents(db, person)
    met = {one.purpose: one for one in standing if _is_met(one)}
    found = []
    for service in doors.ai.providers():
        if service.needs_consent:
            given = met.get(privacy.model_purpose(service).name)
            found.append(
                {"service": service, "since": shown.moment(given.given_at) if given else ""}
            )
    former = [
        {"purpose": one.purpose, "what": _what(one), "since": shown.moment(one.given_at)}
        for one in standing
        if one.purpose not in met
    ]
    return {"consents": found, "former": former}


def _is_met(given: Consent) -> bool:
    return any(given.meets(one) for one in privacy.purposes())


def _what(given: Consent) -> str:
    name = given.purpose.removeprefix("model:")
    return f"{name} ({given.subject})" if given.subject else name


async def _account(
    db: Db, doors: Doors, person: Person, shown: Shown, month: date
) -> dict[str, Any]:
    budgets = doors.ai.budgets
    lines = await accounts.own_spending(db, person.id, month, budgets.currency)
    days = await accounts.usage_days(db, person.id, month, budgets.currency)
    calls = await accounts.usage_of(db, person.id, month=month, limit=6)
    return {
        "sticks": views.sticks(shown, days, month, budgets.currency) if days else None,
        "calls": [views.call_line(shown, one) for one in calls[:5]],
        "has_more": len(calls) > 5,
        **_sums(shown, lines, budgets.currency, budgets.person_month_micro),
    }


def _sums(
    shown: Shown, lines: list[accounts.Spending], currency: str, cap_micro: int | None
) -> dict[str, Any]:
    """The lines and their sum, and what is left of a budget; "" where there is none."""
    total = views.whole(lines)
    left = None if cap_micro is None else max(0, cap_micro - total.cost_micro)
    return {
        "lines": [views.sum_line(shown, one, currency) for one in lines],
        "total": views.sum_line(shown, total, currency) if lines else None,
        "left": "" if left is None else money(shown, left, currency),
        "budget": "" if cap_micro is None else money(shown, cap_micro, currency),
    }


def _months(month: date, shown: Shown) -> dict[str, Any]:
    """The month that is shown and its neighbours; nothing lies in the future."""
    this = month_of(now())
    before = date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)
    later = next_month(month)
    return {
        "month": f"{month:%Y-%m}",
        "month_text": views.month_words(shown, month),
        "is_now": month == this,
        "before": f"{before:%Y-%m}" if before.year >= 2000 else "",
        "later": f"{later:%Y-%m}" if later <= this else "",
    }


async def _withdraw(db: Db, person: Person, purpose: str) -> None:
    try:
        await privacy.withdraw(db, person, purpose)
    except NotFound:
        # Pressed twice: it is as wanted.
        return


pages: Final = [models_page, calls_page, change_consent, spending_page]
