"""The one middleware: what happens to every request before routing and to every answer after.

A request gets an id and the address it came from (through trusted proxies only); bodies over the
limit are refused; HEAD is answered like GET without its body; cross-origin calls are let in from an
exact list. Every answer gets the security headers, its time, and is counted.
"""

import asyncio
import logging
import os
import re
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, Final

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from hearth.core import telemetry
from hearth.core.errors import Malformed, NotFound, TooLarge, Unavailable
from hearth.core.values import RequestContext, request_context
from hearth.web import problems
from hearth.web.doors import MEBIBYTE, Site
from hearth.web.security import Headers, security_headers
from hearth.web.uploads import most_of

log = logging.getLogger("hearth.web")

_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
# Between two parts of a body, however slow the line.
BODY_WITHIN_S: Final = 30.0
_ALWAYS_OPEN: Final = frozenset(
    {"/health", "/api/health", "/api/healthz", "/ready", "/live", "/metrics"}
)
_CORS_METHODS: Final = b"GET, POST, PUT, PATCH, DELETE"
# A method is any word that a stranger likes to send; a label of a metric must not be.
_COUNTED_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_FORWARDED: Final = frozenset({b"x-forwarded-for", b"x-real-ip", b"forwarded", b"via"})
_CORS_HEADERS: Final = b"authorization, content-type, idempotency-key, if-match, x-request-id"
_CORS_EXPOSED: Final = b"etag, retry-after, ratelimit, ratelimit-policy, x-request-id, location"


class Threshold:
    """Wraps the application; see the module."""

    def __init__(self, app: ASGIApp, site: Site, allowed: Callable[[str], str | None]) -> None:
        self._app = app
        self._allowed = allowed
        self._site = site
        self._always = security_headers(site)
        self._networks = Networks(site.trusted_proxies)
        self._origins = {origin.encode() for origin in site.cors_origins}
        self._warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        context = RequestContext(_request_id(headers), self._address(scope, headers))
        token = request_context.set(context)
        leaving = _Leaving(scope, send, self._added(context.id, headers))
        try:
            await self._enter(scope, headers, receive, leaving)
        finally:
            request_context.reset(token)

    async def _enter(
        self, scope: Any, headers: dict[bytes, bytes], receive: Receive, leaving: "_Leaving"
    ) -> None:
        scope["hearth.headers"] = headers
        if scope["method"] == "OPTIONS":
            await self._options(scope["path"], leaving)
            return
        refused = self._refused(scope, headers)
        if refused is not None:
            await leaving.problem(scope["path"], refused)
            return
        if scope["method"] == "HEAD":
            scope["method"] = "GET"
        if scope["method"] != "GET":
            most = self._most(scope["path"], headers)
            # Who waits for a page is told by one, as soon as the body would be read.
            is_over = int(headers.get(b"content-length", b"0")) > most
            receive = closed(most) if is_over else bounded(receive, most)
        await self._app(scope, receive, leaving)

    async def _options(self, path: str, leaving: "_Leaving") -> None:
        """Which methods an address answers; a preflight has what it needs among the headers."""
        allowed = self._allowed(path)
        if allowed is None:
            await leaving.problem(path, NotFound("There is nothing at this address."))
        else:
            await leaving.empty(204, [(b"allow", allowed.encode())])

    def _refused(self, scope: Any, headers: dict[bytes, bytes]) -> Exception | None:
        if self._site.maintenance and scope["path"] not in _ALWAYS_OPEN:
            return Unavailable("Hearth is being looked after. Come back soon.", retry_after_s=120)
        if b"%00" in scope.get("query_string", b"") or "\0" in scope["path"]:
            return Malformed("The address must not contain the NUL character.")
        length = headers.get(b"content-length", b"0")
        if not length.isdigit():
            return Malformed("Content-Length must be a number.")
        if int(length) > (most := self._most(scope["path"], headers)) and not _is_page(headers):
            return _too_large(most)
        return None

    def _most(self, path: str, headers: dict[bytes, bytes]) -> int:
        return most_of(path, headers.get(b"content-type", b"").lower(), self._site)

    def _added(self, request_id: str, headers: dict[bytes, bytes]) -> Headers:
        added = [*self._always, (b"x-request-id", request_id.encode())]
        if self._origins:
            added.append((b"vary", b"Origin"))
            if (origin := headers.get(b"origin")) in self._origins and origin is not None:
                added += [
                    (b"access-control-allow-origin", origin),
                    (b"access-control-allow-methods", _CORS_METHODS),
                    (b"access-control-allow-headers", _CORS_HEADERS),
                    (b"access-control-expose-headers", _CORS_EXPOSED),
                    (b"access-control-max-age", b"600"),
                ]
        return added

    def _address(self, scope: Any, headers: dict[bytes, bytes]) -> str:
        """Who asks: the last address that no trusted proxy vouches for; '' when nobody can tell."""
        client = scope.get("client")
        address = _plain(client[0]) if client else ""
        if address not in self._networks:
            return self._unvouched(address, headers)
        forwarded = headers.get(b"x-forwarded-for", b"").decode("latin-1")
        for hop in reversed(forwarded.split(",") if forwarded else ()):
            if not _is_address(hop.strip()):
                return address
            address = _plain(hop.strip())
            if address not in self._networks:
                break
        return address

    def _unvouched(self, address: str, headers: dict[bytes, bytes]) -> str:
        """The peer itself. A proxy on this machine that nobody trusts must not lend its address:
        the whole world would be taken for the machine and see what only the machine may."""
        if address not in LOOPBACK or _FORWARDED.isdisjoint(headers):
            return address
        if not self._warned:
            self._warned = True
            log.warning("a proxy on this machine forwards requests: name it in TRUSTED_PROXIES")
        return ""


class _Leaving:
    """The way out of one request: adds the headers, counts, and drops the body of HEAD."""

    def __init__(self, scope: Any, send: Send, added: Headers) -> None:
        self._scope = scope
        self._send = send
        self._added = added
        self._started = time.perf_counter()
        self._method = scope["method"]
        self._counted = self._method if self._method in _COUNTED_METHODS else "other"

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._complete(message)
        elif self._method == "HEAD" and message["type"] == "http.response.body":
            if message.get("more_body"):
                return
            message = {"type": "http.response.body", "body": b"", "more_body": False}
        await self._send(message)

    def _complete(self, message: Any) -> None:
        seconds = time.perf_counter() - self._started
        headers = [*message["headers"], *self._added]
        headers.append((b"server-timing", b"app;dur=%.1f" % (seconds * 1000)))
        if not any(name.lower() == b"cache-control" for name, _ in message["headers"]):
            headers.append((b"cache-control", b"private, no-cache"))
        if (rate := self._scope.get("hearth.rate")) is not None:
            headers += _rate_headers(*rate)
        message["headers"] = headers
        route = self._scope.get("path_template") or "none"
        telemetry.observe_request(self._counted, route, message["status"], seconds)

    async def empty(self, status: int, headers: Headers) -> None:
        """An answer without a body."""
        await self({"type": "http.response.start", "status": status, "headers": headers})
        await self({"type": "http.response.body", "body": b"", "more_body": False})

    async def problem(self, path: str, error: Exception) -> None:
        """An error, before there is a request to speak of."""
        told = problems.tell(error)
        body = told.body(path)
        headers = [
            (b"content-type", problems.MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            *((name.lower().encode(), value.encode()) for name, value in told.headers.items()),
        ]
        await self({"type": "http.response.start", "status": told.status, "headers": headers})
        await self({"type": "http.response.body", "body": body, "more_body": False})


class Networks:
    """Address ranges, asked often with few addresses."""

    def __init__(self, ranges: Iterable[str]) -> None:
        self._ranges = [ip_network(each, strict=False) for each in ranges]
        self._known = lru_cache(4096)(self._look)

    def __contains__(self, address: str) -> bool:
        return bool(self._ranges) and self._known(address)

    def _look(self, address: str) -> bool:
        if not _is_address(address):
            return False
        parsed = ip_address(address)
        return any(parsed in each for each in self._ranges)


LOOPBACK: Final = Networks(("127.0.0.0/8", "::1/128"))
"""This machine itself."""


def _plain(address: str) -> str:
    """An IPv4 address as such, also when it reaches us over an IPv6 socket (`::ffff:192.0.2.1`)."""
    if not address.startswith("::ffff:") or not _is_address(address):
        return address
    parsed = ip_address(address)
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return str(mapped or address)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _request_id(headers: dict[bytes, bytes]) -> str:
    given = headers.get(b"x-request-id", b"")
    return given.decode() if _REQUEST_ID.fullmatch(given) else os.urandom(16).hex()


def _rate_headers(limit: int, remaining: int, reset_s: float) -> Headers:
    # draft-ietf-httpapi-ratelimit-headers: structured fields, one policy called "default".
    return [
        (b"ratelimit-policy", b'"default";q=%d;w=60' % limit),
        (b"ratelimit", b'"default";r=%d;t=%d' % (remaining, int(reset_s) + 1)),
    ]


def _is_page(headers: dict[bytes, bytes]) -> bool:
    return b"text/html" in headers.get(b"accept", b"")


def _too_large(most: int) -> TooLarge:
    size = f"{most // MEBIBYTE} MiB" if most > MEBIBYTE else f"{most // 1024} KiB"
    return TooLarge(f"The body is larger than the {size} that are accepted here.")


def closed(most: int) -> Receive:
    """A body that is refused before any of it is read."""

    async def refuse() -> Any:
        raise _too_large(most)

    return refuse


def bounded(receive: Receive, most: int, within_s: float = BODY_WITHIN_S) -> Receive:
    """A body that does not say its length is counted as it comes, and has to go on coming."""
    came, over = 0, False

    async def counted() -> Any:
        nonlocal came, over
        if over:
            return await receive()
        try:
            async with asyncio.timeout(within_s):
                message = await receive()
        except TimeoutError:
            raise Malformed(f"The rest of the body did not come in {within_s:g} s.") from None
        if message["type"] == "http.request":
            came += len(message.get("body", b""))
            over = not message.get("more_body", False)
            if came > most:
                raise _too_large(most)
        return message

    return counted
