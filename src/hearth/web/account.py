"""The pages of the shell: sign-in, registering, a new password, the account, no network."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post

from hearth import people
from hearth.core.errors import Problem
from hearth.web.dependencies import DbIn, DoorsIn, LimitsIn, LocaleIn, MaybePersonIn, PersonIn
from hearth.web.doors import Doors
from hearth.web.forms import Fields, errors_of, fields_of, seen
from hearth.web.identity import (
    gate_of,
    safe_next,
    with_login_cookie,
    without_login_cookie,
)
from hearth.web.shown import Shown
from hearth.web.templates import LOCALE_COOKIE, gettext, locale_for, render, told

AnyRequest = Request[Any, Any, Any]
Page = Response[Any]
_OPEN: Final = {"anonymous": True}
LOCALE_NAMES: Final = {
    "en": "English",
    "sv": "svenska",
    "sr-Latn": "srpski (latinica)",
    "sr-Cyrl": "српски (ћирилица)",
}
THEMES: Final = ("auto", "light", "dark")
THEME_COOKIE: Final = "hearth_theme"
YEAR_S: Final = 365 * 24 * 3600


def device_name(agent: str) -> str:
    """A browser's own description of itself in two words that a person knows."""
    browsers = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome"}
    systems = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows"}
    systems |= {"Mac OS": "Mac", "Linux": "Linux"}
    browser = next(
        (name for mark, name in {**browsers, "Safari": "Safari"}.items() if mark in agent), ""
    )
    system = next((name for mark, name in systems.items() if mark in agent), "")
    return ", ".join(filter(None, (browser, system))) or agent[:40]


def _device(request: AnyRequest) -> str:
    return request.headers.get("user-agent", "")


# ------------------------------------------------------------------ signing in


@get("/sign-in", opt=_OPEN, include_in_schema=False)
async def sign_in_page(request: AnyRequest, maybe_person: MaybePersonIn) -> Page:
    """Sign in."""
    then = safe_next(request.query_params.get("next"))
    if maybe_person is not None:
        return seen(then)
    return render(request, "sign_in.html", then=then, email="", wrong="")


@post("/sign-in", opt=_OPEN, include_in_schema=False)
async def sign_in(request: AnyRequest, db: DbIn, doors: DoorsIn) -> Page:
    """Open a login with a cookie."""
    fields = await fields_of(request)
    then = safe_next(fields.text("next"))
    email, password = fields.text("email"), fields.text("password")
    try:
        opened = await people.logins.log_in(
            db,
            gate_of(doors),
            people.logins.Credentials(email, password),
            kind="page",
            device=_device(request),
        )
    except Problem as problem:
        return render(
            request,
            "sign_in.html",
            status=problem.status,
            then=then,
            email=email,
            wrong=told(problem),
        )
    response = seen(then)
    with_login_cookie(response, doors.site, opened)
    return response


@post("/sign-out", include_in_schema=False)
async def sign_out(db: DbIn, doors: DoorsIn, person: PersonIn) -> Page:
    """End this login."""
    await people.logins.log_out(db, person)
    response = seen("/")
    without_login_cookie(response, doors.site)
    return response


@get("/register", opt=_OPEN, include_in_schema=False)
async def register_page(request: AnyRequest, maybe_person: MaybePersonIn) -> Page:
    """Make an account."""
    if maybe_person is not None:
        return seen("/")
    return _registering(request, Fields({}), "", {})


@post("/register", opt=_OPEN, include_in_schema=False)
async def register(request: AnyRequest, db: DbIn, doors: DoorsIn, locale: LocaleIn) -> Page:
    """Make the account and sign in; where mail is configured, look into it first."""
    fields = await fields_of(request)
    zone = fields.text("zone")
    new = people.registrations.NewPerson(
        fields.text("email"),
        fields.text("password"),
        fields.text("name"),
        locale,
        zone or "UTC",
    )
    try:
        opened = await people.registrations.register(
            db, gate_of(doors), new, kind="page", device=_device(request)
        )
    except Problem as problem:
        return _registering(request, fields, told(problem), errors_of(problem), problem.status)
    if opened is None:
        return render(request, "look_into_mail.html")
    response = seen("/")
    with_login_cookie(response, doors.site, opened)
    return response


def _registering(
    request: AnyRequest, fields: Fields, wrong: str, errors: dict[str, str], status: int = 200
) -> Page:
    name, email = fields.text("name"), fields.text("email")
    return render(
        request, "register.html", status=status, name=name, email=email, wrong=wrong, errors=errors
    )


@get("/verify", opt=_OPEN, include_in_schema=False)
async def verify_page(request: AnyRequest) -> Page:
    """The page of the link that confirms an address. A mail scanner presses no button."""
    return render(
        request, "verify.html", token=request.query_params.get("token", ""), done=False, wrong=""
    )


@post("/verify", opt=_OPEN, include_in_schema=False)
async def verify(request: AnyRequest, db: DbIn, doors: DoorsIn) -> Page:
    """Confirm the address."""
    token = (await fields_of(request)).text("token")
    try:
        await people.registrations.verify(db, doors.vault, token)
    except Problem as problem:
        return render(
            request,
            "verify.html",
            status=problem.status,
            token=token,
            done=False,
            wrong=told(problem),
        )
    return render(request, "verify.html", token="", done=True, wrong="")


# ------------------------------------------------------------------ a forgotten password


@get("/reset", opt=_OPEN, include_in_schema=False)
async def reset_page(request: AnyRequest, doors: DoorsIn) -> Page:
    """Ask for a link, or with a link set a password."""
    return _resetting(request, doors, token=request.query_params.get("token", ""))


@post("/reset", opt=_OPEN, include_in_schema=False)
async def reset(request: AnyRequest, db: DbIn, doors: DoorsIn) -> Page:
    """Send the link, or set the password that came with one."""
    fields = await fields_of(request)
    token = fields.text("token")
    try:
        if token:
            await people.resets.reset(
                db, gate_of(doors), people.resets.Reset(token, fields.text("password"))
            )
            return seen("/sign-in")
        await people.resets.request_reset(
            db, gate_of(doors), people.resets.ResetRequest(fields.text("email"))
        )
    except Problem as problem:
        return _resetting(request, doors, token=token, wrong=told(problem), status=problem.status)
    return _resetting(request, doors, sent=True)


def _resetting(
    request: AnyRequest, doors: Doors, *, token: str = "", sent: bool = False, wrong: str = "",
    status: int = 200,
) -> Page:  # fmt: skip
    mail = doors.mail.configured
    return render(
        request, "reset.html", status=status, token=token, sent=sent, mail=mail, wrong=wrong
    )


# ------------------------------------------------------------------ the account


@get("/me", include_in_schema=False)
async def me_page(request: AnyRequest, db: DbIn, person: PersonIn) -> Page:
    """The account."""
    return await _me(request, db, person)


async def _me(
    request: AnyRequest, db: DbIn, person: PersonIn, problem: Problem | None = None
) -> Page:
    return render(
        request,
        "me.html",
        status=problem.status if problem else 200,
        here="me",
        profile=await people.persons.profile(db, person),
        logins=await people.logins.logins(db, person),
        login_id=person.login_id,
        device_name=device_name,
        locales=list(LOCALE_NAMES.items()),
        shown=Shown(locale=locale_for(request), zone=person.zone),
        theme=request.cookies.get(THEME_COOKIE, "auto"),
        wrong=told(problem) if problem else "",
        errors=errors_of(problem) if problem else {},
    )


@post("/me", include_in_schema=False)
async def change_me(request: AnyRequest, db: DbIn, person: PersonIn) -> Page:
    """Change name, language, zone and colours."""
    fields = await fields_of(request)
    change = people.persons.ProfileChange(
        name=fields.text("name"), locale=fields.text("locale"), zone=fields.text("zone")
    )
    try:
        await people.persons.change_profile(db, person, change)
    except Problem as problem:
        return await _me(request, db, person, problem)
    response = seen("/me")
    theme = fields.text("theme") if fields.text("theme") in THEMES else "auto"
    response.set_cookie(THEME_COOKIE, theme, max_age=YEAR_S, samesite="lax")
    response.set_cookie(LOCALE_COOKIE, fields.text("locale"), max_age=YEAR_S, samesite="lax")
    return response


@post("/me/password", include_in_schema=False)
async def change_password(request: AnyRequest, db: DbIn, doors: DoorsIn, person: PersonIn) -> Page:
    """Change the password; every other login ends."""
    fields = await fields_of(request)
    change = people.resets.PasswordChange(fields.text("current"), fields.text("password"))
    try:
        await people.resets.change_password(db, gate_of(doors), person, change)
    except Problem as problem:
        return await _me(request, db, person, problem)
    return seen("/me")


@post("/me/logins/{login_id:uuid}/end", include_in_schema=False)
async def end_login(db: DbIn, person: PersonIn, login_id: UUID) -> Page:
    """Sign another device out."""
    await people.logins.revoke_login(db, person, login_id)
    return seen("/me")


@post("/me/delete", include_in_schema=False)
async def delete_me(
    request: AnyRequest, db: DbIn, doors: DoorsIn, limits: LimitsIn, person: PersonIn
) -> Page:
    """Delete the person and all that is theirs."""
    password = (await fields_of(request)).text("password_to_delete")
    try:
        await people.persons.delete_person(db, limits, person, password=password)
    except Problem as problem:
        return await _me(request, db, person, problem)
    response = seen("/")
    without_login_cookie(response, doors.site)
    return response


# ------------------------------------------------------------------ other pages of the shell


@get("/offline", opt=_OPEN, include_in_schema=False)
async def offline(request: AnyRequest) -> Page:
    """What a page shows that was not kept when the network is away."""
    return render(request, "offline.html")


@get("/staff/design", opt={"role": ("support", "operations", "admin")}, include_in_schema=False)
async def design(request: AnyRequest) -> Page:
    """Tokens and components, for staff."""
    return render(request, "design.html", title=gettext("Design"))


pages: Final = [
    sign_in_page, sign_in, sign_out, register_page, register, verify_page, verify, reset_page,
    reset, me_page, change_me, change_password, end_login, delete_me, offline, design,
]  # fmt: skip
