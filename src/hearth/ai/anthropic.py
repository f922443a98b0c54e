"""Anthropic: `messages`, with the one tool `answer` forced, whose input is the answer.

After docs.anthropic.com/en/api/messages. The tool is a form to fill in; nothing is ever run. Models
that take no forced tool are held by `output_config` instead: `AI_<NAME>_STRUCTURED=json`.
"""

from typing import Any, Final

import msgspec

from hearth.ai.config import Provider, Secret
from hearth.ai.protocol import (
    Json,
    Protocol,
    Question,
    Said,
    base64_of,
    declined,
    decoded,
    told_form,
)
from hearth.ai.wire import Wanted

API_VERSION: Final = "2023-06-01"
TOOL: Final = "answer"


class _Block(msgspec.Struct):
    type: str
    text: str = ""
    name: str = ""
    input: dict[str, Any] = {}


class _Tokens(msgspec.Struct):
    input_tokens: int = 0
    output_tokens: int = 0
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None


class _Message(msgspec.Struct):
    content: list[_Block]
    stop_reason: str | None = None
    usage: _Tokens | None = None


class Anthropic(Protocol):
    """Anthropic's messages. Pictures stand before the text, as its guide to vision advises."""

    def ask(self, provider: Provider, question: Question) -> Wanted:
        content = [_image(picture) for picture in question.pictures]
        content.append({"type": "text", "text": question.material})
        body: Json = {
            "model": question.model,
            "max_tokens": provider.max_tokens,
            "system": _system(provider, question),
            "messages": [{"role": "user", "content": content}],
            **_form(provider, question),
        }
        return Wanted(path="messages", model=question.model, headers=_headers(provider), body=body)

    def said(self, body: bytes) -> Said:
        message = decoded(body, _Message)
        if message.stop_reason == "refusal":
            raise declined("refusal")
        tokens = message.usage
        return Said(
            text=_answer(message.content),
            tokens_in=None if tokens is None else _tokens_in(tokens),
            tokens_out=None if tokens is None else tokens.output_tokens,
            is_whole=message.stop_reason != "max_tokens",
        )


def _system(provider: Provider, question: Question) -> str:
    if provider.structured == "none":
        return told_form(question.system, question.schema)
    return question.system


def _form(provider: Provider, question: Question) -> Json:
    if provider.structured == "none":
        return {}
    if provider.structured == "json":
        return {"output_config": {"format": {"type": "json_schema", "schema": question.schema}}}
    tool: Json = {
        "name": TOOL,
        "description": "Gives the answer in the form asked for.",
        "input_schema": question.schema,
    }
    choice: Json = {"type": "tool", "name": TOOL, "disable_parallel_tool_use": True}
    return {"tools": [tool], "tool_choice": choice}


def _answer(blocks: list[_Block]) -> str:
    for block in blocks:
        if block.type == "tool_use" and block.name == TOOL:
            return msgspec.json.encode(block.input).decode()
    return "".join(block.text for block in blocks if block.type == "text")


def _image(picture: bytes) -> Json:
    source = {"type": "base64", "media_type": "image/jpeg", "data": base64_of(picture)}
    return {"type": "image", "source": source}


def _tokens_in(tokens: _Tokens) -> int:
    cached = (tokens.cache_creation_input_tokens or 0) + (tokens.cache_read_input_tokens or 0)
    return tokens.input_tokens + cached


def _headers(provider: Provider) -> dict[str, str | Secret]:
    return {"x-api-key": provider.key, "anthropic-version": API_VERSION}
