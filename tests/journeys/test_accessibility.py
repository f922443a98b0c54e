"""Every page is free of what axe-core finds, light and dark, on a phone and on a desktop."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from litestar.handlers import HTTPRouteHandler

from hearth import app, people
from hearth.core.cluster import Cluster
from hearth.core.db import Pool
from tests.journeys.conftest import MEAL, House, Open, log_meal, register

# Paths that answer machines; everything else that GET answers is a page for people.
MACHINES = ("/api", "/static", "/health", "/ready", "/live", "/metrics", "/photos")
FILES = {"/sw.js", "/manifest.webmanifest", "/favicon.ico", "/robots.txt"}
AXE = Axe()


def page_routes(routes: tuple[Any, ...] = app.ROUTES) -> set[str]:
    """The paths of all pages, with their parameters as in the handlers."""
    return {
        path
        for handler in routes
        if isinstance(handler, HTTPRouteHandler) and "GET" in handler.http_methods
        for path in handler.paths
        if not path.startswith(MACHINES) and path not in FILES
    }


class Visits:
    """A page that walks the house, and which routes it has seen."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.found: list[str] = []

    async def go(self, path: str) -> None:
        await self.page.goto(path)
        await self.look(path)

    async def look(self, name: str) -> None:
        """Ask axe about what is shown, with everything unfolded."""
        await self.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        for scheme in ("light", "dark"):
            await self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            results = await AXE.run(self.page)
            for one in results.response["violations"]:
                nodes = "; ".join(node["html"][:160] for node in one["nodes"][:4])
                self.found.append(f"{name} ({scheme}): {one['id']}: {one['help']}: {nodes}")


STRANGER = {
    "/": "/",
    "/sign-in": "/sign-in",
    "/register": "/register",
    "/verify": "/verify?token=x",
    "/reset": "/reset?token=x",
    "/offline": "/offline",
}


FIXED = {
    "/": "/",
    "/day/{on:date}": "/day/2026-01-05",
    "/add": "/add",
    "/add/voice": "/add/voice",
    "/add/barcode": "/add/barcode?code=4006381333931",
    "/add/label": "/add/label?barcode=4006381333931",
    "/add/label/figures": "/add/label/figures",
    "/add/photo": "/add/photo",
    "/add/menu": "/add/menu",
    "/me": "/me",
    "/me/settings": "/me/settings",
    "/me/words": "/me/words",
    "/me/models": "/me/models",
    "/me/models/calls": "/me/models/calls",
    "/foods": "/foods?q=bread",
    "/staff/design": "/staff/design",
    "/staff/models": "/staff/models",
}


async def at_home(page: Any, site: House) -> dict[str, str]:
    """A person with a day worth looking at, on the staff; where each route of theirs is."""
    email = await register(page)
    pool = Pool(Cluster(site.data).dsn, size=1, application="hearth-tests")
    await people.grant(pool, email, "support")
    await pool.close()
    await page.goto("/me/settings")
    await page.get_by_label("Energy a day, kcal").fill("2100")
    await page.get_by_role("button", name="Save the goals").click()
    for kg in ("72.4", "72.1"):
        await page.goto("/")
        await page.get_by_label("Weight in kilograms").fill(kg)
        await page.get_by_role("button", name="Save the weight").click()
        await page.get_by_text(f"{kg} kg").first.wait_for()
    await page.goto("/foods")
    await page.get_by_text("Make a food of my own").click()
    await page.get_by_label("Name", exact=True).fill("Zwetschgenröster")
    await page.get_by_role("button", name="Save the food").click()
    await page.goto("/foods?q=Zwetschgenröster")
    own = await page.get_by_role("link", name="Zwetschgenröster").get_attribute("href")
    await log_corrected(page)
    meal = await page.locator(".meal h2 a").get_attribute("href")
    return FIXED | {"/meal/{meal_id:uuid}": meal, "/foods/{food_id:str}": own}


async def log_corrected(page: Any) -> None:
    await page.goto("/add")
    await page.get_by_label("What did you eat?").fill(MEAL)
    first = page.locator("#reading [data-line]").first
    await first.get_by_text("something else?").click()
    await first.locator("label.choice").nth(1).click()
    await page.get_by_role("button", name="Save the meal").click()
    await page.locator(".meal").wait_for()


@pytest.mark.parametrize("width", [390, 1100])
async def test_pages_for_strangers(open_page: Open, width: int) -> None:
    visits = Visits(await open_page(viewport={"width": width, "height": 844}))
    for path in STRANGER.values():
        await visits.go(path)
    await visits.go("/reset")
    await visits.page.goto("/register")
    await visits.page.get_by_label("E-mail").fill("nobody@example.org")
    await visits.page.get_by_label("Password").fill("short")
    await visits.page.get_by_role("button", name="Make the account").click()
    await visits.page.get_by_role("alert").first.wait_for()
    await visits.look("a refused registration")
    assert visits.found == []


@pytest.mark.parametrize("width", [390, 1100])
async def test_pages_of_a_person(open_page: Open, site: House, width: int) -> None:
    page = await open_page(viewport={"width": width, "height": 844})
    places = await at_home(page, site)
    assert set(places) | set(STRANGER) == page_routes(), "a page is visited by no test"
    visits = Visits(page)
    for path in places.values():
        await visits.go(path)
    await visits.go("/foods/starter:no-such-food")
    await page.goto("/add")
    await page.get_by_label("What did you eat?").fill(MEAL + " and blorkfish")
    await page.locator("#reading [data-line]").first.wait_for()
    await visits.look("a reading")
    await page.goto(places["/meal/{meal_id:uuid}"])
    await page.locator("input[name=version]").evaluate("field => field.value = 999")
    await page.get_by_role("button", name="Save the changes").click()
    await page.get_by_role("heading", name="Changed in the meantime").wait_for()
    await visits.look("a conflict")
    assert visits.found == []


async def test_axe_finds_what_is_wrong(open_page: Open) -> None:
    visits = Visits(await open_page())
    await visits.page.goto("/sign-in")
    await visits.page.evaluate("document.querySelector('main').append(new Image())")
    await visits.look("a canary")
    assert any("image-alt" in line for line in visits.found)


async def test_nothing_shifts_and_nothing_is_wider_than_a_phone(open_page: Open) -> None:
    page = await open_page(viewport={"width": 320, "height": 640})
    await register(page)
    await log_meal(page)
    ways = ("/add/barcode", "/add/label", "/add/label/figures")
    for path in ("/", "/add", "/add/voice", *ways, "/foods?q=bread", "/me", "/me/settings"):
        await page.goto(path)
        await asyncio.sleep(0.2)
        wide = "document.documentElement.scrollWidth - innerWidth"
        assert await page.evaluate(wide) <= 0, path
        shifts = """new Promise(done => new PerformanceObserver(list => done(
          list.getEntries().reduce((sum, one) => sum + one.value, 0))).observe(
          { type: 'layout-shift', buffered: true }) ?? setTimeout(() => done(0), 300))"""
        assert await page.evaluate(shifts) < 0.02, path


def test_every_page_has_a_template_that_is_drawn() -> None:
    """Templates that no page needs are gone."""
    source = Path(app.__file__).parent
    used = "".join(path.read_text(encoding="utf-8") for path in source.rglob("*.py"))
    used += "".join(path.read_text(encoding="utf-8") for path in source.rglob("*.html"))
    names = {path.name for path in source.rglob("*.html")}
    assert [name for name in sorted(names) if f'"{name}"' not in used] == []
