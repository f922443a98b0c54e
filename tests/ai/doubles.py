"""Local servers that speak each provider's documented protocol, so that calls go over real HTTP.

Each checks what it is sent, as the provider would, and refuses it in the provider's own form; it
answers with what the test has put into `replies`, else with its default. Written after Ollama's
docs/api.md, OpenAI's API reference, ai.google.dev/api and docs.anthropic.com/en/api/messages.
"""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, ClassVar

import msgspec

KEY = "key-that-must-not-be-seen-7f3a"


class Request(msgspec.Struct):
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    @property
    def form(self) -> dict[str, tuple[str | None, bytes]]:
        """The parts of a multipart body: file name and content by field."""
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        parts = BytesParser(policy=HTTP).parsebytes(head + self.raw)
        return {
            part.get_param("name", header="content-disposition"): (
                part.get_filename(),
                part.get_payload(decode=True),
            )
            for part in parts.iter_parts()
        }


class Reply(msgspec.Struct):
    """What to answer: a status with headers and a body; `promised` more bytes than are sent breaks
    the answer off; `never` holds it until the server ends, `trickling` sends a byte at a time."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = {}
    promised: int = 0
    never: bool = False
    trickling: bool = False


class Double:
    """A provider that is not one. `replies` are used first in, first out."""

    name: ClassVar = "double"
    base: ClassVar = ""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.requests: list[Request] = []
        self.port = 0
        self._ended = asyncio.Event()
        self._coming = asyncio.Condition()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.base}"

    def say(self, *texts: str) -> None:
        """Answer the next questions with these texts, in the provider's envelope."""
        self.replies += [Reply(body=json.dumps(self.envelope(text)).encode()) for text in texts]

    def fail(self, status: int, times: int = 1, **headers: str) -> None:
        """Fail the next requests as the provider documents it."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        body = json.dumps(self.error(status)).encode()
        self.replies += [Reply(status=status, body=body, headers=named) for _ in range(times)]

    def envelope(self, text: str) -> Any:
        raise NotImplementedError

    def error(self, status: int) -> Any:
        return {
            "error": {"message": f"it went wrong with {KEY}", "type": "server_error", "code": None}
        }

    def wrong(self, request: Request) -> str | None:
        """What the provider would refuse in a request."""
        raise NotImplementedError

    def default(self, request: Request) -> Any:
        return self.envelope("{}")

    @property
    def material(self) -> Any:
        """The user message of the last question, parsed."""
        raise NotImplementedError

    @property
    def pictures(self) -> list[bytes]:
        """The pictures of the last question."""
        raise NotImplementedError

    async def came(self, count: int) -> None:
        """Wait until so many requests have come."""
        async with self._coming:
            await self._coming.wait_for(lambda: len(self.requests) >= count)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Double"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            self._ended.set()
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await _read(reader)
            async with self._coming:
                self.requests.append(request)
                self._coming.notify_all()
            reply = self._reply(request)
            if reply.never:
                await self._ended.wait()
                return
            length = len(reply.body) + reply.promised
            lines = [f"HTTP/1.1 {reply.status} X", f"Content-Length: {length}", "Connection: close"]
            lines += [f"{name}: {value}" for name, value in reply.headers.items()]
            writer.write("\r\n".join(lines).encode() + b"\r\n\r\n")
            for part in _parts(reply):
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0.01 if reply.trickling else 0)
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    def _reply(self, request: Request) -> Reply:
        wrong = self.wrong(request)
        if wrong is not None:
            return Reply(
                status=400,
                body=json.dumps({"error": {"message": wrong, "type": "invalid"}}).encode(),
            )
        if self.replies:
            return self.replies.pop(0)
        return Reply(body=json.dumps(self.default(request)).encode())


def _parts(reply: Reply) -> list[bytes]:
    step = 1 if reply.trickling else max(1, len(reply.body))
    return [reply.body[at : at + step] for at in range(0, len(reply.body), step)]


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ", 2)
    headers = {
        name.lower(): value
        for name, _, value in (line.partition(": ") for line in head[1:] if line)
    }
    raw = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, path, headers, raw)


def strict(schema: Any) -> str | None:
    """What a strict schema may not lack, at any depth."""
    if not isinstance(schema, dict):
        return None
    if "$ref" in schema:
        return "references are not resolved here"
    if schema.get("type") == "object":
        if schema.get("additionalProperties") is not False:
            return "additionalProperties must be false"
        if set(schema.get("required", ())) != set(schema.get("properties", {})):
            return "every property must be required"
    inner = [*schema.get("properties", {}).values(), schema.get("items"), *schema.get("anyOf", ())]
    return next((found for one in inner if (found := strict(one))), None)


class OllamaDouble(Double):
    name = "ollama"

    def envelope(self, text: str) -> Any:
        return {
            "model": "m", "created_at": "2026-01-01T00:00:00Z",
            "message": {"role": "assistant", "content": text},
            "done_reason": "stop", "done": True, "total_duration": 2254970291,
            "prompt_eval_count": 100, "eval_count": 10,
        }  # fmt: skip

    def error(self, status: int) -> Any:
        return {"error": f"it went wrong with {KEY}"}

    def wrong(self, request: Request) -> str | None:
        if request.path == "/api/embed":
            return None if isinstance(request.body.get("input"), list) else "no input"
        if request.path != "/api/chat":
            return "no such address"
        body = request.body
        if body.get("stream") is not False:
            return "would stream"
        if [message["role"] for message in body["messages"]] != ["system", "user"]:
            return "roles"
        return strict(body["format"])

    def default(self, request: Request) -> Any:
        if request.path == "/api/embed":
            vectors = [[float(len(text)), 1.0] for text in request.body["input"]]
            return {"model": "m", "embeddings": vectors, "prompt_eval_count": 7}
        return self.envelope("{}")

    @property
    def material(self) -> Any:
        return json.loads(self.requests[-1].body["messages"][1]["content"])

    @property
    def pictures(self) -> list[bytes]:
        images = self.requests[-1].body["messages"][1].get("images", [])
        return [base64.b64decode(image, validate=True) for image in images]


class OpenAiDouble(Double):
    name = "openai"
    base = "/v1"
    is_official = True

    def envelope(self, text: str) -> Any:
        return {
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m",
            "choices": [{
                "index": 0, "message": {"role": "assistant", "content": text, "refusal": None},
                "logprobs": None, "finish_reason": "stop",
            }],
            "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
        }  # fmt: skip

    def wrong(self, request: Request) -> str | None:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return "no key"
        if request.path == "/v1/audio/transcriptions":
            form = request.form
            return None if {"file", "model"} <= set(form) and form["file"][0] else "no file"
        if request.path == "/v1/embeddings":
            return None if isinstance(request.body["input"], list) else "no input"
        if request.path != "/v1/chat/completions":
            return "no such address"
        return self._wrong_chat(request.body)

    def _wrong_chat(self, body: Any) -> str | None:
        if self.is_official and ("max_tokens" in body or "temperature" in body):
            return "unsupported_parameter"
        form = body.get("response_format", {"type": "text"})
        if not self.is_official and form["type"] in ("text", "json_object"):
            return None
        if form["type"] != "json_schema" or form["json_schema"].get("strict") is not True:
            return "response_format"
        if form["json_schema"]["schema"].get("type") != "object":
            return "the root must be an object"
        return strict(form["json_schema"]["schema"])

    def default(self, request: Request) -> Any:
        if request.path.endswith("transcriptions"):
            return {"text": " två ägg ", "usage": {"type": "duration", "seconds": 30}}
        if request.path.endswith("embeddings"):
            made = enumerate(request.body["input"])
            data = [
                {"object": "embedding", "index": at, "embedding": [float(len(text))]}
                for at, text in made
            ]
            return {
                "object": "list",
                "data": data[::-1],
                "usage": {"prompt_tokens": 7, "total_tokens": 7},
            }
        return self.envelope("{}")

    @property
    def material(self) -> Any:
        content = self.requests[-1].body["messages"][1]["content"]
        return json.loads(content if isinstance(content, str) else content[0]["text"])

    @property
    def pictures(self) -> list[bytes]:
        parts = self.requests[-1].body["messages"][1]["content"][1:]
        urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
        assert all(url.startswith("data:image/jpeg;base64,") for url in urls)
        return [base64.b64decode(url.partition(",")[2], validate=True) for url in urls]


class CompatibleDouble(OpenAiDouble):
    name = "lmstudio"
    is_official = False


class GeminiDouble(Double):
    name = "gemini"
    base = "/v1beta"

    def envelope(self, text: str) -> Any:
        return {
            "candidates": [{
                "content": {"parts": [{"text": "hm", "thought": True}, {"text": text}]},
                "finishReason": "STOP", "index": 0,
            }],
            "usageMetadata": {
                "promptTokenCount": 100, "candidatesTokenCount": 6, "thoughtsTokenCount": 4,
            },
            "modelVersion": "m",
        }  # fmt: skip

    def error(self, status: int) -> Any:
        return {
            "error": {
                "code": status,
                "message": f"wrong with {KEY}",
                "status": "RESOURCE_EXHAUSTED",
            }
        }

    def wrong(self, request: Request) -> str | None:
        if request.headers.get("x-goog-api-key") != KEY or "key=" in request.path:
            return "no key"
        if request.path == "/v1beta/models/m:batchEmbedContents":
            named = all(one["model"] == "models/m" for one in request.body["requests"])
            return None if named else "the models differ"
        if request.path != "/v1beta/models/m:generateContent":
            return "no such address"
        config = request.body["generationConfig"]
        if config["responseMimeType"] != "application/json":
            return "responseMimeType"
        # An OpenAPI 3.0 schema: what is not of it is refused as an unknown name.
        known = {
            "type",
            "properties",
            "required",
            "items",
            "enum",
            "description",
            "nullable",
            "anyOf",
            "propertyOrdering",
        }
        return _foreign(config["responseSchema"], known)

    def default(self, request: Request) -> Any:
        if request.path.endswith("batchEmbedContents"):
            texts = [one["content"]["parts"][0]["text"] for one in request.body["requests"]]
            return {"embeddings": [{"values": [float(len(text))]} for text in texts]}
        return self.envelope("{}")

    @property
    def _parts(self) -> list[Any]:
        return self.requests[-1].body["contents"][0]["parts"]  # type: ignore[no-any-return]

    @property
    def material(self) -> Any:
        return json.loads(self._parts[0]["text"])

    @property
    def pictures(self) -> list[bytes]:
        return [base64.b64decode(part["inlineData"]["data"]) for part in self._parts[1:]]


def _foreign(schema: Any, known: set[str]) -> str | None:
    if not set(schema) <= known or schema.get("type") == "null":
        return f"Unknown name in {schema}"
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", ())]
    inner += [schema["items"]] if "items" in schema else []
    return next((found for one in inner if (found := _foreign(one, known))), None)


class AnthropicDouble(Double):
    name = "anthropic"
    base = "/v1"

    def envelope(self, text: str) -> Any:
        """The text as the input of the tool, when it is an object; as text otherwise."""
        try:
            block = {
                "type": "tool_use",
                "id": "toolu_01",
                "name": "answer",
                "input": json.loads(text),
            }
        except ValueError:
            block = {"type": "text", "text": text}
        return {
            "id": "msg_01", "type": "message", "role": "assistant", "model": "m",
            "content": [block],
            "stop_reason": "tool_use", "stop_sequence": None,
            "usage": {"input_tokens": 60, "cache_read_input_tokens": 40, "output_tokens": 10},
        }  # fmt: skip

    def error(self, status: int) -> Any:
        return {
            "type": "error",
            "error": {"type": "overloaded_error", "message": f"wrong with {KEY}"},
        }

    def wrong(self, request: Request) -> str | None:
        if (
            request.headers.get("x-api-key") != KEY
            or request.headers.get("anthropic-version") != "2023-06-01"
        ):
            return "headers"
        body = request.body
        if request.path != "/v1/messages" or not body.get("max_tokens"):
            return "max_tokens"
        if [message["role"] for message in body["messages"]] != ["user"]:
            return "system is not a role"
        if "tools" not in body:
            form = body.get("output_config", {}).get("format", {"type": "json_schema"})
            return strict(form.get("schema")) if form["type"] == "json_schema" else "format"
        if body["tool_choice"]["name"] != body["tools"][0]["name"]:
            return "tool_choice"
        return strict(body["tools"][0]["input_schema"])

    @property
    def _content(self) -> list[Any]:
        return self.requests[-1].body["messages"][0]["content"]  # type: ignore[no-any-return]

    @property
    def material(self) -> Any:
        return json.loads(self._content[-1]["text"])

    @property
    def pictures(self) -> list[bytes]:
        sources = [block["source"] for block in self._content if block["type"] == "image"]
        assert all(source["media_type"] == "image/jpeg" for source in sources)
        return [base64.b64decode(source["data"]) for source in sources]


EVERY: tuple[type[Double], ...] = (
    OllamaDouble,
    OpenAiDouble,
    CompatibleDouble,
    GeminiDouble,
    AnthropicDouble,
)
