"""Small values that every domain uses: identifiers, the clock, and the request in hand."""

import os
import time
from contextvars import ContextVar
from datetime import UTC, datetime
from uuid import UUID

import msgspec


class RequestContext(msgspec.Struct, frozen=True):
    """Where the work at hand comes from: goes into logs and audit rows."""

    id: str = ""
    address: str = ""


# A frozen struct: the default cannot be changed by whoever gets it.
request_context: ContextVar[RequestContext] = ContextVar("request", default=RequestContext())  # noqa: B039


def now() -> datetime:
    """The current time in UTC; the one clock of the house."""
    return datetime.now(UTC)


def new_id() -> UUID:
    """A UUID version 7 (RFC 9562): ordered by time, so that new rows land together in an index."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & 0xFFFFFFFFFFFF) << 80 | 0x7 << 76 | (random >> 68) << 64
    return UUID(int=value | 0b10 << 62 | random & 0x3FFFFFFFFFFFFFFF)
