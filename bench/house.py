"""The product under measurement: `hearth up` in a directory of its own."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from hearth.core.cluster import Cluster
from hearth.core.secrets import Vault, keys_from
from hearth.settings import Settings, with_secrets

READY_S = 120.0
# The embedded database and no other service: what somebody has after `make up`.
_NOT_OURS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SMTP_URL", "HEARTH_ENV", "BASE_URL")


class House:
    """One running product."""

    def __init__(self, data: Path, port: int) -> None:
        self.data = data
        self.port = port
        self.log = data.with_suffix(".log")
        self.cluster = Cluster(data)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def vault(self) -> Vault:
        """Signs the tokens that this house accepts."""
        return Vault(keys_from(with_secrets(Settings(data=self.data)).secret_key))

    @property
    def pgbench(self) -> Path:
        """The pgbench of the server that runs."""
        return Path(self.cluster.binaries.tool("pgbench"))

    def start(self) -> float:
        """Start, and wait until it is ready; the seconds that it took."""
        self.data.parent.mkdir(parents=True, exist_ok=True)
        started = time.perf_counter()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "hearth", "up", "--data", self.data,
                 "--port", str(self.port)],
                env=_environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        while not self._is_ready():
            if self._process.poll() is not None or time.perf_counter() - started > READY_S:
                said = self.log.read_text(errors="replace").strip()[-600:]
                raise RuntimeError(f"hearth up did not become ready: {said}")
            time.sleep(0.02)
        return time.perf_counter() - started

    def stop(self) -> None:
        """Stop it as Ctrl-C would."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(60)

    def run(self, *command: str) -> str:
        """A command of Hearth on this house; what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "hearth", *command],
            env=_environment() | {"HEARTH_DATA": str(self.data)},
            capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"hearth {' '.join(command)} failed: {done.stderr.strip()[-600:]}")
        return done.stdout

    def memory_mb(self) -> dict[str, float]:
        """The proportional set size by kind of process, shared pages counted once."""
        assert self._process is not None
        found: dict[str, float] = {}
        for pid in descendants(self._process.pid):
            kind = _kind(pid)
            found[kind] = found.get(kind, 0.0) + _pss_mb(pid)
        return found

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False


def descendants(root: int) -> list[int]:
    """The process and all that come from it."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found, waiting = [], [root]
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1], [])
    return found


def _pss_mb(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) * 1024 / 1e6 if found else 0.0


def _kind(pid: int) -> str:
    try:
        words: Sequence[str] = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return "gone"
    if "postgres" in words[0]:
        return "database"
    return {"up": "up", "serve": "web", "work": "worker"}.get(
        words[3] if len(words) > 3 else "", "web"
    )


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _NOT_OURS}
