"""Jobs: in the caller's transaction or not at all, at least once, retried, held, scheduled."""

import asyncio
import logging
from uuid import UUID

import msgspec
import pytest
from pgqueuer.adapters.persistence.schema_ddl import render_install

from hearth.core import jobs, telemetry
from hearth.core.db import SYSTEM, Db, Pool
from hearth.core.migrate import resources
from hearth.core.values import RequestContext, request_context

ran: list[tuple[str, str]] = []
wake = asyncio.Event()


class Greet(msgspec.Struct, frozen=True):
    """A job for the tests."""

    name: str


class Greeted(msgspec.Struct, frozen=True):
    """A fact for the tests."""

    name: str


class Renamed(msgspec.Struct, frozen=True):
    """What a later version might read where `Greet` was written."""

    other: int


@jobs.task
async def greet(db: Db, job: Greet) -> None:
    ran.append((job.name, request_context.get().id))
    wake.set()


@jobs.tries(3)
@jobs.task
async def stumble(db: Db, job: Greet) -> None:
    ran.append((job.name, "stumbled"))
    raise OSError("the floor is wet")


@jobs.task
async def misread(db: Db, job: Renamed) -> None:
    ran.append(("misread", ""))


@jobs.task
async def linger(db: Db, job: Greet) -> None:
    ran.append((job.name, "began"))
    wake.set()
    await asyncio.sleep(60)


@jobs.on(Greeted)
async def react_once(db: Db, fact: Greeted) -> None:
    ran.append((fact.name, "first"))


@jobs.on(Greeted)
async def react_twice(db: Db, fact: Greeted) -> None:
    ran.append((fact.name, "second"))


@jobs.every("0 0 1 1 *")
async def yearly(db: Db) -> None:
    ran.append(("yearly", ""))


@pytest.fixture(autouse=True)
async def clean(db: Pool) -> None:
    await sql(db, "delete from core.job")
    ran.clear()
    wake.clear()


async def sql(db: Pool, text: str, *values: object) -> list[tuple[object, ...]]:
    async with db.connection(SYSTEM) as connection:
        return [tuple(row) for row in await connection.fetch(text, *values)]


async def test_a_job_exists_when_its_transaction_commits(db: Pool, person_id: UUID) -> None:
    request_context.set(RequestContext(id="r-1"))
    async with db.transaction(person_id) as tx:
        assert await jobs.enqueue(tx, greet, Greet("Ada"))
        assert await jobs.drain(db) == 0
    request_context.set(RequestContext())
    assert await jobs.drain(db) == 1
    assert ran == [("Ada", "r-1")]
    assert await sql(db, "select * from core.job") == []


async def test_and_not_when_it_rolls_back(db: Pool, person_id: UUID) -> None:
    with pytest.raises(KeyError):
        async with db.transaction(person_id) as tx:
            await jobs.enqueue(tx, greet, Greet("Ada"))
            raise KeyError
    assert await jobs.drain(db) == 0


async def test_a_fact_becomes_a_job_for_each_reaction(db: Pool, person_id: UUID) -> None:
    async with db.transaction(person_id) as tx:
        await jobs.tell(tx, Greeted("Bo"))
        await jobs.tell(tx, Greet("nobody reacts to this"))
    assert await jobs.drain(db) == 2
    assert sorted(ran) == [("Bo", "first"), ("Bo", "second")]


async def test_later_and_once(db: Pool) -> None:
    async with db.transaction(SYSTEM) as tx:
        await jobs.enqueue(tx, greet, Greet("later"), after_s=600)
        assert await jobs.enqueue(tx, greet, Greet("one"), once_key="k") is not None
        assert await jobs.enqueue(tx, greet, Greet("two"), once_key="k") is None
    assert await jobs.drain(db) == 1
    assert [name for name, _ in ran] == ["one"]


async def test_a_failing_job_is_retried_then_held(
    db: Pool, caplog: pytest.LogCaptureFixture
) -> None:
    async with db.transaction(SYSTEM) as tx:
        await jobs.enqueue(tx, stumble, Greet("Cy"))
    with caplog.at_level(logging.WARNING, "hearth.jobs"):
        for _ in range(4):
            await jobs.drain(db)
            waiting = await sql(db, "select attempts, execute_after > now() from core.job")
            assert waiting in ([(1, True)], [(2, True)], [(2, False)])
            await sql(db, "update core.job set execute_after = now() where status = 'queued'")
    assert len(ran) == 3
    assert await sql(db, "select status::text from core.job") == [("failed",)]
    assert "given up" in caplog.text
    await jobs.measure(db)
    assert b'job_queue_depth{state="failed"} 1.0' in telemetry.render()


async def test_a_payload_of_another_shape_is_held_at_once(db: Pool) -> None:
    async with db.transaction(SYSTEM) as tx:
        await jobs.enqueue(tx, misread, Greet("x"))  # type: ignore[arg-type]
    await jobs.drain(db)
    assert ran == []
    assert await sql(db, "select status::text, attempts from core.job") == [("failed", 0)]


def test_pauses_grow_to_an_hour() -> None:
    assert [jobs.pause_s(n) for n in (0, 1, 2, 3)] == [2, 6, 18, 54]
    assert jobs.pause_s(20) == 3600


async def test_who_acts_for_a_person_cannot_read_jobs(db: Pool, person_id: UUID) -> None:
    async with db.connection(person_id) as connection:
        for text in (
            "select * from core.job",
            "delete from core.job",
            "insert into core.job (priority, status, entrypoint) values (0, 'queued', 'x')",
            "select * from core.job_log",
        ):
            with pytest.raises(Exception, match="permission denied"):
                await connection.execute(text)


async def test_undeclared_work_is_refused(db: Pool) -> None:
    async def unknown(db: Db, job: Greet) -> None: ...

    with pytest.raises(ValueError, match="not declared"):
        async with db.transaction(SYSTEM) as tx:
            await jobs.enqueue(tx, unknown, Greet("x"))
    with pytest.raises(ValueError, match="twice"):
        jobs.task(greet)


async def test_the_worker_is_woken_and_stops(db: Pool) -> None:
    stop = asyncio.Event()
    working = asyncio.create_task(jobs.Worker(db, parallel=4).run(stop))
    await asyncio.sleep(0.5)
    async with db.transaction(SYSTEM) as tx:
        await jobs.enqueue(tx, greet, Greet("Di"))
        # A retry under the worker: the first fails at once, the pause is seconds long.
        await jobs.enqueue(tx, stumble, Greet("Di"))
    await asyncio.wait_for(wake.wait(), 3)
    await asyncio.sleep(0.3)
    stop.set()
    await asyncio.wait_for(working, 10)
    assert ("Di", "") in ran
    assert await sql(db, "select status::text, attempts from core.job") == [("queued", 1)]


async def test_a_worker_that_stops_gives_its_job_back(
    db: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "STOP_WITHIN_S", 0.2)
    stop = asyncio.Event()
    working = asyncio.create_task(jobs.Worker(db, parallel=4).run(stop))
    async with db.transaction(SYSTEM) as tx:
        await jobs.enqueue(tx, linger, Greet("Ed"))
    await asyncio.wait_for(wake.wait(), 3)
    stop.set()
    await asyncio.wait_for(working, 10)
    assert await sql(db, "select status::text from core.job") == [("queued",)]


async def test_the_worker_outlives_its_connection(db: Pool) -> None:
    stop = asyncio.Event()
    working = asyncio.create_task(jobs.Worker(db, parallel=4).run(stop))
    await asyncio.sleep(0.5)
    own = await db.connect()
    killed = await own.fetch(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where application_name = 'hearth-worker' and datname = current_database()"
    )
    await own.close()
    assert killed
    async with db.transaction(SYSTEM) as tx:
        await jobs.enqueue(tx, greet, Greet("Flo"))
    await asyncio.wait_for(wake.wait(), 10)
    stop.set()
    await asyncio.wait_for(working, 10)


async def test_a_due_schedule_leaves_one_job(db: Pool) -> None:
    stop = asyncio.Event()
    await sql(db, "delete from core.job_schedule")
    name = jobs.name_of(yearly)
    await sql(
        db,
        "insert into core.job_schedule (expression, entrypoint, next_run)"
        " values ('0 0 1 1 *', $1, now() - interval '1 minute')",
        name,
    )
    working = asyncio.create_task(jobs.Worker(db).run(stop))
    for _ in range(40):
        await asyncio.sleep(0.1)
        if ran:
            break
    stop.set()
    await asyncio.wait_for(working, 10)
    assert ran == [("yearly", "")]
    assert await sql(
        db, "select next_run > now() from core.job_schedule where entrypoint = $1", name
    ) == [(True,)]


async def test_the_sweep_runs(db: Pool) -> None:
    await sql(
        db,
        "insert into core.job_log (created, job_id, status, priority, entrypoint, aggregated)"
        " select now() - interval '8 days', 1, 'queued', 0, 'x', true"
        " from generate_series(1, 1200)",
    )
    await jobs.sweep(db)
    old = "select count(*) from core.job_log where created < now() - interval '7 days'"
    assert await sql(db, old) == [(0,)]


def test_the_migration_is_what_the_queue_installs() -> None:
    text = (resources("migrations") / "0002_core_services.sql").read_text()
    installed = render_install(jobs.SETTINGS, create_schema=False).split("\n", 1)[1]
    assert installed.strip() in text, "pgqueuer installs other objects now: add a migration"
