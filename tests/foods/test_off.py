from pathlib import Path
from typing import Any

import pytest

from hearth.core.errors import Invalid
from hearth.foods.off import Product, chunks, usable
from hearth.foods.off_nutrition import Unusable, from_nutriments, from_nutrition
from tests.foods import bundles

CODE = "7310865004703"
OLD = {
    "energy-kcal_100g": 250,
    "energy_100g": 1046,
    "fat_100g": 3,
    "carbohydrates_100g": 45,
    "proteins_100g": 9,
    "salt_100g": 1.25,
    "vitamin-c_100g": 0.012,
    "vitamin-d_100g": 0.000005,
    "alcohol_100g": 5,
    "fat_unit": "g",
    "nutrition-score-fr_100g": "x",
}
PRODUCT: dict[str, Any] = {
    "code": CODE,
    "product_name": "Kavring",
    "lang": "sv",
    "brands": "Exempelbageriet, Annan",
    "categories_tags": ["en:breads", "en:rye-breads"],
    "serving_size": "1 slice (32 g)",
    "last_modified_t": 1700000000,
    "unique_scans_n": 40,
    "nutriments": OLD,
    "schema_version": 1002,
}


def nutrition(**changes: Any) -> dict[str, Any]:
    entries = {
        "energy-kcal": {"value": 250, "unit": "kcal", "source": "packaging"},
        "fat": {"value": 3, "unit": "g", "source": "packaging"},
        "proteins": {"value": 9, "unit": "g", "source": "manufacturer"},
        "fiber": {"value": 4, "unit": "g", "source": "estimate"},
        "vitamin-c": {"value": 12, "unit": "mg", "source": "packaging"},
    }
    aggregated = {"preparation": "as_sold", "per": "100g", "nutrients": entries} | changes
    return {"aggregated_set": aggregated, "input_sets": []}


def test_units_before_schema_1003_are_grams_and_kilojoules() -> None:
    nutrients, swapped = from_nutriments(OLD)
    assert not swapped
    assert nutrients == {
        "energy_kcal": 250,
        "protein_g": 9,
        "carb_g": 45,
        "fat_g": 3,
        "vit_c_mg": 12,
        "vit_d_ug": 5,
        "sodium_mg": 500,
        "alcohol_g": 3.945,
    }


def test_kilojoules_alone_become_kilocalories() -> None:
    assert from_nutriments({"energy_100g": "1046"})[0] == {"energy_kcal": 250}


def test_swapped_energies_are_put_right_and_said() -> None:
    nutrients, swapped = from_nutriments({"energy-kcal_100g": 1046, "energy-kj_100g": 250})
    assert (nutrients, swapped) == ({"energy_kcal": 250}, True)


def test_schema_1003_is_read_without_estimates() -> None:
    nutrients, _ = from_nutrition(nutrition())
    assert nutrients == {"energy_kcal": 250, "protein_g": 9, "fat_g": 3, "vit_c_mg": 12}


def test_a_set_of_estimates_or_of_the_prepared_food_says_nothing() -> None:
    assert from_nutrition(nutrition(source="estimate"))[0] == {}
    assert from_nutrition(nutrition(preparation="prepared"))[0] == {}


def test_input_sets_fill_what_the_aggregated_set_lacks() -> None:
    both = nutrition()
    both["input_sets"] = [
        {
            "preparation": "as_sold",
            "per": "serving",
            "per_quantity": 50,
            "per_unit": "g",
            "source": "packaging",
            "nutrients": {"salt": {"value": 0.5, "unit": "g"}},
        },
        {
            "preparation": "as_sold",
            "per": "serving",
            "source": "packaging",
            "nutrients": {"sugars": {"value": 1, "unit": "g"}},
        },
    ]
    found, _ = from_nutrition(both)
    assert found["sodium_mg"] == 400
    assert "sugars_g" not in found


@pytest.mark.parametrize("bad", ["n/a", -1, "nan", "inf", 1e9, [1]])
def test_a_figure_that_is_none_makes_the_row_unusable(bad: object) -> None:
    with pytest.raises(Unusable, match="fat_100g"):
        from_nutriments({"fat_100g": bad})


def test_a_product_becomes_a_food() -> None:
    one = usable(Product(**{k: v for k, v in PRODUCT.items() if k != "schema_version"}))
    food = one.food
    assert (food.id, food.name, food.barcode) == (f"off:{CODE}", "Kavring", CODE)
    assert food.names == {"sv": "Kavring"}
    assert food.brand == "Exempelbageriet"
    assert food.category == "rye breads"
    assert food.carb_basis == "available"
    assert "ODbL" in food.source
    assert [(p.label, p.grams) for p in food.portions] == [("1 serving (1 slice)", 32)]
    assert one.scans == 40


def test_labels_of_the_united_states_state_total_carbohydrate() -> None:
    one = usable(
        Product(code=CODE, product_name="x", nutriments=OLD, countries_tags=["en:united-states"])
    )
    assert one.food.carb_basis == "total"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"code": "7310865004704"}, "check digit"),
        ({"code": None}, "barcode"),
        ({"product_name": "  "}, "no name"),
        ({"nutriments": {}}, "neither energy"),
        ({"nutriments": OLD | {"fat_100g": 120}}, "fat_g"),
        ({"nutriments": "x"}, "neither"),
    ],
)
def test_what_cannot_be_used_says_why(change: dict[str, Any], reason: str) -> None:
    fields = {k: v for k, v in PRODUCT.items() if k != "schema_version"}
    with pytest.raises(Unusable, match=reason):
        usable(Product(**fields | change))


def read(path: Path, after: int = 0) -> tuple[list[str], dict[str, int], int]:
    parts = list(chunks(path, after))
    names = [one.food.name for part in parts for one in part.foods]
    skipped: dict[str, int] = {}
    for part in parts:
        for reason, count in part.skipped.items():
            skipped[reason] = skipped.get(reason, 0) + count
    return names, skipped, parts[-1].position if parts else after


def test_a_jsonl_dump_is_read_past_its_bad_lines(tmp_path: Path) -> None:
    newer = PRODUCT | {
        "code": "4006381333931",
        "product_name": "Newer",
        "nutriments": None,
        "nutrition": nutrition(),
        "schema_version": 1003,
    }
    path = bundles.jsonl(
        tmp_path / "p.jsonl.gz",
        [
            PRODUCT,
            '{"code": ',
            newer,
            "[]",
            PRODUCT | {"code": "1"},
            PRODUCT | {"nutriments": OLD | {"fat_100g": "lots"}},
        ],
    )
    names, skipped, position = read(path)
    assert names == ["Kavring", "Newer"]
    assert skipped["the line is not a JSON object"] == 2
    assert skipped["fat_100g is not a number"] == 1
    assert position == 6
    assert read(path, after=2)[0] == ["Newer"]


def test_a_cut_off_file_gives_what_came_before(tmp_path: Path) -> None:
    many = [PRODUCT | {"product_name": f"Kavring {n} " + "x" * 40} for n in range(3000)]
    path = bundles.jsonl(tmp_path / "p.jsonl.gz", many)
    path.write_bytes(path.read_bytes()[:-2000])
    names, skipped, _ = read(path)
    assert names
    assert any("damaged" in reason for reason in skipped)


HEADER = (
    "code",
    "product_name",
    "brands",
    "categories_tags",
    "serving_size",
    "energy-kcal_100g",
    "fat_100g",
    "carbohydrates_100g",
    "proteins_100g",
    "last_modified_t",
    "something_new",
)


def test_a_tab_separated_dump_is_read_by_its_header(tmp_path: Path) -> None:
    good = (CODE, 'A "quoted" name', "B", "en:breads", "30 g", 250, 3, 45, 9, 1700000000, "x")
    path = bundles.tab_separated(
        tmp_path / "products.csv.gz",
        HEADER,
        [
            good,
            ("4006381333931", "Other", *good[2:]),
            (CODE, "too few"),
            (CODE, "Bad", *good[2:6], "?", *good[7:]),
        ],
    )
    names, skipped, _ = read(path)
    assert names == ['A "quoted" name', "Other"]
    assert skipped["fat_100g is not a number"] == 1
    assert skipped["the line cannot be split into columns: missing columns"] == 1


def test_a_parquet_dump_is_read(tmp_path: Path) -> None:
    product = {
        "code": CODE,
        "lang": "sv",
        "brands": "B",
        "countries": ["en:sweden"],
        "categories": ["en:breads"],
        "serving": "30 g",
        "names": [{"lang": "main", "text": "Kavring"}, {"lang": "en", "text": "Rye loaf"}],
        "nutriments": [
            {"name": "energy-kcal", "value": 250, "100g": 250, "serving": 75, "unit": "kcal"},
            {"name": "fat", "value": 3, "100g": 3, "serving": 1, "unit": "g"},
        ],
    }
    path = bundles.parquet(tmp_path / "food.parquet", [product, product | {"code": "1"}])
    (part,) = chunks(path)
    assert [one.food.name for one in part.foods] == ["Kavring"]
    assert part.foods[0].food.names == {"sv": "Kavring", "en": "Rye loaf"}
    assert part.foods[0].food.nutrients == {"energy_kcal": 250, "fat_g": 3}
    assert list(chunks(path, after=2)) == []


@pytest.mark.parametrize("name", ["missing.jsonl", "photo.jpg", "empty.csv"])
def test_what_is_no_dump_is_refused_with_the_way_out(tmp_path: Path, name: str) -> None:
    if name != "missing.jsonl":
        (tmp_path / name).write_text("nothing\tof\tuse\n1\t2\t3\n")
    with pytest.raises(Invalid, match=name):
        list(chunks(tmp_path / name))
