"""Rules about SQL: every statement prepares on the migrated schema and fits its struct, names only
its own schema, and keeps to the acting person."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import msgspec
import pytest

from hearth.core.db import Pool
from hearth.core.sql import EVERY_STATEMENT, Statement, Statements

from .source import SOURCE, modules

# What a domain reads of another is published: views, and people's key.
PUBLISHED = {"diary.day_total", "people.person"}
# Functions of the kernel that any statement may call.
KERNEL = {"core", "privacy", "pg_catalog", "information_schema"}

_TABLE = re.compile(
    r"\b(?:from|join|into|update)\s+(?:only\s+)?([a-z_]+)\.([a-z_]+)", re.IGNORECASE
)
_COMMENT = re.compile(r"--[^\n]*")


@pytest.fixture(scope="session")
def statements() -> list[Statement[object]]:
    """Every statement of the product, declared by importing every module."""
    for name, _ in modules():
        if not name.endswith("__main__"):
            importlib.import_module(name)
    return [statement for statement in EVERY_STATEMENT if SOURCE in statement.origin.parents]


async def mismatch(
    statement: Statement[object], connection: "asyncpg.Connection[asyncpg.Record]"
) -> str | None:
    """Why a statement does not fit the schema or its struct; None when it does."""
    try:
        prepared = await connection.prepare(statement.text)
    except asyncpg.PostgresError as error:
        return f"{statement!r}: {error}"
    columns = [column.name for column in prepared.get_attributes() or ()]
    if not (isinstance(statement.into, type) and issubclass(statement.into, msgspec.Struct)):
        wanted = 0 if statement.into is type(None) else 1
        return (
            None
            if len(columns) == wanted
            else f"{statement!r}: {len(columns)} columns, not {wanted}"
        )
    fields = list(statement.into.__struct_fields__)
    required = len(fields) - len(statement.into.__struct_defaults__)
    if columns != fields[: len(columns)] or len(columns) < required:
        return f"{statement!r}: columns {columns} are not the fields {fields}"
    return None


def foreign_tables(domain: str, text: str) -> list[str]:
    """The tables of other domains that a statement names."""
    return [
        f"{schema}.{table}"
        for schema, table in _TABLE.findall(_COMMENT.sub("", text))
        if schema not in KERNEL | {domain} and f"{schema}.{table}" not in PUBLISHED
    ]


def without_person(text: str, owned: set[str]) -> bool:
    """Whether a statement touches persons' rows without naming whose."""
    tables = {f"{schema}.{table}" for schema, table in _TABLE.findall(_COMMENT.sub("", text))}
    return bool(tables & owned) and not re.search(r"\bperson_id\b|:person\b", text)


async def owned_tables(db: Pool) -> set[str]:
    connection = await db.connect()
    try:
        rows = await connection.fetch(
            "select n.nspname || '.' || c.relname as name from pg_attribute a join pg_class c on c.oid = a.attrelid "
            "join pg_namespace n on n.oid = c.relnamespace "
            "where a.attname = 'person_id' and c.relkind in ('r', 'p') and n.nspname !~ '^pg_|^jobs$'"
        )
        return {row["name"] for row in rows}
    finally:
        await connection.close()


async def test_every_statement_fits_the_schema_and_its_struct(
    db: Pool, statements: list[Statement[object]]
) -> None:
    assert len(statements) > 30
    connection = await db.connect()
    try:
        found = [await mismatch(statement, connection) for statement in statements]
        assert [wrong for wrong in found if wrong] == []
    finally:
        await connection.close()


class _Canary(msgspec.Struct):
    name: str
    at: float


@pytest.mark.parametrize(
    "text",
    ["select at, name from diary.meal", "select nothing from diary.meal", "select from from"],
)
async def test_a_planted_misfit_is_caught(db: Pool, text: str) -> None:
    statement = Statement("canary", text, Path("canary.sql"), _Canary, {})
    EVERY_STATEMENT.remove(statement)
    connection = await db.connect()
    try:
        assert await mismatch(statement, connection)  # type: ignore[arg-type]
    finally:
        await connection.close()


def test_every_written_statement_is_declared(statements: list[Statement[object]]) -> None:
    declared = {(statement.origin, statement.name) for statement in statements}
    written = {(path, name) for path in SOURCE.rglob("*.sql") for name in Statements(path).names}
    assert written - declared == set()


def _texts() -> Iterator[tuple[str, str, str]]:
    for path in sorted(SOURCE.rglob("*.sql")):
        domain = path.relative_to(SOURCE).parts[0]
        for name, text in Statements(path)._texts.items():
            yield domain, name, text


def test_sql_names_only_its_own_schema() -> None:
    wrong = [
        f"{domain}: {name} names {table}"
        for domain, name, text in _texts()
        if domain != "core"
        for table in foreign_tables(domain, text)
    ]
    assert wrong == []
    assert foreign_tables("foods", "select 1 from diary.item")
    assert not foreign_tables("health", "select 1 from diary.day_total")


async def test_persons_rows_are_read_by_person(db: Pool) -> None:
    owned = await owned_tables(db)
    assert "diary.meal" in owned
    wrong = [f"{domain}: {name}" for domain, name, text in _texts() if without_person(text, owned)]
    # Sign-in, links and sweeps look before anybody is known; they run as the house, and are named here.
    house = {
        line.strip()
        for line in (Path(__file__).parent / "house_statements.txt").read_text().splitlines()
    }
    assert set(wrong) - house == set()
    assert house - {""} - {f"{domain}: {name}" for domain, name, _ in _texts()} == set()
    assert without_person("select 1 from diary.meal", owned)
