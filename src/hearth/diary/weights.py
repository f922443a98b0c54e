"""Weights: weighings of the body, as many a day as there are; stored in kg."""

from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from hearth.core.db import Db
from hearth.core.sql import Statements
from hearth.core.values import new_id, now
from hearth.diary import past
from hearth.diary.amounts import GRAMS
from hearth.diary.refusals import PLAIN, current, number, refused, text
from hearth.diary.times import when, zone_of
from hearth.diary.totals import plain
from hearth.people import Person

LEAST_KG: Final = 20.0
MOST_KG: Final = 500.0
KG_PER_LB: Final = GRAMS["lb"] / GRAMS["kg"]

Kilograms = Annotated[float, msgspec.Meta(ge=LEAST_KG, le=MOST_KG)]
Pounds = Annotated[float, msgspec.Meta(ge=44, le=1103)]
Note = Annotated[str, msgspec.Meta(max_length=500, extra_json_schema=PLAIN)]


class Weight(msgspec.Struct, frozen=True):
    """One weighing; `day` is the person's local day, `zone` where they were."""

    id: UUID
    day: date
    at: datetime
    zone: str
    kg: float
    note: str
    version: int


class NewWeight(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A weighing in `kg` or `lb`: now, or `at` a time (no offset: on the person's wall)."""

    kg: Kilograms | None = None
    lb: Pounds | None = None
    at: datetime | None = None
    note: Note = ""


class WeightChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to change of a weighing; what is left out stays."""

    kg: Kilograms | None = None
    lb: Pounds | None = None
    at: datetime | UnsetType = UNSET
    note: Note | UnsetType = UNSET


class Weights(msgspec.Struct, frozen=True):
    """A page of weighings, the latest first; `after` asks for the next page, None on the last."""

    weights: list[Weight]
    after: UUID | None


statements = Statements.beside(__file__)
ADD_WEIGHT = statements.change("add_weight")
WEIGHT = statements.rows("weight", Weight, kg=plain)
HOLD_WEIGHT = statements.rows("hold_weight", Weight, kg=plain)
WEIGHTS = statements.rows("weights", Weight, kg=plain)
PUT_WEIGHT = statements.change("put_weight")
DROP_WEIGHT = statements.change("drop_weight")


def kilograms(kg: float | None, lb: float | None) -> float:
    """The weight in kg from the one of the two that is given; a body weighs 20 to 500 kg."""
    if (kg is None) == (lb is None):
        raise refused("kg", "give the weight once, as kg or as lb.")
    if kg is not None:
        return number(kg, "kg", least=LEAST_KG, most=MOST_KG)
    pounds = lb or 0.0
    return number(pounds * KG_PER_LB, "lb, in kg,", least=LEAST_KG, most=MOST_KG)


async def weigh(db: Db, person: Person, new: NewWeight) -> Weight:
    """Note a weighing."""
    day, at = when(None, new.at, zone_of(person.zone), now())
    weight = Weight(
        id=new_id(),
        day=day,
        at=at or now(),
        zone=person.zone,
        kg=kilograms(new.kg, new.lb),
        note=text(new.note, "note", 500),
        version=1,
    )
    fields = msgspec.structs.asdict(weight)
    del fields["version"]
    await db.run(ADD_WEIGHT, person.id, **fields)
    return replace(weight, kg=plain(weight.kg))


async def weight(db: Db, person: Person, weight_id: UUID) -> Weight:
    """One weighing."""
    return await db.one(WEIGHT, person.id, id=weight_id)


async def weights(
    db: Db, person: Person, first: date, last: date, *, after: UUID | None = None, limit: int = 100
) -> Weights:
    """The weighings of the days from `first` to `last`, the latest first, a page at a time."""
    number(limit, "limit", least=1, most=200)
    found = await db.all(WEIGHTS, person.id, first=first, last=last, after=after, limit=limit + 1)
    page = found[:limit]
    return Weights(page, page[-1].id if len(found) > limit else None)


async def change_weight(
    db: Db, person: Person, weight_id: UUID, change: WeightChange, *, if_match: int | None = None
) -> Weight:
    """Change a weighing; `if_match` is the version that the change was made on."""
    async with db.transaction(person.id) as tx:
        was = await tx.one(HOLD_WEIGHT, person.id, id=weight_id)
        current(was.version, if_match)
        after = _after(was, change)
        await tx.run(past.KEEP_WEIGHT, person.id, weight=weight_id)
        fields = {
            name: getattr(after, name) for name in ("id", "day", "at", "kg", "note", "version")
        }
        await tx.run(PUT_WEIGHT, person.id, **fields)
        return after


def _after(was: Weight, change: WeightChange) -> Weight:
    same = change.kg is None and change.lb is None
    day, at = was.day, was.at
    if isinstance(change.at, datetime):
        day, exact = when(None, change.at, zone_of(was.zone), now())
        at = exact or was.at
    return replace(
        was,
        day=day,
        at=at,
        kg=was.kg if same else plain(kilograms(change.kg, change.lb)),
        note=was.note if change.note is UNSET else text(change.note, "note", 500),
        version=was.version + 1,
    )


async def delete_weight(
    db: Db, person: Person, weight_id: UUID, *, if_match: int | None = None
) -> None:
    """Delete a weighing; `undo_weight` brings it back within 30 days."""
    async with db.transaction(person.id) as tx:
        was = await tx.one(HOLD_WEIGHT, person.id, id=weight_id)
        current(was.version, if_match)
        await tx.run(past.KEEP_WEIGHT, person.id, weight=weight_id)
        await tx.run(DROP_WEIGHT, person.id, id=weight_id)


async def undo_weight(
    db: Db, person: Person, weight_id: UUID, *, replaced: int | None = None
) -> Weight:
    """Take back the last change of a weighing, or its deletion; if given, only of `replaced`."""
    async with db.transaction(person.id) as tx:
        stored = await tx.maybe(HOLD_WEIGHT, person.id, id=weight_id)
        kept = await past.taken(tx, person, "weight", weight_id, version=replaced)
        version = past.next_version(kept, stored.version if stored else None)
        await tx.run(past.RESTORE_WEIGHT, person.id, was=kept.was, version=version)
        return await weight(tx, person, weight_id)
