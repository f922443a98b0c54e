"""Putting pieces together: what is one food, what belongs to it, and what is no food at all."""

import pytest

from hearth.foods import Food, Portion, starter_foods
from hearth.recognition import Index, Reader


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(Index(starter_foods()))


def read(reader: Reader, text: str, locale: str = "en") -> list[tuple[str, float]]:
    items = reader.read(text, locale=locale).items
    return [(item.food.name if item.food else "", item.grams or 0.0) for item in items]


@pytest.mark.parametrize(
    ("text", "locale", "grams"),
    [
        ("fish fingers x 4", "en", 112),
        ("rice cakes x2", "en", 18),
        ("2x bananas", "en", 236),
        ("pannkakor 3 st", "sv", 195),
        ("сарма 2 комада", "sr", 240),
        ("öl 0,5", "sv", 500),
        ("kajgana od 3 jaja", "sr", 180),
    ],
)
def test_a_quantity_after_the_food(reader: Reader, text: str, locale: str, grams: float) -> None:
    [(_, found)] = read(reader, text, locale)
    assert found == pytest.approx(grams, rel=0.03)


@pytest.mark.parametrize(
    "text",
    ["fish and chips", "omelette with cheese", "poke bowl with salmon", "mac and cheese",
     "burek sa sirom"],
)  # fmt: skip
def test_a_dish_by_its_full_name_is_one_food(reader: Reader, text: str) -> None:
    assert len(read(reader, text)) == 1


@pytest.mark.parametrize(
    ("text", "number"),
    [("2 eggs and bacon", 2), ("150 g salmon with potatoes", 2), ("a pint of lager and crisps", 2)],
)
def test_what_is_counted_by_itself_stays_by_itself(reader: Reader, text: str, number: int) -> None:
    assert len(read(reader, text)) == number


def test_milk_in_coffee_is_no_glass_of_milk(reader: Reader) -> None:
    assert sum(grams for _, grams in read(reader, "tea with milk")) < 300


def test_small_pieces_in_the_plural_are_a_helping(reader: Reader) -> None:
    [(_, grams)] = read(reader, "meatballs")
    assert grams >= 60


def test_what_lies_on_a_weighed_food_is_in_its_weight() -> None:
    foods = [
        Food(id="t:1", name="Cookie, oatmeal", nutrients={"energy_kcal": 450.0}),
        Food(id="t:2", name="Sugar, white", nutrients={"energy_kcal": 400.0}),
        Food(id="t:3", name="Milk, whole", nutrients={"energy_kcal": 60.0}),
    ]
    reading = Reader(Index(foods)).read(
        "For a quick snack I enjoyed 30 g of oatmeal cookie with a lovely coat of sugar and 200 g of milk"
    )
    assert [item.grams for item in reading.items] == [30, 200]


def test_a_food_that_is_named_again_with_its_number_counts_once(reader: Reader) -> None:
    found = read(reader, "I had a lovely banana for lunch, 2 bananas in total")
    assert found == [("Banana", 236.0)]


def test_what_a_bottle_holds_may_follow_it() -> None:
    food = Food(
        id="t:1", name="Soft drink, cola", nutrients={"energy_kcal": 40.0},
        portions=(Portion("1 fl oz", 31.0), Portion("1 bottle (20 fl oz)", 620.0),
                  Portion("1 bottle (16.9 fl oz or 500 ml)", 524.0)),
    )  # fmt: skip
    reader = Reader(Index([food]))
    assert [item.grams for item in reader.read("a bottle of cola").items] == [620]
    assert [item.grams for item in reader.read("a bottle of cola (500 ml)").items] == [524]


def test_a_helping_of_pizza_is_not_the_whole_of_it() -> None:
    food = Food(
        id="t:1", name="Pizza, cheese", nutrients={"energy_kcal": 266.0},
        portions=(Portion("1 piece", 119.0), Portion("1 large pizza", 954.0),
                  Portion("Quantity not specified", 238.0, is_default=True)),
    )  # fmt: skip
    reader = Reader(Index([food]))
    assert [item.grams for item in reader.read("a cheese pizza").items] == [238]
    assert [item.grams for item in reader.read("a large cheese pizza").items] == [954]
    assert [item.grams for item in reader.read("a slice of cheese pizza").items] == [119]


def test_a_guess_has_a_wider_interval_than_a_weight(reader: Reader) -> None:
    def width(text: str) -> float:
        reading = reader.read(text)
        low, high = reading.interval["energy_kcal"]
        return (high - low) / reading.totals["energy_kcal"]

    assert width("some xyzzy soup") > width("300 g tomato soup")


def test_letters_that_are_only_marks_are_passed_over(reader: Reader) -> None:
    assert read(reader, "ͅ ʼ egg ͺ") == read(reader, "egg")
    assert read(reader, "ʼ ʼʼ") == []


@pytest.mark.parametrize(
    ("text", "locale", "names"),
    [
        ("half an avocado on toast", "en", ["avocado", "toast-white"]),
        ("4 fish fingers chips", "en", ["fish-fingers", "crisps/french-fries"]),
        ("steak and chips", "en", ["beef-steak", "french-fries"]),
        ("200 g piletine sa pirinčem", "sr", ["chicken-breast", "rice-white-cooked"]),
        ("tost sa šunkom i sirom", "sr", ["ham-cheese-toastie"]),
        ("pita sa krompirom", "sr", ["potato-pie-filo"]),
        ("macka med leverpastej och gurka", "sv", ["bread-pate", "cucumber"]),
        ("macka med kaviar och ägg", "sv", ["bread-white", "roe", "egg-boiled"]),
        ("kaviarmacka", "sv", ["egg-caviar-sandwich"]),
        ("lammgryta", "sv", ["lamb-stew"]),
        ("red bull", "en", ["energy-drink"]),
        ("coke zero 330 ml", "en", ["cola-zero"]),
        ("50 g chips", "sv", ["crisps"]),
        ("1,5 dl grädde", "sv", ["cream-whipping"]),
        ("100 г сира", "sr-Cyrl", ["white-brined-cheese"]),
        ("spinach omelette 3 eggs", "en", ["omelette-spinach"]),
    ],
)
def test_which_foods_a_text_names(reader: Reader, text: str, locale: str, names: list[str]) -> None:
    items = reader.read(text, locale=locale).items
    found = [item.food.id.removeprefix("starter:") if item.food else "" for item in items]
    assert len(found) == len(names)
    assert all(one in right.split("/") for one, right in zip(found, names, strict=True))


@pytest.mark.parametrize(
    ("text", "locale", "grams"),
    [
        ("komad pice", "sr", 107),
        ("a piece of pizza", "en", 107),
        ("пљескавица у лепињи", "sr", 410),
        ("10 ćevapa u lepinji", "sr", 390),
        ("5 ćevapa u lepinji", "sr", 220),
        ("a glass of (1.5%) milk", "en", 206),
        ("jabuka jedna i po", "sr", 273),
        ("kukuruz kuvani 1 klip", "sr", 103),
        ("pica kapričoza parče", "sr", 113),
    ],
)
def test_how_much_a_text_says(reader: Reader, text: str, locale: str, grams: float) -> None:
    assert sum(grams for _, grams in read(reader, text, locale)) == pytest.approx(grams, rel=0.03)
