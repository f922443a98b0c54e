"""Letters reach a real SMTP server; passwords only over an encrypted way."""

import socket
from collections.abc import Iterator
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from hearth.core.mail import MailNotSent, Message, NoMail, RecordedMail, SmtpMail

LETTER = Message("ada@example.org", "Välkommen, Миле", "Hej!\n", "<p>Hej!</p>")


class Box:
    """Keeps what the server was given."""

    def __init__(self) -> None:
        self.got: list[Envelope] = []
        self.refuse = False

    async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:  # noqa: N802
        if self.refuse:
            return "451 later, ada@example.org"
        self.got.append(envelope)
        return "250 OK"


def allowed(
    server: object, session: object, envelope: object, way: str, data: object
) -> AuthResult:
    right = isinstance(data, LoginPassword) and data.password == b"p@ss word"
    return AuthResult(success=right, handled=False)


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def server(box: Box) -> Iterator[Controller]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    controller = Controller(
        box, hostname="127.0.0.1", port=port, authenticator=allowed, auth_require_tls=False
    )
    controller.start()
    yield controller
    controller.stop()


def port_of(controller: Controller) -> int:
    return int(controller.port)


async def test_a_letter_arrives(box: Box, server: Controller) -> None:
    url = f"smtp://ada:p%40ss%20word@127.0.0.1:{port_of(server)}"
    await SmtpMail(url, "Hearth <hearth@example.org>").send(LETTER)
    (envelope,) = box.got
    assert envelope.rcpt_tos == ["ada@example.org"]
    assert isinstance(envelope.content, bytes)
    letter = message_from_bytes(envelope.content, policy=policy.default)
    assert letter["Subject"] == LETTER.subject
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Message-ID"].endswith("@example.org>")
    bodies = [part.get_content().strip() for part in letter.iter_parts()]  # type: ignore[attr-defined]
    assert bodies == ["Hej!", "<p>Hej!</p>"]


async def test_a_refusal_is_told_without_the_address(box: Box, server: Controller) -> None:
    box.refuse = True
    mail = SmtpMail(f"smtp://127.0.0.1:{port_of(server)}", "hearth@example.org")
    with pytest.raises(MailNotSent) as caught:
        await mail.send(LETTER)
    assert "ada" not in str(caught.value)


async def test_a_wrong_password_and_an_absent_server(server: Controller) -> None:
    port = port_of(server)
    for url in (f"smtp://ada:wrong@127.0.0.1:{port}", "smtp://127.0.0.1:1"):
        with pytest.raises(MailNotSent):
            await SmtpMail(url, "hearth@example.org").send(LETTER)


async def test_no_header_is_injected(box: Box, server: Controller) -> None:
    mail = SmtpMail(f"smtp://127.0.0.1:{port_of(server)}", "hearth@example.org")
    with pytest.raises(MailNotSent):
        await mail.send(Message("a@example.org", "x\r\nBcc: b@example.org", "text"))
    assert box.got == []


def test_a_password_for_elsewhere_needs_encryption() -> None:
    assert SmtpMail("smtp://u:p@mail.example.org", "a@b.org")._server["start_tls"] is True
    assert SmtpMail("smtp://mail.example.org", "a@b.org")._server["start_tls"] is None
    secure = SmtpMail("smtps://u:p@mail.example.org", "a@b.org")._server
    assert (secure["use_tls"], secure["port"]) == (True, 465)
    with pytest.raises(ValueError, match="SMTP_URL"):
        SmtpMail("http://mail.example.org", "a@b.org")


async def test_the_twins() -> None:
    recorded = RecordedMail()
    await recorded.send(LETTER)
    assert recorded.sent == [LETTER]
    assert not NoMail().configured
    with pytest.raises(MailNotSent):
        await NoMail().send(LETTER)
