"""`/api/auth`: registering, logging in, tokens. Answers are never kept by caches."""

from typing import Any, Final, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, post
from litestar.datastructures import ResponseHeader
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody

from hearth import people
from hearth.web.dependencies import DbIn, DoorsIn, PersonIn, VaultIn
from hearth.web.identity import gate_of

AnyRequest = Request[Any, Any, Any]
_OPEN: Final = {"anonymous": True}
# Only a login may look after logins and passwords; a program's token may not.
_OWN: Final = {"scope": "auth:write"}


class LookIntoMail(msgspec.Struct, frozen=True):
    """What there is to do now is in a letter, if the address is one we write to."""

    next: Literal["look_into_mail"] = "look_into_mail"


class Verification(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The token of the link that confirms an address."""

    token: people.resets.LinkToken


def device_of(request: AnyRequest) -> str:
    """What the client calls itself, for the list of logins."""
    return request.headers.get("user-agent", "")


@post(
    "/register",
    opt=_OPEN,
    status_code=201,
    responses={
        202: ResponseSpec(LookIntoMail, description="Look into mail", generate_examples=False)
    },
)
async def register(
    db: DbIn, doors: DoorsIn, request: AnyRequest, data: JSONBody[people.registrations.NewPerson]
) -> Response[people.logins.Tokens]:
    """Make an account. Answers tokens, or, where mail is configured, 202 for every address."""
    opened = await people.registrations.register(
        db, gate_of(doors), data, kind="client", device=device_of(request)
    )
    if opened is None:
        later: Response[Any] = Response(LookIntoMail(), status_code=202)
        return later
    return Response(people.logins.tokens_of(doors.vault, opened), status_code=201)


@post("/login", opt=_OPEN, status_code=200)
async def log_in(
    db: DbIn, doors: DoorsIn, request: AnyRequest, data: JSONBody[people.logins.Credentials]
) -> people.logins.Tokens:
    """Log in with address and password."""
    opened = await people.logins.log_in(
        db, gate_of(doors), data, kind="client", device=device_of(request)
    )
    return people.logins.tokens_of(doors.vault, opened)


@post("/refresh", opt=_OPEN, status_code=200)
async def refresh(
    db: DbIn, vault: VaultIn, data: JSONBody[people.logins.RefreshToken]
) -> people.logins.Tokens:
    """Exchange a refresh token, once, for new tokens."""
    return await people.logins.refresh(db, vault, data.refresh_token)


@post("/logout", opt=_OWN, status_code=204)
async def log_out(db: DbIn, person: PersonIn) -> None:
    """End this login."""
    await people.logins.log_out(db, person)


@post("/password", opt=_OWN, status_code=204)
async def change_password(
    db: DbIn, doors: DoorsIn, person: PersonIn, data: JSONBody[people.resets.PasswordChange]
) -> None:
    """Change the password; every other login ends."""
    await people.resets.change_password(db, gate_of(doors), person, data)


@post("/reset-request", opt=_OPEN, status_code=202)
async def request_reset(
    db: DbIn, doors: DoorsIn, data: JSONBody[people.resets.ResetRequest]
) -> LookIntoMail:
    """Ask for a link to set a new password; the answer is the same for every address."""
    await people.resets.request_reset(db, gate_of(doors), data)
    return LookIntoMail()


@post("/reset", opt=_OPEN, status_code=204)
async def reset_password(db: DbIn, doors: DoorsIn, data: JSONBody[people.resets.Reset]) -> None:
    """Set a new password by link; every login and token ends."""
    await people.resets.reset(db, gate_of(doors), data)


@post("/verify", opt=_OPEN, status_code=204)
async def verify_email(db: DbIn, vault: VaultIn, data: JSONBody[Verification]) -> None:
    """Confirm an e-mail address by link."""
    await people.registrations.verify(db, vault, data.token)


@get("/tokens", opt={"scope": "auth:read"})
async def list_tokens(db: DbIn, person: PersonIn) -> list[people.tokens.ApiToken]:
    """The tokens that programs hold."""
    return await people.tokens.tokens(db, person)


@post("/tokens", opt=_OWN, status_code=201)
async def make_token(
    db: DbIn, vault: VaultIn, person: PersonIn, data: JSONBody[people.tokens.NewToken]
) -> people.tokens.MadeToken:
    """Make a token for a program. Its text is answered once and kept nowhere."""
    return await people.tokens.make_token(db, vault, person, data)


@delete("/tokens/{token_id:uuid}", opt=_OWN, status_code=204)
async def revoke_token(db: DbIn, person: PersonIn, token_id: FromPath[UUID]) -> None:
    """Revoke a token."""
    await people.tokens.revoke_token(db, person, token_id)


@get("/logins", opt={"scope": "auth:read"})
async def list_logins(db: DbIn, person: PersonIn) -> list[people.logins.Login]:
    """Where the person is logged in."""
    return await people.logins.logins(db, person)


@delete("/logins/{login_id:uuid}", opt=_OWN, status_code=204)
async def revoke_login(db: DbIn, person: PersonIn, login_id: FromPath[UUID]) -> None:
    """Log another device out."""
    await people.logins.revoke_login(db, person, login_id)


auth: Final = Router(
    "/api/auth",
    route_handlers=[
        register,
        log_in,
        refresh,
        log_out,
        change_password,
        request_reset,
        reset_password,
        verify_email,
        list_tokens,
        make_token,
        revoke_token,
        list_logins,
        revoke_login,
    ],
    tags=["auth"],
    response_headers=[
        ResponseHeader(name="Cache-Control", value="no-store", documentation_only=False)
    ],
)
