"""The door itself: what domains call. `Ai` is its shape, `NoAi` the door of a house without models.

answer = await ai.see(photos, PLATE, into=Plate, call=Call(purpose="meal_photo", person_id=...))
answer.value.items
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, TypeVar, get_args

import msgspec

from hearth.ai.answers import Answer, Audio, Call, Check, Transcript, not_configured
from hearth.ai.config import Ability
from hearth.ai.prompts import Prompt

T = TypeVar("T")

NOTHING: Final[Mapping[str, Any]] = {}
EVERY_ABILITY: Final[tuple[Ability, ...]] = get_args(Ability)


Sort = Literal["words", "pictures", "sound"]
"""The sorts of a person's data that a provider may be sent."""


class Service(msgspec.Struct, frozen=True):
    """A provider as people see it when they are asked for consent.

    `origin` is where it is (`https://api.openai.com`), empty for what runs inside of Hearth; `takes`
    is all that it may be sent in this house. Prices are in `currency`, for a million tokens and for a minute of speech; None
    is not known.
    """

    name: str
    model: str
    needs_consent: bool
    kind: str = ""
    origin: str = ""
    takes: tuple[Sort, ...] = ()
    price_in: float | None = None
    price_out: float | None = None
    price_minute: float | None = None
    currency: str = "EUR"


class Budgets(msgspec.Struct, frozen=True, kw_only=True):
    """The caps of a calendar month (UTC) in millionths of the currency; None is no cap."""

    currency: str = "EUR"
    month_micro: int | None = None
    person_month_micro: int | None = None


class Ai:
    """One way to any model. Every verb raises a `Problem`: `NotConfigured`, `NotConsented`,
    `OverBudget`, `TooManyAtOnce`, `ModelFailed`; and `see` also `Invalid` or `TooLarge` for what is
    no picture."""

    @property
    def configured(self) -> bool:
        """Whether there is any model at all."""
        return any(self.services(ability) for ability in EVERY_ABILITY)

    def services(self, ability: Ability) -> tuple[Service, ...]:
        """Who can do this, in the order in which they are asked; empty when nobody can."""
        raise NotImplementedError

    def providers(self) -> tuple[Service, ...]:
        """Everybody who can do anything, each once, in the order in which they are asked."""
        found: dict[str, Service] = {}
        for ability in EVERY_ABILITY:
            for service in self.services(ability):
                found.setdefault(service.name, service)
        return tuple(found.values())

    @property
    def budgets(self) -> Budgets:
        """What may be spent in a month; no caps unless the owner set them."""
        return Budgets()

    async def ask(
        self, prompt: Prompt, *, into: type[T], call: Call, content: Mapping[str, Any] = NOTHING
    ) -> Answer[T]:
        """The model's answer to `prompt` about `content`, as a valid struct."""
        raise NotImplementedError

    async def see(
        self,
        pictures: Sequence[bytes],
        prompt: Prompt,
        *,
        into: type[T],
        call: Call,
        content: Mapping[str, Any] = NOTHING,
    ) -> Answer[T]:
        """The same about pictures (1 to 5), which are sent small and without EXIF."""
        raise NotImplementedError

    async def hear(self, audio: Audio, *, call: Call) -> Answer[Transcript]:
        """What is said in a recording."""
        raise NotImplementedError

    async def embed(self, texts: Sequence[str], *, call: Call) -> Answer[list[list[float]]]:
        """A vector for each text, all from one model: `answer.model` belongs to the vectors."""
        raise NotImplementedError

    def checks(self) -> list[Check]:
        """How each provider is, from its last calls; asks nobody."""
        raise NotImplementedError

    async def close(self) -> None:
        """Close the connections."""


class NoAi(Ai):
    """No model is configured: every verb says so, and how to change it."""

    def services(self, ability: Ability) -> tuple[Service, ...]:
        return ()

    async def ask(
        self, prompt: Prompt, *, into: type[T], call: Call, content: Mapping[str, Any] = NOTHING
    ) -> Answer[T]:
        raise not_configured("ask")

    async def see(
        self,
        pictures: Sequence[bytes],
        prompt: Prompt,
        *,
        into: type[T],
        call: Call,
        content: Mapping[str, Any] = NOTHING,
    ) -> Answer[T]:
        raise not_configured("see")

    async def hear(self, audio: Audio, *, call: Call) -> Answer[Transcript]:
        raise not_configured("hear")

    async def embed(self, texts: Sequence[str], *, call: Call) -> Answer[list[list[float]]]:
        raise not_configured("embed")

    def checks(self) -> list[Check]:
        return [Check("none", "none", "No model is configured; nothing that needs one is offered.")]
