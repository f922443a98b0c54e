"""A cache in two tiers, and messages between processes.

The near tier is in the process; the far one is Redis, when there is one. A change or deletion is
told to every process, through Redis or else through PostgreSQL, so that none keeps what another
has replaced. Without Redis (or while it is away) the process caches by itself: nothing fails.

Delivery of messages is best effort: whoever may have missed some forgets all that is near.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar
from uuid import uuid4

import msgspec
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from hearth.core import telemetry
from hearth.core.db import LOST, SYSTEM, Connection, Pool
from hearth.core.sql import Statements

log = logging.getLogger("hearth.cache")
T = TypeVar("T")

CHANNEL: Final = "hearth"
MOST_ENTRIES: Final = 20_000
MOST_BYTES: Final = 32 * 1024 * 1024
LONGEST_MESSAGE: Final = 7000  # bytes; PostgreSQL carries just under 8,000
REDIS_TIMEOUT_S: Final = 1.0
LONGEST_PAUSE_S: Final = 15.0

NOTIFY = Statements.beside(__file__).rows("notify", str)


class SharedRedis:
    """Redis that may be away: a call then answers None at once, and it is tried again by itself."""

    def __init__(self, url: str) -> None:
        self.client: Redis = Redis.from_url(
            url,
            socket_timeout=REDIS_TIMEOUT_S,
            socket_connect_timeout=REDIS_TIMEOUT_S,
            retry=Retry(NoBackoff(), 1),
        )
        self._url = url
        self._away_until = 0.0
        self._pause_s = 0.0

    @property
    def away(self) -> bool:
        """Whether the last call failed."""
        return self._pause_s > 0

    async def attempt(self, call: Callable[[Redis], Awaitable[T]]) -> T | None:
        """The answer of `call`, or None while Redis is away."""
        if time.monotonic() < self._away_until:
            return None
        try:
            answer = await call(self.client)
        except (RedisError, OSError) as error:
            self._lost(error)
            return None
        if self.away:
            log.info("Redis is back")
            self._pause_s = 0.0
            telemetry.set_breaker("redis", 0)
        return answer

    async def run(self, script: str, key: str, *arguments: int) -> list[int] | None:
        """The answer of a Lua script on one key."""
        return await self.attempt(lambda redis: redis.eval(script, 1, key, *arguments))

    def listener(self) -> Redis:
        """A client for subscriptions, which wait without a time limit."""
        return Redis.from_url(
            self._url, socket_connect_timeout=REDIS_TIMEOUT_S, socket_timeout=None
        )

    async def close(self) -> None:
        """Close the connections."""
        await self.client.aclose()

    def _lost(self, error: Exception) -> None:
        if not self.away:
            log.warning("Redis is away, the process goes on by itself: %s", type(error).__name__)
            telemetry.set_breaker("redis", 2)
        self._pause_s = min(max(0.25, self._pause_s * 2), LONGEST_PAUSE_S)
        self._away_until = time.monotonic() + self._pause_s


class _Near:
    """The tier in the process: bounded in entries and bytes, least recently used goes first."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._bytes = 0

    def get(self, key: str) -> bytes | None:
        found = self._held.get(key)
        if found is None:
            return None
        if found[0] <= time.monotonic():
            self.drop(key)
            return None
        self._held.move_to_end(key)
        return found[1]

    def put(self, key: str, value: bytes, ttl_s: float) -> None:
        self.drop(key)
        if len(value) > MOST_BYTES // 16 or ttl_s <= 0:
            return
        self._held[key] = (time.monotonic() + ttl_s, value)
        self._bytes += len(value)
        while len(self._held) > MOST_ENTRIES or self._bytes > MOST_BYTES:
            self._bytes -= len(self._held.popitem(last=False)[1][1])

    def drop(self, key: str) -> None:
        found = self._held.pop(key, None)
        if found is not None:
            self._bytes -= len(found[1])

    def clear(self) -> None:
        self._held.clear()
        self._bytes = 0


class _Told(msgspec.Struct, frozen=True):
    """A message between processes, as JSON. Triggers of the database send it too."""

    origin: str
    channel: str
    message: str


class Cache:
    """`get`, `set`, `delete`; and `publish` and `subscribe` for other news between processes."""

    def __init__(self, redis: SharedRedis | None = None, pool: Pool | None = None) -> None:
        self._near = _Near()
        self._redis = redis
        self._pool = pool
        self._origin = uuid4().hex
        self._changes = 0
        self._subscribers: dict[str, list[Callable[[str], None]]] = {"cache": [self._forget]}
        self._listening: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to hear the other processes."""
        if self._pool is not None:
            self._listening.append(asyncio.create_task(self._hear(self._hear_postgres)))
        if self._redis is not None:
            self._listening.append(asyncio.create_task(self._hear(self._hear_redis)))

    async def close(self) -> None:
        """Stop hearing."""
        for task in self._listening:
            task.cancel()
        await asyncio.gather(*self._listening, return_exceptions=True)
        self._listening.clear()

    async def get(self, key: str) -> bytes | None:
        """What was set under `key`, while it lives and nobody has replaced it."""
        value = self._near.get(key)
        telemetry.count_cache("process", value is not None)
        if value is not None or self._redis is None:
            return value
        changes = self._changes
        found = await self._redis.attempt(lambda redis: _get_with_ttl(redis, key))
        telemetry.count_cache("redis", found is not None and found[0] is not None)
        if found is None or found[0] is None:
            return None
        # What was changed while Redis answered may be older than the news: then not kept near.
        if changes == self._changes:
            self._near.put(key, found[0], found[1] / 1000)
        return found[0]

    async def set(self, key: str, value: bytes, ttl_s: float) -> None:
        """Keep `value` under `key` for at most `ttl_s` seconds."""
        self._changed()
        self._near.put(key, value, ttl_s)
        if self._redis is not None:
            ttl_ms = max(1, int(ttl_s * 1000))
            await self._redis.attempt(lambda redis: redis.set(_far(key), value, px=ttl_ms))
        await self.publish("cache", key)

    async def delete(self, key: str) -> None:
        """Forget `key`, here and in every other process."""
        self._forget(key)
        if self._redis is not None:
            await self._redis.attempt(lambda redis: redis.delete(_far(key)))
        await self.publish("cache", key)

    async def publish(self, channel: str, message: str) -> None:
        """Tell the other processes; each calls what was subscribed. At most 7,000 bytes."""
        told = msgspec.json.encode(_Told(self._origin, channel, message))
        if len(told) > LONGEST_MESSAGE:
            raise ValueError(
                f"a message on {channel} is {len(told)} bytes long: tell a key instead"
            )
        if self._redis is not None:
            heard = await self._redis.attempt(lambda redis: redis.publish(CHANNEL, told))
            if heard is not None:
                return
        if self._pool is not None:
            try:
                await self._pool.one(NOTIFY, SYSTEM, channel=CHANNEL, told=told.decode())
            except Exception as error:
                log.warning("the other processes were not told: %s", error)

    def subscribe(self, channel: str, callback: Callable[[str], None]) -> None:
        """Call `callback` with each message that another process publishes on `channel`."""
        self._subscribers.setdefault(channel, []).append(callback)

    def _forget(self, key: str) -> None:
        self._changed()
        self._near.drop(key)

    def _changed(self) -> None:
        self._changes += 1

    def _heard(self, payload: str | bytes) -> None:
        try:
            told = msgspec.json.decode(payload, type=_Told)
        except msgspec.DecodeError:
            return
        if told.origin == self._origin:
            return
        for callback in self._subscribers.get(told.channel, ()):
            try:
                callback(told.message)
            except Exception:
                log.exception("a subscriber of %s failed", told.channel)

    async def _hear(self, listen: Callable[[], Awaitable[None]]) -> None:
        """Listen for ever; after each interruption forget what is near."""
        pause = 0.25
        while True:
            started = time.monotonic()
            try:
                await listen()
            except (RedisError, OSError, *LOST):
                pass  # whoever asks for something hears of it, and says so
            except Exception:
                # Never to hear again would be worse than any error.
                log.exception("listening to the other processes failed")
            self._changed()
            self._near.clear()
            pause = 0.25 if time.monotonic() - started > 30 else min(pause * 2, LONGEST_PAUSE_S)
            await asyncio.sleep(pause)

    async def _hear_postgres(self) -> None:
        assert self._pool is not None
        connection: Connection = await self._pool.connect()
        ended = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: ended.set())
            await connection.add_listener(CHANNEL, lambda *given: self._heard(str(given[3])))
            await ended.wait()
        finally:
            connection.terminate()

    async def _hear_redis(self) -> None:
        assert self._redis is not None
        client = self._redis.listener()
        try:
            async with client.pubsub() as subscription:
                await subscription.subscribe(CHANNEL)
                async for message in subscription.listen():
                    if message["type"] == "message":
                        self._heard(message["data"])
        finally:
            await client.aclose()


def _far(key: str) -> str:
    return f"hearth:cache:{key}"


async def _get_with_ttl(redis: Redis, key: str) -> tuple[bytes | None, int]:
    """A value and the milliseconds that it has left, in one round trip."""
    pipeline: Any = redis.pipeline(transaction=False)
    pipeline.get(_far(key))
    pipeline.pttl(_far(key))
    value, left_ms = await pipeline.execute()
    return value, left_ms
