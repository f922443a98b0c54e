"""Words of names and of sentences in one normal form, so that both sides can be compared.

A word is folded (small, no marks, Latin letters) and stripped of its plural or case ending. What a
text denies is one word with a "!" before it: "no added fat", "fat free" and "fat not added" all
hold "!fat", "skin not eaten" holds "!skin".
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from hearth.foods import fold


def listed(words: str) -> frozenset[str]:
    """The words of a text as a set: for lists of words that read better as a line."""
    return frozenset(words.split())


_VULGAR: Final = {
    "½": 1 / 2, "¼": 1 / 4, "¾": 3 / 4, "⅓": 1 / 3, "⅔": 2 / 3, "⅛": 1 / 8, "⅜": 3 / 8,
    "⅝": 5 / 8, "⅞": 7 / 8, "⅕": 1 / 5, "⅖": 2 / 5, "⅗": 3 / 5, "⅘": 4 / 5, "⅙": 1 / 6, "⅚": 5 / 6,
}  # fmt: skip
_GLYPHS: Final = "".join(_VULGAR)

# Every part is bounded, so that no text makes the expression slow.
_TOKEN: Final = re.compile(
    rf"""(?P<ordinal>[0-9]{{1,3}}(?:st|nd|rd|th)\b|7(?i:up)\b)|(?P<number>
        [0-9]{{1,6}}(?:[ ]|[ ]?-[ ]?|[ ]and[ ])[0-9]{{1,2}}[ ]?[/⁄][ ]?[0-9]{{1,3}}(?![0-9])
      | [0-9]{{1,3}}[ ]?[/⁄][ ]?[0-9]{{1,3}}(?![0-9])
      | [0-9]{{0,6}}[ ]?[{_GLYPHS}]
      | [1-9][0-9]{{0,2}}(?:,[0-9]{{3}})+(?![0-9])(?:[.][0-9]{{1,6}})?
      | [0-9]{{1,9}}(?:[.,][0-9]{{1,9}})?
      | [.,][0-9]{{1,9}}
    )(?P<percent>[ ]?%)?
    | (?P<word>[^\W\d_]+(?:['’&.](?=[^\W\d_])[^\W\d_]+)*[0-9]{{0,4}})
    | (?P<mark>[^\w\s]|\n)""",
    re.VERBOSE,
)


class Token(NamedTuple):
    """One word, number or mark of a text, with its place in it.

    `norm` is the folded word, the mark itself, or "2%" for a percentage (which names a food and
    counts nothing).
    """

    kind: str
    norm: str
    start: int
    end: int
    value: float = 0.0
    capital: bool = False


def number(text: str) -> float:
    """The value of a written number: "2", "0,5", "1/2", "1 1/2", "1½", "1,250". Never negative."""
    glyph = text[-1]
    if glyph in _VULGAR:
        return _VULGAR[glyph] + (float(text[:-1]) if text[:-1].strip() else 0.0)
    parts = re.findall(r"[0-9]+", text)
    if "/" in text or "⁄" in text:
        top, bottom = float(parts[-2]), float(parts[-1])
        return (float(parts[0]) if len(parts) == 3 else 0.0) + (top / bottom if bottom else 0.0)
    if re.fullmatch(r"[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?", text):
        return float(text.replace(",", ""))
    return float(text.replace(",", "."))


@lru_cache(maxsize=65536)
def folded(word: str) -> str:
    """`word` folded and without apostrophes, ampersands and points: "M&M's" is "mms"."""
    return re.sub(r"['’&.]", "", fold(word))


# "half-and-half", "salt-and-vinegar": of equal length, so that places in the text stay.
_HYPHENED: Final = re.compile(r"(?<=\w)-and-(?=\w)", re.IGNORECASE)


def tokens(text: str) -> list[Token]:
    """The words, numbers and marks of `text` in order; spaces are left out."""
    found: list[Token] = []
    for match in _TOKEN.finditer(_HYPHENED.sub(" and ", text)):
        word = match["word"] or match["ordinal"]
        if word and not folded(word):
            continue  # letters that are only marks
        if word:
            place = match.start()
            found.append(Token("word", folded(word), place, match.end(), 0.0, word[0].isupper()))
        elif match["mark"]:
            found.append(Token("mark", match["mark"], match.start(), match.end()))
        else:
            found.append(_number_token(match))
    return found


def _number_token(match: re.Match[str]) -> Token:
    value = number(match["number"].strip())
    if match["percent"]:
        return Token("word", f"{value:g}%", match.start(), match.end())
    return Token("number", f"{value:g}", match.start(), match.end(), value)


_IRREGULAR: Final = {
    "leaves": "leaf", "loaves": "loaf", "halves": "half", "knives": "knife", "geese": "goose",
    "mice": "mouse", "people": "person", "children": "child", "fries": "fries", "swiss": "swiss",
    "hummus": "hummus", "asparagus": "asparagus", "couscous": "couscous", "brie": "brie",
    "series": "series", "molasses": "molasses", "octopus": "octopus", "citrus": "citrus",
    "potatoes": "potato", "tomatoes": "tomato", "mangoes": "mango", "bisque": "bisque",
    "nachos": "nachos", "oats": "oat", "peas": "pea", "grits": "grits", "dove": "dove",
    "flavored": "flavor", "flavoured": "flavor", "flavour": "flavor", "flavours": "flavor",
    "sweetener": "sweetener", "dehydrated": "dried", "cheesy": "cheese", "fruity": "fruit",
    "nutty": "nut", "buttery": "butter", "meaty": "meat", "sugary": "sugar", "eggy": "egg",
    "chocolatey": "chocolate", "chocolaty": "chocolate", "veggie": "vegetable",
    "veggies": "vegetable", "lemony": "lemon", "minty": "mint", "garlicky": "garlic",
}  # fmt: skip


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The English singular of a folded word: "slices" is "slice", "cookies" is "cooky"."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or not word.isalpha():
        return word
    if len(word) > 4 and word.endswith(("ies", "ie")):
        return word[: -3 if word.endswith("s") else -2] + "y"
    if word.endswith(("ches", "shes", "xes", "sses", "oes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


_SWEDISH: Final = re.compile(r"(?:orna|erna|arna|arnas|orna|or|ar|er|en|et|na|an|a|e|n|t|s)$")
_SERBIAN: Final = re.compile(r"(?:ovima|evima|ama|ima|ovi|evi|ova|eva|om|em|og|im|ih|a|e|i|o|u)$")


@lru_cache(maxsize=65536)
def inflection(word: str, locale: str) -> str:
    """A rough stem of a folded Swedish or Serbian word, marked so that languages never mix."""
    ending = _SWEDISH if locale == "sv" else _SERBIAN
    bare = ending.sub("", word) if len(word) > 3 else word
    return f"{locale}:{bare if len(bare) >= 3 else word}"


STOP: Final = listed(
    "a an the of and or with in on as to from by for at into onto made type kind style any all "
    "this that which who is was were it its my some per each ns nfs if than other also plus amp n "
    "including include"
)
_NEGATORS: Final = listed(
    "no without not non minus excluding avoiding skip skipping skipped wasnt isnt arent werent utan ingen inget bez hold"
)
_TAKEN_OFF: Final = listed("eaten added removed included trimmed discarded set drained")
_SKIPPED: Final = listed("added any the a an extra of in cooking")
_LESS: Final = {
    "nonfat": "!fat", "fatfree": "!fat", "skinless": "!skin", "sugarless": "!sugar",
    "meatless": "!meat", "seedless": "!seed", "boneless": "!bone",
}  # fmt: skip
_GRADES: Final = listed("low reduced")


def content(norms: Sequence[str]) -> list[str]:
    """The words that carry meaning, in order, stemmed, with denials and grades as one word each.

    "no added fat" is ["!fat"], "low fat milk" is ["lowfat", "milk"].
    """
    kept: list[str] = []
    place = 0
    while place < len(norms):
        place = _one(norms, place, kept)
    return kept


def _one(norms: Sequence[str], place: int, kept: list[str]) -> int:
    """Take the word at `place` into `kept`; return the next place."""
    word, after = norms[place], norms[place + 1] if place + 1 < len(norms) else ""
    if word in _NEGATORS:
        return _denied(norms, place, kept)
    # What may be there or not tells nothing: it is passed over with its word.
    if word == "with" and after == "or" and norms[place + 2 : place + 3] == ["without"]:
        return place + 4
    if word == "free" and after in ("from", "of") and place + 2 < len(norms):
        return _denied(norms, place + 1, kept)
    if after == "free" or (after in ("removed", "discarded") and word not in STOP):
        kept.append("!" + stem(word))
        return place + 2
    if tuple(norms[place + 1 : place + 3]) == ("set", "aside") and word not in STOP:
        kept.append("!" + stem(word))
        return place + 3
    if word in _GRADES and after in ("fat", "calorie", "sodium", "sugar", "carb"):
        kept.append(word + after)
        return place + 2
    if word in _LESS:
        kept.append(_LESS[word])
    elif word not in STOP:
        kept.append(stem(word))
    return place + 1


def _denied(norms: Sequence[str], place: int, kept: list[str]) -> int:
    """Take a denial: of the next word ("no butter") or of the one before ("skin not eaten")."""
    after = place + 1
    if norms[place] == "not" and after < len(norms) and norms[after] in _TAKEN_OFF:
        if kept and not kept[-1].startswith("!"):
            kept[-1] = "!" + kept[-1]
        return after + 1
    while after < len(norms) and norms[after] in _SKIPPED:
        after += 1
    if after < len(norms):
        kept.append("!" + stem(norms[after]))
    if norms[after + 1 : after + 2] in (["or"], ["nor"]) and after + 2 < len(norms):
        # "without sauce or skin" denies both.
        return _denied(norms, after + 1, kept)
    return after + 1


_NAME_PART: Final = re.compile(
    r"[0-9]+(?:\.[0-9]+)?%?|[^\W\d_]+(?:['’&.](?=[^\W\d_])[^\W\d_]+)*[0-9]*"
)


def name_words(name: str) -> list[str]:
    """The content words of a catalogue name (English or the source's own)."""
    return content([folded(part) for part in _NAME_PART.findall(_without_ns(name))])


_NS: Final = re.compile(r",?\s*\b(?:NS as to|NS to)\b[^,;()]*|,?\s*\bNFS\b")


def _without_ns(name: str) -> str:
    """`name` without "NFS" and "NS as to ...": they say that nothing was said."""
    return _NS.sub("", name) if "N" in name else name


def unspecified(name: str) -> bool:
    """Whether the name says of itself that it stands for what was not said (NFS, NS as to ...)."""
    return _NS.search(name) is not None


def local_words(name: str, locale: str) -> list[str]:
    """The words of a Swedish or Serbian name, as marked stems."""
    parts = (folded(part) for part in _NAME_PART.findall(name))
    return [inflection(part, locale) for part in parts if part not in LOCAL_STOP[locale]]


def alias_locale(alias: str, locales: Iterable[str]) -> str | None:
    """In which other language an alias may be: Cyrillic is Serbian, else Swedish when the food is
    named in Swedish; None when neither."""
    if any("\u0400" <= letter <= "\u04ff" for letter in alias):
        return "sr"
    return "sv" if "sv" in locales else None


# "Med" is with in Swedish and honey in Serbian.
LOCAL_STOP: Final = {
    "sv": listed("och med i a av pa till utan eller en ett"),
    "sr": listed("i sa s od u na bez za ili"),
}


def unique(words: Iterable[str]) -> list[str]:
    """The words once each, in order."""
    return list(dict.fromkeys(words))
