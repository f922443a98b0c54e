"""Days that were asked for before: kept as they were answered, for as long as the diary stands still.

Every change of a person's diary changes its stamp in the same transaction. One look at the stamp
therefore says, in any process and on any host, whether a kept answer still holds: nothing has to be
told to anybody, and nothing stale is ever given.
"""

from collections import OrderedDict
from datetime import date
from typing import Final
from uuid import UUID
from zlib import crc32

import msgspec

from hearth.core.db import Db
from hearth.diary.days import STAMP, read_day
from hearth.people import Person

MOST_BYTES: Final = 16 * 1024 * 1024

_Key = tuple[UUID, date, str]


class Answer(msgspec.Struct, frozen=True):
    """A day as JSON, and the stamp of the diary and the zone at which it was computed."""

    stamp: int
    zone: str
    body: bytes

    @property
    def etag(self) -> str:
        """What changes whenever the answer may have."""
        return f'"{self.stamp}-{crc32(self.zone.encode()):x}"'


class _Seen:
    """The last answers of this process, at most `MOST_BYTES` of them."""

    def __init__(self) -> None:
        self._answers: OrderedDict[_Key, Answer] = OrderedDict()
        self._bytes = 0

    def get(self, key: _Key, stamp: int) -> Answer | None:
        found = self._answers.get(key)
        if found is None or found.stamp != stamp:
            return None
        self._answers.move_to_end(key)
        return found

    def keep(self, key: _Key, answer: Answer) -> None:
        before = self._answers.pop(key, None)
        self._bytes += len(answer.body) - (len(before.body) if before else 0)
        self._answers[key] = answer
        while self._bytes > MOST_BYTES:
            _, oldest = self._answers.popitem(last=False)
            self._bytes -= len(oldest.body)


_seen: Final = _Seen()
_encoder: Final = msgspec.json.Encoder()


async def day_as_json(db: Db, person: Person, on: date, *, anew: bool = False) -> Answer:
    """A day of the person's diary, ready to be sent; `anew` computes it whatever was kept."""
    # The zone is part of what is answered, and is the person's, not the diary's.
    key = (person.id, on, person.zone)

    async def read(one: Db) -> Answer:
        # The stamp is read before the day: a change in between makes the answer old too early,
        # never too late.
        stamp = await one.one(STAMP, person.id)
        kept = None if anew else _seen.get(key, stamp)
        return kept or Answer(stamp, person.zone, _encoder.encode(await read_day(one, person, on)))

    answer = await db.reading(person.id, read)
    _seen.keep(key, answer)
    return answer
