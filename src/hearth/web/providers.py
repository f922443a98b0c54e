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


Give = Callable[[AnyRequest], Any]


def _fixed(value: Any) -> Give:
    return lambda _: value


def providers(doors: Doors, extra: Mapping[str, Give]) -> dict[str, Give]:
    """Every dependency by the name of its parameter; `extra` are the domains' own."""
    return {
        "doors": _fixed(doors),
        "db": _fixed(doors.db),
        "vault": _fixed(doors.vault),
        "cache": _fixed(doors.cache),
        "limits": _fixed(doors.limits),
        "mail": _fixed(doors.mail),
        "files": _fixed(doors.files),
        "flags": _fixed(doors.flags),
        "person": _person,
        "maybe_person": _maybe_person,
        "idempotency_key": _idempotency_key,
        "if_match": _if_match,
        "locale": _locale,
        **extra,
    }


def declared(given: Mapping[str, Give]) -> dict[str, Provide]:
    """The dependencies as Litestar wants them declared."""

    def declare(give: Give) -> Provide:
        def provide(request: AnyRequest) -> Any:
            return give(request)

        return Provide(provide, sync_to_thread=False)

    return {name: declare(give) for name, give in given.items()}


def give_directly(model: Any, given: Mapping[str, Give]) -> None:
    """Let a handler's dependencies be handed over without Litestar's resolving.

    It starts a task for each of two or more dependencies, which costs more than a small request.
    Ours are values at hand. `model` is the handler's KwargsModel: an inside of Litestar that a test
    watches; where it has changed, resolving works as before, only slower.
    """
    batches = getattr(model, "dependency_batches", [])
    names = [container.key for batch in batches for container in batch]
    if not names or not all(name in given for name in names):
        return
    wanted = [(name, given[name]) for name in names]

    async def extract(values: dict[str, Any], connection: AnyRequest) -> None:
        for name, give in wanted:
            values[name] = give(connection)

    model.extractors.append(extract)
    model.dependency_batches = []
