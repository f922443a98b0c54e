"""The everyday logs as a test: the bars that a change of the engine must not fall under."""

import pytest

from evals.reading.everyday import SECOND, Mark, everyday, logs, near_energy, right_food
from hearth.foods import starter_foods


@pytest.fixture(scope="module")
def marks() -> list[Mark]:
    return everyday()


def test_every_food_that_is_meant_is_in_the_catalogue() -> None:
    known = {food.id for food in starter_foods()}
    every = [*logs(), *logs(SECOND)]
    assert not {food for log in every for truth in log.items for food in truth.ids} - known


def test_there_are_enough_logs_in_each_language() -> None:
    found = [log.locale for log in logs()]
    assert len(found) >= 400
    assert all(found.count(locale) >= 50 for locale in ("en", "sv", "sr", "sr-Cyrl"))


def test_foods_are_right(marks: list[Mark]) -> None:
    assert right_food(marks) >= 0.85


def test_energy_is_near(marks: list[Mark]) -> None:
    assert near_energy(marks) >= 0.80


@pytest.mark.parametrize("locale", ["en", "sv", "sr", "sr-Cyrl"])
def test_each_language_is_read(marks: list[Mark], locale: str) -> None:
    own = [mark for mark in marks if mark.log.locale == locale]
    assert right_food(own) >= 0.85
    assert near_energy(own) >= 0.80


def test_grams_are_never_out_of_reason(marks: list[Mark]) -> None:
    assert all((item.grams or 0) <= 2_000 for mark in marks for item in mark.reading.items)


def test_the_second_set_is_no_smaller_than_it_says_and_is_read() -> None:
    """Its grams are from packages and kitchens, not from the catalogue's portions: a lower bar."""
    second = everyday(file=SECOND)
    assert len(second) >= 200
    assert right_food(second) >= 0.85
    assert near_energy(second) >= 0.70
    first = {log.text for log in logs()}
    assert sum(mark.log.text in first for mark in second) <= 5
