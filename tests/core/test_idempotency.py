"""Idempotency keys: one effect, one answer, whoever asks how often."""

import asyncio
from uuid import UUID

import pytest

from hearth.core.db import SYSTEM, Pool, Transaction
from hearth.core.errors import Conflict, Invalid
from hearth.core.idempotency import Answer, fingerprint_of, once, sweep
from hearth.core.values import new_id


class Counted:
    """Work that leaves a row and counts its runs."""

    def __init__(self, wait_s: float = 0) -> None:
        self.runs = 0
        self.wait_s = wait_s

    async def __call__(self, tx: Transaction) -> Answer:
        self.runs += 1
        number = self.runs
        await asyncio.sleep(self.wait_s)
        async with tx.as_system():
            await tx.connection.execute(
                "insert into core.flag (key) values ($1)", f"t{new_id().hex}"
            )
        return Answer(201, b"made %d" % number)


async def flags(db: Pool) -> int:
    async with db.connection(SYSTEM) as connection:
        return int(await connection.fetchval("select count(*) from core.flag"))


async def test_the_second_time_is_answered_like_the_first(db: Pool, person_id: UUID) -> None:
    work = Counted()
    first = await once(db, person_id, "k", b"f", work)
    second = await once(db, person_id, "k", b"f", work)
    assert first == Answer(201, b"made 1")
    assert second == Answer(201, b"made 1", replayed=True)
    assert work.runs == 1


async def test_without_a_key_each_counts(db: Pool, person_id: UUID) -> None:
    work = Counted()
    await once(db, person_id, None, b"f", work)
    await once(db, person_id, None, b"f", work)
    assert work.runs == 2


async def test_twenty_at_once_have_one_effect(db: Pool, person_id: UUID) -> None:
    work, before = Counted(wait_s=0.05), await flags(db)
    answers = await asyncio.gather(*(once(db, person_id, "same", b"f", work) for _ in range(20)))
    assert {answer.body for answer in answers} == {b"made 1"}
    assert sum(not answer.replayed for answer in answers) == 1
    assert work.runs == 1
    assert await flags(db) == before + 1


async def test_a_key_is_one_request_only(db: Pool, person_id: UUID) -> None:
    await once(db, person_id, "k", b"f", Counted())
    with pytest.raises(Conflict) as caught:
        await once(db, person_id, "k", b"other", Counted())
    assert caught.value.code == "idempotency_key_reused"


async def test_keys_are_the_persons_own(db: Pool, person_id: UUID) -> None:
    work = Counted()
    await once(db, person_id, "k", b"f", work)
    await once(db, new_id(), "k", b"f", work)
    assert work.runs == 2


async def test_a_failure_frees_the_key(db: Pool, person_id: UUID) -> None:
    before = await flags(db)

    async def failing(tx: Transaction) -> Answer:
        await Counted()(tx)
        raise Invalid("no")

    for _ in range(2):
        with pytest.raises(Invalid):
            await once(db, person_id, "k", b"f", failing)
    assert await flags(db) == before
    assert not (await once(db, person_id, "k", b"f", Counted())).replayed


@pytest.mark.parametrize("key", ["", "x" * 256, "a\nb"])
async def test_odd_keys_are_refused(db: Pool, person_id: UUID, key: str) -> None:
    with pytest.raises(Invalid):
        await once(db, person_id, key, b"f", Counted())


async def test_answers_are_swept_after_two_days(db: Pool, person_id: UUID) -> None:
    for key in ("old", "new"):
        await once(db, person_id, key, b"f", Counted())
    async with db.connection(SYSTEM) as connection:
        await connection.execute(
            "update core.idempotency set created_at = now() - interval '49 hours'"
            " where person_id = $1 and key = 'old'",
            person_id,
        )
        await connection.execute(
            "insert into core.idempotency (person_id, key, fingerprint, status, body, created_at)"
            " select $1, 'bulk' || n, '', 200, '', now() - interval '3 days'"
            " from generate_series(1, 2100) n",
            person_id,
        )
    await sweep(db)
    async with db.connection(SYSTEM) as connection:
        left = await connection.fetch(
            "select key from core.idempotency where person_id = $1", person_id
        )
    assert [row["key"] for row in left] == ["new"]


def test_fingerprints_keep_parts_apart() -> None:
    assert fingerprint_of(b"ab", b"c") != fingerprint_of(b"a", b"bc")
