"""What the measured houses hold: persons, diaries of any length, and foods up to a million.

All of it is put straight into the tables, without the triggers that note each change; the figures
come from foods that are there, so that rows are as wide as in real use.
"""

import csv
import gzip
import random
import re
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import msgspec

from hearth.core.db import Pool
from hearth.core.secrets import Vault
from hearth.people import Person, logins, passwords

FIRST_DAY = date(2025, 1, 1)
ITEMS_A_DAY = 20
MEALS_A_DAY = 4
PASSWORD = "kitchen table 42"
Say = Callable[[str], None]
_PARTS = re.split(
    r"^-- (\w+): .*\n", Path(__file__).with_suffix(".sql").read_text(), flags=re.MULTILINE
)
SQL = dict(zip(_PARTS[1::2], _PARTS[2::2], strict=True))
"""The statements of data.sql by name."""


class Diaries(msgspec.Struct, frozen=True):
    """So many persons with so many days of 20 items."""

    persons: int
    days: int

    @property
    def items(self) -> int:
        """Items in all."""
        return self.persons * self.days * ITEMS_A_DAY


def person_of(number: int) -> Person:
    """The person of a number, as `make_persons` puts them into the table."""
    email = f"bench{number}@example.org"
    return Person(
        UUID(int=number + (7 << 76) + (8 << 60)),
        email,
        f"Bench {number}",
        "en",
        "UTC",
        frozenset({"person"}),
    )


async def make_persons(dsn: str, many: int) -> None:
    """Persons 0 to `many`, all with the same password."""
    hashed = await passwords.hashed(PASSWORD)
    rows = [(one.id, one.email, one.email, one.name, hashed) for one in map(person_of, range(many))]
    connection = await asyncpg.connect(dsn)
    try:
        await connection.executemany(
            "insert into people.person"
            " (person_id, email, email_key, name, password_hash, verified_at)"
            " values ($1, $2, $3, $4, $5, now()) on conflict do nothing",
            rows,
        )
    finally:
        await connection.close()


async def tokens(pool: Pool, vault: Vault, numbers: range) -> list[str]:
    """An access token for each of these persons."""
    found = []
    for number in numbers:
        opened = await logins.open_login(pool, vault, person_of(number), kind="client")
        found.append(logins.tokens_of(vault, opened).access_token)
    return found


async def make_diaries(admin_dsn: str, wanted: Diaries, say: Say, most_s: float) -> Diaries:
    """Diaries in the order of time, as they grow in use; those that were made.

    Persons 0 to `wanted.persons` must be there. Ends early, by whole days, after `most_s`.
    """
    connection = await asyncpg.connect(admin_dsn)
    try:
        await connection.execute(
            "set session_replication_role = replica; set synchronous_commit = off"
        )
        await connection.execute(SQL["chosen_foods"])
        await connection.execute("create temp table bench_person (n integer, person_id uuid)")
        await connection.copy_records_to_table(
            "bench_person", records=[(n, person_of(n).id) for n in range(wanted.persons)]
        )
        await connection.execute("analyze bench_person; analyze bench_food")
        started = time.monotonic()
        for place in range(wanted.days):
            on = FIRST_DAY + timedelta(days=place)
            await connection.execute(SQL["meals"], place, on)
            await connection.execute(SQL["items"], place, on)
            if time.monotonic() - started > most_s:
                say(f"stopped after {place + 1} of {wanted.days} days")
                wanted = Diaries(wanted.persons, place + 1)
                break
        await connection.execute("vacuum (analyze) diary.meal")
        await connection.execute("vacuum (analyze) diary.item")
        await connection.execute("checkpoint")
    finally:
        await connection.close()
    say(f"{wanted.items:,} diary items in {time.monotonic() - started:.0f} s")
    return wanted


async def make_foods(admin_dsn: str, wanted: int, say: Say) -> int:
    """Fill the catalogue up to so many foods, half in each of its tables; how many there are.

    Names are put together from the names of real products, half of one and half of another, with an
    invented brand: words keep their real frequencies.
    """
    connection = await asyncpg.connect(admin_dsn)
    started = time.monotonic()
    try:
        await connection.execute("set synchronous_commit = off; set maintenance_work_mem = '512MB'")
        have: int = await connection.fetchval(
            "select (select count(*) from foods.food) + (select count(*) from foods.off_product)"
        )
        if have < wanted:
            await connection.execute(SQL["names"])
            await connection.execute(SQL["brands"])
            await connection.execute("create unique index on bench_name (n)")
            await connection.execute("create unique index on bench_brand (n)")
            await connection.execute("analyze bench_name; analyze bench_brand")
            names = await connection.fetchval("select count(*) from bench_name")
            half = have + (wanted - have) // 2
            for table, source, first, last in (
                ("foods.off_product", "off", have, half), ("foods.food", "branded", half, wanted)
            ):  # fmt: skip
                made = SQL["products"].format(table=table, source=source)
                await connection.execute(made, first, last - 1, names, timeout=600)
            await connection.execute("select foods.settle()")
        total: int = await connection.fetchval(
            "select (select count(*) from foods.food) + (select count(*) from foods.off_product)"
        )
    finally:
        await connection.close()
    say(f"{total:,} foods in {time.monotonic() - started:.0f} s")
    return total


class Queries(msgspec.Struct, frozen=True):
    """What is typed: two words of a name (the last unfinished in half of them), and with a slip."""

    typed: list[str]
    mistyped: list[str]


async def queries(dsn: str, many: int, seed: int = 7) -> Queries:
    """Queries of foods that are there, the same at every run."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(
            "select split_part(norm, '|', 2) as name from foods.off_product"
            " order by md5(id) limit 2000"
        )
    finally:
        await connection.close()
    rng = random.Random(seed)
    typed = []
    for row in rows:
        long = [word for word in row["name"].split() if len(word) >= 5 and word.isalpha()]
        if len(long) >= 2:
            first, second = rng.sample(long, 2)
            typed.append(f"{first} {second[: rng.choice((4, 30))]}")
    typed = typed[:many]
    return Queries(typed, [slipped(text, rng) for text in typed])


def slipped(text: str, rng: random.Random) -> str:
    """One slip of the finger in the first word: a letter left out, doubled, swapped or wrong."""
    place = rng.randrange(1, text.index(" ") - 1)
    kind = rng.randrange(4)
    if kind == 0:
        return text[:place] + text[place + 1 :]
    if kind == 1:
        return text[:place] + text[place] + text[place:]
    if kind == 2:
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    return text[:place] + rng.choice("etaoinshr") + text[place + 1 :]


_OFF = {
    "fat_g": "fat_100g",
    "sat_fat_g": "saturated-fat_100g",
    "carb_g": "carbohydrates_100g",
    "sugars_g": "sugars_100g",
    "fiber_g": "fiber_100g",
    "protein_g": "proteins_100g",
    "salt_g": "salt_100g",
}


def off_dump(sample: Path, target: Path) -> Path:
    """The sample of Open Food Facts laid out as the official tab-separated dump."""
    names = ["code", "product_name", "energy-kcal_100g", *_OFF.values()]
    with (
        gzip.open(sample, "rt", encoding="utf-8", newline="") as given,
        gzip.open(target, "wt", 1, encoding="utf-8", newline="") as dump,
    ):
        dump.write("\t".join(names) + "\n")
        for row in csv.DictReader(given):
            name = " ".join(row["name"].split())
            cells = [row["barcode"], name, row["energy_kcal_atwater"], *(row[one] for one in _OFF)]
            dump.write("\t".join(cells) + "\n")
    return target
