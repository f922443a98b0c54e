"""Changing a password that is known, and setting a new one where it is forgotten."""

from typing import Annotated, Final

import msgspec

from hearth.core.db import SYSTEM, Db, Transaction
from hearth.core.errors import Conflict
from hearth.core.jobs import enqueue
from hearth.core.sql import Statements
from hearth.people import attempts, links, passwords
from hearth.people.jobs import Forgotten, answer_forgotten
from hearth.people.logins import Gate, revoke_others
from hearth.people.persons import (
    PERSON_BY_ID,
    Email,
    Person,
    Secret,
    demand_password,
    email_key,
    person_by_email,
)
from hearth.people.registrations import MARK_VERIFIED
from hearth.people.tokens import revoke_tokens

LinkToken = Annotated[str, msgspec.Meta(min_length=1, max_length=400)]


class PasswordChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The password that was and the one that shall be."""

    old_password: Secret
    new_password: Secret


class ResetRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose password is forgotten."""

    email: Email


class Reset(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The token of the link, and the new password."""

    token: LinkToken
    new_password: Secret


_sql: Final = Statements.beside(__file__)
SET_PASSWORD: Final = _sql.change("set_password")


async def change_password(db: Db, gate: Gate, person: Person, change: PasswordChange) -> None:
    """Change the password and end every other login. API tokens stay; they are listed."""
    await attempts.allow(gate.limits, attempts.PASSWORD, str(person.id))
    await demand_password(db, person, change.old_password, field="old_password")
    passwords.demand_strength(
        change.new_password, email=person.email, name=person.name, field="new_password"
    )
    hashed = await passwords.hashed(change.new_password)
    async with db.transaction(person.id) as tx:
        await tx.run(SET_PASSWORD, person.id, password_hash=hashed)
        await links.void_links(tx, person.id)
        await revoke_others(tx, person.id, keep=person.login_id)


async def request_reset(db: Db, gate: Gate, request: ResetRequest) -> None:
    """Send a link to set a new password, if there is such an account; the answer never tells.

    Without mail it is a `Conflict` for every address: whoever runs the house sets it then.
    """
    await attempts.allow_address(gate.limits)
    key = email_key(request.email)
    await attempts.allow(gate.limits, attempts.RESET, key)
    if not gate.mail_configured:
        raise Conflict(
            "This installation sends no e-mail. Ask whoever runs it to set a new password.",
            code="no_mail",
        )
    async with db.transaction(SYSTEM) as tx:
        await enqueue(tx, answer_forgotten, Forgotten(key), once_key=f"forgotten:{key}")


async def reset(db: Db, gate: Gate, wanted: Reset) -> None:
    """Set a new password by link. Ends every login and API token, and confirms the address."""
    await attempts.allow_address(gate.limits)
    person = await db.maybe(PERSON_BY_ID, links.person_of(gate.vault, wanted.token))
    if person is None:
        raise links.refused()
    passwords.demand_strength(
        wanted.new_password, email=person.email, name=person.name, field="new_password"
    )
    hashed = await passwords.hashed(wanted.new_password)
    async with db.transaction(person.id) as tx:
        await links.use_link(tx, gate.vault, wanted.token, "reset")
        await _replace(tx, person, hashed)


async def set_password(db: Db, email: str, new_password: str) -> None:
    """Set a person's password for the house, where no mail can do it. Ends their logins."""
    person = await person_by_email(db, email)
    passwords.demand_strength(
        new_password, email=person.email, name=person.name, field="new_password"
    )
    hashed = await passwords.hashed(new_password)
    async with db.transaction(person.id) as tx:
        await _replace(tx, person, hashed)


async def _replace(tx: Transaction, person: Person, hashed: str) -> None:
    await tx.run(SET_PASSWORD, person.id, password_hash=hashed)
    await links.void_links(tx, person.id)
    await revoke_others(tx, person.id, keep=None)
    await revoke_tokens(tx, person.id)
    async with tx.as_system() as house:
        await house.run(MARK_VERIFIED, SYSTEM, person=person.id)
