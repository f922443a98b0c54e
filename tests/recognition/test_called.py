"""What people read: names and amounts without a survey's marks."""

import pytest

from hearth.foods import Food, Portion
from hearth.recognition import Index, Reader
from hearth.recognition.called import in_locale, plain_amount, plain_name


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Milk, NFS", "Milk"),
        ("Egg, whole, cooked, NS as to cooking method", "Egg, whole, cooked"),
        ("Chicken, NS as to part and cooking method, skin eaten", "Chicken, skin eaten"),
        ("Coffee, NS as to type, with milk", "Coffee, with milk"),
        ("Roll, NS as to major flour (bun)", "Roll (bun)"),
        ("Milk, NFS: all words match. 2.5 g: as said.", "Milk: all words match. 2.5 g: as said."),
        ("Nectarine, raw", "Nectarine, raw"),
    ],
)
def test_a_name_is_plain(name: str, plain: str) -> None:
    assert plain_name(name) == plain


@pytest.mark.parametrize(
    ("label", "plain"),
    [
        ("Quantity not specified", "usual amount"),
        ("2 x Guideline amount per fl oz of beverage", "2 x usual amount"),
        ("1 cup, NFS", "1 cup"),
        ("1 fl oz (NFS)", "1 fl oz"),
        ("1 egg, NS as to size", "1 egg"),
        ("1 taco or tostada, NS size", "1 taco or tostada"),
        ("1 slice", "1 slice"),
    ],
)
def test_an_amount_is_plain(label: str, plain: str) -> None:
    assert plain_amount(label) == plain


def test_a_reading_shows_no_survey_words() -> None:
    food = Food(
        id="fndds:1", name="Milk, NFS", nutrients={"energy_kcal": 50.0},
        portions=(Portion("1 cup, NFS", 244.0, "cup"),
                  Portion("Quantity not specified", 200.0, is_default=True)),
    )  # fmt: skip
    reader = Reader(Index([food]))
    for locale, text in (("en", "milk"), ("sv", "mjölk"), ("en", "a cup of milk")):
        [item] = in_locale(reader.read(text, locale=locale), reader.index, locale).items
        shown = f"{item.food} {item.amount_text} {item.why}"
        assert "NFS" not in shown
        assert "not specified" not in shown
