"""The words that the embedded recogniser can hear: its own dictionary, changed by two lists.

Added are food words that it lacks; taken out are words that it must never write of its own accord:
what it cannot hear it cannot invent, and the next best word comes in their place.
"""

import re
import unicodedata
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from pocketsphinx import get_model_path

_HOME: Final = "hearth.recognition.voice"


def plain(word: str) -> str:
    """A word in small letters without accents, as the dictionary spells it."""
    bare = unicodedata.normalize("NFKD", word.lower())
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


def _lines(name: str) -> list[str]:
    lines = (files(_HOME) / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


@cache
def denied() -> frozenset[str]:
    """The words that are never written."""
    return frozenset(word for line in _lines("denied_en.txt") for word in line.split())


def _is_denied(entry: str) -> bool:
    """Whether an entry is a denied word, another pronunciation of one, or its genitive."""
    return entry.partition("(")[0].removesuffix("'s") in denied()


@cache
def dictionary() -> dict[str, str]:
    """The phones of every word that can be heard; "(2)" marks a second pronunciation."""
    text = Path(get_model_path("en-us/cmudict-en-us.dict")).read_text(encoding="utf-8")
    known = dict(line.split(None, 1) for line in text.splitlines() if line.strip())
    for line in _lines("pronunciations.tsv"):
        word, phones = line.split("\t")
        if phones.startswith("="):
            phones = " ".join(known[part] for part in phones[1:].split())
        known[word if word not in known else f"{word}(9)"] = phones
    return {word: phones.strip() for word, phones in known.items() if not _is_denied(word)}


def dictionary_text() -> str:
    """The dictionary in the recogniser's own form: a word and its phones on each line."""
    return "".join(f"{word} {phones}\n" for word, phones in dictionary().items())


def hearable(text: str) -> str | None:
    """The words of `text` as they are heard, or None when one of them is in no dictionary."""
    words = re.findall(r"[a-z']+|\d+", plain(text))
    return " ".join(words) if words and all(word in dictionary() for word in words) else None
