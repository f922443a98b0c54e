"""The languages that Hearth speaks, and their catalogues of texts."""

import gettext
import re
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hearth.core.migrate import resources
from hearth.core.serbian import to_latin

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

LOCALES: Final = ("en", "sv", "sr-Latn", "sr-Cyrl")
"""BCP 47 tags, as in HTML. The catalogue of one is `locales/<tag with _>/LC_MESSAGES/hearth.po`."""

DEFAULT_LOCALE: Final = "en"
"""The language of the source; it needs no catalogue."""

_DERIVED: Final = {"sr-Latn": "sr-Cyrl"}
# A place such as {0} in a text that went through `re.escape`.
_PLACE: Final = re.compile(r"\\\{\d\\\}")


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
    path = _catalogue(locale)
    if not path.is_file():
        return gettext.NullTranslations()
    # Imported when first needed: a command that shows no page does not pay for it.
    from babel.messages.mofile import write_mo

    catalog = _read(path)
    for message in catalog if locale in _DERIVED else ():
        # The entry without an id is the header, which is no text.
        if message.id and message.string:
            message.string = _in_latin(message.string)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def reworded(locale: str, text: str) -> str:
    """A finished English sentence in another language, whatever values stand in it.

    Refusals are written where they arise, where nobody knows the reader's language: "“many” is no
    number." is "“{0}” is no number." in the catalogues. The text itself when they do not have it.
    """
    known = translations(locale).gettext(text) if text else ""
    if known != text:
        return known
    for pattern, words in _patterns(locale):
        if found := pattern.fullmatch(text):
            return words.format(*found.groups())
    return text


@cache
def _patterns(locale: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    path, texts = _catalogue(locale), translations(locale)
    ids = [message.id for message in _read(path)] if path.is_file() else []
    return tuple(
        (re.compile(_PLACE.sub("(.+?)", re.escape(id_)), re.DOTALL), texts.gettext(id_))
        for id_ in ids
        if isinstance(id_, str) and "{0}" in id_
    )


def _catalogue(locale: str) -> Path:
    name = _DERIVED.get(locale, locale).replace("-", "_")
    return resources("locales") / name / "LC_MESSAGES" / "hearth.po"


def _read(path: Path) -> "Catalog":
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        return read_po(file, locale=path.parents[1].name)


def _in_latin(string: str | list[str] | tuple[str, ...]) -> str | tuple[str, ...]:
    return to_latin(string) if isinstance(string, str) else tuple(to_latin(one) for one in string)
