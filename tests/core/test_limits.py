"""Limits count alike in the process and in Redis."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from redis_server import RedisServer

from hearth.core import limits as module
from hearth.core.cache import SharedRedis
from hearth.core.limits import Limits, neighbourhood


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    yield server
    server.close()


@pytest.fixture(params=["process", "redis"])
async def limits(request: pytest.FixtureRequest) -> AsyncIterator[Limits]:
    if request.param == "process":
        yield Limits()
        return
    redis = SharedRedis(request.getfixturevalue("server").url)
    await redis.client.flushall()
    yield Limits(redis)
    assert not redis.away
    await redis.close()


async def test_so_many_and_then_one_by_one(limits: Limits) -> None:
    taken = [await limits.take("login", "ada", limit=5, per_s=2.0) for _ in range(7)]
    assert [one.allowed for one in taken] == [True] * 5 + [False] * 2
    assert [one.remaining for one in taken] == [4, 3, 2, 1, 0, 0, 0]
    assert 0 < taken[-1].retry_after_s <= 0.4
    assert 1.5 < taken[-1].reset_s <= 2.0
    assert taken[0].retry_after_s == 0
    await asyncio.sleep(taken[-1].retry_after_s + 0.02)
    assert (await limits.take("login", "ada", limit=5, per_s=2.0)).allowed
    assert not (await limits.take("login", "ada", limit=5, per_s=2.0)).allowed


async def test_subjects_and_names_are_apart(limits: Limits) -> None:
    for name, subject in (("a", "x"), ("a", "y"), ("b", "x")):
        assert (await limits.take(name, subject, limit=1, per_s=60)).allowed
        assert not (await limits.take(name, subject, limit=1, per_s=60)).allowed


async def test_together_no_more_than_the_limit(limits: Limits) -> None:
    taken = await asyncio.gather(*(limits.take("a", "x", limit=10, per_s=600) for _ in range(50)))
    assert sum(one.allowed for one in taken) == 10


async def test_two_processes_share_in_redis(server: RedisServer) -> None:
    pair = [SharedRedis(server.url) for _ in range(2)]
    await pair[0].client.flushall()
    counted = [
        await Limits(redis).take("a", "x", limit=3, per_s=600) for redis in pair for _ in range(2)
    ]
    assert [one.allowed for one in counted] == [True, True, True, False]
    for redis in pair:
        await redis.close()


async def test_without_redis_each_process_counts() -> None:
    redis = SharedRedis("unix:///nonexistent/socket")
    limits = Limits(redis)
    taken = [await limits.take("a", "x", limit=2, per_s=60) for _ in range(3)]
    assert [one.allowed for one in taken] == [True, True, False]
    assert redis.away
    await redis.close()


async def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_SUBJECTS", 10)
    limits = Limits()
    for number in range(100):
        await limits.take("a", str(number), limit=1, per_s=60)
    assert len(limits._full) == 10


@pytest.mark.parametrize(
    ("address", "subject"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", ""),
        ("::1", ""),
        ("", ""),
        ("unix", ""),
    ],
)
def test_an_address_is_counted_by_its_network(address: str, subject: str) -> None:
    assert neighbourhood(address) == subject
