"""Persons: who acts, what they may do, and their profile."""

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from hearth.core.errors import Forbidden

ROLES: Final = frozenset({"person", "business", "coach", "support", "operations", "admin"})
"""Everybody is a `person`; `business` answers for a place, `coach` sees who shares with them;
`support`, `operations` and `admin` are staff."""

STAFF: Final = frozenset({"support", "operations", "admin"})
EVERY_SCOPE: Final = frozenset({"*"})


class Person(msgspec.Struct, frozen=True):
    """The acting person. `scopes` is `{"*"}` for a full login, fewer for an API token.

    `zone` is an IANA time zone: a day is the person's local day. `login_id` is the login or API
    token that was shown; None for work that nobody is logged in for (commands, jobs).
    """

    id: UUID
    email: str
    name: str = ""
    locale: str = "en"
    zone: str = "UTC"
    roles: frozenset[str] = frozenset({"person"})
    scopes: frozenset[str] = EVERY_SCOPE
    login_id: UUID | None = None

    @property
    def is_staff(self) -> bool:
        """Whether the person works for the house."""
        return not self.roles.isdisjoint(STAFF)


def may(person: Person, scope: str) -> bool:
    """Whether the login covers `scope`, such as `diary:write`; `diary:*` and `*` cover it too.

    Writing covers reading: `diary:write` grants `diary:read`.
    """
    if "*" in person.scopes or scope in person.scopes:
        return True
    area, _, action = scope.partition(":")
    return f"{area}:*" in person.scopes or (action == "read" and f"{area}:write" in person.scopes)


def need_role(person: Person, *roles: str) -> None:
    """Raise `Forbidden` unless the person has one of the roles; an admin has them all."""
    if person.roles.isdisjoint({*roles, "admin"}):
        raise Forbidden(f"This needs the role {' or '.join(roles)}.", code="role_needed")
