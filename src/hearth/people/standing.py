"""Who is logged in, remembered by this process for half a minute.

A query for every request would add half to the cost of a day summary. What changes in this process
(a log-out, a role) is forgotten at once; other processes are told through the cache's channel when
there is one, and know by themselves after `KEPT_S` seconds.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Final
from uuid import UUID

import msgspec

from hearth.core.cache import Cache

if TYPE_CHECKING:
    from hearth.people.persons import Person

KEPT_S: Final = 30.0
MOST: Final = 10_000
CHANNEL: Final = "people.changed"


class Standing(msgspec.Struct, frozen=True):
    """A login or API token that was good when read, whose it is, and until when (Unix time)."""

    person: "Person"
    secret_hash: bytes
    expires_at: float


class Standings:
    """The standings of this process, least recently used first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[UUID, tuple[float, Standing]] = OrderedDict()
        self.changes = 0
        self.announce: Callable[[UUID], None] | None = None

    def get(self, login_id: UUID) -> Standing | None:
        """The standing, unless it is unknown, too old or expired."""
        kept = self._kept.get(login_id)
        if kept is None or kept[0] < time.monotonic() or kept[1].expires_at < time.time():
            return None
        self._kept.move_to_end(login_id)
        return kept[1]

    def put(self, login_id: UUID, standing: Standing, *, seen: int) -> None:
        """Remember what was read. `seen` is `changes` before the reading: if something was
        forgotten meanwhile, what was read may be old already and is not kept."""
        if seen != self.changes:
            return
        self._kept[login_id] = (time.monotonic() + KEPT_S, standing)
        if len(self._kept) > MOST:
            self._kept.popitem(last=False)

    def forget(self, person_id: UUID) -> None:
        """The person's roles or logins have changed: in this process at once, elsewhere soon."""
        self.forget_here(person_id)
        if self.announce is not None:
            self.announce(person_id)

    def forget_here(self, person_id: UUID) -> None:
        """Forget without telling others: for what others told us."""
        self.changes += 1
        gone = [key for key, (_, kept) in self._kept.items() if kept.person.id == person_id]
        for key in gone:
            del self._kept[key]


standings: Final = Standings()
"""The standings of this process."""


def follow(cache: Cache) -> None:
    """Tell other processes what is forgotten here, and forget what they tell."""
    pending: set[asyncio.Task[None]] = set()

    def announce(person_id: UUID) -> None:
        telling = asyncio.create_task(cache.publish(CHANNEL, str(person_id)))
        pending.add(telling)
        telling.add_done_callback(pending.discard)

    standings.announce = announce
    cache.subscribe(CHANNEL, lambda message: standings.forget_here(UUID(message)))
