"""What the measured houses hold: persons, diaries of any length, and foods up to a million.

All of it is put straight into the tables, without the triggers that note each change; the figures
come from foods that are there, so that rows are as wide as in real use.
"""

import csv
import gzip
import io
import random
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
PASSWORD = "kitchen table 42"  # noqa: S105
Say = Callable[[str], None]


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
        UUID(int=number + (7 << 76) + (8 << 60)), email, f"Bench {number}", "en", "UTC", frozenset({"person"})
    )


async def make_persons(dsn: str, many: int) -> None:
    """Persons 0 to `many`, all with the same password."""
    hashed = await passwords.hashed(PASSWORD)
    rows = [
        (one.id, one.email, one.email, one.name, hashed) for one in map(person_of, range(many))
    ]
    connection = await asyncpg.connect(dsn)
    try:
        await connection.executemany(
            "insert into people.person (person_id, email, email_key, name, password_hash, verified_at)"
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


_FOODS = """
create temp table bench_food as
select row_number() over (order by id) - 1 as n, id, name, nutrients
from (select * from foods.food where tier = 0 order by id limit 50) as chosen
"""
_MEALS = """
insert into diary.meal (person_id, id, day, at, zone, kind, name)
select person.person_id, (lpad(to_hex($1::integer), 8, '0') || '0' || m || '007000a000' || lpad(to_hex(person.n), 12, '0'))::uuid,
  $2::date, $2::date + make_interval(hours => 7 + 4 * m), 'UTC', (array['breakfast', 'lunch', 'dinner', 'snack'])[m + 1], ''
from generate_series(0, 3) as m, bench_person as person order by m, person.n
"""
_ITEMS = """
insert into diary.item (person_id, meal_id, id, day, position, food_id, food_version, name, amount, unit, grams, nutrients, provenance)
select person.person_id, (lpad(to_hex($1::integer), 8, '0') || '0' || m || '007000a000' || lpad(to_hex(person.n), 12, '0'))::uuid,
  (lpad(to_hex($1::integer), 8, '0') || '1' || m || '0' || i || '7000a000' || lpad(to_hex(person.n), 12, '0'))::uuid,
  $2::date, i, food.id, 1, food.name, 100, 'g', 100, food.nutrients, food.id || '@1; grams as given'
from generate_series(0, 3) as m, bench_person as person, generate_series(0, 4) as i, bench_food as food
where food.n = (person.n + m * 5 + i + $1::integer) % 50 order by m, person.n, i
"""


async def make_diaries(admin_dsn: str, wanted: Diaries, say: Say, most_s: float) -> int:
    """Diaries in the order of time, as they grow in use; how many items there are.

    Persons 0 to `wanted.persons` must be there. Ends early, by whole days, after `most_s`.
    """
    connection = await asyncpg.connect(admin_dsn)
    try:
        await connection.execute("set session_replication_role = replica; set synchronous_commit = off")
        await connection.execute(_FOODS)
        await connection.execute("create temp table bench_person (n integer, person_id uuid)")
        await connection.copy_records_to_table(
            "bench_person", records=[(n, person_of(n).id) for n in range(wanted.persons)]
        )
        await connection.execute("analyze bench_person; analyze bench_food")
        started = time.monotonic()
        for place in range(wanted.days):
            on = FIRST_DAY + timedelta(days=place)
            await connection.execute(_MEALS, place, on)
            await connection.execute(_ITEMS, place, on)
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
    return wanted.items


# Names are put together from the names of real products, half of one and half of another, with an
# invented brand: words keep their real frequencies, and the lexicon grows with the table.
_PRODUCTS = """
insert into {table} (id, tier, name, names, aliases, brand, category, portions, nutrients, barcode, carb_basis, source, norm, popularity, processing, flags)
select '{source}:bench' || i, 3, made.name, '{{}}', '{{}}', made.brand, null, '[]', a.nutrients, null, 'available', '{source}',
  '|' || made.name || '||||' || made.brand, (1000 / (1 + i % 997))::integer, 2, '{{}}'
from generate_series($1::bigint, $2::bigint) as i
join bench_name as a on a.n = i * 7919 % $3::bigint
join bench_name as b on b.n = (i * 104729 + i / $3::bigint) % $3::bigint
cross join lateral (select a.head || ' ' || b.tail as name,
  (array['ka','ro','mi','ste','lun','vi','bor','nja','tel','sa'])[1 + i % 10] || (array['na','ri','vo','lem','ta','ski','der','mo'])[1 + i / 10 % 8]
  || (array['x','n','la','rix','o','um','ette','by','son','ika'])[1 + i / 80 % 10] || (array['','s','a','el','ov'])[1 + i / 800 % 5] as brand) as made
"""
_NAMES = """
create temp table bench_name as
select row_number() over (order by id) - 1 as n, nutrients,
  array_to_string(words[1 : (cardinality(words) + 1) / 2], ' ') as head,
  array_to_string(words[(cardinality(words) + 1) / 2 + 1 :], ' ') as tail
from (select id, nutrients, string_to_array(split_part(norm, '|', 2), ' ') as words
      from (select id, nutrients, norm from foods.off_product union all select id, nutrients, norm from foods.food) as every
     ) as named where cardinality(words) between 2 and 12
"""


async def make_foods(admin_dsn: str, wanted: int, say: Say) -> int:
    """Fill the catalogue up to so many foods, half in each of its tables; how many there are."""
    connection = await asyncpg.connect(admin_dsn)
    started = time.monotonic()
    try:
        await connection.execute("set synchronous_commit = off; set maintenance_work_mem = '512MB'")
        have: int = await connection.fetchval(
            "select (select count(*) from foods.food) + (select count(*) from foods.off_product)"
        )
        if have < wanted:
            await connection.execute(_NAMES + ";create unique index on bench_name (n); analyze bench_name")
            names = await connection.fetchval("select count(*) from bench_name")
            half = have + (wanted - have) // 2
            for table, source, first, last in (
                ("foods.off_product", "off", have, half), ("foods.food", "branded", half, wanted)
            ):  # fmt: skip
                made = _PRODUCTS.format(table=table, source=source)
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
            "select split_part(norm, '|', 2) as name from foods.off_product order by md5(id) limit 2000"
        )
    finally:
        await connection.close()
    rng = random.Random(seed)  # noqa: S311
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
    "fat_g": "fat_100g", "sat_fat_g": "saturated-fat_100g", "carb_g": "carbohydrates_100g", "sugars_g": "sugars_100g",
    "fiber_g": "fiber_100g", "protein_g": "proteins_100g", "salt_g": "salt_100g",
}  # fmt: skip


def off_dump(sample: Path, target: Path) -> Path:
    """The sample of Open Food Facts laid out as the official tab-separated dump."""
    names = ["code", "product_name", "energy-kcal_100g", *_OFF.values()]
    with gzip.open(sample, "rt", encoding="utf-8", newline="") as given, gzip.open(target, "wb", 1) as out:
        with io.TextIOWrapper(out, encoding="utf-8", newline="") as text:
            text.write("\t".join(names) + "\n")
            for row in csv.DictReader(given):
                name = " ".join(row["name"].split())
                amounts = [row[ours] for ours in _OFF]
                text.write("\t".join([row["barcode"], name, row["energy_kcal_atwater"], *amounts]) + "\n")
    return target
