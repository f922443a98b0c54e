"""Gemini: `models/{model}:generateContent` with a response schema, inline pictures and sound.

After ai.google.dev/api/generate-content and /api/embeddings (v1beta).
"""

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

import msgspec

from hearth.ai.answers import Audio, Transcript
from hearth.ai.config import Provider, Secret
from hearth.ai.forms import Misfit, answer_in, openapi, schema_of
from hearth.ai.prompts import Prompt, quoted
from hearth.ai.protocol import (
    Heard,
    Json,
    Protocol,
    Question,
    Said,
    Vectors,
    base64_of,
    declined,
    decoded,
    media_type_of,
)
from hearth.ai.wire import ProviderFailed, Wanted

TRANSCRIBE: Final = Prompt.load(__file__, "transcribe.v1")


class Spoken(msgspec.Struct, frozen=True):
    """What is said in the recording."""

    text: str
    language: str | None = None


class _Part(msgspec.Struct):
    text: str = ""
    thought: bool = False


class _Content(msgspec.Struct):
    parts: list[_Part] = []


class _Candidate(msgspec.Struct, rename="camel"):
    content: _Content = msgspec.field(default_factory=_Content)
    finish_reason: str = "STOP"


class _Feedback(msgspec.Struct, rename="camel"):
    block_reason: str | None = None


class _Tokens(msgspec.Struct, rename="camel"):
    prompt_token_count: int | None = None
    candidates_token_count: int | None = None
    thoughts_token_count: int | None = None


class _Generated(msgspec.Struct, rename="camel"):
    candidates: list[_Candidate] = []
    prompt_feedback: _Feedback | None = None
    usage_metadata: _Tokens = msgspec.field(default_factory=_Tokens)


class _Embedding(msgspec.Struct):
    values: list[float]


class _Embeddings(msgspec.Struct):
    embeddings: list[_Embedding]


class Gemini(Protocol):
    """Google's Gemini API. The key goes in a header, never in the address."""

    def ask(self, provider: Provider, question: Question) -> Wanted:
        parts: list[Json] = [{"text": question.material}]
        parts += [_inline("image/jpeg", picture) for picture in question.pictures]
        if question.audio is not None:
            parts.append(_inline(media_type_of(question.audio), question.audio.data))
        body: Json = {
            "systemInstruction": {"parts": [{"text": question.system}]},
            "contents": [{"role": "user", "parts": parts}],
            # No temperature: the documents of the third generation ask to leave it alone.
            "generationConfig": {
                "responseMimeType": "application/json",
                "responseSchema": openapi(question.schema),
                "maxOutputTokens": provider.max_tokens,
            },
        }
        path = f"models/{quote(question.model, safe='')}:generateContent"
        return Wanted(path=path, model=question.model, headers=_headers(provider), body=body)

    def said(self, body: bytes) -> Said:
        found = decoded(body, _Generated)
        if found.prompt_feedback is not None and found.prompt_feedback.block_reason:
            raise declined(_plain(found.prompt_feedback.block_reason))
        if not found.candidates:
            raise ProviderFailed("answered without a candidate.")
        first, tokens = found.candidates[0], found.usage_metadata
        if first.finish_reason not in ("STOP", "MAX_TOKENS"):
            raise declined(_plain(first.finish_reason))
        return Said(
            text="".join(part.text for part in first.content.parts if not part.thought),
            tokens_in=tokens.prompt_token_count,
            tokens_out=_sum((tokens.candidates_token_count, tokens.thoughts_token_count)),
            is_whole=first.finish_reason == "STOP",
        )

    def hear(self, provider: Provider, audio: Audio) -> Wanted:
        told = {"language": audio.language} if audio.language else {}
        question = Question(
            model=provider.audio_model,
            system=TRANSCRIBE.system,
            material=quoted(told),
            schema=schema_of(Spoken),
            audio=audio,
        )
        return self.ask(provider, question)

    def heard(self, body: bytes) -> Heard:
        said = self.said(body)
        try:
            spoken = answer_in(said.text, Spoken)
        except Misfit:
            raise ProviderFailed("sent no transcript.", outcome="invalid", is_away=False) from None
        transcript = Transcript(spoken.text.strip(), spoken.language)
        return Heard(transcript=transcript, tokens_in=said.tokens_in, tokens_out=said.tokens_out)

    def embed(self, provider: Provider, texts: list[str]) -> Wanted:
        model = provider.embed_model
        name = f"models/{model}"
        requests = [{"model": name, "content": {"parts": [{"text": text}]}} for text in texts]
        path = f"models/{quote(model, safe='')}:batchEmbedContents"
        return Wanted(
            path=path, model=model, headers=_headers(provider), body={"requests": requests}
        )

    def vectors(self, body: bytes) -> Vectors:
        return Vectors(vectors=[one.values for one in decoded(body, _Embeddings).embeddings])


def _inline(media_type: str, data: bytes) -> Json:
    return {"inlineData": {"mimeType": media_type, "data": base64_of(data)}}


def _headers(provider: Provider) -> dict[str, str | Secret]:
    return {"x-goog-api-key": provider.key}


def _plain(reason: str) -> str:
    return reason if reason.isidentifier() else "no reason given"


def _sum(counts: Sequence[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
