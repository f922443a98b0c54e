"""How often somebody may do something: GCRA, in the process or shared through Redis.

The generic cell rate algorithm (ITU-T I.371) keeps one time per subject: when the bucket would be
full again. `limit` may come at once, and one more each `per_s / limit` seconds.
"""

import time
from collections import OrderedDict
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Final

import msgspec

from hearth.core.cache import SharedRedis

MOST_SUBJECTS: Final = 100_000

# The server's clock decides, so that hosts whose clocks differ agree. Times are microseconds.
_SCRIPT: Final = """
local now = redis.call('TIME')
now = now[1] * 1000000 + now[2]
local step, span = tonumber(ARGV[1]), tonumber(ARGV[2])
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
if full + step - span > now then
  return {0, full - now}
end
full = full + step
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000) + 1)
return {1, full - now}
"""


class Taken(msgspec.Struct, frozen=True):
    """The answer of a limit. `reset_s`: until the whole limit is there again; `retry_after_s`:
    until one more is allowed, 0 when it was."""

    allowed: bool
    remaining: int
    reset_s: float
    retry_after_s: float


class Limits:
    """Limits by name and subject: `await limits.take("login", address, limit=10, per_s=60)`."""

    def __init__(self, redis: SharedRedis | None = None) -> None:
        self._redis = redis
        self._full: OrderedDict[tuple[str, str], float] = OrderedDict()

    async def take(self, name: str, subject: str, *, limit: int, per_s: float) -> Taken:
        """Use one of `limit` in `per_s` seconds; what is refused is not counted.

        With Redis away each process counts by itself.
        """
        step = per_s / limit
        if self._redis is not None:
            arguments = (int(step * 1e6), int(per_s * 1e6))
            found = await self._redis.run(_SCRIPT, f"hearth:limit:{name}:{subject}", *arguments)
            if found is not None:
                return _taken(bool(found[0]), found[1] / 1e6, step, per_s)
        return self._take_here((name, subject), step, per_s)

    def _take_here(self, subject: tuple[str, str], step: float, per_s: float) -> Taken:
        now = time.monotonic()
        full = max(self._full.get(subject, now), now)
        allowed = full + step - per_s <= now + 1e-9
        if allowed:
            full += step
            self._full[subject] = full
            self._full.move_to_end(subject)
            if len(self._full) > MOST_SUBJECTS:
                self._full.popitem(last=False)
        return _taken(allowed, full - now, step, per_s)


def _taken(allowed: bool, wait_s: float, step: float, per_s: float) -> Taken:
    """The answer, from the seconds until the bucket is full."""
    remaining = max(0, int((per_s - wait_s) / step + 1e-6))
    retry = 0.0 if allowed else max(0.0, wait_s + step - per_s)
    return Taken(allowed, remaining, wait_s, retry)


@lru_cache(4096)
def neighbourhood(address: str) -> str:
    """The subject for an address: IPv4 as it is, IPv6 as its /64, '' for loopback and none."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return neighbourhood(str(parsed.ipv4_mapped))
        return "" if parsed.is_loopback else f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
    return "" if parsed.is_loopback else str(parsed)
