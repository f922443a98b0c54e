"""The listening process: decodes and hears, one task after another, away from the web process.

`python -m hearth.recognition.voice.worker [HOME]` speaks over its standard streams: a length of
four bytes and a message. It ends when its input does, when nobody has asked for a while, and when
it has grown. It writes nothing about what it hears, neither to files nor to logs.
"""

import os
import resource
import select
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from hearth.core.errors import Problem
from hearth.recognition.voice.decoding import decoded
from hearth.recognition.voice.loudness import level_of
from hearth.recognition.voice.sounds import (
    Decode,
    Draft,
    Outcome,
    Refused,
    Sound,
    Task,
    Unplayable,
)
from hearth.recognition.voice.sphinx import Recogniser

IDLE_S: Final = 300.0
MOST_TASKS: Final = 200
MOST_MEMORY: Final = 2 * 1024**3
"""Bytes of address space: a file that claims more is refused, the machine is not drowned."""
MOST_RESIDENT_KIB: Final = 500 * 1024


class Listening:
    """What the process can do; the recogniser is loaded when it is first needed."""

    def __init__(self, home: Path | None) -> None:
        self._home = home
        self._recogniser: Recogniser | None = None

    def outcome(self, message: bytes) -> Outcome:
        """The answer to one message; whatever goes wrong becomes a refusal."""
        try:
            task = msgspec.msgpack.decode(message, type=Task)
            if isinstance(task, Decode):
                pcm = decoded(task.data, task.most_seconds)
                return Outcome(sound=Sound(pcm, level_of(pcm)))
            return Outcome(draft=self._draft(task.pcm))
        except Problem as problem:
            return Outcome(refused=Refused(type(problem).__name__, problem.detail))
        except MemoryError:
            return Outcome(refused=Refused(Unplayable.__name__, _TOO_MUCH))
        except Exception as error:
            # The kind alone: texts of errors may hold what was said.
            return Outcome(refused=Refused(type(error).__name__, ""))

    def _draft(self, pcm: bytes) -> Draft:
        if self._recogniser is None:
            self._recogniser = Recogniser(self._home)
        return self._recogniser.draft(pcm)


_TOO_MUCH: Final = (
    "The recording claims more than fits into memory. Record again, or type the meal."
)


def serve(listening: Listening, answers: int) -> None:
    """Answer until there is nothing to answer any more."""
    for _ in range(MOST_TASKS):
        ready, _, _ = select.select([0], [], [], IDLE_S)
        message = _message() if ready else None
        if message is None:
            return
        answer = msgspec.msgpack.encode(listening.outcome(message))
        _write(answers, len(answer).to_bytes(4, "big") + answer)
        if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > MOST_RESIDENT_KIB:
            return


def _message() -> bytes | None:
    head = _read(4)
    return _read(int.from_bytes(head, "big")) if head is not None else None


def _read(size: int) -> bytes | None:
    """Exactly `size` bytes of the input, or None at its end."""
    parts, left = [], size
    while left:
        part = os.read(0, min(left, 1 << 20))
        if not part:
            return None
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _write(where: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(where, rest) :]


def main() -> None:
    """Serve, with the answers kept apart from what libraries may print."""
    answers = os.dup(1)
    os.dup2(2, 1)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with suppress(BrokenPipeError):
        serve(Listening(home), answers)


if __name__ == "__main__":
    main()
