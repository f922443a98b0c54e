"""How people write in a hurry: "n" and "o" for "and", units without "of", sizes, headings."""

import pytest

from hearth.foods import starter_foods
from hearth.recognition import Index, Reader


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(Index(starter_foods()))


def foods(reader: Reader, text: str, locale: str) -> list[str]:
    items = reader.read(text, locale=locale).items
    return [item.food.id.removeprefix("starter:") for item in items if item.food]


def grams(reader: Reader, text: str, locale: str) -> list[float]:
    return [item.grams or 0.0 for item in reader.read(text, locale=locale).items]


@pytest.mark.parametrize(
    ("text", "locale", "names"),
    [
        ("bagel n black coffee", "en", ["bagel", "coffee"]),
        ("blodpudding o lingonsylt", "sv", ["blood-sausage", "lingonberry-jam"]),
        ("supa pa gibanica", "sr", ["gibanica"]),
        ("big mac large fries", "en", ["big-mac", "french-fries"]),
        ("snickers bar", "en", ["chocolate-bar-nougat"]),
        ("chips and salsa", "en", ["tortilla-chips", "salsa"]),
        ("fish fingers chips", "en", ["fish-fingers", "french-fries"]),
        ("pint of bitter", "en", ["beer"]),
    ],
)
def test_which_foods_are_meant(reader: Reader, text: str, locale: str, names: list[str]) -> None:
    assert foods(reader, text, locale)[-len(names) :] == names


@pytest.mark.parametrize(
    ("text", "locale", "weight"),
    [
        ("slice pepperoni pizza", "en", 111),
        ("large glass red wine", "en", 250),
        ("liten påse chips", "sv", 28),
        ("en stor öl", "sv", 500),
        ("weetabix 2", "en", 38),
        ("smoki kesica", "sr", 50),
    ],
)
def test_how_much_is_meant(reader: Reader, text: str, locale: str, weight: float) -> None:
    assert grams(reader, text, locale) == [pytest.approx(weight, rel=0.05)]


def test_a_heading_before_a_list_is_no_food(reader: Reader) -> None:
    assert len(foods(reader, "tacos: 2 tortillas, beef mince, tomato", "en")) == 3
    assert foods(reader, "soup: lentil soup", "en") != []


def test_milk_on_cereal_biscuits_is_one_bowl_of_it(reader: Reader) -> None:
    assert grams(reader, "3 weetabix with milk", "en")[1] == pytest.approx(125, rel=0.1)


def test_oat_drink_in_coffee_is_a_splash(reader: Reader) -> None:
    assert grams(reader, "coffee with oat milk", "en")[1] < 60


def test_muesli_on_yogurt_is_a_topping(reader: Reader) -> None:
    named = grams(reader, "greek yogurt with granola", "en")
    assert named[1] == pytest.approx(35)
