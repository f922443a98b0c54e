"""The pages as people use them: with a mouse, without JavaScript, and when they make mistakes."""

import re
from typing import Any

import httpx
from playwright.async_api import Page, expect

from tests.journeys.conftest import MEAL, PASSWORD, House, Open, log_meal, register

FIRST_LOAD_BYTES = 100_000
FIRST_LOAD_REQUESTS = 10


async def test_a_stranger_tries_it_registers_says_a_meal_and_sees_the_day(open_page: Open) -> None:
    page = await open_page()
    await page.goto("/")
    await expect(page.locator("#reading")).to_contain_text("Scrambled eggs")
    await page.get_by_label("What did you eat?").fill("a banana")
    await expect(page.locator("#reading")).to_contain_text("Banana")

    await register(page)
    await expect(page.get_by_text("Nothing is written down for this day yet.")).to_be_visible()

    await page.get_by_role("link", name="What did you eat?").click()
    await page.get_by_label("What did you eat?").press_sequentially(MEAL, delay=1)
    lines = page.locator("#reading [data-line]")
    await expect(lines).to_have_count(4)
    await expect(page.locator("#heard")).to_contain_text("4 foods")
    before = await page.locator("#together").inner_text()

    # Correct one with a tap: the latte was another.
    latte = lines.nth(3)
    await latte.get_by_text("something else?").click()
    other = latte.locator("label.choice").nth(1)
    name = await other.locator("input").get_attribute("data-name")
    await other.click()
    await expect(latte.locator(".what")).to_have_text(str(name))
    await expect(page.locator("#together")).not_to_have_text(before)
    # Typing on keeps what was corrected.
    await page.get_by_label("What did you eat?").press_sequentially(" and an apple")
    await expect(lines).to_have_count(5)
    await expect(page.locator("#reading .what", has_text=str(name))).to_have_count(1)

    await page.get_by_role("button", name="Save the meal").click()
    await page.wait_for_url("**/")
    await expect(page.locator(".meal .items li")).to_have_count(5)
    await expect(page.locator(".meal")).to_contain_text(str(name))
    await page.get_by_text("All nutrients of the day").click()
    await expect(page.get_by_role("row", name=re.compile("^Protein"))).to_be_visible()

    await the_correction_is_a_word(page, str(name))


async def the_correction_is_a_word(page: Page, name: str) -> None:
    """It became a word of one's own, and can be forgotten."""
    await page.goto("/me/words")
    await expect(page.locator("main")).to_contain_text(name)
    await page.get_by_role("button", name="Forget").click()
    await expect(page.get_by_text("Nothing yet.")).to_be_visible()


async def test_goals_weight_units_and_a_day_towards_them(open_page: Open) -> None:
    page = await open_page()
    await register(page)
    await page.goto("/me/settings")
    await page.get_by_label("Energy a day, kcal").fill("2100")
    await page.get_by_label("Protein, amount").fill("1,6")
    await page.get_by_label("Protein, unit").select_option("kg")
    await page.get_by_role("button", name="Save the goals").click()
    await expect(page.get_by_label("Protein, amount")).to_have_value("1.6")
    await page.goto("/")
    await page.get_by_label("Weight in kilograms").fill("72,4")
    await page.get_by_role("button", name="Save the weight").click()
    await expect(page.locator(".big")).to_have_text("72.4 kg")
    await log_meal(page)
    await expect(page.get_by_text(re.compile(r"[\d,]+ kcal left of 2,100 kcal\."))).to_be_visible()
    await expect(page.get_by_text(re.compile(r"\d+ / 116 g"))).to_be_visible()

    await page.goto("/me/settings")
    await page.get_by_label("Weight and lengths").select_option("imperial")
    await page.get_by_label("Energy", exact=True).select_option("kJ")
    await page.get_by_role("button", name="Save the units").click()
    await expect(page.get_by_label("Energy a day, kJ")).to_have_value("8786")
    await page.goto("/")
    await expect(page.locator(".big")).to_have_text("159.6 lb")
    await expect(page.get_by_text("left of 8,786 kJ.")).to_be_visible()


async def test_a_meal_is_changed_copied_deleted_and_brought_back(open_page: Open) -> None:
    page = await open_page()
    await register(page)
    await log_meal(page)
    await page.locator(".meal h2 a").click()
    await page.get_by_label("Grams").first.fill("240")
    await page.get_by_label("Note").fill("late")
    await page.get_by_role("button", name="Save the changes").click()
    await expect(page.get_by_text("The meal was changed.")).to_be_visible()
    await expect(page.locator(".meal")).to_contain_text("240 g")
    await page.get_by_role("button", name="Undo").click()
    await expect(page.locator(".meal")).to_contain_text("120 g")

    await page.locator(".meal h2 a").click()
    await page.get_by_role("button", name="Delete this meal").click()
    await expect(page.locator(".meal")).to_have_count(0)
    await page.get_by_role("button", name="Undo").click()
    await expect(page.locator(".meal")).to_have_count(1)

    await page.goto("/")
    await page.get_by_role("link", name="The day before").click()
    yesterday = page.url.rsplit("/", 1)[-1]
    await page.goto("/")
    await page.get_by_text("Copy this day").click()
    await page.get_by_label("To the day").fill(yesterday)
    await page.get_by_role("button", name="Copy").click()
    await page.wait_for_url(f"**/day/{yesterday}")
    await expect(page.locator(".meal .items li")).to_have_count(4)


async def test_quick_add_and_foods_of_ones_own(open_page: Open) -> None:
    page = await open_page()
    await register(page)
    await page.goto("/add")
    await page.get_by_text("Quick add").click()
    await page.get_by_label("Name").fill("Canteen soup")
    await page.get_by_label("Energy, kcal").fill("310")
    await page.get_by_role("button", name="Save the figures").click()
    await page.wait_for_url("**/")
    await expect(page.locator(".meal")).to_contain_text("Canteen soup")

    await page.goto("/foods")
    await page.get_by_text("Make a food of my own").click()
    await page.get_by_label("Name", exact=True).fill("Grandmother's granola")
    await page.get_by_label("Energy, kcal").fill("450")
    await page.get_by_label("Protein, g").fill("11,5")
    await page.get_by_label("A portion is called").fill("1 bowl")
    await page.get_by_label("and weighs, g").fill("60")
    await page.get_by_role("button", name="Save the food").click()
    await page.goto("/foods?q=granola")
    await page.get_by_role("link", name="Grandmother's granola").click()
    await page.get_by_role("button", name="Save the meal").click()
    await page.wait_for_url("**/")
    await expect(page.get_by_text("60 g")).to_be_visible()

    await page.goto("/foods?q=granola")
    await page.get_by_role("link", name="Grandmother's granola").click()
    await page.get_by_text("Change this food").click()
    await page.get_by_label("Energy, kcal").fill("500")
    await page.get_by_label("everything, also the past").check()
    await page.get_by_role("button", name="Save the change").click()
    await expect(page.get_by_role("row", name=re.compile("^Energy"))).to_contain_text("500 kcal")
    await page.get_by_text("Change this food").click()
    await page.get_by_role("button", name="Undo the last change").click()
    await expect(page.get_by_role("row", name=re.compile("^Energy"))).to_contain_text("450 kcal")


async def test_signing_out_and_in_again(open_page: Open) -> None:
    page = await open_page()
    email = await register(page)
    await page.goto("/me")
    await page.get_by_role("button", name="Sign out here").click()
    await expect(page.get_by_role("link", name="Make an account")).to_be_visible()
    await page.goto("/day/2026-01-05")
    await expect(page).to_have_url(re.compile("/sign-in"))
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill("another password")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/day/2026-01-05")


async def test_everything_works_without_javascript(open_page: Open) -> None:
    page = await open_page(java_script_enabled=False)
    await page.goto("/")
    await page.get_by_label("What did you eat?").fill("a banana")
    await page.get_by_role("button", name="Read it").click()
    await expect(page.locator("#reading")).to_contain_text("Banana")
    await register(page)
    await page.get_by_role("link", name="What did you eat?").click()
    await page.get_by_label("What did you eat?").fill(MEAL)
    await page.get_by_role("button", name="Read it").click()
    latte = page.locator("[data-line]").nth(3)
    await latte.get_by_text("something else?").click()
    other = latte.locator("input[type=radio]").nth(1)
    name = await other.get_attribute("data-name")
    weighs = await other.get_attribute("data-weighs")
    await other.check()
    await page.get_by_role("button", name="Save the meal").click()
    await page.wait_for_url("**/")
    await expect(page.locator(".meal .items li").nth(3)).to_contain_text(f"{name} {weighs} g")
    await page.locator(".meal h2 a").click()
    await page.get_by_label("Grams").first.fill("180")
    await page.get_by_role("button", name="Save the changes").click()
    await expect(page.locator(".meal")).to_contain_text("180 g")
    await page.get_by_role("button", name="Undo").click()
    await page.get_by_label("Weight in kilograms").fill("70")
    await page.get_by_role("button", name="Save the weight").click()
    await expect(page.locator(".big")).to_have_text("70.0 kg")
    # Saved without reading first: read as it is saved.
    await page.goto("/add")
    await page.get_by_label("What did you eat?").fill("an apple")
    await page.get_by_role("button", name="Save the meal").click()
    await expect(page.locator(".meal", has_text="Apple")).to_have_count(1)


async def refused(page: Any, button: str, says: str) -> None:
    await page.get_by_role("button", name=button).click()
    await expect(page.get_by_role("alert").filter(has_text=re.compile(says)).first).to_be_visible()


async def test_bad_input_is_refused_with_a_reason(open_page: Open) -> None:
    for scripted in (True, False):
        page = await open_page(java_script_enabled=scripted)
        await page.goto("/register")
        await page.get_by_label("E-mail").fill("ada@example.org")
        await page.get_by_label("Password").fill("short")
        await refused(page, "Make the account", "password|Password")
        await register(page)
        await page.goto("/add")
        await page.get_by_label("What did you eat?").fill("the sound of rain")
        await refused(page, "Save the meal", "food|Name")
        await page.goto("/add")
        await page.get_by_label("What did you eat?").evaluate("e => e.removeAttribute('maxlength')")
        await page.get_by_label("What did you eat?").fill("apple " * 1500)
        await refused(page, "Save the meal", "long|meal|words")
        await page.goto("/me/settings")
        await page.get_by_label("Energy a day, kcal").fill("a lot")
        await refused(page, "Save the goals", "number")
        await page.goto("/")
        await page.get_by_label("Weight in kilograms").fill("7")
        await page.get_by_role("button", name="Save the weight").click()
        await expect(page.locator("main")).to_contain_text(re.compile("Weight|kg"))
        await expect(page.locator("main")).to_contain_text(re.compile("20|not accepted"))
        await log_meal_plainly(page)
        await page.locator(".meal h2 a").click()
        await page.get_by_label("Grams").first.fill("-5")
        await refused(page, "Save the changes", "above 0")


async def log_meal_plainly(page: Any) -> None:
    await page.goto("/add")
    await page.get_by_label("What did you eat?").fill("an apple")
    await page.get_by_role("button", name="Save the meal").click()
    await page.locator(".meal").wait_for()


async def test_another_persons_meal_is_not_there(open_page: Open) -> None:
    mine, theirs = await open_page(), await open_page()
    await register(mine)
    await log_meal(mine)
    address = await mine.locator(".meal h2 a").get_attribute("href")
    assert (await mine.goto(address)).status == 200
    await register(theirs)
    answer = await theirs.goto(address)
    assert answer.status == 404
    await expect(theirs.get_by_role("heading", level=1)).to_be_visible()
    assert (await theirs.goto("/staff/design")).status == 403


async def test_the_first_load_is_small(open_page: Open) -> None:
    for path in ("/", "/register"):
        page = await open_page(service_workers="block")
        requests: list[Any] = []
        page.on("requestfinished", lambda request, seen=requests: seen.append(request))
        await page.goto(path, wait_until="networkidle")
        sizes = [await request.sizes() for request in requests]
        total = sum(one["responseBodySize"] + one["responseHeadersSize"] for one in sizes)
        assert len(requests) <= FIRST_LOAD_REQUESTS, [request.url for request in requests]
        assert total <= FIRST_LOAD_BYTES, total


async def test_nor_does_the_service_worker_ask_for_much(open_page: Open, site: House) -> None:
    before = requests_answered(site)
    page = await open_page()
    await page.goto("/")
    await page.wait_for_function("async () => Boolean(await caches.match('/offline'))")
    await page.wait_for_load_state("networkidle")
    # The two readings of the metrics are no part of it; only the first is counted in the second.
    assert requests_answered(site) - before - 1 <= FIRST_LOAD_REQUESTS


def requests_answered(site: House) -> int:
    """How many requests the server has answered."""
    lines = httpx.get(f"{site.url}/metrics", timeout=10).text.splitlines()
    return sum(
        int(float(line.rpartition(" ")[2]))
        for line in lines
        if line.startswith("http_requests_total{")
    )


async def test_the_page_is_worked_by_keyboard_alone(open_page: Open) -> None:
    page = await open_page()
    await register(page)
    await page.keyboard.press("Tab")
    await expect(page.get_by_text("Skip to the content")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("main")).to_be_focused()
    await page.goto("/add")
    await expect(page.get_by_label("What did you eat?")).to_be_focused()
    await page.keyboard.type("an apple")
    await page.locator("#reading [data-line]").first.wait_for()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Say it")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await expect(page.get_by_label("Grams")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("#reading input[type=radio]").nth(1)).to_be_checked()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Save the meal")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/")
    await expect(page.locator(".meal")).to_have_count(1)
