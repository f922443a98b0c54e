"""The rules of tests/rules/source.py hold, and each finds its planted violation."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from . import source

LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package, in which violations are planted."""
    shutil.copytree(
        source.SOURCE, tmp_path / "hearth", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(source.ROOT / "pyproject.toml", tmp_path)
    return tmp_path / "hearth"


def plant(copy: Path, module: str, line: str) -> None:
    path = copy / module
    path.write_text(f"{line}\n{path.read_text(encoding='utf-8')}", encoding="utf-8")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT_IMPORTS, "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin"},
        check=False,
        timeout=120,
    )


def test_imports_point_down(copy: Path) -> None:
    done = lint(copy.parent)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("core/values.py", "import hearth.people", "Imports point down"),
        ("foods/nutrients.py", "import hearth.diary", "Imports point down"),
        ("people/persons.py", "import hearth.web", "Imports point down"),
        ("foods/nutrients.py", "import hearth.settings", "Settings are passed"),
    ],
)
def test_a_planted_import_is_caught(copy: Path, module: str, line: str, contract: str) -> None:
    plant(copy, module, line)
    done = lint(copy.parent)
    assert done.returncode == 1
    broken = [text for text in done.stdout.splitlines() if "BROKEN" in text]
    assert any(contract in text for text in broken), done.stdout


def test_nobody_imports_past_a_front_door(copy: Path) -> None:
    assert source.past_the_door() == []
    plant(copy, "diary/meals.py", "from hearth.foods.nutrients import CODES as _canary")
    assert source.past_the_door(copy)


def test_libraries_stay_behind_their_doors(copy: Path) -> None:
    assert source.misplaced_libraries() == []
    for module, line in [
        ("foods/foods.py", "import litestar"),
        ("diary/meals.py", "import asyncpg"),
        ("foods/foods.py", "import openai"),
    ]:
        plant(copy, module, line)
    assert len(source.misplaced_libraries(copy)) == 3


def test_files_and_functions_stay_short(tmp_path: Path) -> None:
    assert source.oversized(source.SOURCE, 400) == []
    assert source.oversized(source.ROOT / "tests", 600) == []
    (tmp_path / "long.py").write_text("def long():\n" + "    a = 1\n" * 401)
    assert len(source.oversized(tmp_path, 400)) == 2


def test_rooms_are_named_for_nouns(tmp_path: Path) -> None:
    assert source.empty_names() == []
    (tmp_path / "utils.py").touch()
    assert source.empty_names(tmp_path)


def test_nothing_is_left_undone(tmp_path: Path) -> None:
    assert source.unfinished() == []
    (tmp_path / "a.py").write_text("x = 1  # TO" + "DO later\n")
    assert source.unfinished(tmp_path)
