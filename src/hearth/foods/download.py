"""Fetching official downloads: resumable, and never half a file under its own name."""

import asyncio
import http.client
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from hearth.core.errors import Invalid, Unavailable

USDA_HOST: Final = "https://fdc.nal.usda.gov/fdc-datasets"
# Ingredients, newest analyses, foods as eaten; branded foods (3 GB unpacked) only when asked.
USDA_FILES: Final = (
    "FoodData_Central_sr_legacy_food_csv_2018-04.zip",
    "FoodData_Central_foundation_food_csv_2025-04-24.zip",
    "FoodData_Central_survey_food_csv_2024-10-31.zip",
)
USDA_BRANDED_FILE: Final = "FoodData_Central_branded_food_csv_2025-04-24.zip"

ATTEMPTS: Final = 5
FIRST_PAUSE_S = 1.0
TIMEOUT_S: Final = 60.0
BLOCK_BYTES: Final = 1 << 20
AGENT: Final = "Hearth/0.1 (food import; self-hosted)"

Watch = Callable[[int, int | None], None]
"""Told the bytes that are here and the bytes in all, where the server says."""


def usda_addresses(*, branded: bool = False) -> list[str]:
    """The addresses of USDA's current official downloads."""
    files = [*USDA_FILES, USDA_BRANDED_FILE] if branded else list(USDA_FILES)
    return [f"{USDA_HOST}/{file}" for file in files]


def is_address(text: str) -> bool:
    """Whether `text` is a web address rather than a path."""
    return urlsplit(text).scheme in ("http", "https")


async def fetch(address: str, folder: Path, watch: Watch = lambda here, total: None) -> Path:
    """The file at `address` in `folder`; what an earlier try left there is continued.

    Raises `Unavailable` when the server cannot be reached, `Invalid` when it has no such file.
    """
    if not is_address(address):
        raise Invalid(f"{address!r} is not a web address. Give http:// or https://, or a path.")
    target = folder / (Path(urlsplit(address).path).name or "download")
    await asyncio.to_thread(_fetched, address, target, watch)
    return target


def _fetched(address: str, target: Path, watch: Watch) -> None:
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    for attempt in range(ATTEMPTS):
        try:
            _continued(address, part, watch)
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.code not in (408, 429):
                raise Invalid(f"{address} answered {error.code}: there is no such file.") from None
            _wait(attempt, address, error)
        except (OSError, http.client.HTTPException) as error:
            _wait(attempt, address, error)
        else:
            part.replace(target)
            return


def _continued(address: str, part: Path, watch: Watch) -> None:
    """Appends what is missing. A server that knows no ranges sends it all, and we begin again."""
    here = part.stat().st_size if part.exists() else 0
    headers = {"User-Agent": AGENT} | ({"Range": f"bytes={here}-"} if here else {})
    request = urllib.request.Request(address, headers=headers)  # noqa: S310
    try:
        answer = urllib.request.urlopen(request, timeout=TIMEOUT_S)  # noqa: S310
    except urllib.error.HTTPError as error:
        # Everything was here already, or the file has changed: a changed one is fetched anew.
        if error.code == 416 and error.headers.get("Content-Range", "").endswith(f"/{here}"):
            return
        if error.code == 416:
            part.unlink()
        raise
    with answer, part.open("ab" if answer.status == 206 else "wb") as file:
        here = here if answer.status == 206 else 0
        length = answer.headers.get("Content-Length")
        total = here + int(length) if length else None
        while block := answer.read(BLOCK_BYTES):
            file.write(block)
            here += len(block)
            watch(here, total)
        file.flush()
        os.fsync(file.fileno())
    if total is not None and here < total:
        raise ConnectionError(f"{total - here} bytes are missing")


def _wait(attempt: int, address: str, error: Exception) -> None:
    if attempt == ATTEMPTS - 1:
        raise Unavailable(f"{address} cannot be fetched ({error}). Run the command again to go on.")
    time.sleep(min(30.0, FIRST_PAUSE_S * 2**attempt))
