"""`kill -9` of web, worker, database and everything, while people log meals.

Every client sends each meal under one Idempotency-Key until it is acknowledged, as a phone does.
Afterwards each acknowledged meal must be there exactly once.
"""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import pytest

from hearth.core.cluster import Cluster
from hearth.core.postmaster import Postmaster

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = 4
PATIENCE_S = 60.0


class House:
    """A `hearth up` of its own, and its processes by what they do."""

    def __init__(self, data: Path) -> None:
        self.data = data
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = data.parent / "up.log"
        self.process = self.start()

    def start(self) -> "subprocess.Popen[bytes]":
        kept = {k: v for k, v in os.environ.items() if not k.endswith("_URL")}
        kept["PYTHONPATH"] = os.pathsep.join([str(ROOT / "src"), *filter(None, sys.path)])
        where = ["--port", str(self.port), "--data", str(self.data)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hearth", "up", *where],
                cwd=self.data.parent,
                env=kept,
                stdout=log,
                stderr=log,
            )
        return self.process

    async def ready(self) -> None:
        until = time.monotonic() + PATIENCE_S
        async with httpx.AsyncClient(base_url=self.url, timeout=5) as client:
            while time.monotonic() < until:
                assert self.process.poll() is None, self.log.read_text()[-3000:]
                try:
                    if (await client.get("/ready")).status_code == 200:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.1)
        raise AssertionError(f"not ready in {PATIENCE_S} s: {self.log.read_text()[-3000:]}")

    def child(self, command: str) -> int:
        """The process that runs `hearth serve` or `hearth work`."""
        for process in children_of(self.process.pid):
            words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
            if command.encode() in words:
                return process
        raise AssertionError(f"hearth up runs no {command}: {self.log.read_text()[-3000:]}")

    def server(self) -> int:
        noted = Postmaster.read(self.data / "postgres" / "cluster")
        assert noted
        return noted.pid


def children_of(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in text.split()]


@pytest.fixture
def house() -> Iterator[House]:
    if sys.platform != "linux":
        pytest.skip("skipped, because this test finds processes in /proc")
    parent = Path(tempfile.mkdtemp(prefix="hearth-crash-"))
    parent.chmod(0o755)
    house = House(parent / "data")
    yield house
    house.process.terminate()
    try:
        house.process.wait(timeout=40)
    except subprocess.TimeoutExpired:
        house.process.kill()
    shutil.rmtree(parent, ignore_errors=True)


async def until_acknowledged(
    send: Callable[[], Awaitable[httpx.Response]], expected: int
) -> httpx.Response:
    """Send again and again until it is answered well, as a client with an outbox does."""
    until = time.monotonic() + PATIENCE_S
    last: object = None
    while time.monotonic() < until:
        try:
            answer = await send()
            if answer.status_code == expected:
                return answer
            last = (answer.status_code, answer.text[:300])
            assert answer.status_code in (409, 429) or answer.status_code >= 500, last
        except httpx.HTTPError as error:
            last = repr(error)
        await asyncio.sleep(0.1)
    raise AssertionError(f"never acknowledged: {last}")


class Load:
    """Clients that log meals without pause, and what was acknowledged to them."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.acknowledged: dict[str, str] = {}
        self.troubles = Counter[str]()
        self._stopping = False
        self._news = asyncio.Event()

    async def run(self, number: int) -> None:
        async with httpx.AsyncClient(base_url=self.url, timeout=20) as client:
            new = {"email": f"crash{number}-{uuid4().hex[:8]}@example.org", "password": uuid4().hex}
            made = await until_acknowledged(
                lambda: client.post("/api/auth/register", json=new), expected=201
            )
            client.headers["authorization"] = f"Bearer {made.json()['access_token']}"
            while not self._stopping:
                await self.log_one(client)

    async def log_one(self, client: httpx.AsyncClient) -> None:
        name = f"meal {uuid4()}"
        meal = {"name": name, "items": [{"name": "soup", "nutrients": {"energy_kcal": 120}}]}

        async def send() -> httpx.Response:
            answer = await client.post("/api/meals", json=meal, headers={"Idempotency-Key": name})
            if answer.status_code != 201:
                self.troubles[str(answer.status_code)] += 1
            return answer

        answer = await until_acknowledged(send, expected=201)
        self.acknowledged[name] = answer.json()["id"]
        self._news.set()

    async def more(self, count: int) -> None:
        """Wait until so many more meals are acknowledged: the load has got over what was done."""
        wanted = len(self.acknowledged) + count
        async with asyncio.timeout(PATIENCE_S):
            while len(self.acknowledged) < wanted:
                self._news.clear()
                await self._news.wait()

    def stop(self) -> None:
        self._stopping = True


async def kept(data: Path) -> Counter[str]:
    """The meals that are in the database, by name, read past all row-level security."""
    connection = await asyncpg.connect(Cluster(data).admin_dsn, timeout=20)
    try:
        rows = await connection.fetch("select name, id from diary.meal where name like 'meal %'")
        return Counter(row["name"] for row in rows)
    finally:
        await connection.close()


async def test_every_acknowledged_meal_is_there_exactly_once(house: House) -> None:
    await house.ready()
    load = Load(house.url)
    clients = [asyncio.create_task(load.run(number)) for number in range(CLIENTS)]
    await load.more(40)
    for victim in (
        lambda: house.child("serve"),
        lambda: house.child("work"),
        house.server,
    ):
        os.kill(victim(), signal.SIGKILL)
        await load.more(40)
    everything = [*children_of(house.process.pid), house.server()]
    house.process.kill()
    for pid in everything:
        os.kill(pid, signal.SIGKILL)
    house.process.wait(timeout=10)
    house.start()
    await house.ready()
    await load.more(40)
    load.stop()
    await asyncio.gather(*clients)
    found = await kept(house.data)
    lost = [name for name in load.acknowledged if not found[name]]
    twice = [name for name, times in found.items() if times > 1]
    print(f"{len(load.acknowledged)} acknowledged, troubles on the way: {dict(load.troubles)}")
    assert not lost
    assert "500" not in load.troubles, house.log.read_text()[-6000:]
    assert not twice
    assert found.keys() == load.acknowledged.keys()
