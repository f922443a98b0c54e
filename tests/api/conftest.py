"""The API over real HTTP: one running house, and persons who hold tokens."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.serving import House, house

PASSWORD = "kitchen table 42"
FRIEND = "https://friend.example"
QUICK = {"name": "Soup", "grams": 300, "nutrients": {"energy_kcal": 150, "protein_g": 6}}


@pytest.fixture(scope="session")
def site() -> Iterator[House]:
    """The whole product, running; tests keep apart by making their own persons."""
    with house(CORS_ORIGIN=FRIEND) as opened:
        yield opened


@pytest.fixture(scope="session")
def stranger(site: House) -> Iterator[httpx.Client]:
    """Nobody."""
    with httpx.Client(base_url=site.url, timeout=20) as client:
        yield client


Join = Callable[..., httpx.Client]


@pytest.fixture(scope="session")
def join(site: House) -> Iterator[Join]:
    """Makes clients in which a new person is logged in; `client.tokens` are theirs."""
    clients: list[httpx.Client] = []

    def joined(**more: Any) -> httpx.Client:
        client = httpx.Client(base_url=site.url, timeout=20)
        clients.append(client)
        body = {"email": f"{uuid4().hex}@example.org", "password": PASSWORD, **more}
        answer = client.post("/api/auth/register", json=body)
        assert answer.status_code == 201, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        client.tokens = answer.json()  # type: ignore[attr-defined]
        return client

    yield joined
    for client in clients:
        client.close()


@pytest.fixture(scope="session")
def anna(join: Join) -> httpx.Client:
    """A person who is logged in."""
    return join(name="Anna", zone="Europe/Stockholm")


def bearer(token: str) -> dict[str, str]:
    """The header of a token."""
    return {"Authorization": f"Bearer {token}"}


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem document of a refusal, which must have this status and code."""
    assert answer.status_code == status, (answer.status_code, answer.text[:500])
    return problem(answer, code)


def problem(answer: httpx.Response, code: str | None = None) -> dict[str, Any]:
    """The problem document of any refusal, complete and with a reason."""
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.text[:500])
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert told["status"] == answer.status_code
    assert told["request_id"] == answer.headers["x-request-id"]
    assert told["title"] and told["detail"] and told["type"].endswith(told["code"])
    assert code is None or told["code"] == code, told
    return told
