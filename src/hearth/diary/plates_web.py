"""The pages for adding a meal by a photo of a plate, and for choosing from a menu."""

import base64
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from msgspec.structs import replace

from hearth import privacy, recognition
from hearth.ai import Ai
from hearth.core import telemetry
from hearth.core.db import Db
from hearth.core.errors import Problem
from hearth.core.values import now
from hearth.diary import days, entries, photos, settings, views
from hearth.diary.fitting import left_of, ranked
from hearth.diary.menu_views import MenuView, menu_view
from hearth.diary.refusals import refused
from hearth.diary.settings import Settings
from hearth.diary.times import plausible, today_of
from hearth.people import Person
from hearth.recognition import Prepared, Reading, ReadingView, ReadItem, Told, reading_view
from hearth.web import (
    DbIn,
    Doors,
    DoorsIn,
    Fields,
    LocaleIn,
    PersonIn,
    Shown,
    fields_of,
    gettext,
    render,
    told,
    uploads_of,
)

AnyRequest = Request[Any, Any, Any]
Page = Response[Any]


class Shot(msgspec.Struct, frozen=True):
    """A photo that came: the picture for the model, where the page shows it from, and its id when
    it is kept. `is_left_out` when it is not kept for want of room."""

    picture: Prepared
    source: str
    photo_id: UUID | None = None
    is_left_out: bool = False


class Unmatched(msgspec.Struct, frozen=True):
    """Something seen that no table holds, and how the form carries it: grams, then the name."""

    name: str
    value: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a page answers to photos: the photos, and a reading, a menu, or what went wrong."""

    shots: Sequence[Shot] = ()
    reading: ReadingView | None = None
    notes: tuple[str, ...] = ()
    unmatched: tuple[Unmatched, ...] = ()
    menu: MenuView | None = None
    problem: Problem | None = None

    @property
    def photos(self) -> str:
        """The ids of the photos that are kept, as the form carries them."""
        return " ".join(str(shot.photo_id) for shot in self.shots if shot.photo_id)


# ------------------------------------------------------------------ plates


@get("/add/photo", include_in_schema=False)
async def photo_page(
    request: AnyRequest, db: DbIn, person: PersonIn, locale: LocaleIn, doors: DoorsIn
) -> Page:
    """Take a photo of what is eaten."""
    return await _page(request, doors, person, ("plate.html", locale), _given(request), Answer())


@post("/add/photo", status_code=200, include_in_schema=False)
async def read_photo(
    request: AnyRequest, db: DbIn, person: PersonIn, locale: LocaleIn, doors: DoorsIn
) -> Page:
    """What the photo shows, to be confirmed; nothing is logged yet."""
    fields = await fields_of(request)
    shots: list[Shot] = []
    try:
        own = await settings.settings(db, person)
        await recognition.LOOKS.take(doors.limits, person)
        shots += await _plates(request, doors, person, own, fields)
        sent = [shot.picture for shot in shots]
        saying = await _told(db, person, locale, fields)
        read = await recognition.read_plate(db, person, doors.ai, sent, saying)
        answer = _seen(shots, read, views.shown_for(locale, person.zone, own))
    except Problem as problem:
        answer = Answer(shots=shots, problem=problem)
    telemetry.count_meal_analysis(success=bool(answer.reading and answer.reading.text))
    return await _page(request, doors, person, ("plate.html", locale), fields, answer)


def _seen(shots: Sequence[Shot], read: Reading, shown: Shown) -> Answer:
    nameless = [item for item in read.items if item.food is None]
    view = reading_view(read.text, read, shown)
    return Answer(
        shots=shots,
        # What no food matches is not lost among what was not understood: it can be kept by name.
        reading=replace(view, unread=read.unread),
        notes=(*read.notes, *_left_out(shots)),
        unmatched=tuple(Unmatched(item.phrase, _carried(item)) for item in nameless),
    )


def _left_out(shots: Sequence[Shot]) -> tuple[str, ...]:
    if not any(shot.is_left_out for shot in shots):
        return ()
    most = f"{photos.MOST_HELD / 1024**3:.0f} GiB"
    return (
        gettext(
            "The photo is not kept: yours hold %(most)s already, which is the most. Delete some, or "
            "keep small ones from now on."
        )
        % {"most": most},
    )


def _carried(item: ReadItem) -> str:
    grams = "" if item.grams is None else f"{item.grams:.4g}"
    return f"{grams}|{item.phrase.removeprefix(f'{grams} g ')}"


async def _plates(
    request: AnyRequest, doors: Doors, person: Person, own: Settings, fields: Fields
) -> list[Shot]:
    """The photos that were sent, kept as the person chose; or those sent before, to try again."""
    sent = await uploads_of(request, "photo", needed=False)
    if not sent:
        return await _before(doors, person, entries.photos_of(fields))
    opened = await recognition.open_photos(person, sent)
    # What no model can be asked about is asked for anew once one can: nothing of it is kept.
    keep = own.keep_photos if (await _models(doors.db, doors.ai, person)).is_ready else "none"
    return [
        await _kept(doors, person, keep, data, prepared)
        for data, prepared in zip(sent, opened, strict=True)
    ]


async def _before(doors: Doors, person: Person, ids: Sequence[UUID]) -> list[Shot]:
    found = await photos.photos_by_id(doors.db, person, ids)
    if not found:
        raise refused("photo", "is needed: take one or choose one.")
    return [await _opened_before(doors, person, one) for one in found]


async def _opened_before(doors: Doors, person: Person, one: photos.Photo) -> Shot:
    picture = await doors.files.get(photos.key_of(person.id, one.id))
    thumbnail = await doors.files.get(photos.key_of(person.id, one.id, "-small"))
    prepared = Prepared(one.width, one.height, picture, thumbnail)
    return Shot(prepared, f"/photos/{one.id}", one.id)


async def _kept(
    doors: Doors, person: Person, keep: settings.KeepPhotos, data: bytes, prepared: Prepared
) -> Shot:
    if keep == "none":
        return Shot(prepared, _inline(prepared.thumbnail))
    new = photos.NewPhoto(prepared, data if keep == "original" else None)
    try:
        photo_id = await photos.add_photo(doors.db, doors.files, person, new)
    except photos.PhotosFull:
        # The meal is worth more than its picture: it is looked at all the same.
        return Shot(prepared, _inline(prepared.thumbnail), is_left_out=True)
    return Shot(prepared, f"/photos/{photo_id}", photo_id)


def _inline(jpeg: bytes) -> str:
    """A picture within the page: of what is not kept, nothing lies anywhere."""
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"


# ------------------------------------------------------------------ menus


@get("/add/menu", include_in_schema=False)
async def menu_page(
    request: AnyRequest, db: DbIn, person: PersonIn, locale: LocaleIn, doors: DoorsIn
) -> Page:
    """Take a photo of a menu."""
    return await _page(request, doors, person, ("menu.html", locale), _given(request), Answer())


@post("/add/menu", status_code=200, include_in_schema=False)
async def read_menu(
    request: AnyRequest, db: DbIn, person: PersonIn, locale: LocaleIn, doors: DoorsIn
) -> Page:
    """The dishes of the menu beside what is left of the day. No photo of a menu is kept."""
    fields = await fields_of(request)
    try:
        own = await settings.settings(db, person)
        await recognition.LOOKS.take(doors.limits, person)
        sent = await uploads_of(request, "photo")
        saying = await _told(db, person, locale, fields)
        menu = await recognition.see_menu(db, person, doors.ai, sent, saying)
        left = left_of(await _day(db, person, fields))
        shown = views.shown_for(locale, person.zone, own)
        answer = Answer(menu=menu_view(ranked(menu.dishes, left), left, shown), notes=menu.notes)
    except Problem as problem:
        answer = Answer(problem=problem)
    telemetry.count_meal_analysis(success=answer.menu is not None and bool(answer.menu.dishes))
    return await _page(request, doors, person, ("menu.html", locale), fields, answer)


async def _day(db: Db, person: Person, fields: Fields) -> days.Day:
    on = entries.day_of(fields, "day") if fields.text("day") else today_of(person.zone)
    return await days.day(db, person, plausible(on, now()))


# ------------------------------------------------------------------ both


def _given(request: AnyRequest) -> Fields:
    return Fields({"day": request.query_params.get("day", "")[:10].replace("\0", "")})


async def _told(db: Db, person: Person, locale: str, fields: Fields) -> Told:
    agreed = await privacy.consented(db, person)
    return Told(locale, fields.text("note")[: recognition.LONGEST_NOTE], agreed)


async def _page(
    request: AnyRequest, doors: Doors, person: Person, template: tuple[str, str], given: Fields,
    answer: Answer,
) -> Page:  # fmt: skip
    name, locale = template
    own = await settings.settings(doors.db, person)
    return render(
        request,
        name,
        status=answer.problem.status if answer.problem else 200,
        here="add",
        day=given.text("day"),
        day_text=entries.day_text(given, Shown(locale=locale)),
        note=given.text("note"),
        kind=given.text("kind"),
        kinds=views.kinds(),
        keep=own.keep_photos,
        models=await _models(doors.db, doors.ai, person),
        answer=answer,
        wrong=told(answer.problem) if answer.problem else "",
    )


class Models(msgspec.Struct, frozen=True):
    """Who can see in this house, whom of them the person must agree to first, and whether there is
    one that may be asked now."""

    services: tuple[Any, ...]
    asking: tuple[Any, ...]
    is_ready: bool


async def _models(db: Db, ai: Ai, person: Person) -> Models:
    services = ai.services("see")
    agreed = await privacy.consented(db, person)
    asking = tuple(one for one in services if one.needs_consent and one.name not in agreed)
    return Models(services, asking, len(asking) < len(services))


pages: Final = [photo_page, read_photo, menu_page, read_menu]
