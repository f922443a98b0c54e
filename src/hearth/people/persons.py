"""Persons: who acts, what they may do, and their profile."""

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from hearth.core.db import SYSTEM, Db
from hearth.core.errors import FieldError, Forbidden, Invalid, NotFound
from hearth.core.limits import Limits
from hearth.core.sql import Statements
from hearth.people import attempts, passwords
from hearth.people.languages import LOCALES
from hearth.people.standing import standings

ROLES: Final = frozenset({"person", "business", "coach", "support", "operations", "admin"})
"""Everybody is a `person`; `business` answers for a place, `coach` sees who shares with them;
`support`, `operations` and `admin` are staff."""

STAFF: Final = frozenset({"support", "operations", "admin"})
EVERY_SCOPE: Final = frozenset({"*"})

LONGEST_NAME: Final = 200
Name = Annotated[
    str,
    msgspec.Meta(max_length=LONGEST_NAME, extra_json_schema={"pattern": r"^[^\x00-\x1f]*$"}),
]
Email = Annotated[
    str, msgspec.Meta(min_length=3, max_length=254, extra_json_schema={"format": "email"})
]
Locale = Annotated[str, msgspec.Meta(max_length=20, extra_json_schema={"enum": list(LOCALES)})]
# The rule itself answers with a reason; this only bounds what is hashed.
Secret = Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]

_EMAIL: Final = re.compile(
    r"[^\s@<>\"(),:;\\\[\]\x00-\x1f\x7f]+@[^\W_]([\w.-]*[^\W_])?", re.UNICODE
)


class Person(msgspec.Struct, frozen=True):
    """The acting person. `scopes` is `{"*"}` for a full login, fewer for an API token.

    `zone` is an IANA time zone: a day is the person's local day. `login_id` is the login or API
    token that was shown; None for work that nobody is logged in for (commands, jobs). `by_token`
    says that it was an API token, which looks after no logins, passwords or other tokens.
    """

    id: UUID
    email: str
    name: str = ""
    locale: str = "en"
    zone: str = "UTC"
    roles: frozenset[str] = frozenset({"person"})
    scopes: frozenset[str] = EVERY_SCOPE
    login_id: UUID | None = None
    by_token: bool = False

    @property
    def is_staff(self) -> bool:
        """Whether the person works for the house."""
        return not self.roles.isdisjoint(STAFF)


class Profile(msgspec.Struct, frozen=True):
    """What a person sees of themselves."""

    id: UUID
    email: str
    name: str
    locale: str
    zone: str
    roles: frozenset[str]
    verified: bool
    created_at: datetime


class ProfileChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person changes of themselves; what is left out stays."""

    name: Name | None = None
    locale: Locale | None = None
    zone: Annotated[str, msgspec.Meta(max_length=64)] | None = None


def may(person: Person, scope: str) -> bool:
    """Whether the login covers `scope`, such as `diary:write`; `diary:*` and `*` cover it too.

    Writing covers reading: `diary:write` grants `diary:read`.
    """
    if person.by_token and scope == "auth:write":
        # A leaked token could otherwise make itself others that outlast it.
        return False
    if "*" in person.scopes or scope in person.scopes:
        return True
    area, _, action = scope.partition(":")
    return f"{area}:*" in person.scopes or (action == "read" and f"{area}:write" in person.scopes)


def need_scope(person: Person, scope: str) -> None:
    """Raise `Forbidden` unless the login covers the scope."""
    if not may(person, scope):
        raise Forbidden(f"This token does not have the scope {scope}.", code="scope_needed")


def need_role(person: Person, *roles: str) -> None:
    """Raise `Forbidden` unless the person has one of the roles; an admin has them all."""
    if person.roles.isdisjoint({*roles, "admin"}):
        raise Forbidden(f"This needs the role {' or '.join(roles)}.", code="role_needed")


def email_key(email: str) -> str:
    """The form of an address in which two spellings are one: NFKC, lower case, trimmed."""
    return unicodedata.normalize("NFKC", email.strip()).lower()


def checked_email(email: str) -> str:
    """The trimmed address. `Invalid` when mail could not be sent to it."""
    email = email.strip()
    key = email_key(email)
    if len(key) > 254 or not _EMAIL.fullmatch(key) or ".." in key:
        raise Invalid(
            "The e-mail address was not accepted.",
            errors=(FieldError("email", "Write an address such as anna@example.org."),),
        )
    return email


def checked_name(name: str) -> str:
    """The trimmed name. `Invalid` when it is too long or holds control characters."""
    name = name.strip()
    if len(name) > LONGEST_NAME or any(ord(letter) < 32 for letter in name):
        raise Invalid(
            "The name was not accepted.",
            errors=(FieldError("name", f"Use at most {LONGEST_NAME} letters, on one line."),),
        )
    return name


def checked_locale(locale: str) -> str:
    """The locale. `Invalid` when Hearth does not speak it."""
    if locale not in LOCALES:
        known = ", ".join(LOCALES)
        raise Invalid(
            f"Hearth does not speak {locale!r}.",
            errors=(FieldError("locale", f"Use one of {known}."),),
        )
    return locale


def checked_zone(zone: str) -> str:
    """The IANA time zone. `Invalid` when there is none of that name."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid(
            f"There is no time zone {zone!r}.",
            errors=(FieldError("zone", "Use a name such as Europe/Stockholm."),),
        ) from None
    return zone


_sql: Final = Statements.beside(__file__)
PERSON_BY_EMAIL: Final = _sql.rows("person_by_email", Person, roles=frozenset)
PERSON_BY_ID: Final = _sql.rows("person_by_id", Person, roles=frozenset)
PROFILE: Final = _sql.rows("profile", Profile, roles=frozenset)
CHANGE_PROFILE: Final = _sql.change("change_profile")
PASSWORD_HASH: Final = _sql.rows("password_hash", str)
DELETE_PERSON: Final = _sql.change("delete_person")
SET_ROLES: Final = _sql.change("set_roles")


async def person_by_email(db: Db, email: str) -> Person:
    """The person with this address, for commands of the house. `NotFound` when there is none."""
    found = await db.maybe(PERSON_BY_EMAIL, SYSTEM, email_key=email_key(email))
    if found is None:
        raise NotFound(f"Nobody has the e-mail address {email}.")
    return found


async def person_by_id(db: Db, person_id: UUID) -> Person:
    """The person with this id, for jobs."""
    return await db.one(PERSON_BY_ID, person_id)


async def profile(db: Db, person: Person) -> Profile:
    """The person as they see themselves."""
    return await db.one(PROFILE, person.id)


async def change_profile(db: Db, person: Person, change: ProfileChange) -> Profile:
    """Change name, locale or time zone; what is None stays."""
    name = None if change.name is None else checked_name(change.name)
    if change.locale is not None:
        checked_locale(change.locale)
    if change.zone is not None:
        checked_zone(change.zone)
    async with db.transaction(person.id) as tx:
        await tx.run(CHANGE_PROFILE, person.id, name=name, locale=change.locale, zone=change.zone)
        tx.after_commit.append(lambda: standings.forget(person.id))
        return await tx.one(PROFILE, person.id)


async def demand_password(db: Db, person: Person, password: str, *, field: str) -> None:
    """Raise `Forbidden` unless this is the person's password."""
    stored = await db.maybe(PASSWORD_HASH, person.id)
    if not (await passwords.check(stored, password)).right:
        raise Forbidden(
            "The password is wrong.",
            code="wrong_password",
            errors=(FieldError(field, "This is not your password."),),
        )


async def delete_person(db: Db, limits: Limits, person: Person, *, password: str) -> None:
    """Delete the person and everything that is theirs, at once. Needs the password."""
    await attempts.allow(limits, attempts.PASSWORD, str(person.id))
    await demand_password(db, person, password, field="password")
    async with db.transaction(person.id) as tx:
        await tx.run(DELETE_PERSON, person.id)
        tx.after_commit.append(lambda: standings.forget(person.id))


async def grant(db: Db, email: str, role: str) -> Person:
    """Give the person with this address a role. Their logins have it at once."""
    return await _with_roles(db, email, lambda roles: roles | {_known(role)})


async def withdraw(db: Db, email: str, role: str) -> Person:
    """Take a role away; everybody stays a `person`."""
    return await _with_roles(db, email, lambda roles: (roles - {_known(role)}) | {"person"})


def _known(role: str) -> str:
    if role not in ROLES:
        raise Invalid(f"There is no role {role!r}. The roles are {', '.join(sorted(ROLES))}.")
    return role


async def _with_roles(
    db: Db, email: str, change: Callable[[frozenset[str]], frozenset[str]]
) -> Person:
    person = await person_by_email(db, email)
    roles = change(person.roles)
    async with db.transaction(SYSTEM) as tx:
        await tx.run(SET_ROLES, SYSTEM, person=person.id, roles=sorted(roles))
        tx.after_commit.append(lambda: standings.forget(person.id))
    return msgspec.structs.replace(person, roles=roles)
