"""Load over HTTP: wrk where it is installed, else a small generator of our own.

Requests are prepared bytes, sent in turn over connections that stay open, on the loopback only.
"""

import asyncio
import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import count, cycle
from pathlib import Path

from bench.figures import Rate, rate_of

KEY = b"@KEY@"
"""What becomes unique in each request that is sent."""
SCRIPT = Path(__file__).with_name("load.lua")
_runs = count()


def request(
    method: str,
    path: str,
    *,
    token: str = "",
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """A request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Accept: application/json"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def driven(port: int, requests: Sequence[bytes], clients: int, seconds: float) -> Rate:
    """Send `requests` over and over by so many clients for so long."""
    name = f"b{os.getpid()}-{next(_runs)}-"
    if shutil.which("wrk"):
        return _by_wrk(port, requests, clients, seconds, name)
    return asyncio.run(_by_ourselves(port, requests, clients, seconds, name))


def _by_wrk(port: int, requests: Sequence[bytes], clients: int, seconds: float, name: str) -> Rate:
    with tempfile.NamedTemporaryFile(prefix="hearth-bench-") as file:
        for one in requests:
            file.write(b"%d\n%s" % (len(one), one))
        file.flush()
        whole = max(1, round(seconds))
        done = subprocess.run(
            ["wrk", "-t1", f"-c{clients}", f"-d{whole}s", "--timeout", "30s", "-s", SCRIPT,
             f"http://127.0.0.1:{port}", "--", file.name, name],
            capture_output=True, text=True, timeout=whole + 60, check=True,
        )  # fmt: skip
    return read_wrk(done.stdout)


def read_wrk(output: str) -> Rate:
    """The rate in what load.lua printed at its end."""
    line = next(line for line in output.splitlines() if line.startswith("RESULT "))
    requests, lasted_us, failed, p50, p95, p99 = map(int, line.split()[1:])
    return Rate(requests / (lasted_us / 1e6), p50 / 1000, p95 / 1000, p99 / 1000, failed)


async def _by_ourselves(
    port: int, requests: Sequence[bytes], clients: int, seconds: float, name: str
) -> Rate:
    keys: Iterator[int] = count()
    turn = cycle(requests)
    waited_ms: list[float] = []
    failed = 0
    until = time.perf_counter() + seconds

    async def client() -> None:
        nonlocal failed
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.closing(writer):
            while time.perf_counter() < until:
                wire = next(turn).replace(KEY, f"{name}{next(keys)}".encode())
                started = time.perf_counter()
                writer.write(wire)
                status = await _answer(reader)
                waited_ms.append((time.perf_counter() - started) * 1000)
                failed += not 200 <= status < 400

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return rate_of(waited_ms, time.perf_counter() - started, failed)


async def _answer(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
    await reader.readexactly(int(length or 0))
    return int(head.split(b" ", 2)[1])
