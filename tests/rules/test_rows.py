"""Row-level security: whatever one person owns, another can neither see, change, take nor plant."""

from uuid import UUID

import asyncpg

from hearth.core.db import SYSTEM, Pool
from hearth.core.values import new_id

from .test_statements import owned_tables

_UNFORCED = """
select n.nspname || '.' || c.relname as name
from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
where a.attname = 'person_id' and c.relkind in ('r', 'p') and not (c.relrowsecurity and c.relforcerowsecurity)
  and n.nspname !~ '^pg_|^information_schema'
"""
_KEYS = """
select c.conrelid::regclass::text as name
from pg_constraint c
join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
where c.contype in ('p', 'u') and a.attname <> 'person_id'
  and exists (select from pg_attribute b where b.attrelid = c.conrelid and b.attname = 'person_id')
"""
# A person's address is unique among all persons; that key cannot begin with the person.
KEYS_OF_THE_HOUSE = {"people.person"}


async def unforced(connection: "asyncpg.Connection[asyncpg.Record]") -> set[str]:
    return {row["name"] for row in await connection.fetch(_UNFORCED)}


async def test_every_person_owned_table_forces_row_level_security(db: Pool) -> None:
    connection = await db.connect()
    try:
        assert await unforced(connection) == set()
        async with connection.transaction():
            await connection.execute("create table core.canary (person_id uuid primary key)")
            assert await unforced(connection) == {"core.canary"}
            await connection.execute("drop table core.canary")
    finally:
        await connection.close()


async def test_keys_begin_with_the_person(db: Pool) -> None:
    connection = await db.connect()
    try:
        assert {row["name"] for row in await connection.fetch(_KEYS)} - KEYS_OF_THE_HOUSE == set()
    finally:
        await connection.close()


async def test_the_application_cannot_bypass(db: Pool) -> None:
    async with db.connection(SYSTEM) as connection:
        rows = await connection.fetch(
            "select rolname, rolsuper, rolbypassrls, rolcanlogin from pg_roles where rolname in ('hearth_app', 'hearth_system')"
        )
        assert len(rows) == 2
        assert not any(row["rolsuper"] or row["rolbypassrls"] or row["rolcanlogin"] for row in rows)
        owned = await connection.fetch(
            "select relname from pg_class where relowner::regrole::text in ('hearth_app', 'hearth_system')"
        )
        assert owned == []


async def test_another_person_sees_changes_and_plants_nothing(db: Pool, full_person: UUID) -> None:
    """Every owned table holds a row of one person; as another, each way to it is tried."""
    stranger = new_id()
    for table in sorted(await owned_tables(db)):
        async with db.connection(SYSTEM) as connection:
            theirs = await connection.fetchval(
                f"select count(*) from {table} where person_id = $1", full_person
            )
        assert theirs, f"the cast has no row in {table}: let full_person make one"
        await _refused_everything(db, table, full_person, stranger)


async def _refused_everything(db: Pool, table: str, owner: UUID, stranger: UUID) -> None:
    async with db.connection(stranger) as connection:
        assert await connection.fetchval(f"select count(*) from {table}") == 0, table
        for attempt in (
            f"update {table} set person_id = person_id",
            f"delete from {table}",
            f"insert into {table} (person_id) values ('{owner}')",
        ):
            try:
                done = await connection.execute(attempt)
            except asyncpg.InsufficientPrivilegeError:
                # Row-level security refuses a planted row before any constraint is looked at.
                continue
            assert done in ("UPDATE 0", "DELETE 0"), f"{attempt}: {done}"


async def test_without_a_person_nothing_is_there(db: Pool, full_person: UUID) -> None:
    for table in sorted(await owned_tables(db)):
        async with db.connection(None) as connection:
            assert await connection.fetchval(f"select count(*) from {table}") == 0, table
    async with db.connection(full_person) as connection:
        assert await connection.fetchval("select count(*) from people.person") == 1
