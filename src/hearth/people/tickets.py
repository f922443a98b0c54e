"""Tickets: the text of every token that people and programs show.

A ticket names its person and its row and carries a secret or an expiry, all under an HMAC of the
house. A forged one is refused without asking the database, and a genuine one is found by primary
key, acting as that person: nothing needs to be looked up on behalf of everybody.
"""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from typing import Final, Literal
from uuid import UUID

import msgspec

from hearth.core.secrets import Vault

Kind = Literal["ha", "hr", "hp", "hearth", "hl"]
"""Access, refresh, page cookie, API token, e-mail link. Secret scanners find the prefixes."""

_MAC_LENGTH: Final = 32
_LONGEST: Final = 256


class Ticket(msgspec.Struct, frozen=True):
    """Whose ticket, of which row, and its secret (or, of an access token, its expiry)."""

    person_id: UUID
    id: UUID
    tail: bytes

    @property
    def secret_hash(self) -> bytes:
        """What the database keeps of the secret: 32 random bytes need no slow hash."""
        return hashlib.sha256(self.tail).digest()


def write(vault: Vault, kind: Kind, ticket: Ticket) -> str:
    """The text of a ticket: prefix, underscore, base64url of the ids, the tail and the HMAC."""
    body = ticket.person_id.bytes + ticket.id.bytes + ticket.tail
    sealed = body + vault.sign(f"people.{kind}", body)
    return f"{kind}_{urlsafe_b64encode(sealed).rstrip(b'=').decode()}"


def read(vault: Vault, kind: Kind, text: str) -> Ticket | None:
    """The ticket, or None when the text is not one of ours."""
    prefix, separator, encoded = text.partition("_")
    if prefix != kind or not separator or len(encoded) > _LONGEST:
        return None
    try:
        sealed = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    except ValueError:
        return None
    body, mac = sealed[:-_MAC_LENGTH], sealed[-_MAC_LENGTH:]
    if len(body) <= 32 or not vault.verify(f"people.{kind}", body, mac):
        return None
    return Ticket(UUID(bytes=body[:16]), UUID(bytes=body[16:32]), body[32:])


read_again: Final = lru_cache(4096)(read)
"""`read` for tickets that come with every request. A reading stays right as long as its vault."""
