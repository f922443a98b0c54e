"""HTTP to a provider: one time limit over all of it, retries that honour Retry-After.

Keys travel in headers alone. Redirects are not followed, since they would carry the key elsewhere;
neither proxies nor netrc are taken from the environment. What a provider writes in an error is not
logged or shown: it may repeat what was sent. Only its short error code is.
"""

import asyncio
import logging
import random
import re
import time
from collections.abc import Awaitable, Callable
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx
import msgspec

from hearth.ai.config import Provider, Secret
from hearth.core import telemetry
from hearth.core.values import now

log = logging.getLogger("hearth.ai")
# At DEBUG it writes every header of an answer, whatever a provider puts there.
logging.getLogger("httpcore").setLevel(logging.INFO)

ATTEMPTS: Final = 3
FIRST_WAIT_S: Final = 0.5
# A provider that asks for more patience than this is passed over instead.
LONGEST_WAIT_S: Final = 20.0
MOST_BYTES: Final = 16 * 1024 * 1024
_AGAIN: Final = frozenset({408, 429, 500, 502, 503, 504, 529})
# The provider is well; it is this request that it did not want.
_OURS: Final = frozenset({400, 413, 415, 422})
_CODE: Final = re.compile(r"[A-Za-z][\w.-]{0,63}")
_SAID: Final = {
    401: "did not accept the key",
    402: "asks for payment",
    403: "refused access",
    404: "has no such model or address",
    413: "found the request too large",
    429: "is asked too often",
    529: "is overloaded",
}

Sleep = Callable[[float], Awaitable[None]]


class File(msgspec.Struct, frozen=True):
    """A file of a multipart request."""

    name: str
    data: bytes
    media_type: str


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A request: `body` is sent as JSON, or `form` and `file` as multipart.

    A header that holds a key is a `Secret` until it is sent: requests show up in tracebacks.
    """

    path: str
    model: str
    headers: dict[str, str | Secret]
    body: dict[str, Any] | None = None
    form: dict[str, str] | None = None
    file: File | None = None


class ProviderFailed(Exception):
    """A provider gave no usable answer. `why` is for people and free of secrets and content.

    `outcome` goes into the usage table; `is_away` when the provider itself is at fault, so that its
    breaker counts it; `again_s` when the same request may be tried again, after so many seconds.
    """

    def __init__(
        self,
        why: str,
        *,
        outcome: str = "failed",
        is_away: bool = True,
        again_s: float | None = None,
    ) -> None:
        super().__init__(why)
        self.why = why
        self.outcome = outcome
        self.is_away = is_away
        self.again_s = again_s


class Wire:
    """Sends requests. `sleep` is asyncio's own; a test gives one that does not wait."""

    def __init__(self, sleep: Sleep = asyncio.sleep) -> None:
        self._sleep = sleep
        self._client: httpx.AsyncClient | None = None

    async def send(self, provider: Provider, wanted: Wanted) -> bytes:
        """The body of the answer; `ProviderFailed` when retries did not help."""
        started = time.monotonic()
        for attempt in range(ATTEMPTS):
            telemetry.count_ai_request(provider.name, wanted.model)
            try:
                return await self._once(provider, wanted)
            except ProviderFailed as failure:
                wait_s = _wait_s(failure, attempt)
                log.warning("%s %s", provider.name, failure.why, extra={"model": wanted.model})
                waited_s = time.monotonic() - started
                if wait_s is None or waited_s + wait_s > provider.timeout_s:
                    # Nobody waits for several times the limit that the owner set.
                    raise
                await self._sleep(wait_s)
        raise AssertionError("unreachable")

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _once(self, provider: Provider, wanted: Wanted) -> bytes:
        try:
            async with asyncio.timeout(provider.timeout_s):
                return await self._exchange(provider, wanted)
        except TimeoutError:
            why = f"did not answer within {provider.timeout_s:g} s."
            raise ProviderFailed(why, outcome="timeout") from None
        except httpx.ConnectError:
            raise ProviderFailed("cannot be reached.", again_s=FIRST_WAIT_S) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            why = f"broke off its answer ({type(error).__name__})."
            # It may have worked and charged for it: what was set aside stays counted.
            raise ProviderFailed(why, outcome="lost", again_s=FIRST_WAIT_S) from None

    async def _exchange(self, provider: Provider, wanted: Wanted) -> bytes:
        async with self._opened().stream(
            "POST",
            f"{provider.url}/{wanted.path}",
            headers={name: _revealed(value) for name, value in wanted.headers.items()},
            json=wanted.body,
            data=wanted.form,
            files=None if wanted.file is None else {"file": _part(wanted.file)},
        ) as answer:
            body = bytearray()
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise ProviderFailed("answered with more than 16 MiB.", is_away=False)
            if answer.status_code != 200:
                raise _refusal(answer, bytes(body), provider.key)
            return bytes(body)

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(
                timeout=None,  # noqa: S113  (one limit over the whole exchange stands in _once)
                follow_redirects=False,
                trust_env=False,
                # A compressed answer could unfold to any size.
                headers={"Accept-Encoding": "identity", "User-Agent": "hearth"},
            )
        return self._client


def _revealed(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value


def _part(file: File) -> tuple[str, bytes, str]:
    return file.name, file.data, file.media_type


def _refusal(answer: httpx.Response, body: bytes, key: Secret) -> ProviderFailed:
    status = answer.status_code
    code = _code(body)
    if key and key.reveal() in code:
        # A server that repeats what it was sent.
        code = ""
    said = _SAID.get(status, f"answered with {status}")
    why = f"{said} ({code})." if code else f"{said}."
    again_s = (_retry_after_s(answer.headers) or FIRST_WAIT_S) if status in _AGAIN else None
    return ProviderFailed(why, is_away=status not in _OURS, again_s=again_s)


def _code(body: bytes) -> str:
    """The short code of an error in the form of OpenAI, Gemini or Anthropic, else nothing."""
    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    error = told.get("error") if isinstance(told, dict) else None
    if not isinstance(error, dict):
        return ""
    for key in ("code", "status", "type"):
        code = error.get(key)
        if isinstance(code, str) and _CODE.fullmatch(code):
            return code
    return ""


def _retry_after_s(headers: httpx.Headers) -> float | None:
    """Retry-After in seconds: a number or a date (RFC 9110, 10.2.3)."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, float((parsedate_to_datetime(text) - now()).total_seconds()))
    except (TypeError, ValueError):
        return None


def _wait_s(failure: ProviderFailed, attempt: int) -> float | None:
    """How long to wait before the next attempt; None when there is none."""
    if failure.again_s is None or attempt == ATTEMPTS - 1 or failure.again_s > LONGEST_WAIT_S:
        return None
    # Jitter, so that those who were refused together do not come again together.
    backed_off = FIRST_WAIT_S * (1 << attempt) * (1 + random.random())  # noqa: S311
    return max(failure.again_s, backed_off)
