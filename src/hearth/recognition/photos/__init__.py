"""Photos: what pictures show, read in processes of their own.

A *picture* is one uploaded file, at most 10 MiB. `prepare` gives it as Hearth keeps it, with a
thumbnail; `read_barcodes` its barcodes, `read_label` the figures of a nutrition label. All raise a
`Problem` whose text is for the person. The web process decodes
no picture as it came: on the way to a model, threads of it open the JPEGs that were made here.
"""

import asyncio
from typing import Final
from weakref import WeakKeyDictionary

import msgspec

from hearth.recognition.photos.pictures import NotAPicture, Undecodable, check_uploads, checked
from hearth.recognition.photos.readings import (
    MAX_FILE_SIZE,
    MAX_FILES,
    BarcodeReading,
    Doubt,
    LabelReading,
    Prepared,
    ReadCode,
)
from hearth.recognition.photos.workers import Job, Limits, Unseen, Worker

__all__ = [
    "MAX_FILES",
    "MAX_FILE_SIZE",
    "BarcodeReading",
    "Doubt",
    "LabelReading",
    "NotAPicture",
    "Prepared",
    "ReadCode",
    "Undecodable",
    "Unseen",
    "check_uploads",
    "prepare",
    "read_barcodes",
    "read_label",
    "stop",
]

_MIB: Final = 1024 * 1024
# Print takes seconds and hundreds of MiB: it has a worker of its own, so that barcodes never wait.
_LIMITS: Final = {
    "pictures": Limits(job_s=30, rss=400 * _MIB, address_space=2048 * _MIB),
    "labels": Limits(job_s=90, rss=900 * _MIB, address_space=4096 * _MIB, waiting=4),
}
_workers: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Worker]] = WeakKeyDictionary()


async def prepare(data: bytes) -> Prepared:
    """The picture upright, shrunk to 1600 pixels, without EXIF, and a thumbnail of 320 pixels."""
    checked(data)
    packed = await _worker("pictures").run(Job("prepare", data))
    return msgspec.msgpack.decode(packed, type=Prepared)


async def read_barcodes(data: bytes, *, frame: bool = False) -> BarcodeReading:
    """EAN and UPC codes on the picture; both lists are empty when none was seen.

    A `frame` is one of many of a camera: it gets a quicker look.
    """
    checked(data)
    packed = await _worker("pictures").run(Job("frame" if frame else "barcodes", data))
    return msgspec.msgpack.decode(packed, type=BarcodeReading)


async def read_label(data: bytes, locale: str) -> LabelReading:
    """The figures of the nutrition label on the picture, for the person to confirm."""
    checked(data)
    packed = await _worker("labels").run(Job("label", data, locale))
    return msgspec.msgpack.decode(packed, type=LabelReading)


async def stop() -> None:
    """End this event loop's workers; for the end of the program. Another call starts them again."""
    for worker in _workers.pop(asyncio.get_running_loop(), {}).values():
        await worker.stop()


def _worker(name: str) -> Worker:
    mine = _workers.setdefault(asyncio.get_running_loop(), {})
    if name not in mine:
        mine[name] = Worker(name, _LIMITS[name])
    return mine[name]
