"""The pages for adding a meal by words, by figures or by a food."""

from typing import Any, Final

from litestar import Request, Response, get, post

from hearth.core.db import Db, Transaction
from hearth.core.errors import Problem
from hearth.diary import entries, meals, photos, settings, views
from hearth.diary.meals import NewMeal
from hearth.people import Person, locale_of
from hearth.recognition import MealText, ReadingView, read_meal, reading_view
from hearth.web import (
    DbIn,
    Fields,
    KeyIn,
    LocaleIn,
    PersonIn,
    Shown,
    done_once,
    fields_of,
    render,
    seen,
    told,
)

AnyRequest = Request[Any, Any, Any]
Page = Response[Any]


@get("/add", include_in_schema=False)
async def add_page(request: AnyRequest, locale: LocaleIn) -> Page:
    """Say what was eaten."""
    given = Fields({"day": request.query_params.get("day", "")[:10].replace("\0", "")})
    return _adding(request, locale, given)


def _adding(
    request: AnyRequest, locale: str, given: Fields, *, reading: Any = None,
    problem: Problem | None = None,
) -> Page:  # fmt: skip
    """The page for adding, with what was given before."""
    return render(
        request,
        "add.html",
        status=problem.status if problem else 200,
        here="add",
        text=given.text("text"),
        spoken=locale_of(given.text("locale")) or "",
        day=given.text("day"),
        day_text=entries.day_text(given, Shown(locale=locale)),
        kind=given.text("kind"),
        kinds=views.kinds(),
        photos=given.text("photos"),
        seen=given.text("seen"),
        quick={name: given.text(name) for name in ("name", *entries.QUICK)},
        quick_figures=views.quick_figures(),
        reading=reading,
        wrong=told(problem) if problem else "",
    )


@post("/add/read", status_code=200, include_in_schema=False)
async def read_page(request: AnyRequest, db: DbIn, person: PersonIn, locale: LocaleIn) -> Page:
    """The page with the reading, for browsers without JavaScript."""
    fields = await fields_of(request)
    try:
        view = await _read(db, person, locale, fields)
    except Problem as problem:
        return _adding(request, locale, fields, problem=problem)
    return _adding(request, locale, fields, reading=view)


def _language(fields: Fields, locale: str) -> str:
    """The language of the words: the one that was heard, where they were spoken; else the page's."""
    return locale_of(fields.text("locale")) or locale


async def _read(db: Db, person: Person, locale: str, fields: Fields) -> ReadingView:
    text = fields.text("text")
    read = await read_meal(db, person, MealText(text=text, locale=_language(fields, locale)))
    own = await settings.settings(db, person)
    return reading_view(text, read, views.shown_for(locale, person.zone, own))


@post("/add/reading", status_code=200, include_in_schema=False)
async def reading(request: AnyRequest, db: DbIn, person: PersonIn, locale: LocaleIn) -> Page:
    """The reading alone, while typing."""
    fields = await fields_of(request)
    if not fields.text("text"):
        return Response("", media_type="text/html")
    return render(request, "_reading.html", reading=await _read(db, person, locale, fields))


@post("/add", include_in_schema=False)
async def add(
    request: AnyRequest, db: DbIn, person: PersonIn, locale: LocaleIn, idempotency_key: KeyIn
) -> Page:
    """Save the meal: as it was read and corrected, or, sent without a reading, as it reads now."""
    fields = await fields_of(request)
    try:
        new = await entries.meal_of(db, person, _language(fields, locale), fields)
        return await _logged(request, db, person, idempotency_key, new)
    except Problem as problem:
        return await _refused_reading(request, db, person, locale, problem)


@post("/add/quick", include_in_schema=False)
async def add_quick(
    request: AnyRequest, db: DbIn, person: PersonIn, locale: LocaleIn, idempotency_key: KeyIn
) -> Page:
    """Save a name and the figures that are known."""
    fields = await fields_of(request)
    try:
        new = entries.quick_of(person, fields)
        return await _logged(request, db, person, idempotency_key, new)
    except Problem as problem:
        return _refused(request, locale, fields, problem)


@post("/add/food", include_in_schema=False)
async def add_food(request: AnyRequest, db: DbIn, person: PersonIn, idempotency_key: KeyIn) -> Page:
    """Save an amount of one food."""
    new = entries.food_of(person, await fields_of(request))
    return await _logged(request, db, person, idempotency_key, new)


async def _logged(request: AnyRequest, db: Db, person: Person, key: KeyIn, new: NewMeal) -> Page:
    pictures = entries.photos_of(await fields_of(request))

    async def log(tx: Transaction) -> None:
        logged = await meals.log_meal(tx, person, new)
        await photos.belong(tx, person, pictures, logged.id)

    await done_once(db, person, key, request, log)
    return seen(f"/day/{new.day}" if new.day else "/")


async def _refused_reading(
    request: AnyRequest, db: Db, person: Person, locale: str, problem: Problem
) -> Page:
    """The page with the reading as it was corrected: one mistake must not cost the others."""
    fields = await fields_of(request)
    if problem.status >= 500 or problem.status == 409 or not fields.text("read-0"):
        return _refused(request, locale, fields, problem)
    try:
        view = entries.as_sent(await _read(db, person, locale, fields), fields)
    except Problem:
        return _refused(request, locale, fields, problem)
    return _adding(request, locale, fields, reading=view, problem=problem)


def _refused(request: AnyRequest, locale: str, fields: Fields, problem: Problem) -> Page:
    if problem.status >= 500 or problem.status == 409:
        raise problem
    return _adding(request, locale, fields, problem=problem)


pages: Final = [add_page, read_page, reading, add, add_quick, add_food]
