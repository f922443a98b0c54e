"""The cache in both tiers, and news between processes: through Redis, PostgreSQL or neither."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest
from redis_server import RedisServer

from hearth.core import cache as module
from hearth.core.cache import Cache, SharedRedis
from hearth.core.db import Pool


@pytest.fixture
def server() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    yield server
    server.close()


class Processes:
    """Two caches, as two processes would have them."""

    def __init__(self, url: str | None, pool: Pool | None) -> None:
        self.redis = [SharedRedis(url) if url else None for _ in range(2)]
        self.one, self.two = (Cache(redis, pool) for redis in self.redis)

    async def __aenter__(self) -> "Processes":
        await self.one.start()
        await self.two.start()
        await asyncio.sleep(0.3)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.one.close()
        await self.two.close()
        for redis in self.redis:
            if redis:
                await redis.close()


@pytest.fixture
async def by_redis(server: RedisServer) -> AsyncIterator[Processes]:
    async with Processes(server.url, None) as processes:
        yield processes


@pytest.fixture
async def by_postgres(db: Pool) -> AsyncIterator[Processes]:
    async with Processes(None, db) as processes:
        yield processes


async def soon(check: Callable[[], Awaitable[bool]], within_s: float = 5) -> None:
    async with asyncio.timeout(within_s):
        while not await check():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_in_the_process_alone() -> None:
    cache = Cache()
    assert await cache.get("k") is None
    await cache.set("k", b"v", 60)
    assert await cache.get("k") == b"v"
    await cache.delete("k")
    assert await cache.get("k") is None
    await cache.set("k", b"v", 0.01)
    await asyncio.sleep(0.02)
    assert await cache.get("k") is None


async def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ENTRIES", 3)
    monkeypatch.setattr(module, "MOST_BYTES", 1600)
    cache = Cache()
    for number in range(5):
        await cache.set(f"k{number}", b"v", 60)
    assert [await cache.get(f"k{n}") for n in range(5)] == [None, None, b"v", b"v", b"v"]
    await cache.set("large", b"v" * 101, 60)
    assert await cache.get("large") is None


async def test_redis_is_shared_and_changes_reach_everybody(by_redis: Processes) -> None:
    one, two = by_redis.one, by_redis.two
    await one.set("k", b"1", 60)
    assert await two.get("k") == b"1"
    await one.set("k", b"2", 60)
    await soon(lambda: is_now(two, b"2"))
    await two.delete("k")
    await soon(lambda: is_now(one, None))


async def is_now(cache: Cache, value: bytes | None) -> bool:
    return await cache.get("k") == value


async def test_postgres_carries_the_news_without_redis(by_postgres: Processes) -> None:
    one, two = by_postgres.one, by_postgres.two
    await two.set("k", b"old", 60)
    await one.set("k", b"new", 60)
    await soon(lambda: is_now(two, None))
    heard: list[str] = []
    two.subscribe("news", heard.append)
    one.subscribe("news", lambda _: heard.append("an echo"))
    await one.publish("news", "håll i hatten")
    await asyncio.sleep(0.3)
    assert heard == ["håll i hatten"]
    with pytest.raises(ValueError, match="bytes long"):
        await one.publish("news", "x" * 7001)


async def test_redis_goes_away_and_comes_back(
    server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with Processes(server.url, None) as processes:
        one, two = processes.one, processes.two
        await one.set("k", b"1", 60)
        server.stop()
        for number in range(50):
            await one.set("k", b"alone", 60)
            assert await one.get("k") == b"alone"
            assert await two.get(f"other {number}") is None
        away = [record for record in caplog.records if "Redis is away" in record.message]
        assert len(away) == 2, "each process says it once"
        server.start()
        await soon(lambda: shared_again(one, two), within_s=10)
        heard: list[str] = []
        two.subscribe("news", heard.append)
        await soon(lambda: told(one, heard), within_s=10)


async def shared_again(one: Cache, two: Cache) -> bool:
    await one.set("fresh", b"f", 60)
    return await two.get("fresh") == b"f"


async def told(one: Cache, heard: list[str]) -> bool:
    await one.publish("news", "x")
    await asyncio.sleep(0.1)
    return bool(heard)


async def test_a_listener_survives_its_connection(by_postgres: Processes, db: Pool) -> None:
    one, two = by_postgres.one, by_postgres.two
    await two.set("k", b"old", 60)
    own = await db.connect()
    await own.fetch(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where query ilike 'listen%' and datname = current_database()"
    )
    await own.close()
    # News may have been missed: nothing near is trusted.
    await soon(lambda: is_now(two, None))
    heard: list[str] = []
    two.subscribe("news", heard.append)
    await soon(lambda: told(one, heard))
