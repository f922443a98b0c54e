"""What the words of a phrase say of its place in a sentence: rules that need no catalogue.

Whether a phrase is a quantity of the food before, a part of it, an explanation, or a food; which
words name the food; whether a text tells a meal in sentences or lists it.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from hearth.recognition.matching import Match, is_telling
from hearth.recognition.measuring import MADE_OF, front
from hearth.recognition.packages import PACKAGES, holds_each
from hearth.recognition.phrases import BREADS, NARRATIVE, Piece
from hearth.recognition.quantities import MEASURES, Quantity
from hearth.recognition.words import STOP, Token, listed, stem


class Part(msgspec.Struct):
    """A phrase while it is being understood: its tokens, quantity and match.

    `listing` is True while what follows tells what the food is made of.
    """

    tokens: list[Token]
    quantity: Quantity
    joint: str
    match: Match
    start: int
    end: int
    listing: bool = False


_ACCEPT: Final = 0.34
_LOOSE: Final = 0.5
_STRICT: Final = 0.8
_BIAS: Final = {True: 0.2, False: -0.02}
"""How much worse one food may fit than two: words without a quantity after one with a quantity
belong to it more often than in a text that counts nothing."""


def is_one_dish(before: Part, part: Part, both: Match) -> bool:
    """Whether the two are a dish by its full name: "fish and chips", "omelette with cheese".

    Not where the first is counted or measured by itself: "2 eggs and bacon", "2 slices of bread
    with butter".
    """
    if not both.candidates or not both.candidates[0].exact or part.quantity.stated:
        return False
    if part.joint == "on" and before.quantity.stated:
        return False  # "half an avocado on toast" counts the avocado
    quantity = before.quantity
    alone = quantity.unit in _DISHES and quantity.grams is None
    if part.joint == ",":
        return False  # "roast beef, potatoes, gravy": a list lists
    return alone and (part.joint == "with" or quantity.article or not quantity.stated)


def is_bread(part: Part) -> bool:
    """Whether a part is bread by the slice, on which each thing is counted by itself."""
    return part.quantity.unit == "slice" and any(
        token.norm in BREADS or token.norm.endswith("brod") for token in part.tokens
    )


def is_side(part: Part) -> bool:
    """Whether a part is what stands beside a dish: whoever weighs chicken "with rice" weighs it alone."""
    words = {token.norm for token in part.tokens if is_telling(token.norm)}
    return part.joint == "with" and bool(words) and words <= _SIDES


_SIDES: Final = listed(
    "rice potato potatoes mash chips fries salad vegetables veg veggies bread broccoli ris potatis "
    "mos pommes sallad gronsaker brod broccoli pirincem pirinac pirinca krompirom krompir "
    "pomfritom pomfrit salatom salata povrcem povrce hlebom hleb pireom pire"
)


_DISHES: Final = frozenset(("", "plate", "bowl", "serving", "glass", "cup", "mug", "piece"))


def merge(before: Part, part: Part, both: Match) -> None:
    before.tokens, before.match, before.end = beside(before, part), both, part.end


def beside(before: Part, part: Part) -> list[Token]:
    """The words of both; "with" stays between them, because what follows it is not the head."""
    if part.joint != "with":
        return before.tokens + part.tokens
    return [*before.tokens, Token("word", "with", before.end, before.end), *part.tokens]


def is_narrated(pieces: Sequence[Piece]) -> bool:
    """Whether a text tells of a meal in sentences, and is no bare list of foods."""
    return sum(token.norm in NARRATIVE for piece in pieces for token in piece.tokens) >= 2


def weighs_all(pieces: Sequence[Piece]) -> bool:
    """Whether a text states weights, and nearly nothing but weights."""
    stated = [piece.quantity for piece in pieces if piece.quantity is not None]
    weighed = sum(quantity.unit in ("g", "kg") for quantity in stated)
    others = sum(not quantity.article and quantity.unit not in ("g", "kg") for quantity in stated)
    return weighed > others


def is_weighed(piece: Piece) -> bool:
    """Whether a piece states grams."""
    return piece.quantity is not None and piece.quantity.unit in ("g", "kg")


def is_plain(part: Part) -> bool:
    """Whether a piece names a food in a word or two, and nothing else."""
    exact = bool(part.match.candidates) and part.match.candidates[0].share >= 0.97
    return exact and not part.match.unknown and len(part.tokens) <= 2


def gives_back(before: Part, part: Part) -> bool:
    """Give a quantity without a food to the food before: "pancakes 3 pcs", "totalling one cup"."""
    if not part.quantity.stated or part.match.said or part.match.unknown:
        return False
    earlier = before.quantity
    one = earlier.unit in PACKAGES and earlier.count == 1
    if measured(part) and (one or holds_each(earlier, named=True)):
        # "a bottle of water (500 ml)": what the package holds.
        holds = part.quantity
        before.quantity = msgspec.structs.replace(
            earlier, content_g=holds.grams, content_ml=holds.millilitres
        )
        before.end = part.end
        return True
    if earlier.stated and not (earlier.article and not earlier.unit) and earlier.unit != "serving":
        return False
    given = msgspec.structs.replace(part.quantity, size=part.quantity.size or earlier.size)
    drink = any(token.norm in _DRINKS for token in before.tokens)
    if drink and not (given.unit or given.size) and given.count != int(given.count):
        # "beer 0,5", "mineral water 0.33": a bare decimal after a drink is litres.
        given = msgspec.structs.replace(given, unit="l") if given.count <= 2 else given
    before.quantity = given
    before.end = part.end
    return True


_DRINKS: Final = listed(
    "beer lager ale cider wine water juice milk cola coke pepsi soda pop lemonade drink squash "
    "ol vin vatten mjolk lask saft starkol folkol lattol kvass fanta sprite "
    "pivo piva vino vina voda vode sok soka mleko mleka jogurt jogurta kola spricer limunada kefir"
)


def wraps(before: Part, part: Part) -> bool:
    """Whether the part is the bread of the sandwich before: "between two slices of white bread"."""
    made_from = bool(before.tokens) and before.tokens[-1].norm in _MADE_FROM
    if (made_from or part.joint in ("", "(")) and _counts_eggs(before, part):
        before.quantity = part.quantity
        before.tokens, before.end = before.tokens + part.tokens, part.end
        return True
    if not made_from:
        return False
    sandwich = any(token.norm in ("sandwich", "sub", "panini", "melt") for token in before.tokens)
    if not sandwich or not any(token.norm in ("bread", "roll", "bun") for token in part.tokens):
        return False
    before.tokens, before.end = before.tokens + part.tokens, part.end
    return True


def tells_patties(before: Part, part: Part) -> bool:
    """Whether the part is the meat of the burger before: "a cheeseburger with two small patties"."""
    words = [token.norm for token in part.tokens if token.norm not in STOP]
    burger = any(stem(token.norm) in _BURGERS for token in before.tokens)
    only = part.quantity.unit == "patty" or (bool(words) and words[-1] in ("patty", "patties"))
    return burger and only and len(words) <= 3 and part.quantity.grams is None


_BURGERS: Final = listed("hamburger cheeseburger burger")
_MADE_FROM: Final = listed("between on in inside of with from using od av pa")


def _counts_eggs(before: Part, part: Part) -> bool:
    """Whether a dish of eggs is told by their number: "an omelet of 3 eggs", "kajgana od 3 jaja"."""
    eggs = {"egg", "eggs", "agg", "jaja", "jajeta"}
    dish = before.match.head in ("egg", "omelet", "omelette", "sr:kajgan", "scrambled")
    return dish and bool(part.quantity.stated and eggs & {token.norm for token in part.tokens})


def without_repeats(parts: Sequence[Part]) -> list[Part]:
    """The parts, a food that is named again with its number counted once.

    "two plums and a kiwi, 2 kiwis that is", "a package of tarts, two tarts": whoever says a number after an article tells how
    much of the same food it was.
    """
    kept: list[Part] = []
    for part in parts:
        first = next((one for one in kept if _again(one, part)), None)
        if first is None:
            kept.append(part)
        elif first.quantity.unit not in PACKAGES and not part.quantity.article:
            first.quantity = part.quantity
    return kept


def _again(one: Part, part: Part) -> bool:
    earlier, quantity = one.quantity, part.quantity
    if part.joint == "," and quantity.article and is_vague(part) and _is_same(one, part):
        return True  # "a cup of minestrone, a hearty Italian soup" says what it is
    package = earlier.unit in PACKAGES and not quantity.unit
    vague = (not earlier.unit and earlier.article) or package
    told_again = quantity.stated and not quantity.article and earlier.grams is None
    if not (vague and told_again and one.match.candidates and part.match.candidates):
        return False
    if _is_same(one, part):
        return True
    words = {stem(token.norm) for token in part.tokens if is_telling(token.norm)}
    return bool(words) and words <= said_of(one) and part.joint in ("", ",")


def _is_same(one: Part, part: Part) -> bool:
    mine, other = one.match.candidates, part.match.candidates
    return bool(mine and other) and mine[0].place == other[0].place


def said_of(part: Part) -> frozenset[str]:
    """The stems of everything a phrase says, for comparing with portion labels."""
    return frozenset(stem(token.norm) for token in part.tokens if token.norm not in STOP)


def is_vague(part: Part) -> bool:
    """Whether no more than "a" or a number says how much of it."""
    quantity = part.quantity
    return quantity.grams is None and not quantity.unit and not quantity.size


def measured(part: Part) -> bool:
    return part.quantity.grams is not None or part.quantity.unit in MEASURES


def may_join(piece: Piece, part: Part) -> bool:
    """Whether a piece may belong to the food before it: nothing measured, no new sentence."""
    quantity = part.quantity
    if piece.joint == ".":
        return False
    return piece.quantity is None or (
        quantity.article and not quantity.unit and piece.joint == "with"
    )


def opens_list(found: Sequence[Token], part: Part) -> bool:
    """Whether a phrase tells what its food is made of, so that more of that follows."""
    said = [token.norm for token in part.tokens if token.norm not in NARRATIVE]
    if said and said[0] in MADE_OF:
        return True
    if part.joint == "with":
        return bool(found) and found[-1].norm in MADE_OF
    return any(token.norm in MADE_OF for token in found)


def join_bias(before: Part, part: Part) -> float:
    """How much worse one food may fit than two for the two pieces to be one."""
    if part.quantity.stated:
        return 0.09
    quantity = before.quantity
    if part.joint != "with" and quantity.stated and not (quantity.article or quantity.unit):
        # "2 eggs, toast": a bare count counts what follows it, not a list.
        return _BIAS[False]
    return _BIAS[before.quantity.stated]


def is_part_of_food(part: Part) -> bool:
    """Whether a piece names a part that is no food of its own: "a cheesy topping"."""
    words = [token.norm for token in front(part.tokens) if token.norm not in STOP]
    whole = part.quantity.unit or part.quantity.grams or part.quantity.size
    said = [word for word in words if word not in NARRATIVE]
    return not whole and bool(said) and (said[-1] in _PARTS or said[0] in _LAYERS)


# What lies on a food: "a lovely coat of sugar".
_LAYERS: Final = listed("coat coating layer dusting sprinkle sprinkling glaze topping crust")
_PARTS: Final = listed(
    "topping toppings filling fillings coating crust breading skin flavor flavour flavors flavours "
    "base layer center centre twist kick icing frosting glaze taste"
)


def explains(part: Part) -> bool:
    """Whether a piece only says more of the food before: "which was ...", "specifically ..."."""
    first = part.tokens[0].norm if part.tokens else ""
    if first in ("no", "without", "not") and not part.quantity.stated:
        return True
    if any(token.norm == "its" for token in part.tokens):
        return True  # "enjoying its juicy seeds"
    return first in (
        "which", "that", "specifically", "both", "featuring", "leaving", "excluding", "known",
    )  # fmt: skip


# The last word of dishes that are named by their ingredients.
DISH_WORDS: Final = listed(
    "sandwich sub soup stew salad pizza burrito taco wrap casserole curry pie omelet omelette "
    "quesadilla burger smoothie juice cereal roll"
)

# Foods that hold what they are told to be made of; on others a topping is a food of its own.
_COMPOSITES: Final = listed(
    "sandwich sub submarine burger hamburger cheeseburger wrap burrito taco tostada quesadilla "
    "enchilada fajita pizza calzone salad soup stew casserole omelet omelette pie pastry empanada "
    "tamale gyro kebab roll biscuit croissant bagel muffin smoothie cake cookie bar candy chocolate "
    "cream sundae meal dinner lasagna pasta noodle dumpling pupusa frankfurter dog cereal"
)


def is_composite(part: Part) -> bool:
    return any(stem(token.norm) in _COMPOSITES for token in part.tokens)


def accepted(part: Part, *, strict: bool) -> bool:
    """Whether a phrase names a food: what the best food holds is enough of what was said.

    `strict` for words without a quantity in a text that counts its foods: mostly telling.
    """
    match = part.match
    if not match.candidates:
        return False
    best = match.candidates[0]
    known = len(match.said) / (len(match.said) + 0.7 * len(match.unknown))
    if strict and (best.share < 0.85 or match.unknown):
        return False
    quantity = part.quantity
    measured = quantity.stated and not (quantity.article and not quantity.unit)
    named = front(part.tokens)
    if not measured and named and named[-1].norm in _PLACES:
        return False
    telling = {stem(token.norm) for token in part.tokens if is_telling(token.norm)}
    if not (telling & best.covered or any(is_telling(word) for word in best.covered)):
        # "Red bull", "soft drink": words that name nothing alone and a food together.
        several = len(best.covered) > 1 or (best.exact and match.local)
        whole = several and best.share >= 0.97 and not match.unknown
        return whole or (measured and best.score >= _STRICT)
    if quantity.article and not quantity.unit and not quantity.size:
        return best.score * known >= _LOOSE
    return best.score * known >= (_STRICT if strict else _ACCEPT)


# Where food comes from is no food: "a local fast food place".
_PLACES: Final = listed(
    "restaurant restaurants place spot joint chain cafe cafeteria shop store diner bakery canteen"
)
