"""The starter catalogue is complete, plausible and quick to load; planted bad rows are caught."""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from hearth.foods.foods import Food
from hearth.foods.nutrients import CODES
from hearth.foods.starter import (
    portion_words,
    portions_of,
    starter_figures,
    starter_foods,
    starter_rows,
)

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import starter_checks as checks  # noqa: E402
import starter_figures as tool  # noqa: E402

GOOD = {
    "energy_kcal": 52.0, "protein_g": 0.26, "carb_g": 13.81, "fat_g": 0.17, "fiber_g": 2.4,
    "sugars_g": 10.39, "sat_fat_g": 0.03, "water_g": 85.56,
}  # fmt: skip


def test_there_are_at_least_700_foods_with_stable_unique_ids() -> None:
    foods = starter_foods()
    assert len(foods) >= 700
    assert [food for food, times in Counter(f.id for f in foods).items() if times > 1] == []
    assert all(re.fullmatch(r"starter:[a-z0-9]+(-[a-z0-9]+)*", food.id) for food in foods)


def test_every_row_is_whole_and_plausible() -> None:
    figures = starter_figures()
    wrong = [
        f"{row.key}: {problem}"
        for row in starter_rows()
        for problem in (*tool.row_problems(row), *checks.problems(row.key, figures[row.key]))
    ]
    assert wrong == []


def test_figures_and_rows_name_the_same_keys_and_all_codes() -> None:
    rows = {row.key for row in starter_rows()}
    assert set(starter_figures()) == rows
    header = (ROOT / "src/hearth/foods/starter/figures.tsv").read_text("utf-8").split("\n")[0]
    assert tuple(header.split("\t")[1:]) == CODES


def test_names_are_in_their_own_script_and_sentence_case() -> None:
    for row in starter_rows():
        cyrillic = (row.name_sr, *row.aliases_sr)
        latin = (row.name_en, row.name_sv, *row.aliases_en, *row.aliases_sv)
        assert not any(re.search("[A-Za-z]", name) for name in cyrillic), row
        assert not any(re.search("[\u0400-\u04ff]", name) for name in latin), row
        assert all(
            name[0] == name[0].upper() for name in (row.name_en, row.name_sv, row.name_sr)
        ), row


def test_a_food_says_each_name_once_per_language() -> None:
    for locale in ("en", "sv", "sr-Cyrl"):
        names = Counter(food.names[locale].lower() for food in starter_foods())
        assert [name for name, times in names.items() if times > 1] == []


def test_excused_rows_exist_and_need_their_excuse() -> None:
    figures = starter_figures()
    for key in checks.ATWATER_REASONS:
        stated = figures[key]
        assert abs(stated["energy_kcal"] - checks.expected_kcal(stated)) > 8, key


def test_every_unit_has_words_in_every_language() -> None:
    words = {word.unit: word for word in portion_words()}
    units = {portion.unit for food in starter_foods() for portion in food.portions}
    assert units - set(words) == set()
    assert {"small", "medium", "large"} <= set(words)
    for word in words.values():
        assert [len(word.words[locale]) for locale in ("en", "sv", "sr-Cyrl")] == [2, 2, 3]
        assert all(all(forms) for forms in word.words.values()), word
    assert "msk" in words["tbsp"].spoken["sv"]
    assert "кашику" in words["tbsp"].spoken["sr-Cyrl"]


def _food(key: str) -> Food:
    return next(food for food in starter_foods() if food.id == f"starter:{key}")


def test_a_food_is_as_its_row_says() -> None:
    apple = _food("apple")
    assert apple.names == {"en": "Apple", "sv": "Äpple", "sr-Cyrl": "Јабука"}
    assert [p.grams for p in apple.portions if p.is_default] == [182]
    assert [p.label for p in apple.portions][:2] == ["1 piece", "1 slice"]
    assert apple.source == "fndds:63101000"
    assert _food("milk-whole").density_g_ml == pytest.approx(1.03)
    # A table that states no iodine leaves it unknown, not zero.
    assert "iodine_ug" not in apple.nutrients


def test_portions_are_read_with_sizes_default_and_density() -> None:
    portions, density = portions_of("slice!=32; piece small=25; ml=1.03")
    assert [(p.label, p.unit, p.grams, p.is_default) for p in portions] == [
        ("1 slice", "slice", 32, True),
        ("1 small piece", "piece", 25, False),
    ]
    assert density == 1.03
    for bad in ("slice", "slice=x", "piece tiny=3", "=3"):
        with pytest.raises(ValueError, match="portion"):
            portions_of(bad)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"energy_kcal": 218.0}, "far from"),
        ({"energy_kcal": 950.0, "fat_g": 100.0, "carb_g": 0.0}, "pure fat"),
        ({"sugars_g": 20.0}, "sugars_g"),
        ({"sat_fat_g": 3.0}, "sat_fat_g"),
        ({"fiber_g": 30.0}, "fiber_g"),
        ({"poly_fat_g": 2.0, "fat_g": 1.0}, "poly_fat_g"),
        ({"protein_g": -1.0}, "negative"),
        ({"carb_g": 113.0}, "more than 100 g"),
        ({"water_g": 99.0}, "parts sum"),
    ],
)
def test_canary_a_planted_bad_row_is_found(change: dict[str, float], word: str) -> None:
    assert checks.problems("planted", GOOD) == []
    assert any(word in problem for problem in checks.problems("planted", GOOD | change))


@pytest.mark.parametrize("missing", checks.NEEDED)
def test_canary_a_row_without_a_needed_figure_is_found(missing: str) -> None:
    without = {code: amount for code, amount in GOOD.items() if code != missing}
    assert checks.problems("planted", without) == [f"{missing} is unknown"]


@pytest.mark.parametrize(
    "portions", [[], [(10.0, False)], [(10.0, True), (20.0, True)], [(0.0, True)], [(2001.0, True)]]
)
def test_canary_bad_portions_are_found(portions: list[tuple[float, bool]]) -> None:
    assert checks.portion_problems(portions) != []
    assert checks.portion_problems([(30.0, True), (15.0, False)]) == []


def test_a_dish_is_the_sum_of_its_parts_and_cooking_takes_water() -> None:
    parts = [
        ({"protein_g": 10.0, "water_g": 60.0, "iron_mg": 1.0}, 100.0),
        ({"protein_g": 2.0, "water_g": 90.0}, 100.0),
    ]
    dish = tool.cooked(parts, 150.0)
    assert dish == {"protein_g": 8.0, "water_g": pytest.approx(66.67)}
    with pytest.raises(tool.SourceError, match="yield 40 g"):
        tool.cooked(parts, 40.0)


@pytest.mark.parametrize(
    "source", ["usda:1", "fndds:x", "recipe:fndds:1", "recipe:", "fndds:1;yield=2"]
)
def test_a_source_that_cannot_be_read_is_named(source: str) -> None:
    with pytest.raises(tool.SourceError):
        tool.sources_of(source)


def test_a_source_that_is_not_in_the_tables_is_named() -> None:
    with pytest.raises(tool.SourceError, match="no such row: fndds:99"):
        tool.figures_of("recipe:fndds:1*10+fndds:99*10", {("fndds", "1"): GOOD})


@pytest.mark.skipif(not tool.DEFAULT_BUNDLES.is_dir(), reason="the USDA downloads are not here")
def test_the_committed_figures_are_those_of_the_sources() -> None:
    figures, wrong = tool.resolve(starter_rows(), tool.DEFAULT_BUNDLES)
    assert wrong == []
    committed = (ROOT / "src/hearth/foods/starter/figures.tsv").read_text("utf-8")
    assert tool.as_tsv(figures) == committed, "run tools/starter_figures.py"


def test_loads_quickly() -> None:
    """The best of three in an interpreter of its own, by its own processor time."""
    timing = (
        "import json, time; from hearth.foods.starter import starter_foods\n"
        "runs = []\n"
        "for _ in range(3):\n"
        "    starter_foods.cache_clear(); started = time.process_time(); starter_foods()\n"
        "    runs.append(time.process_time() - started)\n"
        "print(json.dumps(min(runs)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", timing], cwd=ROOT / "src", capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) < 0.15
