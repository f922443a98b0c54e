"""The whole product, started as people start it: `hearth up` with a data directory of its own."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_S = 90.0


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


class House:
    """A running `hearth up`; `settings` are environment variables beside the usual ones."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.data = folder / "data"
        self.log = folder / "up.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._kept = {key: value for key, value in os.environ.items() if not key.endswith("_URL")}
        self._kept["PYTHONPATH"] = os.pathsep.join([str(ROOT / "src"), *filter(None, sys.path)])
        self._kept |= settings
        where = ["--port", str(self.port), "--data", str(self.data)]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hearth", "up", *where],
                cwd=folder,
                env=self._kept,
                stdout=log,
                stderr=log,
            )

    def wait(self) -> None:
        """Until it may receive traffic."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            assert self.process.poll() is None, self.log.read_text()[-3000:]
            try:
                if httpx.get(f"{self.url}/ready", timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"not ready in {PATIENCE_S} s: {self.log.read_text()[-3000:]}")

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        self.process.terminate()
        try:
            self.process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def command(self, *words: str) -> str:
        """What `hearth` with these words prints, run beside the running house."""
        done = subprocess.run(
            [sys.executable, "-m", "hearth", *words],
            env=self._kept | {"HEARTH_DATA": str(self.data)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextmanager
def house(**settings: str) -> Iterator[House]:
    """A house from nothing to ready, and to nothing again."""
    folder = Path(tempfile.mkdtemp(prefix="hearth-house-"))
    # The database of a superuser runs as somebody else, who must get in.
    folder.chmod(0o755)
    opened = House(folder, **settings)
    try:
        opened.wait()
        yield opened
    finally:
        opened.stop()
        shutil.rmtree(folder, ignore_errors=True)
