"""Undo: what a change or a deletion replaced is kept for 30 days and can come back.

Each change puts the thing as it was on a stack of its own, and undo takes the last one off: undoing
twice goes back two changes. What comes back is a new version, so that another device notices.
"""

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from hearth.core.db import SYSTEM, Db, Transaction
from hearth.core.errors import Conflict
from hearth.core.sql import Statements
from hearth.core.values import now
from hearth.people import Person

KEPT_FOR: Final = timedelta(days=30)
SWEEP_BATCH: Final = 1000


class Past(msgspec.Struct, frozen=True):
    """A thing as it was at a version: its row, a meal's with `items`."""

    version: int
    was: dict[str, Any]


statements = Statements.beside(__file__)
KEEP_MEAL = statements.change("keep_meal")
KEEP_WEIGHT = statements.change("keep_weight")
KEEP_GOAL = statements.change("keep_goal")
TAKE_PAST = statements.rows("take_past", Past)
RESTORE_MEAL = statements.change("restore_meal")
CLEAR_ITEMS = statements.change("clear_items")
RESTORE_ITEMS = statements.change("restore_items")
RESTORE_WEIGHT = statements.change("restore_weight")
RESTORE_GOAL = statements.change("restore_goal")
SWEEP_PAST = statements.rows("sweep_past", int)


async def taken(
    tx: Transaction, person: Person, what: str, thing: object, *, version: int | None = None
) -> Past:
    """What the last change of a thing replaced, taken off its stack; only `version`, if given."""
    found = await tx.maybe(TAKE_PAST, person.id, what=what, thing=str(thing), version=version)
    if found is None:
        raise Conflict(
            f"There is nothing to undo: nothing was changed in the last {KEPT_FOR.days} days.",
            code="nothing_to_undo",
        )
    return found


def next_version(past: Past, stored: int | None) -> int:
    """The version under which the past comes back: above all that a device may have seen."""
    return (past.version + 1 if stored is None else stored) + 1


async def sweep_past(db: Db, before: datetime | None = None) -> None:
    """Forget what was replaced more than 30 days ago, a thousand at a time."""
    before = before or now() - KEPT_FOR
    gone = SWEEP_BATCH
    while gone == SWEEP_BATCH:
        gone = await db.one(SWEEP_PAST, SYSTEM, before=before, batch=SWEEP_BATCH)
