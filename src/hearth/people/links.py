"""Links sent by e-mail that work once: to confirm an address, or to set a new password."""

import os
from datetime import timedelta
from typing import Final, Literal
from uuid import UUID

from hearth.core.db import Transaction
from hearth.core.errors import Conflict
from hearth.core.secrets import Vault
from hearth.core.sql import Statements
from hearth.core.values import new_id, now
from hearth.people import tickets
from hearth.people.tickets import Ticket

Purpose = Literal["verify", "reset"]
LASTS: Final[dict[Purpose, timedelta]] = {
    "verify": timedelta(hours=48),
    "reset": timedelta(hours=1),
}

_sql: Final = Statements.beside(__file__)
MAKE_LINK: Final = _sql.change("make_link")
USE_LINK: Final = _sql.rows("use_link", UUID)
VOID_LINKS: Final = _sql.change("void_links")


async def make_link(tx: Transaction, vault: Vault, person_id: UUID, purpose: Purpose) -> str:
    """The token of a new link. Only its hash is kept."""
    ticket = Ticket(person_id, new_id(), os.urandom(32))
    await tx.run(
        MAKE_LINK,
        person_id,
        id=ticket.id,
        purpose=purpose,
        secret_hash=ticket.secret_hash,
        expires_at=now() + LASTS[purpose],
    )
    return tickets.write(vault, "hl", ticket)


def person_of(vault: Vault, token: str) -> UUID:
    """Whose link this is. `Conflict` when it is not one of ours."""
    ticket = tickets.read(vault, "hl", token)
    if ticket is None:
        raise refused()
    return ticket.person_id


async def use_link(tx: Transaction, vault: Vault, token: str, purpose: Purpose) -> UUID:
    """Use a link up; whose it was. `Conflict` when it was used, is too old or for another use."""
    ticket = tickets.read(vault, "hl", token)
    if ticket is None:
        raise refused()
    used = await tx.maybe(
        USE_LINK,
        ticket.person_id,
        id=ticket.id,
        purpose=purpose,
        secret_hash=ticket.secret_hash,
    )
    if used is None:
        raise refused()
    return ticket.person_id


async def void_links(tx: Transaction, person_id: UUID) -> None:
    """Make every unused link of the person useless."""
    await tx.run(VOID_LINKS, person_id)


def refused() -> Conflict:
    """What is said of a link that does not work, whatever the cause."""
    return Conflict(
        "This link was used already or is too old. Ask for a new one.", code="link_refused"
    )
