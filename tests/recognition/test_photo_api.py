"""Reading barcodes and labels on pictures through the API."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from evals.labels.rendering import label
from hearth.core.db import Pool
from hearth.foods import NewFood
from hearth.foods.api import routes as food_routes
from hearth.recognition import label_foods, labels_api, photos
from tests.site import client_of

from .drawn import ean_13, jpeg

CODE = "4006381333931"
CODES, LABELS = "/api/foods/barcodes/read", "/api/foods/labels/read"
ROUTES = [*food_routes, *labels_api.routes]
MIB = 1024 * 1024


@pytest.fixture(autouse=True, scope="module")
async def _workers() -> AsyncIterator[None]:
    yield
    await photos.stop()


@pytest.fixture
async def client(db: Pool, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(db, tmp_path, ROUTES) as opened:
        yield opened


@pytest.fixture
async def stranger(db: Pool, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(db, tmp_path, ROUTES) as opened:
        yield opened


async def sent(
    client: httpx.AsyncClient, path: str, *files: bytes, field: str = "image", **said: str
) -> httpx.Response:
    parts = [(field, ("picture", data, "application/octet-stream")) for data in files]
    return await client.post(path, files=parts, data=said)


async def test_a_barcode_is_read_with_the_foods_that_have_it(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    loaf = {"name": "Crisp loaf", "nutrients": {"energy_kcal": 250}, "barcode": CODE}
    food = (await client.post("/api/foods", json=loaf)).json()
    answer = await sent(client, CODES, jpeg(ean_13(CODE)))
    assert answer.status_code == 200, answer.text
    (code,) = answer.json()["codes"]
    assert (code["code"], code["internal"], code["foods"]) == (CODE, False, [food])
    assert answer.json()["questions"] == []
    theirs = (await sent(stranger, CODES, jpeg(ean_13(CODE)))).json()
    assert [code["foods"] for code in theirs["codes"]] == [[]]


async def test_a_label_gives_a_food_ready_to_post(client: httpx.AsyncClient) -> None:
    drawn = label("eu_two", "en", 4)
    answer = await sent(client, LABELS, jpeg(drawn.picture, 95), locale="en", name="Crisp loaf")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["figures"]["per_100"]["fat_g"] == drawn.per_100["fat_g"]
    assert (found["figures"]["serving"], found["figures"]["basis"]) == (drawn.serving, "100")
    assert (found["food"]["name"], found["disagree"], found["failed"]) == ("Crisp loaf", [], {})
    assert (await client.get("/api/foods/own")).json()["items"] == []
    posted = await client.post("/api/foods", json=found["food"])
    assert posted.status_code == 201, posted.text
    assert posted.json()["nutrients"]["fat_g"] == drawn.per_100["fat_g"]


async def test_what_was_not_read_is_said(client: httpx.AsyncClient) -> None:
    drawn = jpeg(label("eu_one", "en", 4).picture, 95)
    found = (await sent(client, LABELS, drawn, b"\xff\xd8\xff" + b"0" * 500)).json()
    assert found["figures"]["per_100"]
    assert set(found["failed"]) == {"1"}
    assert "damaged" in found["failed"]["1"]
    msgspec.convert(found["food"], NewFood)
    nothing = (await sent(client, LABELS, jpeg(ean_13(CODE)))).json()
    assert (nothing["food"], nothing["figures"]["warnings"]) == (None, ["nothing_read"])


@pytest.mark.parametrize("path", [CODES, LABELS])
@pytest.mark.parametrize(
    ("files", "said", "status", "code"),
    [
        ([], {"locale": "en"}, 422, "invalid"),
        ([b"words"], {}, 422, "not_a_picture"),
        ([b"\xff\xd8\xff" + b"0" * 500], {}, 422, "undecodable_picture"),
        ([b"\xff\xd8\xff" + b"0" * (11 * MIB)], {}, 413, "too_large"),
        ([b"\xff\xd8\xff"] * 6, {}, 422, "invalid"),
        ([b"\xff\xd8\xff"], {"locale": "xx"}, 422, "invalid"),
        ([b"\xff\xd8\xff"], {"colour": "red"}, 422, "invalid"),
    ],
)
async def test_refusals_say_what_and_where(
    client: httpx.AsyncClient,
    path: str,
    files: list[bytes],
    said: dict[str, str],
    status: int,
    code: str,
) -> None:
    answer = await sent(client, path, *files, **said)
    told = answer.json()
    assert (answer.status_code, told["code"]) == (status, code), told
    assert status == 413 or (told["errors"][0]["field"] and told["errors"][0]["message"])


async def test_other_bodies_are_refused(client: httpx.AsyncClient) -> None:
    for path in (CODES, LABELS):
        assert (await client.post(path, json={"image": "x"})).status_code == 415
        assert (await sent(client, path, b"\xff\xd8\xff", field="photo")).status_code == 422
        assert (await client.post(path)).status_code == 422
    two = await sent(client, CODES, b"\xff\xd8\xff", b"\xff\xd8\xff")
    assert "one is read at a time" in two.json()["detail"]


async def test_a_third_label_at_once_is_told_to_wait(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_foods.TURNS, "most", 0)
    answer = await sent(client, LABELS, jpeg(ean_13(CODE)))
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "10")


async def test_labels_are_read_so_often_an_hour(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = msgspec.structs.replace(labels_api.LABELS, an_hour=1)
    monkeypatch.setattr(labels_api, "LABELS", once)
    drawn = jpeg(label("eu_one", "en", 4).picture, 95)
    twice = (await sent(client, LABELS, drawn, drawn)).json()
    assert list(twice["failed"]) == ["1"] and "more than once" in twice["failed"]["1"]
    refused = await sent(client, LABELS, drawn)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many")


async def test_the_forms_are_described(client: httpx.AsyncClient) -> None:
    paths: dict[str, Any] = (await client.get("/api/openapi.json")).json()["paths"]
    for path, most in ((CODES, 1), (LABELS, 5)):
        body = paths[path]["post"]["requestBody"]
        schema = body["content"]["multipart/form-data"]["schema"]
        assert body["required"] and schema["required"] == ["image"]
        image = schema["properties"]["image"]
        assert (image["maxItems"], image["items"]["format"]) == (most, "binary")
        assert schema["properties"]["locale"]["enum"] == ["en", "sr-Cyrl", "sr-Latn", "sv"]
