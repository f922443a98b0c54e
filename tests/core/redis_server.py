"""A real Redis on a socket of its own, that tests may stop and start."""

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest


class RedisServer:
    """`redis-server` without persistence, reached through a Unix socket."""

    def __init__(self) -> None:
        if shutil.which("redis-server") is None:
            pytest.skip("skipped, because redis-server is not installed")
        self._folder = tempfile.TemporaryDirectory(prefix="hearth-redis-")
        self._socket = Path(self._folder.name) / "s"
        self.url = f"unix://{self._socket}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it answers."""
        command = ["redis-server", "--port", "0", "--unixsocket", str(self._socket), "--save", ""]
        self._process = subprocess.Popen(
            [*command, "--dir", self._folder.name], stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 5
        while not self._socket.exists() and time.monotonic() < deadline:
            time.sleep(0.02)

    def stop(self) -> None:
        """Kill it, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
            self._socket.unlink(missing_ok=True)

    def close(self) -> None:
        """Kill it and tidy up."""
        self.stop()
        self._folder.cleanup()
