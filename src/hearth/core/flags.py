"""Feature flags: on or off, and for which share of persons. Asking costs no query.

A process keeps all flags. A change is told by the database at once; a process that missed it reads
the flags again when it is asked and what it knows is older than two seconds.
"""

import asyncio
import hashlib
import logging
import time
from typing import Final
from uuid import UUID

import msgspec

from hearth.core.cache import Cache
from hearth.core.db import SYSTEM, Db
from hearth.core.sql import Statements

log = logging.getLogger("hearth.flags")

OLDEST_S: Final = 2.0


class Flag(msgspec.Struct, frozen=True):
    """A flag and the share of persons, 0 to 100, for whom it is on when it is enabled."""

    key: str
    enabled: bool
    rollout_percentage: float = msgspec.field(default=100.0, name="rolloutPercentage")


statements = Statements.beside(__file__)
FLAGS = statements.rows("flags", Flag)
SET_FLAG = statements.change("set_flag")


def place_of(key: str, person_id: UUID) -> float:
    """Where a person stands in a flag's rollout, 0 to 100: always the same, other for each flag."""
    digest = hashlib.sha256(key.encode() + b":" + person_id.bytes).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 * 100


def is_on(flag: Flag | None, person_id: UUID | None) -> bool:
    """Whether a flag is on for a person. Unknown is off; nobody has only what all have."""
    if flag is None or not flag.enabled:
        return False
    if flag.rollout_percentage >= 100 or person_id is None:
        return flag.rollout_percentage >= 100
    return place_of(flag.key, person_id) < flag.rollout_percentage


class Flags:
    """The flags of this process: `flags.enabled("new_trends", person.id)`."""

    def __init__(self, db: Db, cache: Cache | None = None) -> None:
        self._db = db
        self._flags: dict[str, Flag] = {}
        self._read_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None
        if cache is not None:
            cache.subscribe("flags", lambda _: self._read_soon())

    async def load(self) -> None:
        """Read the flags now; at the start, and in tests."""
        self._read_at = time.monotonic()
        self._flags = {flag.key: flag for flag in await self._db.all(FLAGS, SYSTEM)}

    def enabled(self, key: str, person_id: UUID | None = None) -> bool:
        """Whether `key` is on for a person, as far as this process knows."""
        if time.monotonic() - self._read_at > OLDEST_S:
            self._read_soon()
        return is_on(self._flags.get(key), person_id)

    def all(self) -> list[Flag]:
        """Every flag, by key."""
        return [self._flags[key] for key in sorted(self._flags)]

    def _read_soon(self) -> None:
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            await self.load()
        except Exception as error:
            log.warning("the flags could not be read, the old ones stay: %s", error)


async def set_flag(db: Db, by: UUID | None, flag: Flag) -> None:
    """Make or change a flag; every process hears of it when the transaction commits."""
    await db.run(
        SET_FLAG,
        SYSTEM,
        key=flag.key,
        enabled=flag.enabled,
        rollout_percentage=flag.rollout_percentage,
        by=by,
    )
