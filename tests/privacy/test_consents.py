"""Consents: given, withdrawn, on record, and asked anew when they would mean something else."""

import asyncio
import hashlib
import re
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from hearth import ai, web
from hearth.core.db import SYSTEM, Pool
from hearth.core.errors import Conflict, NotFound
from hearth.people import Person
from hearth.privacy import (
    Consent,
    Purpose,
    consented,
    consents,
    declare,
    declare_models,
    give,
    model_purpose,
    purposes,
    withdraw,
)
from hearth.privacy.purposes import MODEL_TEXT

OPENAI = {"AI_PROVIDERS": "cloud", "AI_CLOUD_KIND": "openai", "AI_CLOUD_KEY": "k"}


@pytest.fixture
def person(person_id: UUID) -> Person:
    return Person(person_id, "test@example.org")


def house(db: Pool, **settings: str) -> ai.Ai:
    """A door of a configuration whose models are declared."""
    config = ai.read_config(OPENAI | {"AI_CLOUD_MODEL": "m"} | settings)
    opened = ai.open_ai(config, ai.Base(db, None, None))  # type: ignore[arg-type]
    declare_models(opened)
    return opened


async def agree(db: Pool, person: Person, purpose: str) -> Consent:
    """Agree to what the house means by the purpose now."""
    (wanted,) = (one for one in purposes() if one.name == purpose)
    return await give(db, person, purpose, digest=wanted.digest)


async def test_a_consent_stands_until_it_is_withdrawn(db: Pool, person: Person) -> None:
    house(db)
    assert await consented(db, person) == frozenset()
    given = await agree(db, person, "model:cloud")
    assert (given.purpose, given.version, given.subject) == (
        "model:cloud", MODEL_TEXT, "openai https://api.openai.com",
    )  # fmt: skip
    assert given.covers == {"words", "pictures"} and given.withdrawn_at is None
    assert await consented(db, person) == {"cloud"}
    ended = await withdraw(db, person, "model:cloud")
    assert ended.withdrawn_at is not None and ended.given_at == given.given_at
    assert await consented(db, person) == frozenset()
    assert await consents(db, person) == [ended]


async def test_giving_twice_is_giving_once_and_again_after_withdrawal_is_new(
    db: Pool, person: Person
) -> None:
    house(db)
    first = await agree(db, person, "model:cloud")
    assert await agree(db, person, "model:cloud") == first
    await withdraw(db, person, "model:cloud")
    again = await agree(db, person, "model:cloud")
    held = await consents(db, person)
    assert [one.withdrawn_at is None for one in held] == [True, False]
    assert held[0] == again and again.given_at > first.given_at


async def test_given_at_once_from_many_places_it_stands_once(db: Pool, person: Person) -> None:
    house(db)
    given = await asyncio.gather(*(agree(db, person, "model:cloud") for _ in range(8)))
    assert len({one.given_at for one in given}) == 1
    assert len(await consents(db, person)) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"AI_CLOUD_URL": "https://elsewhere.example/v1"},
        {"AI_CLOUD_KIND": "compatible", "AI_CLOUD_URL": "https://api.openai.com/v1"},
        {"AI_CLOUD_AUDIO_MODEL": "ears"},
        {"AI_CLOUD_URL": "http://api.openai.com/v1"},
        {"AI_CLOUD_URL": "https://api.openai.com:8443/v1"},
    ],
    ids=["another host", "another kind", "more data", "not encrypted", "another port"],
)
async def test_what_means_something_else_is_asked_anew(
    db: Pool, person: Person, change: dict[str, str]
) -> None:
    house(db)
    await agree(db, person, "model:cloud")
    house(db, **change)
    assert await consented(db, person) == frozenset()
    await agree(db, person, "model:cloud")
    assert await consented(db, person) == {"cloud"}
    newer, older = await consents(db, person)
    assert newer.withdrawn_at is None and older.withdrawn_at is not None


async def test_less_data_or_another_model_needs_no_new_consent(db: Pool, person: Person) -> None:
    house(db, AI_CLOUD_AUDIO_MODEL="ears")
    await agree(db, person, "model:cloud")
    house(db, AI_CLOUD_MODEL="other", AI_CLOUD_URL="https://api.openai.com:443/v2")
    assert await consented(db, person) == {"cloud"}


async def test_a_newer_text_is_asked_anew(db: Pool, person: Person) -> None:
    declare(Purpose(name="research"))
    await agree(db, person, "research")
    assert await consented(db, person) == frozenset()  # it is no model
    declare(Purpose(name="research", version=2))
    await agree(db, person, "research")
    assert [one.version for one in await consents(db, person)] == [2, 1]


@pytest.mark.parametrize(
    "change",
    [
        {"AI_CLOUD_URL": "https://elsewhere.example/v1"},
        {"AI_CLOUD_URL": "http://api.openai.com/v1"},
        {"AI_CLOUD_AUDIO_MODEL": "ears"},
    ],
    ids=["another host", "not encrypted", "more data"],
)
async def test_nobody_agrees_to_what_they_did_not_see(
    db: Pool, person: Person, change: dict[str, str]
) -> None:
    (service,) = house(db).providers()
    shown = model_purpose(service).digest
    house(db, **change)
    with pytest.raises(Conflict, match="has changed meanwhile"):
        await give(db, person, "model:cloud", digest=shown)
    assert await consents(db, person) == []


def test_a_newer_text_is_not_what_was_shown() -> None:
    one = Purpose(name="research", covers=frozenset({"words", "sound"}))
    assert one.digest == Purpose(name="research", covers=frozenset({"sound", "words"})).digest
    others = [
        Purpose(name="research"), Purpose(name="research", version=2, covers=one.covers),
        Purpose(name="other", covers=one.covers),
    ]  # fmt: skip
    assert one.digest not in {other.digest for other in others}


async def test_a_clock_that_went_back_keeps_nobody_from_taking_back(
    db: Pool, person: Person
) -> None:
    house(db)
    given = await agree(db, person, "model:cloud")
    async with db.connection(SYSTEM) as connection:
        await connection.execute(
            "update privacy.consent set given_at = given_at + interval '1 hour' where person_id = $1",
            person.id,
        )
    ended = await withdraw(db, person, "model:cloud")
    assert ended.withdrawn_at == ended.given_at > given.given_at


async def test_the_record_is_read_by_pages(db: Pool, person: Person) -> None:
    house(db)
    for _ in range(3):
        await agree(db, person, "model:cloud")
        await withdraw(db, person, "model:cloud")
    everything = await consents(db, person)
    first = await consents(db, person, limit=2)
    rest = await consents(db, person, after=first[-1].id, limit=2)
    assert [*first, *rest] == everything and len(rest) == 1


async def test_what_is_not_there_is_said_to_be_not_there(db: Pool, person: Person) -> None:
    with pytest.raises(NotFound, match="nothing called model:nobody"):
        await give(db, person, "model:nobody", digest="")
    with pytest.raises(NotFound, match="You have not agreed"):
        await withdraw(db, person, "model:nobody")


async def test_the_record_is_not_rewritten(db: Pool, person: Person) -> None:
    house(db)
    await agree(db, person, "model:cloud")
    for sql in (
        "delete from privacy.consent",
        "update privacy.consent set given_at = now()",
        "update privacy.consent set subject = 'another'",
    ):
        async with db.connection(person.id) as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(sql)


async def test_consents_are_the_persons_own(db: Pool, person: Person) -> None:
    house(db)
    await agree(db, person, "model:cloud")
    stranger = Person(UUID(int=7), "stranger@example.org")
    assert await consents(db, stranger) == [] and await consented(db, stranger) == frozenset()


def test_a_new_wording_is_a_new_version() -> None:
    """Whoever changes the text that people agree to raises its version, and notes it here."""
    text = Path(web.__file__).with_name("pages").joinpath("_consents.html").read_text("utf-8")
    words = " ".join(re.findall(r'_\("([^"]*)"', text))
    assert {MODEL_TEXT: hashlib.sha256(words.encode()).hexdigest()[:12]} == {2: "da907a06281d"}
