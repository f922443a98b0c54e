"""The words of names: how foods are stored for search, and what a plain query is."""

import re
from collections.abc import Iterable
from typing import Final

from hearth.foods.foods import Food
from hearth.foods.serbian import fold

_WORD: Final = re.compile(r"[^\W_]+")

# Words by which the English names of the sources tell that a food is more than its raw self.
PROCESSED: Final = frozenset({
    "babyfood", "baby", "baked", "battered", "beverage", "biscuit", "boiled", "braised", "breaded",
    "broiled", "buttered", "cake", "candied", "candy", "canned", "casserole", "cereal", "chips",
    "chocolate", "coated", "concentrate", "condensed", "cooked", "cookie", "cookies", "cracker",
    "crackers", "cream", "creamed", "crumble", "curry", "dehydrated", "dessert", "dip", "dressing",
    "dried", "drink", "dry", "fast", "flavored", "flour", "freeze", "fried", "frosting", "frozen",
    "fruitcake", "glazed", "gravy", "grilled", "imitation", "instant", "jam", "jelly", "juice",
    "leather", "microwaved", "mix", "muffin", "nectar", "nuggets", "oil", "pancakes", "paper",
    "paste", "pastry", "pickled", "pie", "pilaf", "powder", "powdered", "prepared", "preserves",
    "pudding", "puree", "restaurant", "roasted", "salad", "sandwich", "sauce", "seasoned", "shake",
    "smoked", "smoothie", "snack", "snacks", "soup", "split", "spread", "steamed", "stewed",
    "strudel", "substitute", "sundae", "sweetened", "syrup", "tart", "toasted", "topping",
    "vinegar",
})  # fmt: skip
RAW: Final = frozenset({"raw", "fresh", "nfs", "uncooked"})
# Groups of the starter catalogue whose foods are raw without saying so.
RAW_GROUPS: Final = frozenset({"fruit", "vegetables, raw", "eggs", "milk"})


def words(text: str) -> list[str]:
    """The words of `text` in the normal form in which they are compared."""
    return _WORD.findall(fold(text))


def is_plain(typed: Iterable[str]) -> bool:
    """Whether a query names a food and nothing that was done to it."""
    return PROCESSED.isdisjoint(typed)


def processing(food: Food, tier: int) -> int:
    """0 raw or unspecified, 1 plain, 2 processed, told from the name; branded foods are 2."""
    if tier >= 3:
        return 2
    stated = words(food.name)
    if not PROCESSED.isdisjoint(stated):
        return 2
    raw = not RAW.isdisjoint(stated) or (tier == 0 and food.category in RAW_GROUPS)
    return 0 if raw else 1


def norm(food: Food) -> str:
    """Names between bars, then aliases, then the brand: `|egg|agg|jaje||hen egg||acme`.

    The bars keep the beginnings of names findable, and separate words for the text index.
    """
    names = _folded((food.name, *food.names.values()))
    aliases = [alias for alias in _folded(food.aliases) if alias not in names]
    return f"|{'|'.join(names)}||{'|'.join(aliases)}||{' '.join(words(food.brand or ''))}"


def _folded(names: Iterable[str]) -> list[str]:
    folded = dict.fromkeys(" ".join(words(name)) for name in names)
    return [name for name in folded if name]
