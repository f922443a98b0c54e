"""The person's own history: what they log often is meant by the plain word; plain words stay plain."""

import httpx
import pytest

from hearth.foods import starter_foods
from hearth.recognition import Index, Reader
from tests.recognition.test_api import catalogue, client, read

__all__ = ["catalogue", "client"]

OAT_MILK = {"starter:oat-milk": 12}


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(Index(starter_foods()))


def first(reader: Reader, text: str, locale: str, habits: dict[str, int]) -> str:
    item = reader.read(text, locale=locale, habits=habits).items[0]
    return item.food.id if item.food else ""


@pytest.mark.parametrize(
    ("text", "locale"),
    [("milk", "en"), ("a glass of milk", "en"), ("2 dl mjölk", "sv"), ("čaša mleka", "sr-Latn"),
     ("чаша млека", "sr-Cyrl")],
)  # fmt: skip
def test_what_is_always_logged_is_meant(reader: Reader, text: str, locale: str) -> None:
    assert first(reader, text, locale, {}) != "starter:oat-milk"
    assert first(reader, text, locale, OAT_MILK) == "starter:oat-milk"


@pytest.mark.parametrize(
    ("text", "locale"),
    [("whole milk", "en"), ("semi-skimmed milk", "en"), ("milk chocolate", "en"), ("cheese", "en"),
     ("mellanmjölk", "sv"), ("kiselo mleko", "sr-Latn")],
)  # fmt: skip
def test_explicit_words_are_not_overridden(reader: Reader, text: str, locale: str) -> None:
    assert first(reader, text, locale, OAT_MILK) == first(reader, text, locale, {})


def test_a_thing_that_is_only_in_it_is_not_meant(reader: Reader) -> None:
    apple_pie = {"starter:apple-pie": 50}
    assert first(reader, "apple", "en", apple_pie) == first(reader, "apple", "en", {})


def test_two_habits_or_a_young_one_decide_nothing(reader: Reader) -> None:
    plain = first(reader, "milk", "en", {})
    assert first(reader, "milk", "en", {"starter:oat-milk": 3}) == plain
    assert first(reader, "milk", "en", {"starter:oat-milk": 9, "starter:soy-milk": 8}) == plain


def test_a_habit_says_so_and_keeps_the_amount(reader: Reader) -> None:
    item = reader.read("200 ml milk", habits=OAT_MILK).items[0]
    assert item.grams == pytest.approx(204, abs=3)
    assert "often" in item.why
    assert "starter:milk-28" in [other.food.id for other in item.alternatives]


async def test_meals_that_were_logged_are_the_history(client: httpx.AsyncClient) -> None:
    before = (await read(client, "a glass of milk"))["items"][0]  # type: ignore[index]
    for _ in range(5):
        item = {"food_id": "starter:oat-milk", "grams": 200, "phrase": "oat milk"}
        assert (await client.post("/api/meals", json={"items": [item]})).status_code == 201
    after = (await read(client, "a glass of milk"))["items"][0]  # type: ignore[index]
    assert before["food"]["id"] != "starter:oat-milk"
    assert after["food"]["id"] == "starter:oat-milk"


async def test_every_own_food_is_found_however_many_there_are(client: httpx.AsyncClient) -> None:
    wanted = {"name": "Zebraloaf", "nutrients": {"energy_kcal": 230}}
    made = (await client.post("/api/foods", json=wanted)).json()
    for number in range(30):
        other = {"name": f"Quillcake {number}", "nutrients": {"energy_kcal": 300}}
        assert (await client.post("/api/foods", json=other)).status_code == 201
    [item] = (await read(client, "100 g zebraloaf"))["items"]  # type: ignore[misc]
    assert item["food"]["id"] == made["id"]
