"""Who asks: by bearer token or by cookie, what their login covers, and whether it is our own page.

Every request passes `admit`, so that a handler that forgets to ask who acts is closed, not open.
It is a `before_request` hook and no guard: Litestar copies the handler for each guard it calls, a
third of the cost of a small request.
A handler's `opt` says otherwise: `anonymous=True` lets strangers in, `public=True` does not even
look who asks, `scope="diary:write"` and `role="support"` ask for more.
"""

import hmac
import time
from collections import OrderedDict
from typing import Any, Final, cast
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from litestar import Response
from litestar.connection import ASGIConnection, Request
from litestar.handlers.base import BaseRouteHandler

from hearth import people
from hearth.core.errors import Forbidden, Malformed, TooMany, Unauthenticated
from hearth.core.limits import neighbourhood
from hearth.core.values import request_context
from hearth.people import Person
from hearth.web.doors import Doors, Site
from hearth.web.templates import speak
from hearth.web.uploads import form_of

Connection = ASGIConnection[Any, Any, Any, Any]
AnyRequest = Request[Any, Any, Any]
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
# How PostgreSQL's one forbidden character is written in bodies of text.
_NUL: Final = {"application/json": b"\\u0000", "application/x-www-form-urlencoded": b"%00"}
ACTIVE_S: Final = 15 * 60.0
MOST_SEEN: Final = 100_000
CSRF_HEADER: Final = "x-csrf-token"
CSRF_FIELD: Final = "csrf_token"


class Asked(msgspec.Struct, frozen=True):
    """Who asks, and whether a cookie said so."""

    person: Person | None
    by_cookie: bool = False


NOBODY: Final = Asked(None)


class Seen:
    """Which persons asked this process for something lately."""

    def __init__(self) -> None:
        self._at: OrderedDict[UUID, float] = OrderedDict()

    def note(self, person_id: UUID) -> None:
        """The person is here."""
        self._at[person_id] = time.monotonic()
        self._at.move_to_end(person_id)
        if len(self._at) > MOST_SEEN:
            self._at.popitem(last=False)

    def count(self, within_s: float = ACTIVE_S) -> int:
        """How many were here within the time; who was not is forgotten."""
        since = time.monotonic() - within_s
        while self._at and next(iter(self._at.values())) < since:
            self._at.popitem(last=False)
        return len(self._at)


seen: Final = Seen()
"""Who was here; for the metric of active persons."""


def doors_of(connection: Connection) -> Doors:
    """The doors of the application that answers."""
    doors: Doors = connection.app.state.doors
    return doors


def asked(connection: Connection) -> Asked:
    """Who asks, as was found at the door."""
    return cast(Asked, connection.scope.get("hearth.asked", NOBODY))


async def admit(connection: AnyRequest) -> None:
    """Let the request in, or raise the problem that keeps it out."""
    handler: BaseRouteHandler = connection.scope["route_handler"]
    opt = handler.opt
    if opt.get("public"):
        return
    doors = doors_of(connection)
    found = await identify(connection, doors)
    connection.scope["hearth.asked"] = found  # type: ignore[typeddict-unknown-key]
    # Before the handler: it writes texts for the page, in the language of who asks.
    speak(connection)
    await _count(connection, doors, found)
    if found.person is not None:
        seen.note(found.person.id)
    elif not opt.get("anonymous"):
        raise Unauthenticated("Log in first, or send a valid token in Authorization.")
    if found.person is not None and not opt.get("anonymous"):
        _cover(found.person, connection, handler)
    if _method(connection) not in SAFE:
        await _check_change(connection, doors, found)


async def identify(connection: Connection, doors: Doors) -> Asked:
    """Who shows a bearer token or a cookie that is good; nobody otherwise."""
    headers = cast(dict[bytes, bytes], connection.scope["hearth.headers"])  # type: ignore[typeddict-item]
    authorization = headers.get(b"authorization")
    if authorization is not None:
        kind, _, text = authorization.decode("latin-1").partition(" ")
        if kind.lower() != "bearer":
            return NOBODY
        return Asked(await _by_token(doors, text.strip()))
    cookie = connection.cookies.get(cookie_name(doors.site)) if b"cookie" in headers else None
    if cookie is None:
        return NOBODY
    person = await people.logins.who_holds_cookie(doors.db, doors.vault, cookie)
    return Asked(person, by_cookie=person is not None)


async def _by_token(doors: Doors, text: str) -> Person | None:
    if text.startswith("ha_"):
        return await people.logins.who_holds_access(doors.db, doors.vault, text)
    return await people.tokens.who_holds_token(doors.db, doors.vault, text)


def _cover(person: Person, connection: Connection, handler: BaseRouteHandler) -> None:
    scope = handler.opt.get("scope") or _usual_scope(connection)
    people.need_scope(person, scope)
    role = handler.opt.get("role")
    if role is not None:
        people.need_role(person, *((role,) if isinstance(role, str) else role))


def _method(connection: Connection) -> str:
    return str(cast(Any, connection.scope)["method"])


def _usual_scope(connection: Connection) -> str:
    """`<first word of the path>:read` or `:write`, such as `foods:read`; of a page `pages:...`."""
    parts = connection.scope["path"].split("/", 3)
    area = parts[2] if len(parts) > 2 and parts[1] == "api" else "pages"
    action = "read" if _method(connection) in SAFE else "write"
    return f"{area.replace('-', '_')}:{action}"


async def _count(connection: Connection, doors: Doors, found: Asked) -> None:
    per_minute = doors.site.requests_per_minute
    network = neighbourhood(request_context.get().address)
    # The machine itself is not counted: probes, the command line, a proxy that names no client.
    if not per_minute or not network:
        return
    subject = str(found.person.id) if found.person else network
    taken = await doors.limits.take("web.requests", subject, limit=per_minute, per_s=60)
    rate = (per_minute, taken.remaining, taken.reset_s)
    connection.scope["hearth.rate"] = rate  # type: ignore[typeddict-unknown-key]
    if not taken.allowed:
        raise TooMany(
            "Too many requests. Wait a moment.", retry_after_s=max(1.0, taken.retry_after_s)
        )


async def _check_change(request: AnyRequest, doors: Doors, found: Asked) -> None:
    """A change must come from our own page or carry a bearer token, and be readable text."""
    if found.by_cookie or not request.scope["path"].startswith("/api"):
        _demand_own_origin(request, doors.site)
    if found.by_cookie and found.person is not None:
        await _demand_csrf_token(request, doors, found.person)
    nul = _NUL.get(request.content_type[0])
    if nul is not None and nul in await request.body():
        raise Malformed("Text must not contain the NUL character.")


def _demand_own_origin(request: Request[Any, Any, Any], site: Site) -> None:
    """Browsers say where a request comes from; programs that do not have no cookie to abuse."""
    fetched = request.headers.get("sec-fetch-site")
    if fetched in ("same-origin", "none"):
        return
    origin = request.headers.get("origin")
    if fetched is None and origin is None:
        return
    own = {site.origin}
    if host := request.headers.get("host"):
        own |= {f"{'https' if site.https else 'http'}://{host}"}
    if fetched is not None or origin not in own:
        raise Forbidden("This request came from another site.", code="foreign_origin")


async def _demand_csrf_token(request: Request[Any, Any, Any], doors: Doors, person: Person) -> None:
    shown = request.headers.get(CSRF_HEADER)
    if shown is None and request.content_type[0] in (
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ):
        field = (await form_of(request)).get(CSRF_FIELD)
        shown = field if isinstance(field, str) else None
    assert person.login_id is not None
    wanted = people.logins.csrf_token(doors.vault, person.login_id)
    if shown is None or not hmac.compare_digest(shown.encode(), wanted.encode()):
        raise Forbidden(
            "The page was too old for this. Load it again and retry.", code="csrf_token_wrong"
        )


def csrf_token_for(connection: Connection) -> str:
    """What forms carry in the hidden field `csrf_token`; '' for nobody."""
    found = asked(connection)
    if not found.by_cookie or found.person is None or found.person.login_id is None:
        return ""
    return people.logins.csrf_token(doors_of(connection).vault, found.person.login_id)


def cookie_name(site: Site) -> str:
    """The login cookie; over TLS bound to the host by its prefix."""
    return "__Host-hearth" if site.https else "hearth"


def with_login_cookie(response: Response[Any], site: Site, opened: people.logins.Opened) -> None:
    """Log the browser in."""
    response.set_cookie(
        key=cookie_name(site),
        value=opened.ticket,
        # As long as browsers keep any cookie: when the login ends is decided by its row.
        max_age=400 * 24 * 3600,
        path="/",
        secure=site.https,
        httponly=True,
        samesite="lax",
    )


def without_login_cookie(response: Response[Any], site: Site) -> None:
    """Log the browser out. The cache is emptied; storage stays, for it holds the outbox."""
    response.set_cookie(
        key=cookie_name(site), value="", max_age=0, path="/", secure=site.https, httponly=True
    )
    response.headers["Clear-Site-Data"] = '"cache"'


def safe_next(wanted: str | None) -> str:
    """The path to go to after signing in: on this site or the front page."""
    if not wanted or not wanted.startswith("/") or wanted[1:2] in ("/", "\\"):
        return "/"
    parts = urlsplit(wanted)
    plain = wanted.isprintable() and not parts.scheme and not parts.netloc
    return wanted if plain else "/"


def gate_of(doors: Doors) -> people.logins.Gate:
    """What signing in needs, from the doors."""
    return people.logins.Gate(doors.vault, doors.limits, doors.mail.configured)
