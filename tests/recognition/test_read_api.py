"""Reading meals over HTTP from recordings and photos, in one address with words."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from hearth import recognition
from hearth.ai import Ai, Base, NoAi, RecordedAi, open_ai, read_config
from hearth.app import PAGE_FOLDERS
from hearth.core.cache import Cache
from hearth.core.db import SYSTEM, Pool
from hearth.core.secrets import Vault, new_key
from hearth.foods.imports import load_starter
from hearth.recognition import LOOKS, photos, read_api, refresh_catalogue
from hearth.recognition.read_api import routes
from hearth.web import make_app
from tests.ai.doubles import KEY, OpenAiDouble
from tests.site import doors_of

from .spoken_meals import MEAL, needs_flite, spoken_m4a, spoken_wav, spoken_webm, wav_of
from .voice.recordings import silence, webm

PATH = "/api/meals/read"
CANARY = b"canary-of-a-recording"


@pytest.fixture(scope="module")
async def catalogue(db: Pool) -> None:
    """The starter catalogue, ready to be read with."""
    await load_starter(db)
    await refresh_catalogue(db)


@pytest.fixture(scope="module")
async def listening(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    """The listener of these tests, and where its files are."""
    home = tmp_path_factory.mktemp("voice")
    await recognition.open_listening(home)
    yield home
    await recognition.close()


@asynccontextmanager
async def joined(db: Pool, folder: Path, ai: Ai) -> AsyncIterator[httpx.AsyncClient]:
    """A new person's client of a site with these models."""
    doors = msgspec.structs.replace(doors_of(db, folder), ai=ai)
    app = make_app(doors, routes, page_folders=PAGE_FOLDERS)
    transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 1), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://hearth.test") as client:
        body = {"email": f"{uuid4().hex}@example.org", "password": "kitchen table 42"}
        answer = await client.post("/api/auth/register", json=body)
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield client


@pytest.fixture
async def client(
    db: Pool, tmp_path: Path, catalogue: None, listening: Path
) -> AsyncIterator[httpx.AsyncClient]:
    async with joined(db, tmp_path, NoAi()) as opened:
        yield opened


async def send(client: httpx.AsyncClient, data: bytes, **fields: str) -> httpx.Response:
    return await client.post(PATH, files={"audio": ("meal", data)}, data=fields, timeout=60)


def foods_of(answer: httpx.Response) -> dict[str, float]:
    assert answer.status_code == 200, answer.text
    return {item["food"]["name"]: item["grams"] for item in answer.json()["items"]}


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["code"] == code, told
    return told


# ------------------------------------------------------------------ recordings


@needs_flite
@pytest.mark.parametrize("made", [spoken_wav, spoken_webm, spoken_m4a])
async def test_a_recording_becomes_a_reading(client: httpx.AsyncClient, made: Any) -> None:
    answer = await send(client, made(), locale="en", at="2026-11-20T08:00:00+01:00")
    assert len(foods_of(answer)) == 2
    told = answer.json()
    assert told["text"] == MEAL
    assert "draft" in told["notes"][0]
    typed = (await client.post(PATH, json={"text": MEAL})).json()
    assert [item["food"] for item in told["items"]] == [item["food"] for item in typed["items"]]
    assert typed["text"] == ""


async def test_what_is_no_recording_is_refused_with_its_field(client: httpx.AsyncClient) -> None:
    for data in (b"rubbish", b"\x1a\x45\xdf\xa3 rubbish", bytes(500), b"RIFF1234WAVE"):
        told = refused(await send(client, data), 422, "recording_unplayable")
        assert told["errors"][0]["field"] == "audio"
    refused(await send(client, webm(silence(1.0))), 422, "nothing_heard")
    refused(await send(client, wav_of(bytes(2 * 16_000 * 61))), 422, "recording_too_long")
    told = refused(await send(client, bytes(11 * 1024 * 1024)), 413, "too_large")
    assert "10 MiB" in told["detail"]


@needs_flite
@pytest.mark.parametrize("locale", ["sv", "sr-Latn", "sr-Cyrl"])
async def test_a_language_that_nobody_knows_here(client: httpx.AsyncClient, locale: str) -> None:
    told = refused(await send(client, spoken_wav(), locale=locale), 503, "no_recogniser")
    assert "Type the meal" in told["detail"]


# ------------------------------------------------------------------ forms


async def test_exactly_one_kind_of_file(client: httpx.AsyncClient) -> None:
    audio, image = ("audio", ("a", b"1")), ("image", ("b", b"2"))
    for files in ([audio, image], [("other", ("a", b"1"))], [audio, audio]):
        told = refused(await client.post(PATH, files=files), 422, "invalid")
        assert told["errors"][0]["message"]
    many = [("image", (f"{n}.png", b"1")) for n in range(6)]
    assert "5 at once" in refused(await client.post(PATH, files=many), 422, "invalid")["detail"]


@pytest.mark.parametrize(
    "fields", [{"locale": "de"}, {"at": "yesterday"}, {"text": "an egg"}, {"note": "with oil"}]
)
async def test_what_a_form_says_is_held_to_its_form(
    client: httpx.AsyncClient, fields: dict[str, str]
) -> None:
    told = refused(await send(client, b"1", **fields), 422, "invalid")
    assert told["errors"][0]["field"]


async def test_broken_forms_are_no_fault_of_ours(client: httpx.AsyncClient) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n--x--\r\n'
    kind = "multipart/form-data; boundary=x"
    for body, named in [
        (part % (b"audio", b"\xff\xfe"), kind),
        (part % (b"locale", b"a\0b"), kind),
        (b"--x\r\nrubbish", kind),
        (b"", kind),
        (b"x", "multipart/form-data"),
        (b"x", "multipart/form-data; boundary="),
        (b"an egg", "text/plain"),
        (b'{"text": "an egg", "audio": 1}', "application/json"),
    ]:
        answer = await client.post(PATH, content=body, headers={"Content-Type": named})
        assert 400 <= answer.status_code < 500, (body, answer.text)
        assert answer.json()["detail"]


async def test_a_token_without_the_scope_is_refused(client: httpx.AsyncClient) -> None:
    client.headers.pop("Authorization")
    refused(await send(client, b"1"), 401, "unauthenticated")


# ------------------------------------------------------------------ photos


def picture() -> bytes:
    from io import BytesIO

    from PIL import Image

    made = BytesIO()
    Image.new("RGB", (64, 48), "tan").save(made, "JPEG")
    return made.getvalue()


async def test_photos_without_a_model_say_so(client: httpx.AsyncClient) -> None:
    for field in ("image", "menu"):
        answer = await client.post(PATH, files=[(field, ("a.jpg", picture()))])
        refused(answer, 503, "ai_not_configured")
        told = refused(await client.post(PATH, files={field: b"text"}), 422, "not_a_picture")
        assert told["errors"][0]["field"] == field
    await photos.stop()


# ------------------------------------------------------------------ models


@asynccontextmanager
async def with_model(
    db: Pool, folder: Path, **settings: str
) -> AsyncIterator[tuple[httpx.AsyncClient, OpenAiDouble]]:
    """A person's client of a site whose model speaks OpenAI's protocol over HTTP."""
    async with AsyncExitStack() as stack:
        double = await stack.enter_async_context(OpenAiDouble().running())
        assert isinstance(double, OpenAiDouble)
        environ = {
            "AI_PROVIDERS": "openai", "AI_OPENAI_URL": double.url, "AI_OPENAI_KEY": KEY,
            "AI_OPENAI_AUDIO_MODEL": "m", **settings,
        }  # fmt: skip
        ai = open_ai(read_config(environ), Base(db, Cache(), Vault(new_key("test"))))
        stack.push_async_callback(ai.close)
        yield await stack.enter_async_context(joined(db, folder, ai)), double


@needs_flite
async def test_a_configured_model_hears_swedish(
    db: Pool, tmp_path: Path, catalogue: None, listening: Path
) -> None:
    async with with_model(db, tmp_path) as (client, double):
        answer = await send(client, spoken_webm(), locale="sv")
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert told["text"] == "två ägg"
        assert "draft" not in told["notes"][0]
        assert len(told["items"]) == 1
        [request] = double.requests
        name, sent = request.form["file"]
        assert sent[:4] == b"RIFF"
        assert request.form["language"][1] == b"sv"
        assert (name or "").startswith("audio") or name


@needs_flite
async def test_nothing_goes_to_a_model_without_consent(
    db: Pool, tmp_path: Path, catalogue: None, listening: Path
) -> None:
    async with with_model(db, tmp_path, AI_OPENAI_NEEDS_CONSENT="true") as (client, double):
        told = refused(await send(client, spoken_wav(), locale="sv"), 403, "ai_not_consented")
        assert "needs no model" in told["detail"]
        english = await send(client, spoken_wav(), locale="en")
        assert english.json()["text"] == MEAL
        assert "was not used" in english.json()["notes"][1]
        assert double.requests == []
        await agree(client)
        assert (await send(client, spoken_wav(), locale="sv")).json()["text"] == "två ägg"
        assert len(double.requests) == 1


async def agree(client: httpx.AsyncClient) -> None:
    """Agree to the model as it is listed."""
    listed = (await client.get("/api/consents")).json()["purposes"]
    (digest,) = [one["digest"] for one in listed if one["purpose"] == "model:openai"]
    path = "/api/consents/model:openai"
    given = await client.put(path, json={"given": True, "digest": digest})
    assert given.status_code == 200, given.text


NOTHING_SEEN = {
    "image": '{"items": [], "size_cue": "none"}',
    "menu": '{"dishes": [], "more": false}',
}


@pytest.mark.parametrize("field", NOTHING_SEEN)
async def test_no_photo_goes_to_a_model_without_consent(
    db: Pool, tmp_path: Path, catalogue: None, field: str
) -> None:
    settings = {"AI_OPENAI_MODEL": "m", "AI_OPENAI_NEEDS_CONSENT": "true"}
    async with with_model(db, tmp_path, **settings) as (client, double):
        double.say(NOTHING_SEEN[field], NOTHING_SEEN[field])
        sent = {field: ("a.jpg", picture())}
        refused(await client.post(PATH, files=sent), 403, "ai_not_consented")
        assert double.requests == []
        await agree(client)
        answer = await client.post(PATH, files=sent)
        assert (answer.status_code, answer.json()["items"]) == (200, []), answer.text
        assert len(double.requests) == 1
        await client.delete("/api/consents/model:openai")
        refused(await client.post(PATH, files=sent), 403, "ai_not_consented")
        assert len(double.requests) == 1
    await photos.stop()


async def test_a_token_that_only_reads_asks_no_model(client: httpx.AsyncClient) -> None:
    full = client.headers["Authorization"]
    for scopes, status in (
        (["diary:read"], 403), (["models:ask"], 403), (["diary:read", "models:ask"], 422),
    ):  # fmt: skip
        client.headers["Authorization"] = full
        body = {"name": "reader", "scopes": scopes}
        made = await client.post("/api/auth/tokens", json=body)
        client.headers["Authorization"] = f"Bearer {made.json()['token']}"
        for field in ("image", "menu", "audio"):
            answer = await client.post(PATH, files={field: b"rubbish"})
            assert answer.status_code == status, answer.text
            assert status != 403 or answer.json()["code"] == "scope_needed"
    client.headers["Authorization"] = full
    made = await client.post("/api/auth/tokens", json={"name": "r", "scopes": ["diary:read"]})
    client.headers["Authorization"] = f"Bearer {made.json()['token']}"
    assert (await client.post(PATH, json={"text": "an apple"})).status_code == 200
    await photos.stop()


async def test_looks_of_an_hour_are_counted_together(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_api, "LOOKS", msgspec.structs.replace(LOOKS, an_hour=2))
    for field, status in (("image", 422), ("menu", 422), ("image", 429), ("menu", 429)):
        answer = await client.post(PATH, files={field: b"rubbish"})
        assert answer.status_code == status, answer.text
    assert int(answer.headers["retry-after"]) > 60
    assert (await client.post(PATH, json={"text": "an apple"})).status_code == 200


@needs_flite
async def test_a_model_that_fails(
    db: Pool, tmp_path: Path, catalogue: None, listening: Path
) -> None:
    async with with_model(db, tmp_path) as (client, double):
        double.fail(400, times=2)
        told = refused(await send(client, spoken_wav(), locale="sv"), 503, "model_failed")
        assert KEY not in str(told)
        english = (await send(client, spoken_wav(), locale="en")).json()
        assert english["text"] == MEAL


# ------------------------------------------------------------------ nothing is kept


async def rows(db: Pool) -> dict[str, int]:
    """How many rows each table of the house has."""
    async with db.connection(SYSTEM) as connection:
        tables = await connection.fetch(
            "select format('%I.%I', table_schema, table_name) as name from information_schema.tables"
            " where table_type = 'BASE TABLE'"
            " and table_schema not in ('pg_catalog', 'information_schema')"
        )
        return {
            row["name"]: await connection.fetchval(f"select count(*) from {row['name']}")
            for row in tables
        }


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@needs_flite
async def test_nothing_of_a_recording_is_left(
    db: Pool, client: httpx.AsyncClient, listening: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """Neither a file nor a row nor a line of the log, of a recording so large that it is spooled."""
    passing = tmp_path / "passing"
    passing.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(passing))
    wav = spoken_wav() + b"LIST" + (2_000_000).to_bytes(4, "little") + CANARY.ljust(2_000_000, b".")
    caplog.set_level("DEBUG")
    before = await rows(db)
    answer = await send(client, wav, locale="en")
    assert answer.json()["text"] == MEAL
    assert await rows(db) == before
    assert files_below(tmp_path) == []
    kept = files_below(listening)
    assert all(path.name.startswith(("words-", "food-")) for path in kept)
    assert not [path for path in kept if CANARY in path.read_bytes()]
    assert MEAL not in caplog.text
    assert CANARY.decode() not in caplog.text


@needs_flite
async def test_of_a_model_only_what_it_cost_is_kept(
    db: Pool, tmp_path: Path, catalogue: None, listening: Path
) -> None:
    async with with_model(db, tmp_path) as (client, _):
        before = await rows(db)
        assert (await send(client, spoken_wav(), locale="sv")).status_code == 200
        after = await rows(db)
        assert {name for name in after if after[name] != before[name]} <= {
            "ai.usage",
            "ai.spending",
        }
        async with db.connection(SYSTEM) as connection:
            kept = await connection.fetch("select u::text as row from ai.usage u")
        assert not [row for row in kept if "ägg" in row["row"]]


async def test_a_plate_is_read_by_a_prepared_model(
    db: Pool, tmp_path: Path, catalogue: None
) -> None:
    food = {
        "name": "boiled rice", "said": "kokt ris", "cooking": "boiled", "grams": 150.0,
        "low_g": 100.0, "high_g": 200.0, "confidence": 0.8,
    }  # fmt: skip
    plate = {"items": [food], "size_cue": "none"}
    async with joined(db, tmp_path, RecordedAi({"plate.v1": plate})) as client:
        answer = await client.post(
            PATH, files={"image": ("a.jpg", picture())}, data={"note": "no oil", "locale": "sv"}
        )
        assert list(foods_of(answer).values()) == [150.0]
        assert answer.json()["notes"]
    await photos.stop()
