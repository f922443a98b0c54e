"""Consumer words and the catalogue's words for them, read from the word lists beside this file.

Each line: what people say, a tab, what catalogues say; alternatives stand between "|". General
knowledge only.
"""

from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Final

from hearth.recognition.words import folded, inflection, listed

LOCALES: Final = ("en", "sv", "sr")
_LONGEST: Final = 4
_Entry = tuple[tuple[str, ...], ...]


@lru_cache(maxsize=8)
def _entries(locale: str) -> dict[tuple[str, ...], _Entry]:
    """Catalogue words by said words (folded; Swedish and Serbian also by their stems)."""
    entries: dict[tuple[str, ...], _Entry] = {}
    table = (files("hearth.recognition") / f"words_{locale}.tsv").read_text(encoding="utf-8")
    for line in table.splitlines():
        if not line or line.startswith("#"):
            continue
        said, meant = line.split("\t")
        options = tuple(tuple(option.split()) for option in meant.split("|"))
        for spelling in said.split("|"):
            key = tuple(folded(word) for word in spelling.split())
            entries[key] = options
            if locale != "en":
                entries.setdefault(tuple(inflection(word, locale) for word in key), options)
    return entries


def rewritten(norms: Sequence[str], locale: str) -> tuple[list[list[str]], bool]:
    """The words with consumer words replaced, once for the first option and once for the second;
    and whether anything was replaced."""
    first: list[str] = []
    second: list[str] = []
    place, changed = 0, False
    while place < len(norms):
        length, options = _longest(norms, place, locale)
        if options:
            changed = True
            first.extend(options[0])
            second.extend(options[min(1, len(options) - 1)])
        else:
            first.append(norms[place])
            second.append(norms[place])
        place += length
    return ([first] if first == second else [first, second]), changed


def _longest(norms: Sequence[str], place: int, locale: str) -> tuple[int, _Entry | None]:
    """The longest entry that begins at `place`, by its words, then by their stems."""
    entries = _entries(locale)
    for length in range(min(_LONGEST, len(norms) - place), 0, -1):
        key = tuple(norms[place : place + length])
        options = entries.get(key)
        if options is None and locale != "en":
            options = entries.get(tuple(inflection(word, locale) for word in key))
        if options is not None:
            return length, options
    return 1, None


_MARKS: Final[dict[str, frozenset[str]]] = {
    "en": listed("the with and of for my had have an was were slice cup two three bread at in"),
    "sv": listed(
        "och med jag till ett en tva tre fyra skiva skivor frukost lunch middag at drack har "
        "kopp "
        "glas stor liten halv brod ost agg mjolk smorgas matsked msk tallrik portion utan"
    ),
    "sr": listed(
        "sa sam dva dve tri cetiri pet za dorucak rucak veceru jeo jela popio parce kasika "
        "kasike "
        "kasiku solja solju casa casu jedan jedna jednu hleba sira jaja mleka komad tanjir bez uz "
        "ulja kafa kafu pola"
    ),
}


_LETTERS: Final = {"sv": frozenset("åäö"), "sr": frozenset("čćšžđ")}


def spoken(text: str, norms: Sequence[str], locale: str) -> str:
    """The language of a text: Cyrillic is Serbian, else `locale` unless its words say another."""
    if any("\u0400" <= letter <= "\u04ff" for letter in text):
        return "sr"
    asked = "sr" if locale.lower().startswith("sr") else locale.lower()[:2]
    asked = asked if asked in LOCALES else "en"
    letters = set(text.lower())
    counts = {
        name: sum(norm in marks for norm in norms) + bool(_LETTERS.get(name, frozenset()) & letters)
        for name, marks in _MARKS.items()
    }
    best = max(LOCALES, key=lambda name: (counts[name], name == asked))
    # One word alone is of the person's own language: "med" is honey in Serbian.
    return best if counts[best] > counts[asked] and len(norms) > 1 else asked
