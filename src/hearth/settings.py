"""Settings: one frozen struct, read once from the environment; secrets also from files.

`docs/settings.md` is the table of all of them; a test keeps the two equal.
"""

import fcntl
import os
import secrets
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_type_hints

import msgspec

from hearth.core.errors import Problem
from hearth.core.secrets import BadKeys, Vault, weak_secret

Environment = Literal["development", "production"]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
# More connections of one process than a PostgreSQL takes by itself are a slip of the finger.
Several = Annotated[int, msgspec.Meta(ge=1, le=100)]
Bytes = Annotated[int, msgspec.Meta(ge=1)]
MIB: Final = 1024 * 1024


class SettingRefused(Problem):
    """A setting is missing, weak or not of its form; the message names it."""

    status = 503
    code = "setting_refused"
    title = "A setting was not accepted"


def default_data() -> Path:
    """Where everything is kept when nobody says where: `data` here.

    Root's database runs as a user of its own, which may not enter root's private directories: below
    one of those it is /var/lib/hearth.
    """
    here = Path.cwd()
    closed = os.geteuid() == 0 and any(
        not part.stat().st_mode & 0o001 for part in (here, *here.parents)
    )
    return Path("/var/lib/hearth") if closed else Path("data")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What this installation was told. Sizes in bytes, durations in the unit of their name."""

    environment: Environment = "development"
    data: Path = msgspec.field(default_factory=default_data)
    host: str = "127.0.0.1"
    port: Port = 8000
    base_url: str = ""
    database_url: str = ""
    database_pool_size: Several = 8
    redis_url: str = ""
    storage_url: str = ""
    secret_key: str = ""
    encryption_keys: str = ""
    smtp_url: str = ""
    mail_from: str = ""
    cors_origin: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    metrics_networks: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    max_file_size: Bytes = 10 * MIB
    web_workers: Several = 1
    log_level: LogLevel = "INFO"
    maintenance_mode: bool = False

    @property
    def is_production(self) -> bool:
        """Whether weak settings are refused and logs are for machines."""
        return self.environment == "production"

    @property
    def address(self) -> str:
        """Where people find this Hearth."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.base_url or f"http://{host}:{self.port}"


VARIABLES: Final[dict[str, str]] = {
    "environment": "HEARTH_ENV",
    "data": "HEARTH_DATA",
    "host": "HEARTH_HOST",
    "port": "HEARTH_PORT",
    "base_url": "BASE_URL",
    "database_url": "DATABASE_URL",
    "database_pool_size": "DATABASE_POOL_SIZE",
    "redis_url": "REDIS_URL",
    "storage_url": "STORAGE_URL",
    "secret_key": "SECRET_KEY",
    "encryption_keys": "ENCRYPTION_KEYS",
    "smtp_url": "SMTP_URL",
    "mail_from": "MAIL_FROM",
    "cors_origin": "CORS_ORIGIN",
    "trusted_proxies": "TRUSTED_PROXIES",
    "metrics_networks": "METRICS_NETWORKS",
    "max_file_size": "MAX_FILE_SIZE",
    "web_workers": "WEB_WORKERS",
    "log_level": "LOG_LEVEL",
    "maintenance_mode": "MAINTENANCE_MODE",
}
"""The environment variable of each setting."""

SCHEMES: Final[dict[str, tuple[str, ...]]] = {
    "base_url": ("http://", "https://"),
    "database_url": ("postgresql://", "postgres://"),
    "redis_url": ("redis://", "rediss://", "unix://"),
    "storage_url": ("file:///", "s3://"),
    "smtp_url": ("smtp://", "smtps://"),
}
"""How the address in a setting may begin."""

SECRETS: Final = frozenset(
    {"database_url", "redis_url", "secret_key", "encryption_keys", "smtp_url"}
)
"""Settings that may also come from a file: `SECRET_KEY_FILE` holds the path."""


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings of an environment. A value that is not of its form is `SettingRefused`."""
    given: dict[str, Any] = {}
    for field, variable in VARIABLES.items():
        text = _text(field, variable, environ)
        if text:
            given[field] = _value(field, variable, text)
            _check(field, variable, given[field])
    if given.get("smtp_url") and not given.get("mail_from"):
        raise SettingRefused("MAIL_FROM is missing: SMTP_URL is set, and mail needs a sender.")
    return Settings(**given)


def _check(field: str, variable: str, value: Any) -> None:
    """Refuse by name here what would fail later and deep inside. A secret is not repeated."""
    schemes = SCHEMES.get(field, ("",))
    if isinstance(value, str) and not value.startswith(schemes):
        raise SettingRefused(f"{variable} must begin with {' or '.join(schemes)}.")
    if field in ("trusted_proxies", "metrics_networks"):
        for part in value:
            _check_network(variable, part)
    if field == "encryption_keys":
        try:
            Vault(value)
        except BadKeys as error:
            raise SettingRefused(f"{variable} was not accepted: {error}") from None


def _check_network(variable: str, text: str) -> None:
    try:
        ip_network(text, strict=False)
    except ValueError:
        raise SettingRefused(f"{variable}: {text!r} is not a network such as 10.0.0.0/8.") from None


def environment_of(settings: Settings) -> dict[str, str]:
    """What a child process needs to read the same settings, beside what it inherits."""
    return {
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "HEARTH_DATA": str(settings.data.absolute()),
        "HEARTH_HOST": settings.host,
        "HEARTH_PORT": str(settings.port),
    }


def with_secrets(settings: Settings) -> Settings:
    """The settings with a secret that can be relied on.

    In production it must be given and be strong: one that lies beside the data protects nothing.
    In development it is made once and kept in the data directory, readable by its owner alone.
    """
    if settings.is_production:
        return _strong(settings)
    if settings.secret_key:
        return settings
    path = settings.data / "secret_key"
    kept = path.read_text(encoding="ascii").strip() if path.exists() else ""
    return msgspec.structs.replace(settings, secret_key=kept or _made(path))


def _strong(settings: Settings) -> Settings:
    if not settings.secret_key:
        raise SettingRefused(
            "SECRET_KEY is missing. Set it, or SECRET_KEY_FILE, to 32 or more random characters."
        )
    why = weak_secret(settings.secret_key)
    if why:
        raise SettingRefused(
            f"SECRET_KEY is too weak: {why}. Set it to 32 or more random characters."
        )
    if not settings.base_url.startswith("https://"):
        raise SettingRefused("BASE_URL must begin with https:// in production: logins go over it.")
    return settings


def _made(path: Path) -> str:
    """A new secret, kept where only its owner may read it. Of several processes at once, one
    makes it and the others wait and take it; an empty file, left by a full disk, is filled."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        kept = file.read().strip()
        if not kept:
            kept = secrets.token_urlsafe(48)
            file.write(kept + "\n")
            file.flush()
    return kept


def _text(field: str, variable: str, environ: Mapping[str, str]) -> str:
    if environ.get(variable):
        return environ[variable]
    path = environ.get(f"{variable}_FILE") if field in SECRETS else None
    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingRefused(
            f"{variable}_FILE names {path}, which cannot be read: {error.strerror}."
        ) from None


_KINDS: Final = get_type_hints(Settings, include_extras=True)


def _value(field: str, variable: str, text: str) -> Any:
    kind = _KINDS[field]
    if kind == tuple[str, ...]:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    try:
        return msgspec.convert(Path(text) if kind is Path else text, kind, strict=False)
    except msgspec.ValidationError as error:
        given = variable if field in SECRETS else f"{variable}={text!r}"
        raise SettingRefused(f"{given} was not accepted: {error}.") from None
