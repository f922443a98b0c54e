"""What is done for the accounts of models at set times."""

from typing import Final

from hearth.ai.usage import give_up_lost
from hearth.core.db import Db
from hearth.core.jobs import every

EVERY_HOUR: Final = "41 * * * *"


@every(EVERY_HOUR)
async def close_lost_usage(db: Db) -> None:
    """End the accounts of calls whose process died or whose asker went away."""
    await give_up_lost(db)
