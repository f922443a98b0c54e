"""The JSON API of reading a meal: from words, a recording, photos of a plate or of a menu.

One address takes two media types, so the handler reads the body itself; what it takes is described
in `_ReadMeal`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Request, post
from litestar.datastructures import UploadFile
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import Operation, RequestBody
from litestar.status_codes import HTTP_200_OK

from hearth import people, privacy
from hearth.core import telemetry
from hearth.core.errors import Problem, refused
from hearth.recognition import catalogue, speech
from hearth.recognition.allowances import LOOKS
from hearth.recognition.answers import Reading
from hearth.recognition.catalogue import MealText
from hearth.recognition.menus import read_menu
from hearth.recognition.photos import MAX_FILES
from hearth.recognition.plates import Told, read_plate
from hearth.recognition.voice import Heard, Recording
from hearth.web import (
    MULTIPART,
    PICTURE,
    DbIn,
    DoorsIn,
    Fields,
    PersonIn,
    about_field,
    accepted,
    body_of,
    body_schema,
    file_schema,
    form_of,
    form_schema,
    uploads_of,
)

AnyRequest = Request[Any, Any, Any]
FILES: Final = ("image", "menu", "audio")
"""The fields that hold files, of which a request has exactly one."""
READ: Final = {"scope": "diary:read"}
ASK: Final = "models:ask"
"""What a token needs beside `READ` for photos and recordings: they may go to a model, and cost."""


class Sent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a multipart body says beside its files, as `MealText` does; `note` is what a photo
    cannot show, such as the oil."""

    locale: Literal["en", "sv", "sr-Latn", "sr-Cyrl"] | None = None
    note: Annotated[str, msgspec.Meta(max_length=500)] = ""
    at: datetime | None = None


# ------------------------------------------------------------------ description


def _multipart() -> dict[str, Any]:
    """One of three: photos of a plate, photos of a menu, a recording."""
    photos = file_schema(PICTURE, MAX_FILES)
    files = {
        "image": photos | {"description": "Photos of one plate."},
        "menu": photos | {"description": "Photos of a restaurant's menu."},
        "audio": file_schema("A recording of at most 60 seconds: webm, ogg, mp4 (m4a) or wav."),
    }
    return form_schema(files, Sent) | {"oneOf": [{"required": [name]} for name in files]}


@dataclass
class _ReadMeal(Operation):
    """The operation with its two kinds of body, which no parameter of the handler tells."""

    def __post_init__(self) -> None:
        content: Any = {
            "application/json": {"schema": body_schema(MealText)},
            MULTIPART: {"schema": _multipart()},
        }
        self.request_body = RequestBody(content=content, required=True)


# ------------------------------------------------------------------ reading


@post(
    "/api/meals/read", status_code=HTTP_200_OK, tags=["diary"], opt=READ, summary="Read a meal",
    operation_class=_ReadMeal,
)  # fmt: skip
async def read_meal(request: AnyRequest, db: DbIn, doors: DoorsIn, person: PersonIn) -> Reading:
    """Read a meal into foods, grams and nutrients, with how sure; saves nothing.

    Words come as JSON; a recording, or up to five photos of a plate or a menu, as a form. Speech
    and photos need what docs/voice.md and docs/models.md say, and of a token the scope models:ask;
    `text` is what was heard or seen.
    """
    if request.content_type[0] != MULTIPART:
        return await catalogue.read_meal(db, person, await body_of(request, MealText))
    people.need_scope(person, ASK)
    field, sent = await _form(request)
    try:
        if field != "audio":
            return await _seen(request, db, doors, person, field, sent)
        heard = await _hear(request, db, doors, person, sent)
    except Problem as problem:
        telemetry.count_meal_analysis(success=False)
        raise about_field(field, problem) from None
    return await _spoken(db, person, heard)


async def _form(request: AnyRequest) -> tuple[str, Sent]:
    """Which files a form brings, and what it says beside them."""
    form = await form_of(request)
    given = [name for name in FILES if name in form]
    if len(given) != 1:
        raise refused(
            given[-1] if given else FILES[0],
            "send exactly one of image (photos of a plate), menu or audio (a recording).",
        )
    texts = Fields(dict(form))
    said = {name: texts.text(name) for name in form if name not in FILES}
    files = [name for name in said if isinstance(form[name], UploadFile)]
    if files:
        raise refused(files[0], "is no field that takes files.")
    sent = accepted({name: text for name, text in said.items() if text}, Sent, "form")
    if given[0] == "audio" and "note" in said:
        raise refused("note", "goes with photos; say it in the recording.")
    return given[0], sent


async def _hear(
    request: AnyRequest, db: DbIn, doors: DoorsIn, person: PersonIn, sent: Sent
) -> Heard:
    recordings = await uploads_of(request, "audio")
    if len(recordings) != 1:
        raise refused("audio", f"{len(recordings)} recordings were sent; one is read at a time.")
    recording = Recording(recordings[0], sent.locale or person.locale)
    return await speech.hear(db, person, doors.ai, recording, limits=doors.limits)


async def _spoken(db: DbIn, person: PersonIn, heard: Heard) -> Reading:
    said = MealText(text=heard.text, locale=heard.locale)
    reading = await catalogue.read_meal(db, person, said)
    notes = (*speech.notes_of(heard), *reading.notes)
    return msgspec.structs.replace(reading, text=heard.text, notes=notes)


async def _seen(
    request: AnyRequest, db: DbIn, doors: DoorsIn, person: PersonIn, field: str, sent: Sent
) -> Reading:
    photos = await uploads_of(request, field)
    await LOOKS.take(doors.limits, person)
    consented = await privacy.consented(db, person)
    told = Told(sent.locale or person.locale, sent.note, consented)
    read = read_plate if field == "image" else read_menu
    reading = await read(db, person, doors.ai, photos, told)
    telemetry.count_meal_analysis(success=bool(reading.items))
    return reading


routes: list[HTTPRouteHandler] = [read_meal]
