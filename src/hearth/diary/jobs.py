"""What the diary does later: redo snapshots after an edit of a food, forget what undo kept, drop the
files of photos that are nobody's."""

from hearth.core.db import Db
from hearth.core.errors import Unavailable
from hearth.core.files import Files
from hearth.core.jobs import every, on
from hearth.diary import past, photos, snapshots
from hearth.diary.photos import PhotoDropped
from hearth.foods import FoodEdited

_files: list[Files] = []


def use_files(files: Files) -> None:
    """Choose where files lie; the composition root of a worker calls this once."""
    _files[:] = [files]


def _store() -> Files:
    if not _files:
        raise Unavailable("No place for files was chosen for this process.")
    return _files[0]


@on(FoodEdited)
async def redo_snapshots(db: Db, edited: FoodEdited) -> None:
    """Redo the items of a food whose edit applies to the past."""
    await snapshots.resnapshot(db, edited)


@every("41 3 * * *")
async def sweep(db: Db) -> None:
    """Forget what was replaced more than 30 days ago."""
    await past.sweep_past(db)


@on(PhotoDropped)
async def drop_photo_files(db: Db, dropped: PhotoDropped) -> None:
    """Drop the files of a photo that was deleted."""
    await photos.drop_files(_store(), dropped.files)


@every("19 * * * *")
async def sweep_loose_photos(db: Db) -> None:
    """Drop photos whose meal was not saved within a day."""
    await photos.sweep_loose(db, _store())


@every("7 4 * * *")
async def sweep_photos(db: Db) -> None:
    """Drop photos of meals that are gone for good, and files of persons that are."""
    await photos.sweep_gone(db, _store())
    await photos.sweep_files(db, _store())
