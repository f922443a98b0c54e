"""The evaluation: its arithmetic, and a small run on the public benchmark where it is at hand."""

import csv
import os
from pathlib import Path

import pytest

from hearth.core.errors import Invalid
from hearth.recognition import nutribench

SHARED = Path(os.environ.get("HEARTH_SHARED_DATA", "../shared/data"))
MEALS = SHARED / "nutribench" / "dev_v1.csv.gz"
TABLE = SHARED / "fdc-bundles" / "FoodData_Central_survey_food_csv_2020-10-30.zip"


def _write(file: Path, rows: list[dict[str, str]]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return file


def test_scores_of_a_small_file(tmp_path: Path) -> None:
    right = {"carb_g": "20.2", "protein_g": "0.7", "fat_g": "0.2", "energy_kcal": "95"}
    wrong = {"carb_g": "90", "protein_g": "0", "fat_g": "0", "energy_kcal": "900"}
    rows = [
        {"id": "1", "subset": "a", "description": "100 g banana", **right},
        {"id": "2", "subset": "b", "description": "100 g banana", **wrong},
    ]
    report = nutribench(_write(tmp_path / "meals.csv", rows), out=tmp_path / "out.csv")
    assert report.scores is not None
    assert report.scores.n == 2
    assert report.answered == 1.0
    assert report.scores.carb_within_7_5_g == 0.5
    assert report.subsets["a"].carb_within_7_5_g == 1.0
    assert 0 < report.scores.energy_interval_width < 0.5
    assert report.subsets["a"].energy_interval_holds == 1.0
    assert report.subsets["b"].energy_interval_holds == 0.0
    with (tmp_path / "out.csv").open(encoding="utf-8") as lines:
        written = list(csv.DictReader(lines))
    assert [row["id"] for row in written] == ["1", "2"]
    assert (
        float(written[0]["carb_low"]) < float(written[0]["carb_g"]) < float(written[0]["carb_high"])
    )


def test_a_file_without_labels_is_read_all_the_same(tmp_path: Path) -> None:
    file = _write(tmp_path / "meals.csv", [{"id": "1", "description": "hello"}])
    report = nutribench(file, out=tmp_path / "out.csv")
    assert report.scores is None
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").count("\n") == 2


def test_a_file_without_descriptions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="description"):
        nutribench(_write(tmp_path / "meals.csv", [{"id": "1", "text": "egg"}]))


def test_the_public_benchmark() -> None:
    if not (MEALS.exists() and TABLE.exists()):
        pytest.skip(f"skipped, because {MEALS} or {TABLE.name} is not there (HEARTH_SHARED_DATA)")
    report = nutribench(MEALS, [TABLE], limit=200)
    assert report.scores is not None
    assert report.answered == 1.0
    assert report.scores.n == 200
    assert report.scores.carb_within_7_5_g >= 0.70
