"""What the label of a portion says: "1 can or bottle (12 fl oz)", "1 cup, diced"."""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from hearth.foods import Portion
from hearth.recognition.quantities import SIZED, SIZES, UNIT_WORDS, UNITS, quantity_at
from hearth.recognition.words import STOP, Token, listed, stem, tokens


class Row(NamedTuple):
    """A portion taken apart: grams of one `unit`, its size, its other words, what it holds."""

    label: str
    grams: float
    unit: str
    others: frozenset[str]
    sizes: frozenset[str]
    words: frozenset[str]
    aside: frozenset[str]
    content_ml: float | None
    content_g: float | None
    is_default: bool
    adds: bool
    open: bool


_NEUTRAL: Final = listed(
    "fl oz diameter yield after cooking bone removed no ice x inch across long dia thick wide lb "
    "fo with raw cooked approx serving can bottle bag"
)
_PARENS: Final = re.compile(r"\(([^()]*)\)")
_YIELD: Final = re.compile(r"\b(?:yields?|dry|raw|bone|shell|uncooked)\b")
# "(yield after cooking, bone removed)": what is on the plate.
_COOKED: Final = re.compile(r"yield after cooking(?:, (?:bone|shell) removed)?")


@lru_cache(maxsize=32_768)
def _row(label: str, unit: str, grams: float, is_default: bool) -> Row:
    folded_label = label.lower()
    asides = " ".join(_PARENS.findall(label))
    found = tokens(_PARENS.sub(" ", label))
    count, found = _count(found)
    units = [UNIT_WORDS[token.norm].name for token in found if token.norm in UNIT_WORDS]
    if "fl oz" in folded_label.split("(")[0]:
        units = ["fl oz"]
    content = _content(asides) or _content(" ".join(token.norm for token in found))
    default = is_default or "quantity not specified" in folded_label
    return Row(
        label=label,
        grams=grams / count,
        unit=units[0] if units else _stated_unit(unit, found),
        others=frozenset(units[1:]),
        sizes=_sizes(found),
        words=_plain(found, unit),
        aside=frozenset(
            word for word in _plain(tokens(asides), "") - _NEUTRAL if not word[0].isdigit()
        ),
        content_ml=content[0] if content else None,
        content_g=content[1] if content else None,
        is_default=default,
        adds="guideline" in folded_label,
        open=bool(re.search(r"\bNFS\b|\bNS\b", label)),
    )


def _stated_unit(unit: str, found: list[Token]) -> str:
    """The unit that the portion states beside its label; none when the label is a size alone."""
    return UNIT_WORDS[unit].name if unit in UNIT_WORDS and not _sizes(found) else ""


def _sizes(found: list[Token]) -> frozenset[str]:
    """The sizes of a label: "medium or regular" is one, "extra large" is not "large"."""
    # Tables say "large"; a "big" of theirs is a name.
    words = [token.norm for token in found if token.norm != "big"]
    if "size" in words:
        named = {SIZED[word] for word in words if word in SIZED}
        if named:
            return frozenset(named) | {SIZES[word] for word in words if word in SIZES}
    if "extra" in words:
        return frozenset(f"extra {SIZES[word]}" for word in words if word in SIZES)
    return frozenset(SIZES[word] for word in words if word in SIZES)


def row_of(portion: Portion) -> Row:
    """The portion taken apart; kept, because tables repeat the same labels thousands of times."""
    return _row(portion.label, portion.unit, portion.grams, portion.is_default)


def _count(found: list[Token]) -> tuple[float, list[Token]]:
    """The number that a label begins with ("3 oz" is 3 of an ounce) and the rest of the label."""
    if found and found[0].kind == "number" and found[0].value > 0:
        return found[0].value, found[1:]
    return 1.0, found


def _content(text: str) -> tuple[float | None, float | None] | None:
    """Millilitres or grams that a label states: "(12 fl oz)", "(1.5 oz)", "33 cl"."""
    found = tokens(text)
    for place in range(len(found)):
        at = quantity_at(found, place) if found[place].kind == "number" else None
        if at is not None and (at[0].millilitres or at[0].grams):
            return at[0].millilitres, at[0].grams
    return None


def _plain(found: list[Token], unit: str) -> frozenset[str]:
    """The words of a label without units, sizes, numbers and small words."""
    kept = (token.norm for token in found if token.kind != "mark")
    plain = {stem(word) for word in kept if word not in STOP and word not in SIZES}
    if unit and unit not in UNITS:
        plain.add(stem(unit))
    return frozenset(plain - {"quantity", "not", "specified", "size", "about"})


def is_raw_measure(row: Row) -> bool:
    """Whether the row measures something else than what is on the plate (dry, raw, with bone)."""
    return bool(_YIELD.search(_COOKED.sub("", row.label)))
