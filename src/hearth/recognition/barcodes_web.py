"""The page for adding by barcode: with the camera, from a picture, or by typing the digits."""

from typing import Any, Final, Literal
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, get, post

from hearth.core.errors import Problem
from hearth.foods import SOURCES, Food
from hearth.recognition import barcode_foods
from hearth.recognition.barcode_foods import CodesRead, Fault, KnownCode
from hearth.web import (
    DbIn,
    LocaleIn,
    PersonIn,
    Shown,
    fields_of,
    gettext,
    render,
    seen,
    told,
    uploads_of,
)

AnyRequest = Request[Any, Any, Any]
Page = Response[Any]
State = Literal["found", "choose", "question", "missing", "nothing"]


class FoodLine(msgspec.Struct, frozen=True):
    """A food that a barcode stands for; `href` leads to where its amount is logged."""

    href: str
    name: str
    brand: str
    source_text: str
    energy_text: str


class CodeView(msgspec.Struct, frozen=True):
    """A barcode as the page shows it. `label_href` leads to its label, `hand_href` to an empty form."""

    code: str
    printed: str
    internal: bool
    asked: bool
    foods: list[FoodLine]
    label_href: str
    hand_href: str


class Look(msgspec.Struct, frozen=True):
    """The answer to a frame of the camera: where to go, or what to show; `code` was read."""

    state: State
    code: str = ""
    href: str = ""
    html: str = ""


def day_of(text: str) -> str:
    """The day that a page carries along, as it was given."""
    return text[:10].replace("\0", "")


def with_query(path: str, **given: str) -> str:
    """The path with those parameters that are not empty."""
    query = urlencode({name: value for name, value in given.items() if value})
    return f"{path}?{query}" if query else path


def state_of(read: CodesRead) -> State:
    """What a reading comes to. A question counts only where a food answers to it."""
    held = [food for code in read.codes for food in code.foods]
    if held:
        return "found" if len(held) == 1 else "choose"
    if read.codes:
        return "missing"
    return "question" if any(code.foods for code in read.questions) else "nothing"


def _source(food: Food) -> str:
    prefix = food.id.partition(":")[0]
    return gettext("your own") if prefix == "own" else SOURCES.get(prefix, food.source)


def _line(food: Food, shown: Shown, day: str) -> FoodLine:
    energy = shown.energy(food.nutrients.get("energy_kcal"))
    href = with_query(f"/foods/{food.id}", day=day)
    return FoodLine(href, food.name, food.brand or "", _source(food), f"{energy} / 100 g")


def _view(known: KnownCode, shown: Shown, day: str, *, asked: bool) -> CodeView:
    given = {"barcode": known.code, "day": day}
    return CodeView(
        code=known.code,
        printed=known.printed,
        internal=known.internal,
        asked=asked,
        foods=[_line(food, shown, day) for food in known.foods],
        label_href=with_query("/add/label", **given),
        hand_href=with_query("/add/label/figures", **given),
    )


def _views(read: CodesRead, shown: Shown, day: str) -> list[CodeView]:
    """Sure codes; else the questions, those with a food first and alone."""
    if read.codes:
        return [_view(code, shown, day, asked=False) for code in read.codes]
    answered = [code for code in read.questions if code.foods] or list(read.questions)
    return [_view(code, shown, day, asked=True) for code in answered]


def _fault_text(fault: Fault) -> str:
    if fault.kind == "digits":
        return gettext("A barcode has digits only. Type those under the bars.")
    if fault.kind == "length":
        return gettext(
            "A barcode has 8, 12, 13 or 14 digits; these are %(count)s. Compare them with the package."
        ) % {"count": fault.digits}
    if fault.fitting:
        return gettext(
            "The check digit, the last one, does not fit the others: it would be %(digit)s. One of "
            "the digits is wrong. Compare them with the package."
        ) % {"digit": fault.fitting}
    return gettext(
        "The check digit, the last one, does not fit the others. One of the digits is wrong. "
        "Compare them with the package."
    )


def _page(
    request: AnyRequest, *, day: str, code: str = "", codes: list[CodeView] | None = None,
    wrong: str = "", problem: Problem | None = None,
) -> Page:  # fmt: skip
    wait = problem.retry_after_s if problem else None
    return render(
        request,
        "barcode.html",
        status=problem.status if problem else 422 if wrong else 200,
        headers={"Retry-After": str(max(1, round(wait)))} if wait else None,
        here="add",
        day=day,
        code=code,
        codes=codes,
        wrong_code=wrong,
        wrong=told(problem) if problem else "",
    )


@get("/add/barcode", include_in_schema=False)
async def barcode_page(request: AnyRequest, db: DbIn, person: PersonIn, locale: LocaleIn) -> Page:
    """Scan, or look a typed number up."""
    day = day_of(request.query_params.get("day", ""))
    code = request.query_params.get("code", "").replace("\0", "").strip()[:40]
    if not code:
        return _page(request, day=day)
    known = await barcode_foods.known_code(db, person, code, locale=locale)
    if known is None:
        fault = barcode_foods.fault(code) or Fault("check")
        return _page(request, day=day, code=code, wrong=_fault_text(fault))
    if len(known.foods) == 1:
        return seen(with_query(f"/foods/{known.foods[0].id}", day=day))
    view = _view(known, Shown(locale=locale, zone=person.zone), day, asked=False)
    return _page(request, day=day, code=code, codes=[view])


@post("/add/barcode", status_code=200, include_in_schema=False)
async def read_picture(request: AnyRequest, db: DbIn, person: PersonIn, locale: LocaleIn) -> Page:
    """Read a picture of a barcode; nothing of it is kept."""
    day = day_of((await fields_of(request)).text("day"))
    try:
        (picture, *_) = await uploads_of(request, "photo")
        read = await barcode_foods.read_codes(db, person, picture, locale=locale)
    except Problem as problem:
        return _page(request, day=day, problem=problem)
    if state_of(read) == "found":
        (only,) = (food for code in read.codes for food in code.foods)
        return seen(with_query(f"/foods/{only.id}", day=day))
    return _page(request, day=day, codes=_views(read, Shown(locale=locale, zone=person.zone), day))


@post("/add/barcode/look", status_code=200, include_in_schema=False)
async def look(request: AnyRequest, db: DbIn, person: PersonIn, locale: LocaleIn) -> Look:
    """Read one frame of the camera."""
    fields = await fields_of(request)
    day, own_read = day_of(fields.text("day")), fields.text("seen")[:20]
    (frame, *_) = await uploads_of(request, "photo")
    read = await barcode_foods.read_codes(
        db, person, frame, locale=locale, seen=own_read, frame=True
    )
    state = state_of(read)
    if state == "nothing":
        return Look(state)
    views = _views(read, Shown(locale=locale, zone=person.zone), day)
    if state == "found":
        (only,) = (line for view in views for line in view.foods)
        return Look(state, views[0].code, only.href)
    return Look(state, views[0].code, html=render(request, "_barcodes.html", codes=views).content)


pages: Final = [barcode_page, read_picture, look]
