"""A browser before the whole product: `hearth up` as people start it, and Chromium."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = Path(os.environ.get("HEARTH_TEST_CHROMIUM", "/usr/bin/chromium"))
QUIET = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
PHONE = {"width": 390, "height": 844}
PATIENCE_S = 90.0
SLOWEST_MS = 15_000
PASSWORD = "kitchen table 42"
MEAL = "two scrambled eggs, a slice of rye bread with butter and a large latte"


class House:
    """`hearth up` with a data directory of its own."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.log = folder / "up.log"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        kept = {key: value for key, value in os.environ.items() if not key.endswith("_URL")}
        kept["PYTHONPATH"] = os.pathsep.join([str(ROOT / "src"), *filter(None, sys.path)])
        where = ["--port", str(self.port), "--data", str(self.data)]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hearth", "up", *where],
                cwd=folder,
                env=kept,
                stdout=log,
                stderr=log,
            )

    def wait(self) -> None:
        """Until it is ready, and has read its first meal."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            assert self.process.poll() is None, self.log.read_text()[-3000:]
            try:
                if httpx.get(f"{self.url}/ready", timeout=5).status_code == 200:
                    httpx.get(self.url, timeout=60)
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"not ready in {PATIENCE_S} s: {self.log.read_text()[-3000:]}")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            self.process.kill()


@pytest.fixture(scope="session")
def site() -> Iterator[House]:
    """The product, running; tests keep apart by making their own persons."""
    if not CHROMIUM.exists():
        pytest.skip(f"skipped, because there is no {CHROMIUM} (set HEARTH_TEST_CHROMIUM)")
    folder = Path(tempfile.mkdtemp(prefix="hearth-pages-"))
    folder.chmod(0o755)
    house = House(folder)
    try:
        house.wait()
        yield house
    finally:
        house.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
async def browser(site: House) -> AsyncIterator[Any]:
    """Chromium."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=QUIET, timeout=60_000
        )
        yield opened
        await opened.close()


Open = Callable[..., Awaitable[Any]]


@pytest.fixture
async def open_page(browser: Any, site: House) -> AsyncIterator[Open]:
    """Opens a page of a device of its own; an error in its console fails the test."""
    contexts = []
    faults: list[str] = []

    async def opened(**more: Any) -> Any:
        usual = {"viewport": PHONE, "timezone_id": "Europe/Stockholm", "locale": "en-GB"}
        context = await browser.new_context(**{"base_url": site.url} | usual | more)
        context.set_default_timeout(SLOWEST_MS)
        contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: _note(faults, line))
        return page

    yield opened
    for context in contexts:
        await context.close()
    assert not faults


# What the browser itself says of a refused or unreachable request is no fault of the page.
_OF_THE_BROWSER = ("Failed to load resource", "error occurred when fetching the script")


def _note(faults: list[str], line: Any) -> None:
    if line.type == "error" and not any(words in line.text for words in _OF_THE_BROWSER):
        faults.append(line.text)


async def register(page: Any) -> str:
    """Make an account on a page; the address it is under."""
    email = f"{uuid4().hex}@example.org"
    await page.goto("/register")
    await page.get_by_label("What shall we call you?").fill("Ada")
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Make the account").click()
    await page.wait_for_url("**/")
    await page.get_by_role("heading", name="Today").wait_for()
    return email


async def log_meal(page: Any, text: str = MEAL) -> None:
    """Say a meal on the page for adding, as it is read, and save it."""
    await page.goto("/add")
    await page.get_by_label("What did you eat?").fill(text)
    await page.locator("#reading [data-line]").first.wait_for()
    await page.get_by_role("button", name="Save the meal").click()
    await page.wait_for_url("**/")


async def meals_of_today(page: Any) -> int:
    """How many meals the server knows."""
    answer = await page.request.get("/")
    return (await answer.text()).count('class="card meal"')
