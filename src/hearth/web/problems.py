"""Every error as `application/problem+json` (RFC 9457), or as a page for a browser.

A problem says what is wrong in words for its reader and in a stable `code`; what happened inside
stays in the log, under the request id that the answer carries.
"""

import logging
import math
import re
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, InternalServerException, ValidationException
from litestar.response import Redirect
from litestar.types import ExceptionHandlersMap

from hearth.core import errors
from hearth.core.errors import FieldError, Problem, Unauthenticated
from hearth.core.values import request_context

log = logging.getLogger("hearth.web")

MEDIA_TYPE: Final = "application/problem+json"
AnyRequest = Request[Any, Any, Any]

_KINDS: Final[dict[int, type[Problem]]] = {
    kind.status: kind
    for kind in (
        errors.Malformed,
        errors.Unauthenticated,
        errors.Forbidden,
        errors.NotFound,
        errors.Conflict,
        errors.Stale,
        errors.TooLarge,
        errors.Invalid,
        errors.TooMany,
        errors.Unavailable,
    )
}
_TITLES: Final = {
    405: ("method_not_allowed", "This cannot be done here"),
    406: ("not_acceptable", "Not available in this form"),
    415: ("unsupported_media_type", "This kind of content is not understood"),
}
_DETAILS: Final = {
    404: "There is nothing at this address.",
    405: "This address does not answer that method; see the Allow header.",
    400: "The request could not be read.",
    413: "The body is larger than is accepted here.",
}


_MISSING: Final = re.compile(r"Missing required \w+ parameter '([^']+)'")
_NAMED_FIELD: Final = re.compile(r"(?:missing required|unknown) field `([^`]+)`")


class ProblemBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of every error answer."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str
    errors: tuple[FieldError, ...] = ()


class Told(msgspec.Struct, frozen=True):
    """An error in the form in which it is told: status, code, words, fields and headers."""

    status: int
    code: str
    title: str
    detail: str
    errors: tuple[FieldError, ...] = ()
    headers: dict[str, str] = {}

    def body(self, path: str) -> bytes:
        """The problem document for a request of `path`."""
        document = ProblemBody(
            type=f"urn:hearth:problem:{self.code}",
            title=self.title,
            status=self.status,
            detail=self.detail,
            instance=path,
            code=self.code,
            request_id=request_context.get().id,
            errors=self.errors,
        )
        return msgspec.json.encode(document)


def told(problem: Problem) -> Told:
    """One of our own problems."""
    headers = {}
    if problem.retry_after_s is not None:
        headers["Retry-After"] = str(max(1, math.ceil(problem.retry_after_s)))
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Told(
        problem.status, problem.code, problem.title, problem.detail, problem.errors, headers
    )


def _told_http(error: HTTPException) -> Told:
    if isinstance(error, ValidationException):
        fields = tuple(_fields(error.extra)) or tuple(_missing(error.detail))
        return told(errors.Invalid("The input was not accepted.", errors=fields))
    status = error.status_code
    if status >= 500:
        return _internal()
    kind = _KINDS.get(status)
    code, title = (kind.code, kind.title) if kind else _TITLES.get(status, ("refused", "Refused"))
    detail = _DETAILS.get(status, error.detail)
    if status == 400 and error.detail and "JSON" in error.detail:
        detail = f"The body is not the JSON that is expected here: {error.detail}"
    headers = {key: value for key, value in (error.headers or {}).items() if key.lower() == "allow"}
    return Told(status, code, title, detail, headers=headers)


def refusal_of(error: msgspec.ValidationError) -> errors.Invalid:
    """The refusal of an input that is not of its form, with the field that it is about."""
    message, _, place = str(error).partition(" - at `")
    key = place.rstrip("`").removeprefix("$.")
    field = FieldError(_path(key, message), message)
    return errors.Invalid("The input was not accepted.", errors=(field,))


def _fields(extra: Any) -> Iterable[FieldError]:
    for item in extra if isinstance(extra, list) else []:
        if isinstance(item, dict):
            source = item.get("source")
            key = str(item.get("key") or getattr(source, "value", source) or "body")
            message = str(item.get("message", "is not accepted"))
            yield FieldError(_path(key, message), message)


def _missing(detail: str) -> Iterable[FieldError]:
    """A parameter of the address that is needed and was not given: Litestar says so in words."""
    for name in _MISSING.findall(detail):
        yield FieldError(name, "is needed")


def _as_sent(request: AnyRequest, fields: tuple[FieldError, ...]) -> tuple[FieldError, ...]:
    """The fields under the names of the address, where the handler's parameters have others."""
    handler = request.scope.get("route_handler")
    if not fields or handler is None:
        return fields
    known = handler.parsed_fn_signature.parameters
    sent = {name: getattr(one.kwarg_definition, "name", None) for name, one in known.items()}
    return tuple(FieldError(sent.get(one.field) or one.field, one.message) for one in fields)


def _path(key: str, message: str) -> str:
    """The field in the client's words: of a missing or unknown one, itself and not its object."""
    path = "" if key in ("data", "body") else key.removeprefix("$.").removeprefix("data.")
    if named := _NAMED_FIELD.search(message):
        path = f"{path}.{named.group(1)}" if path else named.group(1)
    return path or "body"


def _internal() -> Told:
    return Told(
        500,
        "internal",
        "Something went wrong",
        "Something went wrong on our side. Try again; if it stays, tell us the request id.",
    )


# By name, since only `core` imports the database driver.
_OF_THE_DRIVER: Final[dict[str, Problem]] = {
    "DataError": errors.Invalid("A value is outside of what can be kept.", code="out_of_range"),
    "CheckViolationError": errors.Invalid(
        "A value is outside of what can be kept.", code="out_of_range"
    ),
    "QueryCanceledError": errors.Unavailable("This took too long. Try again.", retry_after_s=5),
    "LockNotAvailableError": errors.Unavailable(
        "Somebody else is at it. Try again.", retry_after_s=2
    ),
    # A transaction that the database did not live to answer: whether it counted is not known.
    **dict.fromkeys(
        (
            "PostgresConnectionError",
            "AdminShutdownError",
            "CrashShutdownError",
            "InternalClientError",
        ),
        errors.Unavailable(
            "The database was away for a moment. Send it again, with the same Idempotency-Key.",
            retry_after_s=2,
        ),
    ),
}


def _told_other(error: Exception) -> Told:
    if isinstance(error, RecursionError):
        return told(errors.Malformed("The body is nested too deeply."))
    for kind in type(error).__mro__:
        if kind.__module__.startswith("asyncpg") and kind.__name__ in _OF_THE_DRIVER:
            log.warning("the database did not do it", exc_info=error)
            return told(_OF_THE_DRIVER[kind.__name__])
    log.error("unhandled error", exc_info=error)
    return _internal()


def tell(error: Exception) -> Told:
    """Any error in the form in which it is told; the unexpected is logged with its traceback."""
    if isinstance(error, Problem):
        return told(error)
    if isinstance(error, InternalServerException) and isinstance(
        error.__cause__, msgspec.ValidationError
    ):
        # A parameter that is called like a dependency. Litestar takes that for a fault of ours,
        # which it never is: our dependencies are not validated.
        return told(refusal_of(error.__cause__))
    if isinstance(error, HTTPException):
        return _told_http(error)
    return _told_other(error)


def wants_page(request: AnyRequest) -> bool:
    """Whether the one who asks is a browser that shows pages."""
    path = request.scope["path"]
    return not path.startswith("/api") and "text/html" in request.headers.get("accept", "")


def answer(request: AnyRequest, error: Exception) -> Response[Any]:
    """The answer to a request that ended in an error."""
    what = tell(error)
    if isinstance(error, ValidationException):
        what = msgspec.structs.replace(what, errors=_as_sent(request, what.errors))
    if wants_page(request):
        if isinstance(error, Unauthenticated) and request.method == "GET":
            return Redirect(_sign_in(request), status_code=303)
        # Imported late: pages are drawn with templates, and templates need no problems.
        from hearth.web.templates import render_error

        return render_error(
            request, what.status, what.title, what.detail, what.errors, what.headers
        )
    return Response(
        what.body(request.scope["path"]),
        status_code=what.status,
        media_type=MEDIA_TYPE,
        headers=what.headers,
    )


def _sign_in(request: AnyRequest) -> str:
    """Where a browser without a login is led, and how it comes back."""
    path, query = request.scope["path"], request.scope.get("query_string", b"").decode("latin-1")
    return "/sign-in?next=" + quote(f"{path}?{query}" if query else path, safe="")


HANDLERS: Final[ExceptionHandlersMap] = {Exception: answer, HTTPException: answer}
