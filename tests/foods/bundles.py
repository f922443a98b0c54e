"""Small downloads in the true layouts of USDA FoodData Central and Open Food Facts, made by tests.

The foods in them are made up; the shapes (files, columns, units, quoting) are the official ones.
"""

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb

Rows = Sequence[Sequence[object]]

FOOD = ("fdc_id", "data_type", "description", "food_category_id", "publication_date")
AMOUNT = ("id", "fdc_id", "nutrient_id", "amount")
PORTION = (
    "id",
    "fdc_id",
    "seq_num",
    "amount",
    "measure_unit_id",
    "portion_description",
    "modifier",
    "gram_weight",
)

SURVEY_TABLES: dict[str, tuple[Sequence[str], Rows]] = {
    "nutrient": (
        ("id", "name", "unit_name", "nutrient_nbr", "rank"),
        [
            (1008, "Energy", "KCAL", "208", ""),
            (1003, "Protein", "G", "203", ""),
            (1005, "Carbohydrate", "G", "205", ""),
            (1004, "Fat", "G", "204", ""),
        ],
    ),
    "food_portion": (
        PORTION,
        [
            (1, 9001, 2, "", 9999, "1 fl oz", "61", 30.5),
            (2, 9001, 1, "", 9999, "1 cup", "10205", 244),
            (3, 9001, 3, "", 9999, "Quantity not specified", "90000", 244),
            (4, 9002, 1, "", 9999, "Quantity not specified", "90000", 250),
            (5, 9002, 2, "", 9999, "1 bowl", "", 0),
        ],
    ),
    "food_attribute": (
        ("id", "fdc_id", "seq_num", "food_attribute_type_id", "name", "value"),
        [
            (1, 9001, 1, 1001, "Additional Description", "moo juice; leche"),
            (2, 9001, 2, 999, "WWEIA Category", "no name of the food"),
        ],
    ),
    "survey_fndds_food": (
        ("fdc_id", "food_code", "wweia_category_number", "start_date", "end_date"),
        [
            (9001, "99100000", "1004", "", ""),
            (9002, "99200000", "3002", "", ""),
        ],
    ),
    "wweia_food_category": (
        ("wweia_food_category", "wweia_food_category_description"),
        [
            (1004, "Milk, reduced fat"),
            (3002, "Meat mixed dishes"),
        ],
    ),
}
LABEL = (
    "fdc_id",
    "brand_owner",
    "brand_name",
    "subbrand_name",
    "gtin_upc",
    "serving_size",
    "serving_size_unit",
    "household_serving_fulltext",
    "branded_food_category",
)


def zipped(path: Path, files: dict[str, tuple[Sequence[str], Rows]], raw: str = "") -> Path:
    """A zip with these files inside a folder; `raw` is appended to food_nutrient.csv as it is."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, (header, rows) in files.items():
            text = io.StringIO()
            writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(rows)
            extra = raw if name == "food_nutrient" else ""
            bundle.writestr(f"{path.stem}/{name}.csv", text.getvalue() + extra)
    return path


def survey(
    path: Path, *, published: str = "2024-10-31", milk_kcal: object = 52, raw: str = ""
) -> Path:
    """A survey download with two foods: nutrients by their older numbers, defaults, more names."""
    return zipped(
        path,
        {
            "food": (
                FOOD,
                [
                    (9001, "survey_fndds_food", "Test milk, NFS", "1004", published),
                    (
                        9002,
                        "survey_fndds_food",
                        'Test stew, with "quotes", and commas',
                        "3002",
                        published,
                    ),
                    (9003, "sample_food", "Not a food of the table", "1", published),
                ],
            ),
            "food_nutrient": (
                AMOUNT,
                [
                    (1, 9001, 208, milk_kcal),
                    (2, 9001, 203, 3.33),
                    (3, 9001, 205, 4.8),
                    (4, 9001, 204, 2.1),
                    (5, 9002, 1008, 100),
                    (6, 9002, 1003, ""),
                    (7, 9002, 1005, "n/a"),
                    (8, 9002, 1004, -3),
                ],
            ),
            **SURVEY_TABLES,
        },
        raw,
    )


def sr_legacy(path: Path) -> Path:
    """An SR Legacy download with one food: amounts with their unit, a short NDB number."""
    return zipped(
        path,
        {
            "food": (FOOD, [(8001, "sr_legacy_food", "Testfruit, raw", "9", "2019-04-01")]),
            "food_nutrient": (AMOUNT, [(1, 8001, 1008, 52), (2, 8001, 1005, 13.8)]),
            "food_portion": (
                PORTION,
                [
                    (1, 8001, 1, 0.5, 1000, "", "sliced", 55),
                    (2, 8001, 2, 3, 9999, "", "oz", 85),
                ],
            ),
            "measure_unit": (("id", "name"), [(1000, "cup"), (9999, "undetermined")]),
            "food_category": (
                ("id", "code", "description"),
                [(9, "0900", "Fruits and Fruit Juices")],
            ),
            "sr_legacy_food": (("fdc_id", "NDB_number"), [(8001, "901")]),
        },
    )


def branded(path: Path, foods: Iterable[tuple[int, str, str, dict[int, object]]]) -> Path:
    """A branded download: (fdc_id, name, gtin, amounts by nutrient id) with a serving of 30 g."""
    foods = list(foods)
    return zipped(
        path,
        {
            "food": (
                FOOD,
                [(i, "branded_food", name, "", "2025-04-24") for i, name, _, _ in foods],
            ),
            "food_nutrient": (
                AMOUNT,
                [
                    (n, i, nutrient, amount)
                    for n, (i, nutrient, amount) in enumerate(
                        (i, nutrient, amount)
                        for i, _, _, amounts in foods
                        for nutrient, amount in amounts.items()
                    )
                ],
            ),
            "branded_food": (
                LABEL,
                [
                    (
                        i,
                        "Example Foods Inc.",
                        "EXAMPLE",
                        "",
                        gtin,
                        30,
                        "g",
                        "2 biscuits",
                        "Biscuits",
                    )
                    for i, _, gtin, _ in foods
                ],
            ),
        },
    )


def jsonl(path: Path, products: Iterable[dict[str, Any] | str]) -> Path:
    """An Open Food Facts JSONL dump; a string is written as the line it is."""
    lines = (
        one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in products
    )
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in lines)
    return path


def tab_separated(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    """An Open Food Facts CSV dump: tabs, no quoting."""
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        for row in (header, *rows):
            file.write("\t".join("" if cell is None else str(cell) for cell in row) + "\n")
    return path


def parquet(path: Path, products: Sequence[dict[str, Any]]) -> Path:
    """An Open Food Facts Parquet dump: names by language and nutriments as lists of structs."""
    database = duckdb.connect()
    database.execute(
        "create table product (code varchar, lang varchar, brands varchar,"
        " countries_tags varchar[], categories_tags varchar[], serving_size varchar,"
        " last_modified_t bigint, unique_scans_n int,"
        ' product_name struct(lang varchar, "text" varchar)[],'
        ' nutriments struct(name varchar, value float, "100g" float, serving float,'
        " unit varchar)[])"
    )
    for one in products:
        database.execute(
            "insert into product values ($code, $lang, $brands, $countries, $categories, $serving,"
            " 1700000000, 12, $names, $nutriments)",
            one,
        )
    database.execute(f"copy product to '{path}' (format parquet)")
    return path
