"""Turns at reading pictures and hearing recordings: how many of one person's are under way at once in this process.

Whoever sends many at once waits for themselves, not others for them.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from hearth.core.errors import TooMany
from hearth.people import Person


class Turns:
    """At most `most` turns at once for each person; a further one is refused as `refusal` says."""

    def __init__(self, most: int, refusal: TooMany) -> None:
        self.most = most
        self._refusal = refusal
        self._taken: Counter[UUID] = Counter()

    @property
    def under_way(self) -> int:
        """The turns of all persons that are taken now."""
        return self._taken.total()

    @contextmanager
    def of(self, person: Person) -> Iterator[None]:
        """A turn of the person, given back at the end. Raises `TooMany` when all are taken."""
        if self._taken[person.id] >= self.most:
            raise TooMany(self._refusal.detail, retry_after_s=self._refusal.retry_after_s)
        self._taken[person.id] += 1
        try:
            yield
        finally:
            self._taken[person.id] -= 1
            if not self._taken[person.id]:
                del self._taken[person.id]
