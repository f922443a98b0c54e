"""Migrations: forward-only SQL files, each applied once, in order, in a transaction of its own."""

import hashlib
import logging
from collections.abc import Callable, Set
from pathlib import Path
from typing import Final

import asyncpg

from hearth.core.errors import Problem
from hearth.core.openings import plainly

log = logging.getLogger("hearth.migrate")

_LOCK: Final = 0x48656172746800
_RECORD: Final = """
create schema if not exists core;
create table if not exists core.migration (
  name text primary key,
  sha256 text not null,
  applied_at timestamptz not null default now()
)"""


class MigrationRefused(Problem):
    """The database and this program's migrations do not belong together; nothing was changed."""

    status = 503
    code = "migration_refused"
    title = "The database cannot be migrated"


def resources(name: str) -> Path:
    """The folder `migrations` or `locales`: inside the installed package, else in the checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / name
    return installed if installed.is_dir() else package.parents[1] / name


async def migrate(dsn: str, tell: Callable[[str], None] = lambda line: None) -> list[str]:
    """Bring the database of `dsn` to this program's schema; the names that were applied.

    Safe to run from several processes at once: one migrates, the others wait. Statements wait at
    most five seconds for a lock, so that a busy table delays the migration and not its readers.
    """
    connection = await plainly(dsn, timeout=30)
    try:
        await connection.execute(f"select pg_advisory_lock({_LOCK})")
        try:
            await connection.execute(_RECORD)
        except asyncpg.InsufficientPrivilegeError as error:
            raise MigrationRefused(
                f"The role of DATABASE_URL must own the database: {error}."
            ) from error
        return await _apply_missing(connection, tell)
    finally:
        await connection.close()


async def pending(dsn: str) -> list[str]:
    """The names of migrations that this program has and the database has not.

    `MigrationRefused` when a newer program migrated the database.
    """
    connection = await plainly(dsn, timeout=30)
    try:
        known = await connection.fetchval("select to_regclass('core.migration') is not null")
        rows = await connection.fetch("select name from core.migration") if known else []
        applied = {row["name"] for row in rows}
        _demand_own(applied)
        return [path.name for path in _files() if path.name not in applied]
    finally:
        await connection.close()


def _files() -> list[Path]:
    return sorted(resources("migrations").glob("[0-9]*.sql"))


async def _apply_missing(
    connection: "asyncpg.Connection[asyncpg.Record]", tell: Callable[[str], None]
) -> list[str]:
    rows = await connection.fetch("select name, sha256 from core.migration")
    applied = {row["name"]: row["sha256"] for row in rows}
    _demand_own(applied.keys())
    done = []
    for path in _files():
        text = path.read_text(encoding="utf-8")
        digest = hashlib.sha256(text.encode()).hexdigest()
        if path.name in applied:
            _same(path, digest, applied[path.name])
            continue
        tell(f"migrating: {path.stem}")
        try:
            await _apply(connection, path.name, text, digest)
        except asyncpg.PostgresError as error:
            # A role without the right to create roles, a table that is busy: for its owner to mend.
            raise MigrationRefused(
                f"{path.stem} could not be applied, and nothing of it was: {error}."
            ) from error
        done.append(path.name)
    return done


async def _apply(
    connection: "asyncpg.Connection[asyncpg.Record]", name: str, text: str, digest: str
) -> None:
    async with connection.transaction():
        await connection.execute("set local lock_timeout = '5s'")
        await connection.execute(text)
        await connection.execute("insert into core.migration values ($1, $2)", name, digest)


def _demand_own(applied: Set[str]) -> None:
    foreign = sorted(applied - {path.name for path in _files()})
    if foreign:
        raise MigrationRefused(
            f"The database was migrated by a newer Hearth ({foreign[-1]}). Start that version or a later one."
        )


def _same(path: Path, digest: str, recorded: str) -> None:
    if digest != recorded:
        raise MigrationRefused(
            f"Migration {path.name} differs from the one that this database has seen. "
            "A migration that was applied is never edited: restore the file, add a new one."
        )
