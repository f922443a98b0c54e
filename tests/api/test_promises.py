"""What interface.md promises of HTTP: paths, headers, probes, pages beside the API, other sites."""

from typing import Any

import httpx
import pytest

from .conftest import FRIEND, QUICK, problem, refused

ANSWERED = (
    "x-request-id",
    "server-timing",
    "content-security-policy",
    "x-content-type-options",
    "referrer-policy",
    "permissions-policy",
    "cross-origin-opener-policy",
    "x-frame-options",
    "cache-control",
)
PROMISED = (
    ("POST", "/api/auth/register"),
    ("POST", "/api/auth/login"),
    ("POST", "/api/auth/refresh"),
    ("POST", "/api/auth/logout"),
    ("GET", "/api/profile"),
    ("PATCH", "/api/profile"),
    ("DELETE", "/api/profile"),
    ("GET", "/api/profile/export"),
    ("GET", "/api/foods"),
    ("GET", "/api/foods/{food_id}"),
    ("GET", "/api/foods/barcode/{code}"),
    ("POST", "/api/foods"),
    ("POST", "/api/meals/read"),
    ("POST", "/api/meals"),
    ("GET", "/api/meals/{meal_id}"),
    ("PATCH", "/api/meals/{meal_id}"),
    ("DELETE", "/api/meals/{meal_id}"),
    ("GET", "/api/days/{on}"),
    ("GET", "/api/days"),
    ("GET", "/api/weights"),
    ("POST", "/api/weights"),
    ("GET", "/api/goals"),
    ("GET", "/api/settings"),
    ("PATCH", "/api/settings"),
    ("GET", "/api/feature-flags/{key}"),
    ("PUT", "/api/feature-flags/{key}"),
    ("GET", "/api/health"),
    ("GET", "/api/healthz"),
)


def test_every_promised_operation_is_described(stranger: httpx.Client) -> None:
    paths = stranger.get("/api/openapi.json").json()["paths"]
    assert [one for one in PROMISED if one[0].lower() not in paths.get(one[1], {})] == []


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/health", "application/json"),
        ("/api/health", "application/json"),
        ("/api/healthz", "application/json"),
        ("/ready", "application/json"),
        ("/live", "application/json"),
        ("/metrics", "text/plain"),
        ("/api/openapi.json", "application/vnd.oai.openapi+json"),
        ("/api/docs", "text/html"),
        ("/sign-in", "text/html"),
        ("/register", "text/html"),
    ],
)
def test_probes_and_pages_are_there_for_everybody(
    stranger: httpx.Client, path: str, kind: str
) -> None:
    answer = stranger.get(path, headers={"X-Request-ID": "mine-1"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(kind)
    assert answer.headers["x-request-id"] == "mine-1"
    assert all(name in answer.headers for name in ANSWERED)
    head = stranger.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == answer.headers["content-type"]


def test_health_and_metrics_say_what_is_promised(stranger: httpx.Client) -> None:
    health = stranger.get("/health").json()
    assert health["status"] in ("healthy", "degraded")
    assert health["version"] and health["uptime_s"] >= 0
    wanted = {"database", "cache", "ai_services", "storage", "memory", "disk"}
    assert wanted <= health["checks"].keys()
    stranger.get("/api/settings")
    metrics = stranger.get("/metrics").text
    assert 'http_requests_total{method="GET",route="/api/settings",status_code="401"}' in metrics
    assert "http_request_duration_seconds_bucket" in metrics
    assert "database_queries_total" in metrics


@pytest.mark.parametrize(
    ("method", "path"), [(method, path) for method, path in PROMISED if "auth" not in path]
)
def test_strangers_learn_nothing(stranger: httpx.Client, method: str, path: str) -> None:
    if path.startswith("/api/health"):
        return
    on = path.replace("{on}", "2024-05-17").replace("{key}", "new-charts")
    on = on.replace("{meal_id}", "018f8c5e-0000-7000-8000-000000000000")
    answer = stranger.request(method, on.replace("{", "").replace("}", ""))
    refused(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert all(name in answer.headers for name in ANSWERED)


def test_versions_are_etags(anna: httpx.Client) -> None:
    meal = anna.post("/api/meals", json={"items": [QUICK]}).json()["id"]
    weight = anna.post("/api/weights", json={"kg": 80}).json()["id"]
    food = anna.post("/api/foods", json={"name": "Pie", "nutrients": {}}).json()["id"]
    anna.put("/api/goals/2024-01-01", json={"energy_kcal": 2000})
    for path in (
        f"/api/meals/{meal}",
        f"/api/weights/{weight}",
        f"/api/foods/{food}",
        "/api/goals/2024-01-01",
        "/api/settings",
    ):
        answer = anna.get(path)
        assert answer.headers["etag"] == f'"{answer.json()["version"]}"', path


def test_what_is_not_there_is_a_problem_for_programs_and_a_page_for_people(
    stranger: httpx.Client,
) -> None:
    for path in ("/api", "/api/", "/api/nothing", "/api/meals/not-an-id", "/api/days/yesterday"):
        refused(stranger.get(path, headers={"Accept": "text/html"}), 404, "not_found")
    refused(stranger.get("/nothing"), 404, "not_found")
    page = stranger.get("/nothing", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "<h1" in page.text
    asked = stranger.get("/trends/no", headers={"Accept": "text/html"})
    assert asked.status_code == 404
    led = stranger.get("/me", headers={"Accept": "text/html"})
    assert (led.status_code, led.headers["location"]) == (303, "/sign-in?next=%2Fme")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "BREW"])
def test_another_method_is_refused_with_those_that_work(anna: httpx.Client, method: str) -> None:
    answer = anna.request(method, "/api/meals")
    told: dict[str, Any] = problem(answer)
    assert answer.status_code in (404, 405), told
    if method != "BREW":
        assert answer.status_code == 405
        assert {one.strip() for one in answer.headers["allow"].split(",")} >= {"POST"}


def test_options_and_other_sites(stranger: httpx.Client) -> None:
    own = stranger.options("/api/meals")
    assert own.status_code == 204
    assert {one.strip() for one in own.headers["allow"].split(",")} == {"OPTIONS", "POST"}
    asked = {"Access-Control-Request-Method": "POST"}
    friend = stranger.options("/api/meals", headers={"Origin": FRIEND, **asked})
    assert friend.headers["access-control-allow-origin"] == FRIEND
    assert "POST" in friend.headers["access-control-allow-methods"]
    assert "idempotency-key" in friend.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in friend.headers
    for origin in (
        "https://evil.example",
        "null",
        FRIEND + ".evil.example",
        "http://friend.example",
    ):
        other = stranger.options("/api/meals", headers={"Origin": origin, **asked})
        assert "access-control-allow-origin" not in other.headers
        assert "Origin" in other.headers["vary"]
    assert stranger.options("/api/nothing").status_code == 404
