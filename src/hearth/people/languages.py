"""The languages that Hearth speaks, and their catalogues of texts."""

import gettext
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

from hearth.core.migrate import resources
from hearth.core.serbian import to_latin

LOCALES: Final = ("en", "sv", "sr-Latn", "sr-Cyrl")
"""BCP 47 tags, as in HTML. The catalogue of one is `locales/<tag with _>/LC_MESSAGES/hearth.po`."""

DEFAULT_LOCALE: Final = "en"
"""The language of the source; it needs no catalogue."""

_DERIVED: Final = {"sr-Latn": "sr-Cyrl"}


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
    """The texts of a locale; the English of the source where there is no catalogue.

    The catalogue is compiled in memory when its language is first asked for. Serbian in Latin
    letters has no catalogue of its own: it is the Cyrillic one, transliterated.
    """
    name = _DERIVED.get(locale, locale).replace("-", "_")
    path = resources("locales") / name / "LC_MESSAGES" / "hearth.po"
    return (
        _compiled(path, latin=locale in _DERIVED) if path.is_file() else gettext.NullTranslations()
    )


def _compiled(path: Path, *, latin: bool) -> gettext.GNUTranslations:
    # Imported when first needed: a command that shows no page does not pay for it.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        catalog = read_po(file, locale=path.parents[1].name)
    for message in catalog if latin else ():
        # The entry without an id is the header, which is no text.
        if message.id and message.string:
            message.string = _in_latin(message.string)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _in_latin(string: str | list[str] | tuple[str, ...]) -> str | tuple[str, ...]:
    return to_latin(string) if isinstance(string, str) else tuple(to_latin(one) for one in string)
