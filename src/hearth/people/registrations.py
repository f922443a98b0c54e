"""Registering, and confirming the address.

Where mail is configured the answer to a registration is always "look into your mail": a new address
gets a link to confirm it, a known one is told that it has an account already, and a known but
unconfirmed one gets a link to set its password, so that nobody can prepare an account in another's
name and wait for its owner to confirm it. Nobody is logged in before confirming.

Where no mail is configured a registration has to log in at once, and a known address cannot be
hidden: it is answered 409. What is left is a limit on registrations per network address.
"""

from typing import Annotated, Final
from uuid import UUID

import msgspec

from hearth.core.db import SYSTEM, Db, Transaction
from hearth.core.errors import Conflict, FieldError
from hearth.core.jobs import enqueue
from hearth.core.secrets import Vault
from hearth.core.sql import Statements
from hearth.core.values import new_id
from hearth.people import attempts, links, passwords
from hearth.people.jobs import Letter, send_letter
from hearth.people.languages import DEFAULT_LOCALE
from hearth.people.logins import Gate, LoginKind, Opened, open_login
from hearth.people.persons import (
    Email,
    Locale,
    Name,
    Person,
    Secret,
    checked_email,
    checked_locale,
    checked_name,
    checked_zone,
    email_key,
)


class NewPerson(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who registers. `zone` is an IANA time zone."""

    email: Email
    password: Secret
    name: Name = ""
    locale: Locale = DEFAULT_LOCALE
    zone: Annotated[str, msgspec.Meta(max_length=64)] = "UTC"


class _Known(msgspec.Struct, frozen=True):
    id: UUID
    verified: bool


_sql: Final = Statements.beside(__file__)
ADD_PERSON: Final = _sql.rows("add_person", UUID)
KNOWN: Final = _sql.rows("known", _Known)
MARK_VERIFIED: Final = _sql.change("mark_verified")


async def register(
    db: Db, gate: Gate, new: NewPerson, *, kind: LoginKind, device: str = ""
) -> Opened | None:
    """Make an account. None means "look into your mail", whether or not the address was known."""
    email, name = checked_email(new.email), checked_name(new.name)
    checked_locale(new.locale)
    checked_zone(new.zone)
    passwords.demand_strength(new.password, email=email, name=new.name, field="password")
    await attempts.allow_address(gate.limits, attempts.REGISTER)
    hashed = await passwords.hashed(new.password)
    person = Person(new_id(), email, name, new.locale, new.zone)
    async with db.transaction(SYSTEM) as tx:
        added = await _add(tx, person, hashed)
        if gate.mail_configured:
            await _write_to(tx, person, added)
            return None
    if not added:
        raise Conflict(
            "There is an account with this address already. Log in instead.",
            code="address_taken",
            errors=(FieldError("email", "There is an account with this address."),),
        )
    return await open_login(db, gate.vault, person, kind=kind, device=device)


async def _add(tx: Transaction, person: Person, hashed: str) -> bool:
    added = await tx.maybe(
        ADD_PERSON,
        SYSTEM,
        id=person.id,
        email=person.email,
        email_key=email_key(person.email),
        name=person.name,
        password_hash=hashed,
        locale=person.locale,
        zone=person.zone,
    )
    return added is not None


async def _write_to(tx: Transaction, person: Person, added: bool) -> None:
    if added:
        letter = Letter(person.id, "verify")
    else:
        known = await tx.one(KNOWN, SYSTEM, email_key=email_key(person.email))
        letter = Letter(known.id, "known" if known.verified else "reset")
    # One of a kind at a time: registering a hundred times is not a hundred letters at once.
    await enqueue(tx, send_letter, letter, once_key=f"letter:{letter.person_id}")


async def verify(db: Db, vault: Vault, token: str) -> None:
    """Confirm the address that the link was sent to."""
    person_id = links.person_of(vault, token)
    async with db.transaction(person_id) as tx:
        await links.use_link(tx, vault, token, "verify")
        async with tx.as_system() as house:
            await house.run(MARK_VERIFIED, SYSTEM, person=person_id)
