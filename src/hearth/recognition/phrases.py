"""Cutting a sentence into pieces: where a food may begin, what joins it to the one before.

A piece begins at a quantity, or after a comma, "and", "with" and their like. Whether two pieces
are one food ("macaroni and cheese") only the catalogue can tell; that is decided in `reading`.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from hearth.recognition.quantities import MEASURES, Quantity, quantity_at, unit_at
from hearth.recognition.words import STOP, Token, listed

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
_SOFT: Final = frozenset(",()+[]/&•*")
_AND: Final[dict[str, frozenset[str]]] = {
    "en": listed("and plus then also alongside followed along together besides"),
    "sv": listed("och samt plus sedan"),
    "sr": listed("i plus te a zatim pa"),
}
_WITH: Final[dict[str, frozenset[str]]] = {
    "en": frozenset(("with", "w")),
    "sv": frozenset(("med",)),
    "sr": frozenset(("sa", "s", "uz")),
}
# After these, "with" tells what a food is made of, not what is beside it.
_MADE: Final = listed(
    "made prepared cooked fried filled coated covered mixed sweetened flavored flavoured stuffed "
    "packed loaded layered seasoned served fortified enriched blended"
)
# An article after these is no new food: "on a bun", "as a snack", "from a restaurant".
_HOLDS: Final = listed("on in from as for at of into like over by per than under such was is")

NARRATIVE: Final = listed(
    """i ive id we my mine you he she they today yesterday morning afternoon evening night noon
    midday during while after before later early time day daily week weekend moment break start
    started starting began begin kicked off had have having has ate eat eaten eating drank drunk
    drinking sipped sip sipping enjoyed enjoy enjoying enjoyable savored savoured savor savoring
    relished relish relishing indulged indulge indulging treated treating myself munched munch
    munching snacked snacking nibbled nibbling devoured grabbed chose opted opt picked went decided
    consumed consume consuming consisted consists consisting featured featuring features lunchtime
    dinnertime feast spread choice option paired pairing pair accompanied complemented alongside
    complement complementing finished finishing washed washing down off adding addition additional
    delicious delightful tasty refreshing refreshed satisfying satisfied satisfy satisfyingly yummy
    flavorful flavourful delectable scrumptious wonderful lovely nice great perfect perfectly good
    nutritious wholesome healthy comforting comfort cozy lighter favorite delight delights delighted
    boost energizing kick sweetness cravings craving hunger hungry spot touch bit hint dash burst
    taste texture textures crispness freshness freshly fragrant aromatic richness warming steaming
    chilled fluffy zesty tangy velvety generous generously hefty fulfilling some lot lots bunch
    little quite really very just only too well most much more enough sprinkled drizzled making make
    makes giving providing rounded completed completing enhance enhanced enhancing elevate elevated
    fuel fueled feeding fed gave weighing weighed weighs weight totaling measured measuring amount
    amounts portion contrast sides items snacktime evenings mornings heres there so far both each
    every here these those them their whose what when where how am are were be been being do did go
    going get got getting take took taking try tried trying using used want wanted need needed loved
    love feel felt feeling let lets gonna because since up out around work gym run running way
    besides concoction goodness bites mouth melting nutrition moist thirst quenching ripe bubbly unique twist routine long wide palm tooth
    satisfied squeezed stuff lunchtime's tonight tonights todays finely wash combo combined combining crafted offering creating kitchen local eatery
    various straight dipped dipping relaxing stay hydrated robust melted complete option embracing single indulgence decadent luscious
    creaminess late pm oclock kl clock vibrant exactly featuring succulent plump cup-of mug-of
    tapped totalling lengthy opting served serving topping-off perked boosted warmed hydrating
    hydration invigorating soothing crunch cheerful afternoon's size sized small large medium
    jag ja at frukost kvallsmat mellanmal idag igar morse kvall drack har hade tog ocksa lite gott
    god fika sam smo jeo jela pojeo pojela jeli popio popila pio pila dorucak rucak vecera veceru
    uzinu uzina danas jutros veceras juce bio bila bilo je su se malo ukusno jos imao imala uzeo
    uzela """
)
"""Words of telling, not of food; they name nothing and never make a phrase a food."""

FAINT: Final = listed(
    """light snack snacks meal meals breakfast brunch lunch dinner supper cup bowl plate glass mix mixed
    side tender cool cold warm hot treat treats combination fresh rich smooth extra crisp crispy
    crunchy creamy filling topped prepared cooked simple quick easy juicy savory hearty sweet spicy
    soft thin thick classic golden added dessert food dish piece slice bite drink energy school
    infant child round balance kids flavor flavors flavored home fast restaurant in like tap natural
    real fun full lower high"""
)
"""Words that may belong to a name ("light beer", "snack cake") but name no food alone."""


def cut(found: Sequence[Token], locale: str = "en") -> list[Piece]:
    """The pieces of a text, in order. Nothing is dropped but the marks and words that separate."""
    pieces: list[Piece] = []
    now = Piece([])
    place = 0
    while place < len(found):
        joint, after = _joint(found, place, locale)
        if after > place:
            now = _next(pieces, now, joint)
            place = after
            continue
        at = _anchor(found, place, locale, now)
        if at is None:
            now.tokens.append(found[place])
            place += 1
        else:
            now = _anchored(pieces, now, at[0], found, place, at[1], locale)
            place = at[1]
    _next(pieces, now, ".")
    return pieces


def _next(pieces: list[Piece], now: Piece, joint: str) -> Piece:
    """Close a piece, when it holds anything, and begin another after `joint`.

    "a cup of cool, unsweetened water": a quantity waits for its food past a comma.
    """
    waits = now.quantity is not None and (now.quantity.unit or now.quantity.grams)
    if joint in (",", "and") and waits and all(map(_says_nothing, now.tokens)):
        return now
    if now.tokens or now.quantity is not None:
        pieces.append(now)
        return Piece([], joint=joint)
    # "and, with": the stronger joint of several in a row stays.
    now.joint = "." if "." in (now.joint, joint) and pieces else joint
    return now


def _joint(found: Sequence[Token], place: int, locale: str) -> tuple[str, int]:
    """What separates at `place`: "." between sentences, ",", "and", "with"; else no step."""
    token = found[place]
    if token.kind == "mark":
        if token.norm in _HARD:
            return ".", place + 1
        return (",", place + 1) if token.norm in _SOFT else ("", place + (token.norm == '"'))
    word = token.norm
    if word in _AND.get(locale, _AND["en"]) or (
        locale == "en" and word == "as" and _well(found, place)
    ):
        return "and", place + (3 if word == "as" else 1)
    before = found[place - 1].norm if place else ""
    if word in _WITH.get(locale, _WITH["en"]) and before not in _MADE:
        return "with", place + 1
    return "", place


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
    inside = now.quantity is not None or any(
        token.norm not in NARRATIVE for token in now.tokens[:-1]
    )
    if quantity.article and not quantity.unit and before.norm in _HOLDS and inside:
        return None
    if quantity.article and {token.norm for token in found[after : after + 2]} & _MIXTURES:
        return None
    if found[place].kind == "word" and before.norm in ("this", "that", "no", "the", "which"):
        return None
    bare = found[place].kind == "number" and not quantity.unit
    held = now.quantity is not None and _measured(now.quantity)
    if bare and (quantity.count > MOST_PIECES or (held and before.norm == "of")):
        return None
    named = before.capital and before.kind == "word" and inside and not quantity.unit
    if named and (found[place].kind == "number" or found[place].capital):
        return None
    if found[place].norm in ("third", "quarter") and not quantity.unit:
        return None
    return at


def _one_unit(
    found: Sequence[Token], place: int, locale: str, now: Piece
) -> tuple[Quantity, int] | None:
    """One of a unit when a piece begins with it: "slice of bread", "kašika ulja", "glas mjölk"."""
    unit = unit_at(found, place)
    if unit is None or now.tokens or now.quantity is not None or unit[1] >= len(found):
        return None
    following = found[unit[1]]
    if following.kind != "word" or (locale == "en" and following.norm != "of"):
        return None
    return Quantity(unit=unit[0].name, stated=True), unit[1] + (following.norm in ("of", "av"))


_MIXTURES: Final = listed(
    "mix mixture combination combo blend variety assortment touch hint medley array selection"
)


def _anchored(
    pieces: list[Piece], now: Piece, quantity: Quantity, found: Sequence[Token], place: int,
    after: int, locale: str,
) -> Piece:  # fmt: skip
    """Take a quantity: into this piece, or as the beginning of the next."""
    measured = quantity.grams is not None or quantity.millilitres is not None
    words = [token for token in now.tokens if token.norm not in STOP]
    telling = [token for token in words if not _says_nothing(token)]
    last = _ends(found, after, locale) or (place > 0 and found[place - 1].norm in _WEIGHS)
    if now.quantity is None:
        if telling and last and measured:
            now.quantity = quantity
            return now
        if words:
            now = _next(pieces, now, "")
        now.tokens = []
    elif (
        measured
        and not _measured(now.quantity)
        and (last or not telling or (len(telling) == 1 and not now.quantity.unit))
    ):
        now.quantity = msgspec.structs.replace(quantity, size=quantity.size or now.quantity.size)
        return now
    elif words or _measured(now.quantity):
        if not telling and now.quantity.article and not now.quantity.unit:
            now.tokens = []
            return _begun(now, quantity, found, place, after)
        if not telling and not measured and quantity.article:
            return now
        held = now.tokens[-1].norm if now.tokens else ""
        now = _next(pieces, now, "with" if held in ("with", "in", "on", "and") else "")
    elif quantity.article:
        return now
    return _begun(now, quantity, found, place, after)


def _begun(now: Piece, quantity: Quantity, found: Sequence[Token], place: int, after: int) -> Piece:
    """The piece beginning with its quantity."""
    now.quantity = quantity
    now.start = found[place].start
    now.end = found[after - 1].end
    return now


_WEIGHS: Final = listed("weighing weighs weighed totaling totalling measuring about")


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
            unit_at(found, place) is None and word in ("for", "to", "that", "which", "as", "paired")
        )
    )
