"""The pages of the diary: today and other days, a meal, weights."""

from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post

from hearth.core.db import Db
from hearth.core.errors import Conflict, Problem, Stale
from hearth.core.values import now
from hearth.diary import conflicts, days, entries, meals, photos, settings, views, weights
from hearth.diary.changes import change_meal, delete_meal, undo_meal
from hearth.diary.charts import week_of
from hearth.diary.meals import NewCopy
from hearth.diary.times import plausible, today_of
from hearth.diary.totals import totals
from hearth.foods import to_column
from hearth.people import Person
from hearth.recognition import MealText, read_meal, reading_view
from hearth.web import (
    DbIn,
    Fields,
    KeyIn,
    LocaleIn,
    MaybePersonIn,
    PersonIn,
    Shown,
    done_once,
    fields_of,
    gettext,
    render,
    seen,
    told,
)

AnyRequest = Request[Any, Any, Any]
Page = Response[Any]
RECENT: Final = timedelta(days=42)


async def _shown(db: Db, person: Person, locale: str) -> Shown:
    return views.shown_for(locale, person.zone, await settings.settings(db, person))


# ------------------------------------------------------------------ days


@get("/", opt={"anonymous": True}, include_in_schema=False)
async def front(
    request: AnyRequest, db: DbIn, maybe_person: MaybePersonIn, locale: LocaleIn
) -> Page:
    """Today; for somebody who is not signed in, what this is."""
    if maybe_person is None:
        return await _welcome(request, db, locale)
    return await _day(request, db, maybe_person, locale, today_of(maybe_person.zone))


@get("/day/{on:date}", include_in_schema=False)
async def day_page(
    request: AnyRequest, db: DbIn, person: PersonIn, locale: LocaleIn, on: date
) -> Page:
    """A day."""
    return await _day(request, db, person, locale, plausible(on, now()))


async def _welcome(request: AnyRequest, db: Db, locale: str) -> Page:
    """An example is read at once: a stranger sees what this is before making an account."""
    text = gettext("two scrambled eggs, a slice of rye bread with butter and a large latte")
    read = await read_meal(db, None, MealText(text=text, locale=locale))
    view = reading_view(text, read, Shown(locale=locale))
    return render(request, "welcome.html", text=text, reading=view)


async def _day(request: AnyRequest, db: Db, person: Person, locale: str, on: date) -> Page:
    own = await settings.settings(db, person)
    found = await days.day(db, person, on)
    recent = await weights.weights(db, person, on - RECENT, on, limit=60)
    week = await days.days(db, person, *week_of(on, own.first_day_of_week), ["energy_kcal"])
    around = views.Around(
        today=today_of(person.zone),
        week=week,
        recent=recent.weights,
        undo=views.undo_of(request.query_params.get("undo", "")),
    )
    view = views.day_view(found, around, views.shown_for(locale, person.zone, own))
    pictures = await photos.photos_of(db, person, [meal.id for meal in found.meals])
    first = {str(meal_id): some[0].id for meal_id, some in pictures.items()}
    return render(request, "today.html", here="today", view=view, photos=first)


@post("/day/{on:date}/copy", include_in_schema=False)
async def copy_day(
    request: AnyRequest, db: DbIn, person: PersonIn, idempotency_key: KeyIn, on: date
) -> Page:
    """Every meal of the day once more on another."""
    to = entries.day_of(await fields_of(request), "to")
    await done_once(
        db, person, idempotency_key, request,
        lambda tx: meals.copy_day(tx, person, on, NewCopy(day=to)),
    )  # fmt: skip
    return seen(f"/day/{to}")


# ------------------------------------------------------------------ a meal


@get("/meal/{meal_id:uuid}", include_in_schema=False)
async def meal_page(
    request: AnyRequest, db: DbIn, person: PersonIn, locale: LocaleIn, meal_id: UUID
) -> Page:
    """A meal."""
    return await _meal(request, db, person, locale, meal_id)


async def _meal(
    request: AnyRequest, db: Db, person: Person, locale: str, meal_id: UUID,
    problem: Problem | None = None,
) -> Page:  # fmt: skip
    found = await meals.meal(db, person, meal_id)
    sums = totals([to_column(item.nutrients) for item in found.items])
    view = views.meal_view(found, sums, today_of(person.zone), await _shown(db, person, locale))
    return render(
        request,
        "meal.html",
        status=problem.status if problem else 200,
        here="today",
        view=view,
        kinds=views.kinds_with(found.kind),
        photos=(await photos.photos_of(db, person, [meal_id])).get(meal_id, []),
        wrong=told(problem) if problem else "",
    )


@post("/meal/{meal_id:uuid}", include_in_schema=False)
async def change(
    request: AnyRequest, db: DbIn, person: PersonIn, locale: LocaleIn, idempotency_key: KeyIn,
    meal_id: UUID,
) -> Page:  # fmt: skip
    """Save a changed meal; when it was changed elsewhere meanwhile, show both ways on."""
    fields = await fields_of(request)
    overwrite = request.headers.get("x-overwrite") == "yes"
    version = None if overwrite else entries.version_of(fields)
    try:
        found = await meals.meal(db, person, meal_id)
        wanted = entries.change_of(found, fields)
        await done_once(
            db, person, idempotency_key, request,
            lambda tx: change_meal(tx, person, meal_id, wanted, if_match=version),
        )  # fmt: skip
    except Stale:
        return await _conflict(request, db, person, meal_id, fields)
    except Problem as problem:
        if problem.status >= 500 or problem.status in (404, 409):
            raise
        return await _meal(request, db, person, locale, meal_id, problem)
    return seen(f"/day/{found.day}?undo=change.{meal_id}.{found.version}")


async def _conflict(
    request: AnyRequest, db: Db, person: Person, meal_id: UUID, fields: Fields
) -> Page:
    found = await meals.meal(db, person, meal_id)
    return render(
        request,
        "conflict.html",
        status=412,
        meal_id=meal_id,
        fields=[(name, value) for name, value in fields.items() if name != "version"],
        version=found.version,
        lines=conflicts.differences(found, fields),
    )


@post("/meal/{meal_id:uuid}/delete", include_in_schema=False)
async def delete(db: DbIn, person: PersonIn, meal_id: UUID) -> Page:
    """Delete a meal; the day offers to take it back."""
    found = await meals.meal(db, person, meal_id)
    await delete_meal(db, person, meal_id)
    return seen(f"/day/{found.day}?undo=meal.{meal_id}.{found.version}")


@post("/meal/{meal_id:uuid}/undo", include_in_schema=False)
async def undo(request: AnyRequest, db: DbIn, person: PersonIn, meal_id: UUID) -> Page:
    """Take back the last change of a meal, or its deletion; sent twice, once."""
    try:
        back = await undo_meal(db, person, meal_id, replaced=(await fields_of(request)).version())
    except Conflict:
        back = await meals.meal(db, person, meal_id)
    return seen(f"/day/{back.day}")


@post("/meal/{meal_id:uuid}/copy", include_in_schema=False)
async def copy_meal(
    request: AnyRequest, db: DbIn, person: PersonIn, idempotency_key: KeyIn, meal_id: UUID
) -> Page:
    """The same meal once more on another day."""
    to = entries.day_of(await fields_of(request), "to")
    await done_once(
        db, person, idempotency_key, request,
        lambda tx: meals.copy_meal(tx, person, meal_id, NewCopy(day=to)),
    )  # fmt: skip
    return seen(f"/day/{to}")


# ------------------------------------------------------------------ weights


@post("/weights", include_in_schema=False)
async def weigh(request: AnyRequest, db: DbIn, person: PersonIn, idempotency_key: KeyIn) -> Page:
    """Note a weight in the person's unit."""
    fields = await fields_of(request)
    own = await settings.settings(db, person)
    new = entries.weight_of(
        fields, today_of(person.zone), person.zone, pounds=own.units == "imperial"
    )
    await done_once(db, person, idempotency_key, request, lambda tx: weights.weigh(tx, person, new))
    day = fields.text("day")
    return seen(f"/day/{day}" if day else "/")


@post("/weights/{weight_id:uuid}/delete", include_in_schema=False)
async def delete_weight(db: DbIn, person: PersonIn, weight_id: UUID) -> Page:
    """Delete a weighing; the day offers to take it back."""
    found = await weights.weight(db, person, weight_id)
    await weights.delete_weight(db, person, weight_id)
    return seen(f"/day/{found.day}?undo=weight.{weight_id}.{found.version}")


@post("/weights/{weight_id:uuid}/undo", include_in_schema=False)
async def undo_weight(request: AnyRequest, db: DbIn, person: PersonIn, weight_id: UUID) -> Page:
    """Bring a weighing back; sent twice, once."""
    replaced = (await fields_of(request)).version()
    try:
        back = await weights.undo_weight(db, person, weight_id, replaced=replaced)
    except Conflict:
        back = await weights.weight(db, person, weight_id)
    return seen(f"/day/{back.day}")


pages: Final = [
    front, day_page, copy_day, meal_page, change, delete, undo, copy_meal, weigh, delete_weight,
    undo_weight,
]  # fmt: skip
