"""The database: a thin pool, the acting person on every statement, and transactions.

Verbs take `db` first. Reads go `await db.all(DAY_ITEMS, person.id, day=day)`; changes happen inside
`async with db.transaction(person.id) as tx:`, which opens in the verb where it can be seen. A
transaction is itself a `Db`, so that verbs compose: a transaction inside one joins it.

Who acts is part of every call: a person's id, `None` for nobody, or `SYSTEM` for work that belongs
to no person. PostgreSQL enforces it: rows of other persons do not exist for the application's role.
"""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final, TypeVar, cast
from uuid import UUID

import asyncpg

from hearth.core import telemetry
from hearth.core.errors import NotFound, Unavailable
from hearth.core.openings import Opening, begin, connect, speaking_for
from hearth.core.sql import Statement

T = TypeVar("T")
Connection = asyncpg.Connection
log = logging.getLogger("hearth.db")

SLOW_QUERY_S: Final = 1.0
ACQUIRE_TIMEOUT_S: Final = 10.0
ATTEMPTS: Final = 5
# Not InterfaceError: it also says that an argument cannot be encoded, which no retry will mend.
LOST: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    # What asyncpg says when the server dies between the parts of one statement.
    asyncpg.InternalClientError,
    ConnectionError,
    OSError,
)
CONTENDED: Final = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)


class System:
    """The actor of work that belongs to no single person: sign-in look-ups, imports, jobs."""

    def __repr__(self) -> str:
        return "SYSTEM"


SYSTEM: Final = System()
Acting = UUID | System | None


class Db:
    """Statements on behalf of somebody. The two forms are `Pool` and the transaction it opens."""

    async def all(self, statement: Statement[T], acting: Acting, /, **given: Any) -> list[T]:
        """Every row. `:person` of a statement is the acting person unless given."""
        rows = await self._fetch(statement, acting, _with_person(statement, acting, given))
        build = statement.build
        return [build(row) for row in rows]

    async def maybe(self, statement: Statement[T], acting: Acting, /, **given: Any) -> T | None:
        """The first row, or None."""
        rows = await self._fetch(statement, acting, _with_person(statement, acting, given))
        return statement.build(rows[0]) if rows else None

    async def one(self, statement: Statement[T], acting: Acting, /, **given: Any) -> T:
        """The first row. No row is `NotFound`."""
        found = await self.maybe(statement, acting, **given)
        if found is None:
            raise NotFound(f"No such {statement.table.rpartition('.')[2].replace('_', ' ')}.")
        return found

    async def run(self, statement: Statement[Any], acting: Acting, /, **given: Any) -> None:
        """A change of which no rows are wanted; outside a transaction it is one of its own."""
        async with self.transaction(acting) as tx:
            await tx._fetch(statement, acting, _with_person(statement, acting, given))

    def transaction(self, acting: Acting) -> "AbstractAsyncContextManager[Transaction]":
        """All or nothing. Inside a transaction this joins it."""
        raise NotImplementedError(f"{type(self).__name__} opens no transactions")

    async def reading(self, acting: Acting, work: "Callable[[Db], Awaitable[T]]") -> T:
        """`work`, which only reads, on one connection: several reads say once who acts."""
        raise NotImplementedError(f"{type(self).__name__} runs no statements")

    async def retrying(self, acting: Acting, work: "Callable[[Transaction], Awaitable[T]]") -> T:
        """`work` in a transaction, again with back-off when others were in the way.

        Retries serialization failures and deadlocks, whose transaction is known to be undone, and
        never a connection lost at commit: whether that one counted is not known.
        """
        for attempt in range(ATTEMPTS):
            try:
                async with self.transaction(acting) as tx:
                    return await work(tx)
            except CONTENDED:
                if attempt == ATTEMPTS - 1:
                    raise Unavailable(
                        "Too many changes at once. Try again.", retry_after_s=1
                    ) from None
                await _back_off(attempt)
        raise AssertionError("unreachable")

    async def _fetch(
        self, statement: Statement[Any], acting: Acting, values: list[Any]
    ) -> list[Any]:
        raise NotImplementedError(f"{type(self).__name__} runs no statements")


class Pool(Db):
    """Connections to one PostgreSQL, last used first, each remembering on whose behalf it speaks."""

    def __init__(self, dsn: str, *, size: int = 8, application: str = "hearth") -> None:
        self.dsn = dsn
        self.size = size
        self._application = application
        self._idle: list[_Held] = []
        self._places = asyncio.Semaphore(size)
        self._closed = False

    @property
    def in_use(self) -> int:
        """How many connections are at work."""
        return self.size - self._places._value

    async def close(self) -> None:
        """Close what is idle; what is at work closes when it comes back."""
        self._closed = True
        idle, self._idle = self._idle, []
        for held in idle:
            await held.connection.close(timeout=5)

    async def connect(self) -> Connection:
        """A connection outside the pool, for LISTEN, COPY and jobs. The caller closes it."""
        return await connect(self.dsn, self._application)

    @asynccontextmanager
    async def connection(self, acting: Acting) -> AsyncIterator[Connection]:
        """A pooled connection that speaks for `acting`, for COPY and libraries that want one."""
        async with self._held(_speaking_for(acting)) as held:
            yield held.connection

    @asynccontextmanager
    async def _transaction(self, acting: Acting) -> AsyncIterator["Transaction"]:
        async with self._held(_begin(acting)) as held:
            tx = Transaction(self, held.connection, acting)
            try:
                yield tx
            except Exception:
                await _roll_back(held.connection)
                raise
            await _commit(held.connection)
        for effect in tx.after_commit:
            try:
                effect()
            except Exception:
                # The transaction stands; its caller must not hear that it failed.
                log.exception("an effect after a commit failed")

    def transaction(self, acting: Acting) -> "AbstractAsyncContextManager[Transaction]":
        return self._transaction(acting)

    async def reading(self, acting: Acting, work: "Callable[[Db], Awaitable[T]]") -> T:
        opening = _speaking_for(acting)
        for attempt in range(ATTEMPTS):
            try:
                async with self._held(opening) as held:
                    return await work(_Reading(held.connection, acting))
            except LOST as error:
                await _lost(attempt, error)
        raise AssertionError("unreachable")

    async def _fetch(
        self, statement: Statement[Any], acting: Acting, values: list[Any]
    ) -> list[Any]:
        if statement.kind != "select":
            async with self.transaction(acting) as tx:
                return await tx._fetch(statement, acting, values)

        async def fetched(one: Db) -> list[Any]:
            return await one._fetch(statement, acting, values)

        return await self.reading(acting, fetched)

    @asynccontextmanager
    async def _held(self, opening: Opening) -> AsyncIterator["_Held"]:
        await self._place()
        held: _Held | None = None
        try:
            held = await self._opened(opening)
            yield held
        except Exception:
            raise
        except BaseException:
            # A cancelled query leaves the protocol in an unknown state: such a connection is
            # thrown away. An error that the server reported leaves it whole.
            if held is not None:
                held.connection.terminate()
            raise
        finally:
            self._release(held)

    async def _place(self) -> None:
        if not self._places.locked():
            await self._places.acquire()  # at once: a timer for nothing would cost more
            return
        try:
            async with asyncio.timeout(ACQUIRE_TIMEOUT_S):
                await self._places.acquire()
        except TimeoutError:
            raise Unavailable(
                "The database is busy. Try again in a moment.", retry_after_s=2
            ) from None

    def _release(self, held: "_Held | None") -> None:
        self._places.release()
        if held is None or held.connection.is_closed():
            return
        if self._closed or held.connection.is_in_transaction():
            held.connection.terminate()
        else:
            self._idle.append(held)

    async def _opened(self, opening: Opening) -> "_Held":
        """A connection on which `opening` has run; a stale one is replaced, with back-off."""
        for attempt in range(ATTEMPTS):
            held = None
            try:
                held = self._live_idle() or _Held(await self.connect())
                if opening.lasting is None or held.lasting != opening.lasting:
                    held.lasting = opening.lasting or held.lasting
                    await held.connection.execute(opening.text)
                return held
            except LOST as error:
                if held is not None:
                    held.connection.terminate()
                await _lost(attempt, error)
            except BaseException:
                if held is not None:
                    held.connection.terminate()
                raise
        raise AssertionError("unreachable")

    def _live_idle(self) -> "_Held | None":
        # After a restart of the server every idle connection is dead: all are passed over at once.
        while self._idle:
            held = self._idle.pop()
            if not held.connection.is_closed():
                return held
        return None


class Transaction(Db):
    """One open transaction on behalf of one actor."""

    def __init__(self, pool: Pool, connection: Connection, acting: Acting) -> None:
        self.pool = pool
        self.connection = connection
        self.acting = acting
        self.after_commit: list[Callable[[], None]] = []

    @asynccontextmanager
    async def _joined(self, acting: Acting) -> AsyncIterator["Transaction"]:
        self._check(acting)
        yield self

    def transaction(self, acting: Acting) -> "AbstractAsyncContextManager[Transaction]":
        return self._joined(acting)

    async def reading(self, acting: Acting, work: "Callable[[Db], Awaitable[T]]") -> T:
        self._check(acting)
        return await work(self)

    async def retrying(self, acting: Acting, work: "Callable[[Transaction], Awaitable[T]]") -> T:
        """Once: only whoever opened the transaction can begin it anew."""
        self._check(acting)
        return await work(self)

    @asynccontextmanager
    async def as_system(self) -> AsyncIterator["Transaction"]:
        """The same transaction speaking for the house for a while, for what no person owns."""
        mine = Transaction(self.pool, self.connection, SYSTEM)
        mine.after_commit = self.after_commit
        back = f"set local role {_role(self.acting)}"
        await self.connection.execute("set local role hearth_system")
        try:
            yield mine
        except Exception:
            # An error of the server aborts the transaction, and with it the role; one of ours
            # does not, and whoever catches it must not go on as the house.
            with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError):
                await self.connection.execute(back)
            raise
        await self.connection.execute(back)

    def _check(self, acting: Acting) -> None:
        if acting != self.acting:
            raise RuntimeError(f"a transaction of {self.acting!r} was asked to act for {acting!r}")

    async def _fetch(
        self, statement: Statement[Any], acting: Acting, values: list[Any]
    ) -> list[Any]:
        self._check(acting)
        return await _timed(self.connection, statement, values)


class _Reading(Db):
    """A connection that speaks for one actor while they read; nothing is written through it."""

    def __init__(self, connection: Connection, acting: Acting) -> None:
        self.connection = connection
        self.acting = acting

    async def reading(self, acting: Acting, work: "Callable[[Db], Awaitable[T]]") -> T:
        return await work(self)

    async def _fetch(
        self, statement: Statement[Any], acting: Acting, values: list[Any]
    ) -> list[Any]:
        if acting != self.acting or statement.kind != "select":
            raise RuntimeError(
                f"a reading of {self.acting!r} cannot do {statement!r} for {acting!r}"
            )
        return await _timed(self.connection, statement, values)


class _Held:
    """A connection and on whose behalf it speaks between transactions."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.lasting: str | None = None


def _role(acting: Acting) -> str:
    return "hearth_system" if isinstance(acting, System) else "hearth_app"


def _named(acting: Acting) -> str:
    return str(acting) if isinstance(acting, UUID) else ""


def _speaking_for(acting: Acting) -> Opening:
    return speaking_for(_role(acting), _named(acting))


def _begin(acting: Acting) -> Opening:
    return begin(_role(acting), _named(acting))


async def _roll_back(connection: Connection) -> None:
    try:
        await connection.execute("rollback")
    except Exception:
        # The connection is gone and the transaction with it. The first error is the one to tell.
        connection.terminate()


async def _commit(connection: Connection) -> None:
    # After an error that somebody swallowed, PostgreSQL answers COMMIT with a rollback.
    if await connection.execute("commit") != "COMMIT":
        raise RuntimeError("the transaction had failed before its commit and was rolled back")


def _with_person(statement: Statement[Any], acting: Acting, given: dict[str, Any]) -> list[Any]:
    if "person" in statement.parameters and "person" not in given:
        given["person"] = acting if isinstance(acting, UUID) else None
    return statement.arguments(given)


async def _timed(connection: Connection, statement: Statement[Any], values: list[Any]) -> list[Any]:
    started = time.perf_counter()
    try:
        return cast(list[Any], await connection.fetch(statement.text, *values))
    finally:
        waited_s = time.perf_counter() - started
        telemetry.count_query(statement.kind, statement.table)
        if waited_s > SLOW_QUERY_S:
            # The values stay out of the log: they are people's.
            log.warning("slow query", extra={"statement": repr(statement), "waited_s": waited_s})


async def _lost(attempt: int, error: BaseException) -> None:
    if attempt == ATTEMPTS - 1:
        log.error("the database cannot be reached: %s", error)
        raise Unavailable("The database cannot be reached. Try again.", retry_after_s=5) from error
    await _back_off(attempt)


async def _back_off(attempt: int) -> None:
    await asyncio.sleep(min(2.0, 0.05 * 2**attempt) * (0.5 + random.random()))  # noqa: S311
