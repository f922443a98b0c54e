"""Where the dependencies come from: the doors, and what the guard found out."""

from collections.abc import Callable, Mapping
from typing import Any

from litestar import Request
from litestar.di import Provide

from hearth.core.errors import Malformed, Unauthenticated
from hearth.people import Person
from hearth.web.answers import version_of
from hearth.web.doors import Doors
from hearth.web.identity import asked
from hearth.web.templates import locale_for

AnyRequest = Request[Any, Any, Any]


def _person(request: AnyRequest) -> Person:
    person = asked(request).person
    if person is None:
        raise Unauthenticated("Log in first, or send a valid token in Authorization.")
    return person


def _maybe_person(request: AnyRequest) -> Person | None:
    return asked(request).person


def _idempotency_key(request: AnyRequest) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is not None and not (1 <= len(key) <= 255 and key.isascii() and key.isprintable()):
        raise Malformed("Idempotency-Key must be 1 to 255 printable ASCII characters.")
    return key


def _if_match(request: AnyRequest) -> int | None:
    return version_of(request.headers.get("if-match"))


def _locale(request: AnyRequest) -> str:
    return locale_for(request)


def providers(doors: Doors, extra: Mapping[str, Callable[..., Any]]) -> dict[str, Provide]:
    """Every dependency by the name of its parameter; `extra` are the domains' own."""
    given: dict[str, Callable[..., Any]] = {
        "doors": lambda: doors,
        "db": lambda: doors.db,
        "vault": lambda: doors.vault,
        "cache": lambda: doors.cache,
        "limits": lambda: doors.limits,
        "mail": lambda: doors.mail,
        "files": lambda: doors.files,
        "flags": lambda: doors.flags,
        "person": _person,
        "maybe_person": _maybe_person,
        "idempotency_key": _idempotency_key,
        "if_match": _if_match,
        "locale": _locale,
        **extra,
    }
    return {name: Provide(give, sync_to_thread=False) for name, give in given.items()}
