"""The everyday logs as a test: the bars that a change of the engine must not fall under."""

import pytest

from evals.reading.everyday import (
    FILE,
    SECOND,
    THIRD,
    Mark,
    everyday,
    logs,
    near_energy,
    right_food,
)
from hearth.foods import starter_foods


@pytest.fixture(scope="module")
def marks() -> list[Mark]:
    return everyday()


def test_every_food_that_is_meant_is_in_the_catalogue() -> None:
    known = {food.id for food in starter_foods()}
    every = [truth for file in (FILE, SECOND, THIRD) for log in logs(file) for truth in log.items]
    assert not {food for truth in every if truth.kcal is None for food in truth.ids} - known


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


def test_the_third_set_is_read_and_shares_little_with_the_others() -> None:
    """Its grams are from portion guides, decided without the catalogue's portions."""
    third = everyday(file=THIRD)
    assert len(third) == 200
    assert right_food(third) >= 0.88
    assert near_energy(third) >= 0.75
    others = {log.text for file in (FILE, SECOND) for log in logs(file)}
    assert sum(mark.log.text in others for mark in third) <= 14


def test_what_the_catalogue_may_not_hold_has_its_energy_by_hand() -> None:
    stated = [truth for log in logs(THIRD) for truth in log.items if truth.kcal is not None]
    assert stated
    assert all(50 <= (truth.kcal or 0) <= 600 for truth in stated)
    assert stated[0].energy({}) == pytest.approx((stated[0].kcal or 0) * stated[0].grams / 100)
