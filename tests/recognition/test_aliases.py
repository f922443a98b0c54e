"""A person's own words: what is learned from a correction, for whom, and how it is forgotten."""

import pytest

from hearth import foods
from hearth.core.db import Pool
from hearth.core.errors import Invalid, NotFound
from hearth.foods import Food
from hearth.foods.own import NewFood
from hearth.people import Person
from hearth.recognition.aliases import (
    NewWord,
    aliases,
    forget,
    learn,
    own_words,
    teach,
    worded,
)
from tests.diary.conftest import somebody


@pytest.fixture
async def person(db: Pool) -> Person:
    return await somebody(db)


@pytest.fixture
async def pie(db: Pool, person: Person) -> Food:
    return await foods.create_food(
        db, person, NewFood(name="Gibanica", nutrients={"energy_kcal": 290})
    )


@pytest.mark.parametrize(
    ("phrase", "grams", "expected"),
    [
        ("my usual pie", 120.0, ("usual pie", 120.0)),
        ("two pies", 120.0, ("pie", 60.0)),
        ("200 g pie", 200.0, ("pie", None)),
        ("3 slices of pie", 120.0, ("pie", None)),
        ("pie", None, ("pie", None)),
    ],
)
def test_a_phrase_is_learned_without_its_quantity(
    phrase: str, grams: float | None, expected: tuple[str, float | None]
) -> None:
    name, each = worded(phrase, grams)
    assert name.split()[-1] == expected[0].split()[-1]
    assert each == expected[1]


async def test_the_last_correction_counts_and_only_for_its_person(db: Pool, person: Person) -> None:
    other = await somebody(db)
    async with db.transaction(person.id) as tx:
        await learn(tx, person, "two pies", "sr:1", 120)
        await learn(tx, person, "pie", "sr:2", None)
    words = (await aliases(db, person)).aliases
    assert [(word.phrase, word.food_id, word.times) for word in words] == [("pie", "sr:2", 2)]
    assert (await aliases(db, other)).aliases == []
    with pytest.raises(NotFound):
        await forget(db, other, "pie")
    await forget(db, person, "Pies")
    assert (await aliases(db, person)).aliases == []


async def test_a_word_is_taught_by_hand(db: Pool, person: Person, pie: Food) -> None:
    word = await teach(db, person, NewWord(phrase="Sunday pie", food_id=pie.id, grams=150))
    assert (word.said, word.food_id, word.grams) == ("Sunday pie", pie.id, 150)
    for phrase, food_id in (("  ", pie.id), ("pie", "sr:none"), ("pie\x00", pie.id)):
        with pytest.raises(Invalid):
            await teach(db, person, NewWord(phrase=phrase, food_id=food_id))


async def test_only_words_that_a_text_can_hold_are_given_to_the_reader(
    db: Pool, person: Person
) -> None:
    async with db.transaction(person.id) as tx:
        await learn(tx, person, "pie", "sr:1", None)
        await learn(tx, person, "sunday roast", "sr:2", None)
    found = await own_words(db, person, "a pie on a sunday")
    assert [alias.food_id for alias in found] == ["sr:1"]
