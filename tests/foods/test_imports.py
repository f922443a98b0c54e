import asyncio
import csv
import gzip
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hearth.core.db import SYSTEM, Pool
from hearth.core.errors import Conflict, Invalid
from hearth.foods import catalogue, commands, imports
from hearth.foods.imports import Slice, import_off, import_usda, load_starter
from hearth.foods.usda import Bundle
from tests.foods import bundles
from tests.foods.test_off import OLD, PRODUCT


async def food_of(db: Pool, food_id: str) -> Any:
    return (await catalogue.foods_by_id(db, None, [food_id])).get(food_id)


async def test_the_starter_catalogue_is_loaded_once(db: Pool) -> None:
    await load_starter(db)
    assert await load_starter(db) is None
    again = await load_starter(db, again=True)
    assert again is not None
    assert (again.added, again.changed) == (0, 0)
    assert (await food_of(db, "starter:apple")).names["sv"] == "Äpple"


async def test_a_second_import_of_the_same_file_changes_nothing(db: Pool, tmp_path: Path) -> None:
    path = bundles.survey(tmp_path / "survey.zip")
    first = await import_usda(db, path)
    second = await import_usda(db, path)
    assert first.rows_read == second.rows_read == 2
    assert (second.added, second.changed) == (0, 0)
    assert second.skipped == {
        "food_nutrient.csv: the amount is not a number from 0 to 1,000,000": 2
    }


async def test_figures_come_back_as_they_were_written(db: Pool, tmp_path: Path) -> None:
    await import_usda(db, bundles.survey(tmp_path / "survey.zip"))
    milk = await food_of(db, "fndds:99100000")
    assert milk.nutrients == {"energy_kcal": 52, "protein_g": 3.33, "carb_g": 4.8, "fat_g": 2.1}
    assert milk.portions[0].is_default


async def test_an_older_release_fills_gaps_and_replaces_nothing(db: Pool, tmp_path: Path) -> None:
    await import_usda(
        db, bundles.survey(tmp_path / "new.zip", published="2030-01-01", milk_kcal=60)
    )
    report = await import_usda(db, bundles.survey(tmp_path / "old.zip", published="2020-10-30"))
    assert (report.added, report.changed) == (0, 0)
    assert (await food_of(db, "fndds:99100000")).nutrients["energy_kcal"] == 60


async def test_a_broken_off_import_goes_on_where_it_stopped(
    db: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = [with_check(f"73108650{n:04}") for n in range(25)]
    products = [PRODUCT | {"code": code, "product_name": f"Resumed {code}"} for code in codes]
    path = bundles.jsonl(tmp_path / "p.jsonl.gz", products)
    monkeypatch.setattr("hearth.foods.off.BATCH", 10)
    whole = imports._off_slices

    def killed(path: Path, after: int) -> Iterator[Slice]:
        yield next(whole(path, after))
        raise KeyboardInterrupt

    monkeypatch.setattr(imports, "_off_slices", lambda path, after: breaking(killed(path, after)))
    with pytest.raises(ConnectionAbortedError):
        await import_off(db, path)
    monkeypatch.setattr(imports, "_off_slices", whole)
    report = await import_off(db, path)
    assert (report.resumed_at, report.rows_read, report.added) == (10, 25, 25)
    again = await import_off(db, path)
    assert (again.resumed_at, again.added, again.changed) == (0, 0, 0)


def breaking(slices: Iterator[Slice]) -> Iterator[Slice]:
    try:
        yield from slices
    except KeyboardInterrupt:
        raise ConnectionAbortedError from None


async def test_bad_rows_are_counted_once_when_an_import_goes_on(
    db: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = bundles.survey(tmp_path / "resumed.zip", published="2031-01-01")
    monkeypatch.setattr(imports, "BATCH", 1)
    whole = imports._usda_slices

    def killed(bundle: Bundle, after: int) -> Iterator[Slice]:
        yield next(whole(bundle, after))
        raise KeyboardInterrupt

    monkeypatch.setattr(
        imports, "_usda_slices", lambda bundle, after: breaking(killed(bundle, after))
    )
    with pytest.raises(ConnectionAbortedError):
        await import_usda(db, path)
    monkeypatch.setattr(imports, "_usda_slices", whole)
    report = await import_usda(db, path)
    assert (report.resumed_at, report.rows_read) == (1, 2)
    assert list(report.skipped.values()) == [2]


async def test_after_kill_9_the_rerun_goes_on_without_duplicates(
    db: Pool, shared_data: Path
) -> None:
    path = shared_data / "fdc-bundles/FoodData_Central_survey_food_csv_2020-10-30.zip"
    begun = (
        "import asyncio, sys; from pathlib import Path; from hearth.core.db import Pool;"
        " from hearth.foods.imports import import_usda;"
        " asyncio.run(import_usda(Pool(sys.argv[1]), Path(sys.argv[2])))"
    )
    command = [sys.executable, "-c", begun, db.dsn, str(path)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = await asyncio.create_subprocess_exec(*command, env=environment)
    for _ in range(3000):
        latest = await imports.past_imports(db)
        if latest and latest[0].file == path.name and latest[0].rows_read:
            break
        await asyncio.sleep(0.01)
    process.kill()
    await process.wait()
    report = await import_usda(db, path)
    assert report.rows_read == 7083
    assert 0 < report.resumed_at <= 5000
    assert report.added + report.changed <= 7083
    again = await import_usda(db, path)
    assert (again.added, again.changed) == (0, 0)


async def test_two_imports_at_once_are_told(db: Pool, tmp_path: Path) -> None:
    path = bundles.survey(tmp_path / "survey.zip")
    async with imports._alone(db):
        with pytest.raises(Conflict, match="running"):
            await import_usda(db, path)


async def test_branded_foods_that_cannot_be_are_counted(db: Pool, tmp_path: Path) -> None:
    path = bundles.branded(
        tmp_path / "b.zip",
        [
            (77001, "CRISP OATS", "036000291452", {1008: 450, 1004: 12}),
            (77002, "LEAD OATS", "", {1008: 9000}),
            (77003, "", "", {1008: 100}),
        ],
    )
    report = await import_usda(db, path)
    assert report.added == 1
    assert report.skipped == {
        "energy_kcal is more than 100 g of anything can hold": 1,
        "a food without a name or without its own key": 1,
    }
    found = await catalogue.by_barcode(db, None, "0 36000 29145 2")
    assert [food.id for food in found] == ["branded:77001"]


async def test_products_stay_in_their_own_table_with_attribution(db: Pool, tmp_path: Path) -> None:
    await import_off(db, bundles.jsonl(tmp_path / "p.jsonl.gz", [PRODUCT]))
    async with db.connection(SYSTEM) as connection:
        inside = await connection.fetchval("select count(*) from foods.food where id like 'off:%'")
    assert inside == 0
    assert "Open Food Facts" in (await food_of(db, "off:7310865004703")).source


async def test_commands_report_and_refuse(db: Pool, tmp_path: Path) -> None:
    path = bundles.sr_legacy(tmp_path / "sr.zip")
    seen: list[tuple[str, int]] = []
    (report,) = await commands.main_import(
        db,
        "usda",
        [str(path)],
        folder=tmp_path,
        say=lambda what, done, total: seen.append((what, done)),
    )
    assert report.rows_read == 1
    assert seen == [("importing sr.zip", 1)]
    status = await commands.main_status(db)
    assert status.imports[0].file == "sr.zip"
    assert {one.source for one in status.foods} >= {"sr", "off"}
    with pytest.raises(Invalid, match="Open Food Facts"):
        await commands.main_import(db, "off", [], folder=tmp_path)
    with pytest.raises(Invalid, match=r"nowhere\.zip"):
        await commands.main_import(db, "usda", [str(tmp_path / "nowhere.zip")], folder=tmp_path)


OFFICIAL = {
    "barcode": "code",
    "name": "product_name",
    "fat_g": "fat_100g",
    "sat_fat_g": "saturated-fat_100g",
    "carb_g": "carbohydrates_100g",
    "sugars_g": "sugars_100g",
    "fiber_g": "fiber_100g",
    "protein_g": "proteins_100g",
    "salt_g": "salt_100g",
    "alcohol_pct": "alcohol_100g",
}


def official_layout(sample: Path, path: Path) -> Path:
    """The 60,000 sample rows laid out as the official tab-separated dump."""
    with gzip.open(sample, "rt", encoding="utf-8", newline="") as file:
        rows = [
            [*(" ".join(row[name].split()) for name in OFFICIAL), row["energy_kcal_atwater"]]
            for row in csv.DictReader(file)
        ]
    return bundles.tab_separated(path, [*OFFICIAL.values(), "energy-kcal_100g"], rows)


async def test_sixty_thousand_products_are_imported(
    db: Pool, shared_data: Path, tmp_path: Path
) -> None:
    path = official_layout(shared_data / "off/off_2019_sample.csv.gz", tmp_path / "products.csv.gz")
    report = await import_off(db, path)
    assert report.rows_read == 60_000
    assert report.added + sum(report.skipped.values()) >= 59_000
    again = await import_off(db, path)
    assert (again.added, again.changed) == (0, 0)


def with_check(body: str) -> str:
    from hearth.foods.barcodes import check_digit

    return body + str(check_digit(body))


def test_two_downloads_are_told_apart(tmp_path: Path) -> None:
    one = bundles.jsonl(tmp_path / "a.jsonl.gz", [PRODUCT])
    other = bundles.jsonl(
        tmp_path / "b.jsonl.gz", [PRODUCT | {"nutriments": OLD | {"fat_100g": 4}}]
    )
    assert imports.fingerprint(one) == imports.fingerprint(one)
    assert imports.fingerprint(one) != imports.fingerprint(other)
