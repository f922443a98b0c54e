"""The page of goals and units."""

from typing import Any, Final

from litestar import Request, Response, get, post

from hearth.core.db import Db
from hearth.core.errors import Problem
from hearth.diary import entries, goals, settings, views
from hearth.diary.times import today_of
from hearth.people import Person
from hearth.web import DbIn, LocaleIn, PersonIn, errors_of, fields_of, render, seen, told

AnyRequest = Request[Any, Any, Any]
Page = Response[Any]


@get("/me/settings", include_in_schema=False)
async def settings_page(request: AnyRequest, db: DbIn, person: PersonIn, locale: LocaleIn) -> Page:
    """Goals and units."""
    return await _settings(request, db, person, locale)


async def _settings(
    request: AnyRequest, db: Db, person: Person, locale: str, problem: Problem | None = None
) -> Page:
    own = await settings.settings(db, person)
    shown = views.shown_for(locale, person.zone, own)
    current = await goals.goal_now(db, person, today_of(person.zone))
    return render(
        request,
        "settings.html",
        status=problem.status if problem else 200,
        here="me",
        goal=views.goal_form(current, shown),
        settings=own,
        energy_unit=own.energy_unit,
        pers=views.pers(),
        weekdays=views.weekdays(shown),
        wrong=told(problem) if problem else "",
        errors=errors_of(problem) if problem else {},
    )


@post("/me/goals", include_in_schema=False)
async def set_goals(request: AnyRequest, db: DbIn, person: PersonIn, locale: LocaleIn) -> Page:
    """Set the goals from today on."""
    own = await settings.settings(db, person)
    try:
        held = await goals.goal_now(db, person, today_of(person.zone))
        new = entries.goal_of(await fields_of(request), own, held)
        await goals.set_goal(db, person, today_of(person.zone), new)
    except Problem as problem:
        return await _settings(request, db, person, locale, problem)
    return seen("/me/settings")


@post("/me/settings", include_in_schema=False)
async def set_units(request: AnyRequest, db: DbIn, person: PersonIn, locale: LocaleIn) -> Page:
    """Set the units."""
    try:
        await settings.change_settings(db, person, entries.settings_of(await fields_of(request)))
    except Problem as problem:
        return await _settings(request, db, person, locale, problem)
    return seen("/me/settings")


pages: Final = [settings_page, set_goals, set_units]
