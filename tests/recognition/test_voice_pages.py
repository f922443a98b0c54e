"""The page for saying a meal, without JavaScript: words come with the language they were heard in."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from hearth import recognition
from hearth.ai import RecordedAi, Transcript
from hearth.app import PAGE_FOLDERS, ROUTES
from hearth.core.db import Pool
from hearth.diary import adding_web, entries
from hearth.recognition import MealText, Reading, speech
from hearth.web import make_app
from tests.site import doors_of

from .voice.recordings import silence, tone, wav


@pytest.fixture
async def client(db: Pool, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """An English reader's client of a house whose model hears Serbian."""
    await recognition.open_listening(tmp_path / "voice")
    ai = RecordedAi({"hear": Transcript("dva jaja", "sr")})
    doors = msgspec.structs.replace(doors_of(db, tmp_path), ai=ai)
    app = make_app(doors, ROUTES, page_folders=PAGE_FOLDERS)
    transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 1), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://hearth.test") as opened:
        body = {"email": f"{uuid4().hex}@example.org", "password": "kitchen table 42"}
        answer = await opened.post("/api/auth/register", json=body)
        opened.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield opened
    await recognition.close()


def locale_in(text: str) -> str:
    found = re.search(r'name="locale" value="([^"]*)" data-heard-locale', text)
    assert found is not None
    return found.group(1)


@pytest.fixture
def languages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The languages in which words were read, in order."""
    asked: list[str] = []

    async def read(db: Any, person: Any, meal: MealText) -> Reading:
        asked.append(meal.locale or "")
        return Reading(items=(), engine="none")

    monkeypatch.setattr(adding_web, "read_meal", read)
    monkeypatch.setattr(entries, "read_meal", read)
    return asked


async def test_words_are_read_in_the_language_they_were_heard_in(
    client: httpx.AsyncClient, languages: list[str]
) -> None:
    sound = {"audio": ("meal.wav", wav(tone(1.0)))}
    page = (await client.post("/add/voice", files=sound, data={"locale": "sr-Latn"})).text
    assert "dva jaja" in page
    assert locale_in(page) == "sr-Latn"
    words = {"text": "dva jaja", "locale": locale_in(page)}
    page = (await client.post("/add/read", data=words)).text
    assert locale_in(page) == "sr-Latn"
    await client.post("/add/reading", data=words)
    await client.post("/add", data=words)
    assert languages == ["sr-Latn"] * 3
    heard = await client.post("/add/voice/heard", files=sound, data={"locale": "sr-Cyrl"})
    assert heard.json()["locale"] == "sr-Cyrl"


async def test_typed_words_are_in_the_language_of_the_page(
    client: httpx.AsyncClient, languages: list[str]
) -> None:
    for typed in ({}, {"locale": ""}, {"locale": "klingon"}):
        page = (await client.post("/add/read", data={"text": "two eggs"} | typed)).text
        assert locale_in(page) == ""
    assert languages == ["en"] * 3


async def test_too_many_recordings_are_told_on_the_page(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    none_left = msgspec.structs.replace(speech.RECORDINGS, an_hour=1)
    monkeypatch.setattr(speech, "RECORDINGS", none_left)
    for status in (422, 429):
        answer = await client.post("/add/voice", files={"audio": ("m", wav(silence(1.0)))})
        assert answer.status_code == status
    assert "120 times an hour" in answer.text
