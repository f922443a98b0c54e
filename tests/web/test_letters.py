"""Sign-in with a mail server: every letter goes through real SMTP and its link is followed."""

import re
import socket
from collections.abc import AsyncIterator, Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest
from aiosmtpd.controller import Controller

from hearth import people
from hearth.core import jobs
from hearth.core.mail import SmtpMail
from hearth.web import Doors, account, make_app

from .conftest import PASSWORD

PAGES = Path(account.__file__).parent / "pages"


class Box:
    """What the server was handed."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.letters: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    def link(self, email: str) -> str:
        """The token of the link in the last letter to an address."""
        letter = [letter for letter in self.letters if letter["To"] == email][-1]
        found = re.search(r"http://hearth\.test/(verify|reset)\?token=(\S+)", letter.get_content())
        return found.group(2) if found else ""


@pytest.fixture
def box() -> Iterator[Box]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        kept = Box(free.getsockname()[1])
    controller = Controller(kept, hostname="127.0.0.1", port=kept.port)
    controller.start()
    yield kept
    controller.stop()


@pytest.fixture
async def client(box: Box, doors: Doors) -> AsyncIterator[httpx.AsyncClient]:
    mail = SmtpMail(f"smtp://127.0.0.1:{box.port}", "hearth@example.org")
    people.jobs.use_post(people.jobs.Post(mail, doors.vault, doors.site.base_url))
    app = make_app(msgspec.structs.replace(doors, mail=mail), account.pages)
    transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://hearth.test") as opened:
        yield opened


async def test_confirm_then_forget_then_choose_anew(
    client: httpx.AsyncClient, box: Box, doors: Doors
) -> None:
    email = f"{uuid4().hex}@example.org"
    who = {"email": email, "password": PASSWORD}
    assert (await client.post("/api/auth/register", json=who)).status_code == 202
    assert (await client.post("/api/auth/login", json=who)).status_code == 401
    await jobs.drain(doors.db)
    token = box.link(email)
    assert (await client.get("/verify", params={"token": token})).status_code == 200
    assert (await client.post("/api/auth/login", json=who)).status_code == 401
    assert (await client.post("/verify", data={"token": token})).status_code == 200
    assert (await client.post("/verify", data={"token": token})).status_code == 409
    first = await client.post("/api/auth/login", json=who)
    assert first.status_code == 200
    for asked in (email, f"{uuid4().hex}@example.org"):
        answer = await client.post("/api/auth/reset-request", json={"email": asked})
        assert (answer.status_code, answer.json()) == (202, {"next": "look_into_mail"})
    before = len(box.letters)
    await jobs.drain(doors.db)
    assert len(box.letters) == before + 1
    anew = {"token": box.link(email), "new_password": "another kitchen 43"}
    assert (await client.post("/api/auth/reset", json=anew)).status_code == 204
    assert (await client.post("/api/auth/reset", json=anew)).status_code == 409
    bearer = {"Authorization": f"Bearer {first.json()['access_token']}"}
    assert (await client.get("/api/profile", headers=bearer)).status_code == 401
    assert (await client.post("/api/auth/login", json=who)).status_code == 401
    who["password"] = "another kitchen 43"
    assert (await client.post("/api/auth/login", json=who)).status_code == 200


async def test_registering_again_is_answered_alike_and_told_by_letter(
    client: httpx.AsyncClient, box: Box, doors: Doors
) -> None:
    email = f"{uuid4().hex}@example.org"
    who = {"email": email, "password": PASSWORD}
    first = await client.post("/api/auth/register", json=who)
    await jobs.drain(doors.db)
    await client.post("/api/auth/verify", json={"token": box.link(email)})
    second = await client.post("/api/auth/register", json={**who, "password": "third kitchen 44"})
    assert (first.status_code, first.content) == (second.status_code, second.content)
    await jobs.drain(doors.db)
    assert box.link(email) == ""
    assert "sign-in" in box.letters[-1].get_content()
    assert (await client.post("/api/auth/login", json=who)).status_code == 200
