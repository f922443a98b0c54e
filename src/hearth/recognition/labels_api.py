"""The JSON API of barcodes and nutrition labels on pictures. It changes nothing and keeps nothing."""

from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec
from litestar import Request, post
from litestar.datastructures import UploadFile
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import Operation, RequestBody

from hearth.core.errors import Problem, refused
from hearth.foods import NewFood
from hearth.recognition import barcode_foods, label_foods
from hearth.recognition.allowances import LABELS
from hearth.recognition.barcode_foods import CodesRead
from hearth.recognition.label_figures import LabelFigures, merged
from hearth.recognition.photos import MAX_FILES
from hearth.web import (
    MULTIPART,
    PICTURE,
    DbIn,
    Fields,
    LimitsIn,
    LocaleIn,
    PersonIn,
    about_field,
    accepted,
    file_schema,
    form_of,
    form_schema,
    gettext,
    uploads_of,
)

Beside = TypeVar("Beside", bound=msgspec.Struct)
AnyRequest = Request[Any, Any, Any]
FIELD: Final = "image"
"""The field of the pictures, as of `/api/meals/read`."""
READ: Final = {"scope": "foods:read"}


class BesideCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said beside a picture of a barcode: the language of foods' names."""

    locale: Literal["en", "sv", "sr-Latn", "sr-Cyrl"] | None = None


class BesideLabel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said beside pictures of a label: its language, and what the food shall be called."""

    locale: Literal["en", "sv", "sr-Latn", "sr-Cyrl"] | None = None
    name: Annotated[str, msgspec.Meta(max_length=200)] = ""


class LabelRead(msgspec.Struct, frozen=True):
    """What pictures of a label say. `food` is ready to be posted to /api/foods once a person has
    looked at the doubts; null when the figures make no food. A figure of `figures.at_most` stands in
    it as the most that it can be, so say that as well. `disagree` names what does not fit together
    in it. `failed` says of each picture that was not read why, by its place."""

    figures: LabelFigures
    food: NewFood | None = None
    disagree: tuple[str, ...] = ()
    failed: dict[str, str] = {}


# ------------------------------------------------------------------ description


def _body(most: int, beside: type[msgspec.Struct]) -> RequestBody:
    files = {FIELD: file_schema(PICTURE, most)}
    content: Any = {MULTIPART: {"schema": form_schema(files, beside) | {"required": [FIELD]}}}
    return RequestBody(content=content, required=True)


@dataclass
class _ReadBarcodes(Operation):
    """The operation with its form, which no parameter of the handler tells."""

    def __post_init__(self) -> None:
        self.request_body = _body(1, BesideCode)


@dataclass
class _ReadLabels(Operation):
    """The operation with its form, which no parameter of the handler tells."""

    def __post_init__(self) -> None:
        self.request_body = _body(MAX_FILES, BesideLabel)


# ------------------------------------------------------------------ reading


@post(
    "/api/foods/barcodes/read", status_code=200, tags=["foods"], opt=READ,
    summary="Read barcodes on a picture", operation_class=_ReadBarcodes,
)  # fmt: skip
async def read_barcodes(
    request: AnyRequest, db: DbIn, person: PersonIn, locale: LocaleIn
) -> CodesRead:
    """EAN and UPC codes on a picture, with the foods known for each: your own first.

    `codes` were read the same at least twice; `questions` once only, so ask whether it is that.
    """
    beside = await _beside(request, BesideCode)
    pictures = await uploads_of(request, FIELD)
    if len(pictures) != 1:
        raise refused(FIELD, f"{len(pictures)} pictures were sent; one is read at a time.")
    try:
        return await barcode_foods.read_codes(
            db, person, pictures[0], locale=beside.locale or locale
        )
    except Problem as problem:
        raise about_field(FIELD, problem) from None


@post(
    "/api/foods/labels/read", status_code=200, tags=["foods"], opt=READ,
    summary="Read a nutrition label", operation_class=_ReadLabels,
)  # fmt: skip
async def read_label(
    request: AnyRequest, limits: LimitsIn, person: PersonIn, locale: LocaleIn
) -> LabelRead:
    """The figures of a nutrition label from one to five pictures of the same package.

    Takes some seconds a picture; at most 60 readings an hour. Figures with a doubt must be shown to
    a person; what is absent was not read or is not stated, which is unknown and never zero.
    """
    beside = await _beside(request, BesideLabel)
    pictures = await uploads_of(request, FIELD)
    with label_foods.TURNS.of(person):
        await LABELS.take(limits, person)
        found = await label_foods.read_labels(pictures, beside.locale or locale)
        barcode = await label_foods.barcode_on(pictures)
    failed = {str(n): one.detail for n, one in enumerate(found) if isinstance(one, Problem)}
    readings = [one for one in found if not isinstance(one, Problem)]
    if not readings:
        raise about_field(FIELD, next(one for one in found if isinstance(one, Problem)))
    figures = merged(readings)
    name = beside.name.strip() or gettext("Food from a label")
    food = label_foods.food_of(figures, name, gettext("1 portion"), barcode or None)
    disagree = label_foods.disagreements_of(figures) if food else ()
    return LabelRead(figures, food, disagree, failed)


async def _beside(request: AnyRequest, into: type[Beside]) -> Beside:
    """The words of the form, without its pictures."""
    form = await form_of(request)
    files = [name for name, part in form.multi_items() if isinstance(part, UploadFile)]
    if strange := [name for name in files if name != FIELD]:
        raise refused(strange[0], f"is no field that takes files; {FIELD} is.")
    texts = Fields(dict(form))
    said = {name: texts.text(name) for name in form if name not in files}
    return accepted(said, into, "form")


routes: list[HTTPRouteHandler] = [read_barcodes, read_label]
