"""Foods of the shared catalogue: by id, by barcode, and all that sentences are read with."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Any, Final

import msgspec

from hearth.core.db import SYSTEM, Db
from hearth.core.errors import NotFound
from hearth.core.sql import Statement, Statements
from hearth.foods import own, quality, words
from hearth.foods.barcodes import canonical
from hearth.foods.foods import Food, named
from hearth.foods.nutrients import to_column
from hearth.foods.stored import FOOD_COLUMNS
from hearth.people import Person

TIERS: Final = {"starter": 0, "fndds": 1, "sr": 2, "foundation": 2, "branded": 3, "off": 3}
# A prior in the currency of scans: foods as eaten before ingredients before packages.
POPULARITY: Final = {"starter": 1000, "fndds": 500, "sr": 200, "foundation": 150, "branded": 5}
PAGE: Final = 1000

COLUMNS: Final = (
    "id", "tier", "name", "names", "aliases", "brand", "category", "portions", "nutrients",
    "density_g_ml", "barcode", "carb_basis", "source", "norm", "popularity", "processing", "flags",
    "released",
)  # fmt: skip


class SourceCount(msgspec.Struct, frozen=True):
    """How many foods the catalogue has of one source."""

    source: str
    foods: int


_statements = Statements.beside(__file__)
FOODS_BY_ID: Final[Statement[Food]] = _statements.rows("foods_by_id", Food, **FOOD_COLUMNS)
FOODS_BY_BARCODE: Final = _statements.rows("foods_by_barcode", Food, **FOOD_COLUMNS)
READABLE_AFTER: Final = _statements.rows("readable_after", Food, **FOOD_COLUMNS)
COUNTS: Final = _statements.rows("counts", SourceCount)


def record(
    food: Food, *, released: date | None, popularity: int | None = None, extra: Sequence[str] = ()
) -> tuple[Any, ...]:
    """The row of `COLUMNS` that a bulk import copies for a food."""
    source = food.id.partition(":")[0]
    tier = TIERS[source]
    return (
        food.id, tier, food.name, _json(food.names), list(food.aliases), food.brand, food.category,
        _json(food.portions), to_column(food.nutrients), food.density_g_ml, food.barcode,
        food.carb_basis, food.source, words.norm(food),
        POPULARITY[source] if popularity is None else popularity,
        words.processing(food, tier),
        [*quality.flags(food.nutrients, food.carb_basis), *extra],
        released,
    )  # fmt: skip


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


async def foods_by_id(db: Db, person: Person | None, ids: Sequence[str]) -> dict[str, Food]:
    """The foods with these ids that there are and that are the person's to see, by id."""
    # A NUL, which PostgreSQL refuses as text, is in no id.
    shared = [food_id for food_id in ids if not food_id.startswith("own:") and "\0" not in food_id]
    found = await db.all(FOODS_BY_ID, _acting(db, person), ids=shared) if shared else []
    mine = [food_id for food_id in ids if food_id.startswith("own:")]
    if mine and person is not None:
        found += await own.own_foods_by_id(db, person, mine)
    return {food.id: food for food in found}


async def food(db: Db, person: Person | None, food_id: str, *, locale: str | None = None) -> Food:
    """One food, named in `locale` if given. Unknown, or another person's: `NotFound`."""
    found = (await foods_by_id(db, person, [food_id])).get(food_id)
    if found is None:
        raise NotFound(f"There is no food {food_id[:100]!r}.")
    return in_locale(found, locale) if locale else found


async def by_barcode(db: Db, person: Person | None, code: str) -> list[Food]:
    """Foods with this barcode in any of its printed forms: the person's own first, then the newest.

    Numbers that a shop gives itself find only the person's own. A wrong check digit finds nothing.
    """
    barcode = canonical(code)
    if barcode is None:
        return []
    mine = await own.own_foods_by_barcode(db, person, barcode.text) if person else []
    if barcode.internal:
        return mine
    return mine + await db.all(FOODS_BY_BARCODE, _acting(db, person), barcode=barcode.text)


async def everything_readable(db: Db) -> AsyncIterator[Food]:
    """All generic foods in the order of their ids: starter, survey, SR Legacy and Foundation."""
    after = ""
    while page := await db.all(READABLE_AFTER, SYSTEM, after=after, many=PAGE):
        for one in page:
            yield one
        after = page[-1].id


async def count_by_source(db: Db) -> list[SourceCount]:
    """How many foods there are of each source."""
    return await db.all(COUNTS, SYSTEM)


def in_locale(one: Food, locale: str) -> Food:
    """The food called by its name in `locale`."""
    name = named(one, locale)
    return one if name == one.name else msgspec.structs.replace(one, name=name)


def _acting(db: Db, person: Person | None) -> Any:
    # Inside somebody's transaction the catalogue is read on the same behalf.
    return getattr(db, "acting", person.id if person else None)
