"""Work that happens later, enqueued in the transaction that made it necessary.

    @task
    async def send_reset(db: Db, job: SendReset) -> None: ...

    async with db.transaction(person.id) as tx:
        await enqueue(tx, send_reset, SendReset(...))

    @on(FoodEdited)                      # for each `await tell(tx, FoodEdited(...))` below
    @every("17 3 * * *")                 # cron in UTC; async def sweep(db: Db) -> None

**A job runs at least once**: after a crash between its work and the note that it is done, it runs
again. Each must stand being repeated. A job that fails is tried again with growing pauses and, in
the end, held for a person to look at; what waits, runs and is held is in the metrics.

A job's name is its module and function: renaming either strands what is queued under the old name.
`tell` knows the reactions that have been imported: the composition root imports every domain's.
"""

import asyncio
import contextlib
import functools
import inspect
import logging
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final, TypeVar, get_type_hints
from uuid import uuid4

import asyncpg
import msgspec
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence import qb
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.executors import AbstractEntrypointExecutor, EntrypointExecutorParameters
from pgqueuer.core.qm import QueueManager
from pgqueuer.core.sm import SchedulerManager
from pgqueuer.domain.errors import FailingListenerError, RetryRequested
from pgqueuer.domain.models import Context, Job, Schedule, TracebackRecord
from pgqueuer.domain.settings import DBSettings
from pgqueuer.domain.types import Channel, QueueEntrypoint, QueueManagerId
from pgqueuer.ports.repository import EntrypointExecutionParameter

from hearth.core import telemetry
from hearth.core.db import LOST, SYSTEM, Connection, Db, Pool, Transaction
from hearth.core.sql import Statements
from hearth.core.values import RequestContext, request_context

log = logging.getLogger("hearth.jobs")

P = TypeVar("P", bound=msgspec.Struct)
Work = Callable[..., Awaitable[None]]
F = TypeVar("F", bound=Work)

ATTEMPTS: Final = 8
FIRST_PAUSE_S: Final = 2.0
LONGEST_PAUSE_S: Final = 3600.0
STALE_AFTER: Final = timedelta(seconds=30)
STOP_WITHIN_S: Final = 20.0
SWEEP_BATCH: Final = 1000


class Queue(msgspec.Struct, frozen=True):
    """Jobs of one state: `queued`, `picked` (running) or `failed` (held)."""

    state: str
    jobs: int
    oldest_due_s: float


statements = Statements.beside(__file__)
ENQUEUE = statements.rows("enqueue", int)
QUEUE = statements.rows("queue", Queue)
SWEEP_LOG = statements.rows("sweep_log", int)
SWEEP_STATISTICS = statements.rows("sweep_statistics", int)

# Every name is given, so that nothing is taken from the environment.
SETTINGS: Final = DBSettings(
    prefix="",
    db_schema="core",
    channel=Channel("hearth_job"),
    function="job_changed",
    trigger="job_changed",
    queue_status_type="job_status",
    queue_table="job",
    queue_table_log="job_log",
    schedules_table="job_schedule",
    statistics_table="job_statistics",
)


class _Task(msgspec.Struct, frozen=True):
    work: Work
    payload: type[msgspec.Struct] | None
    attempts: int = ATTEMPTS


_tasks: Final[dict[str, _Task]] = {}
_reactions: Final[dict[type[msgspec.Struct], list[str]]] = {}
_schedules: Final[dict[str, str]] = {}


def task(work: F) -> F:
    """Declare `async def work(db, job)`, whose `job` is a struct, as something to enqueue."""
    _declare(work)
    return work


def tries(attempts: int) -> Callable[[F], F]:
    """Above `@task`, `@on` or `@every`: hold the job after `attempts` tries instead of eight."""

    def declare(work: F) -> F:
        _tasks[name_of(work)] = msgspec.structs.replace(_tasks[name_of(work)], attempts=attempts)
        return work

    return declare


def on(fact: type[msgspec.Struct]) -> Callable[[F], F]:
    """Declare `async def work(db, fact)` as a reaction to each telling of `fact`."""

    def declare(work: F) -> F:
        _reactions.setdefault(fact, []).append(_declare(work))
        return work

    return declare


def every(cron: str) -> Callable[[F], F]:
    """Declare `async def work(db)` as due by a cron expression in UTC, once for all workers."""

    def declare(work: F) -> F:
        _schedules[_declare(work)] = cron
        return work

    return declare


def name_of(work: Work) -> str:
    """The name under which `work` is queued."""
    return f"{work.__module__}.{work.__qualname__}"


def _declare(work: Work) -> str:
    name = name_of(work)
    if name in _tasks:
        raise ValueError(f"{name} is declared as a job twice")
    parameters = list(inspect.signature(work).parameters)
    payload = get_type_hints(work)[parameters[1]] if len(parameters) > 1 else None
    _tasks[name] = _Task(work, payload)
    return name


# ------------------------------------------------------------- enqueueing


async def enqueue(
    tx: Transaction,
    work: Callable[[Any, P], Awaitable[None]],
    job: P,
    *,
    after_s: float = 0,
    once_key: str | None = None,
) -> int | None:
    """Leave a job that exists when and only when the transaction commits; its number.

    With a `once_key`, None and no second job while one of that key waits or runs.
    """
    return await _leave(tx, name_of(work), msgspec.json.encode(job), after_s, once_key)


async def tell(tx: Transaction, fact: msgspec.Struct) -> None:
    """Tell a fact to those above: one job for each reaction, in this transaction."""
    payload = msgspec.json.encode(fact)
    for name in _reactions.get(type(fact), ()):
        await _leave(tx, name, payload)


async def _leave(
    tx: Transaction, name: str, payload: bytes, after_s: float = 0, once_key: str | None = None
) -> int | None:
    if name not in _tasks:
        raise ValueError(f"{name} is not declared as a job")
    given = {"name": name, "payload": payload, "after_s": float(after_s), "once_key": once_key}
    return await tx.maybe(ENQUEUE, tx.acting, request=request_context.get().id, **given)


# ---------------------------------------------------------------- running


def pause_s(attempts: int) -> float:
    """Seconds before the next try of a job that has failed `attempts` times before this one.

    Thrice as long each time, 2 s to an hour, so that eight tries outlast half an hour of absence.
    """
    return min(FIRST_PAUSE_S * 3.0**attempts, LONGEST_PAUSE_S)


async def _perform(pool: Pool, job: Job) -> None:
    """Run one job; a failure becomes a `RetryRequested`, or itself when it was the last try."""
    known = _tasks[job.entrypoint]
    request = str((job.headers or {}).get("request", ""))
    token = request_context.set(RequestContext(id=request))
    try:
        await known.work(pool, *_arguments(known, job))
    except asyncio.CancelledError:
        # The queue takes a cancelled job for one that nobody wants any more and deletes it.
        # Here it only means that the worker stops: another one shall run it.
        raise RetryRequested(timedelta(0), "the worker stopped") from None
    except Exception as error:
        raise _after(error, known, job) from error
    else:
        telemetry.count_job(job.entrypoint, "done")
    finally:
        request_context.reset(token)


def _arguments(known: _Task, job: Job) -> tuple[msgspec.Struct, ...]:
    if known.payload is None:
        return ()
    return (msgspec.json.decode(job.payload or b"null", type=known.payload),)


def _after(error: Exception, known: _Task, job: Job) -> Exception:
    facts = {"job": job.entrypoint, "number": job.id, "attempt": job.attempts + 1}
    # What cannot be read now cannot be read later either.
    if job.attempts + 1 >= known.attempts or isinstance(error, msgspec.ValidationError):
        telemetry.count_job(job.entrypoint, "held")
        log.error("job given up and held", extra=facts, exc_info=error)
        return error
    telemetry.count_job(job.entrypoint, "retried")
    pause = pause_s(job.attempts) * random.uniform(0.8, 1.2)  # noqa: S311
    log.warning("job failed, will be tried again: %r", error, extra={**facts, "pause_s": pause})
    return RetryRequested(timedelta(seconds=pause), repr(error))


class _Executor(AbstractEntrypointExecutor):
    """Runs any job of ours; one that was tried often enough is held."""

    def __init__(self, pool: Pool) -> None:
        self._perform = functools.partial(_perform, pool)
        super().__init__(EntrypointExecutorParameters(0, self._perform, on_failure="hold"))

    async def execute(self, job: Job, context: Context) -> None:
        await self._perform(job)


class Worker:
    """Runs jobs and schedules until told to stop; any number of workers share one queue."""

    def __init__(self, pool: Pool, *, parallel: int = 8) -> None:
        self._pool = pool
        self._parallel = parallel

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then finish what runs, within 20 seconds.

        A lost database is waited for. What did not finish in time is run again by another worker.
        """
        pause = 0.5
        while not stop.is_set():
            try:
                await self._work(stop)
                pause = 0.5
            except (*LOST, asyncpg.InterfaceError, FailingListenerError) as error:
                log.warning("the worker lost the database and tries again: %s", error)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), pause)
                pause = min(pause * 2, 15)

    async def _work(self, stop: asyncio.Event) -> None:
        connection = await _connect(self._pool)
        # The queue itself would notice a lost connection only at its next look, half a minute on.
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        try:
            await self._until(_queries(connection), stop, lost)
        finally:
            connection.terminate()

    async def _until(self, queries: Queries, *ends: asyncio.Event) -> None:
        """Run queue and schedules until one of them fails or one of `ends` is set."""
        queue, schedule = self._queue(queries), self._schedule(queries)
        running = [asyncio.create_task(self._run_queue(queue))]
        if _schedules:
            running.append(asyncio.create_task(schedule.run()))
        ending = [asyncio.create_task(end.wait()) for end in ends]
        try:
            await asyncio.wait([*running, *ending], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in ending:
                end.cancel()
            queue.shutdown.set()
            schedule.shutdown.set()
            await _finish(running)

    def _queue(self, queries: Queries) -> QueueManager:
        manager = QueueManager(queries, channel=SETTINGS.channel)
        for name in _tasks:
            manager.register_executor(name, _Executor(self._pool))
        return manager

    async def _run_queue(self, manager: QueueManager) -> None:
        await manager.run(
            batch_size=max(1, self._parallel // 2),
            max_concurrent_tasks=max(2, self._parallel),
            heartbeat_timeout=STALE_AFTER,
            shutdown_on_listener_failure=True,
        )

    def _schedule(self, queries: Queries) -> SchedulerManager:
        manager = SchedulerManager(queries)
        for name, cron in _schedules.items():
            manager.schedule(name, cron)(functools.partial(_due, self._pool))
        return manager


async def _due(pool: Pool, schedule: Schedule) -> None:
    """A schedule only leaves a job, so that it is retried, counted and held like any other."""
    async with pool.transaction(SYSTEM) as tx:
        await _leave(tx, schedule.entrypoint, b"null", once_key=f"every:{schedule.entrypoint}")


async def _finish(running: list[asyncio.Task[None]]) -> None:
    """Wait for `running` a while, then cancel; the first error is raised."""
    _, late = await asyncio.wait(running, timeout=STOP_WITHIN_S)
    for one in late:
        one.cancel()
    for outcome in await asyncio.gather(*running, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome


async def drain(pool: Pool) -> int:
    """Run every job that is due now, one after the other, in this process; how many ran."""
    connection = await _connect(pool)
    try:
        queries = _queries(connection)
        worker = QueueManagerId(uuid4())
        wanted = {QueueEntrypoint(name): EntrypointExecutionParameter(0) for name in _tasks}
        ran = 0
        while jobs := await queries.dequeue(50, wanted, worker, None, STALE_AFTER):
            for job in jobs:
                await _settle(queries, pool, job)
            ran += len(jobs)
        return ran
    finally:
        connection.terminate()


async def _settle(queries: Queries, pool: Pool, job: Job) -> None:
    try:
        await _perform(pool, job)
    except RetryRequested as retry:
        await queries.retry_job(job, retry.delay, None)
    except Exception as error:
        trace = TracebackRecord.from_exception(error, job.id, {})
        await queries.log_jobs([(job, "failed", trace)])
    else:
        await queries.log_jobs([(job, "successful", None)])


async def _connect(pool: Pool) -> Connection:
    # Not the pool's kind of connection: its JSON codec would encode the queue's JSON once more.
    settings = {"application_name": "hearth-worker", "timezone": "UTC"}
    connection = await asyncpg.connect(
        pool.dsn, timeout=10, command_timeout=60, server_settings=settings
    )
    await connection.execute("set role hearth_system")
    return connection


def _queries(connection: Connection) -> Queries:
    return Queries(
        AsyncpgDriver(connection),
        qb.QueryBuilderEnvironment(SETTINGS),
        qb.QueryQueueBuilder(SETTINGS),
        qb.QuerySchedulerBuilder(SETTINGS),
    )


async def measure(db: Db) -> list[Queue]:
    """Put the state of the queue into the metrics, and return it."""
    found = await db.all(QUEUE, SYSTEM)
    depths = dict.fromkeys(("queued", "picked", "failed"), 0)
    depths |= {queue.state: queue.jobs for queue in found}
    waiting = [queue.oldest_due_s for queue in found if queue.state == "queued"]
    telemetry.set_queue(depths, max(waiting, default=0.0))
    return found


@every("41 2 * * *")
async def sweep(db: Db) -> None:
    """Forget the queue's log after a week and its counts after 90 days."""
    for statement in (SWEEP_LOG, SWEEP_STATISTICS):
        gone = SWEEP_BATCH
        while gone == SWEEP_BATCH:
            gone = await db.one(statement, SYSTEM, batch=SWEEP_BATCH)
