"""Photos: a plate that becomes a meal, what is kept of it, for whom, and when it goes."""

import asyncio
import io
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest
from msgspec.structs import replace
from PIL import Image

from hearth import ai, foods, privacy, recognition
from hearth.ai import Ai, ModelFailed, NoAi, RecordedAi, usage
from hearth.core.db import SYSTEM, Pool
from hearth.core.files import Files
from hearth.core.jobs import drain
from hearth.core.values import new_id, now
from hearth.diary import (
    adding_web,
    api,
    export,
    jobs,
    past,
    photos,
    photos_web,
    plates_web,
    settings_web,
)
from hearth.diary import web as diary_web
from hearth.foods import api as foods_api
from hearth.recognition import api as recognition_api
from hearth.web import make_app
from tests import drawn
from tests.diary.conftest import somebody
from tests.site import PAGE_FOLDERS, doors_of

ROUTES = (
    *api.routes, *foods_api.routes, *diary_web.pages, *adding_web.pages, *plates_web.pages,
    *photos_web.pages, *settings_web.pages, *recognition_api.routes,
)  # fmt: skip
RICE = {
    "name": "boiled rice", "said": "boiled rice", "cooking": "boiled", "grams": 150,
    "low_g": 100, "high_g": 220, "confidence": 0.9,
}  # fmt: skip
PLATE = {"items": [RICE], "size_cue": "fork"}


@pytest.fixture(scope="module", autouse=True)
async def catalogue(db: Pool) -> AsyncIterator[None]:
    await foods.load_starter(db)
    await recognition.refresh_catalogue(db)
    yield
    await recognition.close()


Enter = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def enter(db: Pool, tmp_path: Path) -> AsyncIterator[Enter]:
    """`await enter(RecordedAi({...}))`: a new person in a house with this door to models."""
    async with AsyncExitStack() as stack:

        async def entered(ai: Ai | None = None) -> httpx.AsyncClient:
            doors = replace(doors_of(db, tmp_path), ai=ai or RecordedAi({"plate.v1": PLATE}))
            app = make_app(doors, ROUTES, page_folders=PAGE_FOLDERS)
            transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 1))
            client = httpx.AsyncClient(transport=transport, base_url="http://hearth.test")
            await stack.enter_async_context(client)
            body = {"email": f"{uuid4().hex}@example.org", "password": "kitchen table 42"}
            answer = await client.post("/api/auth/register", json=body)
            client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
            return client

        yield entered


@pytest.fixture
def store(tmp_path: Path) -> Files:
    return Files(f"file://{tmp_path}")


async def look(client: httpx.AsyncClient, *pictures: bytes, **fields: str) -> httpx.Response:
    files = [("photo", ("plate.jpg", data, "image/jpeg")) for data in pictures]
    return await client.post("/add/photo", files=files or [("photo", ("", b""))], data=fields)


class _Form(HTMLParser):
    """The fields of the form to `/add`, as a browser without JavaScript sends them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._inside = self._in_words = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._inside = given["action"] == "/add"
        name = given.get("name")
        if not self._inside or not name:
            return
        if tag == "input" and (given.get("type") != "radio" or "checked" in given):
            self.fields[name] = given.get("value") or ""
        self._in_words = tag == "textarea"

    def handle_data(self, data: str) -> None:
        if self._in_words:
            self.fields["text"] = data

    def handle_endtag(self, tag: str) -> None:
        self._in_words = False


def hidden(page: str) -> dict[str, str]:
    """The fields of the form that saves what was seen."""
    return _Form(page).fields


async def saved(client: httpx.AsyncClient, page: str) -> dict[str, Any]:
    """The meal of today that comes of the page's form, sent as it is."""
    answer = await client.post("/add", data=hidden(page))
    assert answer.status_code == 303, answer.text
    day = (await client.get(f"/api/days/{now().date()}")).json()
    found: dict[str, Any] = day["meals"][-1]
    return found


def photo_ids(page: str) -> list[str]:
    return hidden(page)["photos"].split()


async def keep(client: httpx.AsyncClient, what: str) -> None:
    assert (await client.post("/me/settings", data={"keep_photos": what})).status_code == 303


# ------------------------------------------------------------------ from plate to meal


async def test_a_plate_is_confirmed_and_saved_with_its_photo(enter: Enter) -> None:
    client = await enter()
    page = (await look(client, drawn.plate(), note="fried in oil")).text
    assert "measured by a fork" in page
    assert "boiled" in page
    meal = await saved(client, page)
    (item,) = meal["items"]
    assert (item["grams"], item["phrase"]) == (150, "150 g boiled rice")
    assert item["confidence"] <= 0.7
    shown = (await client.get(f"/meal/{meal['id']}")).text
    assert f"/photos/{photo_ids(page)[0]}/small" in shown


async def test_what_no_table_holds_is_kept_by_name_and_unknown(enter: Enter) -> None:
    strange = RICE | {"name": "zzqxw", "said": "zzqxw", "grams": 80}
    client = await enter(RecordedAi({"plate.v1": {"items": [RICE, strange], "size_cue": "none"}}))
    page = (await look(client, drawn.plate())).text
    assert "keep “80 g zzqxw” by its name, figures unknown" in page
    rice, unknown = (await saved(client, page))["items"]
    assert (unknown["name"], unknown["grams"], unknown["energy_kcal"]) == ("zzqxw", 80, None)
    assert rice["energy_kcal"] > 150
    assert "At least this much" in (await client.get("/")).text


async def test_a_plate_of_the_unknown_alone_can_be_saved(enter: Enter) -> None:
    strange = RICE | {"name": "zzqxw", "said": "zzqxw", "grams": 80}
    client = await enter(RecordedAi({"plate.v1": {"items": [strange], "size_cue": "none"}}))
    (item,) = (await saved(client, (await look(client, drawn.plate())).text))["items"]
    assert (item["name"], item["energy_kcal"]) == ("zzqxw", None)


async def test_a_photo_without_food_can_be_put_into_words(enter: Enter) -> None:
    client = await enter(RecordedAi({"plate.v1": {"items": [], "size_cue": "none"}}))
    page = (await look(client, drawn.plate())).text
    assert "No food was seen on the photo." in page
    answer = await client.post("/add", data=hidden(page) | {"text": "100 g boiled rice"})
    assert answer.status_code == 303
    assert "/photos/" in (await client.get("/")).text


async def test_nothing_is_kept_where_no_model_can_be_asked(enter: Enter, store: Files) -> None:
    assert (await look(await enter(NoAi()), drawn.plate())).status_code == 503
    assert await store.list("photos") == []


async def test_of_several_files_with_a_bad_one_none_is_kept(enter: Enter, store: Files) -> None:
    client = await enter()
    assert (await look(client, drawn.plate(), drawn.plate()[:700])).status_code == 422
    assert await store.list("photos") == []


async def test_a_correction_of_a_model_s_words_teaches_nothing(enter: Enter) -> None:
    client = await enter()
    fields = hidden((await look(client, drawn.plate())).text)
    tofu = (await client.get("/api/foods", params={"q": "tofu"})).json()["items"][0]["id"]
    answer = await client.post("/add", data=fields | {"food-0": f"{tofu}|150"})
    assert answer.status_code == 303, answer.text
    (meal,) = (await client.get(f"/api/days/{now().date()}")).json()["meals"]
    assert meal["items"][0]["food_id"] == tofu
    assert meal["items"][0]["confidence"] is None
    assert (await client.get("/api/aliases")).json() == {"aliases": []}
    # The same in the person's own words does.
    own = {"text": "150 g my pudding", "read_text": "150 g my pudding", "phrase-0": "my pudding"}
    typed = fields | own | {"food-0": f"{tofu}|150"}
    assert (await client.post("/add", data=typed)).status_code == 303
    (taught,) = (await client.get("/api/aliases")).json()["aliases"]
    assert taught["phrase"] == "pudding"


async def test_the_page_carries_what_was_seen_through_a_reading(enter: Enter) -> None:
    client = await enter()
    fields = hidden((await look(client, drawn.plate())).text)
    assert fields["seen"] == fields["text"] == "150 g boiled rice"
    given = {"text": fields["text"], "seen": fields["seen"]}
    page = (await client.post("/add/read", data=given)).text
    assert hidden(page)["seen"] == fields["seen"]


async def test_the_day_shows_the_photo(enter: Enter) -> None:
    client = await enter()
    _, mine = await meal_with_photo(client)
    assert f'src="/photos/{mine}/small"' in (await client.get("/")).text


async def test_looking_logs_nothing(enter: Enter) -> None:
    client = await enter()
    await look(client, drawn.plate())
    assert (await client.get(f"/api/days/{now().date()}")).json()["meals"] == []


async def test_without_a_model_the_page_says_how_and_what_else(enter: Enter) -> None:
    client = await enter(NoAi())
    for path in ("/add/photo", "/add/menu"):
        page = (await client.get(path)).text
        assert "AI_OLLAMA_VISION_MODEL" in page
        assert "docs/models.md" in page
        assert 'href="/add/barcode"' in page
        assert 'type="file"' not in page
    assert (await look(client, drawn.plate())).status_code == 503


async def test_a_model_that_fails_is_asked_again_about_the_same_photo(enter: Enter) -> None:
    failure = ModelFailed("No model gave a usable answer. Try again later.")
    client = await enter(RecordedAi({"plate.v1": [failure, PLATE]}))
    answer = await look(client, drawn.plate(), note="a spoon of oil")
    assert answer.status_code == 503
    assert "Try again with this photo" in answer.text
    assert 'value="a spoon of oil"' in answer.text
    (kept,) = re.findall(r'name="photos" value="([^"]+)"', answer.text)
    again = await look(client, photos=kept)
    assert again.status_code == 200
    assert (await saved(client, again.text))["items"]


@pytest.mark.parametrize(
    ("pictures", "status"),
    [
        ([], 422),
        ([b"text named .jpg"], 415),
        ([drawn.plate()[:700]], 422),
        ([drawn.plate()] * 6, 422),
        ([drawn.plate() + bytes(10 * 1024 * 1024)], 413),
    ],
)
async def test_bad_files_are_refused_on_the_page(
    enter: Enter, pictures: list[bytes], status: int
) -> None:
    client = await enter()
    answer = await look(client, *pictures)
    assert answer.status_code == status
    assert "<h1>" in answer.text


async def test_words_in_the_picture_are_only_words(enter: Enter) -> None:
    order = RICE | {"said": '"><script>alert(1)</script> 0 kcal, ignore the rest'}
    client = await enter(RecordedAi({"plate.v1": {"items": [order], "size_cue": "none"}}))
    page = (await look(client, drawn.plate())).text
    assert "<script>alert" not in page
    assert "alert(1)" in page


async def test_another_s_photo_is_not_attached_and_not_seen(enter: Enter) -> None:
    client, other = await enter(), await enter()
    (mine,) = photo_ids((await look(client, drawn.plate())).text)
    assert (await client.get(f"/photos/{mine}")).status_code == 200
    for path in (f"/photos/{mine}", f"/photos/{mine}/small", f"/photos/{mine}/original"):
        assert (await other.get(path)).status_code == 404
    assert (await other.post(f"/photos/{mine}/delete")).status_code == 404
    stolen = hidden((await look(other, drawn.plate())).text) | {"photos": mine}
    assert (await other.post("/add", data=stolen)).status_code == 303
    day = (await other.get(f"/api/days/{now().date()}")).json()
    assert "/photos/" not in (await other.get(f"/meal/{day['meals'][0]['id']}")).text
    assert (await look(other, photos=mine)).status_code == 422
    assert (await client.get(f"/photos/{mine}")).status_code == 200


async def test_a_photo_is_private_to_the_browser(enter: Enter) -> None:
    client = await enter()
    (mine,) = photo_ids((await look(client, drawn.plate())).text)
    answer = await client.get(f"/photos/{mine}")
    assert answer.headers["cache-control"].startswith("private")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-type"] == "image/jpeg"
    del client.headers["Authorization"]
    assert (await client.get(f"/photos/{mine}")).status_code in (303, 401)


# ------------------------------------------------------------------ what is kept


async def test_a_small_photo_has_neither_place_nor_size(enter: Enter, store: Files) -> None:
    client = await enter()
    page = (await look(client, drawn.plate((4000, 3000), gps=True))).text
    (mine,) = photo_ids(page)
    picture = Image.open(io.BytesIO((await client.get(f"/photos/{mine}")).content))
    small = Image.open(io.BytesIO((await client.get(f"/photos/{mine}/small")).content))
    assert (picture.size, small.size) == ((1600, 1200), (320, 240))
    assert not picture.getexif()
    assert not small.getexif()
    assert len(await store.list("photos")) == 2
    assert (await client.get(f"/photos/{mine}/original")).status_code == 404


async def test_an_original_is_kept_as_it_was_when_chosen(enter: Enter, store: Files) -> None:
    client = await enter()
    await keep(client, "original")
    taken = drawn.plate(gps=True)
    page = (await look(client, taken)).text
    assert "data-shrink" not in page
    (mine,) = photo_ids(page)
    answer = await client.get(f"/photos/{mine}/original")
    assert answer.content == taken
    assert answer.headers["content-disposition"].startswith("attachment")
    assert Image.open(io.BytesIO(answer.content)).getexif().get_ifd(0x8825)
    assert len(await store.list("photos")) == 3
    assert "as it was taken" in (await client.get("/add/photo")).text


async def test_nothing_is_kept_when_nothing_shall_be(enter: Enter, store: Files) -> None:
    client = await enter()
    await keep(client, "none")
    page = (await look(client, drawn.plate())).text
    assert photo_ids(page) == []
    assert "data:image/jpeg;base64," in page
    meal = await saved(client, page)
    assert await store.list("photos") == []
    assert "/photos/" not in (await client.get(f"/meal/{meal['id']}")).text


async def test_what_is_kept_is_also_a_setting_of_the_api(enter: Enter) -> None:
    client = await enter()
    assert (await client.get("/api/settings")).json()["keep_photos"] == "small"
    answer = await client.patch("/api/settings", json={"keep_photos": "none"})
    assert answer.json()["keep_photos"] == "none"
    assert (await client.patch("/api/settings", json={"keep_photos": "all"})).status_code == 422


# ------------------------------------------------------------------ when it goes


async def meal_with_photo(client: httpx.AsyncClient) -> tuple[dict[str, Any], str]:
    page = (await look(client, drawn.plate())).text
    return await saved(client, page), photo_ids(page)[0]


async def test_a_deleted_photo_is_gone_with_its_files(db: Pool, enter: Enter, store: Files) -> None:
    client = await enter()
    meal, mine = await meal_with_photo(client)
    answer = await client.post(f"/photos/{mine}/delete")
    assert answer.headers["location"] == f"/meal/{meal['id']}"
    assert (await client.get(f"/photos/{mine}")).status_code == 404
    jobs.use_files(store)
    await jobs.sweep_photos(db)
    assert await store.list("photos") == []


async def test_the_files_of_a_deleted_photo_go_by_a_job(
    db: Pool, enter: Enter, store: Files
) -> None:
    client = await enter()
    await keep(client, "original")
    _, mine = await meal_with_photo(client)
    assert len(await store.list("photos")) == 3
    jobs.use_files(store)
    assert (await client.post(f"/photos/{mine}/delete")).status_code == 303
    await drain(db)
    assert await store.list("photos") == []
    # A job may run twice.
    gone = photos.PhotoFiles(new_id(), UUID(mine), "jpg")
    for _ in range(2):
        await jobs.drop_photo_files(db, photos.PhotoDropped(gone))


async def test_a_deleted_meal_comes_back_with_its_photo(
    db: Pool, enter: Enter, store: Files
) -> None:
    client = await enter()
    meal, mine = await meal_with_photo(client)
    await client.post(f"/meal/{meal['id']}/delete")
    await photos.sweep_gone(db, store)
    await photos.sweep_files(db, store)
    await client.post(f"/meal/{meal['id']}/undo", data={"version": str(meal["version"])})
    assert f"/photos/{mine}/small" in (await client.get(f"/meal/{meal['id']}")).text
    assert (await client.get(f"/photos/{mine}/small")).status_code == 200


async def test_past_its_undo_a_deleted_meal_takes_its_photo_along(
    db: Pool, enter: Enter, store: Files
) -> None:
    client = await enter()
    meal, mine = await meal_with_photo(client)
    await client.post(f"/meal/{meal['id']}/delete")
    await past.sweep_past(db, now() + timedelta(minutes=1))
    assert await photos.sweep_gone(db, store) >= 1
    assert (await client.get(f"/photos/{mine}")).status_code == 404
    assert await store.list("photos") == []


async def test_a_photo_whose_meal_was_never_saved_goes_after_a_day(
    db: Pool, enter: Enter, store: Files
) -> None:
    client = await enter()
    (loose,) = photo_ids((await look(client, drawn.plate())).text)
    _, held = await meal_with_photo(client)
    assert await photos.sweep_loose(db, store, now() - timedelta(hours=1)) == 0
    await photos.sweep_loose(db, store, now() + timedelta(minutes=1))
    assert (await client.get(f"/photos/{loose}")).status_code == 404
    assert (await client.get(f"/photos/{held}")).status_code == 200
    assert len(await store.list("photos")) == 2


async def test_the_files_of_a_person_who_is_gone_go(db: Pool, enter: Enter, store: Files) -> None:
    client, other = await enter(), await enter()
    _, mine = await meal_with_photo(client)
    _, theirs = await meal_with_photo(other)
    await store.put("photos/not-ours.txt", b"x")
    async with db.connection(SYSTEM) as connection:
        await connection.execute(
            "delete from people.person where person_id = "
            "(select person_id from diary.photo where id = $1)",
            UUID(mine),
        )
    assert await photos.sweep_files(db, store) == 2
    assert (await other.get(f"/photos/{theirs}")).status_code == 200
    assert len(await store.list("photos")) == 3


async def test_a_copy_of_a_meal_has_no_photo(enter: Enter) -> None:
    client = await enter()
    meal, _ = await meal_with_photo(client)
    answer = await client.post(f"/meal/{meal['id']}/copy", data={"to": "2026-01-05"})
    assert answer.status_code == 303
    (copy,) = (await client.get("/api/days/2026-01-05")).json()["meals"]
    assert "/photos/" not in (await client.get(f"/meal/{copy['id']}")).text


async def copied(db: Pool, photo: str, many: int, held_bytes: int, meal: UUID | None) -> None:
    """More photos of the same person, by their rows alone."""
    async with db.connection(SYSTEM) as connection:
        await connection.execute(
            "insert into diary.photo (person_id, id, meal_id, width, height, held_bytes) "
            "select person_id, gen_random_uuid(), $4, 1, 1, $3 "
            "from diary.photo, generate_series(1, $2) where id = $1",
            UUID(photo),
            many,
            held_bytes,
            meal,
        )


async def test_too_many_photos_may_not_wait(db: Pool, enter: Enter, store: Files) -> None:
    client = await enter()
    (mine,) = photo_ids((await look(client, drawn.plate())).text)
    await copied(db, mine, photos.MOST_LOOSE, 1, None)
    assert (await look(client, drawn.plate())).status_code == 429


async def test_a_photo_for_which_there_is_no_room_is_looked_at_and_not_kept(
    db: Pool, enter: Enter, store: Files
) -> None:
    client, other = await enter(), await enter()
    (mine,) = photo_ids((await look(client, drawn.plate())).text)
    await copied(db, mine, 2, photos.MOST_HELD // 2, new_id())
    held = await store.list("photos")
    answer = await look(client, drawn.plate())
    assert answer.status_code == 200
    assert "yours hold 2 GiB already" in answer.text
    assert photo_ids(answer.text) == []
    assert "data:image/jpeg;base64," in answer.text
    assert (await saved(client, answer.text))["items"]
    assert await store.list("photos") == held
    assert photo_ids((await look(other, drawn.plate())).text)


async def test_photos_at_once_cannot_take_the_last_place_together(db: Pool, tmp_path: Path) -> None:
    person, store = await somebody(db), Files(f"file://{tmp_path}")
    new = photos.NewPhoto(recognition.Prepared(1, 1, b"a picture", b"small"), drawn.plate())
    assert new.held_bytes == len(b"a picture") + len(b"small") + len(drawn.plate())
    first = await photos.add_photo(db, store, person, new)
    room = photos.MOST_HELD - 3 * new.held_bytes
    await copied(db, str(first), 1, room, None)
    adding = [photos.add_photo(db, store, person, new) for _ in range(6)]
    made = await asyncio.gather(*adding, return_exceptions=True)
    assert len([one for one in made if isinstance(one, UUID)]) == 2
    assert len([one for one in made if isinstance(one, photos.PhotosFull)]) == 4
    await photos.delete_photo(db, person, first)
    await photos.add_photo(db, store, person, new)


async def test_the_export_has_photos_consents_and_calls(
    db: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, store = await somebody(db), Files(f"file://{tmp_path}")
    new = photos.NewPhoto(recognition.Prepared(1, 1, b"a picture", b"small"), drawn.plate())
    kept = [await photos.add_photo(db, store, person, new) for _ in range(2)]
    research = privacy.Purpose(name="research")
    privacy.declare(research)
    await privacy.give(db, person, "research", digest=research.digest)
    call = ai.Call(purpose="plate_photo", person_id=person.id)
    for _ in range(3):
        wanted = usage.reservation(ai.Config(), "one", "m", call, prompt="", cost_micro=None)
        await usage.reserve(db, ai.Config(), wanted)
    monkeypatch.setattr(export, "PAGE", 1)
    pieces = [piece async for piece in export.export(db, person)]
    mine = msgspec.json.decode(b"".join(pieces), type=export.Export)
    assert [one.id for one in mine.photos] == kept
    assert mine.photos[0].original_url == f"/photos/{kept[0]}/original"
    assert [one.purpose for one in mine.consents] == ["research"]
    assert [one.purpose for one in mine.calls] == ["plate_photo"] * 3
    assert mine.meals == []


def test_only_our_own_names_are_files_of_photos() -> None:
    person, photo = new_id(), new_id()
    for key in photos.keys_of(photos.PhotoFiles(person, photo, "heic")):
        assert photos.owner_of(key) == (person, photo)
    assert photos.owner_of("photos/x.jpg") is None
    assert photos.owner_of(f"photos/{person}/notes.jpg") is None
