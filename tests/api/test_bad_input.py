"""Bad input over real HTTP: refused with a reason, never a fault, never half a change."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hearth.core.errors import Malformed
from hearth.web.threshold import bounded
from tests.serving import House

from .conftest import FRIEND, QUICK, Join, problem, refused

JSON = {"Content-Type": "application/json"}
SOMETHING = "018f8c5e-0000-7000-8000-000000000000"
LONG = "a" * 10_000
URLENCODED = "application/x-www-form-urlencoded"

# Each is a body that nothing may accept, whatever the operation.
HOSTILE = {
    "nothing": b"",
    "spaces": b"  \n ",
    "half": b'{"items": [',
    "words": b"hello",
    "two": b"{}{}",
    "trailing comma": b'{"a": 1,}',
    "single quotes": b"{'a': 1}",
    "array": b"[]",
    "text": b'"x"',
    "null": b"null",
    "number": b"12",
    "nan": b'{"kg": NaN}',
    "infinity": b'{"kg": -Infinity}',
    "too much": b'{"kg": 1e999}',
    "unknown field": b'{"surprise": 1}',
    "nul": b'{"text": "a\\u0000b"}',
    "raw nul": b'{"text": "a\x00b"}',
    "lone surrogate": b'{"text": "\\ud800"}',
    "not utf-8": b'{"text": "\xff\xfe\xc0\xaf"}',
    "utf-16": '{"text": "x"}'.encode("utf-16"),
    "deep lists": b"[" * 10_000 + b"]" * 10_000,
    "deep objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "deep and unfinished": b'{"items":' + b"[" * 10_000,
    "huge number": b'{"surprise": ' + b"9" * 5000 + b"}",
    "control character": b'{"text": "a\x01b"}',
    "prototype": b'{"__proto__": {"admin": true}}',
}


def writing(document: dict[str, Any]) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Every operation that takes a body, at an address of its form, and which kinds of body."""
    names = {"{on}": "2024-05-17", "{valid_from}": "2024-01-01", "{key}": "a", "{food_id}": "own:x"}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if "requestBody" in operation:
                for name, value in names.items():
                    path = path.replace(name, value)
                yield (
                    method.upper(),
                    path.replace("{meal_id}", SOMETHING)
                    .replace("{item_id}", SOMETHING)
                    .replace("{weight_id}", SOMETHING),
                    frozenset(operation["requestBody"]["content"]),
                )


@pytest.fixture(scope="module")
def targets(stranger: httpx.Client) -> list[tuple[str, str, frozenset[str]]]:
    found = list(writing(stranger.get("/api/openapi.json").json()))
    assert len(found) >= 20
    return found


@pytest.mark.parametrize("name", HOSTILE)
def test_no_operation_accepts_a_hostile_body(
    anna: httpx.Client, targets: list[tuple[str, str, frozenset[str]]], name: str
) -> None:
    for method, path, kinds in targets:
        if JSON["Content-Type"] not in kinds:
            continue
        answer = anna.request(method, path, content=HOSTILE[name], headers=JSON)
        told = problem(answer)
        # The address of the role-bound flag is refused before its body is read.
        assert answer.status_code in (400, 422, 403), (method, path, told)
        assert told["code"] in ("malformed", "invalid", "role_needed"), (method, path, told)


def test_only_what_is_described_is_read(
    anna: httpx.Client, targets: list[tuple[str, str, frozenset[str]]]
) -> None:
    for kind in ("text/plain", "application/json", "application/msgpack", URLENCODED,
                 "multipart/form-data; boundary=x", "text/html", "x", "application/xml"):  # fmt: skip
        for method, path, kinds in targets:
            if kind.partition(";")[0] in kinds:
                continue
            answer = anna.request(method, path, content=b"{}", headers={"Content-Type": kind})
            # A form of the other kind is read, and has no file in it.
            fileless = {422} if kind == URLENCODED and JSON["Content-Type"] not in kinds else set()
            assert answer.status_code in {415, 403} | fileless, (kind, method, path, answer.text)
            problem(answer)
    charset = {"Content-Type": "application/json; charset=utf-8"}
    body = json.dumps({"kg": 80}).encode()
    assert anna.post("/api/weights", content=body, headers=charset).status_code == 201
    assert anna.post("/api/weights", content=body).status_code == 201


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/api/weights", {"kg": "80"}, "kg"),
        ("/api/weights", {"kg": True}, "kg"),
        ("/api/weights", {"kg": [80]}, "kg"),
        ("/api/weights", {"kg": 1e308}, "kg"),
        ("/api/weights", {"kg": -1}, "kg"),
        ("/api/weights", {"kg": 10**400}, "kg"),
        ("/api/weights", {}, "kg"),
        ("/api/weights", {"kg": 80, "lb": 180}, "kg"),
        ("/api/weights", {"kg": 80, "at": 0}, "at"),
        ("/api/weights", {"kg": 80, "at": "yesterday"}, "at"),
        ("/api/weights", {"kg": 80, "at": "0001-01-01T00:00:00Z"}, "at"),
        ("/api/weights", {"kg": 80, "at": "9999-12-31T23:59:59-23:59"}, "at"),
        ("/api/weights", {"kg": 80, "at": "2024-02-30T00:00:00Z"}, "at"),
        ("/api/weights", {"kg": 80, "note": LONG}, "note"),
        ("/api/meals", {"items": []}, "items"),
        ("/api/meals", {"items": [QUICK] * 101}, "items"),
        ("/api/meals", {"items": {}}, "items"),
        ("/api/meals", {"items": [{"grams": 5}]}, "items.0.name"),
        ("/api/meals", {"items": [QUICK | {"grams": 0}]}, "items[0].grams"),
        ("/api/meals", {"items": [QUICK | {"grams": "12"}]}, "items[0].grams"),
        ("/api/meals", {"items": [QUICK | {"grams": 1e9}]}, "items[0].grams"),
        ("/api/meals", {"items": [QUICK | {"nutrients": {"magic_g": 1}}]}, "items.0.nutrients.magic_g"),
        ("/api/meals", {"items": [QUICK | {"nutrients": {"fat_g": -1}}]}, "items[0].nutrients[...]"),
        ("/api/meals", {"items": [QUICK | {"name": LONG}]}, "items[0].name"),
        ("/api/meals", {"items": [QUICK | {"name": "a\x07b"}]}, "items.0.name"),
        ("/api/meals", {"items": [{"food_id": "starter:no-such-food"}]}, "items.0.food_id"),
        ("/api/meals", {"items": [{"food_id": "../../etc/passwd"}]}, "items.0.food_id"),
        ("/api/meals", {"items": [{"food_id": "own:' or 1=1 --"}]}, "items.0.food_id"),
        ("/api/meals", {"items": [QUICK], "day": "0000-00-00"}, "day"),
        ("/api/meals", {"items": [QUICK], "day": "1899-12-31"}, "day"),
        ("/api/meals", {"items": [QUICK], "day": "9999-12-31"}, "day"),
        ("/api/meals", {"items": [QUICK], "day": 19000}, "day"),
        ("/api/meals", {"items": [QUICK], "zone": "Europe/Atlantis"}, "zone"),
        ("/api/meals", {"items": [QUICK], "zone": "../../etc/passwd"}, "zone"),
        ("/api/meals", {"items": [QUICK], "zone": "/etc/localtime"}, "zone"),
        ("/api/meals", {"items": [QUICK], "zone": "posix/Europe/Paris"}, "zone"),
        ("/api/meals", {"items": [QUICK], "kind": LONG}, "kind"),
        ("/api/meals", {"items": [QUICK], "note": LONG}, "note"),
        ("/api/meals/read", {"text": LONG}, "text"),
        ("/api/meals/read", {"text": ""}, "text"),
        ("/api/meals/read", {"text": 7}, "text"),
        ("/api/foods", {"name": LONG, "nutrients": {}}, "name"),
        ("/api/foods", {"name": "!!!", "nutrients": {}}, "name"),
        ("/api/foods", {"name": "Pie", "nutrients": {"fat_g": 101}}, "nutrients"),
        ("/api/foods", {"name": "Pie", "nutrients": {}, "barcode": "7310865004704"}, "barcode"),
        ("/api/aliases", {"phrase": "12 of", "food_id": "starter:gnocchi"}, "phrase"),
        ("/api/aliases", {"phrase": "pie", "food_id": "no:such"}, "food_id"),
        ("/api/auth/tokens", {"name": "x", "scopes": ["diary"]}, "scopes[0]"),
        ("/api/auth/tokens", {"name": "x", "scopes": []}, "scopes"),
        ("/api/auth/tokens", {"name": "x", "scopes": ["*"], "expires_in_days": 10**30}, "expires_in_days"),
        ("/api/auth/register", {"email": "no-at-sign", "password": "kitchen table 42"}, "email"),
        ("/api/auth/register", {"email": "a@example.org", "password": "password"}, "password"),
        ("/api/auth/register", {"email": "a@example.org", "password": LONG}, "password"),
        ("/api/auth/register", {"email": "a@example.org", "password": "kitchen table 42", "zone": "Mars"}, "zone"),
        ("/api/auth/register", {"email": "a@example.org", "password": "kitchen table 42", "locale": "tlh"}, "locale"),
    ],
)  # fmt: skip
def test_wrong_values_are_refused_by_name(
    anna: httpx.Client, path: str, body: dict[str, Any], field: str
) -> None:
    told = refused(anna.post(path, content=json.dumps(body), headers=JSON), 422, "invalid")
    assert [error["field"] for error in told["errors"]] == [field]
    assert all(error["message"] for error in told["errors"])


def test_half_a_change_is_no_change(join: Join) -> None:
    person = join()
    bad = {"food_id": "starter:no-such-food", "grams": 5}
    refused(person.post("/api/meals", json={"items": [QUICK, bad]}), 422, "invalid")
    meal = person.post("/api/meals", json={"items": [QUICK], "day": "2024-05-17"}).json()
    at = f"/api/meals/{meal['id']}"
    change = {"note": "new", "day": "2024-05-18", "items": [bad]}
    refused(person.patch(at, json=change), 422, "invalid")
    refused(person.post(f"{at}/items", json={"items": [QUICK, bad]}), 422, "invalid")
    assert person.get(at).json() == meal
    days = person.get("/api/days", params={"from": "2024-01-01", "to": "2024-12-31"}).json()["days"]
    assert [day["day"] for day in days] == ["2024-05-17"]
    key = {"Idempotency-Key": "refused-once"}
    refused(person.post("/api/meals", json={"items": [bad]}, headers=key), 422, "invalid")
    assert person.post("/api/meals", json={"items": [QUICK]}, headers=key).status_code == 201


def test_the_last_of_two_equal_names_counts(anna: httpx.Client) -> None:
    # RFC 8259 leaves it open; what is done is at least always the same.
    answer = anna.post("/api/weights", content=b'{"kg": 70, "kg": 71}', headers=JSON)
    assert (answer.status_code, answer.json()["kg"]) == (201, 71)


@pytest.mark.parametrize("size", [1024 * 1024 + 1, 5_000_000])
def test_bodies_that_are_too_large_are_refused(anna: httpx.Client, size: int) -> None:
    body = b'{"text": "' + b"a" * size + b'"}'
    refused(anna.post("/api/meals/read", content=body, headers=JSON), 413, "too_large")

    def pieces() -> Iterator[bytes]:
        yield from (body[at : at + 65536] for at in range(0, len(body), 65536))

    refused(anna.post("/api/meals/read", content=pieces(), headers=JSON), 413, "too_large")


@pytest.mark.parametrize(
    "path",
    [
        "/api/meals/..%2f..%2fetc%2fpasswd",
        "/api/foods/..%2f..%2f..%2fetc%2fpasswd",
        "/api/foods/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/api/foods/own:..%5c..%5cwindows",
        "/api/foods/" + "x" * 2000,
        "/api/foods/%00",
        "/api/foods/%ff%fe",
        "/api/foods/%27%20or%201=1--",
        "/api/foods/barcode/%F0%9F%92%A9",
        "/api/foods/barcode/" + "1" * 90,
        "/api/foods?limit=0",
        "/api/foods?limit=201",
        "/api/foods?limit=1e3",
        "/api/foods?limit=" + "9" * 400,
        "/api/foods?after=-1",
        "/api/foods?after=" + "9" * 300,
        "/api/foods?locale=tlh",
        "/api/foods?q=%00",
        "/api/foods?q=" + "a" * 401,
        "/api/days/2024-13-01",
        "/api/days/0000-00-00",
        "/api/days/-2024-05-17",
        "/api/days/99999-01-01",
        "/api/days?from=2024-01-01&to=2023-01-01",
        "/api/days?from=2020-01-01&to=2024-01-01",
        "/api/days?from=2024-01-01&to=2024-01-02&nutrients=magic_g",
        "/api/weights?after=nothing",
        "/api/goals/tomorrow",
        "/api/feature-flags/UPPER",
        "/static/..%2f..%2fapp.py",
        "/static/%2e%2e/%2e%2e/app.py",
    ],
)
def test_absurd_addresses_are_refused(anna: httpx.Client, path: str) -> None:
    answer = anna.get(path)
    problem(answer)
    assert answer.status_code in (400, 404, 422), answer.text


def test_a_query_of_any_letters_finds_or_not(anna: httpx.Client) -> None:
    for text in (
        "'; drop table foods.food; --",
        "%",
        "_",
        "\\",
        "🍕",
        "\u202e",
        "a:*",
        "!&|()",
        "\ud7ff",
    ):
        answer = anna.get("/api/foods", params={"q": text})
        assert answer.status_code == 200, (text, answer.text)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-Match": "seven"}, 400),
        ({"If-Match": '"' + "9" * 400 + '"'}, 400),
        ({"Idempotency-Key": ""}, 400),
        ({"Idempotency-Key": "k" * 256}, 400),
        ({"Authorization": "Basic YTpi"}, 401),
        ({"Authorization": "Bearer " + "x" * 5000}, 401),
        ({"Authorization": "Bearer"}, 401),
        ({"Cookie": "hearth=" + "x" * 3000}, None),
        ({"Accept-Language": "x" * 5000}, None),
        ({"Accept-Language": ",".join(["en;q=nan"] * 200)}, None),
        ({"X-Request-ID": "a\tb<script>"}, None),
        ({"X-Request-ID": "x" * 1000}, None),
        ({"X-Forwarded-For": "evil, 999.1.1.1, ::g"}, None),
        ({"Host": "evil.example"}, None),
        ({"Origin": FRIEND + ".evil.example"}, None),
    ],
)
def test_headers_are_not_trusted(
    anna: httpx.Client, headers: dict[str, str], status: int | None
) -> None:
    if "Idempotency-Key" in headers:
        answer = anna.post("/api/weights", json={"kg": 80}, headers=headers)
    else:
        answer = anna.patch("/api/settings", json={}, headers=headers)
    if status is None:
        assert answer.status_code == 200, answer.text
        assert len(answer.headers["x-request-id"]) <= 64
        assert "<" not in answer.headers["x-request-id"]
    else:
        assert answer.status_code == status, answer.text
        if answer.headers.get("content-type") == "application/problem+json":
            problem(answer)


def test_half_a_request_holds_nobody_up(site: House, anna: httpx.Client) -> None:
    token = anna.headers["Authorization"]
    opened = []
    for _ in range(20):
        half = socket.create_connection(("127.0.0.1", site.port), timeout=5)
        half.sendall(
            b"POST /api/meals HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Authorization: " + token.encode() + b"\r\nContent-Length: 1000\r\n\r\n{"
        )
        opened.append(half)
    started = time.monotonic()
    assert anna.get("/api/settings").status_code == 200
    assert anna.post("/api/weights", json={"kg": 80}).status_code == 201
    assert time.monotonic() - started < 3
    for half in opened:
        half.close()
    assert anna.get("/api/settings").status_code == 200


async def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    async def never() -> Any:
        await asyncio.sleep(60)

    with pytest.raises(Malformed, match="did not come"):
        await bounded(never, 1000, within_s=0.05)()


@pytest.mark.parametrize(
    "text",
    [b"GET / HTTP/9.9\r\n\r\n", b"\x00\x01\x02\r\n\r\n", b"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
     b"GET /api/settings HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 200_000 + b"\r\n\r\n",
     b"POST /api/meals HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"],
)  # fmt: skip
def test_what_is_no_http_is_cut_off(site: House, stranger: httpx.Client, text: bytes) -> None:
    with socket.create_connection(("127.0.0.1", site.port), timeout=5) as raw:
        try:
            raw.sendall(text)
            raw.shutdown(socket.SHUT_WR)
            answer = raw.recv(200)
        except ConnectionError:
            answer = b""
    assert answer == b"" or answer.split()[1][:1] in (b"3", b"4"), answer
    assert stranger.get("/live").status_code == 200


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["items", "name", "grams", "at", "kg", "nutrients", "text"])
                      | st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


@given(value=ANYTHING, to=st.sampled_from(["/api/meals", "/api/weights", "/api/foods"]))
@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_json_is_answered(anna: httpx.Client, value: Any, to: str) -> None:
    answer = anna.post(to, content=json.dumps(value).encode("utf-8", "surrogatepass"), headers=JSON)
    if answer.status_code != 201:
        problem(answer)


@given(body=st.binary(max_size=200))
@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_bytes_are_answered(anna: httpx.Client, body: bytes) -> None:
    problem(anna.post("/api/meals", content=body, headers=JSON))
