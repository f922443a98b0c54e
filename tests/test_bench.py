"""The benchmark still runs: its parts, and a small run of the whole. No test looks at times."""

import asyncio
import json
import math
import os
import random
import socket
import subprocess
import sys
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from bench import cases, data, figures, load, report, straight
from hearth.core.binaries import find_binaries
from hearth.core.db import Pool

ROOT = Path(__file__).parent.parent
CAST = straight.Cast([data.person_of(number).id for number in range(3)], date(2025, 1, 1), 10)


def test_percentiles_are_by_nearest_rank() -> None:
    assert [figures.percentile([1, 2, 3, 4], share) for share in (0.5, 0.95)] == [2, 4]
    assert math.isnan(figures.percentile([], 0.5))
    rate = figures.rate_of([3.0, 1.0, 2.0], 2.0)
    assert (rate.per_s, rate.p50_ms, rate.p99_ms) == (1.5, 2.0, 3.0)


def test_values_are_written_as_postgresql_reads_them() -> None:
    assert straight.literal([1.5, None, 2]) == "{1.5,NULL,2}"
    assert straight.literal(['a "b"', "c\\d"]) == '{"a \\"b\\"","c\\\\d"}'
    assert straight.literal(b"\x01\xff") == "\\x01ff"


def test_recordings_that_differ_in_their_values_become_one_script() -> None:
    person, new = data.person_of(1).id, UUID(int=5)
    heard = [
        [
            straight.Said(f"begin; set local role x; set local hearth.person = '{person}'"),
            straight.Said("select $1::uuid, $2::text, $3::uuid, $4", (person, text, new, None)),
        ]
        for text in ("one", "two")
    ]
    made = straight.scripts(heard, CAST, "mark")
    assert len(made) == 1
    assert (made[0].weight, made[0].statements, made[0].chosen) == (2, 4, [["one"], ["two"]])
    assert "set_config('hearth.person', ('00000000" in made[0].text
    assert ":c0::text" in made[0].text
    assert "to_hex(:fresh::bigint)" in made[0].text


def test_a_person_of_the_scripts_is_the_person_of_the_data() -> None:
    assert str(data.person_of(300).id) == "00000000-0000-7000-8000-00000000012c"


def test_a_slip_changes_the_first_word_only() -> None:
    rng = random.Random(1)
    for _ in range(50):
        slipped = data.slipped("potatis gratin", rng)
        assert slipped.endswith(" gratin")
    assert load.read_wrk("noise\nRESULT 300 2000000 0 1500 2500 3500\n").per_s == 150


def test_targets_say_what_was_missed() -> None:
    rate = figures.Rate(100, 1, 30, 40)
    rows = [
        figures.Row("log a meal", 16, rate, of_sql=0.5),
        figures.Row("search typed, 1,000,000 foods", 8, rate),
    ]
    facts = [figures.Fact("idle memory", 450, "MB")]
    met = {target.name: target.met for target in report.targets(rows, facts)}
    assert list(met.values()) == [True, False, False]
    whole = report.Report(report.machine("18"), {}, rows, facts, report.targets(rows, facts), 1.0)
    assert any("MISSED" in line for line in report.lines(whole))


async def test_our_own_generator_counts_what_fails() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readline():
            while (await reader.readline()).strip():
                pass
            status = b"200 OK" if b"good" in head else b"500 No"
            writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 2\r\n\r\nok")

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    wanted = [load.request("GET", "/good"), load.request("GET", "/bad")]
    rate = await load._by_ourselves(port, wanted, 2, 0.2, "test")
    server.close()
    assert rate.per_s > 0
    assert rate.failed > 0


async def test_a_logged_meal_can_be_said_again_by_pgbench(db: Pool) -> None:
    """The whole way of the comparison: a verb is recorded, and pgbench does it without an error."""
    pgbench = Path(find_binaries(os.environ).tool("pgbench"))
    if not await asyncio.to_thread(pgbench.is_file):
        pytest.skip("skipped, because there is no pgbench beside PostgreSQL")
    await data.make_persons(_admin(db.dsn), 3)
    body = json.dumps({"items": [{"name": "soup", "grams": 300}]}).encode()
    verbs = [cases._log(1, body)]
    made = straight.scripts(await straight.recorded(db.dsn, verbs), CAST, "log_test")
    await straight.prepare(db.dsn, made)
    rate = await asyncio.to_thread(straight.straight, pgbench, db.dsn, made, 2, 1)
    assert rate.per_s > 0


def _admin(dsn: str) -> str:
    return dsn.replace("user=hearth", "user=postgres")


def test_a_small_run_of_everything_quick() -> None:
    """Houses are made, filled, measured and gone; looked at is only that nothing failed."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    path = ROOT / ".pytest_cache" / "bench.json"
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--quick", "--rounds", "1", "--port", str(port),
         "--json", path, "start", "day", "log"],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        capture_output=True, text=True, timeout=170, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(path.read_text())
    names = [row["name"] for row in told["rows"]]
    assert len(names) == 3, names
    assert {row["product"]["failed"] for row in told["rows"]} == {0}
    assert "log a meal" in done.stdout
