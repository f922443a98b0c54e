"""Totals: the sum of the parts is the whole, and what is unknown is never counted as nothing."""

import math

from hypothesis import given
from hypothesis import strategies as st

from hearth.diary.totals import totals, unknown
from hearth.foods import CODES, to_column

amounts = st.floats(min_value=0, max_value=1e4, allow_nan=False, width=32)
columns = st.lists(
    st.dictionaries(st.sampled_from(CODES[:6]), amounts, max_size=6).map(to_column), max_size=8
)


@given(columns)
def test_sums_are_of_those_that_state_it(parts: list[list[float | None]]) -> None:
    sums = totals(parts)
    for place, code in enumerate(CODES):
        stated = [part[place] for part in parts if part[place] is not None]
        assert (code in sums) == bool(stated)
        if stated:
            whole = math.fsum(amount for amount in stated if amount is not None)
            assert math.isclose(sums[code].amount, whole, rel_tol=1e-6, abs_tol=1e-30)
            assert sums[code].is_partial == (len(stated) < len(parts))


@given(columns)
def test_coverage_is_a_share_and_whole_only_without_gaps_that_matter(
    parts: list[list[float | None]],
) -> None:
    for total in totals(parts).values():
        assert 0 <= total.coverage <= 1
        assert total.is_partial or total.coverage == 1


@given(columns, columns)
def test_the_parts_of_a_day_add_up_to_the_day(
    morning: list[list[float | None]], evening: list[list[float | None]]
) -> None:
    whole, first, second = totals(morning + evening), totals(morning), totals(evening)
    assert set(whole) == set(first) | set(second)
    for code, total in whole.items():
        parts = [part[code].amount for part in (first, second) if code in part]
        assert math.isclose(total.amount, math.fsum(parts), rel_tol=1e-5, abs_tol=1e-30)


def test_coverage_goes_by_energy_where_all_of_it_is_known() -> None:
    bread = to_column({"energy_kcal": 300, "fiber_g": 6})
    butter = to_column({"energy_kcal": 100})
    assert totals([bread, butter])["fiber_g"].coverage == 0.75
    water = to_column({"energy_kcal": 0})
    fibre = totals([bread, water])["fiber_g"]
    assert (fibre.coverage, fibre.is_partial) == (1.0, True)


def test_coverage_goes_by_items_where_energy_is_unknown() -> None:
    stew = to_column({"fiber_g": 6})
    butter = to_column({"energy_kcal": 100})
    sums = totals([stew, butter, butter, butter])
    assert (sums["fiber_g"].coverage, sums["energy_kcal"].coverage) == (0.25, 0.75)


def test_a_stated_zero_is_known_and_an_absent_nutrient_is_not() -> None:
    sums = totals([to_column({"energy_kcal": 0, "fat_g": 0})])
    assert sums["fat_g"].amount == 0
    assert "carb_g" not in sums
    assert "carb_g" in unknown(sums)
    assert "fat_g" not in unknown(sums)


def test_a_column_of_an_older_list_is_unknown_beyond_its_end() -> None:
    sums = totals([to_column({"energy_kcal": 10, "choline_mg": 5}), [90.0, 1.0]])
    assert sums["energy_kcal"].amount == 100
    assert sums["choline_mg"].coverage == 0.1
    assert totals([]) == {}
