"""OpenAI and servers that speak its protocol: chat completions, transcriptions, embeddings.

The compatible servers (llama.cpp, vLLM, LM Studio, ...) know the older names of some fields and
differ in how they hold a model to a form; `AI_<NAME>_STRUCTURED` says what a server can.
"""

from typing import Final

import msgspec

from hearth.ai.answers import Audio, Transcript
from hearth.ai.config import Provider
from hearth.ai.protocol import (
    SUFFIXES,
    Heard,
    Json,
    Protocol,
    Question,
    Said,
    Vectors,
    base64_of,
    bearer,
    declined,
    decoded,
    media_type_of,
    told_form,
)
from hearth.ai.wire import File, ProviderFailed, Wanted

FORM_NAME: Final = "answer"


class _Message(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None


class _Tokens(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Chat(msgspec.Struct):
    choices: list[_Choice]
    usage: _Tokens | None = None


class _Length(msgspec.Struct):
    seconds: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None


class _Transcription(msgspec.Struct):
    text: str
    language: str | None = None
    duration: float | str | None = None
    usage: _Length | None = None


class _Vector(msgspec.Struct):
    embedding: list[float]
    index: int = 0


class _Embeddings(msgspec.Struct):
    data: list[_Vector]
    usage: _Tokens | None = None


class OpenAi(Protocol):
    """`is_official` is False for servers of others that speak the same protocol."""

    def __init__(self, is_official: bool) -> None:
        self._is_official = is_official

    def ask(self, provider: Provider, question: Question) -> Wanted:
        system = question.system
        if not self._is_official:
            system = told_form(system, question.schema)
        body: Json = {
            "model": question.model,
            "messages": [
                {"role": "system", "content": system},
                {"role": "user", "content": _content(question)},
            ],
            **_form(provider, question),
            **self._limits(provider),
        }
        path = "chat/completions"
        return Wanted(path=path, model=question.model, headers=bearer(provider), body=body)

    def _limits(self, provider: Provider) -> Json:
        if self._is_official:
            # Its reasoning models know neither max_tokens nor a temperature.
            return {"max_completion_tokens": provider.max_tokens, "store": False}
        return {"max_tokens": provider.max_tokens, "temperature": 0, "stream": False}

    def said(self, body: bytes) -> Said:
        chat = decoded(body, _Chat)
        if not chat.choices:
            raise ProviderFailed("answered without a choice.")
        choice, tokens = chat.choices[0], chat.usage or _Tokens()
        if choice.message.refusal or choice.finish_reason == "content_filter":
            raise declined("refusal" if choice.message.refusal else "content_filter")
        return Said(
            text=choice.message.content or "",
            tokens_in=tokens.prompt_tokens,
            tokens_out=tokens.completion_tokens,
            is_whole=choice.finish_reason != "length",
        )

    def hear(self, provider: Provider, audio: Audio) -> Wanted:
        media_type = media_type_of(audio)
        form = {"model": provider.audio_model, "response_format": "json"}
        if audio.language:
            form["language"] = audio.language
        return Wanted(
            path="audio/transcriptions",
            model=provider.audio_model,
            headers=bearer(provider),
            form=form,
            # The server goes by the name's suffix.
            file=File(f"speech.{SUFFIXES.get(media_type, 'webm')}", audio.data, media_type),
        )

    def heard(self, body: bytes) -> Heard:
        found = decoded(body, _Transcription)
        usage = found.usage or _Length()
        told = found.duration if isinstance(found.duration, float) else None
        return Heard(
            transcript=Transcript(found.text.strip(), found.language),
            tokens_in=usage.input_tokens,
            tokens_out=usage.output_tokens,
            seconds=usage.seconds if usage.seconds is not None else told,
        )

    def embed(self, provider: Provider, texts: list[str]) -> Wanted:
        model = provider.embed_model
        body: Json = {"model": model, "input": texts, "encoding_format": "float"}
        return Wanted(path="embeddings", model=model, headers=bearer(provider), body=body)

    def vectors(self, body: bytes) -> Vectors:
        found = decoded(body, _Embeddings)
        in_order = sorted(found.data, key=lambda one: one.index)
        tokens = (found.usage or _Tokens()).prompt_tokens
        return Vectors(vectors=[one.embedding for one in in_order], tokens_in=tokens)


def _content(question: Question) -> str | list[Json]:
    # Without pictures plain text: models that only read are often served without content parts.
    if not question.pictures:
        return question.material
    parts: list[Json] = [{"type": "text", "text": question.material}]
    for picture in question.pictures:
        url = f"data:image/jpeg;base64,{base64_of(picture)}"
        parts.append({"type": "image_url", "image_url": {"url": url}})
    return parts


def _form(provider: Provider, question: Question) -> Json:
    if provider.structured == "none":
        return {}
    if provider.structured == "json":
        return {"response_format": {"type": "json_object"}}
    form: Json = {"name": FORM_NAME, "strict": True, "schema": question.schema}
    return {"response_format": {"type": "json_schema", "json_schema": form}}
