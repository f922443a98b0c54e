"""Probes: is it alive, may it receive traffic, how is it; and the metrics."""

import asyncio
import logging
import os
import re
import shutil
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
from litestar import Request, Response, get
from litestar.openapi.datastructures import ResponseSpec

from hearth.core import jobs, telemetry
from hearth.core.db import SYSTEM
from hearth.core.errors import NotFound
from hearth.core.values import request_context
from hearth.web.dependencies import DoorsIn
from hearth.web.doors import Doors
from hearth.web.identity import asked, seen
from hearth.web.threshold import LOOPBACK, Networks

AnyRequest = Request[Any, Any, Any]
State = Literal["healthy", "degraded", "unhealthy"]
Probe = Callable[[Doors], Awaitable["Check"]]

log = logging.getLogger("hearth.web")

CHECK_WITHIN_S: Final = 2.0
KEPT_S: Final = 2.0
LEAST_DISK_SHARE: Final = 0.05
LEAST_MEMORY_BYTES: Final = 64 * 1024 * 1024
_started: Final = time.monotonic()


class Check(msgspec.Struct, frozen=True, omit_defaults=True):
    """How one part is: `detail` in words when it is not well."""

    status: State
    detail: str = ""


class Health(msgspec.Struct, frozen=True, omit_defaults=True):
    """How the whole is. `degraded` still serves; `checks` are for staff and for this machine."""

    status: State
    version: str
    uptime_s: int
    checks: dict[str, Check] = {}


class Alive(msgspec.Struct, frozen=True):
    """A plain yes."""

    status: Literal["ok"] = "ok"


WELL: Final = Check("healthy")


async def _database(doors: Doors) -> Check:
    async with doors.db.connection(SYSTEM) as connection:
        await connection.fetchval("select 1")
    return WELL


async def _cache(doors: Doors) -> Check:
    await doors.cache.set("web.health", b"1", 5)
    found = await doors.cache.get("web.health")
    return WELL if found == b"1" else Check("degraded", "the cache forgets")


async def _storage(doors: Doors) -> Check:
    await doors.files.list("health/")
    return WELL


async def _memory(_: Doors) -> Check:
    available = _available_memory()
    return WELL if available > LEAST_MEMORY_BYTES else Check("degraded", "little memory is free")


def _available_memory() -> int:
    """Bytes that can be had without swapping; what caches hold counts as to be had."""
    try:
        found = re.search(r"MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text())
    except OSError:
        found = None
    if found is not None:
        return int(found.group(1)) * 1024
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


async def _disk(doors: Doors) -> Check:
    # Where only others keep data (a database elsewhere, files in S3) the folder is never made.
    folder = doors.site.data.absolute()
    usage = shutil.disk_usage(next(each for each in (folder, *folder.parents) if each.exists()))
    full = usage.free < usage.total * LEAST_DISK_SHARE
    return Check("degraded", "the disk is nearly full") if full else WELL


async def _ai_services(doors: Doors) -> Check:
    known = doors.ai.checks()
    if [each.state for each in known] == ["none"]:
        return Check("healthy", "none is configured; meals are read without one")
    away = [each.service for each in known if each.state == "away"]
    return Check("degraded", f"away: {', '.join(away)}") if away else WELL


PROBES: Final[dict[str, Probe]] = {
    "database": _database,
    "cache": _cache,
    "ai_services": _ai_services,
    "storage": _storage,
    "memory": _memory,
    "disk": _disk,
}
"""What is looked at. A domain with something to look at adds its probe in the composition root."""

_kept: dict[int, tuple[float, dict[str, Check]]] = {}


async def _probed(name: str, probe: Probe, doors: Doors) -> Check:
    try:
        async with asyncio.timeout(CHECK_WITHIN_S):
            return await probe(doors)
    except Exception as error:
        # Without its database nothing can be answered; without the rest much still can.
        state: State = "unhealthy" if name == "database" else "degraded"
        return Check(state, f"does not answer: {type(error).__name__}")


async def checks(doors: Doors) -> dict[str, Check]:
    """Every part, at most two seconds old: probing often must not become a load."""
    at, found = _kept.get(id(doors), (float("-inf"), {}))
    if time.monotonic() - at > KEPT_S:
        probed = await asyncio.gather(*(_probed(*each, doors) for each in PROBES.items()))
        found = dict(zip(PROBES, probed, strict=True))
        _kept[id(doors)] = (time.monotonic(), found)
    return found


def overall(found: dict[str, Check]) -> State:
    """The worst of the parts."""
    states = {check.status for check in found.values()}
    worst: tuple[State, ...] = ("unhealthy", "degraded")
    return next((state for state in worst if state in states), "healthy")


@get(
    ["/health", "/api/health", "/api/healthz"],
    opt={"anonymous": True},
    tags=["operations"],
    responses={503: ResponseSpec(Health, description="Not serving", generate_examples=False)},
)
async def health(doors: DoorsIn, request: AnyRequest) -> Response[Health]:
    """How the installation is: 200 while it serves, 503 when it does not."""
    found = await checks(doors)
    state = overall(found)
    person = asked(request).person
    inside = request_context.get().address in LOOPBACK or (person is not None and person.is_staff)
    body = Health(
        state,
        doors.site.version,
        int(time.monotonic() - _started),
        found if inside else {},
    )
    return Response(body, status_code=503 if state == "unhealthy" else 200)


@get("/ready", opt={"public": True}, tags=["operations"], include_in_schema=False)
async def ready(doors: DoorsIn) -> Response[Alive | Health]:
    """Whether this process may receive traffic: it does while its database answers."""
    if doors.site.maintenance or (await checks(doors))["database"].status == "unhealthy":
        body = Health("unhealthy", doors.site.version, int(time.monotonic() - _started))
        return Response(body, status_code=503)
    return Response(Alive())


@get("/live", opt={"public": True}, include_in_schema=False, sync_to_thread=False)
def live() -> Alive:
    """Whether this process is alive. Touches nothing outside of it."""
    return Alive()


@get("/metrics", opt={"public": True}, include_in_schema=False)
async def metrics(request: AnyRequest) -> Response[bytes]:
    """Prometheus metrics, for this machine and the networks that are allowed to read them."""
    allowed: Networks = request.app.state.metrics_networks
    if request_context.get().address not in allowed:
        raise NotFound("There is nothing at this address.")
    doors: Doors = request.app.state.doors
    telemetry.set_pool(doors.db.in_use, doors.db.size)
    telemetry.set_active_users(seen.count())
    await _measure_queue(doors)
    return Response(telemetry.render(), media_type="text/plain; version=0.0.4; charset=utf-8")


async def _measure_queue(doors: Doors) -> None:
    try:
        async with asyncio.timeout(CHECK_WITHIN_S):
            await jobs.measure(doors.db)
    except Exception as error:
        # The other figures are wanted most when the database is away.
        log.warning("the queue could not be measured: %s", type(error).__name__)


routes: Final = [health, ready, live, metrics]
