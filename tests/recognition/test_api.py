"""Reading meals over HTTP: a reading, a correction, and the next reading."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from hearth.core.db import SYSTEM, Pool
from hearth.diary.api import routes as diary_routes
from hearth.foods.api import routes as food_routes
from hearth.foods.imports import load_starter
from hearth.recognition import refresh_catalogue
from hearth.recognition.api import routes
from hearth.recognition.read_api import routes as read_routes
from tests.site import client_of


@pytest.fixture(scope="module")
async def catalogue(db: Pool) -> None:
    """The starter catalogue, ready to be read with."""
    await load_starter(db)
    await refresh_catalogue(db)


@pytest.fixture
async def client(db: Pool, tmp_path: Path, catalogue: None) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(
        db, tmp_path, [*read_routes, *routes, *diary_routes, *food_routes]
    ) as opened:
        yield opened


async def read(client: httpx.AsyncClient, text: str) -> dict[str, object]:
    answer = await client.post("/api/meals/read", json={"text": text})
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


async def test_a_sentence_is_read_and_nothing_is_saved(client: httpx.AsyncClient) -> None:
    found = await read(client, "two scrambled eggs and a slice of rye bread")
    items = found["items"]
    assert isinstance(items, list)
    assert len(items) == 2
    for item in items:
        assert {"phrase", "food", "grams", "amount_text", "nutrients", "confidence", "why"} <= set(
            item
        )
    assert {"totals", "interval", "coverage", "engine"} <= set(found)
    day = (await client.get("/api/days", params={"from": "2024-01-01", "to": "2024-12-31"})).json()
    assert day["days"] == []


async def test_a_correction_changes_the_next_reading(client: httpx.AsyncClient) -> None:
    first = (await read(client, "a slice of rye bread"))["items"][0]  # type: ignore[index]
    other = first["alternatives"][0]["food"]["id"]
    assert other != first["food"]["id"]
    item = {"food_id": other, "grams": 40, "phrase": first["phrase"], "corrected": True}
    assert (await client.post("/api/meals", json={"items": [item]})).status_code == 201
    second = (await read(client, "a slice of rye bread"))["items"][0]  # type: ignore[index]
    assert second["food"]["id"] == other
    [word] = (await client.get("/api/aliases")).json()["aliases"]
    assert (
        await client.delete("/api/aliases", params={"phrase": word["phrase"]})
    ).status_code == 204
    third = (await read(client, "a slice of rye bread"))["items"][0]  # type: ignore[index]
    assert third["food"]["id"] == first["food"]["id"]


async def test_an_own_food_is_read_by_its_name(client: httpx.AsyncClient) -> None:
    food = {"name": "Rye bread from the corner", "nutrients": {"energy_kcal": 230}}
    made = (await client.post("/api/foods", json=food)).json()
    item = (await read(client, "100 g rye bread from the corner"))["items"][0]  # type: ignore[index]
    assert (item["food"]["id"], item["grams"]) == (made["id"], 100)


async def test_a_text_that_is_too_long_is_refused_with_a_reason(client: httpx.AsyncClient) -> None:
    for text in ("egg " * 501, "", ", ".join(["egg"] * 400)):
        answer = await client.post("/api/meals/read", json={"text": text})
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["field"] == "text"


async def test_a_text_without_food_is_an_empty_reading(client: httpx.AsyncClient) -> None:
    found = await read(client, "qwxz vvvk")
    assert found["items"] == []


async def test_a_word_is_taught_and_forgotten(client: httpx.AsyncClient) -> None:
    word = {"phrase": "the usual", "food_id": "nothing:1"}
    assert (await client.post("/api/aliases", json=word)).status_code == 422
    gone = await client.delete("/api/aliases", params={"phrase": "the usual"})
    assert gone.status_code == 404


async def test_an_own_food_is_read_by_words_that_the_catalogue_has_not(
    client: httpx.AsyncClient,
) -> None:
    food = {"name": "Glorbix", "nutrients": {"energy_kcal": 230}}
    made = (await client.post("/api/foods", json=food)).json()
    items = (await read(client, "a coffee and two glorbix"))["items"]
    assert made["id"] in [item["food"]["id"] for item in items]  # type: ignore[attr-defined]


@pytest.fixture
async def bar(db: Pool) -> AsyncIterator[str]:
    """A packaged food, which the reader's index does not hold."""
    food_id = "branded:test-bar"
    async with db.connection(SYSTEM) as connection:
        await connection.execute(
            "insert into foods.food (id, tier, name, names, aliases, portions, nutrients,"
            " carb_basis, source, norm, popularity, processing, flags)"
            " values ($1, 3, 'Test bar', '{}', '{}', '[]', '{400}',"
            " 'total', 'test', 'test bar', 1, 2, '{}')",
            food_id,
        )
        yield food_id
        await connection.execute("delete from foods.food where id = $1", food_id)


async def test_a_correction_to_a_packaged_food_is_read_again(
    client: httpx.AsyncClient, bar: str
) -> None:
    item = {"food_id": bar, "grams": 45, "phrase": "my crunchy thing", "corrected": True}
    assert (await client.post("/api/meals", json={"items": [item]})).status_code == 201
    [found] = (await read(client, "my crunchy thing"))["items"]  # type: ignore[misc]
    assert (found["food"]["id"], found["grams"]) == (bar, 45)


def test_in_other_languages_foods_of_that_language_go_first() -> None:
    """A table with English names alone does not take a food away from its own name."""
    from hearth.foods import Food, starter_foods
    from hearth.recognition.catalogue import _indexed

    table = [
        Food(id="fndds:1", name="Onions, raw", nutrients={"energy_kcal": 40.0}, aliases=("luk",)),
        Food(id="fndds:2", name="Roll, NS as to major flour", nutrients={"energy_kcal": 300.0}),
    ]
    readers = _indexed([*table, *starter_foods()])
    for reader, sources in (
        (readers.named, {"starter"}),
        (readers.everything, {"starter", "fndds"}),
    ):
        assert {food.id.partition(":")[0] for food in reader.index.foods} == sources
    read = readers.named.read("luk", locale="sr-Latn")
    assert [item.food.id.partition(":")[0] for item in read.items if item.food] == ["starter"]
    alone = _indexed(starter_foods())
    assert alone.named is alone.everything
