"""Portions: from "a large glass", "2 slices", "330 ml" to the grams of one food.

Words that measure (grams, ounces) are taken as they are. Everything else goes through the food's
own portion rows, then through its density, then through household measures, then to its default.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from hearth.foods import Food
from hearth.recognition.densities import millilitre_grams, rows_of
from hearth.recognition.labels import Row, is_raw_measure
from hearth.recognition.quantities import UNITS, Quantity
from hearth.recognition.words import listed, name_words


class Amount(NamedTuple):
    """Grams of a food, how that was found, how well the words fit (0..1), and how unsure it is.

    `spread` is the likely relative error of the grams (0.1 is 10 %). `is_habit`: the person logs
    this food often, and for that it was taken.
    """

    grams: float
    text: str
    fit: float
    spread: float
    why: str
    is_habit: bool = False


HEAVIEST: Final = 3000.0
"""Grams of one food in one meal beyond which a household measure is taken to be misread."""

# Measures of the kitchen that are no exact volume: millilitres that people mean by them.
_HOUSEHOLD_ML: Final = {
    "glass": 240.0, "mug": 300.0, "bowl": 350.0, "shot": 44.0, "drink": 350.0, "can": 355.0,
    "bottle": 500.0, "carton": 240.0, "pouch": 180.0, "scoop": 65.0, "handful": 60.0,
}  # fmt: skip
_HOUSEHOLD_G: Final = {
    "slice": 30.0, "piece": 40.0, "handful": 30.0, "plate": 300.0, "bowl": 300.0, "can": 240.0,
    "jar": 110.0, "packet": 10.0, "pat": 5.0, "clove": 3.0, "stick": 25.0, "bar": 45.0,
    "scoop": 60.0, "patty": 85.0, "fillet": 125.0, "strip": 12.0, "link": 45.0, "wedge": 30.0,
    "cube": 15.0, "leaf": 5.0, "square": 10.0, "ball": 30.0, "bag": 40.0, "package": 60.0,
}  # fmt: skip
# Units that people use for one another.
_KIN: Final[tuple[frozenset[str], ...]] = tuple(
    frozenset(words.split(","))
    for words in (
        "slice,piece,wedge,strip", "bag,package,packet,pouch,box",
        "container,carton,jar,package,cup", "bottle,can,carton", "box,carton,pouch,container",
        "cup,mug,glass,bowl", "scoop,ball", "patty,piece", "fillet,piece", "link,piece",
        "stick,piece", "bar,piece", "glass,drink", "serving,drink", "serving,piece",
        "head,loaf", "packet,container", "cube,square", "square,piece", "plate,serving",
    )
)  # fmt: skip
_WHOLE: Final = frozenset(("loaf", "head", "quart", "pint", "l", "kg"))
_ONE: Final = frozenset(("piece", "", "patty", "fillet", "bar", "link", "stick", "slice", "strip"))
_BIG: Final = listed("pizza cake pie whole pot layer bundt tube roast recipe bird")


def default_grams(food: Food) -> float:
    """Grams taken when nobody says how much: the default row, else a usual one, else 100 g."""
    row = _default_row([row for row in rows_of(food) if not row.adds])
    return row.grams if row else 100.0


def _default_row(rows: Sequence[Row]) -> Row | None:
    for row in rows:
        if row.is_default:
            return row
    for row in rows:
        if row.unit in ("serving", "piece", "slice", "cup", "") and row.grams >= 5:
            return row
    return rows[0] if rows else None


_SMALL_G: Final = 35.0
"""A piece that weighs less is no helping of its own: nobody who eats meatballs eats one."""


def _helping(rows: Sequence[Row], quantity: Quantity) -> Row | None:
    """The helping that is meant when pieces are not counted: "meatballs", "tacos", "bacon"."""
    usual = _default_row(rows)
    if quantity.stated or usual is None or usual.unit not in ("piece", "slice", "ball", "stick"):
        return None
    if not (quantity.several or usual.grams < _SMALL_G):
        return None
    helpings = [row for row in rows if row.unit in ("serving", "handful", "plate")]
    return next((row for row in helpings if row.grams > usual.grams), None)


def choose(food: Food, quantity: Quantity, said: frozenset[str]) -> Amount:
    """The grams that `quantity` is of `food`; `said` are the stemmed words of the whole phrase."""
    exact = quantity.grams
    if exact is not None and UNITS.get(quantity.unit, UNITS["g"]).kind == "mass":
        return Amount(exact, _words(quantity), 1.0, 0.0, "as said")
    rows = _cut_rows(food, quantity, [row for row in rows_of(food) if not row.adds])
    packed = _packed(quantity, rows)
    if packed is not None:
        return packed
    if quantity.millilitres is not None:
        return _poured(food, quantity, quantity.millilitres)
    if exact is not None:
        return Amount(exact, _words(quantity), 1.0, 0.0, "as said")
    return _sane(food, quantity, _by_rows(food, quantity, rows, said))


def _cut_rows(food: Food, quantity: Quantity, rows: list[Row]) -> list[Row]:
    """The rows that may be meant: "a piece of pizza" is one of the slices it is cut into."""
    slices = [row.grams for row in rows if row.unit == "slice"]
    if quantity.unit != "piece" or not slices or not _BIG & frozenset(name_words(food.name)):
        return rows
    return [row for row in rows if row.unit != "piece" or row.grams < 2.2 * max(slices)]


def _told(food: Food, said: frozenset[str]) -> frozenset[str]:
    """What was said beyond the name of the food: only that can tell its portions apart."""
    return said - frozenset(name_words(food.name))


def _words(quantity: Quantity) -> str:
    """A quantity in words: "2 slice", "1 large"."""
    return " ".join(
        part for part in (f"{quantity.count:.4g}", quantity.size, quantity.unit) if part
    )


def _packed(quantity: Quantity, rows: Sequence[Row]) -> Amount | None:
    """The row of a package that holds what was said: "1 can (12 fl oz)"."""
    for said, content in (
        (quantity.content_ml, "content_ml"), (quantity.content_g, "content_g"),
    ):  # fmt: skip
        if said is None:
            continue
        for row in rows:
            holds = getattr(row, content)
            if holds and row.unit != "fl oz" and abs(holds / said - 1) < 0.04:
                return Amount(row.grams * quantity.count, row.label, 1.0, 0.02, "portion row")
    return None


def _poured(food: Food, quantity: Quantity, millilitres: float) -> Amount:
    per_ml, known = millilitre_grams(food)
    return Amount(
        millilitres * per_ml,
        f"{millilitres:.4g} ml",
        0.95 if known else 0.5,
        0.04 if known else 0.2,
        "the food's own volume row" if known else "a usual density",
    )


def _by_rows(food: Food, quantity: Quantity, rows: Sequence[Row], said: frozenset[str]) -> Amount:
    """The best row for a household quantity, or a household measure, or the default."""
    usual = default_grams(food)
    helping = _helping(rows, quantity)
    if helping is not None:
        return Amount(helping.grams, helping.label, 0.7, 0.35, "a usual helping")
    told = _told(food, said)
    scored = [
        (_row_score(row, quantity, said, told, usual) + _near(row, quantity, usual), -place, row)
        for place, row in enumerate(rows)
    ]
    best = max(scored, default=None)
    if quantity.unit and (best is None or best[0] < 1.4):
        other = _household(food, quantity, usual)
        if other is not None:
            return other
    if best is None or best[0] < -1.5:
        grams = usual * quantity.count
        return Amount(grams, _words(quantity), 0.2, 0.5, "no portion known")
    score, _, row = best
    said_so = quantity.stated or quantity.size in row.sizes
    assumed = not said_so or (row.is_default and row.unit != quantity.unit)
    spread = 0.35 if assumed else 0.12
    fit = max(0.0, min(1.0, score / 4.5))
    text = _default_text(quantity) if assumed and row.is_default else row.label
    # A footlong is two of what tables call a sub; only some have a row of its own.
    long = 2.0 if quantity.size == "footlong" and not row.sizes and row.grams < 330 else 1.0
    grams = row.grams * quantity.count * long
    counted = _counted(quantity.count, text)
    return Amount(grams, counted, fit, spread, "the usual amount" if assumed else "portion row")


def _default_text(quantity: Quantity) -> str:
    return "usual amount" if not (quantity.unit or quantity.size) else _words(quantity)


def _counted(count: float, label: str) -> str:
    """The label for `count` of it: "1 slice" and 2 are "2 x 1 slice"."""
    return label if count == 1 else f"{count:.4g} x {label}"


def _row_score(
    row: Row, quantity: Quantity, said: frozenset[str], told: frozenset[str], usual: float
) -> float:
    """How well a row is what was said: unit, size, and the words beside the food's own name."""
    score = _unit_score(row, quantity, said) + _size_score(row, quantity)
    score += 0.6 * len(row.words & told) + 0.45 * len(row.aside & told)
    unsaid = len(row.words - said)
    if row.words & said and _ALTERNATIVES.search(row.label):
        unsaid = 0  # "1 tender, strip, or finger": one of them is enough
    score -= 0.12 * unsaid + 0.3 * min(3, len(row.aside - said))
    if row.open:
        score += 0.45
    if row.words & {"inch", "cubic", "kernel", "crumb"} and not {"inch", "cubic"} & said:
        score -= 2.0  # a measure for reckoning, no helping
    if is_raw_measure(row) and not {"raw", "dry", "bone", "shell"} & said:
        score -= 0.8
    if _BIG & row.words and row.unit not in ("piece", "slice") and row.grams > 2.5 * usual:
        score -= 0.0 if _wants_whole(row, quantity, said, told) else 1.5
    if quantity.unit in ("piece", "slice", "serving") and row.grams > 600:
        score -= 2.0
    return score


_ALTERNATIVES: Final = re.compile(r"\bor\b|[a-z]/[a-z]")


def _wants_whole(row: Row, quantity: Quantity, said: frozenset[str], told: frozenset[str]) -> bool:
    """Whether a whole cake or pizza is meant: it is said so, counted, or told by its size.

    "A pizza" in a survey is a helping of it; its whole weighs several.
    """
    if "pot" in row.words and "pot" not in said:
        return False  # a pot of coffee is several cups
    if (
        {"whole", "entire"} & said
        or row.words & _BIG & told
        or (quantity.size and quantity.size in row.sizes)
    ):
        return True
    return bool(_BIG & said) and quantity.stated and not quantity.article


# What an unsized bottle or can of a drink holds where the table has such a row (US sizes, as the
# rows are): 20 fl oz and 12 fl oz.
_PACKED_ML: Final = {"bottle": 591.0, "can": 355.0}


def _near(row: Row, quantity: Quantity, usual: float) -> float:
    """A little for a row that is the usual amount: of two bottles it is the likelier one."""
    standard = _PACKED_ML.get(quantity.unit)
    if standard and row.content_ml and abs(row.content_ml / standard - 1) < 0.04:
        return 0.35
    return 0.3 if not row.is_default and usual > 0 and abs(row.grams / usual - 1) < 0.02 else 0.0


def _unit_score(row: Row, quantity: Quantity, said: frozenset[str]) -> float:
    """How well a row is the unit that was said; the default row also stands for what was not."""
    if row.is_default:
        return max(_default_score(quantity, said), _own_unit_score(row, quantity, said) + 0.3)
    return _own_unit_score(row, quantity, said)


def _default_score(quantity: Quantity, said: frozenset[str]) -> float:
    """How well the usual amount is what was said: best when no amount was said at all."""
    if not (quantity.stated or quantity.size):
        return 4.0
    if quantity.unit in ("serving", "plate", "drink"):
        return 0.5 if quantity.size else 2.6
    if "whole" in said:
        return 0.3
    return 0.5 if quantity.unit else (1.7 if quantity.count <= 1 else 0.6)


def _own_unit_score(row: Row, quantity: Quantity, said: frozenset[str]) -> float:
    unit = quantity.unit
    if unit and (row.unit == unit or unit in row.others):
        return 3.2 if row.unit == unit else 3.15
    if quantity.size and not row.unit and row.sizes and unit in ("cup", "mug", "glass", "drink"):
        return 2.6  # "a large cup": the table's "large" of a drink
    if unit == "piece" and row.is_default and not row.unit and row.words:
        return 2.2  # "1 cob", "1 wing": the thing itself
    if unit:
        return 2.2 if any(unit in kin and row.unit in kin for kin in _KIN) else -0.5
    return _countable(row, said) if quantity.stated or quantity.size else 0.0


def _countable(row: Row, said: frozenset[str]) -> float:
    """How well a row is "one of it" when a bare count was said."""
    if row.words & said and (row.unit in _ONE or (len(row.words) > 1 and row.words <= said)):
        return 2.2
    own = row.words - {row.unit}
    if own and own <= said:
        return 2.0  # a brand's own package: "1 Capri Sun pouch"
    if row.unit and row.unit in said:
        return 2.4
    if row.unit == "" and row.sizes:
        return 1.7
    if row.sizes and row.unit in ("cup", "glass", "mug", "drink", "serving", "bowl"):
        return 1.5
    if row.words & {"fruit", "whole", "item", "bun", "each"} and row.unit in ("", "piece"):
        return 1.9
    return {"piece": 1.3, "": 0.6, "bar": 1.2, "slice": 0.6, "serving": 0.9}.get(row.unit, -0.8)


# Sizes by which things are sold, so that a row with one is a package of its own.
_SOLD_AS: Final = frozenset(("fun", "snack", "king", "personal", "miniature"))
_ORDER: Final = {
    "extra small": -2.0, "miniature": -1.7, "small": -1.0, "thin": -1.0, "medium": 0.0,
    "large": 1.0, "thick": 1.0, "extra large": 2.0, "fun": -1.5, "snack": -1.4, "king": 2.0,
    "personal": -1.2, "footlong": 1.5,
}  # fmt: skip


def _size_score(row: Row, quantity: Quantity) -> float:
    """Whether the size of a row is the size that was said; medium when none was."""
    if row.is_default and not row.sizes:
        return -0.4 if quantity.size else 0.0
    if not quantity.size:
        unusual = bool(row.sizes) and not row.is_default
        return 0.25 if "medium" in row.sizes else -0.6 if unusual else 0.0
    if quantity.size in row.sizes:
        return 3.6 if quantity.size in _SOLD_AS else 1.1
    if not row.sizes:
        return -0.2
    gap = min(abs(_ORDER.get(size, 0.0) - _ORDER.get(quantity.size, 0.0)) for size in row.sizes)
    return -0.5 * gap - 0.1


def _household(food: Food, quantity: Quantity, usual: float) -> Amount | None:
    """A measure of the kitchen that no row of the food knows."""
    unit = UNITS[quantity.unit]
    text = _words(quantity)
    if unit.kind == "volume" or (unit.name in _HOUSEHOLD_ML and _is_drink(food)):
        millilitres = unit.factor if unit.kind == "volume" else _HOUSEHOLD_ML[unit.name]
        per_ml, known = millilitre_grams(food)
        grams = millilitres * per_ml * quantity.count * _sized(quantity)
        return Amount(grams, text, 0.65 if known else 0.4, 0.2, "household measure")
    if unit.name in ("serving", "plate", "drink", "bowl") and food.portions:
        return Amount(usual * quantity.count, text, 0.5, 0.35, "the usual amount")
    if unit.name in _HOUSEHOLD_G:
        grams = _HOUSEHOLD_G[unit.name] * quantity.count * _sized(quantity)
        return Amount(grams, text, 0.3, 0.4, "household measure")
    return None


def _sized(quantity: Quantity) -> float:
    """What a size does to a household measure that is not given by size.

    The cups that drinks are sold in hold about 12, 17 and 24 fl oz.
    """
    if quantity.unit == "drink":
        return {"medium": 1.4, "large": 2.0, "extra large": 2.8}.get(quantity.size, 1.0)
    return {"small": 0.7, "large": 1.4, "extra large": 1.8, "thin": 0.7, "thick": 1.4}.get(
        quantity.size, 1.0
    )


def _is_drink(food: Food) -> bool:
    return any(row.unit == "fl oz" for row in rows_of(food)) or (
        any(row.unit in ("glass", "mug", "bottle") for row in rows_of(food))
    )


def _pieces_in_bread(food: Food, quantity: Quantity, usual: float) -> Amount | None:
    """One helping where its pieces are counted: "10 ćevapa u lepinji" are no ten of them in bread.

    Nobody eats four whole sandwiches of this weight; five pieces are a small one.
    """
    if quantity.unit not in ("", "piece") or quantity.count < 4 or usual < 250:
        return None
    rows = rows_of(food)
    if not any(row.unit == "sandwich" or "sandwich" in row.words for row in rows):
        return None
    small = next((row.grams for row in rows if "small" in row.sizes), usual)
    return Amount(small if quantity.count <= 5 else usual, "usual amount", 0.6, 0.2, "one helping")


def _sane(food: Food, quantity: Quantity, amount: Amount) -> Amount:
    """Not more than anybody eats: an amount that is out of reason becomes the usual one."""
    usual = default_grams(food)
    pieces = _pieces_in_bread(food, quantity, usual)
    if pieces is not None:
        return pieces
    limit = max(HEAVIEST, 3 * usual)
    if amount.grams <= limit or quantity.count > 12:
        return amount._replace(grams=min(amount.grams, 20_000.0))
    return Amount(usual * min(quantity.count, 4), amount.text, 0.1, 0.6, "the usual amount")
