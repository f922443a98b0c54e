"""`python -m tests.recognition.photos.fuzzing`: spoilt pictures of every kind through a real worker.

Each file is one of a few seeds with bytes changed, pieces cut out, doubled or taken from another
seed, or a length field set to an extreme. It must be read or refused with a problem's text; a
worker may die over a file (that is what it is for), but every such file is counted and shown.
"""

import argparse
import asyncio
import io
import random
import sys
import time
from collections import Counter
from functools import cache
from typing import NamedTuple

from PIL import Image

from hearth.core.errors import Problem
from hearth.recognition.photos.pictures import NotAPicture
from hearth.recognition.photos.workers import Job, Kind, Limits, Unseen, Worker

from .heics import exif_of, heic, quarters

_EXTREMES = (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\0\0\0\1")


class Result(NamedTuple):
    """What came of the files."""

    files: int
    read: int
    refused: int
    gave_up: int
    starts: int
    slowest_s: float
    problems: Counter[str]

    def line(self) -> str:
        """One line of the report."""
        return (
            f"files {self.files}: read {self.read}, refused {self.refused}, worker died or hung over "
            f"{self.gave_up}; workers started {self.starts}; slowest {self.slowest_s:.2f} s"
        )


@cache
def seeds() -> dict[str, list[bytes]]:
    """Small sound files of every kind, plain and with the features that decoders stumble over."""
    picture, exif = quarters((160, 96)), exif_of(6)
    found = {"HEIF": [heic(picture), heic(picture, tile=64, turn=1, exif=exif)]}
    for kind in ("JPEG", "PNG", "WEBP", "AVIF"):
        found[kind] = [_saved(picture, kind), _saved(picture.convert("L"), kind, exif=exif)]
    found["JPEG"].append(_saved(picture, "JPEG", progressive=True, subsampling=0))
    found["JPEG"].append(_saved(picture.convert("CMYK"), "JPEG"))
    found["PNG"].append(_saved(picture.quantize(8), "PNG", transparency=1))
    found["PNG"].append(_saved(picture.convert("I;16"), "PNG"))
    frames = {"save_all": True, "append_images": [picture.rotate(180).convert("RGBA")]}
    for kind in ("PNG", "WEBP", "AVIF"):
        found[kind].append(_saved(picture.convert("RGBA"), kind, **frames))
    found["WEBP"].append(_saved(picture, "WEBP", lossless=True))
    return found


def _saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def spoilt(kind: str, dice: random.Random) -> bytes:
    """One seed of this kind, spoilt in one to four ways; its first bytes stay."""
    data = bytearray(dice.choice(seeds()[kind]))
    for _ in range(dice.randint(1, 4)):
        data = data[:12] + _once(data[12:] or bytearray(1), kind, dice)
    return bytes(data)


def _once(data: bytearray, kind: str, dice: random.Random) -> bytearray:
    place, length = dice.randrange(len(data)), dice.choice((1, 2, 4, 30, 400))
    match dice.randrange(7):
        case 0 | 1:
            for _ in range(dice.choice((1, 1, 4, 20))):
                data[dice.randrange(len(data))] = dice.randrange(256)
        case 2:
            data[place] ^= 1 << dice.randrange(8)
        case 3:
            del data[place : place + length]
        case 4:
            data[place:place] = data[place : place + length] * dice.choice((1, 2, 40))
        case 5:
            data[place : place + 4] = dice.choice(_EXTREMES)
        case _:
            other = dice.choice(seeds()[kind])
            data[place : place + length] = other[place : place + length]
    return data or bytearray(1)


async def run(*, files: int, seed: int, job_s: float = 10.0, jobs: int = 200) -> Result:
    """`files` spoilt files through one worker at a time."""
    dice, worker = random.Random(seed), Worker("fuzz", Limits(job_s=job_s, jobs=jobs))
    counts, problems, pids, slowest = Counter[str](), Counter[str](), set[int | None](), 0.0
    kinds: tuple[Kind, ...] = ("prepare", "prepare", "prepare", "barcodes")
    for number in range(files):
        kind = sorted(seeds())[number % len(seeds())]
        began = time.monotonic()
        outcome, said = await _tried(worker, Job(kinds[number // 5 % 4], spoilt(kind, dice)))
        slowest = max(slowest, time.monotonic() - began)
        counts[outcome] += 1
        problems[f"{kind}: {said}"] += 1
        pids.add(worker.pid)
    await worker.stop()
    return Result(
        files, counts["read"], counts["refused"], counts["gave up"], len(pids - {None}), slowest, problems
    )  # fmt: skip


async def _tried(worker: Worker, job: Job) -> tuple[str, str]:
    try:
        assert await worker.run(job)
    except Unseen as problem:
        return "gave up", problem.detail
    except NotAPicture as problem:
        return "refused", problem.detail
    except Problem as problem:
        assert len(problem.detail) > 20
        return "refused", problem.detail
    return "read", "read"


def main() -> int:
    """Print what came of the files; 1 when the worker died or hung over one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    result = asyncio.run(run(files=given.files, seed=given.seed))
    print(f"seed {given.seed}: {result.line()}")
    for said, count in sorted(result.problems.items()):
        print(f"  {count:6}  {said[:110]}")
    return 1 if result.gave_up else 0


if __name__ == "__main__":
    sys.exit(main())
