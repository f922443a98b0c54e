"""The whole site in the process, for tests of the API."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from litestar.types import ControllerRouterHandler

from hearth.app import PAGE_FOLDERS
from hearth.core.cache import Cache
from hearth.core.db import Pool
from hearth.core.files import Files
from hearth.core.flags import Flags
from hearth.core.limits import Limits
from hearth.core.mail import NoMail
from hearth.core.secrets import Vault, new_key
from hearth.web import Doors, Site, make_app


def doors_of(db: Pool, folder: Path) -> Doors:
    """Doors that lead nowhere outside of the process and the database."""
    return Doors(
        db=db,
        vault=Vault(new_key("test")),
        cache=Cache(),
        limits=Limits(),
        mail=NoMail(),
        files=Files(f"file://{folder}"),
        flags=Flags(db),
        site=Site(base_url="http://hearth.test"),
    )


@asynccontextmanager
async def client_of(
    db: Pool, folder: Path, routes: Iterable[ControllerRouterHandler], **person: Any
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of these routes in which a new person is logged in."""
    app = make_app(doors_of(db, folder), routes, page_folders=PAGE_FOLDERS)
    transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 1), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://hearth.test") as client:
        body = {"email": f"{uuid4().hex}@example.org", "password": "kitchen table 42", **person}
        answer = await client.post("/api/auth/register", json=body)
        assert answer.status_code == 201, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield client
