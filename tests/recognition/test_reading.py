"""Whole sentences on the starter catalogue: foods, grams, refusals, the person's own words."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hearth.foods import Food, Portion, starter_foods
from hearth.recognition import Alias, Index, Reader, Reading, Unreadable
from hearth.recognition.reading import LONGEST_TEXT


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(Index(starter_foods()))


def names(reading: Reading) -> list[str]:
    return [item.food.name.lower() if item.food else "" for item in reading.items]


def test_the_breakfast(reader: Reader) -> None:
    reading = reader.read("two scrambled eggs, a slice of rye bread with butter and a large latte")
    eggs, bread, butter, latte = reading.items
    assert names(reading)[0] == "scrambled eggs"
    assert 100 <= (eggs.grams or 0) <= 130
    assert "rye" in names(reading)[1]
    assert 25 <= (bread.grams or 0) <= 45
    assert names(reading)[2].startswith("butter")
    assert 4 <= (butter.grams or 0) <= 9
    assert "latte" in names(reading)[3]
    assert 380 <= (latte.grams or 0) <= 520
    assert not reading.unread


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("två skivor knäckebröd med ost", [("crispbread", 24), ("cheese", None)]),
        ("200 g piletine i kašika ulja", [("chicken", 200), ("oil", 13.6)]),
        ("200 г пилетине и кашика уља", [("chicken", 200), ("oil", 13.6)]),
        ("yoghurt with fruit", [("yoghurt", None)]),
        ("toast with butter", [("toast", None)]),
        ("0,5 l mleka", [("milk", 515)]),
        ("2 x 330 ml beer", [("beer", 660)]),
        ("50g oats 200ml milk", [("oats", 50), ("milk", 206)]),
        ("chiken breast 150g and rice", [("chicken", 150), ("rice", None)]),
        ("za doručak sam jeo parče hleba i jogurt", [("bread", 28), ("yoghurt", None)]),
    ],
)
def test_everyday_sentences(
    reader: Reader, text: str, expected: list[tuple[str, float | None]]
) -> None:
    reading = reader.read(text)
    for item, name, (word, grams) in zip(
        reading.items, names(reading), expected, strict=text != "toast with butter"
    ):
        assert word in name
        if grams is not None:
            assert item.grams == pytest.approx(grams, rel=0.1)


@pytest.mark.parametrize(
    "text", ["", "   ", "hello my friend", "!?,.;", "for breakfast today", "12"]
)
def test_a_text_without_food_is_an_empty_reading(reader: Reader, text: str) -> None:
    reading = reader.read(text)
    assert reading.items == ()
    assert reading.totals == {}


def test_what_the_catalogue_lacks_is_said(reader: Reader) -> None:
    reading = reader.read("150 g xyzzyblorp and a banana")
    assert names(reading) == ["", "banana"]
    assert reading.items[0].grams == 150
    assert reading.items[0].energy_kcal is None


def test_totals_alternatives_and_interval(reader: Reader) -> None:
    reading = reader.read("100 g banana and 200 g milk")
    energy = sum(item.energy_kcal or 0 for item in reading.items)
    assert reading.totals["energy_kcal"] == pytest.approx(energy)
    low, high = reading.interval["energy_kcal"]
    assert low < energy < high
    assert reading.coverage["energy_kcal"] == 1.0
    for item in reading.items:
        assert 2 <= len(item.alternatives) <= 5
        assert 0 < item.confidence < 1
        assert item.why


def test_unknown_nutrients_are_not_zero() -> None:
    foods = [
        Food(id="a:1", name="Soup", nutrients={"energy_kcal": 40.0}),
        Food(id="a:2", name="Bread", nutrients={"energy_kcal": 250.0, "carb_g": 48.0}),
    ]
    reading = Reader(Index(foods)).read("200 g soup and 100 g bread")
    assert reading.items[0].carb_g is None
    assert reading.totals["carb_g"] == pytest.approx(48)
    assert reading.coverage["carb_g"] == 0.5


def test_a_correction_goes_ahead_of_everything(reader: Reader) -> None:
    own = [Alias("my usual bread", "starter:bread-rye", 40.0)]
    [item] = reader.read("two my usual bread", own=own).items
    assert item.food is not None
    assert item.food.id == "starter:bread-rye"
    assert item.grams == pytest.approx(80)
    assert item.why.endswith("your own correction.")


def test_portions_of_a_survey_table() -> None:
    food = Food(
        id="t:1", name="Soft drink, cola", nutrients={"carb_g": 10.0, "energy_kcal": 40.0},
        portions=(Portion("1 fl oz", 31.0), Portion("1 can (12 fl oz)", 372.0),
                  Portion("Quantity not specified", 372.0, is_default=True)),
    )  # fmt: skip
    reader = Reader(Index([food]))
    assert [item.grams for item in reader.read("a can of cola").items] == [372]
    assert [item.grams for item in reader.read("a 12 fl oz can of cola").items] == [372]
    assert [item.grams for item in reader.read("8 fl oz cola").items] == [
        pytest.approx(248, rel=0.01)
    ]
    assert [item.grams for item in reader.read("cola").items] == [372]


def test_too_long_is_refused_with_the_limit(reader: Reader) -> None:
    with pytest.raises(Unreadable, match="2,000"):
        reader.read("a" * (LONGEST_TEXT + 1))
    with pytest.raises(Unreadable, match="80"):
        reader.read("1 egg, " * 100)


_ALPHABET = st.one_of(
    st.characters(), st.sampled_from(list(" ,.;1234567890/½aeioubgml\n")),
    st.sampled_from(["egg ", "with ", "2 ", "milk", " and ", "кашика ", "200 g "]),
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.one_of(st.text(max_size=10_000), st.lists(_ALPHABET, max_size=900).map("".join)))
def test_any_text_is_read_or_refused(reader: Reader, text: str) -> None:
    try:
        first = reader.read(text)
    except Unreadable:
        return
    assert reader.read(text) == first


@pytest.mark.parametrize(
    "text",
    ["1/" * 999, "½" * 1999, "a " * 999, "9" * 1999, "egg " * 499, "with " * 399, "1 egg " * 300,
     "e'" * 999, "((((" * 400, "no " * 600, "qwertz " * 280],
)  # fmt: skip
def test_texts_made_to_be_slow(reader: Reader, text: str) -> None:
    try:
        reading = reader.read(text)
    except Unreadable as refused:
        assert "meal" in str(refused)
    else:
        assert all(item.confidence <= 1 for item in reading.items)
