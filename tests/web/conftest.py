"""The site over HTTP, with handlers of its own to try the shell on."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import httpx
import msgspec
import pytest
from litestar import Litestar, Request, get, post, put
from litestar.params import FromPath, JSONBody

from hearth.core.cache import Cache
from hearth.core.db import Pool, Transaction
from hearth.core.errors import Unavailable
from hearth.core.files import Files
from hearth.core.flags import Flags
from hearth.core.limits import Limits
from hearth.core.mail import NoMail
from hearth.core.secrets import Vault, new_key
from hearth.web import (
    After,
    DbIn,
    Doors,
    IfMatchIn,
    KeyIn,
    Limit,
    LocaleIn,
    MaybePersonIn,
    Page,
    PersonIn,
    Site,
    created,
    make_app,
    versioned,
)

PASSWORD = "kitchen table 42"
Amount = Annotated[float, msgspec.Meta(gt=0, le=100_000)]


class Thing(msgspec.Struct, frozen=True):
    """Something to make."""

    name: Annotated[str, msgspec.Meta(max_length=50)]
    grams: Amount = 1.0
    parts: list["Thing"] = []


made: list[str] = []


@get("/api/things", tags=["things"])
async def things(person: PersonIn, after: After = None, limit: Limit = 20) -> Page[str]:
    """Things, by page."""
    return Page([f"{person.email} {after} {limit}"], next="more")


@post("/api/things", tags=["things"])
async def make_thing(
    db: DbIn,
    person: PersonIn,
    idempotency_key: KeyIn,
    request: Request[Any, Any, Any],
    data: JSONBody[Thing],
) -> Any:
    """Make a thing."""

    async def work(tx: Transaction) -> Thing:
        made.append(data.name)
        return data

    return await created(db, person, idempotency_key, request, work)


@put("/api/things/{number:int}", tags=["things"])
async def change_thing(
    person: PersonIn, if_match: IfMatchIn, number: FromPath[int], data: JSONBody[Thing]
) -> Any:
    """Change a thing."""
    return versioned({"was": if_match, "number": number, "name": data.name}, (if_match or 0) + 1)


@get("/api/who", opt={"anonymous": True})
async def who(maybe_person: MaybePersonIn, locale: LocaleIn) -> dict[str, str]:
    """Who asks."""
    return {"who": maybe_person.email if maybe_person else "nobody", "locale": locale}


@get("/api/broken", opt={"anonymous": True})
async def broken() -> None:
    """Fails."""
    raise RuntimeError("the secret inside is 4711")


@get("/api/away", opt={"anonymous": True})
async def away() -> None:
    """Is away."""
    raise Unavailable("It is away.", retry_after_s=2.2)


@get("/page", include_in_schema=False)
async def page(person: PersonIn) -> str:
    """A page."""
    return person.email


@post("/page", include_in_schema=False)
async def change_page(person: PersonIn) -> str:
    """A change by a form."""
    return person.email


TRIAL = [things, make_thing, change_thing, who, broken, away, page, change_page]
Caller = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture(scope="session")
def vault() -> Vault:
    return Vault(new_key("test"))


@pytest.fixture
def doors(db: Pool, vault: Vault, tmp_path: Path) -> Doors:
    return Doors(
        db=db,
        vault=vault,
        cache=Cache(),
        limits=Limits(),
        mail=NoMail(),
        files=Files(f"file://{tmp_path}"),
        flags=Flags(db),
        site=Site(base_url="http://hearth.test", version="1.2.3"),
    )


@pytest.fixture
def app(doors: Doors) -> Litestar:
    return make_app(doors, TRIAL)


def client_of(app: Litestar, address: str = "127.0.0.1") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, client=(address, 1), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://hearth.test")


@pytest.fixture
async def client(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app) as opened:
        yield opened


class Someone(msgspec.Struct):
    """A person who has registered over HTTP."""

    email: str
    tokens: dict[str, Any]

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens['access_token']}"}


async def register(client: httpx.AsyncClient, **more: Any) -> Someone:
    email = f"{uuid4().hex}@example.org"
    body = {"email": email, "password": PASSWORD, **more}
    answer = await client.post("/api/auth/register", json=body)
    assert answer.status_code == 201, answer.text
    return Someone(email, answer.json())


@pytest.fixture
async def anna(client: httpx.AsyncClient) -> Someone:
    return await register(client, name="Anna", locale="sv")
