"""Everything in one process tree. The one who looks after the others stays small: it imports no domain."""

import asyncio
import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence

import msgspec

from hearth.core import telemetry
from hearth.core.cluster import Cluster
from hearth.core.directories import claimed, memory_folder
from hearth.core.errors import Unavailable
from hearth.core.migrate import pending
from hearth.core.processes import Child, check_port, run_tree
from hearth.settings import Settings, environment_of, with_secrets


def up(settings: Settings, *, demo: bool = False) -> int:
    """Database, web and worker, until a signal comes; the embedded database unless one is named."""
    telemetry.set_up_logging(json=settings.is_production, level=settings.log_level)
    with claimed(settings.data):
        settings = with_secrets(settings)
        check_port(settings.host, settings.port)
        cluster = None if settings.database_url else Cluster(settings.data, say=_say)
        with _figures(settings) as figures:
            return asyncio.run(_run(settings, cluster, figures, demo))


async def _run(settings: Settings, cluster: Cluster | None, figures: str, demo: bool) -> int:
    async def prepare() -> Sequence[Child]:
        dsn = settings.database_url or (cluster.dsn if cluster else "")
        environment = environment_of(msgspec.structs.replace(settings, database_url=dsn))
        environment[telemetry.SHARED_FIGURES] = figures
        if demo or await pending(dsn):
            await asyncio.to_thread(_migrate, environment, demo)
        return [
            Child("web", [sys.executable, "-m", "hearth", "serve"], environment),
            Child("worker", [sys.executable, "-m", "hearth", "work"], environment),
        ]

    def ready() -> None:
        _say(f"Hearth is ready: {settings.address}")
        _say("Open it and choose “Make an account”. Ctrl-C stops everything.")

    local = msgspec.structs.replace(settings, base_url="").address
    return await run_tree(cluster, prepare, ready_url=f"{local}/ready", on_ready=ready)


@contextlib.contextmanager
def _figures(settings: Settings) -> Iterator[str]:
    """The folder for the metrics of this tree; what a killed one left is swept."""
    mine = hashlib.sha256(os.fsencode(settings.data.absolute())).hexdigest()[:12]
    parent, prefix = memory_folder(), f"hearth-metrics-{mine}-"
    for left in parent.glob(f"{prefix}*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=parent) as folder:
        yield folder


def _migrate(environment: dict[str, str], demo: bool) -> None:
    command = [sys.executable, "-m", "hearth", "migrate", *(["--demo"] if demo else [])]
    if subprocess.run(command, env=os.environ | environment, check=False).returncode:
        raise Unavailable(
            "The database could not be brought to this version; the lines above say why."
        )


@contextlib.contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The address of this installation's database, started for the time being if it is embedded."""
    if settings.database_url:
        yield settings.database_url
        return
    cluster = Cluster(settings.data, say=lambda line: print(line, file=sys.stderr))  # noqa: T201
    cluster.start()
    try:
        yield cluster.dsn
    finally:
        cluster.stop()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
