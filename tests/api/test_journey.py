"""A client's whole journey by token, over real HTTP; each refusal beside its success."""

import asyncio
import json
import time
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from tests.serving import House

from .conftest import PASSWORD, QUICK, Join, bearer, refused

MEAL = "two scrambled eggs, a slice of rye bread with butter and a large latte"
TODAY = datetime.now(UTC).date().isoformat()


def made_token(client: httpx.Client, *scopes: str, **more: Any) -> dict[str, Any]:
    body = {"name": "a program", "scopes": list(scopes), **more}
    answer = client.post("/api/auth/tokens", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def logged(client: httpx.Client, **more: Any) -> dict[str, Any]:
    answer = client.post("/api/meals", json={"items": [QUICK], **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_sentence_becomes_a_meal_of_the_day_exactly_once(join: Join) -> None:
    person = join(zone="Europe/Stockholm")
    token = made_token(person, "diary:write")["token"]
    with httpx.Client(base_url=person.base_url, headers=bearer(token), timeout=30) as program:
        reading = program.post("/api/meals/read", json={"text": MEAL, "locale": "en"}).json()
        assert [item["phrase"] for item in reading["items"]]
        assert all({"food", "grams", "confidence", "why", "alternatives"} <= item.keys()
                   for item in reading["items"])  # fmt: skip
        assert {"totals", "interval", "coverage", "engine"} <= reading.keys()
        assert program.get(f"/api/days/{TODAY}").json()["meals"] == []

        items = [
            {"food_id": item["food"]["id"], "grams": item["grams"], "phrase": item["phrase"]}
            for item in reading["items"]
        ]
        key = {"Idempotency-Key": "6f1c"}
        body = {"items": items, "kind": "breakfast"}
        first = program.post("/api/meals", json=body, headers=key)
        again = program.post("/api/meals", json=body, headers=key)
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.content == again.content
        assert "idempotency-replayed" not in first.headers
        assert again.headers["idempotency-replayed"] == "true"
        other = program.post("/api/meals", json=body | {"note": "!"}, headers=key)
        refused(other, 409, "idempotency_key_reused")

        day = program.get(f"/api/days/{first.json()['day']}").json()
        assert [meal["id"] for meal in day["meals"]] == [first.json()["id"]]
        read = reading["totals"]["energy_kcal"]
        eaten = read["amount"] if isinstance(read, dict) else read
        assert day["totals"]["energy_kcal"]["amount"] == pytest.approx(eaten, rel=0.02)


def test_a_stale_change_is_refused_and_a_change_undone(anna: httpx.Client) -> None:
    meal = logged(anna, kind="lunch")
    at = f"/api/meals/{meal['id']}"
    tag = anna.get(at).headers["etag"]
    assert tag == f'"{meal["version"]}"'
    changed = anna.patch(at, json={"note": "with bread"}, headers={"If-Match": tag})
    assert changed.json()["note"] == "with bread"
    assert changed.headers["etag"] != tag
    refused(anna.patch(at, json={"note": "x"}, headers={"If-Match": tag}), 412, "stale")
    refused(anna.delete(at, headers={"If-Match": tag}), 412, "stale")
    assert anna.get(at).json()["note"] == "with bread"
    assert anna.post(f"{at}/undo").json()["note"] == ""
    assert anna.delete(at).status_code == 204
    refused(anna.get(at), 404, "not_found")
    assert anna.post(f"{at}/undo").status_code == 201
    assert anna.get(at).json()["items"][0]["name"] == "Soup"


def test_items_copies_and_ranges(anna: httpx.Client) -> None:
    meal = logged(anna, day="2024-05-17")
    at = f"/api/meals/{meal['id']}"
    more = anna.post(f"{at}/items", json={"items": [{"name": "Tea", "grams": 200}]}).json()
    soup, tea = (item["id"] for item in more["items"])
    assert anna.patch(f"{at}/items/{soup}", json={"grams": 150}).json()["items"][0]["grams"] == 150
    assert anna.delete(f"{at}/items/{tea}").status_code == 204
    copy = anna.post(f"{at}/copies", json={"day": "2024-05-18"})
    assert (copy.status_code, copy.json()["day"]) == (201, "2024-05-18")
    day = anna.post("/api/days/2024-05-17/copies", json={"day": "2024-05-19"})
    assert len(day.json()["meals"]) == 1
    found = anna.get("/api/days", params={"from": "2024-05-17", "to": "2024-05-19"}).json()
    assert [one["day"] for one in found["days"]] == ["2024-05-17", "2024-05-18", "2024-05-19"]
    told = refused(anna.get("/api/days", params={"from": "2024-05-17"}), 422, "invalid")
    assert told["errors"] == [{"field": "to", "message": "is needed"}]
    told = refused(anna.get("/api/days", params={"from": "x", "to": "y"}), 422, "invalid")
    assert [error["field"] for error in told["errors"]] == ["from", "to"]


def test_weights_come_in_pages(join: Join) -> None:
    person = join()
    for kg in (80, 81, 82):
        assert person.post("/api/weights", json={"kg": kg}).status_code == 201
    pound = person.post("/api/weights", json={"lb": 180, "at": "2024-05-17T08:00:00Z"}).json()
    assert pound["kg"] == pytest.approx(81.65, abs=0.01)
    seen: list[float] = []
    after = None
    while True:
        query = {"limit": 2} | ({"after": after} if after else {})
        page = person.get("/api/weights", params=query).json()
        seen += [one["kg"] for one in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert seen == [82, 81, 80, pytest.approx(81.65, abs=0.01)]
    at = f"/api/weights/{pound['id']}"
    tag = person.get(at).headers["etag"]
    assert person.patch(at, json={"kg": 79}, headers={"If-Match": tag}).json()["kg"] == 79
    refused(person.patch(at, json={"kg": 78}, headers={"If-Match": tag}), 412, "stale")
    assert person.delete(at).status_code == 204
    assert person.post(f"{at}/undo").json()["kg"] == 79


def test_goals_and_settings(join: Join) -> None:
    person = join()
    body = {"energy_kcal": 2000, "targets": {"protein_g": {"amount": 20, "per": "energy_percent"}}}
    goal = person.put("/api/goals/2024-01-01", json=body)
    assert (goal.status_code, goal.headers["etag"]) == (200, '"1"')
    assert person.get("/api/days/2024-05-17").json()["goals"]["protein_g"]["goal"] == 100
    assert len(person.get("/api/goals").json()["goals"]) == 1
    refused(person.put("/api/goals/2024-01-01", json={}, headers={"If-Match": '"7"'}), 412, "stale")
    refused(person.get("/api/goals/2023-12-31"), 404, "not_found")
    assert person.delete("/api/goals/2024-01-01").status_code == 204
    assert person.post("/api/goals/2024-01-01/undo").json()["energy_kcal"] == 2000
    settings = person.get("/api/settings")
    tag = {"If-Match": settings.headers["etag"]}
    changed = person.patch("/api/settings", json={"energy_unit": "kJ"}, headers=tag)
    assert changed.json()["energy_unit"] == "kJ"
    refused(person.patch("/api/settings", json={"units": "imperial"}, headers=tag), 412, "stale")


def test_own_foods_and_words(join: Join) -> None:
    person, other = join(), join()
    new = {"name": "Grandmother's pie", "nutrients": {"energy_kcal": 250, "carb_g": 30}}
    food = person.post("/api/foods", json=new | {"barcode": "7310865004703"}).json()
    at = f"/api/foods/{food['id']}"
    assert person.get(at).headers["etag"] == '"1"'
    edited = person.patch(at, json={"brand": "Home"}, headers={"If-Match": '"1"'})
    assert edited.json()["brand"] == "Home"
    refused(person.patch(at, json={"brand": "x"}, headers={"If-Match": '"1"'}), 412, "stale")
    found = person.get("/api/foods", params={"q": "grandmother pie"}).json()["items"]
    assert found[0]["id"] == food["id"]
    code = person.get("/api/foods/barcode/7310865004703").json()["items"]
    assert code[0]["id"] == food["id"]
    assert [one["id"] for one in person.get("/api/foods/own").json()["items"]] == [food["id"]]
    taught = person.post("/api/aliases", json={"phrase": "nana special", "food_id": food["id"]})
    assert taught.status_code == 201
    text = {"text": "nana special"}
    assert person.post("/api/meals/read", json=text).json()["items"][0]["food"]["id"] == food["id"]
    assert other.get("/api/foods/own").json()["items"] == []
    assert other.get("/api/aliases").json()["aliases"] == []
    refused(other.get(at), 404, "not_found")
    assert person.request("DELETE", "/api/aliases", params={"phrase": "nana special"}).is_success
    assert person.delete(at).status_code == 204
    assert person.post(f"{at}/undo").json()["id"] == food["id"]


def test_what_is_anothers_does_not_exist(join: Join) -> None:
    owner, other = join(), join()
    meal, weight = logged(owner)["id"], owner.post("/api/weights", json={"kg": 80}).json()["id"]
    food = owner.post("/api/foods", json={"name": "Pie", "nutrients": {}}).json()["id"]
    token = made_token(owner, "diary:read")["details"]["id"]
    login = owner.get("/api/auth/logins").json()[0]["id"]
    for method, path, body in (
        ("GET", f"/api/meals/{meal}", None),
        ("PATCH", f"/api/meals/{meal}", {"note": "mine"}),
        ("DELETE", f"/api/meals/{meal}", None),
        ("POST", f"/api/meals/{meal}/copies", {}),
        ("POST", f"/api/meals/{meal}/items", {"items": [QUICK]}),
        ("GET", f"/api/weights/{weight}", None),
        ("PATCH", f"/api/weights/{weight}", {"kg": 70}),
        ("DELETE", f"/api/weights/{weight}", None),
        ("GET", f"/api/foods/{food}", None),
        ("PATCH", f"/api/foods/{food}", {"name": "mine"}),
        ("DELETE", f"/api/foods/{food}", None),
        ("POST", f"/api/foods/{food}/undo", None),
        ("DELETE", f"/api/auth/tokens/{token}", None),
        ("DELETE", f"/api/auth/logins/{login}", None),
    ):
        answer = other.request(method, path, json=body)
        assert answer.status_code == 404, (method, path, answer.text)
    nothing = other.post(f"/api/meals/{uuid4()}/undo")
    theirs = other.post(f"/api/meals/{meal}/undo")
    assert (theirs.status_code, theirs.json()["detail"]) == (409, nothing.json()["detail"])
    assert owner.get(f"/api/meals/{meal}").json()["note"] == ""
    assert owner.get(f"/api/weights/{weight}").json()["kg"] == 80
    mixed = other.post("/api/meals", json={"items": [{"food_id": food, "grams": 10}]})
    refused(mixed, 422, "invalid")


def test_api_tokens_have_scopes_and_an_end(join: Join, site: House) -> None:
    person = join()
    reader = made_token(person, "diary:read")
    by = bearer(reader["token"])
    assert person.get(f"/api/days/{TODAY}", headers=by).status_code == 200
    refused(person.post("/api/meals", json={"items": [QUICK]}, headers=by), 403, "scope_needed")
    refused(person.get("/api/profile", headers=by), 403, "scope_needed")
    wider = {"name": "more", "scopes": ["diary:write"]}
    refused(person.post("/api/auth/tokens", json=wider, headers=by), 403, "scope_needed")
    assert person.delete(f"/api/auth/tokens/{reader['details']['id']}").status_code == 204
    answer = person.get(f"/api/days/{TODAY}", headers=by)
    refused(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"
    ending = made_token(person, "*", expires_in_days=1)
    asyncio.run(_expire(site, ending["details"]["id"]))
    refused(person.get("/api/profile", headers=bearer(ending["token"])), 401, "unauthenticated")
    for wrong in ("x", "hearth_x", "ha_x", reader["token"][:-2] + "xx"):
        refused(person.get("/api/profile", headers=bearer(wrong)), 401, "unauthenticated")


async def _expire(site: House, token_id: str) -> None:
    """Set the end of a token before now, as the calendar would."""
    connection = await asyncpg.connect(_dsn(site))
    try:
        done = await connection.execute(
            "update people.api_token set expires_at = now() - interval '1 second' where id = $1",
            token_id,
        )
        assert done == "UPDATE 1"
    finally:
        await connection.close()


def _dsn(site: House) -> str:
    from hearth.core.cluster import Cluster

    return Cluster(site.data).dsn


def test_a_refresh_token_works_once(join: Join) -> None:
    person = join()
    first: dict[str, str] = person.tokens  # type: ignore[attr-defined]
    second = person.post("/api/auth/refresh", json={"refresh_token": first["refresh_token"]}).json()
    third = person.post("/api/auth/refresh", json={"refresh_token": second["refresh_token"]})
    assert third.status_code == 200
    stolen = person.post("/api/auth/refresh", json={"refresh_token": first["refresh_token"]})
    refused(stolen, 401, "refresh_refused")
    mine = person.post("/api/auth/refresh", json={"refresh_token": third.json()["refresh_token"]})
    refused(mine, 401, "refresh_refused")
    by = bearer(third.json()["access_token"])
    refused(person.get("/api/profile", headers=by), 401, "unauthenticated")


def test_logging_out_and_in_and_leaving(join: Join) -> None:
    person = join(name="Vera")
    email = person.get("/api/profile").json()["email"]
    assert person.post("/api/auth/logout").status_code == 204
    refused(person.get("/api/profile"), 401, "unauthenticated")
    wrong = {"email": email, "password": "something else 1"}
    refused(person.post("/api/auth/login", json=wrong), 401, "wrong_credentials")
    tokens = person.post("/api/auth/login", json={"email": email, "password": PASSWORD}).json()
    person.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    change = {"name": "Vera L.", "zone": "Europe/Belgrade", "locale": "sr-Latn"}
    assert person.patch("/api/profile", json=change).json().items() >= change.items()
    password = {"old_password": PASSWORD, "new_password": "garden chair 77"}
    assert person.post("/api/auth/password", json=password).status_code == 204
    leaving = {"password": "wrong one 123"}
    refused(person.request("DELETE", "/api/profile", json=leaving), 403, "wrong_password")
    leaving = {"password": "garden chair 77"}
    assert person.request("DELETE", "/api/profile", json=leaving).status_code == 204
    refused(person.get("/api/profile"), 401, "unauthenticated")


def test_a_person_takes_their_data_along(join: Join) -> None:
    person = join(name="Ines")
    for day in ("2021-03-01", "2023-03-01", "2023-03-02"):
        logged(person, day=day)
    person.post("/api/weights", json={"kg": 80})
    person.put("/api/goals/2024-01-01", json={"energy_kcal": 2000})
    food = person.post("/api/foods", json={"name": "Pie", "nutrients": {}}).json()
    person.post("/api/aliases", json={"phrase": "nana special", "food_id": food["id"]})
    token = made_token(person, "diary:read")
    answer = person.get("/api/profile/export")
    assert answer.headers["content-disposition"].startswith("attachment")
    mine = answer.json()
    assert mine["profile"]["name"] == "Ines"
    assert [meal["day"] for meal in mine["meals"]] == ["2021-03-01", "2023-03-01", "2023-03-02"]
    assert mine["meals"][0] == person.get(f"/api/meals/{mine['meals'][0]['id']}").json()
    counts = {name: len(mine[name]) for name in ("weights", "goals", "own_foods", "own_words")}
    assert counts == dict.fromkeys(counts, 1)
    assert [one["id"] for one in mine["tokens"]] == [token["details"]["id"]]
    assert PASSWORD not in answer.text and token["token"] not in answer.text
    assert join().get("/api/profile/export").json()["meals"] == []
    refused(person.get("/api/profile/export", headers=bearer(token["token"])), 403, "scope_needed")


def test_flags_are_read_by_all_and_set_by_staff(join: Join) -> None:
    person = join()
    answer = person.get("/api/feature-flags/new-charts")
    assert answer.json() == {"enabled": False, "rolloutPercentage": 100}
    body = {"enabled": True, "rolloutPercentage": 50}
    refused(person.put("/api/feature-flags/new-charts", json=body), 403, "role_needed")


def test_what_is_acknowledged_is_quick_to_see(anna: httpx.Client) -> None:
    # Days are answered from memory; a change must show at once.
    day = "2024-02-29"
    for count in range(1, 6):
        logged(anna, day=day)
        started = time.monotonic()
        assert len(anna.get(f"/api/days/{day}").json()["meals"]) == count
        assert time.monotonic() - started < 5
    assert json.loads(anna.get(f"/api/days/{day}").content)["day"] == day
