"""The pages of foods: searching, one food, and a person's own."""

from contextlib import suppress
from datetime import date
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post

from hearth.core.db import Db
from hearth.core.errors import FieldError, Invalid, Problem, Stale
from hearth.foods import own
from hearth.foods.catalogue import food as food_by_id
from hearth.foods.foods import SOURCES, Food, Portion, named
from hearth.foods.nutrients import BY_CODE, CODES
from hearth.foods.own import FoodChange, NewFood
from hearth.foods.said import amount_said
from hearth.foods.search import find
from hearth.people import Person
from hearth.web import (
    KJ_PER_KCAL,
    DbIn,
    Fields,
    KeyIn,
    LocaleIn,
    PersonIn,
    Shown,
    accepted,
    done_once,
    errors_of,
    fields_of,
    gettext,
    render,
    seen,
    told,
)

AnyRequest = Request[Any, Any, Any]
Page = Response[Any]
FIGURES: Final = (
    "energy_kcal", "protein_g", "carb_g", "fiber_g", "sugars_g", "fat_g", "sat_fat_g", "sodium_mg",
)  # fmt: skip
GIVEN: Final = ("name", *FIGURES, "portion", "portion_grams", "barcode")
RECIPE: Final = "recipe "


class Hit(msgspec.Struct, frozen=True):
    """A found food."""

    id: str
    name: str
    brand: str
    source_text: str
    energy_text: str


class Amount(msgspec.Struct, frozen=True):
    """A row of the table of nutrients."""

    name: str
    amount: str


class FoodView(msgspec.Struct, frozen=True, kw_only=True):
    """The page of a food."""

    id: str
    name: str
    brand: str
    is_own: bool
    version: int
    units: list[tuple[str, str]]
    nutrients: list[Amount]
    unknown: list[str]
    source_text: str
    figures: list[tuple[str, str, str]]


def _name(code: str) -> str:
    return gettext(BY_CODE[code].name)


def _label(code: str) -> str:
    unit = {"ug": "µg"}.get(BY_CODE[code].unit, BY_CODE[code].unit)
    return f"{_name(code)}, {unit}"


def _source(food: Food) -> str:
    """Where the figures come from, in few words."""
    prefix = food.id.partition(":")[0]
    if prefix == "own":
        return gettext("your own")
    if prefix != "starter":
        return SOURCES.get(prefix) or food.source
    if food.source.startswith(RECIPE):
        return gettext("a recipe of USDA figures")
    return _cited(food.source)


def _cited(source: str) -> str:
    """A source with its table by name, as `USDA SR Legacy 18069` for `sr:18069`."""
    kind, _, number = source.partition(":")
    return f"{SOURCES.get(kind, kind)} {number}".strip()


def _full_source(food: Food) -> str:
    """Where the figures come from; of a recipe each part with its grams."""
    if not food.source.startswith(RECIPE):
        return _source(food)
    parts, _, cooked = food.source.removeprefix(RECIPE).partition(";yield=")
    cites = (part.rpartition("*") for part in parts.split("+"))
    listed = ", ".join(f"{_cited(cite)} ({grams} g)" for cite, _, grams in cites)
    weighs = f" → {cooked} g" if cooked else ""
    return f"{_source(food)}: {listed}{weighs}"


def _said(portion: Portion, shown: Shown, locale: str) -> str:
    return f"{amount_said(portion.label, locale)} ({shown.grams(portion.grams)})"


def _hit(food: Food, shown: Shown) -> Hit:
    energy = shown.energy(food.nutrients.get("energy_kcal"))
    return Hit(food.id, food.name, food.brand or "", _source(food), f"{energy} / 100 g")


def _written(code: str, value: float, shown: Shown) -> str:
    unit = BY_CODE[code].unit
    if unit != "kcal":
        return shown.amount(value, unit)
    # As labels do, in both units.
    return f"{shown.number(value * KJ_PER_KCAL)} kJ / {shown.number(value)} kcal"


def _view(food: Food, locale: str, shown: Shown) -> FoodView:
    known = food.nutrients
    default = next((portion for portion in food.portions if portion.is_default), None)
    ordered = sorted(food.portions, key=lambda portion: portion is not default)
    return FoodView(
        id=food.id,
        name=named(food, locale),
        brand=food.brand or "",
        is_own=food.id.startswith("own:"),
        version=food.version,
        units=[
            *((portion.label, _said(portion, shown, locale)) for portion in ordered),
            ("g", "g"),
        ],
        nutrients=[
            Amount(_name(code), _written(code, known[code], shown))
            for code in CODES
            if code in known
        ],
        unknown=[_name(code) for code in CODES if code not in known],
        source_text=_full_source(food),
        figures=[
            (code, _label(code), f"{known[code]:.6g}" if code in known else "") for code in FIGURES
        ],
    )


def _kinds() -> list[tuple[str, str]]:
    return [
        ("", gettext("by the time of day")),
        ("breakfast", gettext("Breakfast")),
        ("lunch", gettext("Lunch")),
        ("dinner", gettext("Dinner")),
        ("snack", gettext("Snack")),
    ]


@get("/foods", include_in_schema=False)
async def foods_page(request: AnyRequest, db: DbIn, person: PersonIn, locale: LocaleIn) -> Page:
    """Search; nothing typed shows what the person logs most."""
    return await _foods(request, db, person, locale, request.query_params.get("q", "")[:200])


async def _foods(
    request: AnyRequest, db: Db, person: Person, locale: str, q: str,
    problem: Problem | None = None, given: Fields | None = None,
) -> Page:  # fmt: skip
    given = given or Fields({})
    shown = Shown(locale=locale, zone=person.zone)
    found = await find(db, person, q.replace("\0", ""), limit=30, locale=locale)
    return render(
        request,
        "foods.html",
        status=problem.status if problem else 200,
        here="foods",
        q=q,
        given={name: given.text(name) for name in GIVEN},
        hits=[_hit(food, shown) for food in found],
        figures=[(code, _label(code)) for code in FIGURES],
        wrong=_told(problem),
    )


def _told(problem: Problem | None) -> str:
    if problem is None:
        return ""
    return " ".join([told(problem), *errors_of(problem).values()])


def _amounts(fields: Fields) -> dict[str, float]:
    return {code: value for code in FIGURES if (value := fields.number(code)) is not None}


def _new_food(fields: Fields) -> NewFood:
    grams = fields.number("portion_grams")
    label = fields.text("portion") or gettext("1 portion")
    portions = [] if grams is None else [{"label": label, "grams": grams, "is_default": True}]
    given = {
        "name": fields.text("name"),
        "nutrients": _amounts(fields),
        "portions": portions,
        "barcode": fields.text("barcode") or None,
    }
    return accepted(given, NewFood, "food")


@post("/foods", include_in_schema=False)
async def make_food(
    request: AnyRequest, db: DbIn, person: PersonIn, locale: LocaleIn, idempotency_key: KeyIn
) -> Page:
    """Make an own food."""
    fields = await fields_of(request)
    try:
        new = _new_food(fields)
        await done_once(
            db, person, idempotency_key, request, lambda tx: own.create_food(tx, person, new)
        )
    except Problem as problem:
        return await _foods(request, db, person, locale, "", problem, fields)
    return seen("/foods")


@get("/foods/{food_id:str}", include_in_schema=False)
async def food_page(
    request: AnyRequest, db: DbIn, person: PersonIn, locale: LocaleIn, food_id: str
) -> Page:
    """A food."""
    return await _food(request, db, person, locale, food_id)


async def _food(
    request: AnyRequest, db: Db, person: Person, locale: str, food_id: str,
    problem: Problem | None = None,
) -> Page:  # fmt: skip
    found = await food_by_id(db, person, food_id)
    shown = Shown(locale=locale, zone=person.zone)
    return render(
        request,
        "food.html",
        status=problem.status if problem else 200,
        here="foods",
        view=_view(found, locale, shown),
        kinds=_kinds(),
        kind="",
        day=request.query_params.get("day", "")[:10].replace("\0", ""),
        wrong=_told(problem),
    )


def _since(fields: Fields) -> date:
    text = fields.text("since")
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = "is needed: the day from which everything shall change, as 2026-05-31."
        raise Invalid(f"A day {message}", errors=(FieldError("since", message),)) from None


def _change(was: Food, fields: Fields) -> FoodChange:
    """What the form says; figures that it does not show are kept."""
    applies = fields.text("applies") or "now"
    hidden = {code: value for code, value in was.nutrients.items() if code not in FIGURES}
    given = {
        "name": fields.text("name"),
        "nutrients": hidden | _amounts(fields),
        "applies": applies,
        "since": _since(fields) if applies == "since" else None,
    }
    return accepted(given, FoodChange, "food")


@post("/foods/{food_id:str}", include_in_schema=False)
async def change_food(
    request: AnyRequest, db: DbIn, person: PersonIn, locale: LocaleIn, food_id: str
) -> Page:
    """A new version of an own food."""
    fields = await fields_of(request)
    try:
        was = await food_by_id(db, person, food_id)
        change = _change(was, fields)
        await own.edit_food(db, person, food_id, change, if_match=fields.version())
    except Problem as problem:
        return await _food(request, db, person, locale, food_id, problem)
    return seen(f"/foods/{food_id}")


@post("/foods/{food_id:str}/undo", include_in_schema=False)
async def undo_food(request: AnyRequest, db: DbIn, person: PersonIn, food_id: str) -> Page:
    """Take back the last edit; sent twice, once."""
    with suppress(Stale):
        await own.undo_edit(db, person, food_id, if_match=(await fields_of(request)).version())
    return seen(f"/foods/{food_id}")


@post("/foods/{food_id:str}/delete", include_in_schema=False)
async def drop_food(db: DbIn, person: PersonIn, food_id: str) -> Page:
    """Delete an own food; what was logged from it stays."""
    await own.delete_food(db, person, food_id)
    return seen("/foods")


pages: Final = [foods_page, make_food, food_page, change_food, undo_food, drop_food]
