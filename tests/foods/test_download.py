import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from hearth.core.errors import Invalid, Unavailable
from hearth.foods import download

CONTENT = bytes(range(256)) * 40


class Server(BaseHTTPRequestHandler):
    """Sends CONTENT, in ranges when asked; breaks off at `cut` bytes once."""

    cut = 0
    asked: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        type(self).asked.append(self.headers["Range"])
        if self.path == "/missing.zip":
            self.send_error(404)
            return
        start = int((self.headers["Range"] or "bytes=0-")[6:-1])
        body = CONTENT[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        sent, type(self).cut = (body[: self.cut] if self.cut else body), 0
        self.wfile.write(sent)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Where the server answers."""
    monkeypatch.setattr(download, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(Server, "asked", [])
    server = HTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


async def test_a_file_is_fetched_with_progress(address: str, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    path = await download.fetch(f"{address}/a.zip", tmp_path, lambda *now: seen.append(now))
    assert path.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    await download.fetch(f"{address}/a.zip", tmp_path)
    assert len(Server.asked) == 1


async def test_what_broke_off_is_continued(address: str, tmp_path: Path) -> None:
    Server.cut = 5000
    path = await download.fetch(f"{address}/a.zip", tmp_path)
    assert path.read_bytes() == CONTENT
    assert Server.asked == [None, "bytes=5000-"]


async def test_what_an_earlier_run_left_is_continued(address: str, tmp_path: Path) -> None:
    (tmp_path / "a.zip.part").write_bytes(CONTENT[:100])
    path = await download.fetch(f"{address}/a.zip", tmp_path)
    assert path.read_bytes() == CONTENT


async def test_what_is_not_there_says_so(address: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="404"):
        await download.fetch(f"{address}/missing.zip", tmp_path)
    with pytest.raises(Invalid, match="address"):
        await download.fetch("ftp://example.org/a.zip", tmp_path)
    assert not (tmp_path / "missing.zip").exists()


async def test_a_server_that_is_away_can_be_tried_again(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "ATTEMPTS", 2)
    with pytest.raises(Unavailable, match="again"):
        await download.fetch("http://127.0.0.1:9/a.zip", tmp_path)


def test_the_official_files_are_named() -> None:
    addresses = download.usda_addresses()
    assert len(addresses) == 3
    assert all(
        address.startswith("https://fdc.nal.usda.gov/fdc-datasets/") for address in addresses
    )
    assert any("branded" in address for address in download.usda_addresses(branded=True))
