"""The diary's pages without a browser: what their forms do, and what they refuse."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hearth import foods, recognition
from hearth.core.db import Pool
from hearth.diary import adding_web, api, settings_web, web
from hearth.foods import api as foods_api
from hearth.foods import web as foods_web
from tests.site import client_of

DAY = "2024-05-17"


@pytest.fixture
async def client(db: Pool, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    pages = [*web.pages, *adding_web.pages, *settings_web.pages, *foods_web.pages]
    routes = [*api.routes, *foods_api.routes, *pages]
    async with client_of(db, tmp_path, routes, zone="Europe/Belgrade") as opened:
        yield opened


async def logged(client: httpx.AsyncClient, **item: Any) -> dict[str, Any]:
    body = {"day": DAY, "items": [{"name": "Stew", **item}]}
    answer = await client.post("/api/meals", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_what_nobody_knows_is_no_zero(client: httpx.AsyncClient) -> None:
    goal = {"energy_kcal": 2100, "targets": {"protein_g": {"amount": 90}}}
    await client.put("/api/goals/2024-01-01", json=goal)
    empty = (await client.get(f"/day/{DAY}")).text
    assert "2,100 kcal left of 2,100 kcal." in empty
    await logged(client)
    page = (await client.get(f"/day/{DAY}")).text
    assert "The energy of what was eaten is unknown." in page
    assert "left of" not in page
    assert "? kcal / 2,100 kcal" in page
    assert "? / 90 g" in page


@pytest.mark.parametrize("day", ["0001-01-01", "0001-01-20", "9999-12-31"])
async def test_a_day_beyond_the_calendar_is_refused(client: httpx.AsyncClient, day: str) -> None:
    assert (await client.get(f"/day/{day}")).status_code == 422


@pytest.mark.parametrize("number", ["nan", "inf", "1e999", "x"])
async def test_what_is_no_number_is_refused(client: httpx.AsyncClient, number: str) -> None:
    form = {"first_day_of_week": number}
    assert (await client.post("/me/settings", data=form)).status_code == 422
    assert (await client.post("/me/goals", data={"energy": number})).status_code == 422


async def test_a_version_that_is_none_is_refused(client: httpx.AsyncClient) -> None:
    meal = await logged(client)
    answer = await client.post(f"/meal/{meal['id']}", data={"version": "\u00b2"})
    assert answer.status_code == 422


async def test_the_form_of_goals_keeps_what_it_does_not_show(client: httpx.AsyncClient) -> None:
    await client.patch("/api/settings", json={"energy_unit": "kJ"})
    hidden = {"amount": 2000.0, "per": "amount", "bound": "max"}
    targets = {"sodium_mg": hidden, "fiber_g": {"amount": 25, "bound": "min"}}
    await client.put("/api/goals/2024-01-01", json={"energy_kcal": 2100, "targets": targets})
    # The page shows 2,100 kcal as 8786 kJ.
    form = {"energy": "8786", "fiber_g": "30", "fiber_g-per": "amount"}
    assert (await client.post("/me/goals", data=form)).status_code == 303
    goal = (await client.get("/api/goals")).json()["goals"][0]
    assert goal["energy_kcal"] == 2100
    assert goal["targets"]["sodium_mg"] == hidden
    assert goal["targets"]["fiber_g"] == {"amount": 30.0, "per": "amount", "bound": "min"}


async def test_an_undo_that_is_sent_twice_takes_back_once(client: httpx.AsyncClient) -> None:
    meal = await logged(client)
    path = f"/meal/{meal['id']}"
    for version, note in ((1, "first"), (2, "second")):
        form = {"version": str(version), "note": note}
        answer = await client.post(path, data=form)
        assert answer.headers["location"] == f"/day/{DAY}?undo=change.{meal['id']}.{version}"
    shown = (await client.get(answer.headers["location"])).text
    assert 'name="version" value="2"' in shown
    for _ in range(2):
        answer = await client.post(f"{path}/undo", data={"version": "2"})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/day/{DAY}")
        assert (await client.get(f"/api/meals/{meal['id']}")).json()["note"] == "first"


async def test_a_deleted_weight_comes_back_once(client: httpx.AsyncClient) -> None:
    weight = (await client.post("/api/weights", json={"kg": 70})).json()
    gone = await client.post(f"/weights/{weight['id']}/delete")
    assert gone.headers["location"].endswith(f"?undo=weight.{weight['id']}.1")
    for _ in range(2):
        back = await client.post(f"/weights/{weight['id']}/undo", data={"version": "1"})
        assert back.status_code == 303
    assert len((await client.get("/api/weights")).json()["items"]) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"portion_grams": "-5"},
        {"portion_grams": "nan"},
        {"portion_grams": "60000"},
        {"name": "L" * 300},
        {"name": "a\x01b"},
        {"barcode": "123"},
    ],
)
async def test_an_own_food_has_the_limits_of_the_api(
    client: httpx.AsyncClient, wrong: dict[str, str]
) -> None:
    form = {"name": "Loaf", "energy_kcal": "250"}
    assert (await client.post("/foods", data=form | wrong)).status_code == 422
    assert (await client.get("/api/foods/own")).json()["items"] == []
    assert (await client.post("/foods", data=form)).status_code == 303
    [food] = (await client.get("/api/foods/own")).json()["items"]
    change = await client.post(f"/foods/{food['id']}", data={"name": "L" * 300, "version": "1"})
    assert change.status_code == 422


async def test_an_undone_edit_is_undone_once(client: httpx.AsyncClient) -> None:
    new = {"name": "Loaf", "nutrients": {"energy_kcal": 250}}
    food = (await client.post("/api/foods", json=new)).json()
    path = f"/foods/{food['id']}"
    for version, energy in ((1, "260"), (2, "270")):
        form = {"name": "Loaf", "energy_kcal": energy, "version": str(version)}
        assert (await client.post(path, data=form)).status_code == 303
    for _ in range(2):
        assert (await client.post(f"{path}/undo", data={"version": "3"})).status_code == 303
        assert (await client.get(f"/api{path}")).json()["nutrients"] == {"energy_kcal": 260.0}


async def test_a_button_pressed_twice_without_javascript_does_it_once(
    client: httpx.AsyncClient,
) -> None:
    form = {"name": "Stew", "energy_kcal": "300", "day": DAY, "once": "drawn"}
    for _ in range(2):
        assert (await client.post("/add/quick", data=form)).status_code == 303
    assert len((await client.get(f"/api/days/{DAY}")).json()["meals"]) == 1
    assert (await client.post("/add/quick", data=form | {"name": "Soup"})).status_code == 303
    assert len((await client.get(f"/api/days/{DAY}")).json()["meals"]) == 2


def _fields(page: str) -> dict[str, str]:
    """What the reading of an add page would send, with the first of each choice."""
    hidden = dict(re.findall(r'name="((?:read|phrase)[^"]*)" value="([^"]*)"', page))
    grams = dict(re.findall(r'name="(grams-\d+)"[^>]* value="([^"]*)"', page))
    return hidden | grams


async def test_a_mistake_keeps_the_other_corrections(client: httpx.AsyncClient, db: Pool) -> None:
    await foods.load_starter(db)
    await recognition.refresh_catalogue(db)
    text = "two eggs and a banana"
    form = _fields((await client.post("/add/read", data={"text": text})).text)
    page = (await client.post("/add/read", data={"text": text})).text
    choices = re.findall(r'name="food-0" value="([^"|]+\|[^"]+)"', page)
    sent = form | {"text": text, "day": DAY, "food-0": choices[1], "grams-0": "133"}
    sent |= {"food-1": form["read-1"].rpartition("|")[0], "grams-1": "abc", "live": "yes"}
    refused = await client.post("/add", data=sent)
    assert refused.status_code == 422
    assert re.search(rf'value="{re.escape(choices[1])}"[^>]* checked', refused.text)
    again = _fields(refused.text)
    assert (again["grams-0"], again["grams-1"]) == ("133", "abc")
    answer = await client.post("/add", data=sent | {"grams-1": "120"})
    assert answer.status_code == 303, answer.text
