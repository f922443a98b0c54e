"""The JSON API of the diary: meals and days; weights, goals and settings.

What two devices may edit answers with an ETag and takes If-Match; what creates takes an
Idempotency-Key.
"""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, cast
from uuid import UUID

import msgspec
from litestar import MediaType, Request, Response, delete, get, patch, post, put
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter
from litestar.response import Stream

from hearth.core.values import now
from hearth.diary import changes, days, goals, meals, seen, settings, weights
from hearth.diary import export as exports
from hearth.diary.days import Day, DayRange
from hearth.diary.export import Export
from hearth.diary.goals import Goal, Goals, NewGoal
from hearth.diary.items import ItemChange, NewItem
from hearth.diary.meals import MOST_ITEMS, Meal, MealChange, NewCopy, NewMeal
from hearth.diary.settings import Settings, SettingsChange
from hearth.diary.weights import NewWeight, Weight, WeightChange
from hearth.web import DbIn, IfMatchIn, KeyIn, Limit, Page, PersonIn, created, versioned

AnyRequest = Request[object, object, State]
First = Annotated[date, QueryParameter(name="from", description="The first day.")]
Last = Annotated[date, QueryParameter(name="to", description="The last day, at most 399 days on.")]
Codes = Annotated[
    str,
    QueryParameter(
        max_length=2000, description="Nutrient codes with commas between; the main ones."
    ),
]
Start = Annotated[date, QueryParameter(name="from", description="The first day; all.")]
End = Annotated[date, QueryParameter(name="to", description="The last day; all.")]
After = Annotated[UUID | None, QueryParameter(description="`next` of the page before.")]
READ = {"scope": "diary:read"}
WRITE = {"scope": "diary:write"}
TAGS = ["diary"]


class MoreItems(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Items to log in a meal that is there."""

    items: Annotated[Sequence[NewItem], msgspec.Meta(min_length=1, max_length=MOST_ITEMS)]


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
async def get_day(db: DbIn, person: PersonIn, request: AnyRequest, on: date) -> Response[Day]:
    """A day: meals, totals with their coverage, what is unknown, goals and weight.

    The ETag changes with the diary; If-None-Match answers 304 while it stands still.
    """
    anew = "no-cache" in request.headers.get("cache-control", "")
    answer = await seen.day_as_json(db, person, on, anew=anew)
    headers = {"ETag": answer.etag}
    if request.headers.get("if-none-match") == headers["ETag"] and not anew:
        return Response(cast(Any, b""), status_code=304, headers=headers)
    return Response(cast(Any, answer.body), media_type=MediaType.JSON, headers=headers)


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


# ------------------------------------------------- weights, goals, settings


@post("/api/weights", tags=TAGS, opt=WRITE, summary="Note a weight")
async def weigh(
    db: DbIn, person: PersonIn, idempotency_key: KeyIn, request: AnyRequest, data: NewWeight
) -> Response[Weight]:
    """Note a weighing, in kg or lb; a day may have several."""
    return await created(
        db, person, idempotency_key, request, lambda tx: weights.weigh(tx, person, data)
    )


@get("/api/weights", tags=TAGS, opt=READ, summary="Weights")
async def list_weights(
    db: DbIn,
    person: PersonIn,
    first: Start = date(1900, 1, 1),
    last: End = date(9999, 12, 31),
    after: After = None,
    limit: Limit = 100,
) -> Page[Weight]:
    """Weighings, the latest first."""
    page = await weights.weights(db, person, first, last, after=after, limit=limit)
    return Page(page.weights, str(page.after) if page.after else None)


@get("/api/weights/{weight_id:uuid}", tags=TAGS, opt=READ, summary="A weight")
async def get_weight(db: DbIn, person: PersonIn, weight_id: UUID) -> Response[Weight]:
    """One weighing."""
    weight = await weights.weight(db, person, weight_id)
    return versioned(weight, weight.version)


@patch("/api/weights/{weight_id:uuid}", tags=TAGS, opt=WRITE, summary="Change a weight")
async def change_weight(
    db: DbIn, person: PersonIn, if_match: IfMatchIn, weight_id: UUID, data: WeightChange
) -> Response[Weight]:
    """Change what is given of a weighing."""
    weight = await weights.change_weight(db, person, weight_id, data, if_match=if_match)
    return versioned(weight, weight.version)


@delete("/api/weights/{weight_id:uuid}", tags=TAGS, opt=WRITE, summary="Delete a weight")
async def delete_weight(db: DbIn, person: PersonIn, if_match: IfMatchIn, weight_id: UUID) -> None:
    """Delete a weighing; undo brings it back within 30 days."""
    await weights.delete_weight(db, person, weight_id, if_match=if_match)


@post("/api/weights/{weight_id:uuid}/undo", tags=TAGS, opt=WRITE, summary="Undo")
async def undo_weight(
    db: DbIn, person: PersonIn, idempotency_key: KeyIn, request: AnyRequest, weight_id: UUID
) -> Response[Weight]:
    """Take back the last change of a weighing, or its deletion."""
    return await created(
        db, person, idempotency_key, request, lambda tx: weights.undo_weight(tx, person, weight_id)
    )


@get("/api/goals", tags=TAGS, opt=READ, summary="Goals")
async def list_goals(db: DbIn, person: PersonIn) -> Goals:
    """Every goal, the newest first; each holds until the next."""
    return await goals.goals(db, person)


@get("/api/goals/{valid_from:date}", tags=TAGS, opt=READ, summary="The goal of a day")
async def get_goal(db: DbIn, person: PersonIn, valid_from: date) -> Response[Goal]:
    """The goal that holds on a day; its `valid_from` is the day from which it does."""
    goal = await goals.goal_on(db, person, valid_from)
    return versioned(goal, goal.version)


@put("/api/goals/{valid_from:date}", tags=TAGS, opt=WRITE, summary="Set a goal")
async def set_goal(
    db: DbIn, person: PersonIn, if_match: IfMatchIn, valid_from: date, data: NewGoal
) -> Response[Goal]:
    """Set what you aim for from a day on."""
    goal = await goals.set_goal(db, person, valid_from, data, if_match=if_match)
    return versioned(goal, goal.version)


@delete("/api/goals/{valid_from:date}", tags=TAGS, opt=WRITE, summary="Delete a goal")
async def delete_goal(db: DbIn, person: PersonIn, if_match: IfMatchIn, valid_from: date) -> None:
    """Delete the goal that begins on a day; undo brings it back within 30 days."""
    await goals.delete_goal(db, person, valid_from, if_match=if_match)


@post("/api/goals/{valid_from:date}/undo", tags=TAGS, opt=WRITE, summary="Undo")
async def undo_goal(
    db: DbIn, person: PersonIn, idempotency_key: KeyIn, request: AnyRequest, valid_from: date
) -> Response[Goal]:
    """Take back the last change of the goal that begins on a day, or its deletion."""
    return await created(
        db, person, idempotency_key, request, lambda tx: goals.undo_goal(tx, person, valid_from)
    )


@get("/api/settings", tags=TAGS, opt=READ, summary="Settings")
async def get_settings(db: DbIn, person: PersonIn) -> Response[Settings]:
    """How amounts are shown."""
    current = await settings.settings(db, person)
    return versioned(current, current.version)


@patch("/api/settings", tags=TAGS, opt=WRITE, summary="Change settings")
async def change_settings(
    db: DbIn, person: PersonIn, if_match: IfMatchIn, data: SettingsChange
) -> Response[Settings]:
    """Change what is given of the settings."""
    changed = await settings.change_settings(db, person, data, if_match=if_match)
    return versioned(changed, changed.version)


@get(
    "/api/profile/export",
    tags=["profile"],
    opt={"scope": "profile:export"},
    summary="Take your data along",
    responses={200: ResponseSpec(Export, description="Everything", generate_examples=False)},
)
async def export(db: DbIn, person: PersonIn) -> Stream:
    """Everything that is yours as one JSON document: account, diary, goals, own foods and words."""
    name = f'attachment; filename="hearth-{now():%Y-%m-%d}.json"'
    return Stream(
        exports.export(db, person),
        media_type=MediaType.JSON,
        headers={"Content-Disposition": name, "Cache-Control": "no-store"},
    )


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
    weigh,
    list_weights,
    get_weight,
    change_weight,
    delete_weight,
    undo_weight,
    list_goals,
    get_goal,
    set_goal,
    delete_goal,
    undo_goal,
    get_settings,
    change_settings,
    export,
]
