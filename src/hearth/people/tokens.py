"""API tokens: what a person gives to a program, with no more scopes than it needs."""

import os
from datetime import datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

import msgspec

from hearth.core.db import Db, Transaction
from hearth.core.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from hearth.core.secrets import Vault
from hearth.core.sql import Statements
from hearth.core.values import new_id, now
from hearth.people import tickets
from hearth.people.persons import Person, may
from hearth.people.standing import Standing, standings
from hearth.people.tickets import Ticket

MOST: Final = 50
NOTED_AFTER: Final = timedelta(hours=1)
NEVER: Final = float("inf")

Scope = Annotated[
    str, msgspec.Meta(pattern=r"^([a-z][a-z_]{0,30}:(read|write|ask|\*)|\*)$", max_length=40)
]


class NewToken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A token to be made. `expires_in_days` None lasts until it is revoked."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    scopes: Annotated[list[Scope], msgspec.Meta(min_length=1, max_length=50)]
    expires_in_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] | None = None


class ApiToken(msgspec.Struct, frozen=True):
    """A token as the person sees it in their list; its text is shown only once, when made."""

    id: UUID
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class MadeToken(msgspec.Struct, frozen=True):
    """A token that was just made, with its text."""

    token: str
    details: ApiToken


class _Row(msgspec.Struct, frozen=True):
    person: UUID
    email: str
    name: str
    locale: str
    zone: str
    roles: frozenset[str]
    scopes: frozenset[str]
    secret_hash: bytes
    expires_at: datetime | None
    last_used_at: datetime | None


_sql: Final = Statements.beside(__file__)
COUNT_TOKENS: Final = _sql.rows("count_tokens", int)
MAKE_TOKEN: Final = _sql.rows("make_token", ApiToken, scopes=tuple)
TOKENS: Final = _sql.rows("tokens", ApiToken, scopes=tuple)
REVOKE_TOKEN: Final = _sql.rows("revoke_token", UUID)
REVOKE_TOKENS: Final = _sql.change("revoke_tokens")
STANDING_TOKEN: Final = _sql.rows("standing_token", _Row, roles=frozenset, scopes=frozenset)
NOTE_TOKEN_USE: Final = _sql.change("note_token_use")


async def make_token(db: Db, vault: Vault, person: Person, new: NewToken) -> MadeToken:
    """Make a token with at most the scopes of the login that asks. Its text is not kept."""
    if not new.name.strip():
        raise Invalid(
            "The token needs a name.", errors=(FieldError("name", "Say what it is for."),)
        )
    beyond = [scope for scope in new.scopes if not may(person, scope)]
    if beyond:
        raise Forbidden(
            f"This login does not have {', '.join(beyond)} itself.", code="scope_needed"
        )
    ticket = Ticket(person.id, new_id(), os.urandom(32))
    days = new.expires_in_days
    async with db.transaction(person.id) as tx:
        if await tx.one(COUNT_TOKENS, person.id) >= MOST:
            raise Conflict(f"You have {MOST} tokens. Revoke one that is no longer used.")
        made = await tx.one(
            MAKE_TOKEN,
            person.id,
            id=ticket.id,
            name=new.name.strip(),
            secret_hash=ticket.secret_hash,
            scopes=sorted(set(new.scopes)),
            expires_at=now() + timedelta(days=days) if days else None,
        )
    return MadeToken(tickets.write(vault, "hearth", ticket), made)


async def tokens(db: Db, person: Person) -> list[ApiToken]:
    """The person's tokens that still work, latest first."""
    return await db.all(TOKENS, person.id)


async def revoke_token(db: Db, person: Person, token_id: UUID) -> None:
    """Revoke a token at once. `NotFound` when there is none."""
    async with db.transaction(person.id) as tx:
        if await tx.maybe(REVOKE_TOKEN, person.id, id=token_id) is None:
            raise NotFound("You have no such token.")
        tx.after_commit.append(lambda: standings.forget(person.id))


async def revoke_tokens(tx: Transaction, person_id: UUID) -> None:
    """Revoke all tokens of a person."""
    await tx.run(REVOKE_TOKENS, person_id)
    tx.after_commit.append(lambda: standings.forget(person_id))


async def who_holds_token(db: Db, vault: Vault, text: str) -> Person | None:
    """Whose API token this is, with its scopes; None when it is wrong, expired or revoked."""
    ticket = tickets.read_again(vault, "hearth", text)
    if ticket is None:
        return None
    standing = standings.get(ticket.id) or await _standing(db, ticket)
    return standing.person if standing and standing.secret_hash == ticket.secret_hash else None


async def _standing(db: Db, ticket: Ticket) -> Standing | None:
    seen = standings.changes
    row = await db.maybe(STANDING_TOKEN, ticket.person_id, id=ticket.id)
    if row is None:
        return None
    if row.last_used_at is None or now() - row.last_used_at > NOTED_AFTER:
        await db.run(NOTE_TOKEN_USE, row.person, id=ticket.id)
    person = Person(
        row.person, row.email, row.name, row.locale, row.zone, row.roles, row.scopes, ticket.id,
        by_token=True,
    )  # fmt: skip
    expires_at = row.expires_at.timestamp() if row.expires_at else NEVER
    standing = Standing(person, row.secret_hash, expires_at)
    standings.put(ticket.id, standing, seen=seen)
    return standing
