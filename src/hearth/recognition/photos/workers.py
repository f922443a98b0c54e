"""Processes of their own for whatever opens pictures from outside.

Started when first needed, stopped when idle, replaced after a number of jobs, over a size, after a
time limit or a crash. What hangs or dies costs one job a clear `Problem`, never the web process.
"""

import asyncio
import logging
import os
import struct
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

import msgspec

from hearth.core.errors import Problem, TooLarge, Unavailable
from hearth.recognition.photos.pictures import NotAPicture, Undecodable

log = logging.getLogger("hearth.photos")

Kind = Literal["prepare", "barcodes", "frame", "label"]

_LENGTH: Final = struct.Struct(">I")
_MODULE: Final = "hearth.recognition.photos.looking"
_PROBLEMS: Final[Mapping[str, type[Problem]]] = {
    each.__name__: each for each in (TooLarge, NotAPicture, Undecodable)
}
# What a worker needs of the environment. Keys and addresses of Hearth are not among it.
_ENVIRONMENT: Final = ("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "TESSDATA_PREFIX")
_SOURCE: Final = str(Path(__file__).resolve().parents[3])
_MIB: Final = 1024 * 1024


class Job(msgspec.Struct, frozen=True):
    """One picture and what to do with it."""

    kind: Kind
    data: bytes
    locale: str = "en"


class Answer(msgspec.Struct, frozen=True):
    """A packed value, a problem by its class and text, or a failure with its traceback."""

    value: bytes | None = None
    problem: tuple[str, str] | None = None
    failure: str = ""
    rss: int = 0


class Limits(msgspec.Struct, frozen=True):
    """What one worker may use. Sizes are in bytes.

    `address_space` is a hard limit of the system; over `rss` a worker is replaced after its job.
    More than `waiting` jobs at once are refused.
    """

    job_s: float = 30.0
    idle_s: float = 180.0
    jobs: int = 200
    rss: int = 700 * _MIB
    address_space: int = 3072 * _MIB
    waiting: int = 8


class Unseen(Problem):
    """The worker died, hung or ran out of memory over this picture."""

    status = 422
    code = "picture_not_read"
    title = "The picture could not be read"


class Worker:
    """At most one process at a time, of this event loop; jobs queue up for it."""

    def __init__(self, name: str, limits: Limits | None = None) -> None:
        self.name = name
        self.limits = limits or Limits()
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._done = 0
        self._idle: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._stops = 0

    @property
    def pid(self) -> int | None:
        """The process that runs now, or None."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def run(self, job: Job) -> bytes:
        """The packed value of the job.

        Raises the picture's own problem, `Unseen` when the worker failed over it, and `Unavailable`
        when too many jobs wait, no process can be started, or the worker is being stopped.
        """
        if self._waiting >= self.limits.waiting:
            raise Unavailable(
                "Many pictures are being read right now. Try again in a few seconds.",
                retry_after_s=5,
            )
        self._waiting += 1
        stops = self._stops
        try:
            async with self._turn:
                if self._stops != stops:
                    raise _stopping()
                return _value(await self._ask(job))
        finally:
            self._waiting -= 1

    async def stop(self) -> None:
        """End the process, and what waits for it with `Unavailable`. The next job starts another."""
        self._stops += 1
        if self._idle:
            self._idle.cancel()
            self._idle = None
        await self._end()

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await _ended(process)

    async def _ask(self, job: Job) -> Answer:
        if self._idle:
            self._idle.cancel()
        # One that did jobs before may die of what it carries: a new one tries once more.
        used = self.pid is not None
        answer = await self._asked(job)
        if answer is None and used:
            answer = await self._asked(job)
        if answer is None:
            raise Unseen(
                "The picture could not be read: the program for it gave up. "
                "Take it again or save it in another format."
            )
        await self._after(answer)
        return answer

    async def _asked(self, job: Job) -> Answer | None:
        """The answer, or None when the process ended over the job."""
        process = await self._started()
        try:
            async with asyncio.timeout(self.limits.job_s):
                return await _exchanged(process, job)
        except TimeoutError:
            await self._end()
            raise Unseen(
                f"Reading the picture took longer than {self.limits.job_s:g} seconds and was "
                "given up. Take it again, closer and with less around it."
            ) from None
        except (asyncio.IncompleteReadError, ConnectionError, msgspec.MsgspecError):
            if self._process is not process:
                raise _stopping() from None
            await self._end()
            log.warning("the %s worker ended with code %s", self.name, process.returncode)
            return None
        except BaseException:
            # The caller left in the middle: what the process would still answer is nobody's.
            await self._end()
            raise

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
            environment |= {
                "PYTHONPATH": _SOURCE,
                "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1",
            }
            try:
                self._process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", _MODULE, str(self.limits.address_space),
                    stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.DEVNULL, env=environment,
                )  # fmt: skip
            except OSError as error:
                log.error("no %s worker could be started: %s", self.name, error)
                raise Unavailable(
                    "Pictures cannot be read right now. Type the meal or the barcode instead.",
                    retry_after_s=30,
                ) from None
            self._done = 0
        return self._process

    async def _after(self, answer: Answer) -> None:
        """Replace a worker that did enough or grew too large; else stop it once nobody asks."""
        self._done += 1
        if self._done >= self.limits.jobs or answer.rss > self.limits.rss:
            await self._end()
            return
        loop = asyncio.get_running_loop()
        self._idle = loop.call_later(self.limits.idle_s, self._stop_when_idle)

    def _stop_when_idle(self) -> None:
        # Taken at once: a job that comes while it is being ended starts another.
        process, self._process = self._process, None
        if process is not None:
            task = asyncio.get_running_loop().create_task(_ended(process))
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)


async def _ended(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()


def _stopping() -> Unavailable:
    return Unavailable(
        "Hearth is being stopped and the picture was not read. Try again in a minute.",
        retry_after_s=60,
    )


async def _exchanged(process: asyncio.subprocess.Process, job: Job) -> Answer:
    packed = msgspec.msgpack.encode(job)
    if process.stdin is None or process.stdout is None:
        raise ConnectionError("the worker has no pipes")
    process.stdin.write(_LENGTH.pack(len(packed)) + packed)
    await process.stdin.drain()
    head = await process.stdout.readexactly(_LENGTH.size)
    data = await process.stdout.readexactly(_LENGTH.unpack(head)[0])
    return msgspec.msgpack.decode(data, type=Answer)


def _value(answer: Answer) -> bytes:
    if answer.problem is not None:
        name, detail = answer.problem
        raise _PROBLEMS.get(name, Unseen)(detail)
    if answer.value is None:
        log.error("a picture's reader failed: %s", answer.failure)
        raise Unseen("The picture could not be read. Take it again or save it in another format.")
    return answer.value
