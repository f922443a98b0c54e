"""The photos that a person keeps, for that person alone."""

from typing import Any, Final, Literal
from uuid import UUID

from litestar import Response, get, post

from hearth.core.errors import NotFound
from hearth.diary import photos
from hearth.web import DbIn, FilesIn, PersonIn, seen

Page = Response[Any]
# Only in the browser of who it belongs to, and looked up again after an hour.
PRIVATE: Final = {"Cache-Control": "private, max-age=3600", "Vary": "Cookie, Authorization"}


@get("/photos/{photo_id:uuid}", include_in_schema=False)
async def picture(db: DbIn, files: FilesIn, person: PersonIn, photo_id: UUID) -> Page:
    """The photo as it is shown."""
    return await _shown(db, files, person, photo_id, "")


@get("/photos/{photo_id:uuid}/small", include_in_schema=False)
async def thumbnail(db: DbIn, files: FilesIn, person: PersonIn, photo_id: UUID) -> Page:
    """Its thumbnail."""
    return await _shown(db, files, person, photo_id, "-small")


async def _shown(
    db: DbIn, files: FilesIn, person: PersonIn, photo_id: UUID, size: Literal["", "-small"]
) -> Page:
    found = await photos.photo(db, person, photo_id)
    data = await files.get(photos.key_of(person.id, found.id, size))
    return Response(data, media_type="image/jpeg", headers=PRIVATE)


@get("/photos/{photo_id:uuid}/original", include_in_schema=False)
async def original(db: DbIn, files: FilesIn, person: PersonIn, photo_id: UUID) -> Page:
    """The file as it was taken, to take along: no browser opens it here."""
    found = await photos.photo(db, person, photo_id)
    if not found.original:
        raise NotFound("The original of this photo was not kept.")
    data = await files.get(photos.original_key(person.id, found.id, found.original))
    name = f'attachment; filename="{found.id}.{found.original}"'
    kind = photos.MEDIA_TYPES[found.original]
    return Response(data, media_type=kind, headers=PRIVATE | {"Content-Disposition": name})


@post("/photos/{photo_id:uuid}/delete", include_in_schema=False)
async def delete(db: DbIn, person: PersonIn, photo_id: UUID) -> Page:
    """Delete a photo for good."""
    found = await photos.photo(db, person, photo_id)
    await photos.delete_photo(db, person, photo_id)
    return seen(f"/meal/{found.meal_id}" if found.meal_id else "/")


pages: Final = [picture, thumbnail, original, delete]
