"""The JSON API of reading meals, and of a person's own words."""

from typing import Annotated

from litestar import delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter
from litestar.status_codes import HTTP_200_OK

from hearth.recognition import aliases, catalogue
from hearth.recognition.aliases import NewWord, OwnWord, OwnWords
from hearth.recognition.answers import Reading
from hearth.recognition.catalogue import MealText
from hearth.web import DbIn, PersonIn

Phrase = Annotated[str, QueryParameter(name="phrase", min_length=1, max_length=500)]
READ = {"scope": "diary:read"}
WRITE = {"scope": "diary:write"}


@post("/api/meals/read", status_code=HTTP_200_OK, tags=["diary"], opt=READ, summary="Read a meal")
async def read_meal(db: DbIn, person: PersonIn, data: MealText) -> Reading:
    """Read a sentence into foods, grams and nutrients, with how sure; saves nothing."""
    return await catalogue.read_meal(db, person, data)


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


routes: list[HTTPRouteHandler] = [read_meal, list_aliases, teach_alias, forget_alias]
