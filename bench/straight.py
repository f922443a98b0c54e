"""The SQL alone: what a verb says to PostgreSQL, recorded and said again by pgbench.

Recorded are the very statements, arguments and round trips. A message of several statements goes as
one pipeline, and each argument becomes a parameter of a prepared statement. What must be new each
time (ids, keys) is made of a random number.
"""

import asyncio
import json
import re
import subprocess
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from bench.figures import Rate, rate_of
from hearth.core.db import Connection, Db, Pool

NEW_KEY = "bench-key"
"""The idempotency key that is made anew each time."""
MOST_SCRIPTS = 120
Verb = Callable[[Db], Awaitable[object]]
_PLACE = re.compile(r"\$(\d+)")


class Said(msgspec.Struct, frozen=True):
    """One message to the server."""

    text: str
    arguments: tuple[Any, ...] = ()


class Script(msgspec.Struct, frozen=True):
    """A transaction for pgbench, and the values of its variables."""

    text: str
    variables: dict[str, str]
    statements: int


class _Listening(Pool):
    """A pool of one connection that notes what is said."""

    def __init__(self, dsn: str) -> None:
        super().__init__(dsn, size=1, application="hearth-bench")
        self.heard: list[Said] = []

    async def connect(self) -> Connection:
        connection = await super().connect()
        connection.add_query_logger(self._note)
        return connection

    def forget(self) -> None:
        """As if the connection had spoken for somebody else."""
        for held in self._idle:
            held.lasting = None

    def _note(self, query: Any) -> None:
        self.heard.append(Said(query.query, tuple(query.args or ())))


async def recorded(dsn: str, verbs: Sequence[Verb]) -> list[list[Said]]:
    """What each verb says. Every verb is done once before, so that nothing is said about types."""
    pool = _Listening(dsn)
    try:
        for verb in verbs:
            await verb(pool)
        found = []
        for verb in verbs:
            await asyncio.sleep(0)
            pool.heard.clear()
            pool.forget()
            await verb(pool)
            await asyncio.sleep(0)
            found.append(list(pool.heard))
        return found
    finally:
        await pool.close()


def script(said: Sequence[Said], mark: str, own: frozenset[UUID] = frozenset()) -> Script:
    """The messages as a pgbench script. `own` are ids that stay; other ids are new each time.

    `mark` sets its variables apart from those of other scripts in the same run.
    """
    fresh: dict[UUID, int] = {}
    variables: dict[str, str] = {}
    lines = ["\\set fresh random(1, 9000000000000000)"]
    count = 0

    def value(argument: Any) -> str:
        if argument is None:
            return "null"
        if argument == NEW_KEY:
            return "('k' || :fresh::text)"
        if isinstance(argument, UUID) and argument not in own:
            return _made(fresh.setdefault(argument, len(fresh)))
        if isinstance(argument, list) and argument and isinstance(argument[0], UUID):
            return f"array[{', '.join(value(one) for one in argument)}]::uuid[]"
        name = f"{mark}_{len(variables)}"
        variables[name] = literal(argument)
        return f":{name}"

    for message in said:
        parts = _statements(message)
        count += len(parts)
        filled = [_filled(part, [value(one) for one in message.arguments]) for part in parts]
        lines += filled if len(filled) == 1 else ["\\startpipeline", *filled, "\\endpipeline"]
    return Script("\n".join(lines) + "\n", variables, count)


def _statements(message: Said) -> list[str]:
    """A message without arguments may be several statements."""
    if message.arguments:
        return [message.text]
    return [part for part in message.text.split("; ") if part]


def _filled(text: str, values: Sequence[str]) -> str:
    whole = _PLACE.sub(lambda place: values[int(place[1]) - 1], text)
    return " ".join(whole.split()) + ";"


def _made(number: int) -> str:
    return f"(lpad(to_hex(:fresh::bigint), 29, '0') || '{number:03x}')::uuid"


def literal(argument: Any) -> str:
    """A value in PostgreSQL's text form."""
    if isinstance(argument, bool):
        return "true" if argument else "false"
    if isinstance(argument, bytes):
        return "\\x" + argument.hex()
    if isinstance(argument, (date, datetime)):
        return argument.isoformat()
    if isinstance(argument, dict):
        return json.dumps(argument)
    if isinstance(argument, (list, tuple)):
        return "{" + ",".join("NULL" if one is None else _element(one) for one in argument) + "}"
    return repr(argument) if isinstance(argument, float) else str(argument)


def _element(argument: Any) -> str:
    text = literal(argument)
    if isinstance(argument, (int, float)):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def straight(
    pgbench: Path, dsn: str, scripts: Sequence[Script], clients: int, seconds: float
) -> Rate:
    """The rate of pgbench doing these transactions at random."""
    with tempfile.TemporaryDirectory(prefix="hearth-bench-") as folder:
        files = []
        for place, one in enumerate(scripts[:MOST_SCRIPTS]):
            path = Path(folder) / f"{place}.sql"
            path.write_text(one.text)
            files.append(f"--file={path}")
        variables = {name: text for one in scripts for name, text in one.variables.items()}
        done = subprocess.run(
            [pgbench, "--no-vacuum", "--protocol=prepared", f"--client={clients}", "--jobs=1",
             f"--time={max(1, round(seconds))}", "--log", f"--log-prefix={folder}/log", *files,
             *(f"--define={name}={text}" for name, text in variables.items()), dsn],
            capture_output=True, text=True, timeout=seconds + 60, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"pgbench failed: {done.stderr.strip()[-600:]}")
        waited_ms = [
            int(line.split()[2]) / 1000
            for log in Path(folder).glob("log.*")
            for line in log.read_text().splitlines()
            if line.split()[2].isdigit()
        ]
    failed = len(re.findall(r"\baborted\b", done.stderr))
    return rate_of(waited_ms, max(1, round(seconds)), failed)


async def server_version(dsn: str) -> str:
    """Which PostgreSQL answers."""
    connection = await asyncpg.connect(dsn)
    try:
        return str(await connection.fetchval("show server_version"))
    finally:
        await connection.close()
