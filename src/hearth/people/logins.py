"""Logins: registering, logging in and out, and the tokens that a login holds.

A client gets a short access token and a rotating refresh token; a browser gets a cookie. The
access token says who and until when; roles are read from the rows, so that a change counts at once.
A refresh token works once: shown again, the whole login is revoked, because one of the two who hold
it stole it. Within `GRACE_S` of its use the same successor is given again, so that two tabs or a
lost answer do not log anybody out.
"""

import hashlib
import os
import time
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec

from hearth.core.db import SYSTEM, Db, Transaction
from hearth.core.errors import NotFound, Unauthenticated
from hearth.core.limits import Limits
from hearth.core.secrets import Vault
from hearth.core.sql import Statements
from hearth.core.values import new_id, now, request_context
from hearth.people import attempts, passwords, tickets
from hearth.people.persons import Email, Person, Secret, email_key
from hearth.people.standing import Standing, standings
from hearth.people.tickets import Ticket

ACCESS_S: Final = 15 * 60
REFRESH_LASTS: Final = timedelta(days=60)
PAGE_LASTS: Final = timedelta(days=30)
GRACE_S: Final = 10.0
# How old the record of the last use may get before it is written again.
NOTED_AFTER: Final = timedelta(hours=12)

LoginKind = Literal["client", "page"]


class Gate(msgspec.Struct, frozen=True):
    """What signing in needs beside the database."""

    vault: Vault
    limits: Limits
    mail_configured: bool = False


class Credentials(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An address and a password."""

    email: Email
    password: Secret


class Tokens(msgspec.Struct, frozen=True):
    """What a client holds after logging in. `expires_in` is the seconds of the access token."""

    access_token: str
    refresh_token: str
    expires_in: int = ACCESS_S
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105


class Opened(msgspec.Struct, frozen=True):
    """A login that was just opened: who, and the text of its refresh token or cookie."""

    person: Person
    ticket: str


class Login(msgspec.Struct, frozen=True):
    """A place where the person is logged in, as they see it in their list."""

    id: UUID
    kind: LoginKind
    device: str
    address: str
    created_at: datetime
    used_at: datetime
    expires_at: datetime


class RefreshToken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A refresh token, to be exchanged."""

    refresh_token: Annotated[str, msgspec.Meta(max_length=400)]


class _SignIn(msgspec.Struct, frozen=True):
    person: UUID
    email: str
    name: str
    locale: str
    zone: str
    roles: frozenset[str]
    password_hash: str | None
    verified: bool
    familiar: bool


class _Held(msgspec.Struct, frozen=True):
    secret_hash: bytes
    previous_hash: bytes | None
    rotated_at: datetime | None


class _Row(msgspec.Struct, frozen=True):
    person: UUID
    email: str
    name: str
    locale: str
    zone: str
    roles: frozenset[str]
    secret_hash: bytes
    expires_at: datetime
    used_at: datetime


_sql: Final = Statements.beside(__file__)
SIGN_IN: Final = _sql.rows("sign_in", _SignIn, roles=frozenset)
REPLACE_HASH: Final = _sql.change("replace_hash")
OPEN_LOGIN: Final = _sql.change("open_login")
HELD_SECRETS: Final = _sql.rows("held_secrets", _Held)
ROTATE: Final = _sql.change("rotate")
REVOKE_LOGIN: Final = _sql.rows("revoke_login", UUID)
REVOKE_OTHERS: Final = _sql.change("revoke_others")
LOGINS: Final = _sql.rows("logins", Login)
STANDING_LOGIN: Final = _sql.rows("standing_login", _Row, roles=frozenset)
NOTE_USE: Final = _sql.change("note_use")


async def log_in(
    db: Db, gate: Gate, credentials: Credentials, *, kind: LoginKind, device: str = ""
) -> Opened:
    """Open a login. Whatever is wrong, the answer and its time are the same.

    When mail is configured an address must be confirmed first; otherwise a stranger could see from
    a login whether their registration met an existing account.
    """
    await attempts.allow_address(gate.limits)
    found = await _sign_in_row(db, gate, credentials.email)
    stored = found.password_hash if found else None
    checked = await passwords.check(stored, credentials.password)
    if found is None or not checked.right or (gate.mail_configured and not found.verified):
        raise Unauthenticated(
            "The e-mail address or the password is wrong, or the address is not confirmed yet.",
            code="wrong_credentials",
        )
    if checked.outdated:
        await _upgrade(db, found, credentials.password)
    person = Person(found.person, found.email, found.name, found.locale, found.zone, found.roles)
    return await open_login(db, gate.vault, person, kind=kind, device=device)


async def _sign_in_row(db: Db, gate: Gate, email: str) -> _SignIn | None:
    key, address = email_key(email), request_context.get().address
    found = await db.maybe(SIGN_IN, SYSTEM, email_key=key, address=address)
    if found is not None and found.familiar:
        await attempts.allow(gate.limits, attempts.FAMILIAR, f"{key} {address}")
    else:
        await attempts.allow(gate.limits, attempts.UNFAMILIAR, key)
    return found


async def _upgrade(db: Db, found: _SignIn, password: str) -> None:
    fresh = await passwords.hashed(password)
    await db.run(REPLACE_HASH, found.person, stored=found.password_hash, fresh=fresh)


async def open_login(
    db: Db, vault: Vault, person: Person, *, kind: LoginKind, device: str = ""
) -> Opened:
    """Open a login for a person who has proved who they are."""
    ticket = Ticket(person.id, new_id(), os.urandom(32))
    async with db.transaction(person.id) as tx:
        await tx.run(
            OPEN_LOGIN,
            person.id,
            id=ticket.id,
            kind=kind,
            secret_hash=ticket.secret_hash,
            device=device[:200].replace("\0", ""),
            address=request_context.get().address,
            expires_at=now() + (PAGE_LASTS if kind == "page" else REFRESH_LASTS),
        )
    text = tickets.write(vault, "hp" if kind == "page" else "hr", ticket)
    return Opened(msgspec.structs.replace(person, login_id=ticket.id), text)


def tokens_of(vault: Vault, opened: Opened) -> Tokens:
    """The pair of tokens for a login of a client."""
    assert opened.person.login_id is not None
    access = _access_token(vault, opened.person.id, opened.person.login_id)
    return Tokens(access, opened.ticket)


def _access_token(vault: Vault, person_id: UUID, login_id: UUID) -> str:
    expiry = int(time.time()) + ACCESS_S
    return tickets.write(vault, "ha", Ticket(person_id, login_id, expiry.to_bytes(8, "big")))


async def refresh(db: Db, vault: Vault, text: str) -> Tokens:
    """Exchange a refresh token for new tokens. An old one shown again revokes its login."""
    ticket = tickets.read(vault, "hr", text)
    if ticket is None:
        raise _refused()
    async with db.transaction(ticket.person_id) as tx:
        successor = await _successor(tx, vault, ticket)
        if successor is None:
            await _revoke(tx, ticket.person_id, ticket.id)
    # The revocation has to stand, hence the refusal outside of its transaction.
    if successor is None:
        raise _refused()
    access = _access_token(vault, ticket.person_id, ticket.id)
    return Tokens(access, tickets.write(vault, "hr", successor))


async def _successor(tx: Transaction, vault: Vault, ticket: Ticket) -> Ticket | None:
    held = await tx.maybe(HELD_SECRETS, ticket.person_id, id=ticket.id)
    if held is None:
        return None
    # Made from the old secret, so that whoever comes twice within the grace gets the same one.
    secret = vault.sign("people.successor", ticket.id.bytes + ticket.tail)
    successor = msgspec.structs.replace(ticket, tail=secret)
    if held.secret_hash == ticket.secret_hash:
        await tx.run(
            ROTATE,
            ticket.person_id,
            id=ticket.id,
            secret_hash=successor.secret_hash,
            expires_at=now() + REFRESH_LASTS,
        )
        return successor
    return successor if _in_grace(held, ticket, successor) else None


def _in_grace(held: _Held, ticket: Ticket, successor: Ticket) -> bool:
    return (
        held.previous_hash == ticket.secret_hash
        and held.secret_hash == successor.secret_hash
        and held.rotated_at is not None
        and (now() - held.rotated_at).total_seconds() <= GRACE_S
    )


def _refused() -> Unauthenticated:
    return Unauthenticated(
        "This refresh token is no longer good. Log in again.", code="refresh_refused"
    )


async def log_out(db: Db, person: Person) -> None:
    """Revoke the login that was shown; without one there is nothing to do."""
    if person.login_id is not None:
        async with db.transaction(person.id) as tx:
            await _revoke(tx, person.id, person.login_id)


async def revoke_login(db: Db, person: Person, login_id: UUID) -> None:
    """Revoke one of the person's logins. `NotFound` when there is none."""
    async with db.transaction(person.id) as tx:
        if not await _revoke(tx, person.id, login_id):
            raise NotFound("You have no such login.")


async def _revoke(tx: Transaction, person_id: UUID, login_id: UUID) -> bool:
    tx.after_commit.append(lambda: standings.forget(person_id))
    return await tx.maybe(REVOKE_LOGIN, person_id, id=login_id) is not None


async def revoke_others(tx: Transaction, person_id: UUID, *, keep: UUID | None) -> None:
    """Revoke every login of the person except `keep`."""
    await tx.run(REVOKE_OTHERS, person_id, keep=keep)
    tx.after_commit.append(lambda: standings.forget(person_id))


async def logins(db: Db, person: Person) -> list[Login]:
    """Where the person is logged in, latest first."""
    return await db.all(LOGINS, person.id)


async def who_holds_access(db: Db, vault: Vault, text: str) -> Person | None:
    """Whose access token this is; None when it is wrong, expired or its login revoked."""
    ticket = tickets.read_again(vault, "ha", text)
    if ticket is None or int.from_bytes(ticket.tail, "big") < time.time():
        return None
    standing = await _standing(db, ticket)
    return standing.person if standing else None


async def who_holds_cookie(db: Db, vault: Vault, text: str) -> Person | None:
    """Whose cookie this is; None when it is wrong, expired or its login revoked."""
    ticket = tickets.read_again(vault, "hp", text)
    if ticket is None:
        return None
    standing = await _standing(db, ticket)
    # The HMAC vouches for the ticket; the hash says that it is this login's and not a former one's.
    return standing.person if standing and standing.secret_hash == ticket.secret_hash else None


async def _standing(db: Db, ticket: Ticket) -> Standing | None:
    kept = standings.get(ticket.id)
    if kept is not None:
        return kept
    seen = standings.changes
    row = await db.maybe(STANDING_LOGIN, ticket.person_id, id=ticket.id)
    if row is None:
        return None
    if now() - row.used_at > NOTED_AFTER:
        await db.run(NOTE_USE, row.person, id=ticket.id, page_until=now() + PAGE_LASTS)
    person = Person(row.person, row.email, row.name, row.locale, row.zone, row.roles)
    person = msgspec.structs.replace(person, login_id=ticket.id)
    standing = Standing(person, row.secret_hash, row.expires_at.timestamp())
    standings.put(ticket.id, standing, seen=seen)
    return standing


def csrf_token(vault: Vault, login_id: UUID) -> str:
    """The token that a form of this login carries to show that our own page made it."""
    return hashlib.sha256(vault.sign("people.csrf", login_id.bytes)).hexdigest()
