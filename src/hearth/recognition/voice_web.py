"""The page for adding a meal by voice, and what the microphone on the pages asks."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post

from hearth import privacy
from hearth.ai import Ai
from hearth.core.errors import FieldError, Invalid, Problem
from hearth.recognition import speech
from hearth.recognition.speech import Ears
from hearth.recognition.voice import Heard, Recording
from hearth.web import (
    DbIn,
    Doors,
    DoorsIn,
    Fields,
    LocaleIn,
    PersonIn,
    fields_of,
    gettext,
    render,
    told,
    uploads_of,
)

AnyRequest = Request[Any, Any, Any]
Page = Response[Any]
LANGUAGES: Final = (
    ("en", "English"),
    ("sv", "Svenska"),
    ("sr-Latn", "Srpski"),
    ("sr-Cyrl", "Српски"),
)
"""What may be spoken, in its own words; Serbian is written down in either script."""


class Understood(msgspec.Struct, frozen=True):
    """Whether there is any use in recording, and what to know before or instead."""

    understands: bool
    notes: tuple[str, ...] = ()


class Words(msgspec.Struct, frozen=True):
    """What was said, in which language, and how far to trust it; without text `notes` say why there is none."""

    text: str = ""
    locale: str = ""
    is_draft: bool = False
    notes: tuple[str, ...] = ()


@get("/add/voice", include_in_schema=False)
async def voice_page(
    request: AnyRequest, db: DbIn, doors: DoorsIn, person: PersonIn, locale: LocaleIn
) -> Page:
    """Say what was eaten."""
    consented = await privacy.consented(db, person)
    asked = request.query_params.get("day", "")[:10].replace("\0", "")
    return _page(request, doors.ai, consented, locale, Fields({"day": asked}))


def _page(
    request: AnyRequest, ai: Ai, consented: frozenset[str], locale: str, given: Fields,
    *, words: Words | None = None, problem: Problem | None = None,
) -> Page:  # fmt: skip
    """The page, with what was heard or why nothing was."""
    own = speech.ears(ai, locale, consented)
    return render(
        request,
        "voice.html",
        status=problem.status if problem else 200,
        here="add",
        way="voice",
        day=given.text("day"),
        ears=own,
        notes=_before(own),
        languages=_understood(ai, consented, locale),
        spoken=given.text("locale") or locale,
        words=words,
        wrong=told(problem) if problem else "",
    )


def _understood(ai: Ai, consented: frozenset[str], locale: str) -> list[tuple[str, str]]:
    """The languages in which there is any use in speaking; Serbian in the reader's script."""
    other = "sr-Latn" if locale == "sr-Cyrl" else "sr-Cyrl"
    return [
        (tag, name)
        for tag, name in LANGUAGES
        if tag != other and speech.ears(ai, tag, consented).understands
    ]


def _before(ears: Ears) -> tuple[str, ...]:
    """What to know before recording in this language."""
    if ears.by == "model":
        return ()
    if ears.by == "draft":
        return (
            gettext(
                "English is heard by the recogniser built into Hearth: its words are a draft to "
                "correct. Speak plainly, in a quiet place."
            ),
        )
    names = {"sv": gettext("Swedish"), "sr": gettext("Serbian")}
    language = names.get(ears.locale[:2], gettext("this language"))
    if ears.asks:
        without = gettext(
            "Speech in %(language)s is understood here by a model alone, and you have not agreed "
            "to it yet."
        )
    else:
        without = gettext(
            "Speech in %(language)s is not understood here: that needs a model, and this house "
            "has none for it."
        )
    ways = gettext("Typing works in every language; spoken English becomes a draft.")
    return (without % {"language": language}, ways)


@post("/add/voice/ears", status_code=200, include_in_schema=False)
async def ears(
    request: AnyRequest, db: DbIn, doors: DoorsIn, person: PersonIn, locale: LocaleIn
) -> Understood:
    """Whether the language about to be spoken is understood, so that nobody speaks for nothing."""
    spoken = (await fields_of(request)).text("locale") or locale
    own = speech.ears(doors.ai, spoken, await privacy.consented(db, person))
    return Understood(own.understands, () if own.understands else _before(own))


@post("/add/voice/heard", status_code=200, include_in_schema=False)
async def heard(
    request: AnyRequest, db: DbIn, doors: DoorsIn, person: PersonIn, locale: LocaleIn
) -> Response[Words]:
    """The words of what the page recorded."""
    try:
        found = await _hear(request, doors, person, locale)
    except Problem as problem:
        return Response(Words(notes=(told(problem),)), status_code=problem.status)
    return Response(_words(found))


@post("/add/voice", status_code=200, include_in_schema=False)
async def voice_file(
    request: AnyRequest, db: DbIn, doors: DoorsIn, person: PersonIn, locale: LocaleIn
) -> Page:
    """The words of a recording that was chosen as a file, in a field to correct them."""
    fields, consented = await fields_of(request), await privacy.consented(db, person)
    try:
        words = _words(await _hear(request, doors, person, locale))
    except Problem as problem:
        return _page(request, doors.ai, consented, locale, fields, problem=problem)
    return _page(request, doors.ai, consented, locale, fields, words=words)


async def _hear(request: AnyRequest, doors: Doors, person: PersonIn, locale: str) -> Heard:
    recordings = await uploads_of(request, "audio")
    if len(recordings) != 1:
        why = gettext("Choose one recording at a time.")
        raise Invalid(why, errors=(FieldError("audio", why),))
    spoken = (await fields_of(request)).text("locale") or locale
    return await speech.hear(
        doors.db, person, doors.ai, Recording(recordings[0], spoken), limits=doors.limits
    )


def _words(heard: Heard) -> Words:
    return Words(heard.text, heard.locale, heard.is_draft, speech.notes_of(heard))


pages: Final = [voice_page, ears, heard, voice_file]
