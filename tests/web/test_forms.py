"""Forms as bytes: what they say of themselves is not believed, and no text of theirs fills memory."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from hearth.app import PAGE_FOLDERS, ROUTES
from hearth.core.db import Pool
from hearth.core.errors import Problem
from hearth.web import Site, make_app
from hearth.web.parts import MOST_PARTS, sent_parts, typed_parts
from hearth.web.uploads import FILES_AT, most_of
from tests.site import doors_of

from .conftest import register

MIB = 1024 * 1024
KIND = "multipart/form-data; boundary=x"
OPEN = ("/try",)
OWN = ("/add", "/add/quick", "/add/read", "/add/photo", "/add/voice", "/api/meals/read")
CHARSETS = {
    "utf-7": b"+2AA-",
    "unicode_escape": b"\\ud800",
    "raw_unicode_escape": b"\\ud800",
    "undefined": b"egg",
    "punycode": b"egg-\xff",
    "idna": b"xn--a",
    "rot13": b"egg",
    "hex": b"zz",
    "no such": b"egg",
    '"a\0b"': b"egg",
    "utf-8": b"\xed\xa0\x80",
    "utf-16": b"egg",
}


@pytest.fixture
async def client(db: Pool, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = make_app(doors_of(db, tmp_path), ROUTES, page_folders=PAGE_FOLDERS)
    transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 1), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://hearth.test") as opened:
        yield opened


def part(name: str, data: bytes, more: str = "", file: str = "") -> bytes:
    """One part of a form."""
    named = f'Content-Disposition: form-data; name="{name}"' + (
        f'; filename="{file}"' if file else ""
    )
    return f"--x\r\n{named}\r\n{more}\r\n".encode() + data + b"\r\n"


async def chunks(body: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]
    yield b""


async def post(client: httpx.AsyncClient, path: str, body: bytes) -> httpx.Response:
    return await client.post(path, content=body + b"--x--\r\n", headers={"Content-Type": KIND})


@pytest.mark.parametrize("path", [*OPEN, *OWN])
async def test_a_part_of_any_charset_is_no_fault_of_ours(
    client: httpx.AsyncClient, path: str
) -> None:
    if path in OWN:
        client.headers.update((await register(client)).bearer)
    for charset, data in CHARSETS.items():
        kind = f"Content-Type: text/plain; charset={charset}\r\n"
        answer = await post(client, path, part("text", data, kind))
        assert answer.status_code == 422, (charset, answer.status_code, answer.text[:300])
        assert "is not UTF-8" in answer.text


async def test_text_is_bounded_where_files_may_come(client: httpx.AsyncClient) -> None:
    client.headers.update((await register(client)).bearer)
    for path in ("/add/photo", "/api/meals/read"):
        halves = part("text", b"a" * MIB) + part("more", "\N{GRINNING FACE}".encode())
        for field in (part("text", b"a" * 2 * MIB), halves):
            answer = await post(client, path, field)
            assert answer.status_code == 413, answer.text[:300]
            assert "1024 KiB" in answer.text


@pytest.mark.parametrize("path", [*OPEN, "/add", "/add/read", "/add/label", "/me/consents"])
async def test_no_files_come_where_none_are_taken(client: httpx.AsyncClient, path: str) -> None:
    body = part("text", b"a" * 2 * MIB, file="a.jpg")
    assert (await post(client, path, body)).status_code == 413


async def test_a_browser_is_told_on_a_page(client: httpx.AsyncClient) -> None:
    client.headers.update((await register(client)).bearer)
    body = part("audio", b"a" * 11 * MIB, file="film.mp4") + b"--x--\r\n"
    headers = {"Content-Type": KIND, "Accept": "text/html"}
    answer = await client.post("/add/voice", content=body, headers=headers)
    assert (answer.status_code, answer.headers["content-type"][:9]) == (413, "text/html")
    assert "larger than the" in answer.text
    del client.headers["Authorization"]
    answer = await client.post("/add/voice", content=body, headers=headers)
    assert answer.status_code in (303, 401)


def test_what_an_address_takes() -> None:
    site = Site()
    for path, files in FILES_AT.items():
        assert files * 10 * MIB < most_of(path, KIND.encode(), site) < (files + 1) * 10 * MIB
        assert most_of(path, b"application/json", site) == MIB
        assert most_of(f"{path}/x", KIND.encode(), site) == MIB
    paths = {path for route in ROUTES for path in getattr(route, "paths", ())}
    assert paths >= set(FILES_AT)


async def test_fields_and_files_come_as_they_were_sent() -> None:
    body = part("a", "två".encode()) + part("a", b"") + part("f", b"\xff\0" * 1000, file="ä.bin")
    found = await sent_parts(chunks(body + b"--x--\r\n", 7), "x", 100)
    assert found["a"] == ["två", ""]
    (file,) = found["f"]
    assert not isinstance(file, str)
    assert (await file.read(), file.filename) == (b"\xff\0" * 1000, "ä.bin")
    await file.close()
    assert typed_parts(b"a=tv%C3%A5&a=&b=1+2&c") == {"a": ["två", ""], "b": ["1 2"], "c": [""]}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x\r\nrubbish",
        part("a", b"unfinished"),
        part("a", b"1", "Content-Type: " + "a" * 10_000 + "\r\n") + b"--x--",
        part("a", b"1") * (MOST_PARTS + 1) + b"--x--",
        part("f", b"1", file="f") + part("a", b"\xff") + b"--x--",
    ],
    ids=["empty", "rubbish", "unfinished", "long header", "many", "no text"],
)
async def test_broken_forms_are_refused(body: bytes) -> None:
    with pytest.raises(Problem) as caught:
        await sent_parts(chunks(body), "x", 10_000)
    assert 400 <= caught.value.status < 500


@pytest.mark.parametrize("body", [b"a=%ED%A0%80", b"a=\xff", b"a=1&" * (MOST_PARTS + 1)])
def test_broken_typed_forms_are_refused(body: bytes) -> None:
    with pytest.raises(Problem):
        typed_parts(body)


async def test_a_form_is_forgotten(client: httpx.AsyncClient) -> None:
    """Litestar's own reading of typed forms keeps the last thousand, with what was typed in them."""
    from litestar._parsers import parse_url_encoded_form_data

    before = parse_url_encoded_form_data.cache_info().currsize
    await client.post("/sign-in", data={"email": "a@example.org", "password": "a canary"})
    assert parse_url_encoded_form_data.cache_info().currsize == before
