"""What can go wrong, in few kinds. The message is for its reader: what, with which input, what to do.

Every kind carries the HTTP status and the stable code that the web shell renders as
`application/problem+json`; a command prints the message and exits 1.
"""

import msgspec


class FieldError(msgspec.Struct, frozen=True):
    """One input that was refused: its path in the body or query, and why."""

    field: str
    message: str


class Problem(Exception):
    """Something that a person or client can be told. Subclasses fix status and code."""

    status = 500
    code = "internal"
    title = "Something went wrong"

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        errors: tuple[FieldError, ...] = (),
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or type(self).code
        self.errors = errors
        self.retry_after_s = retry_after_s


class Invalid(Problem):
    """The input is well-formed but cannot be accepted; `errors` says which fields and why."""

    status = 422
    code = "invalid"
    title = "The input was not accepted"


def refused(field: str, why: str) -> Invalid:
    """The refusal of one field, to be raised."""
    return Invalid(f"{field}: {why}", errors=(FieldError(field, why),))


class Malformed(Problem):
    """The input cannot be read at all."""

    status = 400
    code = "malformed"
    title = "The input could not be read"


class Unauthenticated(Problem):
    """Nobody is logged in, or the token is wrong, expired or revoked."""

    status = 401
    code = "unauthenticated"
    title = "Log in first"


class Forbidden(Problem):
    """Somebody is logged in but may not do this."""

    status = 403
    code = "forbidden"
    title = "Not allowed"


class NotFound(Problem):
    """There is no such thing, or it is not this person's; the two are not told apart."""

    status = 404
    code = "not_found"
    title = "Not found"


class Conflict(Problem):
    """The state has moved on, or the thing exists already."""

    status = 409
    code = "conflict"
    title = "Conflict"


class Stale(Problem):
    """`If-Match` names a version that is no longer the current one."""

    status = 412
    code = "stale"
    title = "Changed in the meantime"


class TooLarge(Problem):
    """The body or file is over its limit."""

    status = 413
    code = "too_large"
    title = "Too large"


class TooMany(Problem):
    """A limit on attempts or requests was reached; `retry_after_s` says when to come back."""

    status = 429
    code = "too_many"
    title = "Too many requests"


class Unavailable(Problem):
    """Something that Hearth needs is away for now; nothing was changed."""

    status = 503
    code = "unavailable"
    title = "Not available right now"
