import math

import pytest

from hearth.foods import quality
from hearth.foods.foods import Portion
from hearth.foods.portions import counted, density, serving, unit_of, with_default

BREAD = {"energy_kcal": 250.0, "protein_g": 9.0, "carb_g": 45.0, "fat_g": 3.0, "fiber_g": 6.0}


def test_a_loaf_passes() -> None:
    assert quality.impossible(BREAD) is None
    assert quality.flags(BREAD) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"protein_g": -1.0}, {"fat_g": 101.0}, {"fat_g": math.nan}, {"energy_kcal": 1500.0},
        {"protein_g": 60.0, "carb_g": 60.0}, {"sodium_mg": 200_000.0},
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_a_reason(wrong: dict[str, float]) -> None:
    assert quality.impossible(BREAD | wrong)


@pytest.mark.parametrize(
    ("change", "flag"),
    [
        ({"sat_fat_g": 4.0}, "sat_fat_over_fat"),
        ({"sugars_g": 46.0}, "sugars_over_carbs"),
        ({"energy_kcal": 500.0}, "energy_wrong"),
        ({"energy_kcal": 300.0}, "energy_doubtful"),
        ({"protein_g": 9.0, "fiber_g": 9.0, "fat_g": 9.0, "energy_kcal": 290.0}, "repeated_values"),
    ],
)
def test_what_is_doubtful_is_flagged(change: dict[str, float], flag: str) -> None:
    assert flag in quality.flags(BREAD | change)


def test_fibre_counts_by_the_basis_of_the_carbohydrate() -> None:
    bran = {"energy_kcal": 216.0, "protein_g": 15.6, "carb_g": 64.5, "fat_g": 4.3, "fiber_g": 42.8}
    assert quality.flags(bran, "total") == []


def test_swapped_energies_are_seen() -> None:
    assert quality.is_reversed(kcal=1046, kj=250)
    assert not quality.is_reversed(kcal=250, kj=1046)


@pytest.mark.parametrize(
    ("text", "grams", "unit"),
    [
        ("30 g (2 biscuits)", 30, "portion"), ("200 ml (206 g)", 206, "portion"),
        ("1 bar (45g)", 45, "bar"), ("2 cookies (about 31,5 g)", 31.5, "portion"),
    ],
)  # fmt: skip
def test_servings_are_read_from_labels(text: str, grams: float, unit: str) -> None:
    portion = serving(text)
    assert portion is not None
    assert (portion.grams, portion.unit) == (grams, unit)


@pytest.mark.parametrize("text", ["", "one piece", "250 ml", "0 g", "999999 g"])
def test_a_serving_without_a_weight_says_nothing(text: str) -> None:
    assert serving(text) is None


def test_a_volume_needs_a_density() -> None:
    portion = serving("250 ml", density_g_ml=1.03)
    assert portion is not None
    assert portion.grams == 257.5


def test_portions_are_of_one() -> None:
    assert counted(0.5, "cup sliced", 55) == Portion("1 cup sliced", 110, "cup")
    assert counted(3, "oz", 85) == Portion("1 oz", 28.333, "oz")
    assert counted(None, "1 medium", 118) == Portion("1 medium", 118, "piece")
    assert counted(1, "", 10) is None


def test_an_ounce_that_weighs_more_is_not_the_mass() -> None:
    portion = counted(None, "1 oz, dry, yields", 71)
    assert portion is not None
    assert portion.unit == ""


def test_the_size_of_a_fillet_is_not_its_unit() -> None:
    assert unit_of("large fillet") == "fillet"


def test_the_unspecified_amount_becomes_the_default() -> None:
    cup, unsaid = Portion("1 cup", 244, "cup"), Portion("Quantity not specified", 244)
    assert with_default([cup, unsaid]) == (Portion("1 cup", 244, "cup", is_default=True),)
    assert with_default([Portion("1 cup", 100, "cup"), unsaid])[-1].is_default


def test_density_comes_from_the_fluid_ounce() -> None:
    assert density([Portion("1 fl oz", 30.5, "fl oz")]) == pytest.approx(1.0313, abs=1e-4)
    assert density([Portion("1 cup", 244, "cup")]) is None
