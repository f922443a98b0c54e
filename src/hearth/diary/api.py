"""The JSON API of the diary: meals and days here, the rest in `measures_api`.

What two devices may edit answers with an ETag and takes If-Match; what creates takes an
Idempotency-Key.
"""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, patch, post
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from hearth.diary import changes, days, meals, measures_api
from hearth.diary.days import Day, DayRange
from hearth.diary.items import ItemChange, NewItem
from hearth.diary.meals import MOST_ITEMS, Meal, MealChange, NewCopy, NewMeal
from hearth.web import DbIn, IfMatchIn, KeyIn, PersonIn, created, versioned

AnyRequest = Request[object, object, State]
First = Annotated[date, QueryParameter(name="from", description="The first day.")]
Last = Annotated[date, QueryParameter(name="to", description="The last day, at most 399 days on.")]
Codes = Annotated[
    str,
    QueryParameter(
        max_length=2000, description="Nutrient codes with commas between; the main ones."
    ),
]
READ = {"scope": "diary:read"}
WRITE = {"scope": "diary:write"}
TAGS = ["diary"]


class MoreItems(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Items to log in a meal that is there."""

    items: Annotated[tuple[NewItem, ...], msgspec.Meta(min_length=1, max_length=MOST_ITEMS)]


class CopiedMeals(msgspec.Struct, frozen=True):
    """The meals that a copy of a day made."""

    meals: tuple[Meal, ...]


@post("/api/meals", tags=TAGS, opt=WRITE, summary="Log a meal")
async def log_meal(
    db: DbIn, person: PersonIn, idempotency_key: KeyIn, request: AnyRequest, data: NewMeal
) -> Response[Meal]:
    """Log a meal. Nutrients come from the foods and are kept as they are now."""
    return await created(
        db, person, idempotency_key, request, lambda tx: meals.log_meal(tx, person, data)
    )


@get("/api/meals/{meal_id:uuid}", tags=TAGS, opt=READ, summary="A meal")
async def get_meal(db: DbIn, person: PersonIn, meal_id: UUID) -> Response[Meal]:
    """A meal with its items, every nutrient and where it came from."""
    meal = await meals.meal(db, person, meal_id)
    return versioned(meal, meal.version)


@patch("/api/meals/{meal_id:uuid}", tags=TAGS, opt=WRITE, summary="Change a meal")
async def change_meal(
    db: DbIn, person: PersonIn, if_match: IfMatchIn, meal_id: UUID, data: MealChange
) -> Response[Meal]:
    """Change what is given. `items` is the whole list: with `id` an item that is there."""
    meal = await changes.change_meal(db, person, meal_id, data, if_match=if_match)
    return versioned(meal, meal.version)


@delete("/api/meals/{meal_id:uuid}", tags=TAGS, opt=WRITE, summary="Delete a meal")
async def delete_meal(db: DbIn, person: PersonIn, if_match: IfMatchIn, meal_id: UUID) -> None:
    """Delete a meal; undo brings it back within 30 days."""
    await changes.delete_meal(db, person, meal_id, if_match=if_match)


@post("/api/meals/{meal_id:uuid}/undo", tags=TAGS, opt=WRITE, summary="Undo")
async def undo_meal(
    db: DbIn, person: PersonIn, idempotency_key: KeyIn, request: AnyRequest, meal_id: UUID
) -> Response[Meal]:
    """Take back the last change of a meal, or its deletion."""
    return await created(
        db, person, idempotency_key, request, lambda tx: changes.undo_meal(tx, person, meal_id)
    )


@post("/api/meals/{meal_id:uuid}/copies", tags=TAGS, opt=WRITE, summary="Copy a meal")
async def copy_meal(
    db: DbIn,
    person: PersonIn,
    idempotency_key: KeyIn,
    request: AnyRequest,
    meal_id: UUID,
    data: NewCopy,
) -> Response[Meal]:
    """The same meal once more, on a day (today), at the same time on the wall."""
    return await created(
        db, person, idempotency_key, request, lambda tx: meals.copy_meal(tx, person, meal_id, data)
    )


@post("/api/meals/{meal_id:uuid}/items", tags=TAGS, opt=WRITE, summary="Log more items")
async def add_items(
    db: DbIn,
    person: PersonIn,
    idempotency_key: KeyIn,
    request: AnyRequest,
    meal_id: UUID,
    data: MoreItems,
) -> Response[Meal]:
    """Log more items in a meal that is there."""
    return await created(
        db,
        person,
        idempotency_key,
        request,
        lambda tx: changes.add_items(tx, person, meal_id, data.items),
    )


@patch("/api/meals/{meal_id:uuid}/items/{item_id:uuid}", tags=TAGS, opt=WRITE)
async def change_item(
    db: DbIn,
    person: PersonIn,
    if_match: IfMatchIn,
    meal_id: UUID,
    item_id: UUID,
    data: ItemChange,
) -> Response[Meal]:
    """Change one item; If-Match is the meal's ETag. The meal as it is then."""
    ids = (meal_id, item_id)
    meal = await changes.change_item(db, person, ids, data, if_match=if_match)
    return versioned(meal, meal.version)


@delete("/api/meals/{meal_id:uuid}/items/{item_id:uuid}", tags=TAGS, opt=WRITE)
async def remove_item(
    db: DbIn, person: PersonIn, if_match: IfMatchIn, meal_id: UUID, item_id: UUID
) -> None:
    """Take one item out of a meal; undo brings it back. If-Match is the meal's ETag."""
    await changes.remove_item(db, person, (meal_id, item_id), if_match=if_match)


@get("/api/days/{on:date}", tags=TAGS, opt=READ, summary="A day")
async def get_day(db: DbIn, person: PersonIn, on: date) -> Day:
    """A day: meals, totals with their coverage, what is unknown, goals and weight."""
    return await days.day(db, person, on)


@get("/api/days", tags=TAGS, opt=READ, summary="A range of days")
async def get_days(
    db: DbIn, person: PersonIn, first: First, last: Last, nutrients: Codes = ""
) -> DayRange:
    """The days of a range that have something in them, with sums of some nutrients."""
    wanted = [code.strip() for code in nutrients.split(",") if code.strip()]
    return await days.days(db, person, first, last, wanted)


@post("/api/days/{on:date}/copies", tags=TAGS, opt=WRITE, summary="Copy a day")
async def copy_day(
    db: DbIn,
    person: PersonIn,
    idempotency_key: KeyIn,
    request: AnyRequest,
    on: date,
    data: NewCopy,
) -> Response[CopiedMeals]:
    """Every meal of a day once more on another day (today)."""

    async def copied(tx: DbIn) -> CopiedMeals:
        return CopiedMeals(await meals.copy_day(tx, person, on, data))

    return await created(db, person, idempotency_key, request, copied)


routes: list[HTTPRouteHandler] = [
    log_meal,
    get_meal,
    change_meal,
    delete_meal,
    undo_meal,
    copy_meal,
    add_items,
    change_item,
    remove_item,
    get_day,
    get_days,
    copy_day,
    *measures_api.routes,
]
