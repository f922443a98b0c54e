"""What is said on a connection before the work: who acts, and the settings of every connection."""

from functools import lru_cache
from typing import Any, Final

import asyncpg
import msgspec

from hearth.core.errors import Unavailable
from hearth.core.values import request_context

Connection = asyncpg.Connection
# What no second try mends: a wrong password, an absent database.
REFUSED: Final = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
)


class DatabaseRefused(Unavailable):
    """The server of DATABASE_URL does not let us in, or the address cannot be understood."""

    code = "database_refused"
    title = "The database refused the connection"


class Opening(msgspec.Struct, frozen=True):
    """What is said on a connection before the work; `lasting` when it outlives a transaction."""

    text: str
    lasting: str | None


@lru_cache(maxsize=1024)
def speaking_for(role: str, person: str) -> Opening:
    """Makes the connection speak for a person ('' for nobody) until it is told otherwise."""
    text = f"set role {role}; set hearth.person = '{person}'"
    return Opening(text, lasting=text)


def begin(role: str, person: str) -> Opening:
    """Begins a transaction, says who acts and from where, in one message."""
    request = request_context.get()
    local = {"person": person, "request": request.id, "address": request.address}
    told = "; ".join(f"set local hearth.{key} = {_literal(value)}" for key, value in local.items())
    return Opening(f"begin; set local role {role}; {told}", lasting=None)


def _literal(value: str) -> str:
    # Request ids come from outside: only printable ASCII without quotes or backslashes goes in.
    plain = "".join(letter for letter in value if letter.isascii() and letter.isprintable())
    return "'" + plain.replace("'", "").replace("\\", "") + "'"


async def plainly(dsn: str, **given: Any) -> Connection:
    """A connection as the driver makes it. `DatabaseRefused` when trying again will not help."""
    try:
        return await asyncpg.connect(dsn, **given)
    except REFUSED as error:
        raise DatabaseRefused(f"The database of DATABASE_URL cannot be used: {error}.") from None
    except ValueError:
        # The driver's own text repeats pieces of the address, and a password may be among them.
        raise DatabaseRefused(
            "DATABASE_URL is not of the form postgresql://user:password@host:port/database."
        ) from None


async def connect(dsn: str, application: str) -> Connection:
    """A connection with Hearth's time-outs and JSON by msgspec."""
    connection = await plainly(
        dsn,
        timeout=10,
        server_settings={
            "application_name": application,
            "timezone": "UTC",
            "statement_timeout": "30s",
            "lock_timeout": "10s",
            "idle_in_transaction_session_timeout": "60s",
        },
    )
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(
            kind,
            schema="pg_catalog",
            encoder=lambda value: msgspec.json.encode(value).decode(),
            decoder=msgspec.json.decode,
        )
    return connection
