"""Ollama: `/api/chat` with a JSON schema as `format`, `/api/embed`; after its docs/api.md."""

import msgspec

from hearth.ai.config import Provider
from hearth.ai.protocol import (
    Json,
    Protocol,
    Question,
    Said,
    Vectors,
    base64_of,
    bearer,
    decoded,
    told_form,
)
from hearth.ai.wire import ProviderFailed, Wanted


class _Message(msgspec.Struct):
    content: str = ""


class _Chat(msgspec.Struct):
    message: _Message
    done: bool = True
    done_reason: str = "stop"
    prompt_eval_count: int | None = None
    eval_count: int | None = None


class _Embed(msgspec.Struct):
    embeddings: list[list[float]]
    prompt_eval_count: int | None = None


class Ollama(Protocol):
    """A key, when there is one, is a bearer token: for servers behind a proxy that wants it."""

    def ask(self, provider: Provider, question: Question) -> Wanted:
        message: Json = {"role": "user", "content": question.material}
        if question.pictures:
            message["images"] = [base64_of(picture) for picture in question.pictures]
        system = told_form(question.system, question.schema)
        body: Json = {
            "model": question.model,
            "messages": [{"role": "system", "content": system}, message],
            "stream": False,
            "format": question.schema,
            "options": {"temperature": 0, "num_predict": provider.max_tokens},
        }
        return Wanted(path="api/chat", model=question.model, headers=bearer(provider), body=body)

    def said(self, body: bytes) -> Said:
        chat = decoded(body, _Chat)
        if not chat.done:
            raise ProviderFailed("answered in parts, though asked for the whole.")
        return Said(
            text=chat.message.content,
            tokens_in=chat.prompt_eval_count,
            tokens_out=chat.eval_count,
            is_whole=chat.done_reason != "length",
        )

    def embed(self, provider: Provider, texts: list[str]) -> Wanted:
        model = provider.embed_model
        body: Json = {"model": model, "input": texts}
        return Wanted(path="api/embed", model=model, headers=bearer(provider), body=body)

    def vectors(self, body: bytes) -> Vectors:
        found = decoded(body, _Embed)
        return Vectors(vectors=found.embeddings, tokens_in=found.prompt_eval_count)
