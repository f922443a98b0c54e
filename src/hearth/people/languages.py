"""The languages that Hearth speaks, and their catalogues of texts."""

import gettext
from functools import cache
from pathlib import Path
from typing import Final

LOCALES: Final = ("en", "sv", "sr-Latn", "sr-Cyrl")
"""BCP 47 tags, as in HTML. Catalogues are in `locales/<tag with _>/LC_MESSAGES/hearth.mo`."""

DEFAULT_LOCALE: Final = "en"


def locale_of(wanted: str) -> str | None:
    """The locale for a language tag: `sr` and `sr-RS` are Cyrillic; None when it is not spoken."""
    tag = wanted.strip().replace("_", "-").casefold()
    for locale in LOCALES:
        if tag == locale.casefold() or tag.startswith(f"{locale.casefold()}-"):
            return locale
    if tag == "sr" or tag.startswith("sr-"):
        return "sr-Latn" if "latn" in tag else "sr-Cyrl"
    return None


@cache
def translations(locale: str) -> gettext.NullTranslations:
    """The texts of a locale; the English of the source where there is no catalogue."""
    name = locale.replace("-", "_")
    return gettext.translation("hearth", _catalogues(), languages=[name], fallback=True)


def _catalogues() -> Path:
    # Installed, the catalogues are inside the package; in a checkout, beside `src`.
    package = Path(__file__).parent.parent
    inside = package / "locales"
    return inside if inside.is_dir() else package.parent.parent / "locales"
