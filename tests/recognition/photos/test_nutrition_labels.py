"""The text of nutrition labels into figures, and what is doubted."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearth.foods import CODES
from hearth.recognition.photos.label_checks import judged
from hearth.recognition.photos.label_figures import folded, is_near, meaning
from hearth.recognition.photos.nutrition_labels import table
from hearth.recognition.photos.readings import AtMost, Cell, LabelReading, Row


def rows(text: str) -> list[Row]:
    """Lines of text as rows; two spaces part cells, which stand at their place in the line."""
    found = []
    for line in text.strip("\n").splitlines():
        cells, place = [], 0
        for part in line.split("  "):
            if part.strip():
                cells.append(Cell(part.strip(), float(place * 10), float((place + len(part)) * 10)))
            place += len(part) + 2
        if cells:
            found.append(tuple(cells))
    return found


def read(text: str, again: str | None = None) -> LabelReading:
    return judged(table(rows(text)), table(rows(again or text)))


ENGLISH = """
Nutrition declaration
                          per 100 g      per portion (30 g)
Energy                    1635 kJ / 389 kcal     491 kJ / 117 kcal
Fat                       7.0 g          2.1 g
of which saturates        1.3 g          <0.5 g
Carbohydrate              58,7 g         17.6 g
of which sugars           1.0g           0.3 g
Fibre                     10 g           3.0 g
Protein                   17 g           5.1 g
Salt                      0.02 g         0.01 g
"""
PER_100 = {
    "energy_kcal": 389, "fat_g": 7, "sat_fat_g": 1.3, "carb_g": 58.7, "sugars_g": 1, "fiber_g": 10,
    "protein_g": 17, "sodium_mg": 8,
}  # fmt: skip
SWEDISH = """
Näringsvärde per 100 g
Energi  1635 kJ / 389 kcal
Fett  7,0 g
varav mättat fett  1,3 g
Kolhydrat  58,7 g
varav sockerarter  1,0 g
Fiber  10 g
Protein  17 g
Salt  0,02 g
"""
LATIN = """
Prosečna hranljiva vrednost na 100 g
Energetska vrednost  1635 kJ/389 kcal
Masti  7,0g
od kojih zasićene masne kiseline  1,3g
Ugljeni hidrati  58,7g
od kojih šećeri  1,0g
Vlakna  10g
Proteini  17g
So  0,02g
"""
CYRILLIC = """
Нутритивна декларација на 100 g
Енергетска вредност  1635 kJ/389 kcal
Масти  7,0 g
од којих засићене  1,3 g
Угљени хидрати  58,7 g
од којих шећери  1,0 g
Влакна  10 g
Протеини  17 g
Со  0,02 g
"""
LINEAR = """
Näringsdeklaration per 100 g: Energi 1635 kJ /
389 kcal, Fett 7,0 g, varav mättat
fett 1,3 g, Kolhydrat 58,7 g, varav sockerarter
1,0 g, Fiber 10 g, Protein 17 g, Salt 0,02 g.
"""
AMERICAN = """
Nutrition Facts
8 servings per container
Serving size  2/3 cup (55g)
Amount per serving
Calories  230
% Daily Value*
Total Fat 8g  10%
Saturated Fat 1g  5%
Trans Fat Og
Cholesterol 0mg  0%
Sodium 160mg  7%
Total Carbohydrate 37g  13%
Dietary Fiber 4g  14%
Total Sugars 12g
Includes 10g Added Sugars  20%
Protein 3g
Vitamin D 2mcg  10%
Calcium 260mg  20%
Iron 8mg  45%
Potassium 235mg  6%
* The % Daily Value tells you how much a nutrient in a serving of food contributes to
a daily diet. 2,000 calories a day is used for general nutrition advice.
"""


@pytest.mark.parametrize("text", [ENGLISH, SWEDISH, LATIN, CYRILLIC, LINEAR])
def test_labels_of_the_eu_in_every_language(text: str) -> None:
    reading = read(text)
    assert reading.per_100 == PER_100
    assert (reading.unit, reading.carb_basis, reading.warnings) == ("g", "available", ())
    assert reading.doubts == ()
    assert reading.confidence == 1


def test_two_columns_and_the_serving() -> None:
    reading = read(ENGLISH)
    assert (reading.basis, reading.serving_g) == ("both", 30)
    assert reading.per_serving["carb_g"] == 17.6
    assert reading.per_serving["sodium_mg"] == 4
    assert reading.at_most == (AtMost("per_serving", "sat_fat_g"),)


def test_a_bound_of_a_serving_is_one_of_100_g_too() -> None:
    text = "Nutrition Facts\nServing size (50g)\nTotal Fat 1g\nTrans Fat <0.5g\nSodium 10mg"
    reading = read(text)
    assert reading.per_100["trans_fat_g"] == 1
    assert set(reading.at_most) == {
        AtMost("per_serving", "trans_fat_g"),
        AtMost("per_100", "trans_fat_g"),
    }


@pytest.mark.parametrize(
    ("printed", "code", "amount", "doubtful"),
    [
        ("Thiamin 1.100 mg", "thiamin_mg", 1.1, True),
        ("Iron 2,100 mg", "iron_mg", 2.1, True),
        ("Thiamin 1.1 mg", "thiamin_mg", 1.1, False),
        ("Calcium 1,100 mg", "calcium_mg", 1100, False),
        ("Potassium 1.250 mg", "potassium_mg", 1250, False),
    ],
)
def test_thousands_of_milligrams_only_where_there_are_so_many(
    printed: str, code: str, amount: float, doubtful: bool
) -> None:
    reading = read(f"per 100 g\nFat 1 g\nProtein 2 g\n{printed}")
    assert reading.per_100[code] == amount
    assert reading.doubtful(code) == doubtful


def test_columns_the_other_way_round() -> None:
    text = "per portion (50 g)    per 100 g\nFat    5.0 g    10 g\nProtein    2.5 g    5.0 g\nSalt    0.5 g    1.0 g"
    text += "\nCarbohydrate    10 g    20 g"
    reading = read(text)
    assert reading.per_100 == {"fat_g": 10, "protein_g": 5, "sodium_mg": 400, "carb_g": 20}
    assert reading.per_serving["fat_g"] == 5


def test_the_american_panel() -> None:
    reading = read(AMERICAN)
    assert reading.per_serving == {
        "energy_kcal": 230, "fat_g": 8, "sat_fat_g": 1, "trans_fat_g": 0, "cholesterol_mg": 0,
        "sodium_mg": 160, "carb_g": 37, "fiber_g": 4, "sugars_g": 12, "added_sugars_g": 10,
        "protein_g": 3, "vit_d_ug": 2, "calcium_mg": 260, "iron_mg": 8, "potassium_mg": 235,
    }  # fmt: skip
    assert (reading.basis, reading.serving_g, reading.carb_basis) == ("serving", 55, "total")
    assert reading.per_100["carb_g"] == pytest.approx(67.27)
    assert reading.doubts == ()


def test_a_drink_is_per_100_ml() -> None:
    reading = read(
        "per 100 ml\nEnergy 180 kJ/42 kcal\nFat 0 g\nCarbohydrate 10.6 g\nProtein 0 g\nSalt 0 g"
    )
    assert (reading.unit, reading.serving_g) == ("ml", None)
    assert reading.per_100["carb_g"] == 10.6


def test_what_is_not_stated_is_unknown() -> None:
    assert "fiber_g" not in read(SWEDISH.replace("Fiber  10 g\n", "")).per_100
    assert read("hello world").warnings == ("nothing_read",)


@pytest.mark.parametrize(
    ("right", "slip", "code"),
    [
        ("58,7 g", "38,7 g", "carb_g"),
        ("17 g", "77 g", "protein_g"),
        ("7,0 g", "70 g", "fat_g"),
        ("1,3 g", "13 g", "sat_fat_g"),
        ("389 kcal", "889 kcal", "energy_kcal"),
        ("0,02 g", "022 g", "sodium_mg"),
    ],
)
def test_a_slip_in_both_reads_is_doubted(right: str, slip: str, code: str) -> None:
    assert read(SWEDISH.replace(right, slip)).doubtful(code)


def test_a_slip_in_one_read_is_doubted_or_put_right() -> None:
    differs = read(SWEDISH, SWEDISH.replace("0,02 g", "0,08 g"))
    assert differs.doubtful("sodium_mg")
    assert not differs.doubtful("fat_g")
    settled = read(SWEDISH.replace("58,7", "88,7"), SWEDISH)
    assert settled.per_100["carb_g"] == 58.7


def test_columns_that_disagree_are_doubted() -> None:
    reading = read(ENGLISH.replace("17.6 g", "11.6 g"))
    assert reading.doubtful("carb_g")
    assert reading.doubtful("carb_g", "per_serving")
    assert not reading.doubtful("fiber_g")


def test_a_share_that_disagrees_is_doubted() -> None:
    assert read(AMERICAN.replace("Sodium 160mg", "Sodium 760mg")).doubtful("sodium_mg")


def test_a_label_without_its_basis_is_doubted_whole() -> None:
    reading = read(SWEDISH.replace("Näringsvärde per 100 g", ""))
    assert "basis_not_read" in reading.warnings
    assert all(reading.doubtful(code) for code in reading.per_100)


def test_a_missing_heading_is_doubted() -> None:
    reading = read("per 100 g\nFat  3.0 g  1.0 g\nProtein  9.0 g  3.0 g\nSalt  1.0 g  0.3 g")
    assert all(reading.doubtful(code) for code in reading.per_100)


def test_rows_whose_words_are_lost_are_taken_in_the_laws_order_and_doubted() -> None:
    text = "per 100 g\n?  1635 kJ/389 kcal\n?  7,0 g\n?  1,3 g\n?  58,7 g\n?  1,0 g\n?  10 g\n?  17 g\n?  0,02 g"
    reading = read(text)
    assert reading.per_100 == PER_100
    assert reading.doubtful("carb_g")


def test_kj_alone_gives_kcal() -> None:
    assert read("per 100 g\nEnergy 418 kJ\nFat 1 g\nSalt 1 g").per_100["energy_kcal"] == 99.9


def test_a_unit_on_the_next_line_is_no_part_of_a_name() -> None:
    reading = read("per 100 g: Energy 1307 kJ / 315\nkcal, Fat 25 g, Protein 22 g, Salt 1.2 g")
    assert (reading.per_100["energy_kcal"], reading.per_100["fat_g"]) == (315, 25)


def test_a_figure_of_a_row_whose_words_are_lost_is_doubted() -> None:
    lost = read("per 100 g\nFat  1.0 g\nFibre  2.0 g\n<0.5 g\nProtein\n0.63 g")
    assert lost.doubtful("protein_g")
    assert lost.doubtful("fiber_g")
    assert not lost.doubtful("fat_g")
    broken = read("na 100 g: Masti 1,0 g, Proteini <0,5\ng, So 0,59 g.")
    assert (broken.per_100["protein_g"], broken.per_100["sodium_mg"]) == (0.5, 236)


def test_words_are_known_with_a_slip_and_told_apart() -> None:
    assert meaning(folded("saturaled fat")) == "sat_fat_g"
    assert meaning(folded("Kalium")) == "potassium_mg"
    assert meaning(folded("Kalcium")) == "calcium_mg"
    assert meaning(folded("Fett / Fat / Masti")) == "fat_g"
    assert meaning(folded("bagel")) is None
    assert is_near("salt", "sal", 1)
    assert not is_near("salt", "sa", 1)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(st.text(max_size=60), max_size=4), max_size=12))
def test_any_lines_give_a_reading(texts: list[list[str]]) -> None:
    found = [
        tuple(Cell(text, 100.0 * n, 100.0 * n + 90) for n, text in enumerate(row)) for row in texts
    ]
    one = judged(table(found), None)
    assert one == judged(table(found), None)
    assert one.per_100.keys() <= set(CODES)
    assert all(amount >= 0 for amount in one.per_100.values())


_WORDS = st.sampled_from(
    [
        "Fat",
        "Energy",
        "per 100 g",
        "per portion (30 g)",
        "1,3g",
        "05 g",
        "kJ",
        "999 kcal",
        "<0.5 g",
        "12%",
        "Salt",
        "Nutrition Facts",
        "O g",
        "of which",
        "1 046 kJ",
        "1.234.567",
        "100 ml",
        "serving size",
    ]
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.lists(_WORDS, max_size=5), max_size=10),
    st.lists(st.lists(_WORDS, max_size=5), max_size=10),
)
def test_any_two_reads_can_be_judged(one: list[list[str]], other: list[list[str]]) -> None:
    first, second = (
        [tuple(Cell(t, 100.0 * n, 100.0 * n + 90) for n, t in enumerate(r)) for r in x]
        for x in (one, other)
    )
    reading = judged(table(first), table(second))
    assert 0 <= reading.confidence <= 1
