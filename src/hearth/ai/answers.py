"""What is asked and what comes back, and the ways in which it can fail."""

from typing import Final, Generic, TypeVar
from uuid import UUID

import msgspec

from hearth.core.errors import Forbidden, Problem, TooMany

T = TypeVar("T")

Consented = frozenset[str]
"""The names of the providers to which a person agreed that their words and pictures may go."""

NOBODY: Final[Consented] = frozenset()


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """On whose behalf a model is asked, and what for.

    `purpose` is a word for the usage table (`meal_photo`). `names` are the person's own names:
    they never leave. `is_personal` is False only for input that is nobody's, such as a test text:
    it needs no consent and its answers may be shared between persons.
    """

    purpose: str
    person_id: UUID | None = None
    consented: Consented = NOBODY
    names: tuple[str, ...] = ()
    is_personal: bool = True


class Audio(msgspec.Struct, frozen=True, kw_only=True):
    """A recording: bytes, media type (`audio/webm`); length and language (`sv`) when known."""

    data: bytes
    media_type: str
    seconds: float | None = None
    language: str | None = None


class Transcript(msgspec.Struct, frozen=True):
    """What was said, and in which language (two letters) if the model told."""

    text: str
    language: str | None = None


class Answer(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """A validated answer and what it took. `cost_micro` is in millionths of `currency`; None is not
    known, and where the provider does not tell, it is what was set aside for the call.

    An answer from the cache has used no tokens and cost nothing.
    """

    value: T
    service: str
    model: str
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost_micro: int | None = None
    currency: str = ""
    is_cached: bool = False


class Check(msgspec.Struct, frozen=True):
    """How a provider is, by its last calls: `well`, `trying`, `away`; `none` when there is none."""

    service: str
    state: str
    detail: str = ""


class ModelFailed(Problem):
    """Every model that might have answered failed; the detail says how each."""

    status = 503
    code = "model_failed"
    title = "The model did not answer"


class NotConfigured(Problem):
    """No model is configured that can do this."""

    status = 503
    code = "ai_not_configured"
    title = "No model is configured"


class NotConsented(Forbidden):
    """The models that can do this are ones to which the person has not agreed."""

    code = "ai_not_consented"
    title = "Your consent is needed"


class OverBudget(TooMany):
    """The month's budget for models is used up."""

    code = "ai_over_budget"
    title = "The budget for models is used up"


class TooManyAtOnce(TooMany):
    """As many calls as one person may have under way are under way."""

    code = "ai_too_many_at_once"
    title = "Too much at once"


def not_configured(ability: str) -> NotConfigured:
    """The refusal that says plainly what is missing, and what to set."""
    # Whole sentences: pages show them in the language of their reader.
    match ability:
        case "see":
            return NotConfigured(
                "No model that reads pictures is configured on this Hearth. Its owner can name one: "
                "set AI_PROVIDERS (for example ollama) and AI_OLLAMA_VISION_MODEL, or the same for "
                "another provider; docs/models.md lists them."
            )
        case "hear":
            return NotConfigured(
                "No model that understands speech is configured on this Hearth. Its owner can name "
                "one: set AI_PROVIDERS=whisper and AI_WHISPER_PATH, or AI_OPENAI_AUDIO_MODEL for "
                "another provider; docs/models.md lists them."
            )
        case "embed":
            return NotConfigured(
                "No model that makes embeddings is configured on this Hearth. Its owner can name "
                "one: set AI_PROVIDERS (for example ollama) and AI_OLLAMA_EMBED_MODEL, or the same "
                "for another provider; docs/models.md lists them."
            )
        case _:
            return NotConfigured(
                "No model that answers questions about text is configured on this Hearth. Its owner "
                "can name one: set AI_PROVIDERS (for example ollama) and AI_OLLAMA_MODEL, or the "
                "same for another provider; docs/models.md lists them."
            )


def not_consented(services: list[str]) -> NotConsented:
    """The refusal that names whom to agree to."""
    return NotConsented(
        f"This would be sent to {' or '.join(services)}, which you have not agreed to. "
        "Allow it under Me, Models, or use a way that needs no model."
    )


def failed(why: list[str]) -> ModelFailed:
    """The refusal when every provider failed; `why` holds a sentence for each, free of secrets."""
    return ModelFailed(f"No model gave a usable answer. {' '.join(why)} Try again later.")
