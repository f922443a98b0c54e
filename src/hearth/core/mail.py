"""Letters to persons. Sent from jobs, so that a mail server that is away is tried again.

`SmtpMail` speaks to a server, `RecordedMail` keeps what was sent for tests, `NoMail` stands where
none is configured: what needs mail asks `mail.configured` first.
"""

import ipaddress
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any, Final, Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
import msgspec

TIMEOUT_S: Final = 30.0
_PORTS: Final = {"smtp": 587, "smtps": 465}


class Message(msgspec.Struct, frozen=True):
    """A letter to one person; `html` beside the plain text, not instead of it."""

    to: str
    subject: str
    text: str
    html: str | None = None


class MailNotSent(Exception):
    """The mail server did not take a letter, or there is none."""


class Mail(Protocol):
    """Where letters go."""

    configured: bool

    async def send(self, message: Message) -> None:
        """Hand over one letter, or raise `MailNotSent`."""


class SmtpMail:
    """A server at `smtp://user:password@host:port` (STARTTLS) or `smtps://` (TLS from the start).

    A password goes over an encrypted connection or to this machine itself, never elsewhere.
    """

    configured = True

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("SMTP_URL must be smtp://user:password@host:port or smtps://...")
        self._sender = sender
        user = unquote(parts.username) if parts.username else None
        self._server: dict[str, Any] = {
            "hostname": parts.hostname,
            "port": parts.port or _PORTS[parts.scheme],
            "username": user,
            "password": unquote(parts.password) if parts.password else None,
            "use_tls": parts.scheme == "smtps",
            # None: when the server offers it. True: or not at all.
            "start_tls": True if user and not _is_here(parts.hostname) else None,
        }
        if parts.scheme == "smtps":
            self._server["start_tls"] = False

    async def send(self, message: Message) -> None:
        try:
            letter = _letter(self._sender, message)
            await aiosmtplib.send(letter, timeout=TIMEOUT_S, **self._server)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            # The error's own text may repeat the address.
            raise MailNotSent(f"the letter was not sent: {type(error).__name__}") from None


class RecordedMail:
    """Keeps what was sent, for tests."""

    configured = True

    def __init__(self) -> None:
        self.sent: list[Message] = []

    async def send(self, message: Message) -> None:
        self.sent.append(message)


class NoMail:
    """There is no mail server."""

    configured = False

    async def send(self, message: Message) -> None:
        raise MailNotSent("no mail server is configured: set SMTP_URL")


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _letter(sender: str, message: Message) -> EmailMessage:
    letter = EmailMessage()
    letter["From"] = sender
    letter["To"] = message.to
    letter["Subject"] = message.subject
    letter["Date"] = formatdate(localtime=False)
    letter["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].rstrip(">") or None)
    # RFC 3834: no out-of-office answers to this.
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(message.text)
    if message.html is not None:
        letter.add_alternative(message.html, subtype="html")
    return letter
