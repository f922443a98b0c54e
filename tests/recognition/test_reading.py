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
        ("za doručak sam jeo parče hleba i jogurt", [("bread", 35), ("yoghurt", None)]),
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


def widths(reading: Reading) -> float:
    low, high = reading.interval["energy_kcal"]
    return (high - low) / reading.totals["energy_kcal"]


def test_what_is_weighed_is_surer_than_what_is_not_said(reader: Reader) -> None:
    assert widths(reader.read("150 g banana")) < widths(reader.read("banana"))


def test_the_interval_holds_the_answer_and_is_the_same_twice(reader: Reader) -> None:
    text = "rice with chicken, an apple and 2 slices of rye bread with butter"
    reading = reader.read(text)
    for code, (low, high) in reading.interval.items():
        assert 0 <= low <= reading.totals[code] <= high
    assert reader.read(text).interval == reading.interval
    assert Reader(reader.index).read(text).interval == reading.interval


def test_a_weighed_food_that_nobody_knows_widens_the_interval(reader: Reader) -> None:
    known = reader.read("a banana")
    more = reader.read("a banana and 150 g xyzzyblorp")
    assert more.totals["energy_kcal"] == known.totals["energy_kcal"]
    assert more.interval["energy_kcal"][1] > known.interval["energy_kcal"][1] + 100


def survey(*foods: tuple[str, float, tuple[Portion, ...]]) -> Reader:
    return Reader(
        Index(
            Food(id=f"t:{place}", name=name, nutrients={"energy_kcal": energy}, portions=portions)
            for place, (name, energy, portions) in enumerate(foods)
        )
    )


USUAL = Portion("Quantity not specified", 85.0, is_default=True)


@pytest.mark.parametrize(
    ("text", "eaten"),
    [
        ("85 g grilled chicken breast", False),
        ("85 g grilled chicken breast, skin not eaten", False),
        ("85 g grilled chicken breast without sauce or skin", False),
        ("85 g grilled chicken breast, skipping the skin", False),
        ("85 g grilled chicken breast with skin", True),
    ],
)
def test_skin_is_eaten_only_when_it_is_said(text: str, eaten: bool) -> None:
    reader = survey(
        ("Chicken breast, grilled, skin eaten", 200.0, (USUAL,)),
        ("Chicken breast, grilled, skin not eaten", 160.0, (USUAL,)),
        ("Chicken skin", 450.0, (USUAL,)),
    )
    [item] = reader.read(text).items
    assert item.energy_kcal == pytest.approx((200 if eaten else 160) * 0.85)


def test_one_of_several_names_of_a_portion_is_enough() -> None:
    rows = (Portion("1 tender, strip, or finger", 50.0), Portion("1 popcorn chicken", 10.0), USUAL)
    reader = survey(("Chicken tenders or strips", 270.0, rows))
    assert [item.grams for item in reader.read("a chicken tender").items] == [50]


def test_a_large_cup_is_no_pot() -> None:
    rows = (
        Portion("1 cup (8 fl oz)", 240.0), Portion("1 small", 360.0, is_default=True),
        Portion("1 large", 600.0), Portion("1 large pot (60 FO, 12 servings)", 1800.0),
    )  # fmt: skip
    reader = survey(("Coffee, brewed", 1.0, rows))
    assert [item.grams for item in reader.read("a large cup of coffee").items] == [600]


def test_words_of_treatment_do_not_part_a_food_from_its_weight() -> None:
    reader = survey(("Corn, cooked", 96.0, (USUAL,)), ("Potato, boiled", 87.0, (USUAL,)))
    [item] = reader.read("165 g of boiled and drained corn").items
    assert item.food is not None
    assert item.food.name == "Corn, cooked"
    assert item.grams == 165


def test_patties_tell_the_burger() -> None:
    reader = survey(
        ("Hamburger, 1 small patty", 260.0, (USUAL,)),
        ("Hamburger, 1 large patty", 250.0, (USUAL,)),
        ("Potato patty", 180.0, (USUAL,)),
    )
    [item] = reader.read("a hamburger with one large patty").items
    assert item.food is not None
    assert item.food.name == "Hamburger, 1 large patty"


def test_other_names_are_found_in_a_curated_catalogue_only() -> None:
    reader = survey(("Potato, mashed", 90.0, (USUAL,)), ("Water, tap", 0.0, (USUAL,)))
    [item] = reader.read("500 g of water").items
    assert item.energy_kcal == 0
