"""Doing it twice is doing it once: requests that carry an `Idempotency-Key`.

The key is claimed, the work done and the answer noted in one transaction: either all of it is
there or none. A repetition at the same moment waits for the first and gets its answer.
Answers are kept for 48 hours.
"""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from hearth.core.db import SYSTEM, Db, Transaction
from hearth.core.errors import Conflict, FieldError, Invalid
from hearth.core.jobs import every
from hearth.core.sql import Statements

LONGEST_KEY: Final = 255
SWEEP_BATCH: Final = 1000


class Answer(msgspec.Struct, frozen=True):
    """What was answered to a request; `replayed` when it was answered before."""

    status: int
    body: bytes
    replayed: bool = False


class Stored(msgspec.Struct, frozen=True):
    """An answer as kept, with the fingerprint of the request that it was given to."""

    fingerprint: bytes
    status: int
    body: bytes


statements = Statements.beside(__file__)
CLAIM = statements.rows("claim", str)
ANSWER = statements.change("answer")
STORED = statements.rows("stored", Stored)
SWEEP = statements.rows("sweep", int)


def fingerprint_of(*parts: bytes) -> bytes:
    """A digest of what makes two requests the same: method, path, body."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()


async def once(
    db: Db,
    person: UUID,
    key: str | None,
    fingerprint: bytes,
    work: Callable[[Transaction], Awaitable[Answer]],
) -> Answer:
    """`work` in a transaction, at most once for a person's `key`; else what it answered before.

    A key that was used for another request is a `Conflict` (`idempotency_key_reused`), one whose
    first request still runs after ten seconds likewise (`idempotency_in_progress`). When `work`
    raises, nothing is kept and the key can be used again.
    """
    if key is None:
        return await db.retrying(person, work)
    _check(key)

    async def claimed(tx: Transaction) -> Answer:
        if await tx.maybe(CLAIM, person, key=key, fingerprint=fingerprint) is None:
            stored = await tx.maybe(STORED, person, key=key)
            return _replayed(stored, fingerprint)
        answer = await work(tx)
        await tx.run(ANSWER, person, key=key, status=answer.status, body=answer.body)
        return answer

    try:
        return await db.retrying(person, claimed)
    except asyncpg.LockNotAvailableError:
        raise _in_progress() from None


def _check(key: str) -> None:
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
        message = f"must be 1 to {LONGEST_KEY} printable characters"
        raise Invalid(
            f"Idempotency-Key {message}.", errors=(FieldError("Idempotency-Key", message),)
        )


def _replayed(stored: Stored | None, fingerprint: bytes) -> Answer:
    if stored is None:
        raise _in_progress()
    if stored.fingerprint != fingerprint:
        raise Conflict(
            "This Idempotency-Key was used for a different request. Use a new key.",
            code="idempotency_key_reused",
        )
    return Answer(stored.status, stored.body, replayed=True)


def _in_progress() -> Conflict:
    return Conflict(
        "A request with this Idempotency-Key is still being worked on. Ask again in a moment.",
        code="idempotency_in_progress",
        retry_after_s=2,
    )


@every("23 * * * *")
async def sweep(db: Db) -> None:
    """Forget answers after 48 hours, a thousand at a time."""
    gone = SWEEP_BATCH
    while gone == SWEEP_BATCH:
        gone = await db.one(SWEEP, SYSTEM, batch=SWEEP_BATCH)
