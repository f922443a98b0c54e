"""The pages of a person's own words, and of trying the reading without an account."""

from typing import Any, Final

from litestar import Request, Response, get, post

from hearth import foods
from hearth.core.errors import Problem
from hearth.recognition import aliases, catalogue
from hearth.recognition.catalogue import MealText
from hearth.recognition.views import ReadingView, reading_view
from hearth.web import DbIn, LocaleIn, PersonIn, Shown, fields_of, render, seen

AnyRequest = Request[Any, Any, Any]


@get("/me/words", include_in_schema=False)
async def words_page(
    request: AnyRequest, db: DbIn, person: PersonIn, locale: LocaleIn
) -> Response[Any]:
    """What a person's corrections have taught."""
    own = (await aliases.aliases(db, person)).aliases
    known = await foods.foods_by_id(db, person, [word.food_id for word in own])
    shown = Shown(locale=locale)
    words = [
        {
            "phrase": word.phrase,
            "said": word.said,
            "food_name": foods.named(known[word.food_id], locale)
            if word.food_id in known
            else word.food_id,
            "grams_text": shown.grams(word.grams),
        }
        for word in own
    ]
    return render(request, "words.html", here="me", words=words)


@post("/me/words/forget", include_in_schema=False)
async def forget_word(request: AnyRequest, db: DbIn, person: PersonIn) -> Response[Any]:
    """Forget one."""
    await aliases.forget(db, person, (await fields_of(request)).text("phrase"))
    return seen("/me/words")


async def _tried(request: AnyRequest, db: DbIn, locale: str) -> tuple[str, ReadingView | None]:
    text = (await fields_of(request)).text("text")
    if not text:
        return "", None
    try:
        reading = await catalogue.read_meal(db, None, MealText(text=text, locale=locale))
    except Problem:
        return text, None
    return text, reading_view(text, reading, Shown(locale=locale))


@post("/try", opt={"anonymous": True}, status_code=200, include_in_schema=False)
async def try_page(request: AnyRequest, db: DbIn, locale: LocaleIn) -> Response[Any]:
    """A reading for somebody without an account; nothing is kept."""
    text, reading = await _tried(request, db, locale)
    return render(request, "welcome.html", text=text, reading=reading)


@post("/try/reading", opt={"anonymous": True}, status_code=200, include_in_schema=False)
async def try_reading(request: AnyRequest, db: DbIn, locale: LocaleIn) -> Response[Any]:
    """The same while typing."""
    _, reading = await _tried(request, db, locale)
    if reading is None:
        return Response("", media_type="text/html")
    return render(request, "_reading_shown.html", reading=reading)


pages: Final = [words_page, forget_word, try_page, try_reading]
