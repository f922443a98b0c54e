"""Bulk imports: whole official downloads into the catalogue, by COPY and one merge per chunk.

A file is read in chunks; each chunk's rows and how far the file was read commit together. After a
crash the next run of the same file goes on from there. A file that was read before can be read
again: rows that did not change are left alone. Bad rows are counted by reason and never stop a run.
"""

import asyncio
import contextlib
import hashlib
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from hearth.core.db import SYSTEM, Db, Pool
from hearth.core.errors import Conflict
from hearth.core.sql import Statement, Statements
from hearth.foods import off, quality
from hearth.foods.catalogue import COLUMNS, record
from hearth.foods.foods import Food
from hearth.foods.search import refresh_lexicon
from hearth.foods.starter import starter_foods
from hearth.foods.usda import BATCH, Bundle

Kind = Literal["starter", "usda", "off"]
_LOCK: Final = 0x666F6F6473
_SAMPLE_BYTES: Final = 1 << 20


class Progress(msgspec.Struct, frozen=True):
    """How far an import is; `total` rows where that is known."""

    rows: int
    total: int | None


Watch = Callable[[Progress], None]


class Report(msgspec.Struct, frozen=True):
    """What an import did. `skipped`: bad rows by reason; `resumed_at`: rows read before."""

    kind: Kind
    file: str
    rows_read: int
    added: int
    changed: int
    skipped: dict[str, int]
    resumed_at: int
    waited_s: float

    @property
    def rows_per_s(self) -> float:
        """Rows read per second in this run."""
        return (self.rows_read - self.resumed_at) / self.waited_s if self.waited_s else 0.0


class Batch(msgspec.Struct):
    """A batch's place and counts so far, as stored."""

    id: int
    position: int
    rows_read: int
    added: int
    changed: int
    skipped: dict[str, int]


class PastImport(msgspec.Struct, frozen=True):
    """A row of the list of imports."""

    kind: str
    file: str
    state: str
    rows_read: int
    added: int
    changed: int
    skipped: dict[str, int]
    started_at: datetime
    finished_at: datetime | None


class Merged(msgspec.Struct, frozen=True):
    """What one merge did."""

    added: int
    changed: int


class Slice(msgspec.Struct, frozen=True):
    """Some rows to merge, the position after them, and what was skipped among them."""

    position: int
    read: int
    rows: list[tuple[Any, ...]]
    skipped: dict[str, int]


_statements = Statements.beside(__file__)
BEGIN_BATCH: Final = _statements.rows("begin_batch", Batch)
ADVANCE_BATCH: Final = _statements.change("advance_batch")
FINISH_BATCH: Final = _statements.change("finish_batch")
FINISHED: Final = _statements.rows("finished", bool)
LATEST_BATCHES: Final = _statements.rows("latest_batches", PastImport)
MERGE_FOOD: Final = _statements.rows("merge_food", Merged)
MERGE_OFF: Final = _statements.rows("merge_off", Merged)
CLEAR_ARRIVING: Final = _statements.change("clear_arriving")
SETTLE: Final = _statements.rows("settle", bool)


def fingerprint(path: Path) -> str:
    """What tells one download from another: its size, its beginning and its end."""
    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as content:
            size = content.seek(0, os.SEEK_END)
            digest.update(f"{file.name if path.is_dir() else ''}:{size}:".encode())
            for place in {0, max(0, size - _SAMPLE_BYTES)}:
                content.seek(place)
                digest.update(content.read(_SAMPLE_BYTES))
    return digest.hexdigest()


async def import_usda(
    db: Pool, path: Path, watch: Watch = lambda progress: None, *, work: Path | None = None
) -> Report:
    """One official FoodData Central CSV download into the catalogue.

    Temporary files (about twice the unpacked size) go under `work`. Raises `Invalid` when the path
    is not such a download, `Conflict` when another import is running.
    """
    started = time.perf_counter()
    opened = Bundle.opened(path, work)
    bundle = await asyncio.to_thread(opened.__enter__)
    try:
        source = _Source("usda", path.name, fingerprint(path), MERGE_FOOD, bundle.total)
        return await _run(db, source, lambda after: _usda_slices(bundle, after), watch, started)
    finally:
        opened.__exit__(None, None, None)


async def import_off(db: Pool, path: Path, watch: Watch = lambda progress: None) -> Report:
    """One official Open Food Facts dump into the table of its own."""
    off.reader_of(path)
    source = _Source("off", path.name, fingerprint(path), MERGE_OFF, None)
    return await _run(db, source, lambda after: _off_slices(path, after), watch)


async def load_starter(db: Pool, *, again: bool = False) -> Report | None:
    """The starter catalogue into the database, once per edition; None when it is there."""
    foods = starter_foods()
    edition = hashlib.sha256(msgspec.json.encode([foods, COLUMNS])).hexdigest()
    if not again and await db.one(FINISHED, SYSTEM, kind="starter", fingerprint=edition):
        return None
    rows = list({food.id: record(food, released=None) for food in foods}.values())
    source = _Source("starter", "starter", edition, MERGE_FOOD, len(rows))
    whole = Slice(len(rows), len(rows), rows, {})
    return await _run(
        db, source, lambda after: iter(() if after else (whole,)), lambda progress: None
    )


async def past_imports(db: Db) -> list[PastImport]:
    """The last fifty imports, newest first."""
    return await db.all(LATEST_BATCHES, SYSTEM)


class _Source(msgspec.Struct, frozen=True):
    kind: Kind
    file: str
    fingerprint: str
    merge: Statement[Merged]
    total: int | None


def _usda_slices(bundle: Bundle, after: int) -> Iterator[Slice]:
    # Rows of a file that cannot be read belong to no food: they are reported with the first slice.
    rows: dict[str, tuple[Any, ...]] = {}
    if after:
        bundle.skipped.clear()
    position, read, impossible = after, 0, Counter[str]()
    for one in bundle.foods(after):
        position, read = one.fdc_id, read + 1
        if reason := _impossible(one.food):
            impossible[reason] += 1
        else:
            rows[one.food.id] = record(one.food, released=one.released)
        if read >= BATCH:
            yield Slice(position, read, list(rows.values()), _taken(bundle.skipped, impossible))
            rows, read = {}, 0
    yield Slice(position, read, list(rows.values()), _taken(bundle.skipped, impossible))


def _impossible(food: Food) -> str | None:
    """Only branded foods are refused: their labels are typed in by makers, the rest is measured."""
    return quality.impossible(food.nutrients) if food.id.startswith("branded:") else None


def _taken(*counters: Counter[str]) -> dict[str, int]:
    """The counts so far, which start again from zero."""
    counts: Counter[str] = Counter()
    for counter in counters:
        counts.update(counter)
        counter.clear()
    return dict(counts)


def _off_slices(path: Path, after: int) -> Iterator[Slice]:
    for chunk in off.chunks(path, after):
        rows = [
            record(one.food, released=one.released, popularity=one.scans, extra=one.flags)
            for one in chunk.foods
        ]
        yield Slice(chunk.position, chunk.read, rows, dict(chunk.skipped))


async def _run(
    db: Pool,
    source: _Source,
    slices: Callable[[int], Iterator[Slice]],
    watch: Watch,
    started: float | None = None,
) -> Report:
    started = started or time.perf_counter()
    async with _alone(db):
        batch = await db.one(
            BEGIN_BATCH, SYSTEM, kind=source.kind, file=source.file, fingerprint=source.fingerprint
        )
        resumed_at = batch.rows_read
        async for part in _ahead(slices(batch.position)):
            await _merge(db, source, batch, part)
            watch(Progress(batch.rows_read, source.total))
        await db.run(FINISH_BATCH, SYSTEM, batch=batch.id)
        if batch.added or batch.changed:
            await settle(db)
    return Report(
        source.kind, source.file, batch.rows_read, batch.added, batch.changed, batch.skipped,
        resumed_at, time.perf_counter() - started,
    )  # fmt: skip


async def settle(db: Db) -> None:
    """Statistics, pending index entries and the lexicon, after many rows changed."""
    async with db.transaction(SYSTEM) as tx:
        await tx.connection.execute("set local statement_timeout = '600s'")
        await tx.one(SETTLE, SYSTEM)
        await refresh_lexicon(tx)


@contextlib.asynccontextmanager
async def _alone(db: Pool) -> AsyncIterator[None]:
    """One import at a time: they share the staging table."""
    async with db.connection(SYSTEM) as guard:
        if not await guard.fetchval(f"select pg_try_advisory_lock({_LOCK})"):
            raise Conflict("Another import of foods is running. Wait until it is done.")
        try:
            yield
        finally:
            await guard.execute(f"select pg_advisory_unlock({_LOCK})")


async def _ahead(slices: Iterator[Slice]) -> AsyncIterator[Slice]:
    """The slices, the next of which is read in a thread while the last is being merged."""
    reading = asyncio.ensure_future(asyncio.to_thread(next, slices, None))
    try:
        while (part := await reading) is not None:
            reading = asyncio.ensure_future(asyncio.to_thread(next, slices, None))
            yield part
    finally:
        # A thread cannot be stopped; its reader must not be closed under it.
        with contextlib.suppress(Exception):
            await reading


async def _merge(db: Pool, source: _Source, batch: Batch, part: Slice) -> None:
    async with db.transaction(SYSTEM) as tx:
        await tx.connection.execute("set local statement_timeout = '300s'")
        await tx.run(CLEAR_ARRIVING, SYSTEM)
        await tx.connection.copy_records_to_table(
            "arriving", schema_name="foods", records=part.rows, columns=list(COLUMNS)
        )
        merged = await tx.one(source.merge, SYSTEM)
        batch.position = part.position
        batch.rows_read += part.read
        batch.added += merged.added
        batch.changed += merged.changed
        batch.skipped = dict(Counter(batch.skipped) + Counter(part.skipped))
        await tx.run(
            ADVANCE_BATCH, SYSTEM, batch=batch.id, position=batch.position,
            rows_read=batch.rows_read, added=batch.added, changed=batch.changed,
            skipped=batch.skipped,
        )  # fmt: skip
