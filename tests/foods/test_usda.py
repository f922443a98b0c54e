from pathlib import Path
from types import SimpleNamespace

import pytest

from hearth.core.errors import Invalid
from hearth.foods.usda import Bundle, read_bundle
from tests.foods import bundles


def test_a_survey_download_is_read(tmp_path: Path) -> None:
    milk, stew = read_bundle(bundles.survey(tmp_path / "survey.zip"))
    assert milk.id == "fndds:99100000"
    assert milk.nutrients == {"energy_kcal": 52, "protein_g": 3.33, "carb_g": 4.8, "fat_g": 2.1}
    assert milk.aliases == ("moo juice", "leche")
    assert milk.category == "Milk, reduced fat"
    assert [(p.label, p.grams, p.is_default) for p in milk.portions] == [
        ("1 cup", 244, True), ("1 fl oz", 30.5, False),
    ]  # fmt: skip
    assert milk.density_g_ml == pytest.approx(1.0313, abs=1e-4)
    assert stew.name == 'Test stew, with "quotes", and commas'


def test_an_amount_that_is_no_number_is_unknown_and_counted(tmp_path: Path) -> None:
    with Bundle.opened(bundles.survey(tmp_path / "survey.zip", raw='"9","9001"\n')) as bundle:
        foods = [one.food for one in bundle.foods()]
        skipped = dict(bundle.skipped)
    assert foods[1].nutrients == {"energy_kcal": 100}
    assert skipped["food_nutrient.csv: the amount is not a number from 0 to 1,000,000"] == 2
    assert skipped["food_nutrient.csv: missing columns"] == 1


def test_an_ingredient_table_is_read(tmp_path: Path) -> None:
    (fruit,) = read_bundle(bundles.sr_legacy(tmp_path / "sr.zip"))
    assert fruit.id == "sr:00901"
    assert fruit.category == "Fruits and Fruit Juices"
    assert [(p.label, p.grams, p.unit) for p in fruit.portions] == [
        ("1 cup sliced", 110, "cup"), ("1 oz", 28.333, "oz"),
    ]  # fmt: skip


def test_a_branded_download_is_read(tmp_path: Path) -> None:
    path = bundles.branded(tmp_path / "b.zip", [(7, "OAT BISCUITS", "036000291452", {1008: 450})])
    (biscuits,) = read_bundle(path)
    assert biscuits.id == "branded:7"
    assert biscuits.barcode == "0036000291452"
    assert biscuits.brand == "EXAMPLE"
    assert biscuits.portions[0].label == "1 serving (2 biscuits)"


def test_an_unpacked_folder_is_read_as_well(tmp_path: Path) -> None:
    import zipfile

    zipfile.ZipFile(bundles.sr_legacy(tmp_path / "sr.zip")).extractall(tmp_path)
    assert [food.id for food in read_bundle(tmp_path / "sr")] == ["sr:00901"]


def test_a_zip_that_would_fill_the_disk_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = bundles.sr_legacy(tmp_path / "sr.zip")
    monkeypatch.setattr("shutil.disk_usage", lambda folder: SimpleNamespace(free=10))
    with pytest.raises(Invalid, match="Make room"):
        list(read_bundle(path))


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    path = bundles.sr_legacy(tmp_path / "sr.zip")
    packed = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = packed.find(mark)
        while place >= 0:
            packed[place + flags] |= 1
            place = packed.find(mark, place + 1)
    path.write_bytes(packed)
    with pytest.raises(Invalid, match="Download it again"):
        list(read_bundle(path))


def test_what_is_no_download_is_refused_with_the_way_out(tmp_path: Path) -> None:
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04 not really")
    other = bundles.zipped(tmp_path / "other.zip", {"cats": (("a",), [("b",)])})
    for path in (tmp_path / "missing.zip", broken, other):
        with pytest.raises(Invalid, match=path.name):
            list(read_bundle(path))


@pytest.mark.parametrize(
    ("name", "foods", "key"),
    [
        ("FoodData_Central_survey_food_csv_2024-10-31.zip", 5432, "fndds:11100000"),
        ("FoodData_Central_sr_legacy_food_csv_2018-04.zip", 8789, "sr:01001"),
        ("FoodData_Central_foundation_food_csv_2025-04-24.zip", 340, "foundation:321360"),
    ],
)
def test_the_official_layouts_are_read_whole(
    shared_data: Path, name: str, foods: int, key: str
) -> None:
    found = {food.id: food for food in read_bundle(shared_data / "fdc-bundles" / name)}
    assert len(found) == foods
    assert found[key].nutrients["protein_g"] > 0
