"""Flags: off unless known, stable for a person, fresh within two seconds and mostly at once."""

import asyncio
from uuid import UUID

import msgspec
import pytest

from hearth.core import flags as module
from hearth.core.cache import Cache
from hearth.core.db import Pool
from hearth.core.flags import Flag, Flags, is_on, place_of, set_flag
from hearth.core.values import new_id


def test_unknown_and_disabled_are_off() -> None:
    person = new_id()
    assert not is_on(None, person)
    assert not is_on(Flag("a", enabled=False), person)
    assert is_on(Flag("a", enabled=True), person)
    assert is_on(Flag("a", enabled=True), None)
    assert not is_on(Flag("a", enabled=True, rollout_percentage=99), None)
    assert not is_on(Flag("a", enabled=True, rollout_percentage=0), person)


def test_a_share_of_persons_stays_and_grows() -> None:
    persons = [new_id() for _ in range(2000)]
    ten = {p for p in persons if is_on(Flag("a", enabled=True, rollout_percentage=10), p)}
    fifty = {p for p in persons if is_on(Flag("a", enabled=True, rollout_percentage=50), p)}
    assert ten < fifty
    assert 120 < len(ten) < 290
    assert 850 < len(fifty) < 1150
    other = {p for p in persons if is_on(Flag("b", enabled=True, rollout_percentage=10), p)}
    assert other != ten


def test_places_do_not_change_between_releases() -> None:
    assert place_of("a", UUID(int=1)) == pytest.approx(80.25460882906752)


def test_the_wire_has_the_name_that_clients_send() -> None:
    sent = msgspec.json.encode(Flag("a", enabled=True, rollout_percentage=25))
    assert sent == b'{"key":"a","enabled":true,"rolloutPercentage":25}'


async def test_a_change_is_heard(db: Pool) -> None:
    cache = Cache(pool=db)
    flags = Flags(db, cache)
    await cache.start()
    await flags.load()
    await asyncio.sleep(0.2)
    key = f"t{new_id().hex}"
    assert not flags.enabled(key)
    await set_flag(db, None, Flag(key, enabled=True))
    async with asyncio.timeout(1):
        while not flags.enabled(key):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await set_flag(db, None, Flag(key, enabled=False))
    async with asyncio.timeout(1):
        while flags.enabled(key):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await cache.close()


async def test_and_read_again_when_it_was_not(db: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "OLDEST_S", 0.05)
    flags = Flags(db)
    await flags.load()
    key = f"t{new_id().hex}"
    await set_flag(db, None, Flag(key, enabled=True, rollout_percentage=100))
    await asyncio.sleep(0.1)
    flags.enabled(key)
    await asyncio.sleep(0.1)
    assert flags.enabled(key)
    assert Flag(key, enabled=True) in flags.all()


async def test_old_flags_stay_while_the_database_is_away(caplog: pytest.LogCaptureFixture) -> None:
    class Away(Pool):
        async def all(self, *given: object, **named: object) -> list[object]:  # type: ignore[override]
            raise ConnectionError("away")

    flags = Flags(Away("postgresql:///nowhere"))
    flags._flags = {"a": Flag("a", enabled=True)}
    assert flags.enabled("a")
    await asyncio.sleep(0.05)
    assert flags.enabled("a")
    assert "old ones stay" in caplog.text
