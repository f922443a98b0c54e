"""With no network: pages open, what is saved is sent later exactly once, conflicts are solved."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import expect

from tests.journeys.conftest import PASSWORD, House, Open, log_meal, meals_of_today, register


class Line:
    """The wire between browser and server. It can be cut, or lose every answer on the way back."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._open: set[asyncio.StreamWriter] = set()
        self.whole = True
        self.loses_answers = False
        self.url = ""

    async def lay(self) -> asyncio.Server:
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        return server

    def cut(self) -> None:
        self.whole = False
        for writer in list(self._open):
            writer.close()

    def mend(self, *, loses_answers: bool = False) -> None:
        self.whole, self.loses_answers = True, loses_answers

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.whole:
            writer.close()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self._to)
        self._open |= {writer, back}
        try:
            await asyncio.gather(self._pump(reader, back), self._pump(there, writer, answers=True))
        finally:
            self._open -= {writer, back}
            writer.close()
            back.close()

    async def _pump(
        self, come: asyncio.StreamReader, go: asyncio.StreamWriter, *, answers: bool = False
    ) -> None:
        try:
            while data := await come.read(65536):
                if answers and self.loses_answers:
                    break
                go.write(data)
                await go.drain()
        except (ConnectionError, OSError):
            pass
        go.close()


@pytest.fixture
async def line(site: House) -> AsyncIterator[Line]:
    laid = Line(site.port)
    server = await laid.lay()
    yield laid
    laid.cut()
    server.close()


async def kept(page: Any) -> None:
    """Until the service worker has Today and Add."""
    ask = "async () => Boolean(await caches.match('/') && await caches.match('/add'))"
    await page.wait_for_function(ask)
    # A function, not an expression: that would be evaluated as a string, which the page forbids.
    await page.wait_for_function("() => navigator.serviceWorker.controller !== null")


async def back_online(page: Any) -> None:
    """The browser notices that there is a network again."""
    await page.evaluate("dispatchEvent(new Event('online'))")


async def at_home(open_page: Open, line: Line) -> Any:
    """A person whose browser has Today and Add for when the network is away."""
    page = await open_page(base_url=line.url)
    await register(page)
    await kept(page)
    return page


async def say_offline(page: Any, text: str) -> None:
    await page.goto("/add")
    await page.get_by_label("What did you eat?").fill(text)
    await page.get_by_role("button", name="Save the meal").click()
    await expect(page.get_by_text("Saved on this device.")).to_be_visible()


async def test_today_and_add_open_with_no_network(open_page: Open, line: Line) -> None:
    page = await at_home(open_page, line)
    await log_meal(page, "an apple")
    shows = "async () => (await (await caches.match('/')).text()).includes('Apple')"
    await page.wait_for_function(shows)
    line.cut()
    await page.goto("/")
    await expect(page.get_by_text("No network: this is the page as it was")).to_be_visible()
    await expect(page.locator(".meal")).to_contain_text("Apple")
    colour = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert colour == "rgb(250, 245, 236)"
    await page.goto("/add?day=2026-01-05")
    await expect(page.get_by_label("What did you eat?")).to_be_visible()
    await page.goto("/foods")
    await expect(page.get_by_role("heading", name="No network")).to_be_visible()


async def test_what_is_added_offline_is_sent_exactly_once(open_page: Open, line: Line) -> None:
    page = await at_home(open_page, line)
    line.cut()
    await say_offline(page, "an apple")
    await page.goto("/")
    await expect(page.get_by_text("Waiting for the network: an apple")).to_be_visible()

    # The network is back, but the answer is lost: the meal is there, and the browser cannot know.
    line.mend(loses_answers=True)
    await back_online(page)
    await expect(page.get_by_text("Waiting for the network: an apple")).to_be_visible()
    line.cut()
    other = await page.context.new_page()
    await other.goto("/")
    line.mend()
    await asyncio.gather(back_online(page), back_online(other))
    await expect(page.get_by_text("Everything that waited was sent.")).to_be_visible()
    assert await meals_of_today(page) == 1
    await page.reload()
    await expect(page.locator(".meal")).to_have_count(1)
    await expect(page.locator("#outbox")).to_be_hidden()


async def test_signing_out_loses_nothing_and_leaves_no_page_behind(
    open_page: Open, line: Line
) -> None:
    page = await open_page(base_url=line.url)
    email = await register(page)
    await kept(page)
    await page.goto("/me")
    await page.evaluate(
        """async () => {
          const { queue } = await import("/static/outbox.js");
          const person = document.querySelector("meta[name=person]").content;
          const fields = { text: "an apple", at: new Date().toISOString(), day: "", kind: "" };
          const body = new URLSearchParams(fields).toString();
          await queue({ key: crypto.randomUUID(), person, url: "/add", title: "an apple", body });
        }"""
    )
    await page.get_by_role("button", name="Sign out here").click()
    await expect(page.get_by_role("link", name="Make an account")).to_be_visible()
    await page.wait_for_function("async () => !(await caches.match('/add'))")
    line.cut()
    await page.goto("/add")
    await expect(page.get_by_role("heading", name="No network")).to_be_visible()
    line.mend()

    await register(page)
    assert await meals_of_today(page) == 0
    await page.goto("/me")
    await page.get_by_role("button", name="Sign out here").click()
    await page.goto("/sign-in")
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_text("Everything that waited was sent.")).to_be_visible()
    assert await meals_of_today(page) == 1


async def second_device(open_page: Open, page: Any, line: Line) -> Any:
    """Another browser of the same person."""
    state = await page.context.storage_state()
    return await open_page(base_url=line.url, storage_state=state)


async def change_grams(page: Any, grams: str) -> None:
    await page.get_by_label("Grams").first.fill(grams)
    await page.get_by_role("button", name="Save the changes").click()


async def test_a_conflict_is_shown_and_solved(open_page: Open, line: Line) -> None:
    one = await at_home(open_page, line)
    await log_meal(one, "an apple")
    address = await one.locator(".meal h2 a").get_attribute("href")
    two = await second_device(open_page, one, line)
    for page in (one, two):
        await page.goto(address)
    await change_grams(two, "200")
    await expect(two.get_by_text("The meal was changed.")).to_be_visible()
    await change_grams(one, "300")
    await expect(one.get_by_role("heading", name="Changed in the meantime")).to_be_visible()
    both = one.get_by_role("row", name="Apple")
    await expect(both).to_contain_text("300 g")
    await expect(both).to_contain_text("200 g")
    await one.get_by_role("button", name="Save mine").click()
    await expect(one.locator(".meal")).to_contain_text("300 g")

    # The other way: the second device has not seen the 300, and gives way.
    await two.goto(address)
    await one.goto(address)
    await change_grams(one, "310")
    await expect(one.get_by_text("The meal was changed.")).to_be_visible()
    await change_grams(two, "99")
    await two.get_by_role("link", name="Keep the other").click()
    await expect(two.get_by_label("Grams")).to_have_value("310")
    await two.goto("/")
    await expect(two.locator("#outbox")).to_be_hidden()


@pytest.mark.parametrize(("choice", "grams"), [("Save mine", "300 g"), ("Keep the other", "200 g")])
async def test_a_change_made_offline_can_conflict(
    open_page: Open, line: Line, choice: str, grams: str
) -> None:
    one = await at_home(open_page, line)
    await log_meal(one, "an apple")
    address = await one.locator(".meal h2 a").get_attribute("href")
    two = await second_device(open_page, one, line)
    for page in (one, two):
        await page.goto(address)
    line.cut()
    await change_grams(one, "300")
    await expect(one.get_by_text("Saved on this device.")).to_be_visible()
    line.mend()
    await change_grams(two, "200")
    await expect(two.get_by_text("The meal was changed.")).to_be_visible()
    await back_online(one)
    await expect(one.get_by_text("This meal was changed elsewhere")).to_be_visible()
    await one.get_by_role("button", name=choice).click()
    await expect(one.get_by_text("This meal was changed elsewhere")).to_be_hidden()
    await one.goto("/")
    await expect(one.locator(".meal")).to_contain_text(grams)
    await expect(one.locator("#outbox")).to_be_hidden()
