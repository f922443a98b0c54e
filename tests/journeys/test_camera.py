"""Adding by barcode and by nutrition label in a browser, with a camera that looks at a drawn code."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import Page, async_playwright, expect

from evals.labels.rendering import label
from tests.journeys.conftest import CHROMIUM, PHONE, QUIET, SLOWEST_MS, House, Open, register
from tests.journeys.test_accessibility import Visits
from tests.recognition.drawn import ean_13, film, jpeg

CODE = "4006381333931"
READING_MS = 60_000
LOAF = {
    "name": "Crisp loaf",
    "nutrients": {"energy_kcal": 250, "protein_g": 9},
    "portions": [{"label": "1 slice", "grams": 40, "is_default": True}],
    "barcode": CODE,
}


@asynccontextmanager
async def looking_at(picture: Image.Image, site: House, folder: Path) -> AsyncIterator[Page]:
    """A page of a phone whose camera sees nothing but the picture."""
    seen = film(picture, folder / "seen.y4m")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            timeout=60_000,
            args=[
                *QUIET,
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-video-capture={seen}",
            ],
        )
        context = await browser.new_context(base_url=site.url, viewport=PHONE, locale="en-GB")
        context.set_default_timeout(SLOWEST_MS)
        page = await context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        yield page
        await browser.close()
        assert not faults


async def make_loaf(page: Page) -> None:
    """An own food with the barcode, through the API."""
    token = await page.locator('meta[name="csrf-token"]').get_attribute("content")
    answer = await page.request.post("/api/foods", data=LOAF, headers={"X-CSRF-Token": str(token)})
    assert answer.status == 201, await answer.text()


async def scan(page: Page, path: str = "/add/barcode") -> None:
    """Open the finder; a browser that was allowed before opens it by itself."""
    await page.goto(path)
    start = page.get_by_role("button", name="Scan with the camera")
    if await start.is_visible():
        await start.click()


def of_label(picture: Image.Image) -> dict[str, Any]:
    return {"name": "label.jpg", "mimeType": "image/jpeg", "buffer": jpeg(picture, 95)}


async def test_the_camera_finds_an_own_food_that_is_logged(site: House, tmp_path: Path) -> None:
    async with looking_at(ean_13(CODE), site, tmp_path) as page:
        await register(page)
        await make_loaf(page)
        await scan(page, "/add/barcode?day=2026-01-05")
        await expect(page.get_by_role("heading", name="Crisp loaf")).to_be_visible()
        await page.get_by_role("button", name="Save the meal").click()
        await page.wait_for_url("**/day/2026-01-05")
        await expect(page.locator(".meal")).to_contain_text("Crisp loaf")


async def test_an_unknown_code_leads_to_its_label(site: House, tmp_path: Path) -> None:
    async with looking_at(ean_13(CODE), site, tmp_path) as page:
        await register(page)
        await scan(page)
        await expect(page.get_by_role("heading", name="Not known here")).to_be_focused()
        stopped = "document.querySelector('video').srcObject === null"
        assert await page.evaluate(stopped)
        await page.get_by_role("link", name="Photograph the label").click()
        await expect(page.get_by_text(f"For the barcode {CODE}.")).to_be_visible()


async def test_a_camera_can_be_stopped_and_shows_nothing_found(site: House, tmp_path: Path) -> None:
    async with looking_at(Image.new("RGB", (640, 480), "grey"), site, tmp_path) as page:
        await register(page)
        await scan(page)
        await expect(page.get_by_text("Hold the bars inside of the frame.")).to_be_visible()
        async with page.expect_response("**/add/barcode/look") as looked:
            pass
        assert (await (await looked.value).json())["state"] == "nothing"
        await page.get_by_role("button", name="Stop the camera").click()
        await expect(page.locator("video")).to_be_hidden()
        await expect(page.get_by_role("button", name="Scan with the camera")).to_be_visible()


async def test_a_code_that_was_read_once_is_a_question(site: House, tmp_path: Path) -> None:
    async with looking_at(Image.new("RGB", (640, 480), "grey"), site, tmp_path) as page:
        await register(page)
        asked = (
            "<section class=card><h2>Is it this?</h2><a href='/foods/x'>Crisp loaf</a></section>"
        )
        answer = {"state": "question", "code": CODE, "href": "", "html": asked}
        await page.route("**/add/barcode/look", lambda route: route.fulfill(json=answer))
        await scan(page)
        await expect(page.get_by_role("heading", name="Is it this?")).to_be_focused()
        await page.get_by_role("button", name="No, go on scanning").click()
        await expect(page.get_by_text("Hold the bars inside of the frame.")).to_be_visible()
        # The same answer is not asked again.
        async with page.expect_response("**/add/barcode/look"):
            pass
        await expect(page.get_by_role("heading", name="Is it this?")).to_have_count(0)


async def test_a_camera_that_is_refused_stops_and_loads_nothing_again(
    site: House, tmp_path: Path
) -> None:
    async with looking_at(Image.new("RGB", (640, 480), "grey"), site, tmp_path) as page:
        await register(page)
        looks: list[str] = []
        page.on("request", lambda request: looks.append(request.url))
        await page.route("**/add/barcode/look", lambda route: route.fulfill(status=403))
        await scan(page)
        await expect(page.get_by_text("Hearth did not accept the picture")).to_be_visible()
        await expect(page.locator("video")).to_be_hidden()
        await page.wait_for_timeout(1500)
        assert sum(url.endswith("/add/barcode") for url in looks) == 1
        assert sum(url.endswith("/look") for url in looks) == 1


SOON = """const given = AbortSignal.timeout.bind(AbortSignal);
AbortSignal.timeout = (ms) => given(ms / 100);"""


async def test_an_answer_that_never_comes_is_not_waited_for(site: House, tmp_path: Path) -> None:
    async with looking_at(Image.new("RGB", (640, 480), "grey"), site, tmp_path) as page:
        await register(page)
        await page.add_init_script(SOON)
        await page.route("**/add/barcode/look", lambda route: None)
        await scan(page)
        await expect(page.get_by_text("No answer from Hearth: trying again.")).to_be_visible()


OWN_READER = """window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["ean_13", "qr_code"]; }
  async detect() { return [{ rawValue: "%s" }]; }
}"""


async def test_what_only_the_browser_read_is_a_question(site: House, tmp_path: Path) -> None:
    async with looking_at(Image.new("RGB", (640, 480), "grey"), site, tmp_path) as page:
        await register(page)
        await make_loaf(page)
        await page.add_init_script(OWN_READER % CODE)
        await scan(page)
        await expect(page.get_by_role("heading", name="Is it this?")).to_be_focused()
        await page.get_by_role("link", name="Crisp loaf").click()
        await expect(page.get_by_role("heading", name="Crisp loaf")).to_be_visible()


async def test_a_page_that_is_not_secure_says_why_there_is_no_camera(open_page: Open) -> None:
    page = await open_page()
    await register(page)
    await page.add_init_script("Object.defineProperty(window, 'isSecureContext', {value: false})")
    await page.goto("/add/barcode")
    await expect(page.locator("[data-said]")).to_contain_text("only to pages over https")
    await expect(page.get_by_role("button", name="Scan with the camera")).to_be_hidden()


async def test_without_a_camera_the_page_says_so(open_page: Open) -> None:
    page = await open_page()
    await register(page)
    await page.goto("/add/barcode")
    await page.get_by_role("button", name="Scan with the camera").click()
    told = page.locator("[data-said]")
    await expect(told).to_contain_text("Use a picture or the digits below")
    await page.get_by_label("Digits under the bars").fill("4006381333930")
    await page.get_by_role("button", name="Look it up").click()
    await expect(page.get_by_role("alert")).to_contain_text("it would be 1")


# While a form is under way nothing can be asked of its page, so the page notes what it tells.
NOTE_SENDING = """() => {
  const line = document.querySelector('[data-sending]');
  const note = () => line.hidden || sessionStorage.setItem('told', line.textContent);
  new MutationObserver(note).observe(line, { attributes: true });
}"""


async def test_a_label_is_read_corrected_saved_and_logged(open_page: Open) -> None:
    drawn = label("eu_two", "en", 4)
    page = await open_page()
    await register(page)
    await page.goto(f"/add/label?barcode={CODE}")
    await page.get_by_label("Choose pictures").set_input_files([of_label(drawn.picture)])
    await expect(page.locator(".pictures img")).to_have_count(1)
    await page.evaluate(NOTE_SENDING)
    await page.get_by_role("button", name="Read the label").click()
    fat = page.get_by_label("Fat, g", exact=True)
    await expect(fat).to_have_value(f"{drawn.per_100['fat_g']:g}", timeout=READING_MS)
    assert "Reading the label" in await page.evaluate("sessionStorage.getItem('told')")
    await page.get_by_label("Name").fill("Crisp loaf")
    await fat.fill("55")
    await page.get_by_role("button", name="Save the food").click()
    await expect(page.get_by_role("alert")).to_contain_text("The energy does not fit its parts")
    await expect(page.get_by_role("img", name="Picture 1")).to_be_visible()
    await fat.fill(f"{drawn.per_100['fat_g']:g}")
    await page.get_by_role("button", name="Save what I put right").click()
    await expect(page.get_by_role("heading", name="Crisp loaf")).to_be_visible()
    await page.get_by_role("button", name="Save the meal").click()
    await page.wait_for_url("**/")
    await expect(page.locator(".meal")).to_contain_text("Crisp loaf")


async def test_a_label_and_a_code_without_javascript(open_page: Open) -> None:
    drawn = label("eu_one", "en", 4)
    page = await open_page(java_script_enabled=False)
    await register(page)
    await page.goto("/add/label")
    await page.get_by_label("Choose pictures").set_input_files([of_label(drawn.picture)])
    await page.get_by_role("button", name="Read the label").click(timeout=READING_MS)
    await page.get_by_label("Name").fill("Plain loaf")
    await page.get_by_label("Barcode").fill(CODE)
    await page.get_by_role("button", name="Save the food").click()
    await expect(page.get_by_role("heading", name="Plain loaf")).to_be_visible()

    await page.goto("/add/barcode")
    await expect(page.get_by_text("Scanning with the camera needs JavaScript.")).to_be_visible()
    code = {"name": "code.jpg", "mimeType": "image/jpeg", "buffer": jpeg(ean_13(CODE))}
    await page.get_by_label("Choose a picture").set_input_files([code])
    await page.get_by_role("button", name="Read the barcode").click()
    await expect(page.get_by_role("heading", name="Plain loaf")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1100])
async def test_axe_finds_nothing_in_what_these_pages_tell(open_page: Open, width: int) -> None:
    page = await open_page(viewport={"width": width, "height": 844})
    await register(page)
    visits = Visits(page)
    for code in ("", CODE, "4006381333930", "2012345678903"):
        await visits.go(f"/add/barcode?code={code}")
    await page.goto("/add/label")
    blank = Image.new("RGB", (300, 200), "grey")
    await page.get_by_label("Choose pictures").set_input_files([of_label(blank)])
    await expect(page.locator(".pictures img")).to_have_count(1)
    await visits.look("pictures that are chosen")
    await page.get_by_role("button", name="Read the label").click()
    await expect(page.get_by_text("No figures were read.")).to_be_visible(timeout=READING_MS)
    await page.get_by_label("Name").fill("Loaf")
    for name, value in (("Energy, kcal", "400"), ("Fat, g", "1"), ("Protein, g", "1")):
        await page.get_by_label(name, exact=True).fill(value)
    await page.get_by_label("Carbohydrate, g").fill("1")
    # As when the label had been read with doubts.
    await page.evaluate(DOUBT)
    await page.get_by_role("button", name="Save the food").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(page.get_by_text("Look: two readings differ")).to_be_visible()
    await visits.look("figures that disagree")
    assert visits.found == []


DOUBT = """() => {
  const note = document.createElement('input');
  note.type = 'hidden';
  note.name = 'doubt-fat_g';
  note.value = 'Look: two readings differ. Seen: 1';
  document.querySelector('form[action^="/add/label"]').append(note);
}"""
FILES = """async input => Promise.all([...input.files].map(async file => {
  const image = await createImageBitmap(file);
  return [file.name, file.type, image.width, image.height];
}))"""


@pytest.mark.parametrize("size", [(4000, 3000)])
async def test_large_pictures_are_made_small_before_they_are_sent(
    open_page: Open, size: tuple[int, int]
) -> None:
    page = await open_page()
    await register(page)
    await page.goto("/add/label")
    chosen = page.get_by_label("Choose pictures")
    large = Image.new("RGB", size, "grey")
    upside = Image.Exif()
    upside[0x0112] = 6  # held upright: the camera turned it by a quarter
    path = {"name": "a.jpeg", "mimeType": "image/jpeg", "buffer": _with(large, upside)}
    await chosen.set_input_files([path])
    await expect(page.locator(".pictures img")).to_have_count(1)
    assert await chosen.evaluate(FILES) == [["a.jpg", "image/jpeg", 1800, 2400]]

    small = {"name": "b.jpg", "mimeType": "image/jpeg", "buffer": jpeg(Image.new("RGB", (40, 30)))}
    await chosen.set_input_files([small | {"name": f"{n}.jpg"} for n in range(5)])
    await expect(page.locator(".pictures img")).to_have_count(5)
    await expect(page.get_by_text("More pictures than can be sent at once")).to_be_visible()
    await page.get_by_role("button", name="Remove a.jpg").click()
    await expect(page.locator(".pictures img")).to_have_count(4)
    names = [one[0] for one in await chosen.evaluate(FILES)]
    assert names == ["0.jpg", "1.jpg", "2.jpg", "3.jpg"]


def _with(picture: Image.Image, exif: Image.Exif) -> bytes:
    import io

    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif)
    return out.getvalue()


async def test_what_is_no_picture_is_sent_as_it_is_and_refused(open_page: Open) -> None:
    page = await open_page()
    await register(page)
    await page.goto("/add/label")
    text = {"name": "label.jpg", "mimeType": "image/jpeg", "buffer": b"not a picture"}
    await page.get_by_label("Choose pictures").set_input_files([text])
    await expect(page.locator(".pictures li")).to_contain_text("label.jpg")
    await page.get_by_role("button", name="Read the label").click()
    await expect(page.get_by_role("alert")).to_contain_text("not a JPEG")
