"""What the pages of models show: who can do what, and what it cost, in the reader's words."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec
from babel.dates import format_date, format_skeleton

from hearth.ai import Ability, Ai, Service, accounts
from hearth.web.costs import maker_of, money
from hearth.web.shown import Shown
from hearth.web.templates import gettext, ngettext

SHOWN_ABILITIES: Final[tuple[Ability, ...]] = ("see", "hear", "ask", "embed")


class ShownService(msgspec.Struct, frozen=True, kw_only=True):
    """One provider of an ability: who, which model, where, and how it is."""

    maker: str
    model: str
    where: str
    state: str
    is_well: bool


class ShownAbility(msgspec.Struct, frozen=True, kw_only=True):
    """What models do, who does it here in the order of asking, and how a first one is named."""

    name: str
    services: list[ShownService]
    how: str


class ShownCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call in a line of the account."""

    when: str
    iso: str
    purpose: str
    model: str
    tokens: str
    cost: str
    outcome: str


class ShownSum(msgspec.Struct, frozen=True, kw_only=True):
    """A line of sums; `known` is its cost without those calls of which none is known."""

    purpose: str
    model: str
    calls: str
    cost: str
    known: str


class Stick(msgspec.Struct, frozen=True, kw_only=True):
    """A day in the picture: `share` of the highest, 0 to 1."""

    share: float
    label: str
    calls: str
    cost: str
    has_calls: bool


class Sticks(msgspec.Struct, frozen=True, kw_only=True):
    """The days of a month as a picture with its table."""

    label: str
    first: str
    last: str
    days: list[Stick]


# ------------------------------------------------------------------ the models


def abilities(ai: Ai) -> list[ShownAbility]:
    """What models do in this house, ability by ability."""
    states = {one.service: one.state for one in ai.checks()}
    return [
        ShownAbility(
            name=_ability_name(ability),
            services=[_service(one, states.get(one.name, "")) for one in ai.services(ability)],
            how=_how(ability),
        )
        for ability in SHOWN_ABILITIES
    ]


def _service(service: Service, state: str) -> ShownService:
    return ShownService(
        maker=maker_of(service),
        model=service.model,
        where=service.origin or gettext("inside of Hearth"),
        state=_state_words(state),
        is_well=state == "well",
    )


def _ability_name(ability: Ability) -> str:
    return {
        "see": gettext("Plates and menus from a photo"),
        "hear": gettext("Speech"),
        "ask": gettext("Questions about text"),
        "embed": gettext("Likeness of texts"),
    }[ability]


def _state_words(state: str) -> str:
    words = {
        "well": gettext("no trouble lately"),
        "trying": gettext("is being tried again"),
        "away": gettext("failed several times and is left alone for a while"),
    }
    return words.get(state, "")


def _how(ability: Ability) -> str:
    """The settings that name a first model, for the owner."""
    return {
        "see": "AI_PROVIDERS=ollama\nAI_OLLAMA_VISION_MODEL=…",
        "hear": "AI_PROVIDERS=whisper\nAI_WHISPER_PATH=/…",
        "ask": "AI_PROVIDERS=ollama\nAI_OLLAMA_MODEL=…",
        "embed": "AI_PROVIDERS=ollama\nAI_OLLAMA_EMBED_MODEL=…",
    }[ability]


# ------------------------------------------------------------------ what it cost


def cost_words(shown: Shown, of: accounts.Spending | accounts.UsageDay, currency: str) -> str:
    """A sum in words. Calls whose price is not known are said beside it, never added as nothing."""
    if _is_unknown(of):
        return gettext("unknown")
    known = money(shown, of.cost_micro, currency)
    if not of.unpriced_calls:
        return known
    return ngettext(
        "%(known)s, and %(count)s call of unknown cost",
        "%(known)s, and %(count)s calls of unknown cost",
        of.unpriced_calls,
    ) % {"known": known, "count": shown.number(of.unpriced_calls)}


def sum_line(shown: Shown, of: accounts.Spending, currency: str) -> ShownSum:
    """One line of sums, for a purpose and model."""
    return ShownSum(
        purpose=purpose_words(of.purpose),
        model=f"{of.model} ({of.service})",
        calls=shown.number(of.calls),
        cost=cost_words(shown, of, currency),
        known=money(shown, None if _is_unknown(of) else of.cost_micro, currency),
    )


def whole(lines: Sequence[accounts.Spending]) -> accounts.Spending:
    """All lines in one."""
    return accounts.Spending(
        "", "", "",
        sum(one.calls for one in lines),
        sum(one.unpriced_calls for one in lines),
        sum(one.tokens_in for one in lines),
        sum(one.tokens_out for one in lines),
        sum(one.cost_micro for one in lines),
    )  # fmt: skip


def call_line(shown: Shown, of: accounts.Usage) -> ShownCall:
    """One line of the account."""
    return ShownCall(
        when=shown.moment(of.at),
        iso=of.at.isoformat(),
        purpose=purpose_words(of.purpose),
        model=f"{of.model} ({of.service})",
        tokens=_tokens(shown, of),
        cost=money(shown, of.cost_micro, of.currency),
        outcome=_outcome_words(of.outcome),
    )


def sticks(shown: Shown, found: Sequence[accounts.UsageDay], month: date, currency: str) -> Sticks:
    """The month's days: what they cost, or where nothing is known to have cost, how many calls."""
    by_day = {one.day: one for one in found}
    by_cost = any(one.cost_micro for one in found)
    most = max((_height(one, by_cost) for one in found), default=0) or 1
    last = month.replace(day=monthrange(month.year, month.month)[1])
    days = [
        by_day.get(month.replace(day=number), accounts.UsageDay(month.replace(day=number), 0, 0, 0))
        for number in range(1, last.day + 1)
    ]
    title = gettext("Cost of each day") if by_cost else gettext("Calls of each day")
    top = money(shown, most, currency) if by_cost else shown.number(most)
    return Sticks(
        label=gettext("%(title)s, at most %(top)s") % {"title": title, "top": top},
        first=format_date(month, "d. M." if shown.locale.startswith("sr") else "d/M"),
        last=format_date(last, "d. M." if shown.locale.startswith("sr") else "d/M"),
        days=[
            Stick(
                share=_height(one, by_cost) / most,
                label=shown.day(one.day),
                calls=shown.number(one.calls),
                cost=cost_words(shown, one, currency),
                has_calls=one.calls > 0,
            )
            for one in days
        ],
    )


def month_words(shown: Shown, month: date) -> str:
    """A month with its year."""
    return str(format_skeleton("yMMMM", month, locale=shown.babel))


def purpose_words(purpose: str) -> str:
    """What a call was for; a purpose without words of its own is shown as it is written."""
    words = {
        "plate_photo": gettext("A plate from a photo"),
        "meal_photo": gettext("A plate from a photo"),
        "menu_photo": gettext("A menu from a photo"),
        "meal_voice": gettext("A meal by voice"),
    }
    return words.get(purpose, purpose.replace("_", " "))


def _outcome_words(outcome: str) -> str:
    words = {
        "repaired": gettext("asked twice"),
        "invalid": gettext("no usable answer"),
        "declined": gettext("declined to answer"),
        "timeout": gettext("too slow"),
        "failed": gettext("failed"),
        "pending": gettext("not answered yet"),
        "lost": gettext("not heard to its end"),
    }
    return words.get(outcome, "")


def _tokens(shown: Shown, of: accounts.Usage) -> str:
    if of.tokens_in is None and of.tokens_out is None:
        return gettext("unknown")
    sides = (of.tokens_in, of.tokens_out)
    return " + ".join("?" if one is None else shown.number(one) for one in sides)


def _is_unknown(of: accounts.Spending | accounts.UsageDay) -> bool:
    return of.calls > 0 and of.unpriced_calls >= of.calls


def _height(of: accounts.UsageDay, by_cost: bool) -> int:
    return of.cost_micro if by_cost else of.calls
