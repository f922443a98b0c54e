"""The pages for adding by nutrition label: pictures, a form to confirm what they say, a food."""

import asyncio
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post

from hearth import foods
from hearth.core.db import Db, Transaction
from hearth.core.errors import Problem
from hearth.core.idempotency import Answer, fingerprint_of, once
from hearth.foods import NewFood
from hearth.people import Person
from hearth.recognition import label_foods, label_views
from hearth.recognition.allowances import LABELS
from hearth.recognition.label_figures import LabelFigures, merged
from hearth.recognition.photos import LabelReading, Prepared
from hearth.web import (
    DbIn,
    Fields,
    KeyIn,
    LimitsIn,
    LocaleIn,
    PersonIn,
    Shown,
    accepted,
    errors_of,
    fields_of,
    gettext,
    render,
    seen,
    told,
    uploads_of,
)

AnyRequest = Request[Any, Any, Any]
Page = Response[Any]
CARRIED: Final = ("barcode", "day")
TYPED: Final = ("name", "brand", "barcode", "serving", "density")


def _asked(request: AnyRequest) -> Fields:
    """What an address says that the page carries along."""
    return Fields(
        {name: request.query_params.get(name, "")[:20].replace("\0", "") for name in CARRIED}
    )


def _waits(problem: Problem | None) -> dict[str, str]:
    wait = problem.retry_after_s if problem else None
    return {"Retry-After": str(max(1, round(wait)))} if wait else {}


# ------------------------------------------------------------------ pictures


@get("/add/label", include_in_schema=False)
async def label_page(request: AnyRequest, person: PersonIn) -> Page:
    """Choose pictures of a label."""
    return _choosing(request, _asked(request))


def _choosing(request: AnyRequest, given: Fields, problem: Problem | None = None) -> Page:
    return render(
        request,
        "label.html",
        status=problem.status if problem else 200,
        headers=_waits(problem),
        here="add",
        day=given.text("day")[:10],
        barcode=given.text("barcode")[:20],
        wrong=told(problem) if problem else "",
    )


@post("/add/label/read", status_code=200, include_in_schema=False)
async def read_label(
    request: AnyRequest, limits: LimitsIn, person: PersonIn, locale: LocaleIn
) -> Page:
    """Read pictures of one package; what they say goes into a form, and nothing of them is kept."""
    fields = await fields_of(request)
    try:
        pictures = await uploads_of(request, "photo")
        with label_foods.TURNS.of(person):
            await LABELS.take(limits, person)
            found, shown, barcode = await asyncio.gather(
                label_foods.read_labels(pictures, locale),
                label_foods.prepared(pictures),
                _barcode(fields, pictures),
            )
    except Problem as problem:
        return _choosing(request, fields, problem)
    failed = [one for one in found if isinstance(one, Problem)]
    if failed and not shown:
        return _choosing(request, fields, failed[0])
    figures = merged([one for one in found if isinstance(one, LabelReading)])
    given = {"barcode": barcode, "day": fields.text("day")[:10]}
    given |= label_views.given_of(figures, Shown(locale=locale))
    given |= {f"picture-{n}": _address(one.thumbnail) for n, one in enumerate(shown)}
    reasons = [*_reasons(figures), *_failures(found)]
    return _confirming(request, Fields(given), reasons=reasons, shown=shown, lines=figures.lines)


async def _barcode(fields: Fields, pictures: Sequence[bytes]) -> str:
    return fields.text("barcode")[:20] or await label_foods.barcode_on(pictures)


def _address(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{b64encode(jpeg).decode()}"


def _reasons(figures: LabelFigures) -> list[str]:
    """What to know of the reading as a whole."""
    texts = {
        "nothing_read": gettext(
            "No figures were read. Type them from the package, or take the picture again: closer, "
            "level, in good light, with nothing but the table on it."
        ),
        "words_not_read": gettext("The words of the table were not read, so look at every figure."),
        "basis_not_read": gettext(
            "Whether the figures are for 100 g or for a serving was not read: choose it below."
        ),
        "serving_not_read": gettext("The size of the serving was not read: type it below."),
        "energy_disagrees": gettext(
            "The energy does not fit its parts, so a figure is probably wrong: compare them."
        ),
        "units_differ": gettext(
            "One picture says grams and another millilitres: choose the unit below, and compare the "
            "figures."
        ),
        "carb_bases_differ": gettext(
            "One picture counts fibre as carbohydrate and another does not: choose it under “More "
            "about this label”."
        ),
        "some_not_read": gettext("Not all pictures show a nutrition label that could be read."),
    }
    return [texts[code] for code in figures.warnings if code in texts]


def _failures(found: Sequence[LabelReading | Problem]) -> list[str]:
    return [
        gettext("Picture %(number)s: %(why)s") % {"number": number, "why": told(one)}
        for number, one in enumerate(found, 1)
        if isinstance(one, Problem)
    ]


# ------------------------------------------------------------------ the form


@get("/add/label/figures", include_in_schema=False)
async def figures_page(request: AnyRequest, person: PersonIn) -> Page:
    """The empty form, to type the figures by hand."""
    return _confirming(request, _asked(request))


def _confirming(
    request: AnyRequest, given: Fields, *, reasons: Sequence[str] = (),
    shown: Sequence[Prepared] = (), problem: Problem | None = None, **more: Any,
) -> Page:  # fmt: skip
    """The form with what is given, and what is wrong or doubtful with it."""
    wrong = errors_of(problem) if problem else {}
    small = label_views.pictures_of(given)
    return render(
        request,
        "label_figures.html",
        status=problem.status if problem else 200,
        here="add",
        given=_texts(given),
        figures=label_views.figures_of(given, wrong),
        salt=label_views.salt_of(given, wrong),
        more=label_views.more_of(given, wrong),
        carried=[
            *label_views.notes_of(given),
            *((f"picture-{n}", address) for n, address in enumerate(small)),
        ],
        pictures=[_address(one.picture) for one in shown] or small,
        reasons=reasons,
        problem_text=_told(problem),
        wrong={name: wrong.get(name, "") for name in TYPED},
        **{"lines": (), "disagreements": ()} | more,
    )


def _texts(given: Fields) -> Mapping[str, str]:
    names = (
        "name", "brand", "barcode", "day", "basis", "unit", "serving", "density", "salt_as",
        "carb_basis", "doubt-serving",
    )  # fmt: skip
    usual = {"basis": "100", "unit": "g", "salt_as": "salt", "carb_basis": "available"}
    return {name: given.text(name)[:300] or usual.get(name, "") for name in names}


def _told(problem: Problem | None) -> str:
    if problem is None:
        return ""
    said = told(problem)
    return " ".join([said, *(text for text in errors_of(problem).values() if text not in said)])


@post("/add/label", include_in_schema=False)
async def save_label(
    request: AnyRequest, db: DbIn, person: PersonIn, locale: LocaleIn, idempotency_key: KeyIn
) -> Page:
    """Make the food; what does not fit together is said first, and saved when it is said again."""
    fields = await fields_of(request)
    try:
        said = label_views.said_of(fields)
        food = label_foods.new_food(said, gettext("1 portion"))
        new = accepted(msgspec.to_builtins(food), NewFood, "food")
        disagreements = label_views.disagreements_of(fields, said, Shown(locale=locale))
        if disagreements and not fields.text("anyway"):
            return _confirming(request, fields, disagreements=disagreements)
        food_id = await _made_once(request, db, person, idempotency_key, new)
    except Problem as problem:
        if problem.status >= 500 or problem.status == 409:
            raise
        return _confirming(request, fields, problem=problem)
    day = fields.text("day")[:10]
    return seen(f"/foods/{food_id}?day={day}" if day else f"/foods/{food_id}")


async def _made_once(
    request: AnyRequest, db: Db, person: Person, key: str | None, new: NewFood
) -> str:
    """The id of the food, the same when the form is sent twice."""
    fields = await fields_of(request)
    path = request.scope["path"].encode()

    async def answered(tx: Transaction) -> Answer:
        return Answer(201, (await foods.create_food(tx, person, new)).id.encode())

    fingerprint = fingerprint_of(b"page", path, fields.as_bytes())
    answer = await once(db, person.id, key or fields.once(), fingerprint, answered)
    return answer.body.decode()


pages: Final = [label_page, read_label, figures_page, save_label]
