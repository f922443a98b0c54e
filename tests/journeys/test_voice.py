"""Adding a meal by voice: Chromium's fake microphone plays a synthetic voice to the whole product."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.async_api import Page, async_playwright, expect

from tests import serving
from tests.ai.doubles import KEY, OpenAiDouble
from tests.journeys.conftest import (
    CHROMIUM,
    PHONE,
    QUIET,
    SLOWEST_MS,
    House,
    meals_of_today,
    register,
)
from tests.recognition.spoken_meals import MEAL, microphone_file, needs_flite, spoken_wav

pytestmark = needs_flite
FAKE = "--use-fake-device-for-media-stream"
ALLOWED = "--use-fake-ui-for-media-stream"
# The first recording of a house waits for the recogniser's files, on a busy machine for long.
HEARD_MS = 90_000


@asynccontextmanager
async def browsing(url: str, *flags: str, **context: Any) -> AsyncIterator[Page]:
    """A page of a browser that was started with these flags; a fault of its scripts fails."""
    faults: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=[*QUIET, *flags], timeout=60_000
        )
        try:
            usual = {"base_url": url, "viewport": PHONE, "locale": "en-GB"}
            opened = await browser.new_context(**{**usual, **context})
            opened.set_default_timeout(SLOWEST_MS)
            page = await opened.new_page()
            page.on("pageerror", lambda error: faults.append(str(error)))
            yield page
        finally:
            await browser.close()
    assert not faults


def playing(folder: Path, words: str | None) -> tuple[str, str, str]:
    """The flags of a browser whose microphone hears this, once."""
    file = microphone_file(folder, words)
    return ALLOWED, FAKE, f"--use-file-for-fake-audio-capture={file}%noloop"


async def record(page: Page, seconds: float) -> None:
    """Press the button, speak, and press stop."""
    await page.get_by_role("button", name="Say it").click()
    await expect(page.get_by_role("button", name="Stop")).to_be_visible()
    await expect(page.locator("[data-seconds]")).to_have_text(str(int(seconds)), timeout=20_000)
    await page.get_by_role("button", name="Stop").click()


async def test_a_spoken_meal_is_read_and_saved(site: House, tmp_path: Path) -> None:
    async with browsing(site.url, *playing(tmp_path, MEAL)) as page:
        await register(page)
        await page.goto("/add")
        await page.get_by_label("What did you eat?").fill("a glass of milk")
        levels = "() => { window.loudest = 0; setInterval(() => { window.loudest = Math.max(window.loudest, document.querySelector('[data-level]').value); }, 50); }"
        await page.evaluate(levels)
        await record(page, 5)
        words = page.get_by_label("What did you eat?")
        await expect(words).to_have_value(f"a glass of milk, {MEAL}", timeout=HEARD_MS)
        assert await page.evaluate("() => window.loudest") > 0.3
        await expect(page.locator("[data-told]")).to_contain_text("draft")
        await expect(page.locator("#reading [data-line]")).to_have_count(3)
        await expect(page.get_by_role("button", name="Say it")).to_be_visible()
        await page.get_by_role("button", name="Save the meal").click()
        await page.wait_for_url("**/")
        assert await meals_of_today(page) == 1


async def test_the_page_for_voice_leads_to_the_same_reading(site: House, tmp_path: Path) -> None:
    async with browsing(site.url, *playing(tmp_path, MEAL)) as page:
        await register(page)
        await page.goto("/add/voice?day=2026-01-05")
        assert await page.locator("#words").is_hidden()
        await record(page, 5)
        words = page.get_by_label("What was heard")
        await expect(words).to_have_value(MEAL, timeout=HEARD_MS)
        await page.get_by_role("button", name="Read it").click()
        await expect(page.locator("#reading [data-line]")).to_have_count(2)
        await page.get_by_role("button", name="Save the meal").click()
        await page.wait_for_url("**/day/2026-01-05")
        await expect(page.locator(".meal")).to_contain_text("Toast")


async def test_silence_and_a_dropped_recording(site: House, tmp_path: Path) -> None:
    async with browsing(site.url, *playing(tmp_path, None)) as page:
        await register(page)
        await page.goto("/add")
        await page.get_by_role("button", name="Say it").click()
        await page.get_by_role("button", name="Drop it").click()
        await expect(page.get_by_role("button", name="Say it")).to_be_focused()
        await record(page, 1)
        await expect(page.locator("[data-told]")).to_contain_text("silent", timeout=HEARD_MS)
        assert await page.get_by_label("What did you eat?").input_value() == ""


async def test_it_stops_by_itself_and_knows_when_the_network_is_away(
    site: House, tmp_path: Path
) -> None:
    async with browsing(site.url, *playing(tmp_path, None)) as page:
        await register(page)
        await page.goto("/add")
        await page.locator("[data-voice]").evaluate("box => { box.dataset.most = 1; }")
        await page.get_by_role("button", name="Say it").click()
        await expect(page.locator("[data-told]")).to_contain_text("silent", timeout=HEARD_MS)
        await page.context.set_offline(True)
        await page.get_by_role("button", name="Say it").click()
        await expect(page.locator("[data-told]")).to_contain_text("No network")


WITHOUT_RECORDER: Final = "delete window.MediaRecorder"
WITHOUT_MICROPHONE: Final = "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotFoundError'); }"


@pytest.mark.parametrize(
    ("flags", "spoil", "host", "says"),
    [
        ([FAKE], "", "127.0.0.1", "was not allowed"),
        ([ALLOWED, FAKE], WITHOUT_MICROPHONE, "127.0.0.1", "No microphone was found"),
        ([ALLOWED, FAKE], WITHOUT_RECORDER, "127.0.0.1", "cannot record"),
        ([ALLOWED, FAKE, "--host-resolver-rules=MAP kitchen.test 127.0.0.1"], "", "kitchen.test",
         "https"),
    ],
    ids=["denied", "no microphone", "no recorder", "no https"],
)  # fmt: skip
async def test_what_hinders_is_said_with_the_other_ways(
    site: House, flags: list[str], spoil: str, host: str, says: str
) -> None:
    async with browsing(f"http://{host}:{site.port}", *flags) as page:
        if spoil:
            await page.add_init_script(spoil)
        await register(page)
        await page.goto("/add")
        await page.get_by_role("button", name="Say it").click()
        told = page.locator("[data-told]")
        await expect(told).to_contain_text(says)
        await expect(told).to_contain_text("type the meal")
        await told.get_by_role("link").click()
        await page.wait_for_url("**/add/voice")
        await expect(page.get_by_label("A recording from this device")).to_be_visible()


async def test_without_javascript_a_file_is_listened_to(site: House, tmp_path: Path) -> None:
    file, rubbish = tmp_path / "meal.wav", tmp_path / "meal.m4a"
    file.write_bytes(spoken_wav())
    rubbish.write_text("no sound at all")
    async with browsing(site.url, java_script_enabled=False) as page:
        await register(page)
        await page.goto("/add")
        await page.get_by_role("link", name="Say it").click()
        await page.get_by_label("A recording from this device").set_input_files(rubbish)
        await page.get_by_role("button", name="Listen to it").click()
        await expect(page.get_by_role("alert")).to_contain_text("no recording that Hearth knows")
        await page.get_by_label("A recording from this device").set_input_files(file)
        page.set_default_timeout(HEARD_MS)
        await page.get_by_role("button", name="Listen to it").click()
        await expect(page.get_by_label("What was heard")).to_have_value(MEAL)
        await expect(page.locator("#words")).to_contain_text("draft")
        await page.get_by_role("button", name="Read it").click()
        await expect(page.locator("#reading [data-line]")).to_have_count(2)
        await page.get_by_role("button", name="Save the meal").click()
        await page.wait_for_url("**/")
        assert await meals_of_today(page) == 1


async def in_swedish(page: Page) -> None:
    """The person's language becomes Swedish."""
    token = await page.locator('meta[name="csrf-token"]').get_attribute("content")
    answer = await page.request.patch(
        "/api/profile", data={"locale": "sv"}, headers={"X-CSRF-Token": str(token)}
    )
    assert answer.ok, await answer.text()


WATCHED = """() => { window.asked = 0; const own = navigator.mediaDevices.getUserMedia;
navigator.mediaDevices.getUserMedia = (...all) => { window.asked += 1; return own.apply(navigator.mediaDevices, all); }; }"""


async def test_nobody_speaks_swedish_for_nothing(site: House, tmp_path: Path) -> None:
    async with browsing(site.url, *playing(tmp_path, None)) as page:
        await register(page)
        await in_swedish(page)
        await page.goto("/add")
        await page.evaluate(WATCHED)
        await page.locator("[data-start]").click()
        await expect(page.locator("[data-told].note p")).to_have_count(2)
        assert await page.evaluate("() => window.asked") == 0
        await page.locator("[data-told] a").click()
        await page.wait_for_url("**/add/voice")
        # English is what is understood here without a model.
        assert await page.locator("[data-spoken]").input_value() == "en"
        await expect(page.locator("details")).to_contain_text("AI_WHISPER_PATH")


async def test_a_model_hears_swedish_once_the_person_agreed(tmp_path: Path) -> None:
    async with OpenAiDouble().running() as double:
        settings = {
            "AI_PROVIDERS": "openai", "AI_OPENAI_URL": double.url, "AI_OPENAI_KEY": KEY,
            "AI_OPENAI_AUDIO_MODEL": "m", "AI_OPENAI_NEEDS_CONSENT": "true",
        }  # fmt: skip
        with serving.house(**settings) as at:
            async with browsing(at.url, *playing(tmp_path, MEAL)) as page:
                await register(page)
                await in_swedish(page)
                await page.goto("/add/voice")
                assert double.requests == []
                await page.locator("form[action='/me/consents'] button").click()
                await page.wait_for_url("**/add/voice")
                await expect(page.locator("[data-spoken]")).to_have_value("sv")
                await page.goto("/add")
                await page.locator("[data-start]").click()
                await expect(page.locator("[data-seconds]")).to_have_text("4")
                await page.locator("[data-stop]").click()
                words = page.locator("#text")
                await expect(words).to_have_value("två ägg", timeout=HEARD_MS)
                await expect(page.locator("#reading [data-line]")).to_have_count(1)
        [request] = double.requests
        assert request.form["file"][1][:4] == b"RIFF"
