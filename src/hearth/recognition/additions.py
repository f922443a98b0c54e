"""Additions: how much of a food goes on or into another when nobody says: butter on bread, milk in
coffee, sugar on porridge."""

from typing import Final

from hearth.foods import Food
from hearth.recognition.densities import rows_of
from hearth.recognition.portions import Amount
from hearth.recognition.quantities import Quantity
from hearth.recognition.words import listed, name_words


def added_to(food: Food, base: Quantity, said: frozenset[str]) -> Amount | None:
    """How much of `food` goes on or into `base` when nobody says: butter on bread, milk in coffee.

    Survey tables state it ("Guideline amount per slice of bread/roll"); `said` are the words of the
    base. None when the tables say nothing that fits.
    """
    if said & (_DRINKS | _CEREALS | _SOURED):
        usual = _poured_on(food, base, said)
        if usual is not None:
            return usual
    for row in rows_of(food):
        if not row.adds and not row.label.startswith("1 spread") and row.unit != "spread":
            continue
        label = row.label.lower()
        if said & _BREADS and ("bread" in label or "spread" in label):
            return Amount(row.grams * _slices(base), row.label, 0.8, 0.25, "a usual spread")
        if said & _DRINKS and "beverage" in label:
            ounces = (base.millilitres or base.grams or 240.0 * _servings(base)) / 29.57
            return Amount(row.grams * ounces, row.label, 0.8, 0.3, "a usual addition")
        if said & _CEREALS and "cereal" in label:
            return Amount(row.grams * _servings(base), row.label, 0.8, 0.3, "a usual addition")
    if said & _BREADS and food.nutrients.get("fat_g", 0.0) > _SPREAD_THIN:
        return Amount(6.0 * _slices(base), "thin spread", 0.6, 0.3, "a usual spread")
    if said & _BREADS:
        return _laid_on(food, base)
    words = frozenset(name_words(food.name.split(",")[0]))
    if words <= _LIQUID_CREAM:
        # Cream beside cake or berries: two spoons, as it comes to the table.
        return Amount(30.0, "a usual addition", 0.7, 0.4, "a usual addition")
    return None


_SPREAD_THIN: Final = 55.0
"""Fat in 100 g from which a food is spread thin: butter and mayonnaise, not kajmak or peanut butter."""

_LIQUID_CREAM: Final = listed("whipping whipped heavy cream light table")


def _laid_on(food: Food, base: Quantity) -> Amount | None:
    """Cold cuts and cheese on bread: one slice of them to a slice of bread.

    Known by their slices and their protein; eggs and bread are counted by themselves.
    """
    if food.nutrients.get("protein_g", 0.0) < 8 or food.nutrients.get("carb_g", 0.0) > 20:
        return None
    rows = [row for row in rows_of(food) if row.unit == "slice" and not row.sizes]
    if not rows or "egg" in name_words(food.name) or not 5 <= rows[0].grams <= 35:
        return None
    return Amount(rows[0].grams * _slices(base), rows[0].label, 0.7, 0.3, "a usual slice")


# What goes into a cup or onto a bowl when nobody says how much, by a word of the food's name:
# milk as two spoons to a cup, or half a cup to a bowl; cream a spoon; sugar and honey a small spoon.
_INTO_CUP_G: Final = {"milk": 30.0, "cream": 15.0, "creamer": 15.0, "sugar": 4.0, "honey": 7.0}
_ONTO_BOWL_G: Final = {"milk": 125.0, "cream": 30.0, "sugar": 8.0, "honey": 14.0}


def _poured_on(food: Food, base: Quantity, said: frozenset[str]) -> Amount | None:
    """A usual addition to a drink or a bowl, for foods whose table states none."""
    if any(row.adds for row in rows_of(food)):
        return None
    words = frozenset(name_words(food.name.split(",")[0].split("(")[0]))
    if "drink" in words and words & _PLANTS:
        words |= {"milk"}  # "oat drink" is what the law calls oat milk
    if said & _SOURED and not said & _CEREALS and words & _TOPPINGS:
        return Amount(35.0, "a usual topping", 0.7, 0.35, "a usual addition")
    usual = _INTO_CUP_G if said & _DRINKS and not said & _CEREALS else _ONTO_BOWL_G
    for word, grams in usual.items():
        if word in words and not words & {"chocolate", "shake", "ice", "cheese", "sour"}:
            times = _servings(base) if usual is _INTO_CUP_G or base.unit in _BOWLS else 1.0
            return Amount(grams * times, "a usual addition", 0.8, 0.4, "a usual addition")
    return None


# Two bowls of cereal take milk twice; two biscuits of it lie in one bowl.
_BOWLS: Final = listed("bowl serving plate cup mug")


_PLANTS: Final = listed("oat soy soya almond rice coconut")
# Yogurt and its kin are eaten with a spoon or two of cereal, a bowl of cereal with milk.
_SOURED: Final = listed("yogurt yoghurt skyr kvarg quark fil filmjolk kefir jogurt jogurta")
_TOPPINGS: Final = listed("granola muesli")


def _servings(base: Quantity) -> float:
    """How many cups or bowls were counted; one where a weight or volume was said."""
    return max(1.0, base.count) if base.grams is None and base.millilitres is None else 1.0


_BREADS: Final = listed(
    "bread toast bagel roll bun baguette crispbread sandwich brod ragbrod knackebrod hleb hleba "
    "tost fralla kifla cracker"
)
_DRINKS: Final = listed(
    "coffee tea kaffe kafa kafe kafu kafica te caj caja espresso americano latte"
)
_CEREALS: Final = listed(
    "cereal oatmeal porridge muesli granola cornflakes flingor musli grot weetabix shredded flake bran"
)


def _slices(base: Quantity) -> float:
    """How many slices are spread: what was counted, one when bread is given by weight."""
    return min(6.0, max(1.0, base.count)) if base.grams is None else max(1.0, base.grams / 35)
