"""Photos of meals that a person keeps: a picture without EXIF, a thumbnail, and, if they chose so,
the original as it was taken.

The row is written before the files and goes before them: a file without a row is nobody's, and the
sweep drops it. A photo belongs to a meal once the meal is saved; one whose meal never was is dropped
after a day, one whose meal was deleted when the meal can no longer come back by undo.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Final, Literal
from uuid import UUID

import msgspec

from hearth import recognition
from hearth.core.db import SYSTEM, Db, Transaction
from hearth.core.errors import Conflict, NotFound, TooMany
from hearth.core.files import Files
from hearth.core.jobs import tell
from hearth.core.sql import Statements
from hearth.core.values import new_id, now
from hearth.people import Person

Size = Literal["", "-small"]

LOOSE_FOR: Final = timedelta(hours=24)
"""How long a photo waits for its meal to be saved."""
MOST_LOOSE: Final = 60
"""How many photos of one person may wait at once."""
MOST_OF_A_MEAL: Final = 5
MOST_HELD: Final = 2 * 1024**3
"""How many bytes all photos of one person may hold: two hundred originals of the largest kind,
or some ten thousand small ones."""
SWEEP_BATCH: Final = 500
FOLDER: Final = "photos"
MEDIA_TYPES: Final = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "heic": "image/heic",
    "avif": "image/avif",
}
_ENDINGS: Final = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "HEIF": "heic", "AVIF": "avif"}


class Photo(msgspec.Struct, frozen=True):
    """A photo; `meal_id` is None until its meal is saved. `original` is the ending of the file as
    it was taken, "" when it was not kept."""

    id: UUID
    meal_id: UUID | None
    at: datetime
    width: int
    height: int
    original: str


class Held(msgspec.Struct, frozen=True):
    """What of one person is kept: how many photos wait for their meal, and the bytes of all."""

    loose: int
    held_bytes: int


class PhotoFiles(msgspec.Struct, frozen=True):
    """The files of a photo whose row is gone; `original` as in `Photo`."""

    person_id: UUID
    id: UUID
    original: str


class NewPhoto(msgspec.Struct, frozen=True):
    """A photo to keep: as it is shown, and the file itself when the original is kept too."""

    prepared: recognition.Prepared
    original: bytes | None = None

    @property
    def held_bytes(self) -> int:
        """The size of its files together."""
        return sum(
            len(one or b"")
            for one in (self.prepared.picture, self.prepared.thumbnail, self.original)
        )


class PhotosFull(Conflict):
    """The person's photos hold as much as they may: none can be kept until one is deleted."""

    code = "photos_full"


class PhotoDropped(msgspec.Struct, frozen=True):
    """A photo was deleted; its files are to go."""

    files: PhotoFiles


statements = Statements.beside(__file__)
PHOTO_TURNS = statements.rows("photo_turns", str)
HELD_PHOTOS = statements.rows("held_photos", Held)
ADD_PHOTO = statements.change("add_photo")
PHOTO = statements.rows("photo", Photo)
PHOTOS_BY_ID = statements.rows("photos_by_id", Photo)
PHOTOS_AFTER = statements.rows("photos_after", Photo)
PHOTOS_OF_MEALS = statements.rows("photos_of_meals", Photo)
BELONG = statements.change("belong")
DROP_PHOTO = statements.rows("drop_photo", PhotoFiles)
SWEEP_LOOSE = statements.rows("sweep_loose", PhotoFiles)
SWEEP_GONE = statements.rows("sweep_gone", PhotoFiles)
KNOWN_PHOTOS = statements.rows("known_photos", UUID)


# ------------------------------------------------------------------ rules


def key_of(person_id: UUID, photo_id: UUID, size: Size = "") -> str:
    """Where the picture or its thumbnail lies."""
    return f"{FOLDER}/{person_id}/{photo_id}{size}.jpg"


def original_key(person_id: UUID, photo_id: UUID, ending: str) -> str:
    """Where the original lies."""
    return f"{FOLDER}/{person_id}/{photo_id}-original.{ending}"


def keys_of(files: PhotoFiles) -> list[str]:
    """All files of a photo."""
    keys = [key_of(files.person_id, files.id), key_of(files.person_id, files.id, "-small")]
    if files.original:
        keys.append(original_key(files.person_id, files.id, files.original))
    return keys


def owner_of(key: str) -> tuple[UUID, UUID] | None:
    """The person and photo of a file by its name; None for one that is no photo of ours."""
    parts = PurePosixPath(key).parts
    try:
        return (UUID(parts[1]), UUID(parts[2][:36])) if len(parts) == 3 else None
    except ValueError:
        return None


def check_room(held: Held, more: int) -> None:
    """Refuse a photo of `more` bytes for which there is no room beside what is held."""
    if held.loose >= MOST_LOOSE:
        raise TooMany(
            f"{MOST_LOOSE} photos of yours belong to no meal yet. Save their meals, or wait: "
            "each is dropped after a day.",
            retry_after_s=3600,
        )
    if held.held_bytes + more > MOST_HELD:
        raise PhotosFull(
            f"Your photos hold {held.held_bytes / 1024**3:.1f} GiB; {MOST_HELD / 1024**3:.0f} GiB "
            "may be kept. Delete some, or keep small ones from now on."
        )


# ------------------------------------------------------------------ verbs


async def add_photo(db: Db, files: Files, person: Person, new: NewPhoto) -> UUID:
    """Keep a photo that belongs to no meal yet.

    `TooMany` when too many of the person's wait, `PhotosFull` when theirs hold as much as they may.
    """
    photo_id, ending = new_id(), ""
    if new.original is not None:
        ending = _ENDINGS[recognition.picture_kind(new.original)]
    prepared = new.prepared
    async with db.transaction(person.id) as tx:
        await tx.one(PHOTO_TURNS, person.id)
        check_room(await tx.one(HELD_PHOTOS, person.id), new.held_bytes)
        await tx.run(
            ADD_PHOTO, person.id, photo=photo_id, width=prepared.width, height=prepared.height,
            held_bytes=new.held_bytes, original=ending,
        )  # fmt: skip
    await files.put(key_of(person.id, photo_id), prepared.picture, "image/jpeg")
    await files.put(key_of(person.id, photo_id, "-small"), prepared.thumbnail, "image/jpeg")
    if new.original is not None:
        key = original_key(person.id, photo_id, ending)
        await files.put(key, new.original, MEDIA_TYPES[ending])
    return photo_id


async def photo(db: Db, person: Person, photo_id: UUID) -> Photo:
    """One photo; `NotFound` for one that is not theirs."""
    found = await db.maybe(PHOTO, person.id, photo=photo_id)
    if found is None:
        raise NotFound("There is no such photo in your diary.")
    return found


async def photos_by_id(db: Db, person: Person, ids: Sequence[UUID]) -> list[Photo]:
    """Those of the photos that are theirs."""
    return await db.all(PHOTOS_BY_ID, person.id, photos=list(ids)) if ids else []


async def photos_after(db: Db, person: Person, after: UUID, *, limit: int) -> list[Photo]:
    """A page of the person's photos, those after one, in the order taken."""
    return await db.all(PHOTOS_AFTER, person.id, after=after, limit=limit)


async def photos_of(db: Db, person: Person, meals: Sequence[UUID]) -> dict[UUID, list[Photo]]:
    """The photos of meals, by meal."""
    found: dict[UUID, list[Photo]] = {}
    if meals:
        for one in await db.all(PHOTOS_OF_MEALS, person.id, meals=list(meals)):
            if one.meal_id is not None:
                found.setdefault(one.meal_id, []).append(one)
    return found


async def belong(tx: Transaction, person: Person, ids: Sequence[UUID], meal_id: UUID) -> None:
    """The photos, those that are theirs and wait, belong to this meal from now on.

    One that waited too long is gone; the meal is worth more than its picture.
    """
    if ids:
        await tx.run(BELONG, person.id, photos=list(ids)[:MOST_OF_A_MEAL], meal=meal_id)


async def delete_photo(db: Db, person: Person, photo_id: UUID) -> None:
    """Delete a photo for good; its files go as soon as a worker is free."""
    async with db.transaction(person.id) as tx:
        gone = await tx.maybe(DROP_PHOTO, person.id, photo=photo_id)
        if gone is None:
            raise NotFound("There is no such photo in your diary.")
        await tell(tx, PhotoDropped(gone))


# ------------------------------------------------------------------ sweeping


async def drop_files(store: Files, gone: PhotoFiles) -> None:
    """Drop the files of a photo; again is as good as once."""
    for key in keys_of(gone):
        await store.delete(key)


async def sweep_loose(db: Db, store: Files, before: datetime | None = None) -> int:
    """Drop photos whose meal was not saved within a day; how many."""
    before, dropped = before or now() - LOOSE_FOR, 0
    while gone := await db.all(SWEEP_LOOSE, SYSTEM, before=before, batch=SWEEP_BATCH):
        for one in gone:
            await drop_files(store, one)
        dropped += len(gone)
    return dropped


async def sweep_gone(db: Db, store: Files) -> int:
    """Drop photos whose meal is gone and can no longer come back by undo; how many."""
    dropped = 0
    while gone := await db.all(SWEEP_GONE, SYSTEM, batch=SWEEP_BATCH):
        for one in gone:
            await drop_files(store, one)
        dropped += len(gone)
    return dropped


async def sweep_files(db: Db, store: Files) -> int:
    """Drop files whose photo is gone, by itself or with its person; how many.

    The files are listed before the rows are read, and a row is written before its files: a photo
    that comes in meanwhile is safe.
    """
    keys = await store.list(FOLDER)
    owned = {key: owner for key in keys if (owner := owner_of(key)) is not None}
    dropped = 0
    for start in range(0, len(keys), SWEEP_BATCH):
        some = [key for key in keys[start : start + SWEEP_BATCH] if key in owned]
        persons, ids = {owned[key][0] for key in some}, {owned[key][1] for key in some}
        known = set(await db.all(KNOWN_PHOTOS, SYSTEM, persons=list(persons), photos=list(ids)))
        for key in some:
            if owned[key][1] not in known:
                await store.delete(key)
                dropped += 1
    return dropped
