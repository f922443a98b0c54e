"""How dishes fit into what is left of a day: pure, and never surer than the tables."""

from hypothesis import given
from hypothesis import strategies as st

from hearth.diary.fitting import ENERGY, PROTEIN, Left, ranked
from hearth.diary.menu_views import menu_view
from hearth.foods import CODES
from hearth.recognition import Dish
from hearth.web import Shown


def dish(
    name: str, kcal: float | None, protein: float | None = None, *, whole: bool = True
) -> Dish:
    stated = {ENERGY: kcal, PROTEIN: protein}
    nutrients = {code: amount for code, amount in stated.items() if amount is not None}
    return Dish(
        name=name, description="", section="", price=None, currency="", words=name, parts_text=name,
        grams=100, nutrients=nutrients,
        partial=frozenset(CODES) - (nutrients.keys() if whole else set()),
        interval={}, confidence=0.5,
    )  # fmt: skip


def names(left: Left, *dishes: Dish) -> list[str]:
    return [fit.dish.name for fit in ranked(dishes, left)]


def test_what_fits_goes_first_and_among_it_what_brings_protein() -> None:
    menu = (dish("over", 900, 80), dish("thin", 200, 2), dish("good", 400, 30), dish("?", None))
    assert names(Left(500, 40), *menu) == ["good", "thin", "over", "?"]
    assert names(Left(500, None), *menu) == ["thin", "good", "over", "?"]
    assert names(Left(None, 40), *menu) == ["over", "good", "thin", "?"]


def test_without_goals_a_menu_stays_as_it_is_printed() -> None:
    menu = (dish("b", 900), dish("a", 1), dish("?", None))
    assert names(Left(), *menu) == ["b", "a", "?"]
    assert "nothing to rank by" in menu_view(ranked(menu, Left()), Left(), Shown()).order


def test_what_is_known_in_part_never_fits_but_may_be_too_much() -> None:
    small, large = ranked((dish("s", 300, whole=False), dish("l", 700, whole=False)), Left(500, 40))
    assert {small.dish.name: small.rest_kcal, large.dish.name: large.rest_kcal} == {
        "l": -200,
        "s": None,
    }
    line = menu_view([small], Left(500), Shown()).dishes[0]
    assert line.energy_text.startswith("≥ ")


def test_a_day_that_is_over_its_goal_has_nothing_left() -> None:
    view = menu_view(ranked((dish("a", 100, 10),), Left(-50, -5)), Left(-50, -5), Shown())
    assert view.left_text == "Left of the day: 0 kcal, 0 g of protein."
    assert view.dishes[0].fit_text == "150 kcal more than is left"
    assert not view.dishes[0].fits


amounts = st.one_of(st.none(), st.floats(0, 5000))


@given(st.lists(st.tuples(amounts, amounts), max_size=25), amounts, amounts)
def test_ranking_loses_no_dish(
    given_: list[tuple[float | None, float | None]], kcal: float | None, protein: float | None
) -> None:
    dishes = [dish(str(place), *one) for place, one in enumerate(given_)]
    fits = ranked(dishes, Left(kcal, protein))
    assert sorted(fit.dish.name for fit in fits) == sorted(one.name for one in dishes)
    menu_view(fits, Left(kcal, protein), Shown())
