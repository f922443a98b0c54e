"""Plates and menus in a browser: with and without a model, with and without JavaScript."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests import drawn
from tests.ai.doubles import KEY, OpenAiDouble
from tests.journeys.conftest import Open, register
from tests.journeys.test_accessibility import Visits
from tests.serving import House, house


def food(name: str, grams: float) -> dict[str, Any]:
    return {
        "name": name, "said": name, "cooking": "", "grams": grams, "low_g": grams * 0.7,
        "high_g": grams * 1.4, "confidence": 0.9,
    }  # fmt: skip


PLATE = json.dumps(
    {"items": [food("boiled rice", 150), food("chicken breast", 120)], "size_cue": "bank_card"}
)


def dish(name: str, energy_part: str, grams: float, **more: Any) -> dict[str, Any]:
    part = {"name": energy_part, "said": energy_part, "grams": grams}
    usual = {"description": "", "section": "Mains", "price": 12.5, "currency": "EUR"}
    return {"name": name, "parts": [part]} | usual | more


MENU = json.dumps(
    {
        "dishes": [
            dish("Big pizza", "pizza margherita", 900),
            dish("Soup of the day", "tomato soup", 300, description="with basil"),
            dish("Grilled chicken", "chicken breast", 250),
        ],
        "more": False,
    }
)


class Seeing:
    """A house whose model is a double."""

    def __init__(self, house: House, model: OpenAiDouble) -> None:
        self.house = house
        self.model = model


@pytest.fixture(scope="module")
async def seeing() -> AsyncIterator[Seeing]:
    async with OpenAiDouble().running() as model:
        settings = {
            "AI_PROVIDERS": "openai",
            "AI_OPENAI_URL": model.url,
            "AI_OPENAI_KEY": KEY,
            "AI_OPENAI_VISION_MODEL": "a-model",
            "AI_OPENAI_NEEDS_CONSENT": "true",
            "AI_CACHE_S": "0",
        }
        with house(**settings) as opened:
            assert isinstance(model, OpenAiDouble)
            yield Seeing(opened, model)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    made = {"plate": tmp_path / "plate.jpg", "menu": tmp_path / "menu.png"}
    made["plate"].write_bytes(drawn.plate((1200, 900), gps=True))
    made["menu"].write_bytes(drawn.menu())
    return made


async def accessible(page: Any, name: str) -> None:
    """Free of what axe-core finds, with everything unfolded."""
    visits = Visits(page)
    await visits.look(name)
    assert visits.found == []


async def agreed(page: Any, path: str) -> None:
    """On the page, with consent given in place."""
    await page.goto(path)
    await page.get_by_role("button", name="Agree and go on").click()
    await page.locator("#photo-choose").wait_for()


async def test_a_house_without_a_model_offers_the_other_ways(open_page: Open) -> None:
    page = await open_page()
    await register(page)
    for path in ("/add/photo", "/add/menu"):
        await page.goto(path)
        await page.get_by_role("heading", name="No model that sees is configured here").wait_for()
        assert await page.locator("input[type=file]").count() == 0
    await page.get_by_role("link", name="Say it in words").click()
    await page.get_by_role("heading", name="What did you eat?").wait_for()


async def test_a_plate_becomes_a_meal_in_place(
    open_page: Open, seeing: Seeing, files: dict[str, Path]
) -> None:
    page = await open_page(base_url=seeing.house.url)
    await register(page)
    await agreed(page, "/add/photo")
    seeing.model.fail(400)
    await page.locator("#photo-choose").set_input_files(files["plate"])
    await page.locator("#pictures-shown img").wait_for()
    await page.get_by_label("What the camera cannot see").fill("a spoon of oil")
    await page.get_by_role("button", name="Look at the photo").click()
    await page.get_by_role("alert").wait_for()
    # What was chosen is still chosen: one press, and it is asked again.
    seeing.model.say(PLATE)
    await page.get_by_role("button", name="Look at the photo").click()
    line = page.locator("#reading [data-line]").first
    await line.wait_for()
    assert seeing.model.material["content"]["note"] == "a spoon of oil"
    await accessible(page, "a plate")
    await line.locator("[data-grams-of]").fill("200")
    assert await page.locator(".seen img").first.evaluate("one => one.naturalWidth") > 0
    await page.get_by_role("button", name="Save the meal").click()
    await page.wait_for_url(seeing.house.url + "/")
    await page.locator(".meal h2 a").first.click()
    await page.get_by_label("Grams").first.wait_for()
    assert await page.get_by_label("Grams").first.input_value() == "200"
    photo = page.locator(".pictures img")
    await photo.scroll_into_view_if_needed()
    await photo.evaluate("one => one.decode()")
    await accessible(page, "a meal with a photo")
    await page.get_by_role("button", name="Delete the photo").click()
    await page.get_by_label("Grams").first.wait_for()
    assert await page.locator(".pictures img").count() == 0


async def test_a_look_that_takes_too_long_is_given_up(
    open_page: Open, seeing: Seeing, files: dict[str, Path]
) -> None:
    page = await open_page(base_url=seeing.house.url)
    await register(page)
    await agreed(page, "/add/photo")
    waited: list[int] = []

    async def never(route: Any) -> None:
        waited.append(1)

    await page.route("**/add/photo", never)
    # Three minutes of patience pass in the time of a blink.
    await page.evaluate(
        "const patience = AbortSignal.timeout.bind(AbortSignal);"
        "AbortSignal.timeout = (ms) => patience(ms / 1000)"
    )
    await page.locator("#photo-choose").set_input_files(files["plate"])
    await page.locator("#pictures-shown img").wait_for()
    await page.get_by_role("button", name="Look at the photo").click()
    await page.get_by_role("alert").wait_for()
    assert waited
    assert await page.get_by_role("button", name="Look at the photo").is_enabled()


async def test_a_plate_becomes_a_meal_without_javascript(
    open_page: Open, seeing: Seeing, files: dict[str, Path]
) -> None:
    page = await open_page(base_url=seeing.house.url, java_script_enabled=False)
    await register(page)
    await agreed(page, "/add/photo?day=2026-01-05")
    seeing.model.fail(400)
    await page.locator("#photo-choose").set_input_files(files["plate"])
    await page.get_by_role("button", name="Look at the photo").click()
    await page.get_by_role("alert").wait_for()
    seeing.model.say(PLATE)
    await page.get_by_role("button", name="Try again with this photo").click()
    await page.get_by_role("button", name="Save the meal").click()
    await page.wait_for_url("**/day/2026-01-05")
    await page.locator(".meal h2 a").click()
    assert await page.locator(".pictures img").count() == 1


async def test_dishes_are_ranked_by_what_is_left_and_added(
    open_page: Open, seeing: Seeing, files: dict[str, Path]
) -> None:
    page = await open_page(base_url=seeing.house.url)
    await register(page)
    await agreed(page, "/add/menu")

    async def names() -> list[str]:
        seeing.model.say(MENU)
        await page.locator("#photo-choose").set_input_files(files["menu"])
        await page.get_by_role("button", name="Read the menu").click()
        await page.locator(".dish").first.wait_for()
        found: list[str] = await page.locator(".dish h3").all_inner_texts()
        return found

    assert await names() == ["Big pizza", "Soup of the day", "Grilled chicken"]
    assert await page.get_by_text("without goals there is nothing to rank by").count() == 1
    await page.goto("/me/settings")
    await page.get_by_label("Energy a day, kcal").fill("1000")
    await page.get_by_label("Protein, amount").fill("80")
    await page.get_by_role("button", name="Save the goals").click()
    await page.goto("/add/menu")
    assert await names() == ["Grilled chicken", "Soup of the day", "Big pizza"]
    await accessible(page, "a menu")
    await page.get_by_role("button", name="Add Soup of the day").click()
    await page.get_by_role("button", name="Save the meal").click()
    await page.locator(".meal").wait_for()
