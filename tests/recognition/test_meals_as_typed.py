"""Meals as people type them: text in, foods and grams out. Each case is a kind of misreading."""

from importlib.resources import files

import pytest

from hearth.foods import starter_foods
from hearth.recognition import Index, Reader, Reading


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(Index(starter_foods()))


def told(reading: Reading) -> list[tuple[str, int]]:
    return [
        (item.food.name if item.food else f"? {item.phrase}", round(item.grams or 0))
        for item in reading.items
    ]


_RICE = ("White rice, boiled", 180)
_CHICKEN = "Chicken breast, cooked"


@pytest.mark.parametrize(
    ("locale", "text", "foods"),
    [
        ("en", "I had 200 g salmon and rice", [("Salmon, baked", 200), _RICE]),
        ("en", "200 g salmon and rice", [("Salmon, baked", 200), _RICE]),
        ("sv", "jag åt 200 g lax och ris", [("Salmon, baked", 200), _RICE]),
        ("sr", "pojeo sam 150 g piletine sa pirinčem", [(_CHICKEN, 150), _RICE]),
        (
            "en",
            "I had 40 g oats with milk and a banana",
            [("Rolled oats", 40), ("Milk, 2.8% fat", 206), ("Banana", 118)],
        ),
        (
            "en",
            "I ate 150g chicken with potatoes and salad",
            [(_CHICKEN, 150), ("Potato, boiled", 180), ("Mixed salad without dressing", 120)],
        ),
        (
            "en",
            "I had 300 g yogurt and some granola",
            [("Natural yoghurt, 3% fat", 300), ("Granola", 35)],
        ),
    ],
)
def test_a_food_beside_a_weighed_one_is_its_own(
    reader: Reader, locale: str, text: str, foods: list[tuple[str, int]]
) -> None:
    assert told(reader.read(text, locale=locale)) == foods


@pytest.mark.parametrize(
    ("text", "food"),
    [
        ("I had 200g of rice with vegetables", ("Rice with vegetables", 200)),
        ("I had 200g of chicken fried rice", ("Fried rice with chicken", 200)),
        ("macaroni and cheese", ("Macaroni cheese", 240)),
        ("I had 250 g of reduced fat (2%) milk", ("Semi-skimmed milk, 1.5% fat", 250)),
    ],
)
def test_a_dish_that_is_called_so_stays_one(
    reader: Reader, text: str, food: tuple[str, int]
) -> None:
    assert told(reader.read(text)) == [food]


def test_two_foods_are_not_a_dish_named_after_both(reader: Reader) -> None:
    assert told(reader.read("oats with milk"))[1][0] == "Milk, 2.8% fat"
    assert told(reader.read("potatoes and salad"))[0][0] == "Potato, boiled"
    assert [name for name, _ in told(reader.read("oat milk"))] == ["Oat drink"]
    assert told(reader.read("potato salad"))[0][0].startswith("Potato salad")


@pytest.mark.parametrize(
    ("text", "foods"),
    [
        ("for dinner I had salmon", ["Salmon, baked"]),
        ("for lunch I ate chicken and rice", [_CHICKEN, "White rice, boiled"]),
        ("as a snack I ate an apple", ["Apple"]),
        ("at work I had an apple", ["Apple"]),
        ("an apple as a snack", ["Apple"]),
        ("I had a banana for energy", ["Banana"]),
    ],
)
def test_the_occasion_takes_no_food_with_it(reader: Reader, text: str, foods: list[str]) -> None:
    assert [name for name, _ in told(reader.read(text))] == foods


@pytest.mark.parametrize(
    ("locale", "text", "food"),
    [
        ("en", "rice 100g boiled", ("White rice, boiled", 100)),
        ("en", "potatoes 200g boiled", ("Potato, boiled", 200)),
        ("en", "chicken 200g grilled", (_CHICKEN, 200)),
        ("en", "steak 8oz medium rare", ("Beef steak, sirloin", 227)),
        ("sv", "kyckling 150 g stekt", ("Fried chicken piece", 150)),
        ("sr", "pirinač 100 g kuvan", ("White rice, boiled", 100)),
    ],
)
def test_a_weight_before_its_adjective_counts_once(
    reader: Reader, locale: str, text: str, food: tuple[str, int]
) -> None:
    assert told(reader.read(text, locale=locale)) == [food]


def test_an_adjective_before_its_own_food_stays_there(reader: Reader) -> None:
    assert told(reader.read("rice, 100 g boiled potatoes")) == [_RICE, ("Potato, boiled", 100)]


@pytest.mark.parametrize(
    ("locale", "text", "grams"),
    [
        ("en", "2 cans of 330ml beer", 660),
        ("en", "2 cans of beer (330 ml)", 660),
        ("en", "3 bottles of 500 ml water", 1500),
        ("sv", "2 burkar öl 33 cl", 660),
        ("en", "a bottle of water (500 ml)", 500),
        ("en", "500 ml water", 500),
    ],
)
def test_each_package_holds_what_it_says(
    reader: Reader, locale: str, text: str, grams: int
) -> None:
    [(_, read)] = told(reader.read(text, locale=locale))
    assert read == pytest.approx(grams, rel=0.03)


@pytest.mark.parametrize(
    ("locale", "text", "food"),
    [
        ("en", "2 red peppers", "Red pepper"),
        ("en", "1 red apple", "Apple"),
        ("en", "cob salad", "Cobb salad"),
        ("sv", "ett rundstycke", "Bread roll, white"),
        ("sv", "en liten glass", "Vanilla ice cream"),
        ("sv", "två glass", "Vanilla ice cream"),
        ("sv", "glass", "Vanilla ice cream"),
        ("sr", "med", "Honey"),
        ("sr", "so", "Salt"),
        ("sr", "so 2 g", "Salt"),
    ],
)
def test_a_word_is_read_in_its_own_language(
    reader: Reader, locale: str, text: str, food: str
) -> None:
    [(name, _)] = told(reader.read(text, locale=locale))
    assert name == food


def test_a_unit_is_one_in_its_own_language(reader: Reader) -> None:
    assert told(reader.read("två glas mjölk", locale="sv")) == [("Milk, 2.8% fat", 412)]
    assert told(reader.read("dva reda čokolade", locale="sr"))[0][0] == "Milk chocolate"
    assert reader.read("1 red apple").items[0].amount_text == "usual amount"


@pytest.mark.parametrize("text", ["creatine 5g", "upma", "poha", "milo 20g", "laksa"])
def test_no_food_is_guessed_from_another_language(reader: Reader, text: str) -> None:
    reading = reader.read(text)
    assert [item.food for item in reading.items] in ([], [None])
    assert reading.items or reading.unread == (text,)


@pytest.mark.parametrize(("text", "food"), [("mlik", "Milk, 2.8% fat"), ("bannana", "Banana")])
def test_a_guess_is_no_sure_thing_and_says_so(reader: Reader, text: str, food: str) -> None:
    [item] = reader.read(text).items
    assert item.food is not None
    assert item.food.name == food
    assert item.confidence <= 0.5
    assert "misspelling" in item.why
    [sure] = reader.read(food.split(",")[0]).items
    assert sure.confidence > 0.5
    assert "misspelling" not in sure.why


@pytest.mark.parametrize(("locale", "text"), [("en", "so"), ("sv", "jag åt gott")])
def test_nothing_is_dropped_without_a_word(reader: Reader, locale: str, text: str) -> None:
    reading = reader.read(text, locale=locale)
    assert not reading.items
    assert reading.unread == (text,)


@pytest.mark.parametrize(
    ("text", "foods"),
    [
        ("quarter pounder", [("Quarter Pounder with cheese", 200)]),
        ("quarter of an apple", [("Apple", 46)]),
        ("eggs x2 toast x1", [("Boiled egg", 100), ("White toast", 31)]),
        ("2 x eggs", [("Boiled egg", 100)]),
        ("scrambled eggs (3 eggs)", [("Scrambled eggs", 180)]),
    ],
)
def test_what_a_number_counts(reader: Reader, text: str, foods: list[tuple[str, int]]) -> None:
    assert told(reader.read(text)) == foods


@pytest.mark.parametrize("locale", ["en", "sv", "sr"])
def test_no_word_stands_twice_in_a_word_list(locale: str) -> None:
    table = (files("hearth.recognition") / f"words_{locale}.tsv").read_text(encoding="utf-8")
    rows = (line for line in table.splitlines() if line and not line.startswith("#"))
    said = [word for row in rows for word in row.split("\t")[0].split("|")]
    assert [word for word in sorted(set(said)) if said.count(word) > 1] == []
