"""`python -m bench [--quick] [names...]`: everything in one run, on houses made for it."""

import argparse
import asyncio
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median

import msgspec

from bench import cases, data, report
from bench.figures import Fact, Rate, Row, middle, rate_of
from bench.house import House
from bench.load import driven
from bench.straight import Script, prepare, recorded, scripts, server_version, straight
from hearth.core.db import Pool
from hearth.foods.search import refresh_lexicon
from hearth.recognition import MealText, read_meal

NAMES = ("start", "memory", "import", "day", "log", "search", "read", "login", "growth")
SHARED_DATA = Path(os.environ.get("HEARTH_SHARED_DATA", "../shared/data")).resolve()
LARGE = {"growth", "search"}


class Options(msgspec.Struct, frozen=True):
    """How much is measured, and on how much."""

    names: frozenset[str]
    rounds: int
    seconds: float
    small: data.Diaries
    large: data.Diaries
    foods_small: int
    foods_large: int
    folder: Path
    port: int


class Bench:
    """A run: the houses, and what was found."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.rows: list[Row] = []
        self.facts: list[Fact] = []
        self.small = House(options.folder / "small", options.port)
        self.large = House(options.folder / "large", options.port + 1)

    def run(self) -> report.Report:
        """Measure what was asked for."""
        with self._houses() as houses:
            where = report.machine(asyncio.run(server_version(self.small.cluster.dsn)))
            self._measure(houses)
        named = {"names": " ".join(sorted(self.options.names)), "rounds": str(self.options.rounds)}
        named["seconds"] = f"{self.options.seconds:g}"
        judged = report.targets(self.rows, self.facts)
        return report.Report(where, named, self.rows, self.facts, judged, os.getloadavg()[0])

    @contextmanager
    def _houses(self) -> Iterator[list[House]]:
        houses = [self.small] + ([self.large] if self.options.names & LARGE else [])
        try:
            self._start(self.small)
            if self.options.names & {"import", *LARGE}:
                self._import(self.small)
            for house in houses[1:]:
                house.start()
                self._import(house, note=False)
            yield houses
        finally:
            for house in houses:
                house.stop()

    def _start(self, house: House) -> None:
        say("starting a new Hearth")
        cold_s = house.start()
        house.stop()
        again_s = house.start()
        self.facts.append(Fact("ready, first start", cold_s, "s", "makes the database"))
        self.facts.append(Fact("ready, second start", again_s, "s"))
        if "memory" in self.options.names:
            self._memory(house, "idle memory", "after a start")

    def _memory(self, house: House, name: str, note: str) -> None:
        # What a start leaves running (the reader's index, the worker's first look) is over by then.
        time.sleep(6)
        parts = house.memory_mb()
        shares = ", ".join(f"{kind} {many:.0f}" for kind, many in sorted(parts.items()))
        self.facts.append(Fact(name, sum(parts.values()), "MB", f"PSS {note}: {shares}"))

    def _import(self, house: House, *, note: bool = True) -> None:
        """The official USDA bundles and a sample of Open Food Facts, where they are at hand."""
        bundles = sorted((SHARED_DATA / "fdc-bundles").glob("*.zip"))
        sample = SHARED_DATA / "off" / "off_2019_sample.csv.gz"
        given: list[tuple[str, str, list[Path]]] = []
        if bundles:
            given.append(("usda", "import USDA", bundles))
        if sample.is_file():
            dump = data.off_dump(sample, house.data.with_suffix(".csv.gz"))
            given.append(("off", "import Open Food Facts", [dump]))
        for source, name, paths in given:
            say(f"{name} into {house.data.name}")
            reports = msgspec.json.decode(
                house.run("foods", "import", source, *map(str, paths), "--json")
            )
            rows = sum(one["rows_read"] for one in reports)
            waited_s = sum(one["waited_s"] for one in reports)
            if note:
                self.facts.append(
                    Fact(name, rows / waited_s, "rows/s", f"{rows:,} rows, {waited_s:.1f} s")
                )
        if not given:
            say(f"skipped imports, because {SHARED_DATA} has no data (set HEARTH_SHARED_DATA)")
        if note and given and "memory" in self.options.names:
            house.stop()
            house.start()
            self._memory(house, "idle memory with imports", "after a start")

    def _measure(self, houses: Sequence[House]) -> None:
        wanted = self.options.names
        small = self._furnish(self.small, self.options.small, self.options.foods_small)
        if wanted & {"day", "growth"}:
            name = f"day summary, {small.diaries.items:,} items"
            # As people ask: the same days again and again, with changes in between now and then.
            self._race([(self.small, cases.day(small, f"{name}, asked again"))])
            pairs = [(self.small, cases.day(small, name, anew=True))]
            if "growth" in wanted:
                large = self._furnish(self.large, self.options.large, 0)
                name = f"day summary, {large.diaries.items:,} items"
                pairs.append((self.large, cases.day(large, name, anew=True)))
            self._race(pairs)
            if "growth" in wanted:
                self._growth()
        if "log" in wanted:
            self._race([(self.small, cases.log(small))])
        if "search" in wanted:
            self._search(small)
        if "read" in wanted:
            self._race([(self.small, cases.read(small))])
            self.facts += asyncio.run(_reading(self.small))
        if "login" in wanted:
            self._race([(self.small, cases.login(small))])

    def _growth(self) -> None:
        first, second = self.rows[-2:]
        value = second.product.p50_ms / first.product.p50_ms
        self.facts.append(
            Fact("day summary, large by small", value, "x", "p50, interleaved rounds")
        )

    def _search(self, small: cases.Known) -> None:
        large = self._furnish(self.large, data.Diaries(50, 0), self.options.foods_large)
        for kind in ("typed", "mistyped"):
            pairs = []
            for house, known, many in (
                (self.small, small, self.options.foods_small),
                (self.large, large, self.options.foods_large),
            ):
                texts = getattr(asyncio.run(data.queries(house.cluster.admin_dsn, 200)), kind)
                pairs.append((house, cases.search(known, texts, f"search {kind}, {many:,} foods")))
            self._race(pairs)
            for house, case in pairs:
                alone = driven(house.port, case.requests, 1, self.options.seconds)
                name = f"{case.name}, one at a time"
                self.facts.append(Fact(name, alone.p95_ms, "ms", f"p95; p50 {alone.p50_ms:.1f} ms"))

    def _furnish(self, house: House, diaries: data.Diaries, foods: int) -> cases.Known:
        return asyncio.run(
            _furnished(house, diaries, foods if "search" in self.options.names else 0)
        )

    def _race(self, pairs: Sequence[tuple[House, cases.Case]]) -> None:
        """Product, SQL alone and empty handler take turns; the medians of the rounds count."""
        written = {case.name: asyncio.run(_scripts(house, case)) for house, case in pairs}
        found: dict[str, list[tuple[Rate, Rate, Rate]]] = {case.name: [] for _, case in pairs}
        seconds = self.options.seconds
        for place in range(self.options.rounds + 1):
            for house, case in pairs:
                say(f"{case.name}: {f'round {place}' if place else 'warming up'}")
                many = case.clients
                three = (
                    driven(house.port, case.requests, many, seconds if place else 1),
                    straight(
                        house.pgbench,
                        house.cluster.dsn,
                        written[case.name],
                        many,
                        seconds if place else 1,
                    ),
                    driven(house.port, cases.empty(), many, 1),
                )
                if place:
                    found[case.name].append(three)
        for _, case in pairs:
            product, sql, empty = zip(*found[case.name], strict=True)
            ratio = median(one.per_s / two.per_s for one, two in zip(product, sql, strict=True))
            self.rows.append(
                Row(
                    case.name,
                    case.clients,
                    middle(product),
                    middle(sql),
                    middle(empty),
                    statements=round(median(one.statements for one in written[case.name])),
                    load_average=os.getloadavg()[0],
                    of_sql=ratio,
                )
            )


async def _furnished(house: House, diaries: data.Diaries, foods: int) -> cases.Known:
    persons = max(200, diaries.persons)
    await data.make_persons(house.cluster.admin_dsn, persons)
    if diaries.days:
        say(f"making {diaries.items:,} diary items")
        diaries = await data.make_diaries(house.cluster.admin_dsn, diaries, say, most_s=300)
    if foods:
        say(f"making {foods:,} foods")
        await data.make_foods(house.cluster.admin_dsn, foods, say)
    pool = Pool(house.cluster.dsn, size=1)
    try:
        if foods:
            await refresh_lexicon(pool)
        tokens = await data.tokens(pool, house.vault, range(200))
        async with pool.connection(None) as connection:
            ids = await connection.fetch(
                "select id from foods.food where tier = 0 order by id limit 200"
            )
        return cases.Known(tokens, diaries, [row["id"] for row in ids], house.vault, persons)
    finally:
        await pool.close()


async def _scripts(house: House, case: cases.Case) -> list[Script]:
    heard = await recorded(house.cluster.dsn, case.verbs)
    mark = re.sub(r"\W+", "_", case.name)
    made = scripts(heard, case.cast, mark)
    await prepare(house.cluster.dsn, made)
    return made


async def _reading(house: House) -> list[Fact]:
    """Reading in process, one sentence after the other."""
    pool = Pool(house.cluster.dsn, size=1)
    waited_ms = []
    try:
        started = time.perf_counter()
        for _ in range(20):
            for text in cases.MEALS:
                begun = time.perf_counter()
                await read_meal(pool, None, MealText(text=text))
                waited_ms.append((time.perf_counter() - begun) * 1000)
        rate = rate_of(waited_ms, time.perf_counter() - started)
    finally:
        await pool.close()
    note = f"{len(cases.MEALS)} sentences, one after the other"
    return [
        Fact("reading in process, p50", rate.p50_ms, "ms", note),
        Fact("reading in process, p95", rate.p95_ms, "ms", note),
    ]


def say(line: str) -> None:
    """Progress, beside the report."""
    sys.stderr.write(f"[{time.strftime('%H:%M:%S')}] {line}\n")


def _options(arguments: Sequence[str] | None, folder: Path) -> tuple[Options, Path | None]:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"all, or some of {', '.join(NAMES)}"
    )
    parser.add_argument(
        "--quick", action="store_true", help="fewer rounds, 1 M items instead of 10 M"
    )
    parser.add_argument("--rounds", type=int, help="rounds of each case (3; 2 with --quick)")
    parser.add_argument(
        "--seconds", type=float, help="of each measurement, at least 1 (3; 1 with --quick)"
    )
    parser.add_argument("--port", type=int, default=8310, help="first of two ports to use (8310)")
    parser.add_argument(
        "--foods", type=int, default=1_000_000, help="of the large house (1,000,000)"
    )
    parser.add_argument("--json", type=Path, help="write the report here, too")
    given = parser.parse_args(arguments)
    if unknown := set(given.names) - set(NAMES):
        parser.error(f"{', '.join(sorted(unknown))}: not measured; choose from {', '.join(NAMES)}")
    options = Options(
        names=frozenset(given.names or NAMES),
        rounds=given.rounds or (2 if given.quick else 3),
        seconds=given.seconds or (1 if given.quick else 3),
        small=data.Diaries(50, 10),
        large=data.Diaries(500, 100) if given.quick else data.Diaries(1370, 365),
        foods_small=100_000,
        foods_large=given.foods,
        folder=folder,
        port=given.port,
    )
    return options, given.json


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print, clean up."""
    with tempfile.TemporaryDirectory(prefix="hearth-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        options, path = _options(arguments, folder)
        if LARGE & options.names and shutil.disk_usage(folder).free < 12e9:
            sys.exit(f"bench: {folder.parent} needs 12 GB free for the large house; set TMPDIR")
        found = Bench(options).run()
    for line in report.lines(found):
        sys.stdout.write(line + "\n")
    if path is not None:
        with suppress(FileNotFoundError):
            path.parent.mkdir(parents=True, exist_ok=True)
        report.save(found, path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
