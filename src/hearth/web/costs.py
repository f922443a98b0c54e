"""What models cost, in words and figures for a reader. A price that nobody stated is unknown."""

from typing import Final

from babel.numbers import format_decimal

from hearth.ai import Service
from hearth.web.shown import Shown
from hearth.web.templates import gettext, spoken_locale

MICRO: Final = 1_000_000
MAKERS: Final = {
    "openai": "OpenAI",
    "gemini": "Google Gemini",
    "anthropic": "Anthropic",
    "ollama": "Ollama",
    "whisper": "faster-whisper",
}


def maker_of(service: Service) -> str:
    """Whose a model is, as people know it; of a server of the owner's own, what they call it."""
    return MAKERS.get(service.kind, service.name)


def money(shown: Shown, cost_micro: int | None, currency: str) -> str:
    """An amount in millionths of a currency; unknown is a word, and a little is not nothing."""
    if cost_micro is None:
        return gettext("unknown")
    digits = 2 if cost_micro >= MICRO else 4
    smallest = MICRO // 10**digits
    if 0 < cost_micro < smallest:
        return f"< {_decimal(shown, smallest / MICRO, digits)} {currency}"
    return f"{_decimal(shown, cost_micro / MICRO, digits)} {currency}"


def price_words(service: Service) -> list[str]:
    """What asking a provider costs this house's owner, a sentence each."""
    prices = (service.price_in, service.price_out, service.price_minute)
    if not any(price is None or price for price in prices):
        return [gettext("It costs nothing.")]
    said = [_tokens_words(service), _minute_words(service)]
    return [one for one in said if one] or [gettext("What it costs is not known here.")]


def _tokens_words(service: Service) -> str:
    if not {"words", "pictures"} & set(service.takes):
        return ""
    if service.price_in is None or service.price_out is None:
        return gettext("What it costs is not known here.")
    shown = Shown(locale=spoken_locale())
    return gettext(
        "It costs the owner of this Hearth %(sent)s for a million tokens sent and %(answered)s for "
        "a million answered; a picture is one to three thousand tokens."
    ) % {
        "sent": money(shown, round(service.price_in * MICRO), service.currency),
        "answered": money(shown, round(service.price_out * MICRO), service.currency),
    }


def _minute_words(service: Service) -> str:
    if "sound" not in service.takes or service.price_minute is None:
        return ""
    shown = Shown(locale=spoken_locale())
    price = money(shown, round(service.price_minute * MICRO), service.currency)
    return gettext("A minute of speech costs %(price)s.") % {"price": price}


def _decimal(shown: Shown, value: float, digits: int) -> str:
    pattern = "#,##0.00" + "#" * (digits - 2)
    return str(format_decimal(round(value, digits) + 0.0, pattern, locale=shown.babel))
