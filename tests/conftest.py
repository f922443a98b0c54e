"""A real PostgreSQL for every test: one embedded cluster a run, migrated once."""

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import pytest

from hearth.core.cluster import Cluster
from hearth.core.db import SYSTEM, Pool
from hearth.core.migrate import migrate
from hearth.core.values import new_id

SHARED_DATA = Path(os.environ.get("HEARTH_SHARED_DATA", "../shared/data")).resolve()


@pytest.fixture(scope="session")
def dsn() -> Iterator[str]:
    """The address of a migrated database that lives as long as the run."""
    given = os.environ.get("HEARTH_TEST_DATABASE_URL")
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="hearth-") as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder) / "cluster")
        cluster.start()
        try:
            yield cluster.dsn
        finally:
            cluster.stop()


@pytest.fixture(scope="session")
async def db(dsn: str) -> AsyncIterator[Pool]:
    """The pool of the run. Tests keep apart by making their own persons."""
    await migrate(dsn)
    pool = Pool(dsn, size=8, application="hearth-tests")
    yield pool
    await pool.close()


@pytest.fixture
async def person_id(db: Pool) -> UUID:
    """A new person's id, for tests below the people domain."""
    fresh = new_id()
    async with db.connection(SYSTEM) as connection:
        await connection.execute(
            "insert into people.person (person_id, email, email_key, name) values ($1, $2, $2, 'Test')",
            fresh,
            f"{fresh}@example.org",
        )
    return fresh


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data, for tests that need it."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"skipped, because there is no {SHARED_DATA} (set HEARTH_SHARED_DATA)")
    return SHARED_DATA
