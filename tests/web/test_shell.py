"""The shell: who asks, problems, headers, limits. Each refusal beside its success."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest
from litestar import Litestar, get
from litestar.exceptions import ImproperlyConfiguredException
from litestar.routes import HTTPRoute

from hearth import people
from hearth.core.db import Pool
from hearth.people import Person
from hearth.web import DbIn, Doors, MaybePersonIn, make_app
from hearth.web.assets import Assets
from hearth.web.identity import safe_next

from .conftest import PASSWORD, TRIAL, Someone, client_of, made, register


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["code"] == code
    assert body["status"] == status
    assert body["request_id"] == answer.headers["x-request-id"]
    assert {"type", "title", "detail", "instance"} <= body.keys()
    return body


def at(doors: Doors, **site: Any) -> Litestar:
    changed = msgspec.structs.replace(doors.site, **site)
    return make_app(msgspec.structs.replace(doors, site=changed), TRIAL)


# ------------------------------------------------------------ dependencies


async def test_the_address_never_chooses_who_acts(client: httpx.AsyncClient, anna: Someone) -> None:
    other = await register(client)
    for name in ("person", "maybe_person", "db", "doors"):
        query = {name: other.email}
        answer = await client.get("/api/things", params=query, headers=anna.bearer)
        assert answer.json()["items"] == [f"{anna.email} None 20"]
        assert (await client.get("/api/who", params=query)).json()["who"] == "nobody"
    problem(await client.get("/api/things", params={"person": other.email}), 401, "unauthenticated")


def test_an_unprovided_dependency_fails_at_the_start(doors: Doors) -> None:
    @get("/api/forgotten")
    async def forgotten(bd: DbIn) -> None:
        """Its parameter's name has a typing mistake."""

    @get("/api/optional")
    async def optional(maybe_peron: MaybePersonIn) -> None:
        """So has this one, whose dependency may be None."""

    @get("/api/plain")
    async def plain(somebody: Person | None = None) -> None:
        """This one forgot the alias."""

    for handler in (forgotten, optional, plain):
        with pytest.raises(ImproperlyConfiguredException):
            make_app(doors, [handler])


def test_a_domains_own_dependency_is_provided(doors: Doors) -> None:
    @get("/api/remembered")
    async def remembered(bd: DbIn) -> None:
        """Its parameter is provided."""

    assert make_app(doors, [remembered], provide={"bd": lambda _: doors.db})


def test_dependencies_are_handed_over_without_a_task_each(app: Litestar) -> None:
    models = [
        model
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for _, model in route.route_handler_map.values()
    ]
    assert len(models) > 20
    assert all(model.dependency_batches == [] for model in models)
    assert any(len(model.extractors) > 1 for model in models)


# ------------------------------------------------------------ who asks


async def test_a_handler_is_closed_unless_it_says_otherwise(
    client: httpx.AsyncClient, anna: Someone
) -> None:
    answer = await client.get("/api/things")
    problem(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"
    for wrong in ("Bearer ha_forged", "Basic YTpi", "Bearer", "Bearer hearth_x"):
        refused = await client.get("/api/things", headers={"Authorization": wrong})
        problem(refused, 401, "unauthenticated")
    assert (await client.get("/api/things", headers=anna.bearer)).status_code == 200


async def test_a_browser_is_led_to_sign_in(client: httpx.AsyncClient) -> None:
    answer = await client.get("/page?x=1", headers={"Accept": "text/html"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Fpage%3Fx%3D1"
    problem(await client.get("/page"), 401, "unauthenticated")


def test_a_handler_cannot_open_the_door_by_itself(doors: Doors) -> None:
    @get("/api/open", before_request=lambda _: None)
    async def wide_open() -> None:
        """Its hook would take the place of ours."""

    with pytest.raises(ImproperlyConfiguredException):
        make_app(doors, [wide_open])


async def test_options_say_what_an_address_answers(client: httpx.AsyncClient) -> None:
    answer = await client.options("/api/things")
    assert answer.status_code == 204
    assert set(answer.headers["allow"].split(", ")) == {"GET", "POST", "OPTIONS"}
    problem(await client.options("/api/nothing"), 404, "not_found")


async def test_a_field_called_like_a_dependency_is_the_callers(client: httpx.AsyncClient) -> None:
    body = {"email": "a@example.org", "password": PASSWORD, "locale": {}}
    told = problem(await client.post("/api/auth/register", json=body), 422, "invalid")
    assert told["errors"][0]["field"] == "locale"


async def test_scopes_of_api_tokens(client: httpx.AsyncClient, anna: Someone) -> None:
    wanted = {"name": "reader", "scopes": ["things:read"]}
    made_token = await client.post("/api/auth/tokens", json=wanted, headers=anna.bearer)
    assert made_token.status_code == 201
    assert made_token.headers["cache-control"] == "no-store"
    bearer = {"Authorization": f"Bearer {made_token.json()['token']}"}
    assert (await client.get("/api/things", headers=bearer)).status_code == 200
    thing = {"name": "spoon"}
    problem(await client.post("/api/things", json=thing, headers=bearer), 403, "scope_needed")
    problem(await client.get("/api/profile", headers=bearer), 403, "scope_needed")
    more = {"name": "more", "scopes": ["*"]}
    problem(await client.post("/api/auth/tokens", json=more, headers=bearer), 403, "scope_needed")
    token_id = made_token.json()["details"]["id"]
    gone = await client.delete(f"/api/auth/tokens/{token_id}", headers=anna.bearer)
    assert gone.status_code == 204
    problem(await client.get("/api/things", headers=bearer), 401, "unauthenticated")


async def test_a_token_makes_no_tokens_that_outlast_it(
    client: httpx.AsyncClient, anna: Someone
) -> None:
    for scopes in (["*"], ["auth:*"], ["auth:write"]):
        wanted = {"name": "all", "scopes": scopes, "expires_in_days": 1}
        answer = await client.post("/api/auth/tokens", json=wanted, headers=anna.bearer)
        assert answer.status_code == 201
        bearer = {"Authorization": f"Bearer {answer.json()['token']}"}
        lasting = {"name": "for ever", "scopes": scopes}
        refused = await client.post("/api/auth/tokens", json=lasting, headers=bearer)
        problem(refused, 403, "scope_needed")


async def test_cookie_login_needs_the_token_of_our_own_page(
    client: httpx.AsyncClient, anna: Someone, doors: Doors
) -> None:
    gate = people.logins.Gate(doors.vault, doors.limits)
    credentials = people.logins.Credentials(anna.email, PASSWORD)
    opened = await people.logins.log_in(doors.db, gate, credentials, kind="page")
    assert opened.person.login_id is not None
    token = people.logins.csrf_token(doors.vault, opened.person.login_id)
    cookie = {"Cookie": f"hearth={opened.ticket}"}
    own = {**cookie, "Sec-Fetch-Site": "same-origin"}
    assert (await client.get("/page", headers=cookie)).text == anna.email
    problem(await client.post("/page", headers=own), 403, "csrf_token_wrong")
    problem(
        await client.post("/page", headers={**own, "X-CSRF-Token": token[:-1] + "x"}),
        403,
        "csrf_token_wrong",
    )
    assert (await client.post("/page", headers={**own, "X-CSRF-Token": token})).status_code == 201
    form = await client.post("/page", headers=own, data={"csrf_token": token})
    assert form.status_code == 201
    for foreign in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.test"}):
        headers = {**cookie, **foreign, "X-CSRF-Token": token}
        problem(await client.post("/page", headers=headers), 403, "foreign_origin")
    api = await client.post("/api/things", json={"name": "spoon"}, headers=own)
    problem(api, 403, "csrf_token_wrong")
    api = await client.post(
        "/api/things", json={"name": "spoon"}, headers={**own, "X-CSRF-Token": token}
    )
    assert api.status_code == 201


def test_the_cookie_is_bound_to_the_host_over_tls(doors: Doors) -> None:
    from litestar import Response

    from hearth.web import Site, with_login_cookie
    from hearth.web.identity import cookie_name

    person = people.Person(uuid4(), "a@b.c")
    response: Response[Any] = Response("")
    site = Site(base_url="https://hearth.example")
    with_login_cookie(response, site, people.logins.Opened(person, "hp_x"))
    cookie = response.cookies[0].to_header()
    assert cookie.startswith("Set-Cookie: __Host-hearth=hp_x") or "__Host-hearth=hp_x" in cookie
    assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"))
    assert cookie_name(doors.site) == "hearth"


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ("/trends?a=1", "/trends?a=1"),
        ("//evil.test", "/"),
        ("/\\evil.test", "/"),
        ("https://evil.test", "/"),
        (None, "/"),
        ("/a\r\nb", "/"),
    ],
)
def test_after_signing_in_one_stays_on_this_site(wanted: str | None, path: str) -> None:
    assert safe_next(wanted) == path


# ------------------------------------------------------------ problems


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        (b"{", 400, "malformed", None),
        (b"\xff\xfe", 400, "malformed", None),
        (b'{"name": "a\\u0000b"}', 400, "malformed", None),
        (b'{"name": "\\ud800"}', 400, "malformed", None),
        (b'{"name": 7}', 422, "invalid", "name"),
        (b"{}", 422, "invalid", "name"),
        (b"[]", 422, "invalid", "body"),
        (b'{"name": "a", "grams": 1e309}', 422, "invalid", "grams"),
        (b'{"name": "a", "grams": 1e308}', 422, "invalid", "grams"),
        (b'{"name": "a", "grams": NaN}', 400, "malformed", None),
        (b'{"name": "a", "grams": -1}', 422, "invalid", "grams"),
        (b'{"name": "a", "parts": [{"name": 1}]}', 422, "invalid", "parts[0].name"),
        (b'{"name": "a", "parts": [{}]}', 422, "invalid", "parts[0].name"),
        (b'{"name": "a", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400, "malformed", None),
    ],
)
async def test_bad_bodies_are_refused_with_their_field(
    client: httpx.AsyncClient, anna: Someone, body: bytes, status: int, code: str, field: str | None
) -> None:
    headers = {**anna.bearer, "Content-Type": "application/json"}
    told = problem(await client.post("/api/things", content=body, headers=headers), status, code)
    assert [error["field"] for error in told.get("errors", [])] == ([field] if field else [])


async def test_bad_queries_paths_and_methods(client: httpx.AsyncClient, anna: Someone) -> None:
    for query, field in (("limit=0", "limit"), ("limit=201", "limit"), ("limit=x", "limit")):
        told = problem(
            await client.get(f"/api/things?{query}", headers=anna.bearer), 422, "invalid"
        )
        assert told["errors"][0]["field"] == field
    good = await client.get("/api/things?limit=200&after=x", headers=anna.bearer)
    assert good.json() == {"items": [f"{anna.email} x 200"], "next": "more"}
    problem(await client.get("/api/things?after=%00", headers=anna.bearer), 400, "malformed")
    problem(await client.get("/api/nothing"), 404, "not_found")
    problem(await client.put("/api/things/x", json={}, headers=anna.bearer), 404, "not_found")
    refused = await client.delete("/api/things", headers=anna.bearer)
    problem(refused, 405, "method_not_allowed")
    assert "GET" in refused.headers["allow"]


async def test_an_unexpected_error_tells_nothing_but_its_id(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await client.get("/api/broken", headers={"X-Request-ID": "trace-me.7"})
    assert problem(answer, 500, "internal")["request_id"] == "trace-me.7"
    assert "4711" not in answer.text
    assert "4711" in caplog.text


async def test_an_error_of_a_page_is_a_page(client: httpx.AsyncClient) -> None:
    answer = await client.get("/nowhere", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    problem(await client.get("/nowhere"), 404, "not_found")


async def test_unavailable_says_when_to_come_back(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/away")
    problem(answer, 503, "unavailable")
    assert answer.headers["retry-after"] == "3"


async def test_maintenance_answers_503_and_probes_still_answer(doors: Doors) -> None:
    async with client_of(at(doors, maintenance=True)) as client:
        problem(await client.get("/api/who"), 503, "unavailable")
        assert (await client.get("/live")).status_code == 200
        assert (await client.get("/ready")).status_code == 503


# ------------------------------------------------------------ sizes and headers


async def test_bodies_over_the_limit_are_refused(doors: Doors) -> None:
    async with client_of(at(doors, max_body=1000, max_file_size=5000)) as client:
        someone = await register(client)
        big = json.dumps({"name": "x" * 2000}).encode()
        headers = {**someone.bearer, "Content-Type": "application/json"}
        problem(await client.post("/api/things", content=big, headers=headers), 413, "too_large")

        async def pieces() -> Any:
            for start in range(0, len(big), 500):
                yield big[start : start + 500]

        streamed = await client.post("/api/things", content=pieces(), headers=headers)
        problem(streamed, 413, "too_large")
        good = await client.post("/api/things", json={"name": "spoon"}, headers=someone.bearer)
        assert good.status_code == 201


async def test_every_answer_carries_the_headers(client: httpx.AsyncClient) -> None:
    for path in ("/api/who", "/api/nothing", "/api/things", "/live"):
        headers = (await client.get(path)).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["server-timing"].startswith("app;dur=")
        assert len(headers["x-request-id"]) == 32
        assert "strict-transport-security" not in headers


async def test_over_tls_browsers_are_told_to_stay(doors: Doors) -> None:
    async with client_of(at(doors, base_url="https://hearth.test")) as client:
        assert "strict-transport-security" in (await client.get("/live")).headers


async def test_a_bad_request_id_is_replaced(client: httpx.AsyncClient) -> None:
    good = await client.get("/live", headers={"X-Request-ID": "abc-1._"})
    assert good.headers["x-request-id"] == "abc-1._"
    for bad in ("x" * 65, "a b", "a'b"):
        answer = await client.get("/live", headers={"X-Request-ID": bad})
        assert answer.headers["x-request-id"] != bad


async def test_head_is_get_without_the_body(client: httpx.AsyncClient, anna: Someone) -> None:
    got = await client.get("/api/things", headers=anna.bearer)
    head = await client.head("/api/things", headers=anna.bearer)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"]
    assert (await client.head("/api/things")).status_code == 401


async def test_cors_by_exact_list(doors: Doors) -> None:
    origins = frozenset({"https://app.example"})
    ask = {"Access-Control-Request-Method": "POST", "Origin": "https://app.example"}
    async with client_of(at(doors, cors_origins=origins)) as client:
        let_in = await client.options("/api/things", headers=ask)
        assert let_in.status_code == 204
        assert let_in.headers["access-control-allow-origin"] == "https://app.example"
        other = await client.options(
            "/api/things", headers={**ask, "Origin": "https://app.example.evil"}
        )
        assert "access-control-allow-origin" not in other.headers


async def test_limits_of_requests(doors: Doors) -> None:
    app = at(doors, requests_per_minute=3)
    async with client_of(app, "198.51.100.9") as client:
        answers = [await client.get("/api/who") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[0].headers["ratelimit-policy"] == '"default";q=3;w=60'
        assert answers[0].headers["ratelimit"].startswith('"default";r=2;t=')
        assert int(answers[3].headers["retry-after"]) >= 1
        problem(answers[3], 429, "too_many")
    async with client_of(app) as here:
        assert {(await here.get("/api/who")).status_code for _ in range(5)} == {200}


async def test_forwarded_addresses_count_from_trusted_proxies_only(doors: Doors) -> None:
    app = at(doors, requests_per_minute=1, trusted_proxies=("10.0.0.0/8",))
    async with client_of(app, "10.0.0.1") as proxy:
        for address, status in (("203.0.113.1", 200), ("203.0.113.2", 200), ("203.0.113.1", 429)):
            headers = {"X-Forwarded-For": f"127.0.0.1, {address}, 10.0.0.7"}
            assert (await proxy.get("/api/who", headers=headers)).status_code == status
    async with client_of(app, "203.0.113.9") as liar:
        codes = [
            (await liar.get("/api/who", headers={"X-Forwarded-For": f"203.0.113.{n}"})).status_code
            for n in (50, 51)
        ]
        assert codes == [200, 429]


async def test_a_proxy_here_that_nobody_trusts_does_not_lend_its_address(doors: Doors) -> None:
    for header in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via"):
        async with client_of(at(doors)) as proxy:
            from_afar = {header: "203.0.113.9"}
            problem(await proxy.get("/metrics", headers=from_afar), 404, "not_found")
            assert "checks" not in (await proxy.get("/health", headers=from_afar)).json()
            assert (await proxy.get("/metrics")).status_code == 200
    named = at(doors, trusted_proxies=("127.0.0.0/8",))
    async with client_of(named) as proxy:
        inside, outside = {"X-Forwarded-For": "127.0.0.1"}, {"X-Forwarded-For": "203.0.113.9"}
        assert (await proxy.get("/metrics", headers=inside)).status_code == 200
        assert (await proxy.get("/metrics", headers=outside)).status_code == 404


async def test_an_ipv4_address_over_an_ipv6_socket_is_itself(doors: Doors) -> None:
    async with client_of(at(doors), "::ffff:127.0.0.1") as here:
        assert (await here.get("/metrics")).status_code == 200
    async with client_of(at(doors), "::ffff:203.0.113.9") as away:
        assert (await away.get("/metrics")).status_code == 404
    app = at(doors, requests_per_minute=1, trusted_proxies=("10.0.0.0/8",))
    async with client_of(app, "::ffff:10.0.0.1") as proxy:
        for last, status in ((61, 200), (62, 200), (61, 429)):
            headers = {"X-Forwarded-For": f"::ffff:203.0.113.{last}"}
            assert (await proxy.get("/api/who", headers=headers)).status_code == status


async def test_a_network_counts_and_not_each_of_its_addresses(doors: Doors) -> None:
    app = at(doors, requests_per_minute=1)
    codes = []
    for address in ("2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:3::1"):
        async with client_of(app, address) as client:
            codes.append((await client.get("/api/who")).status_code)
    assert codes == [200, 429, 200]


async def test_metrics_are_bounded_and_measured(
    client: httpx.AsyncClient, anna: Someone, doors: Doors
) -> None:
    await client.request("BREW", "/api/who")
    await client.get("/api/things", headers=anna.bearer)
    text = (await client.get("/metrics")).text
    assert "BREW" not in text
    assert 'http_requests_total{method="other",route="none",status_code="405"}' in text
    assert 'job_queue_depth{state="queued"}' in text
    active = next(line for line in text.splitlines() if line.startswith("active_users_total "))
    assert float(active.split()[1]) >= 1


# ------------------------------------------------------------ answers


async def test_an_idempotency_key_makes_twice_once(
    client: httpx.AsyncClient, anna: Someone
) -> None:
    name = uuid4().hex
    headers = {**anna.bearer, "Idempotency-Key": uuid4().hex}
    first = await client.post("/api/things", json={"name": name}, headers=headers)
    second = await client.post("/api/things", json={"name": name}, headers=headers)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert second.headers["idempotency-replayed"] == "true"
    assert made.count(name) == 1
    other = await client.post("/api/things", json={"name": "fork"}, headers=headers)
    problem(other, 409, "idempotency_key_reused")
    bad = {**anna.bearer, "Idempotency-Key": "x" * 256}
    problem(await client.post("/api/things", json={"name": name}, headers=bad), 400, "malformed")


async def test_versions(client: httpx.AsyncClient, anna: Someone) -> None:
    headers = {**anna.bearer, "If-Match": '"7"'}
    answer = await client.put("/api/things/3", json={"name": "a"}, headers=headers)
    assert answer.json() == {"was": 7, "number": 3, "name": "a"}
    assert answer.headers["etag"] == '"8"'
    bad = {**anna.bearer, "If-Match": "seven"}
    problem(await client.put("/api/things/3", json={"name": "a"}, headers=bad), 400, "malformed")


async def test_the_locale_of_who_asks(client: httpx.AsyncClient, anna: Someone) -> None:
    for accepted, locale in (
        ("sr-Latn-RS, en;q=0.5", "sr-Latn"),
        ("de, sr;q=0.8", "sr-Cyrl"),
        ("fi;q=x, sv-FI", "sv"),
        ("de", "en"),
        ("", "en"),
    ):
        answer = await client.get("/api/who", headers={"Accept-Language": accepted})
        assert answer.json()["locale"] == locale
    mine = await client.get("/api/who", headers={**anna.bearer, "Accept-Language": "en"})
    assert mine.json() == {"who": anna.email, "locale": "sv"}


async def test_static_files_by_content(tmp_path: Path, doors: Doors) -> None:
    (tmp_path / "app.css").write_text("body { margin: 0 }")
    (tmp_path / "sw.js").write_text("// worker")
    app = at(doors)
    app.state.assets = assets = Assets(tmp_path)
    async with client_of(app) as client:
        url = assets.url("app.css")
        found = await client.get(url)
        assert found.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert found.headers["content-encoding"] == "gzip"
        again = await client.get(url, headers={"If-None-Match": found.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        worker = await client.get("/sw.js")
        assert worker.headers["cache-control"] == "no-cache"
        assert worker.headers["service-worker-allowed"] == "/"
        problem(await client.get("/static/..%2f..%2fpyproject.toml"), 404, "not_found")
        problem(await client.get("/static/none.css"), 404, "not_found")
    with pytest.raises(LookupError):
        assets.url("none.css")


# ------------------------------------------------------------ probes, flags, description


async def test_probes(app: Litestar, client: httpx.AsyncClient, doors: Doors) -> None:
    for path in ("/health", "/api/health", "/api/healthz"):
        inside = (await client.get(path)).json()
        assert inside["status"] in ("healthy", "degraded")
        assert inside["version"] == "1.2.3"
        parts = {"database", "cache", "ai_services", "storage", "memory", "disk"}
        assert parts <= inside["checks"].keys()
    async with client_of(app, "198.51.100.9") as stranger:
        outside = await stranger.get("/health")
        assert outside.status_code == 200
        assert "checks" not in outside.json()
        problem(await stranger.get("/metrics"), 404, "not_found")
    assert (await client.get("/ready")).json() == {"status": "ok"}
    metrics = (await client.get("/metrics")).text
    assert 'http_requests_total{method="GET",route="/health",status_code="200"}' in metrics


async def test_without_its_database_it_is_not_ready_but_alive(doors: Doors) -> None:
    gone = Pool("postgresql:///nowhere?host=/nonexistent", size=1)
    app = make_app(msgspec.structs.replace(doors, db=gone), TRIAL)
    async with client_of(app) as client:
        assert (await client.get("/ready")).status_code == 503
        assert (await client.get("/live")).status_code == 200
        assert (await client.get("/health")).status_code == 503


async def test_feature_flags_are_set_by_staff(
    client: httpx.AsyncClient, anna: Someone, doors: Doors
) -> None:
    url = f"/api/feature-flags/t{uuid4().hex}"
    state = {"enabled": True, "rolloutPercentage": 100}
    problem(await client.put(url, json=state, headers=anna.bearer), 403, "role_needed")
    await people.grant(doors.db, anna.email, "operations")
    problem(await client.get(url, headers=anna.bearer), 404, "not_found")
    assert (await client.put(url, json=state, headers=anna.bearer)).json() == state
    assert (await client.get(url, headers=anna.bearer)).json() == state
    wrong = {"enabled": True, "rolloutPercentage": 101}
    problem(await client.put(url, json=wrong, headers=anna.bearer), 422, "invalid")
    bad = await client.put("/api/feature-flags/UPPER", json=state, headers=anna.bearer)
    problem(bad, 422, "invalid")


async def test_the_description_covers_every_operation(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/openapi.json")
    document = answer.json()
    assert document["openapi"].startswith("3.1")
    assert "/page" not in document["paths"]
    operations = [
        operation
        for item in document["paths"].values()
        for key, operation in item.items()
        if isinstance(operation, dict) and key != "parameters"
    ]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    assert {"make_thing", "log_in", "profile"} <= set(names)
    for operation in operations:
        assert {"400", "401", "403", "404", "422", "429", "503"} <= operation["responses"].keys()
        shown = {parameter["name"] for parameter in operation.get("parameters", [])}
        assert not shown & {"person", "maybe_person", "db", "doors", "idempotency_key", "if_match"}
    make_thing = document["paths"]["/api/things"]["post"]
    assert any(each["name"] == "Idempotency-Key" for each in make_thing["parameters"])
    assert document["paths"]["/api/auth/login"]["post"]["security"] == []


async def test_the_description_as_a_page_loads_nothing_from_elsewhere(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/api/docs")
    assert answer.headers["content-type"].startswith("text/html")
    assert "POST /api/things" in answer.text
    for foreign in ("<script", "style=", "http://", "https://"):
        assert foreign not in answer.text
