"""The same promises in a folder and in S3 (a server of it on this machine)."""

import asyncio
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from hearth.core.errors import NotFound, Unavailable
from hearth.core.files import Files


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="k",
        aws_secret_access_key="s",
    )
    client.create_bucket(Bucket="hearth")
    yield f"s3://k:s@hearth/kept?region=us-east-1&endpoint={endpoint}"
    server.stop()


@pytest.fixture(params=["file", "s3"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    if request.param == "file":
        return Files((tmp_path / "a folder").as_uri())
    return Files(request.getfixturevalue("bucket"))


async def test_put_get_list_delete(files: Files) -> None:
    await files.put("photos/2026/a.jpg", b"one", "image/jpeg")
    await files.put("photos/2026/a.jpg", b"two", "image/jpeg")
    await files.put("photos/2027/b.jpg", b"", "image/jpeg")
    assert await files.get("photos/2026/a.jpg") == b"two"
    assert await files.get("photos/2027/b.jpg") == b""
    assert await files.list("photos") == ["photos/2026/a.jpg", "photos/2027/b.jpg"]
    assert await files.list("photos/2026/") == ["photos/2026/a.jpg"]
    assert await files.list("none") == []
    for _ in range(2):
        await files.delete("photos/2026/a.jpg")
    with pytest.raises(NotFound):
        await files.get("photos/2026/a.jpg")
    await files.delete("photos/2027/b.jpg")
    assert await files.list() == []


async def test_a_large_file(files: Files) -> None:
    data = os.urandom(6 * 1024 * 1024)
    await files.put("large", data)
    assert await files.get("large") == data
    await files.delete("large")


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/etc/passwd",
        "../x",
        "a/../b",
        "a//b",
        "a/",
        "a\\b",
        ".hidden",
        "a/.b",
        "a\0b",
        "å",
        "x" * 513,
    ],
)
async def test_keys_that_lead_astray_are_refused(files: Files, key: str) -> None:
    for call in (files.get(key), files.put(key, b""), files.delete(key)):
        with pytest.raises(ValueError, match="not a key"):
            await call
    if key:
        with pytest.raises(ValueError, match="not a key"):
            await files.list(key.rstrip("/") + "/..")


def test_the_folder_is_private(tmp_path: Path) -> None:
    Files((tmp_path / "kept").as_uri())
    assert stat.S_IMODE((tmp_path / "kept").stat().st_mode) == 0o700


async def test_a_storage_that_is_away() -> None:
    files = Files("s3://k:s@hearth?region=us-east-1&endpoint=http://127.0.0.1:1")
    with pytest.raises(Unavailable):
        async with asyncio.timeout(40):
            await files.get("a")


@pytest.mark.parametrize("url", ["", "/folder", "ftp://x/y", "file://host/x", "s3://"])
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="STORAGE_URL"):
        Files(url)
