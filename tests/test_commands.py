"""The command line, as a person in a terminal meets it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COMMANDS = [
    ["up"], ["serve"], ["work"], ["migrate"], ["read"], ["eval"], ["foods", "import"], ["foods", "status"],
    ["admin", "grant"], ["admin", "password"],
]  # fmt: skip


def hearth(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    return subprocess.run(
        [sys.executable, "-m", "hearth", *arguments],
        cwd=ROOT, env=kept | {"PYTHONPATH": str(ROOT / "src")} | environment,
        capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_shows_an_example(command: list[str]) -> None:
    done = hearth(*command, "--help")
    assert done.returncode == 0
    assert "example:" in done.stdout


def test_a_meal_is_read_with_no_server() -> None:
    done = hearth("read", "two scrambled eggs, a slice of rye bread with butter and a large latte")
    assert done.returncode == 0, done.stderr
    for food in ("Scrambled eggs", "Rye bread", "Butter", "latte"):
        assert food in done.stdout
    assert "80 % sure" in done.stdout


@pytest.mark.parametrize(
    ("text", "locale", "grams"),
    [
        ("200 g piletine i kašika ulja", "sr-Latn", 200),
        ("200 г пилетине и кашика уља", "sr-Cyrl", 200),
        ("två skivor knäckebröd med ost", "sv", 24),
    ],
)
def test_a_reading_as_json_in_other_languages(text: str, locale: str, grams: float) -> None:
    done = hearth("read", text, "--locale", locale, "--json")
    reading = json.loads(done.stdout)
    assert len(reading["items"]) == 2
    assert reading["items"][0]["grams"] == pytest.approx(grams, rel=0.01)
    assert reading["items"][0]["alternatives"]


def test_no_food_is_said_and_exits_with_1() -> None:
    done = hearth("read", "qwertyuiop")
    assert done.returncode == 1
    assert "Name a food" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["read"],
        ["nonsense"],
        ["up", "--port", "99999"],
        ["eval", "other", "x"],
        ["foods", "import", "nowhere"],
    ],
    ids=" ".join,
)
def test_misuse_exits_with_2(arguments: list[str]) -> None:
    done = hearth(*arguments)
    assert done.returncode == 2
    assert "usage:" in done.stderr


def test_a_refusal_is_one_sentence_without_a_traceback(tmp_path: Path) -> None:
    for arguments in (
        ["eval", "nutribench", str(tmp_path / "none.csv")],
        ["foods", "status"],
        ["read", "a" * 3000],
    ):
        done = hearth(*arguments, DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")
        assert done.returncode == 1, done.stdout + done.stderr
        assert done.stderr.startswith("hearth: ")
        assert "Traceback" not in done.stderr


def test_a_setting_of_the_wrong_form_is_named() -> None:
    done = hearth("up", HEARTH_PORT="eighty")
    assert done.returncode == 1
    assert "HEARTH_PORT" in done.stderr
