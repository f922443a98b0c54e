"""The composition root: the doors that settings ask for, and what it refuses to run on."""

import asyncio
from pathlib import Path

import pytest
from redis_server import RedisServer

from hearth.app import doors, work
from hearth.core.cache import Cache
from hearth.core.db import Pool
from hearth.core.migrate import MigrationRefused
from hearth.core.openings import plainly
from hearth.settings import SettingRefused, Settings

SECRET = "k7Q-v2_xN9pLr4TzWb8YdFh3JmUe6Gs1"


async def test_with_redis_news_of_the_database_are_heard_too(
    db: Pool, dsn: str, tmp_path: Path
) -> None:
    """Commands and triggers have no Redis: an import would else never reach who reads meals."""
    server = RedisServer()
    server.start()
    settings = Settings(data=tmp_path, secret_key=SECRET, database_url=dsn, redis_url=server.url)
    opened, heard = doors(settings), asyncio.Event()
    try:
        opened.cache.subscribe("catalogue", lambda _: heard.set())
        await opened.cache.start()
        await asyncio.sleep(0.5)
        await Cache(None, db).publish("catalogue", "imported")
        await asyncio.wait_for(heard.wait(), 5)
    finally:
        await opened.cache.close()
        await opened.db.close()
        server.close()


async def test_parts_run_on_a_database_of_this_version_only(
    db: Pool, dsn: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingRefused, match="DATABASE_URL is missing"):
        await work(Settings(data=tmp_path, secret_key=SECRET))
    connection = await plainly(dsn)
    await connection.execute("create database bare")
    try:
        bare = dsn.replace("/hearth?", "/bare?")
        assert bare != dsn
        with pytest.raises(MigrationRefused, match="hearth migrate"):
            await work(Settings(data=tmp_path, secret_key=SECRET, database_url=bare))
    finally:
        await connection.execute("drop database bare")
        await connection.close()
