"""The embedded PostgreSQL: the same engine as in production, in the data directory, over a socket.

    cluster = Cluster(data)
    dsn = cluster.start()      # makes, starts, recovers or joins the server
    ...
    cluster.stop()             # the last process out stops it

Every process that uses the server holds a shared lock; starting and stopping happen behind a gate.
Locks go with their process, so that after `kill -9` of everything the next start finds the truth:
a server that still runs is adopted, one that died is started and recovers.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from urllib.parse import quote

from hearth.core import directories
from hearth.core.binaries import Binaries, ClusterRefused, find_binaries
from hearth.core.directories import Account, Lock
from hearth.core.postmaster import Postmaster, answer, configuration, reason_of

RECOVERY_S: Final = 600.0
STOP_S: Final = 120.0
TELL_EVERY_S: Final = 10.0
# `sun_path` has 108 bytes on Linux and 104 on macOS and BSD, the closing zero included.
SOCKET_PATH_BYTES: Final = 107 if os.uname().sysname == "Linux" else 103
_CREATE: Final = (
    "create role hearth login createdb createrole;\ncreate database hearth owner hearth;\n"
)


class Cluster:
    """One PostgreSQL cluster in `data`, shared by the processes that start it.

    `settings` are PostgreSQL's own, over Hearth's; `say` hears what takes long.
    Everything here blocks: from asyncio call it in a thread.
    """

    def __init__(
        self,
        data: Path,
        *,
        environ: Mapping[str, str] = os.environ,
        settings: Mapping[str, str] | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.data = data.absolute()
        self.directory = self.data / "postgres"
        self.path = self.directory / "cluster"
        self._environ = environ
        self._settings = dict(settings or {})
        self._say = say
        self._title = f"hearth-{hashlib.sha256(os.fsencode(self.path)).hexdigest()[:8]}"
        self._gate = Lock(self.directory / "gate.lock")
        self._users = Lock(self.directory / "users.lock")
        self._given_up = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._account: Account | None = None
        self._found: Binaries | None = None

    @property
    def binaries(self) -> Binaries:
        """PostgreSQL's programs, for dumps and the like: `binaries.tool("pg_dump")`."""
        if self._found is None:
            self._found = find_binaries(self._environ)
        return self._found

    @property
    def socket(self) -> Path:
        """The directory of the server's socket: only the server's user and root can enter it."""
        running = Postmaster.read(self.path)
        return running.socket if running and running.socket else self._own_socket()

    @property
    def dsn(self) -> str:
        """The address of Hearth's database, as its owner. Row-level security binds that role."""
        return self.dsn_of("hearth", "hearth")

    @property
    def admin_dsn(self) -> str:
        """The address as superuser, for physical backups and dumps of every row."""
        return self.dsn_of("postgres", "hearth")

    def dsn_of(self, user: str, database: str) -> str:
        """The address of any database of this cluster; `user` is `hearth` or `postgres`."""
        where = quote(str(self.socket), safe="/")
        return f"postgresql:///{quote(database)}?host={where}&port=5432&user={quote(user)}"

    def start(self) -> str:
        """Make sure that the server answers and stays for us; returns `dsn`.

        Waits up to ten minutes for crash recovery. `ClusterRefused` says what is in the way.
        """
        self._account = directories.prepared(self.data)
        with directories.told(self.data):
            directories.holding_directory(self.directory, self._account)
            with self._alone(RECOVERY_S):
                joined = self._users.held or self._users.take(shared=True)
                if not joined:
                    raise ClusterRefused(
                        f"Another process has the database in {self.data} for itself: wait for it."
                    )
                try:
                    self._ensure(self._account)
                except BaseException:
                    self._leave()
                    raise
        return self.dsn

    def give_up(self) -> None:
        """Make a `start` in another thread stop waiting; afterwards only `stop` is of use."""
        self._given_up.set()

    def is_running(self) -> bool:
        """Whether the server's process lives; also reaps it when it was our child."""
        if self._child is not None and self._child.poll() is None:
            return True
        return self._postmaster() is not None

    def stop(self) -> bool:
        """Leave; the last one out stops the server. True when it was stopped."""
        if not self._users.held:
            return False
        if not self._gate.wait(STOP_S):
            self._users.release()  # somebody starts or stops it: it is theirs now
            return False
        try:
            return self._leave()
        finally:
            self._gate.release()

    def _leave(self) -> bool:
        last = self._users.take()
        if last:
            self._halt()
        self._users.release()
        return last

    @contextmanager
    def _alone(self, wait_s: float) -> Iterator[None]:
        if not self._gate.wait(wait_s, self._given_up.is_set):
            raise ClusterRefused(
                f"Another process has been starting or stopping the database in {self.data} for "
                "too long: look at it, and stop it before you try again."
            )
        try:
            yield
        finally:
            self._gate.release()

    def _ensure(self, ours: Account) -> None:
        running = self._postmaster()
        if running is None and self._answer(self.socket) == "absent":
            self._start_anew(ours)
        elif running and running.socket and not running.socket.is_dir():
            # Somebody emptied the temporary directory: the server lives but cannot be reached.
            self._halt()
            self._start_anew(ours)
        self._await_answer(ours)

    def _start_anew(self, ours: Account) -> None:
        new = not self.path.exists()
        directories.check_room(self.data, new=new)
        runnable = directories.reachable(self.binaries, self.directory, ours)
        for name in ("socket", "log"):
            directories.own_directory(self.directory / name, ours)
        if new:
            self._create(runnable, ours)
        self._check_version()
        self._clear_remains()
        self._spawn(runnable, ours)

    def _create(self, runnable: Binaries, ours: Account) -> None:
        """A cluster with role and database, made beside its place: it is whole or not there."""
        self._say(f"Making the database in {self.data}.")
        for abandoned in self.directory.glob("making-*"):
            shutil.rmtree(abandoned, ignore_errors=True)
        # Under a new name each time: an initdb whose starter was killed may still be writing.
        fresh = Path(tempfile.mkdtemp(prefix="making-", dir=self.directory))
        directories.own_directory(fresh, ours)
        # The wheel has no ICU, and the built-in provider orders alike on every system.
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        if runnable.major < 17:
            locale = ["--locale=C.UTF-8"]
        options = ["--username=postgres", "--encoding=UTF8", "--data-checksums", *locale]
        refuse = ["--auth-local=peer", "--auth-host=reject"]
        self._run([runnable.tool("initdb"), "-D", fresh, *options, *refuse], "", ours)
        self._configure(runnable, ours)
        config = f"config_file={self.directory / 'postgresql.conf'}"
        single: list[str | Path] = [
            runnable.tool("postgres"),
            "--single",
            "-D",
            fresh,
            "-c",
            config,
        ]
        self._run([*single, "-c", "exit_on_error=on", "postgres"], _CREATE, ours)
        fresh.rename(self.path)

    def _run(self, command: list[str | Path], given: str, ours: Account) -> None:
        done = subprocess.run(
            command,
            input=given,
            capture_output=True,
            text=True,
            cwd=self.directory,
            env=self._environment(),
            umask=0o077,
            timeout=RECOVERY_S,
            **ours.spawning(),
        )
        if done.returncode:
            raise self._refusal("made", reason_of(done.stderr + done.stdout))

    def _check_version(self) -> None:
        with suppress(FileNotFoundError):
            made_by = int((self.path / "PG_VERSION").read_text())
            have = self.binaries.major
            if made_by == have:
                return
            remedy = (
                f"set HEARTH_PG_BIN to the programs of PostgreSQL {made_by}"
                if made_by > have
                else f"set HEARTH_PG_BIN to the programs of PostgreSQL {made_by}, or dump it with "
                "those and restore it with the new ones"
            )
            age = "newer" if made_by > have else "older"
            raise ClusterRefused(
                f"The database in {self.data} was made by the {age} PostgreSQL {made_by}, and "
                f"{self.binaries.origin} has {self.binaries.version}: {remedy}."
            )
        raise ClusterRefused(
            f"{self.path} is not a PostgreSQL cluster (it has no PG_VERSION): restore a backup, or "
            "choose another directory with --data."
        )

    def _configure(self, runnable: Binaries, ours: Account) -> None:
        socket = self._own_socket()
        if ours.switched and socket.parent != self.directory:
            os.chown(socket, ours.uid, ours.gid)
        for name, text in configuration(
            self.directory, socket, self._title, ours.name, self._settings
        ).items():
            directories.write_for(self.directory / name, text, ours)

    def _own_socket(self) -> Path:
        """The socket directory of a server that we start: in the data directory when it fits."""
        usual = self.directory / "socket"
        text = str(usual)
        fits = len(os.fsencode(text)) + len("/.s.PGSQL.5432") <= SOCKET_PATH_BYTES
        # A comma separates hosts in an address, for PostgreSQL and for its drivers.
        if fits and "," not in text and text.isprintable():
            return usual
        # The name of the stand-in is kept: whoever comes later has to find the same one.
        note = self.directory / "socket.path"
        with suppress(FileNotFoundError):
            kept = Path(note.read_text())
            if directories.is_private(kept, self._account):
                return kept
        made = Path(tempfile.mkdtemp(prefix="hearth-"))
        note.write_text(str(made))
        return made

    def _clear_remains(self) -> None:
        """What a killed server leaves behind: helpers that still run, and lock files.

        The lock files name a process. When that is a zombie, or by now somebody else's (both are
        usual in a container), PostgreSQL would refuse to start for good. They go only after no
        process of this cluster is left.
        """
        started = time.monotonic()
        while left := directories.running_in(self.path, self._title):
            waited_s = time.monotonic() - started
            if waited_s > 30:
                raise self._refusal("started", f"processes {left} of an earlier one still run")
            if waited_s > 5:
                for pid in left:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGQUIT)
            time.sleep(0.05)
        stale = Postmaster.read(self.path)
        if stale and Path(f"/proc/{stale.pid}").exists():
            for left_over in self.socket.glob(".s.PGSQL.*"):
                left_over.unlink(missing_ok=True)
            (self.path / "postmaster.pid").unlink(missing_ok=True)

    def _spawn(self, runnable: Binaries, ours: Account) -> None:
        self._configure(runnable, ours)
        config = f"config_file={self.directory / 'postgresql.conf'}"
        command: list[str | Path] = [runnable.tool("postgres"), "-D", self.path, "-c", config]
        with (self.directory / "start.log").open("wb") as log:
            # A child of our own, without pg_ctl: a killed server that nobody reaps stays a zombie
            # and blocks the next start. In a session of its own, because Ctrl-C in a terminal must
            # reach us first.
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.directory,
                env=self._environment(),
                umask=0o077,
                start_new_session=True,
                **ours.spawning(),
            )

    def _environment(self) -> dict[str, str]:
        # PGDATA, PGOPTIONS and their like would change what is started.
        kept = ("PATH", "LD_LIBRARY_PATH", "TMPDIR")
        passed = {name: self._environ[name] for name in kept if name in self._environ}
        return {**passed, "LC_ALL": "C", "TZ": "UTC"}

    def _await_answer(self, ours: Account) -> None:
        started = told = time.monotonic()
        while (said := self._answer(self.socket)) != "ready":
            now = time.monotonic()
            if said not in ("absent", "starting"):
                raise self._refusal("used", said)
            if not self.is_running():
                raise self._refusal("started", reason_of(self._last_words()))
            if self._given_up.is_set():
                raise self._refusal("awaited", "the wait was cut short")
            if now - started > RECOVERY_S:
                raise self._refusal("started", f"it gave no answer for {now - started:.0f} s")
            if now - told > TELL_EVERY_S or (told == started and now - started > 2):
                self._say(f"The database is recovering; waited {now - started:.0f} s so far.")
                told = now
            time.sleep(0.02)

    def _answer(self, socket: Path) -> str:
        return answer(socket / ".s.PGSQL.5432")

    def _last_words(self) -> str:
        logs = sorted((self.directory / "log").glob("*.log"), key=lambda path: path.stat().st_mtime)
        paths = [*logs[-1:], self.directory / "start.log"]
        return "\n".join(path.read_text(errors="replace")[-4000:] for path in paths)

    def _refusal(self, verb: str, reason: str) -> ClusterRefused:
        return ClusterRefused(
            f"The database in {self.data} could not be {verb}: {reason}. "
            f"More is in {self.directory / 'log'}."
        )

    def _postmaster(self) -> Postmaster | None:
        """The running server of this cluster, whoever started it."""
        noted = Postmaster.read(self.path)
        return noted if noted and directories.is_server(noted.pid, self.path) else None

    def _halt(self) -> None:
        """Stop the server: first without losing time, then without mercy; both keep commits."""
        running = self._postmaster()
        if self._child is not None and self._child.poll() is None:
            pid = self._child.pid
        elif running is not None:
            pid = running.pid
        else:
            return
        socket = self.socket
        for how, wait_s in ((signal.SIGINT, STOP_S), (signal.SIGQUIT, 20.0), (signal.SIGKILL, 5.0)):
            with suppress(ProcessLookupError):
                os.kill(pid, how)
            if self._gone(pid, wait_s):
                break
            self._say(f"The database did not stop within {wait_s:.0f} s; it is stopped harder.")
        if socket.parent != self.directory:
            shutil.rmtree(socket, ignore_errors=True)

    def _gone(self, pid: int, wait_s: float) -> bool:
        until = time.monotonic() + wait_s
        while time.monotonic() < until:
            if self._child is not None and self._child.pid == pid:
                if self._child.poll() is not None:
                    self._child = None
                    return True
            elif not directories.is_server(pid, self.path):
                return True
            time.sleep(0.02)
        return False
