"""Make `src/hearth/foods/starter/figures.tsv` from the official USDA downloads.

    python tools/starter_figures.py --bundles DIR

DIR holds the CSV zips of FoodData Central as they are published: Survey (FNDDS) of October 2024 and
October 2020, SR Legacy, Foundation. Every source named in the group files is resolved; the tool
writes nothing and names each key whose source is missing or whose figures are implausible.
"""

import argparse
import csv
import io
import os
import re
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from starter_checks import portion_problems, problems

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from hearth.foods.nutrients import CODES, NUTRIENTS, Nutrients  # noqa: E402
from hearth.foods.starter import StarterRow, portions_of, starter_rows  # noqa: E402

STARTER = ROOT / "src/hearth/foods/starter"
SHARED = Path(os.environ.get("HEARTH_SHARED_DATA") or ROOT / "../shared/data")
DEFAULT_BUNDLES = SHARED / "fdc-bundles"

# By source: what the zip's name contains, the table with the food's own code, and its column.
BUNDLES = {
    "fndds": ("survey_food_csv_2024", "survey_fndds_food.csv", "food_code"),
    "fndds2018": ("survey_food_csv_2020", "survey_fndds_food.csv", "food_code"),
    "sr": ("sr_legacy_food_csv", "sr_legacy_food.csv", "NDB_number"),
    "foundation": ("foundation_food_csv", "foundation_food.csv", "fdc_id"),
}
# The figures by source and code, such as ("sr", "1123").
Tables = dict[tuple[str, str], Nutrients]
_SINGLE = re.compile(r"(fndds|fndds2018|sr|foundation):(\d+)")
_RECIPE = re.compile(r"recipe:(?P<parts>[^;]+)(?:;yield=(?P<grams>[\d.]+))?")


class SourceError(Exception):
    """A source of a row that cannot be read or found; the message says which."""


def single_key(text: str) -> tuple[str, str]:
    """`sr:01123` as ("sr", "1123"); numbers are compared without leading zeros."""
    found = _SINGLE.fullmatch(text)
    if not found:
        raise SourceError(f"source {text!r} is not fndds:, fndds2018:, sr:, foundation: and digits")
    return found[1], found[2].lstrip("0")


def recipe_parts(text: str) -> tuple[list[tuple[str, float]], float | None]:
    """The sources and grams of a `recipe:` and its cooked weight when one is written."""
    found = _RECIPE.fullmatch(text)
    if not found:
        raise SourceError(f"recipe {text!r} is not written as recipe:source*grams+...;yield=grams")
    parts = []
    for part in found["parts"].split("+"):
        source, _, grams = part.rpartition("*")
        try:
            parts.append((source, float(grams)))
        except ValueError:
            raise SourceError(f"recipe part {part!r} is not written as source*grams") from None
    return parts, float(found["grams"]) if found["grams"] else None


def sources_of(text: str) -> list[tuple[str, str]]:
    """The rows of the USDA's tables that a source names, one or several."""
    if text.startswith("recipe:"):
        return [single_key(source) for source, _ in recipe_parts(text)[0]]
    return [single_key(text)]


def cooked(parts: list[tuple[Nutrients, float]], cooked_grams: float | None) -> Nutrients:
    """Figures per 100 g of a dish. What one ingredient does not state is unknown of the dish.

    Weight lost or gained in cooking is water.
    """
    raw_grams = sum(grams for _, grams in parts)
    weight = cooked_grams or raw_grams
    known = set.intersection(*(set(figures) for figures, _ in parts))
    totals = {code: sum(figures[code] * grams / 100 for figures, grams in parts) for code in known}
    if "water_g" in totals:
        totals["water_g"] += weight - raw_grams
        if totals["water_g"] < 0:
            raise SourceError(f"yield {weight:g} g is less than the dish weighs without water")
    return {code: float(f"{totals[code] / weight * 100:.4g}") for code in totals}


def figures_of(text: str, tables: Tables) -> Nutrients:
    """The figures per 100 g that a source stands for. Raises SourceError when a row is missing."""
    absent = [":".join(key) for key in sources_of(text) if key not in tables]
    if absent:
        raise SourceError("no such row: " + ", ".join(absent))
    if not text.startswith("recipe:"):
        return tables[single_key(text)]
    parts, grams = recipe_parts(text)
    return cooked([(tables[single_key(source)], weight) for source, weight in parts], grams)


def _table(bundle: Path, name: str) -> Iterator[dict[str, str]]:
    with zipfile.ZipFile(bundle) as archive:
        member = next(entry for entry in archive.namelist() if entry.endswith("/" + name))
        with archive.open(member) as raw:
            yield from csv.DictReader(io.TextIOWrapper(raw, "utf-8-sig", newline=""))


def _bundle(folder: Path, part_of_name: str) -> Path:
    found = sorted(folder.glob(f"*{part_of_name}*.zip"))
    if not found:
        raise SystemExit(f"no zip named like *{part_of_name}* in {folder}: download it there first")
    return found[-1]


def read_bundle(folder: Path, kind: str, wanted: set[str]) -> dict[str, Nutrients]:
    """The figures of the `wanted` codes of one bundle, by code without leading zeros."""
    part_of_name, table, column = BUNDLES[kind]
    bundle = _bundle(folder, part_of_name)
    codes = {
        row["fdc_id"]: row[column].lstrip("0")
        for row in _table(bundle, table)
        if row[column].lstrip("0") in wanted
    }
    stated: dict[str, dict[int, float]] = {code: {} for code in codes.values()}
    for row in _table(bundle, "food_nutrient.csv"):
        if row["fdc_id"] in codes and row["amount"]:
            stated[codes[row["fdc_id"]]][int(row["nutrient_id"])] = float(row["amount"])
    return {code: _by_code(amounts) for code, amounts in stated.items()}


def _by_code(amounts: dict[int, float]) -> Nutrients:
    found = {
        nutrient.code: next((amounts[id_] for id_ in nutrient.fdc_ids if id_ in amounts), None)
        for nutrient in NUTRIENTS
    }
    return {code: amount for code, amount in found.items() if amount is not None}


def read_tables(folder: Path, rows: tuple[StarterRow, ...]) -> tuple[Tables, list[str]]:
    """The figures of every row that the sources name, and what is wrong with the sources."""
    wanted: dict[str, set[str]] = {kind: set() for kind in BUNDLES}
    wrong: list[str] = []
    for row in rows:
        try:
            for kind, code in sources_of(row.source):
                wanted[kind].add(code)
        except SourceError as error:
            wrong.append(f"{row.key}: {error}")
    tables = {
        (kind, code): figures
        for kind, codes in wanted.items()
        if codes
        for code, figures in read_bundle(folder, kind, codes).items()
    }
    return tables, wrong


def row_problems(row: StarterRow) -> list[str]:
    """What is wrong with a hand-written line itself, its figures apart."""
    wrong = [
        f"{column} is empty"
        for column in ("key", "source", "category", "name_en", "name_sv", "name_sr")
        if not getattr(row, column)
    ]
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row.key):
        wrong.append("the key is not in kebab-case")
    try:
        portions, _ = portions_of(row.portions)
    except ValueError as error:
        return [*wrong, str(error)]
    return [*wrong, *portion_problems((portion.grams, portion.is_default) for portion in portions)]


def resolve(rows: tuple[StarterRow, ...], folder: Path) -> tuple[dict[str, Nutrients], list[str]]:
    """The figures by key, and everything that is wrong, each line beginning with its key."""
    tables, wrong = read_tables(folder, rows)
    named = {line.partition(":")[0] for line in wrong}
    figures: dict[str, Nutrients] = {}
    for row in rows:
        wrong += [f"{row.key}: {problem}" for problem in row_problems(row)]
        if row.key in named:
            continue
        try:
            figures[row.key] = figures_of(row.source, tables)
        except SourceError as error:
            wrong.append(f"{row.key}: {error}")
            continue
        wrong += [f"{row.key}: {problem}" for problem in problems(row.key, figures[row.key])]
    twice = [key for key, times in Counter(row.key for row in rows).items() if times > 1]
    return figures, wrong + [f"{key}: this key is there more than once" for key in twice]


def as_tsv(figures: dict[str, Nutrients]) -> str:
    """The table as it is committed: a line a key in the order of the keys, empty where unknown."""
    lines = ["\t".join(("key", *CODES))]
    for key in sorted(figures):
        cells = (figures[key].get(code) for code in CODES)
        lines.append("\t".join((key, *("" if cell is None else f"{cell:.10g}" for cell in cells))))
    return "\n".join(lines) + "\n"


def main() -> int:
    """Resolve, check, and write when all is well; 0 done, 1 found wrong."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--bundles", type=Path, default=DEFAULT_BUNDLES, metavar="DIR")
    rows = starter_rows(STARTER)
    figures, wrong = resolve(rows, parser.parse_args().bundles)
    print("\n".join(wrong) or "nothing is wrong", file=sys.stderr)
    if wrong:
        print(f"{len(wrong)} faults in {len(rows)} rows: nothing written", file=sys.stderr)
        return 1
    (STARTER / "figures.tsv").write_text(as_tsv(figures), encoding="utf-8")
    print(f"{len(figures)} foods written to {STARTER / 'figures.tsv'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
