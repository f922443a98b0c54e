"""The door to the listening process: started when first needed, started anew when it ended or hung.

One task at a time for each web process; a few may wait. A task that takes too long, or whose asker
has gone, ends the process: the next task gets a fresh one.
"""

import asyncio
import logging
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from hearth.core.errors import Problem, Unavailable
from hearth.recognition.voice.sounds import (
    MOST_SECONDS,
    REFUSALS,
    Decode,
    Draft,
    Outcome,
    Refused,
    Sound,
    Task,
    Unplayable,
    Write,
    refuse_heavy,
)

log = logging.getLogger("hearth.recognition")

START_S: Final = 60.0
DECODE_S: Final = 30.0
MOST_WAITING: Final = 6
# The process gets what it needs to run, and no secrets of the house.
_ENVIRONMENT: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV")


class Listener:
    """Decodes recordings and drafts what is said in them. `home` keeps the recogniser's files."""

    def __init__(self, home: Path | None = None) -> None:
        self._home = home
        self._process: Process | None = None
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._is_closed = False

    @property
    def waiting(self) -> int:
        """Tasks under way or waiting, for the gauge of the queue."""
        return self._waiting

    @property
    def process_id(self) -> int | None:
        """The listening process, while there is one."""
        return self._process.pid if self._process else None

    async def decode(self, data: bytes, most_seconds: float = MOST_SECONDS) -> Sound:
        """The sound of a recording. Raises `TooLarge`, `TooLong`, `Unplayable`, `Unavailable`."""
        refuse_heavy(data)
        outcome = await self._done(Decode(data, most_seconds), START_S + DECODE_S)
        if outcome.sound is None:
            raise _problem(outcome.refused)
        return outcome.sound

    async def draft(self, sound: Sound) -> Draft:
        """What is said in English. Raises `NothingHeard` or `Unavailable`."""
        outcome = await self._done(Write(sound.pcm), START_S + 10 * sound.seconds)
        if outcome.draft is None:
            raise _problem(outcome.refused)
        return outcome.draft

    async def close(self) -> None:
        """End the listening process at once, for good; who still waits is refused."""
        self._is_closed = True
        await self._end()
        async with self._turn:
            await self._end()

    async def _done(self, task: Task, most_s: float) -> Outcome:
        if self._is_closed:
            raise Unavailable(_CLOSED, retry_after_s=10)
        if self._waiting >= MOST_WAITING:
            raise Unavailable(
                "Many recordings are being listened to right now. Try again in a moment, or type "
                "the meal.", retry_after_s=10,
            )  # fmt: skip
        self._waiting += 1
        try:
            async with self._turn:
                if self._is_closed:
                    raise Unavailable(_CLOSED, retry_after_s=10)
                return await self._ask(task, most_s)
        finally:
            self._waiting -= 1

    async def _ask(self, task: Task, most_s: float) -> Outcome:
        is_whole = False
        try:
            async with asyncio.timeout(most_s):
                outcome = await self._exchanged(msgspec.msgpack.encode(task))
            is_whole = True
        except TimeoutError:
            raise Unplayable(
                "Listening to the recording took too long. Record a shorter one."
            ) from None
        except (OSError, EOFError, msgspec.DecodeError) as error:
            log.warning("the listening process failed: %s", type(error).__name__)
            raise Unplayable(_FAILED) from None
        finally:
            # Also when the asker has gone: what comes next must not get this answer.
            if not is_whole:
                await self._end()
        return outcome

    async def _exchanged(self, message: bytes) -> Outcome:
        """Send a message and take its answer; once more with a fresh process if it had ended."""
        is_old = self._process is not None
        try:
            return await self._exchange(message)
        except (ConnectionError, asyncio.IncompleteReadError):
            # A process that was idle for long ends by itself, perhaps just now.
            await self._end()
            if not is_old or self._is_closed:
                raise
        return await self._exchange(message)

    async def _exchange(self, message: bytes) -> Outcome:
        process = await self._running()
        assert process.stdin and process.stdout
        process.stdin.write(len(message).to_bytes(4, "big") + message)
        await process.stdin.drain()
        size = int.from_bytes(await process.stdout.readexactly(4), "big")
        return msgspec.msgpack.decode(await process.stdout.readexactly(size), type=Outcome)

    async def _running(self) -> Process:
        if self._process is not None and self._process.returncode is not None:
            self._process = None
        if self._process is None:
            arguments = [str(self._home)] if self._home else []
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "hearth.recognition.voice.worker", *arguments,
                stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=_environment(), start_new_session=True,
            )  # fmt: skip
        return self._process

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    return kept | {"PYTHONPATH": str(Path(__file__).resolve().parents[3])}


def _problem(refused: Refused | None) -> Problem:
    if refused is not None and refused.kind in REFUSALS:
        return REFUSALS[refused.kind](refused.detail)
    log.warning("the listening process failed: %s", refused.kind if refused else "no answer")
    return Unplayable(_FAILED)


_CLOSED: Final = "Hearth is closing. Send the recording again in a moment, or type the meal."
_FAILED: Final = "Listening to the recording failed. Record again, or type the meal."
