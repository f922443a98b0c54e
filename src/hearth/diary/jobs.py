"""What the diary does later: redo snapshots after an edit of a food, forget what undo kept."""

from hearth.core.db import Db
from hearth.core.jobs import every, on
from hearth.diary import past, snapshots
from hearth.foods import FoodEdited


@on(FoodEdited)
async def redo_snapshots(db: Db, edited: FoodEdited) -> None:
    """Redo the items of a food whose edit applies to the past."""
    await snapshots.resnapshot(db, edited)


@every("41 3 * * *")
async def sweep(db: Db) -> None:
    """Forget what was replaced more than 30 days ago."""
    await past.sweep_past(db)
