"""Forms and the files in them: how many, how large; what they are is told by their content where they
are read."""

from typing import Any, Final, cast

from litestar import Request
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.exceptions import HTTPException
from litestar.types import Empty
from litestar.utils.scope.state import ScopeState

from hearth.core.errors import FieldError, Invalid, Malformed, Problem, TooLarge, refused
from hearth.web.doors import MEBIBYTE, Site
from hearth.web.parts import Parts, sent_parts, typed_parts

AnyRequest = Request[Any, Any, Any]
MOST_FILES: Final = 5
"""The most files of one request."""
FILES_AT: Final = {
    "/add/photo": MOST_FILES,
    "/add/menu": MOST_FILES,
    "/add/label/read": MOST_FILES,
    "/api/meals/read": MOST_FILES,
    "/api/foods/labels/read": MOST_FILES,
    "/add/voice": 1,
    "/add/voice/heard": 1,
    "/add/barcode": 1,
    "/add/barcode/look": 1,
    "/api/foods/barcodes/read": 1,
}
"""How many files of full size an address takes; elsewhere a form is as small as any other body."""
MULTIPART: Final = "multipart/form-data"
# A request without a body, such as a bare fetch(), names no type.
_FORMS: Final = (MULTIPART, "application/x-www-form-urlencoded", "")
# What surrounds a file in a multipart body.
_ENVELOPE: Final = 64 * 1024


def most_of(path: str, kind: bytes, site: Site) -> int:
    """How many bytes a body of this Content-Type may have at an address."""
    if kind.startswith(MULTIPART.encode()) and path in FILES_AT:
        return FILES_AT[path] * site.max_file_size + _ENVELOPE
    return site.max_body


async def form_of(request: AnyRequest) -> FormMultiDict:
    """The parts of a form, read once for a request; what is no good form is refused in words."""
    kind = request.content_type[0]
    if kind not in _FORMS:
        raise HTTPException(
            f"The body is said to be {kind[:100]}; send a form, as multipart/form-data.",
            status_code=415,
        )
    # Where Litestar keeps the form of a request: it closes the files at the end.
    state = ScopeState.from_scope(request.scope)
    if state.form is Empty:
        state.form = cast(dict[str, Any], await _parts(request, kind))
    return FormMultiDict.from_form_data(cast(dict[str, Any], state.form))


async def _parts(request: AnyRequest, kind: str) -> Parts:
    if kind != MULTIPART:
        return typed_parts(await request.body()) if kind else {}
    boundary = request.content_type[1].get("boundary")
    if not boundary:
        raise Malformed("The Content-Type of the form names no boundary.")
    site: Site = request.app.state.doors.site
    return await sent_parts(request.stream(), boundary, site.max_body)


async def uploads_of(request: AnyRequest, field: str, *, needed: bool = True) -> list[bytes]:
    """The files of one field of a multipart body, in order; browsers send empty ones for none.

    Raises `Invalid` when there is none and one is needed, or when there are more than `MOST_FILES`,
    and `TooLarge` for one over the site's limit.
    """
    parts = (await form_of(request)).getall(field, [])
    files = [part for part in parts if isinstance(part, UploadFile)]
    found = [data for file in files if (data := await file.read())]
    if needed and not found:
        raise refused(field, "a file is needed.")
    if len(found) > MOST_FILES:
        raise refused(field, f"{len(found)} files were sent; {MOST_FILES} at once are accepted.")
    most = request.app.state.doors.site.max_file_size
    for number, data in enumerate(found, 1):
        if len(data) > most:
            raise TooLarge(
                f"File {number} has {len(data) / MEBIBYTE:.1f} MiB; {most / MEBIBYTE:g} MiB are "
                "accepted. Send a smaller picture or a shorter recording."
            )
    return found


def about_field(field: str, problem: Problem) -> Problem:
    """The refusal of a file, told of its field."""
    if problem.status not in (400, 415, 422) or problem.errors:
        return problem
    error = FieldError(field, problem.detail)
    return Invalid(problem.detail, code=problem.code, errors=(error,))
