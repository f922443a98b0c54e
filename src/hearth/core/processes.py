"""The process tree of `hearth up`: the database first, then the programs that use it.

    with claimed(data):
        cluster = Cluster(data, say=print)
        return await run_tree(cluster, prepare, ready_url=f"{address}/ready", on_ready=...)

SIGINT and SIGTERM stop the programs, then the database, and the tree ends with 0. A program that
dies is started again with growing pauses; a database that dies recovers below the running programs.
"""

import asyncio
import ctypes
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final
from urllib.parse import urlsplit

import msgspec

from hearth.core.cluster import Cluster
from hearth.core.errors import Problem

log = logging.getLogger("hearth.processes")

STOP_S: Final = 20.0
FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 30.0
# A program that lived this long was well: its next fall starts with the shortest pause again.
WELL_AFTER_S: Final = 30.0
# This many falls in a row, none of them well in between, and starting again will not help.
FALLS: Final = 6
_STOPPING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PR_SET_PDEATHSIG: Final = 1
_PARENT: Final = "HEARTH_TREE"
_libc: Final = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Child(msgspec.Struct, frozen=True):
    """A program of the tree: its name for people and its command.

    `environment` comes over the parent's own.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = {}


class PortTaken(Problem):
    """The address to serve on cannot be had."""

    status = 503
    code = "port_taken"
    title = "The address cannot be used"


class TreeFailed(Problem):
    """A program of the tree keeps dying."""

    status = 503
    code = "program_failed"
    title = "A program keeps failing"


def check_port(host: str, port: int) -> None:
    """Refuse with one sentence when nothing could listen on `host` and `port`."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
            tried.listen(1)
    except socket.gaierror as error:
        raise PortTaken(
            f"{host} is not an address of this machine: choose another --host."
        ) from error
    except PermissionError as error:
        raise PortTaken(
            f"Port {port} is kept for root: choose one from 1024 with --port."
        ) from error
    except OSError as error:
        raise PortTaken(
            f"Port {port} on {host} cannot be used ({error.strerror}): stop the program that has "
            f"it, or choose another with --port, for example --port {port % 65535 + 1}."
        ) from error


def die_with_parent(sign: signal.Signals = signal.SIGTERM) -> None:
    """For a program of the tree: be told to stop when the tree dies, however that dies.

    Does nothing in a program that was started by itself: it may outlive the shell it came from.
    Linux tells at once; elsewhere a thread looks every second whether the parent is still there.
    """
    if os.environ.get(_PARENT) != str(os.getppid()):
        return
    if _libc is not None:
        _tie(sign)
    else:
        threading.Thread(target=_watch, args=(os.getppid(), sign), daemon=True).start()


def die_with_server() -> None:
    """For a worker process of the web server: end with the server, so that its port is free."""
    _tie(signal.SIGKILL)


def _tie(sign: signal.Signals) -> None:
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, sign, 0, 0, 0)


def _watch(parent: int, sign: signal.Signals) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), sign)


async def run_tree(
    cluster: Cluster | None,
    prepare: Callable[[], Awaitable[Sequence[Child]]],
    *,
    ready_url: str | None = None,
    on_ready: Callable[[], None] = lambda: None,
) -> int:
    """Run everything until a signal comes; returns the exit code.

    `cluster` is None when DATABASE_URL names a server. `prepare` runs once the database answers:
    it migrates, loads, and says which programs to run. `on_ready` is called once, when
    `ready_url` first answers 200.
    """
    stopping = asyncio.Event()
    with_signals = _signals(stopping, cluster)
    async with with_signals, _database(cluster, stopping):
        if stopping.is_set():
            return 0
        children = await _unless(stopping, prepare())
        if children is None:
            return 0
        await _run_all(cluster, children, stopping, _announcing(ready_url, on_ready))
    return 0


@asynccontextmanager
async def _signals(stopping: asyncio.Event, cluster: Cluster | None) -> AsyncIterator[None]:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        stopping.set()
        if cluster is not None:
            cluster.give_up()

    # What was ignored stays ignored: that is how nohup keeps a program through a hang-up.
    heard = [sign for sign in _STOPPING if signal.getsignal(sign) != signal.SIG_IGN]
    for sign in heard:
        loop.add_signal_handler(sign, stop)
    try:
        yield
    finally:
        for sign in heard:
            loop.remove_signal_handler(sign)


@asynccontextmanager
async def _database(cluster: Cluster | None, stopping: asyncio.Event) -> AsyncIterator[None]:
    if cluster is None:
        yield
        return
    try:
        await asyncio.to_thread(cluster.start)
    except Problem:
        if not stopping.is_set():
            raise
    try:
        yield
    finally:
        await asyncio.to_thread(cluster.stop)


async def _unless(
    stopping: asyncio.Event, work: Awaitable[Sequence[Child]]
) -> Sequence[Child] | None:
    """The result of `work`, or None, and `work` cancelled, when a signal comes first."""
    doing = asyncio.ensure_future(work)
    waiting = asyncio.ensure_future(stopping.wait())
    await asyncio.wait({doing, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not doing.done():
        doing.cancel()
        with suppress(asyncio.CancelledError):
            await doing
        return None
    return doing.result()


async def _run_all(
    cluster: Cluster | None,
    children: Sequence[Child],
    stopping: asyncio.Event,
    announcing: Awaitable[None],
) -> None:
    tasks = [asyncio.ensure_future(_keep(child, stopping)) for child in children]
    if cluster is not None:
        tasks.append(asyncio.ensure_future(_keep_database(cluster, stopping)))
    ready = asyncio.ensure_future(announcing)
    try:
        await asyncio.gather(*tasks)
    finally:
        # The first failure ends the whole tree, and every program is stopped before the database.
        stopping.set()
        ready.cancel()
        await asyncio.gather(*tasks, ready, return_exceptions=True)


async def _keep(child: Child, stopping: asyncio.Event) -> None:
    """Run a program until the tree stops, again whenever it ends."""
    falls = 0
    while not stopping.is_set():
        started = time.monotonic()
        code = await _run_once(child, stopping)
        if stopping.is_set():
            return
        falls = 1 if time.monotonic() - started > WELL_AFTER_S else falls + 1
        if falls >= FALLS:
            raise TreeFailed(
                f"{child.name} ended {falls} times in a row, last with code {code}: "
                "its own lines above say why."
            )
        pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (falls - 1))
        log.warning("%s ended with code %s; starting it in %.1f s", child.name, code, pause_s)
        await _pause(stopping, pause_s)


async def _run_once(child: Child, stopping: asyncio.Event) -> int:
    parent = os.getpid()

    def tie() -> None:
        # Runs between fork and exec. The check closes the gap before the kernel knew the wish.
        _tie(signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    process = await asyncio.create_subprocess_exec(
        *child.command,
        env={**os.environ, **child.environment, _PARENT: str(parent)},
        stdin=asyncio.subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C reaches us alone, and we stop things in their order
        preexec_fn=tie if _libc is not None else None,
    )
    ended = asyncio.ensure_future(process.wait())
    asked = asyncio.ensure_future(stopping.wait())
    try:
        await asyncio.wait({ended, asked}, return_when=asyncio.FIRST_COMPLETED)
        if not ended.done():
            process.terminate()
            await asyncio.wait({ended}, timeout=STOP_S)
    finally:
        asked.cancel()
        # Also when the program itself is dead: what it started may live and hold the port.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return await ended


async def _keep_database(cluster: Cluster, stopping: asyncio.Event) -> None:
    """Start the database again when its process died; the programs reconnect by themselves.

    Never gives up: a full disk is emptied one day, and then everything goes on.
    """
    pause_s = FIRST_PAUSE_S
    while not stopping.is_set():
        await _pause(stopping, 0.25)
        if stopping.is_set() or cluster.is_running():
            continue
        log.error("the database's process died; starting it again")
        try:
            await asyncio.to_thread(cluster.start)
            pause_s = FIRST_PAUSE_S
        except Problem as problem:
            if not stopping.is_set():
                log.error("%s", problem.detail)
                await _pause(stopping, pause_s)
                pause_s = min(LONGEST_PAUSE_S, pause_s * 2)


async def _pause(stopping: asyncio.Event, pause_s: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(pause_s):
            await stopping.wait()


async def _announcing(url: str | None, on_ready: Callable[[], None]) -> None:
    while url is not None:
        if await _answers(url):
            on_ready()
            return
        await asyncio.sleep(0.1)


async def _answers(url: str) -> bool:
    """Whether a GET of an http address is answered with 200."""
    where = urlsplit(url)
    host = where.hostname or "127.0.0.1"
    question = f"GET {where.path} HTTP/1.1\r\nHost: {where.netloc}\r\nConnection: close\r\n\r\n"
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(5):
            reader, writer = await asyncio.open_connection(host, where.port or 80)
            try:
                writer.write(question.encode())
                line = await reader.readline()
                return line.split()[1:2] == [b"200"]
            finally:
                writer.close()
    return False
