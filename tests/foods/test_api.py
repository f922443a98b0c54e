"""The catalogue over HTTP, as a client sees it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from hearth.core.cache import Cache
from hearth.core.db import Pool
from hearth.core.files import Files
from hearth.core.flags import Flags
from hearth.core.limits import Limits
from hearth.core.mail import NoMail
from hearth.core.secrets import Vault, new_key
from hearth.foods import api
from hearth.foods.imports import load_starter
from hearth.web import Doors, Site, make_app

LOAF = {
    "name": "Grandmother's loaf",
    "nutrients": {"energy_kcal": 250, "protein_g": 9},
    "portions": [{"label": "1 slice", "grams": 40, "unit": "slice", "is_default": True}],
    "barcode": "036000291452",
}


@pytest.fixture
async def client(db: Pool, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client whose person has just registered."""
    await load_starter(db)
    doors = Doors(
        db=db,
        vault=Vault(new_key("test")),
        cache=Cache(),
        limits=Limits(),
        mail=NoMail(),
        files=Files(f"file://{tmp_path}"),
        flags=Flags(db),
        site=Site(base_url="http://hearth.test"),
    )
    transport = httpx.ASGITransport(app=make_app(doors, api.routes), client=("127.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://hearth.test") as opened:
        await log_in(opened)
        yield opened


async def log_in(client: httpx.AsyncClient) -> None:
    client.headers.pop("Authorization", None)
    body = {"email": f"{uuid4().hex}@example.org", "password": "kitchen table 42"}
    answer = await client.post("/api/auth/register", json=body)
    client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"


async def made(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await client.post("/api/foods", json=LOAF | more)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_foods_are_found_by_words_in_the_asked_language(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/foods", params={"q": "äpple", "locale": "sv", "limit": 3})
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert page["items"][0]["name"] == "Äpple"
    assert page["items"][0]["nutrients"]["energy_kcal"] > 0
    following = await client.get(
        "/api/foods", params={"q": "äpple", "limit": 3, "after": page["next"]}
    )
    assert following.json()["items"][0]["id"] not in {item["id"] for item in page["items"]}


async def test_an_own_food_lives_through_the_api(client: httpx.AsyncClient) -> None:
    loaf = await made(client)
    path = f"/api/foods/{loaf['id']}"
    shown = await client.get(path)
    assert shown.json() == loaf
    assert shown.headers["ETag"] == '"1"'
    change = {"name": "Loaf", "applies": "all"}
    edited = await client.patch(path, json=change, headers={"If-Match": '"1"'})
    assert (edited.status_code, edited.json()["name"], edited.headers["ETag"]) == (
        200,
        "Loaf",
        '"2"',
    )
    late = await client.patch(path, json=change, headers={"If-Match": '"1"'})
    assert late.status_code == 412
    assert (await client.post(f"{path}/undo")).json()["name"] == LOAF["name"]
    assert [one["id"] for one in (await client.get("/api/foods/own")).json()["items"]] == [
        loaf["id"]
    ]
    assert (await client.delete(path)).status_code == 204
    assert (await client.get(path)).status_code == 404


async def test_the_same_key_makes_one_food(client: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": uuid4().hex}
    first = await client.post("/api/foods", json=LOAF, headers=headers)
    again = await client.post("/api/foods", json=LOAF, headers=headers)
    assert first.json() == again.json()
    assert len((await client.get("/api/foods/own")).json()["items"]) == 1


async def test_a_barcode_is_found_in_any_form(client: httpx.AsyncClient) -> None:
    loaf = await made(client)
    answer = await client.get("/api/foods/barcode/00036000291452")
    assert answer.json()["items"][0]["id"] == loaf["id"]
    wrong = await client.get("/api/foods/barcode/036000291453")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "code")


async def test_another_person_s_food_does_not_exist(client: httpx.AsyncClient) -> None:
    path = f"/api/foods/{(await made(client))['id']}"
    await log_in(client)
    assert (await client.get(path)).status_code == 404
    assert (await client.patch(path, json={"name": "x"})).status_code == 404
    assert (await client.delete(path)).status_code == 404
    assert (await client.post(f"{path}/undo")).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "x"},
        {"name": "", "nutrients": {}},
        {"name": "x", "nutrients": {"protein_g": -1}},
        {"name": "x", "nutrients": {"magic_g": 1}},
        {"name": "x", "nutrients": {"fat_g": 300}},
        {"name": "x", "nutrients": {}, "more": 1},
        {"name": "a\x00b", "nutrients": {}},
        [],
        "x",
        {"name": "x", "nutrients": {}, "portions": [{"label": "\x00", "grams": 1}]},
    ],
)
async def test_what_cannot_be_a_food_is_refused(client: httpx.AsyncClient, body: Any) -> None:
    answer = await client.post("/api/foods", json=body)
    assert answer.status_code in (400, 422), answer.text


@pytest.mark.parametrize(
    "query", ["after=x", "after=-1", "limit=0", "limit=201", "locale=xx", "after=99999", "q=%00"]
)
async def test_what_cannot_be_asked_is_refused_or_empty(
    client: httpx.AsyncClient, query: str
) -> None:
    answer = await client.get(f"/api/foods?{query}")
    assert answer.status_code in (200, 400, 422), answer.text
    assert answer.status_code != 200 or query == "q=%00"


@pytest.mark.parametrize("food_id", ["%00", "own:%00", "own:1", "off:", "a%00b", "%F0%9F%8D%8E"])
async def test_an_id_that_is_none_is_not_found(client: httpx.AsyncClient, food_id: str) -> None:
    assert (await client.get(f"/api/foods/{food_id}")).status_code in (400, 404)
    changed = await client.patch(f"/api/foods/{food_id}", json={"name": "x"})
    assert changed.status_code in (400, 404)


async def test_nobody_sees_nothing(client: httpx.AsyncClient) -> None:
    del client.headers["Authorization"]
    assert (await client.get("/api/foods?q=apple")).status_code == 401
