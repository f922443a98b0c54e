"""Goals: what a person aims for each day, from a day on until their next goal.

A target is an amount, a share of the energy goal, or grams per kg of body weight; it is resolved to
an amount for a day, and says from what. What cannot be resolved says what is missing.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final, Literal

import msgspec

from hearth.core.db import Db
from hearth.core.errors import NotFound, Stale
from hearth.core.sql import Statements
from hearth.diary import past
from hearth.diary.refusals import current, number, refused
from hearth.diary.times import EARLIEST
from hearth.diary.totals import Totals, plain
from hearth.foods import CODES, NUTRIENTS
from hearth.people import Person

# Regulation (EU) No 1169/2011, Annex XIV; parts of carbohydrate and fat count as their whole.
KCAL_PER_G: Final[Mapping[str, float]] = {
    "protein_g": 4,
    "carb_g": 4,
    "sugars_g": 4,
    "added_sugars_g": 4,
    "starch_g": 4,
    "polyols_g": 2.4,
    "fiber_g": 2,
    "fat_g": 9,
    "sat_fat_g": 9,
    "mono_fat_g": 9,
    "poly_fat_g": 9,
    "trans_fat_g": 9,
    "alcohol_g": 7,
}
MACROS: Final = ("protein_g", "carb_g", "fat_g")
MOST: Final[Mapping[str, float]] = {"amount": 1e6, "energy_percent": 100, "kg": 50}
UNITS: Final = {nutrient.code: nutrient.unit for nutrient in NUTRIENTS}

Per = Literal["amount", "energy_percent", "kg"]
Bound = Literal["target", "min", "max"]


class Target(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to aim for of one nutrient a day.

    `per` "amount": in the nutrient's unit. "energy_percent": as a share (0 to 100) of the energy
    goal. "kg": of the nutrient's unit per kg of body weight. `bound` says whether to hit it, to
    reach at least as much or to stay at or below.
    """

    amount: Annotated[float, msgspec.Meta(ge=0, le=1_000_000)]
    per: Per = "amount"
    bound: Bound = "target"


class Goal(msgspec.Struct, frozen=True):
    """What a person aims for from `valid_from` on; `targets` by nutrient code."""

    valid_from: date
    energy_kcal: float | None
    targets: dict[str, Target]
    version: int


Targets = Annotated[
    dict[str, Target],
    msgspec.Meta(
        extra_json_schema={
            "propertyNames": {"enum": [code for code in CODES if code != "energy_kcal"]}
        }
    ),
]


class NewGoal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The goal as it shall be."""

    energy_kcal: Annotated[float, msgspec.Meta(ge=1, le=20_000)] | None = None
    targets: Targets = {}


class Goals(msgspec.Struct, frozen=True):
    """Every goal of a person, the newest first."""

    goals: list[Goal]


class Progress(msgspec.Struct, frozen=True):
    """How far a day is towards one target, in the nutrient's unit.

    `goal` is None when it cannot be resolved; `source` says from what it was, or what is missing.
    `eaten` is None when something was eaten and nothing of it states the nutrient. `is_partial`
    says that some of it does not, so that more may have been eaten.
    """

    bound: Bound
    goal: float | None
    source: str
    eaten: float | None
    coverage: float
    is_partial: bool


def _targets(stored: Any) -> dict[str, Target]:
    return msgspec.convert(stored, dict[str, Target])


statements = Statements.beside(__file__)
GOALS = statements.rows("goals", Goal, energy_kcal=plain, targets=_targets)
GOAL_ON = statements.rows("goal_on", Goal, energy_kcal=plain, targets=_targets)
GOAL_FROM = statements.rows("goal_from", Goal, energy_kcal=plain, targets=_targets)
HOLD_GOAL = statements.rows("hold_goal", Goal, energy_kcal=plain, targets=_targets)
PUT_GOAL = statements.rows("put_goal", Goal, energy_kcal=plain, targets=_targets)
DROP_GOAL = statements.change("drop_goal")


# ------------------------------------------------------------------ rules


def resolved(
    code: str, target: Target, energy_kcal: float | None, weighed: tuple[float, date] | None
) -> tuple[float | None, str]:
    """The amount of a target on a day, and from what; `weighed` is the last weight (kg, day)."""
    if target.per == "amount":
        return target.amount, "set by you"
    if target.per == "energy_percent":
        if energy_kcal is None:
            return None, "needs an energy goal to be a share of"
        grams = target.amount / 100 * energy_kcal / KCAL_PER_G[code]
        return plain(grams), f"{target.amount:g} % of {energy_kcal:g} kcal"
    if weighed is None:
        return None, "needs a weight; note one"
    kg, day = weighed
    unit = UNITS[code]
    return plain(target.amount * kg), f"{target.amount:g} {unit} per kg of {kg:g} kg on {day}"


def progress(
    goal: Goal | None, totals: Totals, weighed: tuple[float, date] | None, items: int
) -> dict[str, Progress]:
    """How far a day's totals are towards each target, by nutrient code; energy first."""
    if goal is None:
        return {}
    targets = dict(goal.targets)
    if goal.energy_kcal is not None:
        targets = {"energy_kcal": Target(goal.energy_kcal)} | targets
    return {
        code: _progress(
            target, resolved(code, target, goal.energy_kcal, weighed), code, totals, items
        )
        for code, target in targets.items()
    }


def _progress(
    target: Target, aim: tuple[float | None, str], code: str, totals: Totals, items: int
) -> Progress:
    goal, source = aim
    if total := totals.get(code):
        eaten = total.amount
        return Progress(target.bound, goal, source, eaten, total.coverage, total.is_partial)
    if items:
        return Progress(target.bound, goal, source, None, 0.0, True)
    # Nothing logged is nothing eaten as far as the diary knows; unstated is unknown.
    return Progress(target.bound, goal, source, 0.0, 1.0, False)


def checked(new: NewGoal) -> NewGoal:
    """The goal, when every target is of a known nutrient and the shares fit into the energy."""
    if new.energy_kcal is not None:
        number(new.energy_kcal, "energy_kcal", least=1, most=20_000)
    for code, target in new.targets.items():
        field = f"targets.{code[:60]}"
        if code not in CODES or code == "energy_kcal":
            raise refused(field, "is no nutrient with a target; energy is `energy_kcal`.")
        number(target.amount, f"{field}.amount", least=0, most=MOST[target.per])
        if target.per == "energy_percent" and code not in KCAL_PER_G:
            raise refused(field, "has no energy of its own; give an amount.")
    shares = [new.targets[code] for code in MACROS if code in new.targets]
    whole = sum(target.amount for target in shares if target.per == "energy_percent")
    if whole > 100:
        raise refused("targets", f"of protein, carbohydrate and fat are {whole:g} % of the energy.")
    return new


# ------------------------------------------------------------------ verbs


async def goals(db: Db, person: Person) -> Goals:
    """Every goal of the person, the newest first."""
    return Goals(await db.all(GOALS, person.id))


async def goal_now(db: Db, person: Person, day: date) -> Goal | None:
    """The goal that holds on a day, if any does."""
    return await db.maybe(GOAL_ON, person.id, day=day)


async def goal_on(db: Db, person: Person, day: date) -> Goal:
    """The goal that holds on a day; `NotFound` when none does."""
    found = await goal_now(db, person, day)
    if found is None:
        raise NotFound(f"No goal holds on {day}. Set one from that day or before.")
    return found


async def set_goal(
    db: Db, person: Person, valid_from: date, new: NewGoal, *, if_match: int | None = None
) -> Goal:
    """Set the goal from a day on; `if_match` is the version that it replaces."""
    if not EARLIEST <= valid_from < date(9999, 1, 1):
        raise refused("valid_from", f"must be a day from {EARLIEST} on.")
    checked(new)
    async with db.transaction(person.id) as tx:
        was = await tx.maybe(HOLD_GOAL, person.id, valid_from=valid_from)
        version = was.version if was else 0
        current(version, if_match)
        await tx.run(past.KEEP_GOAL, person.id, valid_from=valid_from)
        stored = await tx.maybe(
            PUT_GOAL,
            person.id,
            valid_from=valid_from,
            energy_kcal=new.energy_kcal,
            targets=msgspec.to_builtins(new.targets),
            version=version + 1,
        )
        if stored is None:
            raise Stale("Another device set this goal just now. Load it and repeat.")
        return stored


async def delete_goal(
    db: Db, person: Person, valid_from: date, *, if_match: int | None = None
) -> None:
    """Delete the goal that begins on a day; the one before holds again. Undo brings it back."""
    async with db.transaction(person.id) as tx:
        was = await tx.one(HOLD_GOAL, person.id, valid_from=valid_from)
        current(was.version, if_match)
        await tx.run(past.KEEP_GOAL, person.id, valid_from=valid_from)
        await tx.run(DROP_GOAL, person.id, valid_from=valid_from)


async def undo_goal(db: Db, person: Person, valid_from: date) -> Goal:
    """Take back the last change of the goal that begins on a day, or its deletion."""
    async with db.transaction(person.id) as tx:
        stored = await tx.maybe(HOLD_GOAL, person.id, valid_from=valid_from)
        kept = await past.taken(tx, person, "goal", valid_from)
        version = past.next_version(kept, stored.version if stored else None)
        await tx.run(past.RESTORE_GOAL, person.id, was=kept.was, version=version)
        return await tx.one(GOAL_FROM, person.id, valid_from=valid_from)
