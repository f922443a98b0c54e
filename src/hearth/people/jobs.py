"""What happens later: letters to persons, and forgetting what has expired."""

from typing import Final, Literal
from uuid import UUID

import msgspec

from hearth.core.db import SYSTEM, Db
from hearth.core.errors import Unavailable
from hearth.core.jobs import every, task
from hearth.core.mail import Mail
from hearth.core.secrets import Vault
from hearth.core.sql import Statements
from hearth.people import letters, links
from hearth.people.persons import PERSON_BY_EMAIL, PERSON_BY_ID


class Letter(msgspec.Struct, frozen=True):
    """A letter to a person: confirm your address, set a password, or you have an account already.

    It carries no link: the link is made when it is sent, so that no secret waits in the queue.
    """

    person_id: UUID
    kind: Literal["verify", "reset", "known"]


class Forgotten(msgspec.Struct, frozen=True):
    """Somebody says that they forgot the password of this address, known or not."""

    email_key: str


class Post(msgspec.Struct, frozen=True):
    """What is needed to send letters. `base_url` is where links lead."""

    mail: Mail
    vault: Vault
    base_url: str


_post: list[Post] = []
_sql: Final = Statements.beside(__file__)
FORGET_LOGINS: Final = _sql.rows("forget_logins", int)
FORGET_LINKS: Final = _sql.rows("forget_links", int)


def use_post(post: Post) -> None:
    """Choose how letters are sent; the composition root of a worker calls this once."""
    _post[:] = [post]


@task
async def send_letter(db: Db, letter: Letter) -> None:
    """Write to a person, unless they are gone. Repeated, it sends a second link that works too."""
    if not _post:
        raise Unavailable("No way to send letters was chosen for this process.")
    post = _post[0]
    person = await db.maybe(PERSON_BY_ID, letter.person_id)
    if person is None:
        return
    link = ""
    if letter.kind != "known":
        async with db.transaction(person.id) as tx:
            token = await links.make_link(tx, post.vault, person.id, letter.kind)
        link = f"{post.base_url}/{letter.kind}?token={token}"
    await post.mail.send(letters.written(person, letter.kind, link, post.base_url))


@task
async def answer_forgotten(db: Db, forgotten: Forgotten) -> None:
    """Send a link if there is such an account. Asked later, so that the time tells nothing."""
    person = await db.maybe(PERSON_BY_EMAIL, SYSTEM, email_key=forgotten.email_key)
    if person is not None:
        await send_letter(db, Letter(person.id, "reset"))


@every("53 3 * * *")
async def forget_expired(db: Db) -> None:
    """Forget logins and links 30 days after they ended."""
    await db.all(FORGET_LOGINS, SYSTEM)
    await db.all(FORGET_LINKS, SYSTEM)
