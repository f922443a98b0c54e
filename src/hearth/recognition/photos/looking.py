"""The worker's side: jobs come on standard input and answers go out on standard output.

    python -m hearth.recognition.photos.looking LIMIT_IN_BYTES

Each message is four bytes of length, then MessagePack. The process holds no secrets, may use no
more memory than its limit, writes no core, and ends when its input does.
"""

import os
import resource
import struct
import sys
import traceback
from typing import BinaryIO, Final

import msgspec

from hearth.core.errors import Problem
from hearth.recognition.photos.workers import Answer, Job

_LENGTH: Final = struct.Struct(">I")


def answer(job: Job) -> Answer:
    """What the job asks for, or the problem that its reader can be told."""
    try:
        return Answer(value=_done(job), rss=_rss())
    except Problem as problem:
        return Answer(problem=(type(problem).__name__, problem.detail), rss=_rss())
    # A reader's own fault ends with this job, not with the process.
    except Exception:
        return Answer(failure=traceback.format_exc(limit=5), rss=_rss())


def _done(job: Job) -> bytes:
    # Each kind imports its own readers: the one for barcodes never loads the one for print.
    from hearth.recognition.photos import pictures

    if job.kind == "prepare":
        return msgspec.msgpack.encode(pictures.prepared(job.data))
    if job.kind in ("barcodes", "frame"):
        from hearth.recognition.photos.barcodes import LARGE_SIDE, read_barcodes

        picture = pictures.opened(job.data, side=LARGE_SIDE)
        return msgspec.msgpack.encode(read_barcodes(picture, quick=job.kind == "frame"))
    from hearth.recognition.photos.labels import read_label
    from hearth.recognition.photos.labels_ocr import LONGEST_SIDE

    picture = pictures.opened(job.data, side=LONGEST_SIDE)
    return msgspec.msgpack.encode(read_label(picture, job.locale))


def _rss() -> int:
    """Bytes of memory that this process holds now."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123
            return int(statm.read().split()[1]) * resource.getpagesize()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main(limit: int) -> None:
    """Serve jobs until the input ends."""
    out = os.fdopen(os.dup(1), "wb")
    # Libraries that print must not garble the answers.
    os.dup2(2, 1)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)
    while (data := _received(sys.stdin.buffer)) is not None:
        packed = msgspec.msgpack.encode(answer(msgspec.msgpack.decode(data, type=Job)))
        out.write(_LENGTH.pack(len(packed)) + packed)
        out.flush()


def _received(source: BinaryIO) -> bytes | None:
    head = source.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    return source.read(_LENGTH.unpack(head)[0])


if __name__ == "__main__":
    main(int(sys.argv[1]))
