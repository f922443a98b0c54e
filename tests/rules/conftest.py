"""One person who has done everything: each table that persons own holds a row of theirs."""

from datetime import date
from tempfile import TemporaryDirectory
from uuid import UUID

import pytest

from hearth import ai, diary, foods, people, privacy, recognition
from hearth.ai import usage
from hearth.core.db import Pool
from hearth.core.files import Files
from hearth.core.idempotency import Answer, once
from hearth.core.limits import Limits
from hearth.core.secrets import Vault, new_key
from hearth.core.values import new_id
from hearth.people.links import make_link


@pytest.fixture(scope="session")
async def full_person(db: Pool) -> UUID:
    """The id of a person with a row in every owned table, each made by the domain's own verb."""
    await foods.load_starter(db)
    vault = Vault(new_key("test"))
    opened = await people.registrations.register(
        db,
        people.logins.Gate(vault, Limits()),
        people.registrations.NewPerson(f"{new_id()}@example.org", "three quiet words", "Test"),
        kind="client",
    )
    assert opened is not None
    person = opened.person
    await people.tokens.make_token(db, vault, person, people.tokens.NewToken("t", ["diary:read"]))
    async with db.transaction(person.id) as tx:
        await make_link(tx, vault, person.id, "verify")
    await _eat(db, person)
    await _measure(db, person)
    await _photograph(db, person)
    await _ask_a_model(db, person)
    research = privacy.Purpose(name="research")
    privacy.declare(research)
    await privacy.give(db, person, "research", digest=research.digest)

    async def answer(tx: object) -> Answer:
        return Answer(201, b"{}")

    await once(db, person.id, "key", b"fingerprint", answer)
    return person.id


async def _eat(db: Pool, person: people.Person) -> None:
    new = foods.NewFood(
        name="Own bread", nutrients={"energy_kcal": 250.0, "carb_g": 50.0, "protein_g": 8.0}
    )
    bread = await foods.create_food(db, person, new)
    item = diary.NewItem(food_id=bread.id, grams=60.0, phrase="my bread", corrected=True)
    meal = await diary.log_meal(db, person, diary.NewMeal(items=(item,)))
    await diary.change_meal(db, person, meal.id, diary.MealChange(note="changed"))


async def _measure(db: Pool, person: people.Person) -> None:
    await diary.weigh(db, person, diary.NewWeight(kg=70.0))
    await diary.set_goal(db, person, date(2026, 1, 1), diary.NewGoal(energy_kcal=2000))
    await diary.change_settings(db, person, diary.SettingsChange(units="metric"))


async def _photograph(db: Pool, person: people.Person) -> None:
    with TemporaryDirectory(prefix="hearth-photos-") as folder:
        new = diary.NewPhoto(recognition.Prepared(1, 1, b"a picture", b"small"))
        await diary.add_photo(db, Files(f"file://{folder}"), person, new)


async def _ask_a_model(db: Pool, person: people.Person) -> None:
    call = ai.Call(purpose="test", person_id=person.id)
    wanted = usage.reservation(ai.Config(), "none", "none", call, prompt="", cost_micro=None)
    await usage.reserve(db, ai.Config(), wanted)
