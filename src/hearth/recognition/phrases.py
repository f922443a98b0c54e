"""Cutting a sentence into pieces: where a food may begin, what joins it to the one before.

A piece begins at a quantity, or after a comma, "and", "with" and their like. Whether two pieces
are one food ("macaroni and cheese") only the catalogue can tell; that is decided in `reading`.
"""

from collections.abc import Sequence
from importlib.resources import files
from typing import Final

import msgspec

from hearth.recognition.packages import filled
from hearth.recognition.pairs import after_heading, halves
from hearth.recognition.quantities import (
    MEASURES,
    UNIT_WORDS,
    Quantity,
    quantity_at,
    size_at,
    unit_at,
)
from hearth.recognition.words import STOP, Token, listed, stem

MOST_PIECES: Final = 48
"""The largest bare count that is a count; "100 Grand" and "365" are names."""


class Piece(msgspec.Struct):
    """Tokens that may be one food, with its quantity; `joint` is what stands before it."""

    tokens: list[Token]
    quantity: Quantity | None = None
    joint: str = "."
    start: int = 0
    end: int = 0


_HARD: Final = frozenset(".;!?:\n|")
_SOFT: Final = frozenset(",+[]/&•*")
_AND: Final[dict[str, frozenset[str]]] = {
    "en": listed(
        "and n plus then also alongside followed along together besides while complemented "
        "accompanied paired"
    ),
    # "N", "o" and "m" are how people write "and", "och" and "med" in a hurry.
    "sv": listed("och o samt plus sedan"),
    "sr": listed("i plus te a zatim pa"),
}
_WITH: Final[dict[str, frozenset[str]]] = {
    "en": frozenset(("with", "w")),
    "sv": frozenset(("med", "m")),
    "sr": frozenset(("sa", "s", "uz")),
}
# After these, "with" tells what a food is made of, not what is beside it.
_MADE: Final = listed(
    "made prepared filled coated covered mixed sweetened flavored flavoured stuffed "
    "packed loaded layered seasoned fortified enriched blended "
    "drizzled sprinkled smothered dressed infused spiked garnished combined wrapped "
)
# An article after these is no new food: "on a bun", "as a snack", "from a restaurant".
_HOLDS: Final = listed(
    "featuring containing called named on in from as for at of into like over per than under such was is"
)


def _telling(section: str) -> frozenset[str]:
    """The words of one section of `telling.txt`."""
    text = (files("hearth.recognition") / "telling.txt").read_text(encoding="utf-8")
    _, _, rest = text.partition(f"[{section}]\n")
    lines = (line for line in rest.split("\n[")[0].splitlines() if not line.startswith("#"))
    return listed(" ".join(lines))


NARRATIVE: Final = _telling("narrative")
"""Words of telling, not of food; they name nothing and never make a phrase a food."""

FAINT: Final = _telling("faint")
"""Words that may belong to a name ("light beer", "snack cake") but name no food alone."""


def cut(found: Sequence[Token], locale: str = "en") -> list[Piece]:
    """The pieces of a text, in order. Nothing is dropped but the marks and words that separate."""
    pieces: list[Piece] = []
    now = Piece([])
    place = after_heading(found)
    while place < len(found):
        joint, after = _joint(found, place, locale, now)
        if after > place and _takes_back(found, place):
            now, place = Piece([], joint="."), after + 1
            continue
        if after > place:
            counted = after < len(found) and quantity_at(found, after, locale) is not None
            now = _next(pieces, now, joint, waits=not counted)
            place = after
            continue
        at = _anchor(found, place, locale, now)
        if at is None:
            now.tokens.append(found[place])
            place += 1
        else:
            now = _anchored(pieces, now, at, found, place, locale)
            place = at[1]
    _next(pieces, now, ".")
    return pieces


def _takes_back(found: Sequence[Token], place: int) -> bool:
    """Whether the question before is answered by no: "nyponsoppa? nej, blåbärssoppa"."""
    after = found[place + 1].norm if place + 1 < len(found) else ""
    asked = found[place].norm == "?" and (place == 0 or found[place - 1].norm != "?")
    return (asked and after in ("no", "nope", "nej", "ne")) or (
        found[place].norm == "?"
        and place + 2 < len(found)
        and after == "?"
        and found[place + 2].norm in ("no", "nej", "ne")
    )


def _next(pieces: list[Piece], now: Piece, joint: str, *, waits: bool = True) -> Piece:
    """Close a piece, when it holds anything, and begin another after `joint`.

    "a cup of cool, unsweetened water", "a large, ripe apple": a quantity waits for its food past a
    comma, unless another quantity follows there.
    """
    said = now.quantity is not None and (
        ((now.quantity.unit or now.quantity.grams) and now.tokens)
        or now.quantity.size
        or any(token.norm in UNIT_WORDS for token in now.tokens)
    )
    if joint in (",", "and") and waits and said and all(map(_qualifies, now.tokens)):
        return now
    if joint == "(" and now.quantity is not None and not now.tokens:
        return now
    if joint == ")":
        if (
            now.quantity is not None
            and now.tokens
            and all(token.norm[-1:] == "%" for token in now.tokens)
        ):
            return now  # "a glass of (1.5%) milk"
        joint = ","
    if now.tokens or now.quantity is not None:
        pieces.append(now)
        return Piece([], joint=joint)
    # "and, with": the stronger joint of several in a row stays.
    now.joint = "." if "." in (now.joint, joint) and pieces else joint
    return now


def _joint(found: Sequence[Token], place: int, locale: str, now: Piece) -> tuple[str, int]:
    """What separates at `place`: "." between sentences, ",", "and", "with", "on"; else no step."""
    token = found[place]
    if token.kind == "mark":
        if token.norm in _HARD and not _inside(found, place):
            return ".", place + 1
        if token.norm in "()":
            return token.norm, place + 1
        if token.norm == "&" and halves(found, place):
            return "", place
        return (",", place + 1) if token.norm in _SOFT else ("", place + (token.norm in '"!'))
    word = token.norm
    if halves(found, place):
        return "", place
    if word in _AND.get(locale, _AND["en"]) or (
        locale == "en" and word == "as" and _well(found, place)
    ):
        return "and", place + (3 if word == "as" else 1)
    before = found[place - 1].norm if place else ""
    if word in ("on", "pa", "na") and _is_on_bread(found, place, now):
        return "on", place + 1
    if word in _WITH.get(locale, _WITH["en"]) and before not in _MADE:
        return "with", place + 1
    return "", place


def _is_on_bread(found: Sequence[Token], place: int, now: Piece) -> bool:
    """Whether something lies on bread that is a food beside it: "two eggs on toast", "ajvar na hlebu".

    "A burger on a bun" is one food; whether "beans on toast" is, the catalogue tells.
    """
    if not now.tokens:
        return False
    ahead = {token.norm for token in found[place + 1 : place + 4] if token.kind == "word"}
    held = {stem(token.norm) for token in now.tokens}
    return bool(ahead & BREADS) and not held & _HOLD_BREAD


BREADS: Final = listed(
    "bread toast toasts sourdough crispbread ryvita crispbreads brod brodet rostbrod ragbrod "
    "knackebrod knacke macka smorgas hlebu hleb hleba tostu"
)
_HOLD_BREAD: Final = listed("sandwich burger hamburger cheeseburger sub melt dog panini toastie")


def _inside(found: Sequence[Token], place: int) -> bool:
    """Whether an exclamation mark belongs to a name, because the sentence goes on after it."""
    after = found[place + 1] if place + 1 < len(found) else None
    before = found[place - 1] if place else None
    goes_on = after is not None and after.kind == "word" and not after.capital
    return found[place].norm == "!" and goes_on and before is not None and before.capital


def _well(found: Sequence[Token], place: int) -> bool:
    return [token.norm for token in found[place + 1 : place + 3]] == ["well", "as"]


def _anchor(
    found: Sequence[Token], place: int, locale: str, now: Piece
) -> tuple[Quantity, int] | None:
    """A quantity that begins at `place` and may begin a food.

    None for "on a bun" inside a food, "a mix of", "Stage 1" and other numbers that are names.
    """
    at = quantity_at(found, place, locale)
    if at is None:
        return _one_unit(found, place, locale, now)
    quantity, after = at
    before = found[place - 1] if place else None
    if before is None:
        return at
    if _is_name(found, place, quantity, now):
        return None
    inside = now.quantity is not None or not all(map(_says_nothing, now.tokens[:-1]))
    if now.tokens and now.tokens[0].norm == "which" and quantity.article and not quantity.unit:
        return None  # ", which is a ..." says again what it is
    held = before.norm in _HOLDS and not (before.norm == "on" and _is_spread(now.quantity))
    if quantity.article and not quantity.unit and held and inside:
        return None
    if quantity.article and {token.norm for token in found[after : after + 2]} & _MIXTURES:
        return None
    if found[place].kind == "word" and before.norm in ("this", "that", "no", "the", "which"):
        return None
    if found[place].norm in ("third", "quarter") and not quantity.unit:
        return None
    return at


def _is_name(found: Sequence[Token], place: int, quantity: Quantity, now: Piece) -> bool:
    """Whether a number is part of a name: "100 Grand", "Stage 1", "Fiber One"."""
    if quantity.unit:
        return False
    before = found[place - 1]
    bare = found[place].kind == "number"
    if (
        bare
        and quantity.count > 1
        and before.norm == "of"
        and place + 1 < len(found)
        and found[place + 1].capital
    ):
        return True
    held = now.quantity is not None and _measured(now.quantity)
    if bare and (quantity.count > MOST_PIECES or (held and before.norm == "of")):
        return True
    begun = now.quantity is not None or not all(map(_says_nothing, now.tokens[:-1]))
    return before.capital and begun and (bare or found[place].capital)


def _is_spread(quantity: Quantity | None) -> bool:
    """Whether a quantity is one of what is put on something: "a tablespoon of jam on a bagel"."""
    return quantity is not None and quantity.unit in ("tbsp", "tsp", "pat", "packet")


def _one_unit(
    found: Sequence[Token], place: int, locale: str, now: Piece
) -> tuple[Quantity, int] | None:
    """One of a unit when a piece begins with it: "slice of bread", "kašika ulja", "glas mjölk"."""
    size, after = size_at(found, place)
    unit = unit_at(found, after, locale)
    begun = now.quantity is not None or not all(map(_says_nothing, now.tokens))
    if unit is None or begun or unit[1] >= len(found):
        return None
    following = found[unit[1]]
    if following.kind != "word":
        return None
    if locale == "en" and following.norm != "of" and not _short(unit[0].name, following):
        return None
    quantity = Quantity(unit=unit[0].name, size=size, stated=True)
    return quantity, unit[1] + (following.norm in ("of", "av"))


def _short(unit: str, following: Token) -> bool:
    """Whether "of" was left out in a hurry: "slice pepperoni pizza", "pint lager".

    Only units that seldom begin the name of a food; "cup noodles" and "pint glass" are names.
    """
    return unit in _BEFORE_FOOD and following.norm not in _AFTER_UNIT


_BEFORE_FOOD: Final = listed("slice glass bowl cup pint handful tbsp tsp mug")
_AFTER_UNIT: Final = listed("noodles noodle cake cakes glass size sized soup cheese")
_MIXTURES: Final = listed(
    "bit mix mixture combination combo blend variety assortment touch hint medley array selection"
)


def _anchored(
    pieces: list[Piece],
    now: Piece,
    at: tuple[Quantity, int],
    found: Sequence[Token],
    place: int,
    locale: str,
) -> Piece:
    """Take a quantity: into this piece, or as the beginning of the next."""
    quantity, after = at
    span = (found[place].start, found[after - 1].end)
    words = [token for token in now.tokens if token.norm not in STOP]
    telling = [token for token in words if not _says_nothing(token)]
    told = {token.norm for token in found[max(0, place - 3) : place]}
    last = _ends(found, after, locale) or bool(told & _WEIGHS)
    if now.quantity is None:
        if telling and found[place].norm.rstrip("0123456789") in ("x", "×"):
            now.quantity = quantity  # "eggs x2 toast x1" counts what stands before
            return _next(pieces, now, ",")
        if telling and last and _measured(quantity):
            now.quantity = quantity
            return now
        now = _next(pieces, now, "") if words else now
        now.tokens = []
        return _begun(now, quantity, span)
    if _measured(quantity) and _takes_measure(now.quantity, telling, last=last):
        whole = bool(told & _WEIGHS)
        now.quantity = filled(now.quantity, quantity, named=bool(telling), whole=whole)
        return now
    if not telling and _measured(now.quantity) and _measured(quantity):
        return now  # "12 fl oz or 355 ml": the same amount said twice
    if not telling and quantity.article and not _measured(quantity) and now.quantity.unit:
        return now
    if not telling and now.quantity.article and not now.quantity.unit:
        now.tokens = []
        return _begun(now, quantity, span)
    if words or _measured(now.quantity):
        held = now.tokens[-1].norm if now.tokens else ""
        now = _next(pieces, now, "with" if held in ("with", "in", "on", "and") else "")
    return _begun(now, quantity, span)


def _takes_measure(quantity: Quantity, telling: Sequence[Token], *, last: bool) -> bool:
    """Whether grams that follow belong to the food begun: "a crunchy 40 g", "a potato, 315 g"."""
    if _measured(quantity):
        return False
    return last or not telling or (len(telling) == 1 and quantity.article and not quantity.unit)


def _begun(now: Piece, quantity: Quantity, span: tuple[int, int]) -> Piece:
    """The piece beginning with its quantity, which stands at `span` in the text."""
    now.quantity = quantity
    now.start, now.end = span
    return now


_WEIGHS: Final = listed("weighing weighs weighed totaling totalling measuring")


def _qualifies(token: Token) -> bool:
    """Whether a token says how, so that the food must still come: "plain, cooked rice"."""
    return _says_nothing(token) or token.norm in _HOW


# How a food was treated, never the food itself: "150 g of boiled and drained corn".
_HOW: Final = listed(
    "plain regular raw salted unsalted boiled fried baked roasted grilled broiled steamed stewed "
    "cooked drained peeled sliced diced chopped mashed toasted sauteed shredded canned dried frozen "
    "skinless boneless unsweetened sweetened"
)


def _says_nothing(token: Token) -> bool:
    """Whether a token names no food by itself."""
    norm = token.norm
    return norm in NARRATIVE or norm in FAINT or norm in STOP or not norm[0].isalnum()


def _measured(quantity: Quantity) -> bool:
    return (
        quantity.unit in MEASURES
        or quantity.content_g is not None
        or quantity.content_ml is not None
    )


def _ends(found: Sequence[Token], place: int, locale: str) -> bool:
    """Whether nothing of a food follows at `place`: the end, a mark, or a joining word."""
    if place >= len(found) or found[place].kind == "mark":
        return True
    word = found[place].norm
    return (
        word in _AND.get(locale, _AND["en"])
        or word in _WITH.get(locale, _WITH["en"])
        or (
            unit_at(found, place, locale) is None
            and word in ("for", "to", "that", "which", "as", "paired")
        )
    )
