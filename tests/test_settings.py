"""Settings: the table in the docs is the truth, values have a form, production is strict."""

import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hearth.settings import (
    SECRETS,
    VARIABLES,
    SettingRefused,
    Settings,
    read_settings,
    with_secrets,
)

TABLE = Path(__file__).parents[1] / "docs" / "settings.md"
STRONG = "k7Q-v2_xN9pLr4TzWb8YdFh3JmUe6Gs1"


def documented() -> dict[str, str]:
    """The variables of the table, with the word in the column for secrets."""
    rows = re.findall(
        r"^\| `([A-Z_]+)` \|.*\| *(\w*) *\|$", TABLE.read_text(encoding="utf-8"), re.MULTILINE
    )
    return dict(rows)


def test_the_table_and_the_code_are_equal() -> None:
    assert set(documented()) == set(VARIABLES.values())
    assert set(VARIABLES) == set(Settings.__struct_fields__)
    secret = {name for name, word in documented().items() if word == "yes"}
    assert secret == {VARIABLES[field] for field in SECRETS}


def test_values_are_read_and_defaults_stand() -> None:
    settings = read_settings(
        {"HEARTH_PORT": "8080", "CORS_ORIGIN": "https://a.example, https://b.example"}
    )
    assert settings.port == 8080
    assert settings.cors_origin == ("https://a.example", "https://b.example")
    assert settings.max_file_size == 10 * 1024 * 1024


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HEARTH_PORT", "eighty"),
        ("HEARTH_PORT", "99999"),
        ("HEARTH_ENV", "staging"),
        ("MAINTENANCE_MODE", "perhaps"),
        ("WEB_WORKERS", "0"),
        ("DATABASE_POOL_SIZE", "0"),
        ("LOG_LEVEL", "LOUD"),
        ("TRUSTED_PROXIES", "10.0.0.0/8, somewhere"),
        ("METRICS_NETWORKS", "10.0.0.1/99"),
        ("DATABASE_URL", "mysql://hearth:hunter2-hunter2@db/hearth"),
        ("REDIS_URL", "memcached://:hunter2-hunter2@cache"),
        ("STORAGE_URL", "ftp://files"),
        ("ENCRYPTION_KEYS", "a:hunter2-hunter2"),
        ("SMTP_URL", "mail.example.org:hunter2-hunter2"),
    ],
)
def test_a_value_of_the_wrong_form_is_refused_by_name(variable: str, value: str) -> None:
    with pytest.raises(SettingRefused, match=variable) as refused:
        read_settings({variable: value})
    assert "hunter2" not in refused.value.detail


def test_mail_needs_a_sender() -> None:
    given = {"SMTP_URL": "smtp://mail.example.org"}
    with pytest.raises(SettingRefused, match="MAIL_FROM"):
        read_settings(given)
    assert read_settings(given | {"MAIL_FROM": "hearth@example.org"}).smtp_url


def test_a_secret_comes_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(STRONG + "\n")
    assert read_settings({"SECRET_KEY_FILE": str(tmp_path / "key")}).secret_key == STRONG
    with pytest.raises(SettingRefused, match="SECRET_KEY_FILE"):
        read_settings({"SECRET_KEY_FILE": str(tmp_path / "none")})


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({}, "SECRET_KEY is missing"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is too weak"),
        ({"SECRET_KEY": "change-me-" * 5}, "SECRET_KEY is too weak"),
        ({"SECRET_KEY": STRONG}, "BASE_URL"),
        ({"SECRET_KEY": STRONG, "BASE_URL": "http://hearth.example"}, "BASE_URL"),
    ],
)
def test_production_refuses_and_says_which(given: dict[str, str], wrong: str) -> None:
    with pytest.raises(SettingRefused, match=wrong):
        with_secrets(read_settings({"HEARTH_ENV": "production"} | given))


def test_production_accepts_what_is_strong() -> None:
    given = {"HEARTH_ENV": "production", "SECRET_KEY": STRONG, "BASE_URL": "https://hearth.example"}
    assert with_secrets(read_settings(given)).secret_key == STRONG


def test_development_keeps_the_secret_that_it_made(tmp_path: Path) -> None:
    settings = read_settings({"HEARTH_DATA": str(tmp_path / "data")})
    first = with_secrets(settings).secret_key
    assert len(first) >= 32
    assert with_secrets(settings).secret_key == first
    assert stat.S_IMODE((tmp_path / "data" / "secret_key").stat().st_mode) == 0o600


def test_of_many_that_make_the_secret_at_once_all_have_the_same(tmp_path: Path) -> None:
    settings = read_settings({"HEARTH_DATA": str(tmp_path)})
    for _ in range(20):
        (tmp_path / "secret_key").unlink(missing_ok=True)
        with ThreadPoolExecutor(8) as threads:
            made = set(threads.map(lambda _: with_secrets(settings).secret_key, range(8)))
        assert len(made) == 1
    (tmp_path / "secret_key").write_text("")
    assert len(with_secrets(settings).secret_key) >= 32
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]
