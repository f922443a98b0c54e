"""What a person agreed to: given, withdrawn, and kept on record.

Nothing is remembered between questions: a withdrawal acts at the next call, in every process.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from hearth.core.db import Db, Transaction
from hearth.core.errors import Conflict, NotFound
from hearth.core.sql import Statements
from hearth.core.values import new_id
from hearth.people import Person
from hearth.privacy.purposes import MODEL, Purpose, purpose_called, purposes


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """One agreement; later ones have higher ids. `version` is that of the text which the person saw, `subject` what it hung on
    and `covers` the sorts of data it was about; it ended at `withdrawn_at`."""

    id: UUID
    purpose: str
    version: int
    given_at: datetime
    withdrawn_at: datetime | None = None
    subject: str = ""
    covers: frozenset[str] = frozenset()

    def meets(self, purpose: Purpose) -> bool:
        """Whether this stands, and is about what the house now means by the purpose."""
        is_about = self.purpose == purpose.name and self.withdrawn_at is None
        return is_about and purpose.is_met_by(self.version, self.subject, self.covers)


_sql: Final = Statements.beside(__file__)
CONSENTS: Final = _sql.rows("consents", Consent, covers=frozenset)
STANDING_CONSENTS: Final = _sql.rows("standing_consents", Consent, covers=frozenset)
STANDING_CONSENT: Final = _sql.rows("standing_consent", Consent, covers=frozenset)
GIVE_CONSENT: Final = _sql.rows("give_consent", Consent, covers=frozenset)
WITHDRAW_CONSENT: Final = _sql.rows("withdraw_consent", Consent, covers=frozenset)


# ------------------------------------------------------------------ rules


def standing(given: Iterable[Consent], asked: Iterable[Purpose]) -> frozenset[str]:
    """The names of the purposes that the person's agreements meet."""
    by_purpose = {one.purpose: one for one in given if one.withdrawn_at is None}
    return frozenset(
        one.name for one in asked if (held := by_purpose.get(one.name)) and held.meets(one)
    )


# ------------------------------------------------------------------ verbs


async def consents(
    db: Db, person: Person, *, after: UUID | None = None, limit: int | None = None
) -> list[Consent]:
    """The person's agreements, ended ones too, latest first: all, or so many after that id."""
    return await db.all(CONSENTS, person.id, after=after, limit=limit)


async def standing_consents(db: Db, person: Person) -> list[Consent]:
    """What the person has not taken back, by purpose; the house may mean something else by now."""
    return await db.all(STANDING_CONSENTS, person.id)


async def consented(db: Db, person: Person) -> frozenset[str]:
    """The names of the models' providers that the person agrees to now, for `ai.Call`.

    One that was pointed to another kind or host since is not among them, nor one whose text is
    newer than the one that they saw.
    """
    found = standing(await standing_consents(db, person), purposes())
    return frozenset(name.removeprefix(MODEL) for name in found if name.startswith(MODEL))


async def give(db: Db, person: Person, purpose: str, *, digest: str) -> Consent:
    """Agree to a purpose; agreeing again to the same changes nothing.

    `digest` is that of the `Purpose` which the person was shown: when the house means something
    else by now it is a `Conflict`, so that nobody agrees to what they did not see. No such purpose
    is `NotFound`.
    """
    wanted = purpose_called(purpose)
    if digest != wanted.digest:
        raise Conflict("What you would agree to has changed meanwhile. Load the page again.")
    async with db.transaction(person.id) as tx:
        held = await tx.maybe(STANDING_CONSENT, person.id, purpose=purpose)
        if held is not None and held.meets(wanted):
            return held
        if held is not None:
            await tx.maybe(WITHDRAW_CONSENT, person.id, purpose=purpose)
        return await _given(tx, person, wanted)


async def withdraw(db: Db, person: Person, purpose: str) -> Consent:
    """End an agreement now. `NotFound` when none stands."""
    async with db.transaction(person.id) as tx:
        ended = await tx.maybe(WITHDRAW_CONSENT, person.id, purpose=purpose)
    if ended is None:
        raise NotFound(f"You have not agreed to {purpose[:80]}.")
    return ended


async def _given(tx: Transaction, person: Person, wanted: Purpose) -> Consent:
    made = await tx.maybe(
        GIVE_CONSENT,
        person.id,
        id=new_id(),
        purpose=wanted.name,
        version=wanted.version,
        subject=wanted.subject,
        covers=sorted(wanted.covers),
    )
    # Nothing was made where the same person agreed elsewhere at the same moment: then that stands.
    if made is not None:
        return made
    return await tx.one(STANDING_CONSENT, person.id, purpose=wanted.name)
