"""The data directory: whose it is, who may enter, and the locks that processes share it by.

DATA/             as root 0710 root:hearth, else 0700
  .hearth         says that the directory is Hearth's
  up.lock         held by the one `hearth up`
  postgres/       configuration and locks, never writable for the server itself
    cluster/ socket/ log/    the server's own, 0700
"""

import errno
import fcntl
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import msgspec

from hearth.core.binaries import Binaries, ClusterRefused

SERVICE_USER: Final = "hearth"
ROOM_FOR_NEW_MB: Final = 150
ROOM_TO_START_MB: Final = 40
_MARK: Final = "This directory belongs to Hearth. What is in it is somebody's data.\n"
# A new volume is not quite empty, and Hearth's secrets may have come before its database.
_HARMLESS: Final = frozenset({"lost+found", ".DS_Store", "secrets.json"})


class Account(msgspec.Struct, frozen=True):
    """The operating system's user as whom PostgreSQL runs."""

    name: str
    uid: int
    gid: int
    switched: bool

    def spawning(self) -> dict[str, Any]:
        """Arguments of `subprocess` that make the child run as this user and nobody more."""
        if not self.switched:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def account() -> Account:
    """Ourselves; as root, whom PostgreSQL refuses, the service user `hearth`, made when absent."""
    if os.geteuid() != 0:
        return Account(_name_of(os.geteuid()), os.geteuid(), os.getegid(), switched=False)
    known = _service_user() or _made_service_user()
    return Account(known.pw_name, known.pw_uid, known.pw_gid, switched=True)


def _service_user() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(SERVICE_USER)
    except KeyError:
        return None


def _made_service_user() -> pwd.struct_passwd:
    nologin = shutil.which("nologin") or "/bin/false"
    options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    try:
        made = subprocess.run(
            ["useradd", *options, "--shell", nologin, SERVICE_USER],
            capture_output=True,
            text=True,
            timeout=30,
        )
        reason = made.stderr.strip()
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = str(error)
    for _ in range(20):  # another process may be making the same user at this moment
        found = _service_user()
        if found:
            return found
        time.sleep(0.1)
    raise ClusterRefused(
        f"PostgreSQL does not run as root, and the user {SERVICE_USER} could not be made "
        f"({reason}): create a system user named {SERVICE_USER}, or run as an ordinary user."
    )


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


class Lock:
    """A file lock between processes. The kernel drops it with its holder, however that dies."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._file is not None

    def take(self, *, shared: bool = False) -> bool:
        """Take it, or turn a shared hold into the only one; False when others are in the way.

        A hold that could not be turned counts as lost: the kernel may have dropped it.
        """
        held = self._file
        if held is None:
            held = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(held, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(held)
            self._file = None
            return False
        self._file = held
        return True

    def wait(self, wait_s: float, given_up: Callable[[], bool] = lambda: False) -> bool:
        """Take it alone, waiting; False when it was not to be had in time or the caller gave up."""
        until = time.monotonic() + wait_s
        while not self.take():
            if time.monotonic() > until or given_up():
                return False
            time.sleep(0.05)
        return True

    def release(self) -> None:
        """Let go; nothing when not held."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


@contextmanager
def claimed(data: Path) -> Iterator[None]:
    """The data directory for one `hearth up` alone, until the block or the process ends."""
    prepared(data)
    lock = Lock(data / "up.lock")
    with told(data):
        if not lock.take():
            other = lock.path.read_text().strip()
            raise ClusterRefused(
                f"Hearth is already running on {data} (process {other}): stop it first, or give "
                "this one another directory with --data."
            )
        lock.path.write_text(f"{os.getpid()}\n")
    try:
        yield
    finally:
        lock.release()


def prepared(data: Path) -> Account:
    """Make or check the data directory; returns the user as whom PostgreSQL will run in it.

    Directories above it are never changed: when they are in the way, the refusal names them.
    """
    ours = account()
    with told(data):
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_whose(data, ours)
        mark = data / ".hearth"
        if not mark.exists():
            _check_empty(data)
            mark.write_text(_MARK)
            if data.stat().st_uid == os.geteuid():
                data.chmod(0o700)
        if ours.switched:
            _let_in(data, ours)
    return ours


def _check_whose(data: Path, ours: Account) -> None:
    # The cluster has one owner and PostgreSQL checks it; what holds it is ours or, for a volume
    # that is mounted for us, at least writable.
    for path in (data, data / "postgres" / "cluster"):
        allowed = {ours.uid, os.geteuid()} if path == data else {ours.uid}
        if not path.exists() or path.stat().st_uid in allowed:
            continue
        if path == data and not ours.switched and os.access(data, os.W_OK | os.X_OK):
            continue
        owner = _name_of(path.stat().st_uid)
        raise ClusterRefused(
            f"{path} belongs to the user {owner}, but {ours.name} would have to own it: "
            f"run as {owner}, or choose another directory with --data."
        )


def _check_empty(data: Path) -> None:
    there = sorted(entry.name for entry in data.iterdir() if entry.name not in _HARMLESS)
    if not there:
        return
    if "PG_VERSION" in there:
        raise ClusterRefused(
            f"{data} is a PostgreSQL cluster that Hearth did not make: choose an empty directory "
            "with --data, or start that server yourself and set DATABASE_URL."
        )
    raise ClusterRefused(
        f"{data} is not empty and not Hearth's (it has {', '.join(there[:3])}): "
        "choose an empty or new directory with --data."
    )


def _let_in(path: Path, ours: Account) -> None:
    """As root: the service user's group may pass through, nobody else; the owner stays root."""
    os.chown(path, 0, ours.gid)
    path.chmod(0o710)


def own_directory(path: Path, ours: Account) -> None:
    """Make a directory that only the server's user can enter."""
    path.mkdir(mode=0o700, exist_ok=True)
    if ours.switched:
        os.chown(path, ours.uid, ours.gid)
    path.chmod(0o700)


def is_private(path: Path, ours: Account | None) -> bool:
    """Whether a directory in a place where anybody writes is still the one we made there."""
    with suppress(FileNotFoundError):
        seen = path.lstat()
        owners = {os.geteuid(), ours.uid if ours else os.geteuid()}
        return stat.S_ISDIR(seen.st_mode) and seen.st_uid in owners and not seen.st_mode & 0o077
    return False


def holding_directory(path: Path, ours: Account) -> None:
    """Make a directory that holds the server's directories but that the server cannot change."""
    path.mkdir(mode=0o700, exist_ok=True)
    if ours.switched:
        _let_in(path, ours)


def write_for(path: Path, text: str, ours: Account) -> None:
    """Write a file that the server's user can read, in one step."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(text)
    fresh.chmod(0o640)
    if ours.switched:
        os.chown(fresh, 0, ours.gid)
    fresh.replace(path)


def reachable(found: Binaries, place: Path, ours: Account) -> Binaries:
    """Programs that the service user can run from `place`; refuses when a directory is closed."""
    if not ours.switched:
        return found
    if not _tried(["cd", str(place)], ours):
        closed = _first_closed(place, ours)
        raise ClusterRefused(
            f"PostgreSQL does not run as root, and the user {ours.name} cannot enter {closed}: "
            "choose a data directory elsewhere with --data, for example /var/lib/hearth."
        )
    if _tried([str(found.tool("postgres")), "--version"], ours):
        return found
    if found.can_be_copied:
        copy = found.copied_below(place)
        if _tried([str(copy.tool("postgres")), "--version"], ours):
            return copy
    raise ClusterRefused(
        f"PostgreSQL does not run as root, and the user {ours.name} cannot reach its programs in "
        f"{found.directory} (closed at {_first_closed(found.directory, ours)}): install them where "
        "every user can read them, or set HEARTH_PG_BIN."
    )


def _tried(command: list[str], ours: Account) -> bool:
    # Through a shell, because subprocess changes directory before it changes the user.
    shell = ["/bin/sh", "-c", '"$@"', "sh", *command]
    tried = subprocess.run(shell, capture_output=True, timeout=30, cwd="/", **ours.spawning())
    return tried.returncode == 0


def _first_closed(path: Path, ours: Account) -> Path:
    for part in (*reversed(path.parents), path):
        seen = part.stat()
        if seen.st_uid == ours.uid:
            bit = 0o100
        else:
            bit = 0o010 if seen.st_gid == ours.gid else 0o001
        if not seen.st_mode & bit:
            return part
    return path


def check_room(data: Path, *, new: bool) -> None:
    """Refuse to start where PostgreSQL would run out of disk at once."""
    needed_mb = ROOM_FOR_NEW_MB if new else ROOM_TO_START_MB
    disk = os.statvfs(data)
    free_mb = disk.f_bavail * disk.f_frsize // 1_000_000
    if free_mb < needed_mb:
        what = "a new database" if new else "the database"
        raise ClusterRefused(
            f"The disk of {data} is full: {free_mb} MB are free and {what} needs at least "
            f"{needed_mb} MB: make room, or choose another directory with --data."
        )


@contextmanager
def told(data: Path) -> Iterator[None]:
    """Turn what the operating system refuses about the data directory into one sentence."""
    try:
        yield
    except OSError as error:
        reasons = {
            errno.EROFS: "is on a read-only disk: mount it writable",
            errno.ENOSPC: "is on a full disk: make room",
            errno.EDQUOT: "is over its disk quota: make room",
            errno.EACCES: f"cannot be written by {_name_of(os.geteuid())}: change its owner",
            errno.EPERM: f"cannot be changed by {_name_of(os.geteuid())}: change its owner",
            errno.ENOTDIR: "is not a directory: remove what is in its place",
            errno.EEXIST: "is not a directory: remove what is in its place",
        }
        reason = reasons.get(error.errno or 0, f"cannot be used ({error.strerror}): look at it")
        raise ClusterRefused(
            f"The data directory {data} {reason}, or choose another with --data."
        ) from error


def running_in(cluster: Path, title: str) -> list[int]:
    """Processes of the server of `cluster`, read from /proc; its helpers go by their `title`.

    Reads command lines rather than working directories, because root in a container may not
    see the latter of another user's process. A zombie has no command line and is not listed.
    """
    if sys.platform != "linux":
        return []
    alive = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [pid for pid in alive if _serves(pid, cluster, title)]


def _serves(pid: int, cluster: Path, title: str) -> bool:
    line = b""
    with suppress(OSError):
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
    return is_server_line(line, cluster) or line.startswith(f"postgres: {title}: ".encode())


def is_server_line(line: bytes, cluster: Path) -> bool:
    """Whether a command line is that of the server of `cluster`."""
    words = line.split(b"\0")
    return words[0].endswith(b"postgres") and os.fsencode(cluster) in words[1:]


def is_server(pid: int, cluster: Path) -> bool:
    """Whether `pid` is alive and is the server of `cluster`."""
    if sys.platform == "linux":
        with suppress(OSError):
            return is_server_line(Path(f"/proc/{pid}/cmdline").read_bytes(), cluster)
        return False
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def memory_folder() -> Path:
    """Where files live that programs map into memory and nobody keeps.

    In memory where the machine has such a place: writing to a mapped file kills the program when
    the disk is full.
    """
    shared = Path("/dev/shm")  # noqa: S108
    return shared if os.access(shared, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())
