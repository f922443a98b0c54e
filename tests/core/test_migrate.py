"""Migrations: whose database it is, and what is said when it is not ours."""

import pytest

from hearth.core.db import Pool
from hearth.core.migrate import MigrationRefused, migrate, pending
from hearth.core.openings import DatabaseRefused, plainly


async def test_applied_once_and_then_nothing_is_missing(db: Pool, dsn: str) -> None:
    assert await pending(dsn) == []
    assert await migrate(dsn) == []


async def test_a_newer_programs_database_is_refused_by_whoever_asks(db: Pool, dsn: str) -> None:
    connection = await plainly(dsn)
    await connection.execute("insert into core.migration values ('9999_later.sql', '')")
    try:
        for ask in (pending, migrate):
            with pytest.raises(MigrationRefused, match="9999_later"):
                await ask(dsn)
    finally:
        await connection.execute("delete from core.migration where name = '9999_later.sql'")
        await connection.close()


@pytest.mark.parametrize(
    ("dsn", "why"),
    [
        ("postgresql://hearth:hunter2@db:port@x/hearth", "not of the form"),
        ("postgresql://hearth:hunter2@/hearth?target_session_attrs=any_such", "not of the form"),
    ],
)
async def test_an_address_that_cannot_be_read_is_refused_without_it(dsn: str, why: str) -> None:
    with pytest.raises(DatabaseRefused, match=why) as refused:
        await pending(dsn)
    assert "hunter2" not in refused.value.detail


async def test_an_absent_database_is_named(dsn: str) -> None:
    with pytest.raises(DatabaseRefused, match="nowhere"):
        await plainly(dsn, database="nowhere")


async def test_a_role_without_its_rights_is_told_which(db: Pool, dsn: str) -> None:
    owner, theirs = await plainly(dsn), dsn.replace("/hearth?", "/theirs?")
    await owner.execute("create role powerless login; grant powerless to current_user")
    await owner.execute("create database theirs owner powerless")
    try:
        with pytest.raises(MigrationRefused, match="must own the database"):
            await migrate(f"{dsn}&role=powerless")
        with pytest.raises(MigrationRefused, match="0001_core could not be applied"):
            await migrate(f"{theirs}&role=powerless")
    finally:
        await owner.execute("drop database theirs")
        await owner.execute("drop role powerless")
        await owner.close()
