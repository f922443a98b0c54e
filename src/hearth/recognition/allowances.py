"""How often one person's photos and recordings are read: each costs money, or time of all others.

One allowance holds for the pages and for the API together.
"""

from typing import Final

import msgspec

from hearth.core.errors import TooMany
from hearth.core.limits import Limits
from hearth.people import Person

HOUR_S: Final = 3600.0


class Allowance(msgspec.Struct, frozen=True):
    """So many of something in an hour for each person; `refusal` is what they are told beyond it."""

    name: str
    an_hour: int
    refusal: str

    async def take(self, limits: Limits, person: Person) -> None:
        """Use one. Raises `TooMany` when there is none left, and says when there is again."""
        taken = await limits.take(self.name, str(person.id), limit=self.an_hour, per_s=HOUR_S)
        if not taken.allowed:
            raise TooMany(self.refusal, retry_after_s=max(1.0, taken.retry_after_s))


LOOKS: Final = Allowance(
    "recognition.looks",
    60,
    "Photos are looked at 60 times an hour at most. Type the meal, or wait.",
)
"""Looks at photos of plates and of menus."""
LABELS: Final = Allowance(
    "recognition.labels",
    60,
    "Labels are read 60 times an hour at most. Type the figures by hand, or wait.",
)
"""Readings of a label, of one to five pictures each."""
RECORDINGS: Final = Allowance(
    "recognition.recordings",
    120,
    "Recordings are listened to 120 times an hour at most. Type the meal, or wait.",
)
"""Recordings that are listened to."""
