"""What every provider's protocol does: turn a question into a request and an answer into text.

A protocol is pure. One that lacks an ability is never asked for it (`config.ABILITIES`).
"""

import base64
from typing import Any, Final, TypeVar

import msgspec

from hearth.ai.answers import Audio, Transcript
from hearth.ai.config import Provider, Secret
from hearth.ai.forms import Schema
from hearth.ai.wire import ProviderFailed, Wanted

T = TypeVar("T")

SUFFIXES: Final = {
    "audio/webm": "webm", "audio/ogg": "ogg", "audio/mp4": "m4a", "audio/mpeg": "mp3",
    "audio/wav": "wav", "audio/x-wav": "wav", "audio/flac": "flac", "audio/aac": "aac",
}  # fmt: skip


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is put to a model: our instruction, the quoted material, pictures (JPEG), the form."""

    model: str
    system: str
    material: str
    schema: Schema
    pictures: tuple[bytes, ...] = ()
    audio: Audio | None = None


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A model's text and the tokens it took; `is_whole` is False when it was cut off."""

    text: str
    tokens_in: int | None = None
    tokens_out: int | None = None
    is_whole: bool = True


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """A transcript and what it took."""

    transcript: Transcript
    tokens_in: int | None = None
    tokens_out: int | None = None
    seconds: float | None = None


class Vectors(msgspec.Struct, frozen=True, kw_only=True):
    """Embeddings in the order of the texts."""

    vectors: list[list[float]]
    tokens_in: int | None = None


class Protocol:
    """One provider's way of speaking."""

    def ask(self, provider: Provider, question: Question) -> Wanted:
        """The request of a question."""
        raise NotImplementedError(f"{type(self).__name__} answers no questions")

    def said(self, body: bytes) -> Said:
        """The text in the answer to `ask`."""
        raise NotImplementedError(f"{type(self).__name__} answers no questions")

    def hear(self, provider: Provider, audio: Audio) -> Wanted:
        """The request of a transcription."""
        raise NotImplementedError(f"{type(self).__name__} does not hear")

    def heard(self, body: bytes) -> Heard:
        """The transcript in the answer to `hear`."""
        raise NotImplementedError(f"{type(self).__name__} does not hear")

    def embed(self, provider: Provider, texts: list[str]) -> Wanted:
        """The request of embeddings."""
        raise NotImplementedError(f"{type(self).__name__} makes no embeddings")

    def vectors(self, body: bytes) -> Vectors:
        """The embeddings in the answer to `embed`."""
        raise NotImplementedError(f"{type(self).__name__} makes no embeddings")


def decoded(body: bytes, form: type[T]) -> T:
    """A provider's answer in the form that its documents give, or `ProviderFailed`."""
    try:
        return msgspec.json.decode(body, type=form)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ProviderFailed("answered in a form that is not its documented one.") from None


def declined(why: str) -> ProviderFailed:
    """The provider is well and the model did not want to answer."""
    return ProviderFailed(f"declined to answer ({why}).", outcome="declined", is_away=False)


def base64_of(data: bytes) -> str:
    """Base64 as text, as all providers want it."""
    return base64.b64encode(data).decode("ascii")


def bearer(provider: Provider) -> dict[str, str | Secret]:
    """The key as a bearer token; nothing where there is none."""
    if not provider.key:
        return {}
    return {"Authorization": Secret(f"Bearer {provider.key.reveal()}")}


def media_type_of(audio: Audio) -> str:
    """The media type without parameters: `audio/webm` of `audio/webm;codecs=opus`."""
    return audio.media_type.partition(";")[0].strip().lower()


def told_form(system: str, schema: Schema) -> str:
    """The instruction with the form in words, for models that are held to it weakly or not."""
    return f"{system}\n\nThe form, as a JSON schema:\n{msgspec.json.encode(schema).decode()}"


Json = dict[str, Any]
