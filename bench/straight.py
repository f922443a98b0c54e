"""The SQL alone: what a verb says to PostgreSQL, recorded and said again by pgbench.

Recorded are the very statements, arguments and round trips. A message of several statements goes
as one pipeline, and each argument becomes a parameter of a prepared statement. Persons are numbered
(see data.person_of), so that whose turn it is can be random; what must be new each time (ids, keys)
is made of a random number.
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
"""How an idempotency key begins that is to be made anew each time."""
Verb = Callable[[Db], Awaitable[object]]
_PLACE = re.compile(r"\$(\d+)")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SETTING = re.compile(r"set (local )?(hearth\.\w+) = '([^']*)'")
_PERSON = "('00000000-0000-7000-8000-' || lpad(to_hex(:person::bigint), 12, '0'))::uuid"


class Said(msgspec.Struct, frozen=True):
    """One message to the server."""

    text: str
    arguments: tuple[Any, ...] = ()


class Script(msgspec.Struct, frozen=True):
    """A transaction for pgbench, how often it comes, and the values of its variables.

    `constants` are always the same; each row of `chosen` is one set of the others.
    """

    text: str
    weight: int
    statements: int
    table: str
    constants: dict[str, str]
    chosen: list[list[str]]


class Cast(msgspec.Struct, frozen=True):
    """Who acts and when: persons of these ids in their order, so many days from `first`."""

    persons: Sequence[UUID]
    first: date
    days: int


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


def scripts(heard: Sequence[Sequence[Said]], cast: Cast, mark: str) -> list[Script]:
    """The recordings as scripts, one for all that differ in their values only.

    Whose turn it is and which day are random; ids of new things are made of a random number.
    """
    shapes: dict[tuple[str, ...], list[Sequence[Said]]] = {}
    for said in heard:
        shape = tuple(_UUID.sub("", message.text) for message in said)
        shapes.setdefault(shape, []).append(said)
    return [
        _Writing(alike, cast, f"bench_{mark}_{place}").script()
        for place, alike in enumerate(shapes.values())
    ]


class _Writing:
    """One script, from recordings of the same shape."""

    def __init__(self, alike: Sequence[Sequence[Said]], cast: Cast, table: str) -> None:
        self.alike = alike
        self.cast = cast
        self.own = frozenset(cast.persons)
        self.table = table
        self.fresh: dict[UUID, int] = {}
        self.constants: dict[str, str] = {}
        self.columns: list[list[str]] = []

    def script(self) -> Script:
        lines, count = [], 0
        for place, message in enumerate(self.alike[0]):
            parts = [_settings(part) for part in _statements(message)]
            count += len(parts)
            values = [self._value(place, number) for number in range(len(message.arguments))]
            filled = [_filled(part, values) for part in parts]
            lines += filled if len(filled) == 1 else ["\\startpipeline", *filled, "\\endpipeline"]
        rows = [list(row) for row in zip(*self.columns, strict=True)]
        text = "\n".join([*self._opening(len(rows)), *lines]) + "\n"
        return Script(text, len(self.alike), count, self.table, self.constants, rows)

    def _opening(self, rows: int) -> list[str]:
        lines = [
            "\\set fresh random(1, 9000000000000000)",
            f"\\set person random(0, {len(self.cast.persons) - 1})",
            f"\\set day random(0, {max(0, self.cast.days - 1)})",
        ]
        if rows:
            names = ", ".join(f"c{place}" for place in range(len(self.columns)))
            lines.append(f"\\set pick random(0, {rows - 1})")
            lines.append(f"select {names} from {self.table} where n = :pick \\gset")
        return lines

    def _value(self, place: int, number: int) -> str:
        """The SQL for an argument, from what it was in each recording."""
        seen = [said[place].arguments[number] for said in self.alike]
        first = seen[0]
        if all(one is None for one in seen):
            return "null"
        if isinstance(first, UUID):
            return _PERSON if first in self.own else self._made(first)
        if isinstance(first, str) and first.startswith(NEW_KEY):
            return "('k' || :fresh::text)"
        if isinstance(first, list) and first and isinstance(first[0], UUID):
            return f"array[{', '.join(map(self._made, first))}]::uuid[]"
        if type(first) is date and self.cast.days:
            return f"(date '{self.cast.first}' + :day::integer)"
        return self._given([literal(one) for one in seen])

    def _given(self, texts: list[str]) -> str:
        if len(set(texts)) > 1:
            self.columns.append(texts)
            return f":c{len(self.columns) - 1}"
        if not texts[0]:  # pgbench takes no empty variables
            return "''"
        name = f"{self.table}_{len(self.constants)}"
        self.constants[name] = texts[0]
        return f":{name}"

    def _made(self, given: UUID) -> str:
        number = self.fresh.setdefault(given, len(self.fresh))
        return f"(lpad(to_hex(:fresh::bigint), 29, '0') || '{number:03x}')::uuid"


def _statements(message: Said) -> list[str]:
    """A message without arguments may be several statements."""
    if message.arguments:
        return [message.text]
    return [part for part in message.text.split("; ") if part]


def _settings(part: str) -> str:
    """`set hearth.person = ...` as a query, because a prepared SET takes no parameters."""
    found = _SETTING.fullmatch(part)
    if found is None:
        return part
    value = f"{_PERSON}::text" if _UUID.fullmatch(found[3]) else f"'{found[3]}'"
    return f"select set_config('{found[2]}', {value}, {'true' if found[1] else 'false'})"


def _filled(text: str, values: Sequence[str]) -> str:
    whole = _PLACE.sub(lambda place: values[int(place[1]) - 1], text)
    return " ".join(whole.split()) + ";"


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


async def prepare(dsn: str, made: Sequence[Script]) -> None:
    """Put the values that vary where pgbench can pick them."""
    connection = await asyncpg.connect(dsn)
    try:
        for one in made:
            columns = [f"c{place}" for place in range(len(one.chosen[0]) if one.chosen else 0)]
            if not columns:
                continue
            typed = ", ".join(f"{column} text" for column in columns)
            await connection.execute(
                f"drop table if exists {one.table};"
                f" create table {one.table} (n integer primary key, {typed});"
                f" grant select on {one.table} to public"
            )
            rows = [(place, *row) for place, row in enumerate(one.chosen)]
            await connection.copy_records_to_table(one.table, records=rows, columns=["n", *columns])
            await connection.execute(f"analyze {one.table}")
    finally:
        await connection.close()


def straight(pgbench: Path, dsn: str, made: Sequence[Script], clients: int, seconds: float) -> Rate:
    """The rate of pgbench doing these transactions at random."""
    whole = max(1, round(seconds))
    with tempfile.TemporaryDirectory(prefix="hearth-bench-") as folder:
        files, constants = [], {}
        for place, one in enumerate(made):
            path = Path(folder) / f"{place}.sql"
            path.write_text(one.text)
            files.append(f"--file={path}@{one.weight}")
            constants |= one.constants
        done = subprocess.run(
            [pgbench, "--no-vacuum", "--protocol=prepared", f"--client={clients}", "--jobs=1",
             f"--time={whole}", "--log", f"--log-prefix={folder}/log", *files,
             *(f"--define={name}={text}" for name, text in constants.items()), dsn],
            capture_output=True, text=True, timeout=whole + 60, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"pgbench failed: {done.stderr.strip()[-600:]}")
        waited_ms = [
            int(line.split()[2]) / 1000
            for log in Path(folder).glob("log.*")
            for line in log.read_text().splitlines()
        ]
    return rate_of(waited_ms, whole)


async def server_version(dsn: str) -> str:
    """Which PostgreSQL answers."""
    connection = await asyncpg.connect(dsn)
    try:
        return str(await connection.fetchval("show server_version"))
    finally:
        await connection.close()
