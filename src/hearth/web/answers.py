"""Answers that many handlers give: created once, versions of things, and pages of lists."""

import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final, Generic, TypeVar

import msgspec
from litestar import MediaType, Request, Response
from litestar.datastructures import State
from litestar.params import QueryParameter

from hearth.core.db import Db, Transaction
from hearth.core.errors import Malformed
from hearth.core.idempotency import Answer, fingerprint_of, once
from hearth.people import Person

T = TypeVar("T")
AnyRequest = Request[Any, Any, State]

# Some tools take the quotes off; a number is plain enough.
_ETAG: Final = re.compile(r'(?:W/)?(?:"(\d{1,18})"|(\d{1,18}))')

After = Annotated[
    str | None, QueryParameter(max_length=400, description="`next` of the page before.")
]
"""`after`: where the page before ended."""
Limit = Annotated[int, QueryParameter(ge=1, le=200, description="How many at most.")]
"""`limit`: how many at most, 1 to 200."""


class Page(msgspec.Struct, Generic[T], frozen=True):
    """A part of a list. `next` goes into `?after=` of the next request; None at the end."""

    items: list[T]
    next: str | None = None


async def created(
    db: Db,
    person: Person,
    idempotency_key: str | None,
    request: AnyRequest,
    work: Callable[[Transaction], Awaitable[T]],
) -> Response[T]:
    """201 with what `work` made; for a repetition with the same Idempotency-Key, the same again.

    Method, path and body make the fingerprint: the same key with another request is a conflict.
    """
    path = request.scope["path"].encode()
    fingerprint = fingerprint_of(request.method.encode(), path, await request.body())

    async def answered(tx: Transaction) -> Answer:
        return Answer(201, msgspec.json.encode(await work(tx)))

    answer = await once(db, person.id, idempotency_key, fingerprint, answered)
    response: Response[Any] = Response(
        answer.body, status_code=answer.status, media_type=MediaType.JSON
    )
    if answer.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response


def etag(version: int) -> str:
    """The ETag header of a version."""
    return f'"{version}"'


def version_of(if_match: str | None) -> int | None:
    """The version in an If-Match header; None when absent or `*`. `Malformed` otherwise."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = _ETAG.fullmatch(if_match.strip())
    if found is None:
        raise Malformed('If-Match must be an ETag that was given before, such as "3".')
    return int(found.group(1) or found.group(2))


def versioned(content: T, version: int) -> Response[T]:
    """200 with the ETag of what two devices may edit."""
    return Response(content, headers={"ETag": etag(version)})
