"""What a page's form brings, and doing it once even when it is sent twice."""

import hashlib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, Final, TypeVar
from uuid import UUID

import msgspec
from litestar import Request
from litestar.response import Redirect

from hearth.core.db import Db, Transaction
from hearth.core.errors import Problem, refused
from hearth.core.idempotency import Answer, fingerprint_of, once
from hearth.people import Person
from hearth.web.identity import CSRF_FIELD
from hearth.web.shown import typed_number
from hearth.web.templates import reworded
from hearth.web.uploads import form_of

T = TypeVar("T")
AnyRequest = Request[Any, Any, Any]


def seen(path: str) -> Redirect:
    """Go and look: the answer to a form that did its work."""
    return Redirect(path, status_code=303)


ONCE_FIELD: Final = "once"
_OF_THE_FORM: Final = frozenset({CSRF_FIELD, ONCE_FIELD})


class Fields:
    """The text fields of a form. A field that is missing is empty."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = {name: value for name, value in given.items() if isinstance(value, str)}

    def text(self, name: str) -> str:
        """The trimmed text of a field. NUL, which no database text can hold, is refused."""
        value = self._given.get(name, "")
        if "\0" in value:
            raise refused(name, "must not contain the NUL character.")
        return value if "password" in name or name == "current" else value.strip()

    def number(self, name: str) -> float | None:
        """A number as people type it; None for an empty field."""
        try:
            return typed_number(self.text(name))
        except ValueError:
            raise refused(name, f"“{self.text(name)[:40]}” is no number.") from None

    def needed(self, name: str) -> float:
        """A number that must be there."""
        value = self.number(name)
        if value is None:
            raise refused(name, "is needed.")
        return value

    def version(self, name: str = "version") -> int | None:
        """The version that a form was made from; None where it says none."""
        text = self.text(name)
        return int(text[:9]) if text.isascii() and text.isdigit() else None

    def items(self) -> Iterator[tuple[str, str]]:
        """Every field but those of the form itself: the token against forged forms changes with each login."""
        return ((name, value) for name, value in self._given.items() if name not in _OF_THE_FORM)

    def once(self) -> str | None:
        """The key of this form as it was drawn and filled in; None for a form without one."""
        drawn = self.text(ONCE_FIELD)[:64]
        return f"{drawn}-{hashlib.sha256(self.as_bytes()).hexdigest()[:32]}" if drawn else None

    def as_bytes(self) -> bytes:
        """What the form says, the same whenever it says the same."""
        return msgspec.json.encode(sorted(self.items()))


async def fields_of(request: AnyRequest) -> Fields:
    """The fields of the form that was sent."""
    return Fields(dict(await form_of(request)))


async def done_once(
    db: Db,
    person: Person,
    idempotency_key: str | None,
    request: AnyRequest,
    work: Callable[[Transaction], Awaitable[T]],
) -> None:
    """`work`, once for a key: an outbox that sends a form again does nothing twice.

    A browser without JavaScript has no such header: there it is once for a page that was drawn and
    what was typed into it, so that an impatient second press of the button does nothing either.
    """
    fields = await fields_of(request)
    path = request.scope["path"].encode()
    key = idempotency_key or fields.once()

    async def answered(tx: Transaction) -> Answer:
        await work(tx)
        return Answer(204, b"")

    await once(db, person.id, key, fingerprint_of(b"page", path, fields.as_bytes()), answered)


def errors_of(problem: Problem) -> dict[str, str]:
    """What is wrong, in the page's language, by the last word of the field's path."""
    return {error.field.rsplit(".", 1)[-1]: reworded(error.message) for error in problem.errors}


def accepted(given: Mapping[str, Any], into: type[T], field: str) -> T:
    """What a form says as the struct that the API takes, with the same limits."""
    try:
        return msgspec.convert(given, into)
    except msgspec.ValidationError as error:
        raise refused(field, f"was not accepted: {error}.") from None


def uuid_of(text: str, field: str) -> UUID:
    """An id from a form."""
    try:
        return UUID(text)
    except ValueError:
        raise refused(field, "is no id.") from None
