"""What happens by itself: the words of the catalogue are counted anew every night."""

from hearth.core.db import Db
from hearth.core.jobs import every
from hearth.foods import search


@every("41 3 * * *")
async def refresh_words(db: Db) -> None:
    """Typed words are corrected from these counts."""
    await search.refresh_lexicon(db)
