"""The pages and the API of models: which there are, consent, and what they cost."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest

from hearth import ai, people, privacy
from hearth.ai import usage
from hearth.app import PAGE_FOLDERS, ROUTES
from hearth.core.db import SYSTEM, Pool
from hearth.web import make_app
from hearth.web.costs import money, price_words
from hearth.web.shown import Shown
from tests.ai.doubles import KEY, OpenAiDouble
from tests.site import doors_of

CLOUD = {
    "AI_PROVIDERS": "cloud", "AI_CLOUD_KIND": "openai", "AI_CLOUD_KEY": KEY, "AI_CLOUD_MODEL": "big",
    "AI_CLOUD_NEEDS_CONSENT": "true", "AI_CLOUD_PRICE_IN": "2.5", "AI_CLOUD_PRICE_OUT": "10",
    "AI_BUDGET_PERSON_MONTH": "5", "AI_BUDGET_MONTH": "100000",
}  # fmt: skip
PASSWORD = "kitchen table 42"
CHANGE = {"purpose": "model:cloud", "next": "/me/models"}


class House:
    """A site with a person who is logged in by a token."""

    def __init__(self, client: httpx.AsyncClient, door: ai.Ai, person: people.Person) -> None:
        self.client = client
        self.ai = door
        self.person = person

    async def page(self, path: str = "/me/models") -> str:
        answer = await self.client.get(path)
        assert answer.status_code == 200, answer.text
        return " ".join(answer.text.split())


def digest_in(text: str) -> str:
    """The fingerprint of what the page asks consent to."""
    found = re.search(r'name="digest" value="([^"]*)"', text)
    assert found is not None
    return found.group(1)


Open = Callable[..., AbstractAsyncContextManager[House]]


@pytest.fixture
def house(db: Pool, tmp_path: Path) -> Open:
    """`async with house(AI_...="...") as site`: a site with these models; none without settings."""

    @asynccontextmanager
    async def opened(**settings: str) -> AsyncIterator[House]:
        doors = doors_of(db, tmp_path)
        door = ai.open_ai(ai.read_config(settings), ai.Base(db, doors.cache, doors.vault))
        app = make_app(msgspec.structs.replace(doors, ai=door), ROUTES, page_folders=PAGE_FOLDERS)
        transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://hearth.test") as client:
            email = f"{uuid4().hex}@example.org"
            body = {"email": email, "password": PASSWORD}
            answer = await client.post("/api/auth/register", json=body)
            client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
            profile = (await client.get("/api/profile")).json()
            yield House(client, door, people.Person(UUID(profile["id"]), email))
        await door.close()

    return opened


async def used(db: Pool, site: House, cost_micro: int | None = 1200, **more: Any) -> UUID:
    """A call that was made for the person."""
    call = ai.Call(purpose=more.pop("purpose", "plate_photo"), person_id=site.person.id)
    wanted = usage.reservation(
        ai.Config(), "cloud", "big", call, prompt="plate.v1", cost_micro=cost_micro
    )
    await usage.reserve(db, ai.Config(), wanted)
    took = {"outcome": "ok", "tokens_in": 2000, "tokens_out": 300, "cost_micro": cost_micro} | more
    await usage.settle(db, wanted, usage.Took(**took))
    return wanted.id


# ------------------------------------------------------------------ the page


async def test_without_models_the_page_says_so_and_how_to_name_one(house: Open) -> None:
    async with house() as site:
        text = await site.page()
        assert text.count("No model is named for this.") == 4
        assert "AI_PROVIDERS=ollama AI_OLLAMA_VISION_MODEL=" in text and "docs/models.md" in text
        assert "No model was asked for you in this month." in text
        assert "/me/models" in await site.page("/me")
        found = (await site.client.get("/api/models")).json()
        assert [one["usable"] for one in found] == [False] * 4
        assert all(one["models"] == [] for one in found)


async def test_consent_is_asked_given_and_taken_back(house: Open, db: Pool) -> None:
    async with house(**CLOUD) as site:
        text = await site.page()
        assert "May OpenAI be asked?" in text
        assert "the model big of OpenAI, at https://api.openai.com." in text
        assert "2.50 EUR for a million tokens sent and 10.00 EUR for a million" in text
        assert "Pictures that you give it" in text and "Recordings" not in text
        agreed = CHANGE | {"given": "yes", "digest": digest_in(text)}
        answer = await site.client.post("/me/consents", data=agreed)
        assert (answer.status_code, answer.headers["location"]) == (303, "/me/models")
        assert await privacy.consented(db, site.person) == {"cloud"}
        text = await site.page()
        assert "OpenAI may be asked" in text and "You agreed on" in text
        for _ in range(2):  # an impatient second press does nothing either
            answer = await site.client.post("/me/consents", data=CHANGE | {"given": "no"})
            assert answer.status_code == 303
        assert await privacy.consented(db, site.person) == frozenset()
        assert "May OpenAI be asked?" in await site.page()


async def test_what_was_not_shown_is_not_agreed_to(house: Open, db: Pool) -> None:
    async with house(**CLOUD) as site:
        for shown in ({}, {"digest": ""}, {"digest": "0" * 32}):
            agreed = CHANGE | {"given": "yes"} | shown
            answer = await site.client.post("/me/consents", data=agreed)
            assert answer.status_code == 409 and "has changed meanwhile" in answer.text
        unknown = {"purpose": "model:nobody", "given": "yes", "next": "/"}
        assert (await site.client.post("/me/consents", data=unknown)).status_code == 404
        elsewhere = CHANGE | {"given": "no", "next": "https://evil.example/"}
        answer = await site.client.post("/me/consents", data=elsewhere)
        assert answer.headers["location"] == "/"
        assert await privacy.consented(db, site.person) == frozenset()


async def test_an_agreement_that_nothing_asks_for_is_shown_and_taken_back(
    house: Open, db: Pool
) -> None:
    async with house(**CLOUD) as site:
        agreed = CHANGE | {"given": "yes", "digest": digest_in(await site.page())}
        assert (await site.client.post("/me/consents", data=agreed)).status_code == 303
        assert "nothing asks for" not in await site.page()
        async with house(**CLOUD, AI_CLOUD_URL="http://api.openai.com:8080") as other:
            login = {"email": site.person.email, "password": PASSWORD}
            opened = (await other.client.post("/api/auth/login", json=login)).json()
            other.client.headers["Authorization"] = f"Bearer {opened['access_token']}"
            assert await privacy.consented(db, site.person) == frozenset()
            text = await other.page()
            assert "An agreement that nothing asks for" in text
            assert "to cloud (openai https://api.openai.com)" in text
            assert "at http://api.openai.com:8080. The way there is not encrypted" in text
            await other.client.post("/me/consents", data=CHANGE | {"given": "no"})
            assert "nothing asks for" not in await other.page()
        assert await privacy.standing_consents(db, site.person) == []


async def test_consent_by_cookie_needs_the_token_of_our_own_page(house: Open) -> None:
    async with house(**CLOUD) as site:
        del site.client.headers["Authorization"]
        form = {"email": site.person.email, "password": PASSWORD}
        await site.client.post("/sign-in", data=form)
        agreed = CHANGE | {"given": "yes", "digest": "0" * 32}
        assert (await site.client.post("/me/consents", data=agreed)).status_code == 403
        token = re.search(r'name="csrf_token" value="([^"]+)"', await site.page())
        assert token is not None
        agreed |= {"csrf_token": token.group(1), "digest": digest_in(await site.page())}
        assert (await site.client.post("/me/consents", data=agreed)).status_code == 303


async def test_the_account_shows_sums_calls_and_what_is_left(house: Open, db: Pool) -> None:
    async with house(**CLOUD) as site:
        await used(db, site)
        await used(db, site, 2_000_000, purpose="menu_photo", outcome="repaired")
        text = await site.page()
        assert "2.00 EUR" in text and "0.0012 EUR" in text and "<strong>2.00 EUR" in text
        assert "3.00 EUR of your 5.00 EUR for this month are left." in text
        assert "A plate from a photo" in text and "(asked twice)" in text
        assert "2,000 + 300" in text and "big (cloud)" in text
        assert "Cost of each day, at most 2.00 EUR" in text and "The days as a table" in text


async def test_an_unknown_cost_is_said_and_never_nothing(house: Open, db: Pool) -> None:
    async with house(**CLOUD) as site:
        await used(db, site, None, tokens_in=None, tokens_out=None)
        text = await site.page()
        assert "unknown" in text and "0.00 EUR<" not in text
        assert "Calls of each day, at most 1" in text
        await used(db, site, 500)
        assert "0.0005 EUR, and 1 call of unknown cost" in await site.page()
        told = (await site.client.get("/api/models/usage")).json()
        assert [one["cost_micro"] for one in told["items"]] == [500, None]
        assert (told["spent"]["calls"], told["spent"]["unpriced_calls"]) == (2, 1)


async def test_months_and_pages_of_calls_are_leafed_through(house: Open, db: Pool) -> None:
    async with house(**CLOUD) as site:
        for _ in range(52):
            last = await used(db, site)
        async with db.transaction(SYSTEM) as tx:
            await tx.connection.execute(
                "update ai.usage set at = at - interval '1 year' where person_id = $1 and id = $2",
                site.person.id,
                last,
            )
        first = await site.page("/me/models/calls")
        assert first.count("<time") == 50
        earlier = re.search(r'href="([^"]+)">Earlier ones', first)
        assert earlier is not None
        rest = await site.page(earlier.group(1).replace("&amp;", "&"))
        assert rest.count("<time") == 1 and "To the latest" in rest
        then = f"{datetime.now(UTC).year - 1}-{datetime.now(UTC).month:02}"
        assert (await site.page(f"/me/models/calls?month={then}")).count("<time") == 1
        assert "for this month are left" not in await site.page(f"/me/models?month={then}")
        assert (await site.client.get("/me/models?month=2026-13")).status_code == 422


async def test_a_strangers_calls_are_not_shown(house: Open, db: Pool) -> None:
    async with house(**CLOUD) as site, house(**CLOUD) as other:
        await used(db, site)
        assert "No model was asked for you" in await other.page()
        assert (await other.client.get("/api/models/usage")).json()["items"] == []


async def test_only_staff_see_what_the_house_spent(house: Open, db: Pool) -> None:
    async with house(**CLOUD) as site:
        await used(db, site)
        for path in ("/staff/models", "/api/models/spending"):
            assert (await site.client.get(path)).status_code == 403
        assert "/staff/models" not in await site.page()
        await people.grant(db, site.person.email, "support")
        assert "A plate from a photo" in await site.page("/staff/models")
        assert "/staff/models" in await site.page()
        told = (await site.client.get("/api/models/spending")).json()
        assert told["budget_micro"] == 100_000_000_000 > told["budget_left_micro"]
        assert any(one["service"] == "cloud" for one in told["sums"])


@pytest.mark.parametrize("locale", ["sv", "sr-Latn", "sr-Cyrl"])
async def test_every_language_has_its_page(house: Open, db: Pool, locale: str) -> None:
    async with house(**CLOUD) as site:
        await used(db, site, 1_234_500)
        await site.client.patch("/api/profile", json={"locale": locale})
        assert "1,23 EUR" in await site.page()
        await site.page("/me/models/calls")


# ------------------------------------------------------------------- the API


async def test_consents_over_the_api(house: Open) -> None:
    async with house(**CLOUD) as site:
        listed = (await site.client.get("/api/consents")).json()
        found = next(one for one in listed["purposes"] if one["purpose"] == "model:cloud")
        assert (found["given"], found["covers"]) == (False, ["pictures", "words"])
        path = "/api/consents/model:cloud"
        given = await site.client.put(path, json={"given": True, "digest": found["digest"]})
        assert (given.status_code, given.json()["withdrawn_at"]) == (200, None)
        see = (await site.client.get("/api/models")).json()[1]
        assert (see["ability"], see["usable"]) == ("see", True)
        assert (see["models"][0]["consented"], see["models"][0]["price_in"]) == (True, 2.5)
        assert (await site.client.delete(path)).status_code == 204
        assert (await site.client.delete(path)).status_code == 404
        assert (await site.client.put(path, json={"given": "yes"})).status_code == 422
        for shown, status in ((None, 422), ("", 409), ("0" * 32, 409)):
            answer = await site.client.put(path, json={"given": True, "digest": shown})
            assert answer.status_code == status, answer.text
        assert (await site.client.put(path, json={"given": False})).status_code == 404
        assert (
            await site.client.put("/api/consents/x", json={"given": True, "digest": ""})
        ).status_code == 404
        history = (await site.client.get("/api/consents")).json()["history"]
        assert len(history) == 1 and history[0]["withdrawn_at"] is not None


async def test_the_record_over_the_api_comes_in_pages(house: Open) -> None:
    async with house(**CLOUD) as site:
        path = "/api/consents/model:cloud"
        listed = (await site.client.get("/api/consents")).json()
        digest = next(one for one in listed["purposes"] if one["purpose"] == "model:cloud")[
            "digest"
        ]
        for _ in range(3):
            await site.client.put(path, json={"given": True, "digest": digest})
            await site.client.delete(path)
        first = (await site.client.get("/api/consents?limit=2")).json()
        rest = (await site.client.get(f"/api/consents?limit=2&after={first['next']}")).json()
        assert [len(first["history"]), len(rest["history"]), rest["next"]] == [2, 1, None]


async def test_a_token_needs_the_scope(house: Open) -> None:
    async with house(**CLOUD) as site:
        body = {"name": "reader", "scopes": ["models:read"]}
        made = (await site.client.post("/api/auth/tokens", json=body)).json()
        site.client.headers["Authorization"] = f"Bearer {made['token']}"
        assert (await site.client.get("/api/models")).status_code == 200
        assert (await site.client.get("/api/consents")).status_code == 403
        path = "/api/consents/model:cloud"
        assert (await site.client.put(path, json={"given": True})).status_code == 403


# ------------------------------------------------- consent and the door to models


class Plate(msgspec.Struct, frozen=True):
    """What is on a plate."""

    items: list[str]


async def test_after_withdrawal_nothing_is_asked_and_nothing_kept_is_used(
    house: Open, db: Pool
) -> None:
    prompt = ai.Prompt("plate.v1", "Name the foods.")
    async with OpenAiDouble().running() as double, house(**CLOUD, AI_CLOUD_URL=double.url) as site:

        async def ask() -> ai.Answer[Plate]:
            agreed = await privacy.consented(db, site.person)
            call = ai.Call(purpose="plate_photo", person_id=site.person.id, consented=agreed)
            return await site.ai.ask(prompt, into=Plate, call=call, content={"note": "lunch"})

        with pytest.raises(ai.NotConsented):
            await ask()
        (service,) = site.ai.providers()
        digest = privacy.model_purpose(service).digest
        await privacy.give(db, site.person, "model:cloud", digest=digest)
        double.say('{"items": ["rice"]}', '{"items": ["beans"]}')
        assert not (await ask()).is_cached
        assert (await ask()).is_cached
        await privacy.withdraw(db, site.person, "model:cloud")
        with pytest.raises(ai.NotConsented):
            await ask()
        assert len(double.requests) == 1


# ------------------------------------------------------------------ in words


def test_money_in_words() -> None:
    shown = Shown(locale="en")
    said = [money(shown, micro, "EUR") for micro in (None, 0, 3, 100, 12_345, 1_500_000)]
    assert said == ["unknown", "0.00 EUR", "< 0.0001 EUR", "0.0001 EUR", "0.0123 EUR", "1.50 EUR"]
    assert money(Shown(locale="sv"), 1_234_500_000, "SEK") == "1\u00a0234,50 SEK"


def test_prices_in_words() -> None:
    free = ai.Service("o", "m", False, "ollama", "http://127.0.0.1:11434", ("pictures",), 0, 0, 0)
    assert price_words(free) == ["It costs nothing."]
    unknown = ai.Service("o", "m", True, "openai", "https://api.openai.com", ("words", "sound"))
    assert price_words(unknown) == ["What it costs is not known here."]
    spoken = msgspec.structs.replace(unknown, takes=("sound",), price_minute=0.006)
    assert price_words(spoken) == ["A minute of speech costs 0.006 EUR."]
