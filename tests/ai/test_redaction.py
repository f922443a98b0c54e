"""Identity goes, food stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.ai.redaction import redacted


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("mail me: ana.p+x@mail.example.org!", "mail me: [e-mail]!"),
        ("call +46 70-123 45 67 now", "call [phone] now"),
        ("0046701234567", "[phone]"),
        ("070-123 45 67, ring", "[phone], ring"),
        ("064/123-45-67", "[phone]"),
        ("(011) 123 4567", "[phone]"),
        ("0701234567", "[phone]"),
        ("555-123-4567 or (555) 123-4567", "[phone] or [phone]"),
        ("born 811218-9876", "born [personal number]"),
        ("198112189876", "[personal number]"),
        ("811218-9875", "811218-9875"),
        ("JMBG 0101006500006", "JMBG [personal number]"),
    ],
)
def test_what_tells_who_somebody_is_goes(text: str, kept: str) -> None:
    assert redacted(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "200 g chicken, 1000-1200 kcal, 0.5 l, 0,25 dl, 05:30, 2026-11-20, 12.10.2026",
        "7310865004703 and 012345678905 are barcodes",
        "2 x 125 g, 3-4 eggs, 1/2 cup, 100-200-300",
        "E 330, B12, omega-3 1000 mg, 007",
        "två ägg och 2 dl mjölk; 150 g пилетине",
        "0 000 000 calories",
    ],
)
def test_food_amounts_dates_and_barcodes_stay(text: str) -> None:
    assert redacted(text) == text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Olive Stone had olive oil", "[name] had olive oil"),
        ("OLIVE  STONE ate", "[name] ate"),
        ("Olive's lunch with Stone", "[name] lunch with [name]"),
        ("stone fruit, Stonehenge", "stone fruit, Stonehenge"),
    ],
)
def test_names_go_as_they_are_written(text: str, kept: str) -> None:
    assert redacted(text, ("Olive Stone",)) == kept


def test_names_of_any_script_and_none() -> None:
    assert redacted("Ана Петровић једе", ("Ана Петровић", "", "  ", "A")) == "[name] једе"
    assert redacted("c++ (a|b)", ("(a|b)",)) == "c++ [name]"


@given(st.text(max_size=400), st.lists(st.text(max_size=20), max_size=3))
def test_any_text_is_taken_and_twice_is_once(text: str, names: list[str]) -> None:
    once = redacted(text)
    assert redacted(once) == once
    redacted(text, names)


@given(
    st.from_regex(r"[a-z]{1,10}@[a-z]{1,10}\.(se|rs|com)", fullmatch=True),
    st.text(alphabet="ab ,;\n", max_size=20),
)
def test_no_address_is_left(address: str, around: str) -> None:
    assert "@" not in redacted(f"{around} {address} {around}")
