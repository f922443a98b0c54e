"""Which models there are, in which order they are tried, and what they may cost.

`AI_PROVIDERS=ollama,openai` names the providers in the order of fall-back; each is told by
variables of its own name: `AI_OPENAI_KEY`, `AI_OPENAI_MODEL`. docs/models.md has the table.
"""

import re
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final, Literal, get_args
from urllib.parse import urlsplit

import msgspec

from hearth.core.errors import Problem

Ability = Literal["ask", "see", "hear", "embed"]
Kind = Literal["ollama", "openai", "compatible", "gemini", "anthropic", "whisper"]
Structured = Literal["schema", "json", "none"]

MICRO: Final = 1_000_000
_NAME: Final = re.compile(r"[a-z][a-z0-9]{0,31}")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_NEEDS_KEY: Final = frozenset({"openai", "gemini", "anthropic"})
# The makers of these have no model without sight, so that one name does for both.
_SEES: Final = frozenset({"openai", "gemini", "anthropic"})
_PORTS: Final = {"http": 80, "https": 443}
_ADDRESSES: Final = {
    "ollama": "http://127.0.0.1:11434",
    "openai": "https://api.openai.com/v1",
    "gemini": "https://generativelanguage.googleapis.com/v1beta",
    "anthropic": "https://api.anthropic.com/v1",
}
ABILITIES: Final[dict[Kind, frozenset[Ability]]] = {
    "ollama": frozenset({"ask", "see", "embed"}),
    "openai": frozenset({"ask", "see", "hear", "embed"}),
    "compatible": frozenset({"ask", "see", "hear", "embed"}),
    "gemini": frozenset({"ask", "see", "hear", "embed"}),
    "anthropic": frozenset({"ask", "see"}),
    "whisper": frozenset({"hear"}),
}
"""What each kind of provider offers at all; a model must be named for it, too."""


class ConfigRefused(Problem):
    """A setting of the models is missing or not of its form; the message names it."""

    status = 503
    code = "setting_refused"
    title = "A setting was not accepted"


class Secret:
    """A key. It is read with `reveal()` alone: neither repr, str nor format shows it."""

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def reveal(self) -> str:
        """The key itself, for the header of a request."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return "Secret(set)" if self._text else "Secret(none)"


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """One provider. Prices are in the config's currency: for a million tokens, for a minute.

    A price of None is not known; what runs on this machine costs 0. `needs_consent`: what is sent
    leaves this machine, so that a person must have agreed to it.
    """

    name: str
    kind: Kind
    url: str = ""
    key: Secret = Secret()
    model: str = ""
    vision_model: str = ""
    audio_model: str = ""
    embed_model: str = ""
    path: str = ""
    timeout_s: float = 60.0
    max_tokens: int = 4096
    structured: Structured = "schema"
    price_in: float | None = None
    price_out: float | None = None
    price_minute: float | None = None
    needs_consent: bool = True

    @property
    def origin(self) -> str:
        """Scheme, machine and port that are asked; empty for what runs inside of Hearth."""
        parts = urlsplit(self.url)
        if not parts.hostname:
            return ""
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        is_usual = parts.port in (None, _PORTS.get(parts.scheme))
        return f"{parts.scheme}://{host}" + ("" if is_usual else f":{parts.port}")

    def model_for(self, ability: Ability) -> str:
        """The model that does this here; empty when none does."""
        if ability not in ABILITIES[self.kind]:
            return ""
        named = {"ask": self.model, "hear": self.audio_model, "embed": self.embed_model}
        if ability != "see":
            return named[ability]
        return self.vision_model or (self.model if self.kind in _SEES else "")


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """The providers in the order of fall-back, and the caps.

    Budgets are millionths of the currency in a calendar month (UTC), None for no cap; `cache_s` is
    how long answers are kept, 0 for not at all.
    """

    providers: tuple[Provider, ...] = ()
    currency: str = "EUR"
    budget_month_micro: int | None = None
    budget_person_micro: int | None = None
    cache_s: int = 86_400

    def able(self, ability: Ability) -> tuple[Provider, ...]:
        """The providers that can do this, in order."""
        return tuple(one for one in self.providers if one.model_for(ability))


# ------------------------------------------------------------------ reading

_FIELDS: Final[dict[str, type]] = {
    "KIND": str, "URL": str, "KEY": str, "KEY_FILE": str, "MODEL": str, "VISION_MODEL": str,
    "AUDIO_MODEL": str, "EMBED_MODEL": str, "PATH": str, "TIMEOUT_S": float, "MAX_TOKENS": int,
    "STRUCTURED": str, "PRICE_IN": float, "PRICE_OUT": float, "PRICE_MINUTE": float,
    "NEEDS_CONSENT": bool,
}  # fmt: skip


def read_config(environ: Mapping[str, str]) -> Config:
    """The models of an environment; without `AI_PROVIDERS` there are none.

    Reads files only where a `_KEY_FILE` names one. What is not of its form is `ConfigRefused`.
    """
    names = _names(environ.get("AI_PROVIDERS", ""))
    _refuse_unknown(names, environ)
    config = Config(
        providers=tuple(_provider(name, environ) for name in names),
        currency=_currency(environ.get("AI_CURRENCY") or "EUR"),
        budget_month_micro=_budget("AI_BUDGET_MONTH", environ),
        budget_person_micro=_budget("AI_BUDGET_PERSON_MONTH", environ),
        cache_s=_number("AI_CACHE_S", environ.get("AI_CACHE_S") or "86400", int),
    )
    if config.budget_month_micro is not None or config.budget_person_micro is not None:
        for provider in config.providers:
            _refuse_unpriced(provider)
    return config


def _names(text: str) -> list[str]:
    names = [part.strip().lower() for part in text.split(",") if part.strip()]
    for name in names:
        if not _NAME.fullmatch(name):
            raise ConfigRefused(
                f"AI_PROVIDERS names {name!r}: a provider's name is letters and digits, at most 32."
            )
    if len(set(names)) < len(names):
        raise ConfigRefused("AI_PROVIDERS names a provider twice: name each once, best first.")
    return names


def _refuse_unknown(names: Iterable[str], environ: Mapping[str, str]) -> None:
    """A mistyped variable would silently do nothing."""
    for variable in environ:
        for name in names:
            prefix = f"AI_{name.upper()}_"
            if variable.startswith(prefix) and variable[len(prefix) :] not in _FIELDS:
                known = ", ".join(prefix + field for field in _FIELDS)
                raise ConfigRefused(f"{variable} is not a setting. There are: {known}.")


def _provider(name: str, environ: Mapping[str, str]) -> Provider:
    prefix = f"AI_{name.upper()}_"
    given: dict[str, Any] = {
        field.lower(): _number(prefix + field, text, kind)
        for field, kind in _FIELDS.items()
        if (text := environ.get(prefix + field, "").strip())
    }
    given["key"] = Secret(_sendable(prefix, _key(prefix, given)))
    given.pop("key_file", None)
    given["kind"] = _kind(name, prefix, given)
    given["url"] = _address(given["kind"], prefix, given.get("url", ""))
    if given["kind"] == "whisper":
        given["audio_model"] = Path(given["path"]).name if given.get("path") else ""
    _refuse_incomplete(prefix, given)
    here = given["kind"] == "whisper" or _is_loopback(given["url"])
    if here:
        given = {"price_in": 0.0, "price_out": 0.0, "price_minute": 0.0} | given
    given.setdefault("needs_consent", not here)
    return Provider(name=name, **given)


def _key(prefix: str, given: Mapping[str, Any]) -> str:
    path = given.get("key_file")
    if not path:
        return str(given.get("key", ""))
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ConfigRefused(
            f"{prefix}KEY_FILE names {path}, which cannot be read: {why}."
        ) from None


def _sendable(prefix: str, key: str) -> str:
    """A key goes into a header, which carries letters of ASCII alone and no line's end."""
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigRefused(
            f"{prefix}KEY holds a character that no key has, such as a space, a line's end or a "
            "letter with an accent: copy it again."
        )
    return key


def _kind(name: str, prefix: str, given: Mapping[str, Any]) -> Kind:
    known = get_args(Kind)
    kind = given.get("kind", name if name in known else "compatible")
    if kind not in known:
        raise ConfigRefused(f"{prefix}KIND={kind!r} is none of {', '.join(known)}.")
    if given.get("structured", "schema") not in get_args(Structured):
        raise ConfigRefused(f"{prefix}STRUCTURED is none of {', '.join(get_args(Structured))}.")
    return kind  # type: ignore[no-any-return]


def _address(kind: Kind, prefix: str, url: str) -> str:
    if kind == "whisper":
        return ""
    url = (url or _ADDRESSES.get(kind, "")).rstrip("/")
    if not url:
        raise ConfigRefused(f"{prefix}URL is missing: the address of the server, with /v1.")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigRefused(f"{prefix}URL is not an http or https address.")
    if parts.username or parts.password or parts.query:
        raise ConfigRefused(f"{prefix}URL holds a secret or a query: put the key in {prefix}KEY.")
    return url


def _refuse_incomplete(prefix: str, given: Mapping[str, Any]) -> None:
    kind = given["kind"]
    if kind == "whisper":
        if not given.get("path"):
            raise ConfigRefused(f"{prefix}PATH is missing: the folder of a faster-whisper model.")
        return
    if kind in _NEEDS_KEY and not given["key"]:
        raise ConfigRefused(f"{prefix}KEY is missing: set it, or {prefix}KEY_FILE.")
    if not any(given.get(f"{use}model") for use in ("", "vision_", "audio_", "embed_")):
        raise ConfigRefused(
            f"{prefix}MODEL is missing: name a model of the provider (also {prefix}VISION_MODEL "
            f"for pictures, {prefix}AUDIO_MODEL for speech, {prefix}EMBED_MODEL for embeddings)."
        )


def _refuse_unpriced(provider: Provider) -> None:
    """A budget can only be kept where the cost is known."""
    prefix = f"AI_{provider.name.upper()}_"
    talks = any(provider.model_for(ability) for ability in ("ask", "see", "embed"))
    if talks and (provider.price_in is None or provider.price_out is None):
        raise ConfigRefused(
            f"A budget is set, but {prefix}PRICE_IN or {prefix}PRICE_OUT is not: "
            "give the price of a million tokens as the provider lists it."
        )
    by_tokens = provider.kind == "gemini" and provider.price_in is not None
    if provider.model_for("hear") and provider.price_minute is None and not by_tokens:
        raise ConfigRefused(f"A budget is set, but {prefix}PRICE_MINUTE is not: a minute's price.")


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _currency(text: str) -> str:
    if not _CURRENCY.fullmatch(text):
        raise ConfigRefused(f"AI_CURRENCY={text!r} is not a currency's three letters, as EUR.")
    return text


def _budget(variable: str, environ: Mapping[str, str]) -> int | None:
    text = environ.get(variable, "").strip()
    return round(_number(variable, text, float) * MICRO) if text else None


def _number(variable: str, text: str, kind: type) -> Any:
    """`text` as its kind; numbers are finite, not negative and below a million."""
    try:
        value: Any = msgspec.convert(text, kind, strict=False)
    except msgspec.ValidationError:
        raise ConfigRefused(f"{variable}={text!r} is not a {kind.__name__}.") from None
    if kind in (int, float) and not 0 <= value < MICRO:
        raise ConfigRefused(f"{variable}={text!r} is not a number from 0 to a million.")
    if variable.endswith(("TIMEOUT_S", "MAX_TOKENS")) and not value:
        raise ConfigRefused(f"{variable} must be more than 0.")
    return value
