"""The pool and its transactions when things go wrong half-way."""

import asyncio
from pathlib import Path
from uuid import UUID

import asyncpg
import msgspec
import pytest

from hearth.core import db as module
from hearth.core.db import SYSTEM, Db, Pool, Transaction
from hearth.core.errors import Conflict, NotFound
from hearth.core.openings import plainly
from hearth.core.sql import EVERY_STATEMENT, Statement

ROLE = Statement("role", "select current_user::text", Path("test"), str, {})
WHO = Statement("who", "select core.acting_person()", Path("test"), UUID, {})
SMALL = Statement("small", "select cast(:n as int4)", Path("test"), int, {})
NAP = Statement("nap", "select pg_sleep(:s)::text", Path("test"), str, {})
BACKEND = Statement("backend", "select pg_backend_pid()", Path("test"), int, {})
# These are not the application's: the test of all its statements shall not see them.
del EVERY_STATEMENT[-5:]


async def test_each_speaks_for_whom_it_says(db: Pool, person_id: UUID) -> None:
    asked = [person_id, None, SYSTEM] * 20
    roles = await asyncio.gather(*(db.one(ROLE, acting) for acting in asked))
    assert roles == ["hearth_app", "hearth_app", "hearth_system"] * 20
    who = await asyncio.gather(*(db.maybe(WHO, acting) for acting in asked))
    assert who == [person_id, None, None] * 20


async def test_a_reading_keeps_its_connection_and_its_actor(db: Pool, person_id: UUID) -> None:
    async def read(one: Db) -> tuple[int, int, UUID]:
        backends = [await one.one(BACKEND, person_id) for _ in range(2)]
        return backends[0], backends[1], await one.one(WHO, person_id)

    first, second, who = await db.reading(person_id, read)
    assert (first, who) == (second, person_id)

    async def stray(one: Db) -> object:
        return await one.maybe(WHO, SYSTEM)

    with pytest.raises(RuntimeError, match="a reading of"):
        await db.reading(person_id, stray)
    async with db.transaction(person_id) as tx:
        assert (await tx.reading(person_id, read))[2] == person_id


async def test_after_a_transaction_nothing_lingers(db: Pool, person_id: UUID) -> None:
    async with db.transaction(person_id) as tx:
        assert await tx.one(WHO, person_id) == person_id
    assert await asyncio.gather(*(db.maybe(WHO, None) for _ in range(8))) == [None] * 8


async def test_an_argument_that_cannot_be_sent_is_not_retried(
    db: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_back_off", None)
    with pytest.raises(asyncpg.DataError):
        await db.one(SMALL, None, n=2**40)


async def test_a_swallowed_error_does_not_pass_for_a_commit(db: Pool) -> None:
    with pytest.raises(RuntimeError, match="rolled back"):
        async with db.transaction(SYSTEM) as tx:
            with pytest.raises(asyncpg.DivisionByZeroError):
                await tx.connection.execute("select 1/0")


async def test_whoever_catches_an_error_is_not_the_house_any_more(
    db: Pool, person_id: UUID
) -> None:
    async with db.transaction(person_id) as tx:
        with pytest.raises(NotFound):
            async with tx.as_system() as house:
                assert await house.one(ROLE, SYSTEM) == "hearth_system"
                assert await house.one(WHO, SYSTEM) == person_id
                raise NotFound("nothing")
        assert await tx.one(ROLE, person_id) == "hearth_app"


async def test_a_cancelled_query_does_not_spoil_the_pool(db: Pool) -> None:
    pool = Pool(db.dsn, size=2)
    for _ in range(6):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05), pool.transaction(SYSTEM) as tx:
                await tx.one(NAP, SYSTEM, s=5.0)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await pool.one(NAP, SYSTEM, s=5.0)
    assert pool.in_use == 0
    assert await asyncio.gather(*(pool.one(ROLE, None) for _ in range(4))) == ["hearth_app"] * 4
    await pool.close()


async def test_dead_connections_are_passed_over(db: Pool) -> None:
    pool = Pool(db.dsn, size=8)
    pids = set(await asyncio.gather(*(slow_backend(pool) for _ in range(8))))
    assert len(pids) == 8
    async with db.connection(None):
        own = await db.connect()
        await own.fetch("select pg_terminate_backend(p) from unnest($1::int[]) p", list(pids))
        await own.close()
    assert await pool.one(BACKEND, None) not in pids
    await pool.close()


async def slow_backend(pool: Pool) -> int:
    async with pool.connection(None) as connection:
        await asyncio.sleep(0.1)
        return int(await connection.fetchval("select pg_backend_pid()"))


async def test_contention_is_retried_by_whoever_began(db: Pool) -> None:
    tries = 0

    async def contended(tx: Transaction) -> str:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise asyncpg.SerializationError
        return "done"

    assert await db.retrying(SYSTEM, contended) == "done"
    tries = 0
    with pytest.raises(asyncpg.SerializationError):
        async with db.transaction(SYSTEM) as tx:
            await tx.retrying(SYSTEM, contended)
    assert tries == 1


async def test_effects_follow_the_commit_only(db: Pool, caplog: pytest.LogCaptureFixture) -> None:
    seen: list[int] = []

    def fail() -> None:
        raise KeyError

    with pytest.raises(Conflict):
        async with db.transaction(SYSTEM) as tx:
            tx.after_commit.append(lambda: seen.append(1))
            raise Conflict("no")
    async with db.transaction(SYSTEM) as tx:
        tx.after_commit += [lambda: seen.append(2), fail, lambda: seen.append(3)]
    assert seen == [2, 3]
    assert "effect after a commit" in caplog.text


async def test_an_update_of_many_rows_is_audited_row_by_row(db: Pool, dsn: str) -> None:
    connection = await plainly(dsn)
    await connection.execute("begin")
    try:
        await connection.execute(
            """create table core.trial (person_id uuid primary key, place int, password_hash text);
            select core.person_owned('core.trial');
            set local role hearth_system;
            insert into core.trial
            select gen_random_uuid(), n, 'canary' from generate_series(1, 99) n;
            update core.trial t set place = t.place + 1000, password_hash = 'canary'
            from (select person_id from core.trial order by random()) s
            where s.person_id = t.person_id"""
        )
        told = await connection.fetch(
            "select person_id, before, after from privacy.audit "
            "where relation = 'core.trial' and what = 'update'"
        )
        assert len({row["person_id"] for row in told}) == 99
        for row in told:
            before, after = msgspec.json.decode(row["before"]), msgspec.json.decode(row["after"])
            assert before["person_id"] == after["person_id"] == str(row["person_id"])
            assert after["place"] == before["place"] + 1000
            assert "canary" not in row["before"] + row["after"]
    finally:
        await connection.execute("rollback")
        await connection.close()


async def test_a_slow_query_is_told_without_its_values(
    db: Pool, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SLOW_QUERY_S", 0.05)
    slow: Statement[str] = Statement(
        "slow", "select :said || pg_sleep(0.1)::text", Path("trial.sql"), str, {}
    )
    EVERY_STATEMENT.remove(slow)
    await db.one(slow, SYSTEM, said="canary")
    (record,) = [record for record in caplog.records if record.getMessage() == "slow query"]
    assert vars(record)["statement"] == "<statement trial.sql:slow>"
    assert vars(record)["waited_s"] >= 0.1
    assert "canary" not in str(vars(record))
