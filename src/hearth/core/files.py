"""Files that belong to the house: in a folder (`file:///var/lib/hearth/files`) or in S3
(`s3://bucket/prefix?region=eu-north-1&endpoint=https://...`).

Keys are paths of plain names with `/` between: `photos/2026/0197-a1.jpg`. Credentials for S3 come
from the environment as everywhere (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`) or the machine's
role, or as user and password of the URL.
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import parse_qs, unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from hearth.core.errors import NotFound, Unavailable

LONGEST_KEY: Final = 512
_KEY: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")


class Files:
    """Put, get, delete and list by key."""

    def __init__(self, url: str) -> None:
        self._keeps_media_type = url.startswith("s3:")
        self._store = _opened(url)

    async def put(
        self, key: str, data: bytes, media_type: str = "application/octet-stream"
    ) -> None:
        """Keep `data` under `key`, instead of what was there. Readers see the old or the new."""
        attributes = {"Content-Type": media_type} if self._keeps_media_type else None
        await self._do(key, obstore.put_async, data, attributes=attributes)

    async def get(self, key: str) -> bytes:
        """What is kept under `key`; `NotFound` when nothing is."""
        found = await self._do(key, obstore.get_async)
        return bytes(await found.bytes_async())

    async def delete(self, key: str) -> None:
        """Forget `key`. Nothing there is as good."""
        try:
            await self._do(key, obstore.delete_async)
        except NotFound:
            return

    async def list(self, prefix: str = "") -> list[str]:
        """The keys below the folder `prefix`, in order."""
        if prefix:
            _check(prefix.rstrip("/"))
        keys: list[str] = []
        try:
            async for chunk in obstore.list(self._store, prefix=prefix.rstrip("/") or None):
                keys.extend(item["path"] for item in chunk)
        except BaseError as error:
            raise _away(error) from error
        return sorted(keys)

    async def _do(self, key: str, call: Any, *given: Any, **named: Any) -> Any:
        _check(key)
        try:
            return await call(self._store, key, *given, **named)
        except FileNotFoundError:
            raise NotFound("No such file.") from None
        except BaseError as error:
            raise _away(error) from error


def _check(key: str) -> None:
    # A name cannot begin with a dot, so that neither `..` nor a hidden file is one.
    if len(key) > LONGEST_KEY or not _KEY.fullmatch(key):
        raise ValueError(f"{key[:80]!r} is not a key for a file: plain names with '/' between")


def _away(error: Exception) -> Unavailable:
    unavailable = Unavailable("The file storage is not available. Try again.", retry_after_s=5)
    unavailable.add_note(type(error).__name__)
    return unavailable


def _opened(url: str) -> LocalStore | S3Store:
    parts = urlsplit(url)
    if parts.scheme == "file" and not parts.netloc:
        folder = Path(unquote(parts.path))
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return LocalStore(folder, automatic_cleanup=True)
    if parts.scheme == "s3" and parts.hostname:
        return _bucket(url)
    raise ValueError("STORAGE_URL must be file:///folder or s3://bucket/prefix")


def _bucket(url: str) -> S3Store:
    parts = urlsplit(url)
    given = {name: values[0] for name, values in parse_qs(parts.query).items()}
    settings: dict[str, Any] = {
        "region": given.get("region"),
        "endpoint": given.get("endpoint"),
        "access_key_id": unquote(parts.username) if parts.username else None,
        "secret_access_key": unquote(parts.password) if parts.password else None,
    }
    return S3Store(
        parts.hostname,
        prefix=parts.path.strip("/") or None,
        config=cast(Any, {name: value for name, value in settings.items() if value}),
        client_options={
            "timeout": "30s",
            "allow_http": given.get("endpoint", "").startswith("http:"),
        },
        retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=20)},
    )
