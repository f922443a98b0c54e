"""A catalogue of any size with made-up packages, for measuring search."""

import random
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice
from typing import Any

from hearth.core.db import SYSTEM, Pool
from hearth.foods.catalogue import COLUMNS, record
from hearth.foods.foods import Food
from hearth.foods.imports import CLEAR_ARRIVING, MERGE_OFF, settle

CHUNK = 20_000


async def fill(db: Pool, products: int, vocabulary: Sequence[str], seed: int = 7) -> None:
    """`products` rows whose names draw on `vocabulary`, the first words far more often (Zipf)."""
    rows = _rows(products, vocabulary, random.Random(seed))
    while part := list(islice(rows, CHUNK)):
        async with db.transaction(SYSTEM) as tx:
            await tx.run(CLEAR_ARRIVING, SYSTEM)
            await tx.connection.copy_records_to_table(
                "arriving", schema_name="foods", records=part, columns=list(COLUMNS)
            )
            await tx.one(MERGE_OFF, SYSTEM)
    await settle(db)


def _rows(
    products: int, vocabulary: Sequence[str], chance: random.Random
) -> Iterator[tuple[Any, ...]]:
    weights = list(accumulate(1 / (place + 20) for place in range(len(vocabulary))))
    food = Food(id="off:0", name="x", nutrients={"energy_kcal": 100.0, "protein_g": 3.0})
    like = dict(zip(COLUMNS, record(food, released=None, popularity=0), strict=True))
    for number in range(products):
        name = " ".join(chance.choices(vocabulary, cum_weights=weights, k=chance.randint(2, 6)))
        brand = vocabulary[number % 3000 % len(vocabulary)]
        fresh = {
            "id": f"off:x{number}",
            "name": name,
            "norm": f"|{name}||||{brand}",
            "brand": brand,
            "popularity": int(chance.paretovariate(0.7)) % 9999,
        }
        yield tuple((like | fresh).values())
