"""Quantities in words: every form that people write, and print-then-read round trips."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.recognition.numerals import number_in_words
from hearth.recognition.quantities import UNITS, Quantity, parse
from hearth.recognition.voice.numerals import in_words
from hearth.recognition.words import content, folded, number, stem, tokens


@pytest.mark.parametrize(
    ("text", "count", "unit"),
    [
        ("2", 2, ""),
        ("1/2", 0.5, ""),
        ("1 1/2 dl", 1.5, "dl"),
        ("½ cup", 0.5, "cup"),
        ("1½ cups", 1.5, "cup"),
        ("half a cup of", 0.5, "cup"),
        ("two slices", 2, "slice"),
        ("a couple of slices", 2, "slice"),
        ("2-3 slices", 2.5, "slice"),
        ("two or three pieces", 2.5, "piece"),
        ("0,5 l", 0.5, "l"),
        ("1.5dl", 1.5, "dl"),
        ("200g", 200, "g"),
        ("200 g", 200, "g"),
        ("1,250 g", 1250, "g"),
        ("2 x 330 ml", 660, "ml"),
        ("8 fl oz", 8, "fl oz"),
        ("about 3 tbsp.", 3, "tbsp"),
        ("half a dozen", 6, ""),
        ("a", 1, ""),
        ("one hundred and fifty grams of", 150, "g"),
        ("a hundred and fifty ml", 150, "ml"),
        ("twenty-five g", 25, "g"),
        ("two and a half cups", 2.5, "cup"),
        ("2 and a half cups", 2.5, "cup"),
        ("three quarters of a cup", 0.75, "cup"),
        ("two dozen", 24, ""),
        ("one point five litres", 1.5, "l"),
        ("one hundred and a coffee", 100, ""),
        ("two twenty", 2, ""),
    ],
)
def test_english(text: str, count: float, unit: str) -> None:
    quantity = parse(text)
    assert quantity is not None
    assert (quantity.count, quantity.unit) == (pytest.approx(count), unit)


@pytest.mark.parametrize(
    ("text", "locale", "count", "unit"),
    [
        ("två skivor", "sv", 2, "slice"),
        ("en halv dl", "sv", 0.5, "dl"),
        ("2 msk", "sv", 2, "tbsp"),
        ("ett glas", "sv", 1, "glass"),
        ("dve kašike", "sr", 2, "tbsp"),
        ("две кашике", "sr", 2, "tbsp"),
        ("pola šolje", "sr", 0.5, "cup"),
        ("три парчета", "sr", 3, "slice"),
        ("hundrafemtio gram", "sv", 150, "g"),
        ("tvåhundratjugofem g", "sv", 225, "g"),
        ("ett och ett halvt äpple", "sv", 1.5, ""),
        ("två och en halv deciliter", "sv", 2.5, "dl"),
        ("tre fjärdedels dl", "sv", 0.75, "dl"),
        ("ett dussin", "sv", 12, ""),
        ("en entré", "sv", 1, ""),
        ("сто грама", "sr", 100, "g"),
        ("sto pedeset grama", "sr", 150, "g"),
        ("dvesta pedeset", "sr", 250, ""),
        ("dvadeset i pet grama", "sr", 25, "g"),
        ("dvadesetpet", "sr", 25, ""),
        ("jedna i po šolja", "sr", 1.5, "cup"),
        ("pet stotina grama", "sr", 500, "g"),
        ("10 deka", "sr", 10, "dag"),
    ],
)
def test_swedish_and_serbian(text: str, locale: str, count: float, unit: str) -> None:
    quantity = parse(text, locale)
    assert quantity is not None
    assert (quantity.count, quantity.unit) == (pytest.approx(count), unit)


def test_a_package_with_its_content() -> None:
    can = parse("a 12 fl oz can of")
    assert can is not None
    assert can.unit == "can"
    assert can.content_ml == pytest.approx(354.88, abs=0.1)
    assert parse("two 330 ml cans").millilitres == pytest.approx(660)  # type: ignore[union-attr]
    assert parse("a 1 oz bag").grams == pytest.approx(28.35, abs=0.01)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text",
    ["6-inch sub", "100-calorie package", "one-crust pie", "eggs", "", "thousand island dressing",
     "zero sugar cola"],
)  # fmt: skip
def test_what_is_no_quantity(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(
    ("text", "size"),
    [("a large", "large"), ("2 small", "small"), ("a medium-sized", "medium"), ("extra large", "")],
)
def test_sizes(text: str, size: str) -> None:
    quantity = parse(text) or Quantity()
    assert quantity.size == size


@given(st.integers(min_value=1, max_value=9_999))
def test_a_number_in_english_words_is_read_back(value: int) -> None:
    assert number_in_words(in_words(value).split(), 0, "en") == (
        value,
        len(in_words(value).split()),
    )


@given(st.lists(st.sampled_from(["hundra", "tre", "tio", "sto", "pet", "i", "and", "a", "x"])))
def test_any_row_of_number_words_ends(words: list[str]) -> None:
    for locale in ("en", "sv", "sr"):
        found = number_in_words(words, 0, locale)
        assert found is None or (found[0] > 0 and 0 < found[1] <= len(words))


@given(st.floats(min_value=0.01, max_value=99_999).map(lambda value: round(value, 2)))
def test_a_printed_number_is_read_back(value: float) -> None:
    assert number(f"{value:.2f}") == pytest.approx(value)
    assert number(f"{value:.2f}".replace(".", ",")) == pytest.approx(value)


@given(
    st.integers(min_value=1, max_value=9_999),
    st.sampled_from([name for name, unit in UNITS.items() if unit.kind == "mass"]),
    st.sampled_from(["", " "]),
)
def test_a_printed_mass_is_read_back(count: int, unit: str, gap: str) -> None:
    quantity = parse(f"{count}{gap}{unit} of cheese")
    assert quantity is not None
    assert quantity.grams == pytest.approx(count * UNITS[unit].factor)


@given(st.integers(min_value=1, max_value=20), st.integers(min_value=1, max_value=15))
def test_a_printed_fraction_is_read_back(top: int, bottom: int) -> None:
    quantity = parse(f"{top}/{bottom} cup")
    assert quantity is not None
    assert quantity.count == pytest.approx(top / bottom)


@given(st.text(max_size=300))
def test_tokens_keep_their_places(text: str) -> None:
    found = tokens(text)
    assert all(0 <= token.start < token.end <= len(text) for token in found)
    assert [token.start for token in found] == sorted(token.start for token in found)


@pytest.mark.parametrize(
    ("one", "other"), [("slices", "slice"), ("cookies", "cookie"), ("berries", "berry"),
                       ("tomatoes", "tomato"), ("M&M's", "mms"), ("Šunka", "шунка")],
)  # fmt: skip
def test_words_that_are_one_word(one: str, other: str) -> None:
    assert stem(folded(one)) == stem(folded(other))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no added fat", ["!fat"]),
        ("fat free milk", ["!fat", "milk"]),
        ("skin not eaten", ["!skin"]),
        ("low fat yogurt", ["lowfat", "yogurt"]),
        ("soup with or without cheese", ["soup"]),
        ("fat not added in cooking", ["!fat", "cooking"]),
    ],
)
def test_denials_are_words(text: str, words: list[str]) -> None:
    assert content(text.split()) == words
