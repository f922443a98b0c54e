"""The catalogue over HTTP: `/api/foods`."""

from typing import Annotated, Any, Final, Literal

from litestar import Request, Response, delete, get, patch, post
from litestar.params import JSONBody, PathParameter, QueryParameter

from hearth.core.db import Transaction
from hearth.core.errors import FieldError, Invalid
from hearth.foods import catalogue, own, search
from hearth.foods.barcodes import canonical
from hearth.foods.catalogue import in_locale
from hearth.foods.foods import Food
from hearth.foods.own import FoodChange, NewFood
from hearth.web import (
    After,
    DbIn,
    IfMatchIn,
    KeyIn,
    Limit,
    LocaleIn,
    Page,
    PersonIn,
    created,
    versioned,
)

_READ: Final = {"scope": "foods:read"}
_WRITE: Final = {"scope": "foods:write"}
Typed = Annotated[
    str, QueryParameter(max_length=400, description="Words of the name, or a barcode.")
]
Wanted = Annotated[
    Literal["en", "sv", "sr-Latn", "sr-Cyrl"] | None,
    QueryParameter(name="locale", description="The language of names; yours when left out."),
]
FoodId = Annotated[str, PathParameter(max_length=100)]


@get("/api/foods", tags=["foods"], opt=_READ)
async def find_foods(
    db: DbIn,
    person: PersonIn,
    locale: LocaleIn,
    q: Typed = "",
    wanted: Wanted = None,
    after: After = None,
    limit: Limit = 20,
) -> Page[Food]:
    """Foods whose names hold the words, best first. Without words: what you log most."""
    past = _past(after)
    foods = await search.find(db, person, q, limit=limit, past=past, locale=wanted or locale)
    more = len(foods) == limit and past + limit < search.MAX_DEPTH
    return Page(foods, str(past + limit) if more else None)


@get("/api/foods/own", tags=["foods"], opt=_READ)
async def list_own_foods(
    db: DbIn, person: PersonIn, after: After = None, limit: Limit = 50
) -> Page[Food]:
    """Your own foods, in the order in which you made them."""
    foods = await own.own_foods(db, person, after=after or "", limit=limit)
    return Page(foods, foods[-1].id if len(foods) == limit else None)


@get("/api/foods/barcode/{code:str}", tags=["foods"], opt=_READ)
async def food_by_barcode(db: DbIn, person: PersonIn, locale: LocaleIn, code: FoodId) -> Page[Food]:
    """Foods with this barcode in any printed form: your own first. None known: an empty list."""
    if canonical(code) is None:
        raise Invalid(
            "This is not a barcode: the digits are too few or too many, or one is wrong.",
            errors=(FieldError("code", "Compare the digits with those under the bars."),),
        )
    return Page([in_locale(food, locale) for food in await catalogue.by_barcode(db, person, code)])


@get("/api/foods/{food_id:str}", tags=["foods"], opt=_READ)
async def show_food(
    db: DbIn, person: PersonIn, locale: LocaleIn, food_id: FoodId
) -> Response[Food]:
    """One food with its nutrients per 100 g and its portions."""
    food = await catalogue.food(db, person, food_id, locale=locale)
    return versioned(food, food.version)


@post("/api/foods", tags=["foods"], opt=_WRITE)
async def create_own_food(
    db: DbIn,
    person: PersonIn,
    idempotency_key: KeyIn,
    request: Request[Any, Any, Any],
    data: JSONBody[NewFood],
) -> Response[Food]:
    """A food of your own. Amounts are per 100 g; leave out what you do not know."""

    async def work(tx: Transaction) -> Food:
        return await own.create_food(tx, person, data)

    return await created(db, person, idempotency_key, request, work)


@patch("/api/foods/{food_id:str}", tags=["foods"], opt=_WRITE)
async def change_own_food(
    db: DbIn, person: PersonIn, if_match: IfMatchIn, food_id: FoodId, data: JSONBody[FoodChange]
) -> Response[Food]:
    """Change a food of your own: from now on, since a day, or for all that you logged before."""
    food = await own.edit_food(db, person, food_id, data, if_match=if_match)
    return versioned(food, food.version)


@delete("/api/foods/{food_id:str}", tags=["foods"], opt=_WRITE)
async def delete_own_food(db: DbIn, person: PersonIn, food_id: FoodId) -> None:
    """Delete a food of your own. What you logged from it stays."""
    await own.delete_food(db, person, food_id)


@post("/api/foods/{food_id:str}/undo", tags=["foods"], opt=_WRITE, status_code=200)
async def undo_own_food(db: DbIn, person: PersonIn, food_id: FoodId) -> Response[Food]:
    """Take back the latest edit of a food of your own, or its deletion."""
    food = await own.undo_edit(db, person, food_id)
    return versioned(food, food.version)


def _past(after: str | None) -> int:
    if after is None:
        return 0
    if not (after.isascii() and after.isdigit() and int(after) <= search.MAX_DEPTH):
        raise Invalid(
            "`after` is not a place in this list.",
            errors=(FieldError("after", "Take `next` of the page before."),),
        )
    return int(after)


routes: Final = [
    find_foods, list_own_foods, food_by_barcode, show_food, create_own_food, change_own_food,
    delete_own_food, undo_own_food,
]  # fmt: skip
