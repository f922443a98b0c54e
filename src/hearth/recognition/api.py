"""The JSON API of a person's own words; `read_api` has that of reading meals."""

from typing import Annotated

from litestar import delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from hearth.recognition import aliases
from hearth.recognition.aliases import NewWord, OwnWord, OwnWords
from hearth.web import DbIn, PersonIn

Phrase = Annotated[str, QueryParameter(name="phrase", min_length=1, max_length=500)]
READ = {"scope": "diary:read"}
WRITE = {"scope": "diary:write"}


@get("/api/aliases", tags=["diary"], opt=READ, summary="Your own words")
async def list_aliases(db: DbIn, person: PersonIn) -> OwnWords:
    """The phrases that were learned from your corrections, the last first."""
    return await aliases.aliases(db, person)


@post("/api/aliases", tags=["diary"], opt=WRITE, summary="Teach a word")
async def teach_alias(db: DbIn, person: PersonIn, data: NewWord) -> OwnWord:
    """From now on you mean this food by this phrase. Teaching it again replaces what it meant."""
    return await aliases.teach(db, person, data)


@delete("/api/aliases", tags=["diary"], opt=WRITE, summary="Forget a word")
async def forget_alias(db: DbIn, person: PersonIn, phrase: Phrase) -> None:
    """Forget what you meant by a phrase."""
    await aliases.forget(db, person, phrase)


routes: list[HTTPRouteHandler] = [list_aliases, teach_alias, forget_alias]
