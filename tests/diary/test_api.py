"""The diary over HTTP, as a client sees it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hearth.core.db import Pool
from hearth.diary.api import routes
from hearth.foods.api import routes as food_routes
from tests.diary.conftest import nowhere
from tests.site import client_of

QUICK = {"name": "Soup", "grams": 300, "nutrients": {"energy_kcal": 150, "protein_g": 6}}


@pytest.fixture
async def client(db: Pool, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(db, tmp_path, [*routes, *food_routes], zone="Europe/Belgrade") as opened:
        yield opened


async def logged(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    body = {"day": "2024-05-17", "kind": "lunch", "items": [QUICK], **more}
    answer = await client.post("/api/meals", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_meal_is_logged_once_per_key_and_seen_in_its_day(client: httpx.AsyncClient) -> None:
    body = {"at": "2024-05-17T12:30:00", "items": [QUICK, QUICK]}
    headers = {"Idempotency-Key": "k1"}
    first = await client.post("/api/meals", json=body, headers=headers)
    again = await client.post("/api/meals", json=body, headers=headers)
    assert (first.status_code, first.json()) == (201, again.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    other = await client.post("/api/meals", json=body | {"note": "x"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    day = (await client.get("/api/days/2024-05-17")).json()
    assert [meal["kind"] for meal in day["meals"]] == ["lunch"]
    assert day["meals"][0]["at"] == "2024-05-17T10:30:00Z"
    total = {"amount": 300.0, "coverage": 1.0, "is_partial": False}
    assert day["totals"]["energy_kcal"] == total
    assert "carb_g" in day["unknown"]
    assert day["meals"][0]["carb_g"] is None


async def test_a_food_is_logged_by_portion(client: httpx.AsyncClient) -> None:
    food = {
        "name": "Rye bread",
        "nutrients": {"energy_kcal": 240, "carb_g": 45},
        "portions": [{"label": "1 slice", "grams": 30, "unit": "slice"}],
    }
    made = (await client.post("/api/foods", json=food)).json()
    meal = await logged(client, items=[{"food_id": made["id"], "amount": 2, "unit": "slice"}])
    assert meal["items"][0]["grams"] == 60
    assert meal["items"][0]["nutrients"]["carb_g"] == 27


async def test_two_devices_notice_each_other(client: httpx.AsyncClient) -> None:
    meal = await logged(client)
    path = f"/api/meals/{meal['id']}"
    etag = (await client.get(path)).headers["ETag"]
    changed = await client.patch(path, json={"note": "one"}, headers={"If-Match": etag})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    late = await client.patch(path, json={"note": "two"}, headers={"If-Match": etag})
    assert (late.status_code, late.json()["code"]) == (412, "stale")
    gone = await client.delete(path, headers={"If-Match": etag})
    assert gone.status_code == 412
    assert (await client.get(path)).json()["note"] == "one"


async def test_deleting_and_undoing(client: httpx.AsyncClient) -> None:
    meal = await logged(client)
    path = f"/api/meals/{meal['id']}"
    assert (await client.delete(path)).status_code == 204
    assert (await client.get(path)).status_code == 404
    back = await client.post(f"{path}/undo", headers={"Idempotency-Key": "u"})
    assert back.json()["items"] == meal["items"]
    assert (await client.post(f"{path}/undo", headers={"Idempotency-Key": "u"})).is_success
    assert (await client.post(f"{path}/undo")).json()["code"] == "nothing_to_undo"


async def test_items_and_copies(client: httpx.AsyncClient) -> None:
    meal = await logged(client)
    path = f"/api/meals/{meal['id']}"
    longer = (await client.post(f"{path}/items", json={"items": [QUICK]})).json()
    item = f"{path}/items/{longer['items'][0]['id']}"
    double = (await client.patch(item, json={"grams": 600})).json()
    assert double["items"][0]["nutrients"]["energy_kcal"] == 300
    assert (await client.delete(item)).status_code == 204
    copy = (await client.post(f"{path}/copies", json={"day": "2024-05-20"})).json()
    assert (copy["day"], len(copy["items"])) == ("2024-05-20", 1)
    day = await client.post("/api/days/2024-05-20/copies", json={"day": "2024-05-21"})
    assert len(day.json()["meals"]) == 1
    found = await client.get("/api/days", params={"from": "2024-05-01", "to": "2024-05-31"})
    assert [one["day"] for one in found.json()["days"]] == [
        "2024-05-17",
        "2024-05-20",
        "2024-05-21",
    ]


BAD: list[tuple[dict[str, Any], str]] = [
    ({"items": []}, "items"),
    ({"items": [QUICK | {"grams": -1}]}, "items"),
    ({"items": [QUICK | {"grams": 30000}]}, "items"),
    ({"items": [{"name": "x", "nutrients": {"energy_kcal": "many"}}]}, "items"),
    ({"items": [{"name": "x", "nutrients": {"luck_g": 1}}]}, "items"),
    ({"items": [{"food_id": "sr:none", "grams": 1}]}, "items"),
    ({"items": [QUICK], "day": "0001-01-01"}, "day"),
    ({"items": [QUICK], "at": "2024-05-17T25:00:00"}, "at"),
    ({"items": [QUICK], "zone": "Mars/Base"}, "zone"),
    ({"items": [QUICK], "kind": "\u0001"}, "kind"),
    ({"items": [QUICK], "calories": 1}, ""),
]


@pytest.mark.parametrize(("body", "field"), BAD)
async def test_bad_input_is_refused_with_a_reason(
    client: httpx.AsyncClient, body: dict[str, Any], field: str
) -> None:
    answer = await client.post("/api/meals", json=body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"].startswith(field)


@pytest.mark.parametrize(
    "text",
    ['{"items": [{"name": "x", "grams": 1e999}]}', '{"items": [{"name": "x", "grams": NaN}]}'],
)
async def test_numbers_that_are_none_are_refused(client: httpx.AsyncClient, text: str) -> None:
    answer = await client.post(
        "/api/meals", content=text, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in (400, 422)


async def test_what_is_not_there_is_not_found(client: httpx.AsyncClient) -> None:
    for method, path in (
        ("GET", f"/api/meals/{nowhere()}"),
        ("DELETE", f"/api/meals/{nowhere()}"),
        ("GET", f"/api/weights/{nowhere()}"),
        ("DELETE", "/api/goals/2020-01-01"),
        ("GET", "/api/goals/2020-01-01"),
        ("GET", "/api/days/yesterday"),
    ):
        assert (await client.request(method, path)).status_code == 404, path


async def test_weights_goals_and_settings(client: httpx.AsyncClient) -> None:
    weight = (
        await client.post("/api/weights", json={"kg": 70.5, "at": "2024-05-17T07:00:00"})
    ).json()
    assert (await client.get("/api/weights", params={"limit": 1})).json()["items"] == [weight]
    assert (await client.delete(f"/api/weights/{weight['id']}")).status_code == 204
    assert (await client.post(f"/api/weights/{weight['id']}/undo")).json()["kg"] == 70.5
    goal = {"energy_kcal": 2100, "targets": {"protein_g": {"amount": 1.8, "per": "kg"}}}
    stored = await client.put("/api/goals/2024-05-01", json=goal)
    assert (stored.status_code, stored.headers["ETag"]) == (200, '"1"')
    day = (await client.get("/api/days/2024-05-17")).json()
    assert day["goals"]["protein_g"]["goal"] == 126.9
    changed = await client.patch(
        "/api/settings", json={"energy_unit": "kJ"}, headers={"If-Match": '"0"'}
    )
    assert changed.json()["energy_unit"] == "kJ"
    late = await client.patch(
        "/api/settings", json={"units": "imperial"}, headers={"If-Match": '"0"'}
    )
    assert late.status_code == 412
    assert (await client.post("/api/weights", json={"kg": 5})).status_code == 422


async def test_nobody_sees_anything_without_logging_in(client: httpx.AsyncClient) -> None:
    meal = await logged(client)
    for path in ("/api/days/2024-05-17", f"/api/meals/{meal['id']}", "/api/weights", "/api/goals"):
        answer = await client.get(path, headers={"Authorization": ""})
        assert answer.status_code == 401, path
