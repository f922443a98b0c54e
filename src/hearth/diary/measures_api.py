"""The JSON API of weights, goals and settings."""

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Request, Response, delete, get, patch, post, put
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from hearth.diary import goals, settings, weights
from hearth.diary.goals import Goal, Goals, NewGoal
from hearth.diary.settings import Settings, SettingsChange
from hearth.diary.weights import NewWeight, Weight, WeightChange
from hearth.web import DbIn, IfMatchIn, KeyIn, Limit, Page, PersonIn, created, versioned

AnyRequest = Request[object, object, State]
First = Annotated[date, QueryParameter(name="from", description="The first day.")]
Last = Annotated[date, QueryParameter(name="to", description="The last day.")]
After = Annotated[UUID | None, QueryParameter(description="`next` of the page before.")]
READ = {"scope": "diary:read"}
WRITE = {"scope": "diary:write"}
TAGS = ["diary"]


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
    first: First = date(1900, 1, 1),
    last: Last = date(9999, 12, 31),
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


routes: list[HTTPRouteHandler] = [
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
]
