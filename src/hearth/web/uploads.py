"""Files that a form or a client sends: how many, how large; what they are is told by their content
where they are read."""

from typing import Any, Final

from litestar import Request
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.exceptions import HTTPException, ValidationException

from hearth.core.errors import FieldError, Invalid, Malformed, TooLarge
from hearth.web.doors import MEBIBYTE

AnyRequest = Request[Any, Any, Any]
MOST_FILES: Final = 5
"""The most files of one request."""
# A request without a body, such as a bare fetch(), names no type.
_FORMS: Final = ("multipart/form-data", "application/x-www-form-urlencoded", "")


async def form_of(request: AnyRequest) -> FormMultiDict:
    """The parts of a form, refused in words where Litestar would call it a fault of its own."""
    kind = request.content_type[0]
    if kind not in _FORMS:
        raise HTTPException(
            f"The body is said to be {kind[:100]}; send a form, as multipart/form-data.",
            status_code=415,
        )
    try:
        return await request.form()
    except (UnicodeDecodeError, LookupError):
        why = "A text field is not UTF-8; a file must come with a file name."
        raise Invalid(why, errors=(FieldError("body", why),)) from None
    except ValidationException:
        raise Malformed("The Content-Type of the form names no boundary.") from None


async def uploads_of(request: AnyRequest, field: str, *, needed: bool = True) -> list[bytes]:
    """The files of one field of a multipart body, in order; browsers send empty ones for none.

    Raises `Invalid` when there is none and one is needed, or when there are more than `MOST_FILES`,
    and `TooLarge` for one over the site's limit.
    """
    parts = (await form_of(request)).getall(field, [])
    files = [part for part in parts if isinstance(part, UploadFile)]
    found = [data for file in files if (data := await file.read())]
    if needed and not found:
        raise _refused(field, "a file is needed.")
    if len(found) > MOST_FILES:
        raise _refused(field, f"{len(found)} files were sent; {MOST_FILES} at once are accepted.")
    most = request.app.state.doors.site.max_file_size
    for number, data in enumerate(found, 1):
        if len(data) > most:
            raise TooLarge(
                f"File {number} has {len(data) / MEBIBYTE:.1f} MiB; {most / MEBIBYTE:g} MiB are "
                "accepted. Send a smaller picture or a shorter recording."
            )
    return found


def _refused(field: str, why: str) -> Invalid:
    return Invalid(f"{field}: {why}", errors=(FieldError(field, why),))
