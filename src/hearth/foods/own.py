"""A person's own foods, their versions, and how often each food is used.

An edit makes a new version that applies from now, since a day, or to all of the past; it can be
undone. What an edit changes in the past is told as `FoodEdited`; the diary redoes its items then.
"""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, Meta, UnsetType

from hearth.core.db import Db, Transaction
from hearth.core.errors import Conflict, FieldError, Invalid, NotFound, Stale
from hearth.core.jobs import tell
from hearth.core.sql import Statements
from hearth.core.values import new_id, now
from hearth.foods import quality, words
from hearth.foods.barcodes import canonical
from hearth.foods.foods import CarbBasis, Food, Portion
from hearth.foods.nutrients import BY_CODE, to_column
from hearth.foods.stored import FOOD_COLUMNS
from hearth.people import Person

# PostgreSQL keeps no NUL, and nobody types the other control characters.
TEXT: Final = r"^[^\x00-\x1f\x7f]*$"
Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=TEXT)]
Amount = Annotated[float, Meta(ge=0, le=1e8)]
Density = Annotated[float, Meta(ge=0.01, le=25)]
Applies = Literal["now", "since", "all"]


class NewPortion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A portion as a person states it."""

    label: Annotated[str, Meta(min_length=1, max_length=100, pattern=TEXT)]
    grams: Annotated[float, Meta(gt=0, le=50_000)]
    unit: Annotated[str, Meta(max_length=30, pattern=TEXT)] = ""
    is_default: bool = False


Portions = Annotated[list[NewPortion], Meta(max_length=50)]
Aliases = Annotated[list[Name], Meta(max_length=50)]
Amounts = Annotated[
    dict[str, Amount],
    Meta(max_length=100, extra_json_schema={"propertyNames": {"enum": list(BY_CODE)}}),
]
Code = Annotated[str, Meta(min_length=8, max_length=20)]


class NewFood(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A food as a person states it; `nutrients` per 100 g, what is left out is unknown."""

    name: Name
    nutrients: Amounts
    aliases: Aliases = []
    brand: Name | None = None
    category: Name | None = None
    portions: Portions = []
    density_g_ml: Density | None = None
    barcode: Code | None = None
    carb_basis: CarbBasis = "total"


class FoodChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An edit: what is left out stays. `applies` says to which days, `since` the first of them."""

    name: Name | UnsetType = UNSET
    nutrients: Amounts | UnsetType = UNSET
    aliases: Aliases | UnsetType = UNSET
    brand: Name | UnsetType | None = UNSET
    category: Name | UnsetType | None = UNSET
    portions: Portions | UnsetType = UNSET
    density_g_ml: Density | UnsetType | None = UNSET
    barcode: Code | UnsetType | None = UNSET
    carb_basis: CarbBasis | UnsetType = UNSET
    applies: Applies = "now"
    since: date | None = None


class FoodEdited(msgspec.Struct, frozen=True):
    """A person's own food changed for the past: from `since` on, or for all of it when None.

    `version` is the one that is current now. What applies to each day: `own_food_on`. When an edit
    is taken back, `since` is None: what was logged with it for any day is to be redone.
    """

    person_id: UUID
    food_id: str
    version: int
    since: date | None


class Habit(msgspec.Struct, frozen=True):
    """How often a person logged a food."""

    food_id: str
    times: int


_statements = Statements.beside(__file__)
LOCK_OWN: Final = _statements.rows("lock_own", bool)
ADD_OWN: Final = _statements.change("add_own")
ADD_VERSION: Final = _statements.change("add_version")
NEWEST_VERSION: Final = _statements.rows("newest_version", int)
OWN_CURRENT: Final = _statements.rows("own_current", Food, **FOOD_COLUMNS)
OWN_PAGE: Final = _statements.rows("own_page", Food, **FOOD_COLUMNS)
OWN_SAID: Final = _statements.rows("own_said", Food, **FOOD_COLUMNS)
OWN_WITH_BARCODE: Final = _statements.rows("own_with_barcode", Food, **FOOD_COLUMNS)
OWN_ON: Final = _statements.rows("own_on", Food, **FOOD_COLUMNS)
UNDO_VERSION: Final = _statements.change("undo_version")
HIDE_OWN: Final = _statements.change("hide_own")
SHOW_OWN: Final = _statements.change("show_own")
HABITS: Final = _statements.rows("habits", Habit)
NOTE_USE: Final = _statements.change("note_use")


def checked(new: NewFood) -> Food:
    """`new` as a food without its id. Raises `Invalid` that names what cannot be true."""
    errors = [
        FieldError(f"nutrients.{code}"[:100], "There is no nutrient with this code.")
        for code in new.nutrients
        if code not in BY_CODE
    ]
    barcode = canonical(new.barcode) if new.barcode else None
    if new.barcode and barcode is None:
        errors.append(
            FieldError("barcode", "The check digit is wrong. Compare it with the package.")
        )
    if not words.words(new.name):
        errors.append(FieldError("name", "The name needs at least one letter or digit."))
    if not errors and (reason := quality.impossible(new.nutrients, new.carb_basis)):
        errors.append(FieldError("nutrients", f"Amounts are per 100 g, and {reason}."))
    if errors:
        raise Invalid("This food cannot be saved as it is.", errors=tuple(errors))
    return Food(
        id="own:",
        name=new.name.strip(),
        nutrients={code: round(amount, 6) for code, amount in new.nutrients.items()},
        aliases=tuple(new.aliases),
        brand=new.brand,
        category=new.category,
        portions=tuple(Portion(p.label, p.grams, p.unit, p.is_default) for p in new.portions),
        density_g_ml=new.density_g_ml,
        barcode=barcode.text if barcode else None,
        carb_basis=new.carb_basis,
        source="own",
    )


def merged(food: Food, change: FoodChange) -> NewFood:
    """The food as it will be: the change over what it is now."""
    before = {
        "name": food.name, "nutrients": food.nutrients, "aliases": list(food.aliases),
        "brand": food.brand, "category": food.category, "density_g_ml": food.density_g_ml,
        "portions": [NewPortion(p.label, p.grams, p.unit, p.is_default) for p in food.portions],
        "barcode": food.barcode, "carb_basis": food.carb_basis,
    }  # fmt: skip
    given = {field: getattr(change, field) for field in before}
    return NewFood(**before | {field: new for field, new in given.items() if new is not UNSET})


def own_key(food_id: str) -> UUID:
    """The uuid in `own:<uuid>`; anything else is `NotFound`, because it is nobody's own food."""
    try:
        if food_id.startswith("own:"):
            return UUID(food_id.removeprefix("own:"))
    except ValueError:
        pass
    raise NotFound("Only your own foods can be changed, and this is not one of them.")


async def create_food(db: Db, person: Person, new: NewFood) -> Food:
    """A new food of the person. Raises `Invalid` when its figures cannot be true."""
    food, key = checked(new), new_id()
    async with db.transaction(person.id) as tx:
        await tx.run(ADD_OWN, person.id, food_id=key)
        first = _columns(food, key, 1, None)
        await tx.run(ADD_VERSION, person.id, **first, to_past=False)
    return msgspec.structs.replace(food, id=f"own:{key}", version=1)


async def edit_food(
    db: Db, person: Person, food_id: str, change: FoodChange, *, if_match: int | None = None
) -> Food:
    """A new version of an own food. Raises `Stale` when `if_match` is not its current version."""
    key = own_key(food_id)
    valid_from = _valid_from(person, change)
    async with db.transaction(person.id) as tx:
        await _locked(tx, person, key)
        before = await _current(tx, person, key)
        _demand(before, if_match)
        after = checked(merged(before, change))
        version = 1 + await tx.one(NEWEST_VERSION, person.id, food_id=key)
        to_past = change.applies != "now"
        columns = _columns(after, key, version, valid_from)
        await tx.run(ADD_VERSION, person.id, **columns, to_past=to_past)
        if to_past:
            await tell(tx, FoodEdited(person.id, before.id, version, valid_from))
    return msgspec.structs.replace(after, id=before.id, version=version)


async def undo_edit(db: Db, person: Person, food_id: str, *, if_match: int | None = None) -> Food:
    """Takes back the latest edit, or the deletion. Raises `Conflict` when there is neither.

    `if_match` is the version to take back; when it is current no more, `Stale`.
    """
    key = own_key(food_id)
    async with db.transaction(person.id) as tx:
        if await _locked(tx, person, key, deleted=True):
            await tx.run(SHOW_OWN, person.id, food_id=key)
            return await _current(tx, person, key)
        undone = await _current(tx, person, key)
        _demand(undone, if_match)
        if undone.version == 1:
            raise Conflict("This food was never edited, so there is nothing to undo.")
        await tx.run(UNDO_VERSION, person.id, food_id=key, version=undone.version)
        current = await _current(tx, person, key)
        await tell(tx, FoodEdited(person.id, current.id, current.version, None))
    return current


async def delete_food(db: Db, person: Person, food_id: str) -> None:
    """The food is no longer found. What was logged from it stays; `undo_edit` brings it back."""
    key = own_key(food_id)
    async with db.transaction(person.id) as tx:
        await _locked(tx, person, key)
        await tx.run(HIDE_OWN, person.id, food_id=key)


async def own_foods(db: Db, person: Person, *, after: str = "", limit: int = 50) -> list[Food]:
    """The person's own foods, oldest first, after the food with the id `after`."""
    key = own_key(after) if after else UUID(int=0)
    return await db.all(OWN_PAGE, person.id, after=key, many=limit)


async def own_foods_said(
    db: Db, person: Person, beginnings: Sequence[str], *, limit: int
) -> list[Food]:
    """The person's own foods with a word that begins like one of `beginnings` (folded, letters
    only), the most used first, then the newest."""
    wanted = [f"% {letters}%" for letters in beginnings if letters.isalnum()]
    if not wanted:
        return []
    return await db.all(OWN_SAID, person.id, beginnings=wanted, many=limit)


async def habits(db: Db, person: Person, *, limit: int = 100) -> dict[str, int]:
    """How often the person logged each of the foods that they log most, by food id."""
    found = await db.all(HABITS, person.id, many=limit)
    return {one.food_id: one.times for one in found}


async def own_foods_by_id(db: Db, person: Person, ids: Sequence[str]) -> list[Food]:
    """Those of the person's own foods with these ids; malformed ids are nobody's."""
    keys = []
    for food_id in ids:
        try:
            keys.append(own_key(food_id))
        except NotFound:
            continue
    return await db.all(OWN_CURRENT, person.id, ids=keys) if keys else []


async def own_foods_by_barcode(db: Db, person: Person, barcode: str) -> list[Food]:
    """The person's own foods with a canonical barcode."""
    return await db.all(OWN_WITH_BARCODE, person.id, barcode=barcode)


async def own_food_on(
    db: Db, person_id: UUID, food_id: str, on_day: date, *, held: int | None = None
) -> Food:
    """What an own food held on a day, by the latest edit that applies to it; also when deleted.

    For what was logged with the version `held`, later edits count only if they apply to the past.
    """
    return await db.one(OWN_ON, person_id, food_id=own_key(food_id), on_day=on_day, held=held)


async def note_use(tx: Transaction, person: Person, food_ids: Sequence[str]) -> None:
    """Counts one use of each food, so that search shows what is often logged first."""
    if ids := sorted(set(food_ids)):
        await tx.run(NOTE_USE, person.id, ids=ids)


async def _locked(tx: Transaction, person: Person, key: UUID, *, deleted: bool = False) -> bool:
    """Whether the food is deleted. Raises `NotFound` when it is and `deleted` does not allow it."""
    gone = await tx.maybe(LOCK_OWN, person.id, food_id=key)
    if gone is None or (gone and not deleted):
        raise NotFound("There is no such food of yours.")
    return gone


def _demand(food: Food, if_match: int | None) -> None:
    if if_match is not None and if_match != food.version:
        raise Stale(f"This food is at version {food.version}. Load it again and repeat the edit.")


async def _current(tx: Transaction, person: Person, key: UUID) -> Food:
    return await tx.one(OWN_CURRENT, person.id, ids=[key])


def _valid_from(person: Person, change: FoodChange) -> date | None:
    if change.applies == "since" and change.since is None:
        raise Invalid(
            "An edit since a day needs that day.",
            errors=(FieldError("since", "Give the first day, as 2026-05-31."),),
        )
    today = now().astimezone(ZoneInfo(person.zone)).date()
    if change.applies == "since" and change.since and change.since > today:
        raise Invalid(
            "An edit applies from a day in the past or from today.",
            errors=(FieldError("since", "This day lies ahead."),),
        )
    return {"now": today, "since": change.since, "all": None}[change.applies]


def _columns(food: Food, key: UUID, version: int, valid_from: date | None) -> dict[str, Any]:
    return {
        "food_id": key,
        "version": version,
        "valid_from": valid_from,
        "name": food.name,
        "names": food.names,
        "aliases": list(food.aliases),
        "brand": food.brand,
        "category": food.category,
        "portions": food.portions,
        "nutrients": to_column(food.nutrients),
        "density_g_ml": food.density_g_ml,
        "barcode": food.barcode,
        "carb_basis": food.carb_basis,
        "norm": words.norm(food),
    }
