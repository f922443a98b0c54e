"""The page for adding by barcode, over HTTP and without a browser."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from hearth.core.db import SYSTEM, Pool
from hearth.foods import canonical
from hearth.foods.api import routes as food_routes
from hearth.foods.catalogue import COLUMNS, record
from hearth.foods.foods import Food
from hearth.foods.imports import CLEAR_ARRIVING, MERGE_FOOD
from hearth.recognition import barcodes_web, photos
from hearth.recognition.barcode_foods import TURNS, Fault, confirmed, fault
from hearth.recognition.photos import BarcodeReading, ReadCode
from tests.site import client_of

from .drawn import ean_13, jpeg

CODE = "5901234123457"
UNKNOWN = "7350053850019"
SHOPS_OWN = "2012345678903"
ROUTES = [*food_routes, *barcodes_web.pages]
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


async def made(client: httpx.AsyncClient, barcode: str = CODE, name: str = "Crisp loaf") -> str:
    answer = await client.post(
        "/api/foods", json={"name": name, "nutrients": {}, "barcode": barcode}
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def sent(client: httpx.AsyncClient, *files: bytes, **fields: str) -> httpx.Response:
    parts = [("photo", ("picture.jpg", data, "image/jpeg")) for data in files]
    return await client.post("/add/barcode", files=parts, data=fields)


async def looked(client: httpx.AsyncClient, picture: bytes, **fields: str) -> dict[str, Any]:
    parts = {"photo": ("frame.jpg", picture, "image/jpeg")}
    answer = await client.post("/add/barcode/look", files=parts, data=fields)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (CODE, None),
        ("5 901234 123457", None),
        ("012345678905", None),
        ("5901234123450", Fault("check", 13, "7")),
        ("400638133393", Fault("check", 12, "0")),
        ("40063813338", Fault("length", 11)),
        ("bread", Fault("digits")),
        ("", Fault("digits")),
    ],
)
def test_what_is_wrong_with_typed_digits(typed: str, expected: Fault | None) -> None:
    assert fault(typed) == expected


def test_the_browser_s_own_reader_confirms_and_alone_only_asks() -> None:
    once = ReadCode(CODE, CODE, False, 1)
    asked = BarcodeReading(questions=(once, ReadCode(UNKNOWN, UNKNOWN, False, 1)))
    assert confirmed(asked, CODE) == BarcodeReading(codes=(once,))
    assert confirmed(asked, "") == asked
    assert confirmed(asked, "5901234123450") == asked
    alone = confirmed(BarcodeReading(), CODE)
    assert (alone.codes, [code.text for code in alone.questions]) == ((), [CODE])
    sure = BarcodeReading(codes=(once,))
    assert confirmed(sure, UNKNOWN) == sure


@pytest.mark.parametrize("printed", ["01234565", "96385074"])
def test_a_second_reader_makes_no_short_number_sure(printed: str) -> None:
    code = canonical(printed)
    assert code is not None
    once = ReadCode(code.text, printed, code.internal, 1, short=True)
    asked = BarcodeReading(questions=(once,))
    assert confirmed(asked, printed) == asked
    other = BarcodeReading(questions=(ReadCode(CODE, CODE, False, 1), once))
    assert confirmed(other, printed) == other


async def test_typed_digits_lead_to_the_food_in_any_form(client: httpx.AsyncClient) -> None:
    food = await made(client, "012345678905")
    for typed in ("012345678905", "0012345678905", "0 12345 67890 5"):
        answer = await client.get("/add/barcode", params={"code": typed, "day": "2026-05-31"})
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/foods/{food}?day=2026-05-31"


async def test_a_wrong_check_digit_is_said(client: httpx.AsyncClient) -> None:
    answer = await client.get("/add/barcode", params={"code": "5901234123450"})
    assert answer.status_code == 422
    assert "it would be 7" in answer.text
    assert 'value="5901234123450"' in answer.text
    short = await client.get("/add/barcode", params={"code": "40063813338"})
    assert "these are 11" in short.text
    assert (await client.get("/add/barcode", params={"code": "<b>"})).status_code == 422


async def test_an_unknown_product_leads_to_its_label(client: httpx.AsyncClient) -> None:
    page = (await client.get("/add/barcode", params={"code": UNKNOWN, "day": "2026-05-31"})).text
    assert f"No product with the barcode {UNKNOWN} is known here." in page
    assert "hearth foods import off" in page
    assert f"/add/label?barcode={UNKNOWN}&amp;day=2026-05-31" in page
    assert f"/add/label/figures?barcode={UNKNOWN}" in page
    shop = (await client.get("/add/barcode", params={"code": SHOPS_OWN})).text
    assert "A shop gave this number itself" in shop


async def test_nobody_sees_another_s_food(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    await made(client, name="Secret loaf")
    answer = await stranger.get("/add/barcode", params={"code": CODE})
    assert answer.status_code == 200
    assert "Secret loaf" not in answer.text
    assert (await looked(stranger, jpeg(ean_13(CODE))))["state"] == "missing"


async def test_a_picture_leads_to_the_food(client: httpx.AsyncClient) -> None:
    food = await made(client)
    answer = await sent(client, jpeg(ean_13(CODE)), day="2026-05-31")
    assert answer.headers["location"] == f"/foods/{food}?day=2026-05-31"
    turned = ean_13(CODE).rotate(33, expand=True, fillcolor="white")
    assert (await sent(client, jpeg(turned))).headers["location"] == f"/foods/{food}"
    missed = await sent(client, jpeg(ean_13(UNKNOWN)))
    assert f"No product with the barcode {UNKNOWN}" in missed.text
    nothing = await sent(client, jpeg(Image.new("RGB", (300, 300), "grey")))
    assert (nothing.status_code, "No barcode was found" in nothing.text) == (200, True)


@pytest.fixture
async def shared(db: Pool) -> AsyncIterator[Food]:
    """A product of the shared catalogue."""
    food = Food(
        id="branded:9900001", name="Shop's loaf", nutrients={}, barcode=UNKNOWN, source="branded"
    )
    async with db.transaction(SYSTEM) as tx:
        await tx.connection.copy_records_to_table(
            "arriving",
            schema_name="foods",
            columns=list(COLUMNS),
            records=[record(food, released=None)],
        )
        await tx.one(MERGE_FOOD, SYSTEM)
        await tx.run(CLEAR_ARRIVING, SYSTEM)
    yield food
    async with db.transaction(SYSTEM) as tx:
        await tx.connection.execute("delete from foods.food where id = $1", food.id)


async def test_own_and_shared_foods_are_offered_both(
    client: httpx.AsyncClient, shared: Food
) -> None:
    alone = await looked(client, jpeg(ean_13(UNKNOWN)))
    assert (alone["state"], alone["href"]) == ("found", f"/foods/{shared.id}")
    await made(client, UNKNOWN)
    found = await looked(client, jpeg(ean_13(UNKNOWN)))
    assert (found["state"], found["href"]) == ("choose", "")
    assert found["html"].index("Crisp loaf") < found["html"].index("Shop&#39;s loaf")
    assert "USDA Branded Foods" in found["html"]


async def test_a_frame_of_the_camera(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    food = await made(client)
    found = await looked(client, jpeg(ean_13(CODE)), day="2026-05-31")
    assert (found["state"], found["href"]) == ("found", f"/foods/{food}?day=2026-05-31")
    assert (await looked(client, jpeg(Image.new("RGB", (64, 48)))))["state"] == "nothing"

    async def once(data: bytes, *, frame: bool) -> BarcodeReading:
        assert frame
        return BarcodeReading(questions=(ReadCode(CODE, CODE, False, 1),))

    monkeypatch.setattr(photos, "read_barcodes", once)
    asked = await looked(client, b"x")
    assert (asked["state"], asked["code"], asked["href"]) == ("question", CODE, "")
    assert "Is it this?" in asked["html"] and "Crisp loaf" in asked["html"]
    assert (await looked(client, b"x", seen=CODE))["state"] == "found"


async def test_many_frames_at_once_are_told_to_wait(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TURNS, "most", 0)
    parts = {"photo": ("frame.jpg", jpeg(ean_13(CODE)), "image/jpeg")}
    answer = await client.post("/add/barcode/look", files=parts)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")


@pytest.mark.parametrize(
    ("files", "status", "words"),
    [
        ([b"no picture at all"], 415, "not a JPEG"),
        ([b""], 422, "a file is needed"),
        ([], 422, "a file is needed"),
        ([b"\xff\xd8\xff"] * 6, 422, "6 files were sent"),
        ([b"\xff\xd8\xff" + b"0" * 500], 422, "damaged"),
    ],
)
async def test_bad_files_are_refused_on_the_page(
    client: httpx.AsyncClient, files: list[bytes], status: int, words: str
) -> None:
    answer = await sent(client, *files, day="2026-05-31")
    assert answer.status_code == status, answer.text[:300]
    assert words in answer.text
    assert 'action="/add/barcode"' in answer.text


async def test_a_file_that_is_too_large_is_refused_before_it_is_read(
    client: httpx.AsyncClient,
) -> None:
    client.headers["Accept"] = "text/html"
    answer = await sent(client, b"\xff\xd8\xff" + b"0" * (11 * MIB))
    assert (answer.status_code, answer.headers["content-type"][:9]) == (413, "text/html")
    assert "10 MiB" in answer.text
