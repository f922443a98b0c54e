"""Packages and vessels: what "2 cans of 330 ml" and "2 bottles, 500 ml" hold."""

from typing import Final

import msgspec

from hearth.recognition.quantities import Quantity

_CLOSED: Final = frozenset(
    ("bottle", "can", "box", "bag", "package", "packet", "pouch", "carton", "container", "jar",
     "bar")
)  # fmt: skip
PACKAGES: Final = _CLOSED | {"cup", "glass", "bowl"}
"""The units that hold a measured amount."""


def holds_each(package: Quantity, *, named: bool) -> bool:
    """Whether an amount told with a package is what each of several holds.

    `named` when the amount follows the food: "2 cans of beer, 330 ml" is a can's label, but "2 cups
    of rice, 300 g" is the whole, because nobody fills cups alike.
    """
    return package.unit in (_CLOSED if named else PACKAGES)


def filled(package: Quantity, holds: Quantity, *, named: bool, whole: bool) -> Quantity:
    """The quantity of a package with what it holds; `whole` when the words weigh all of it."""
    if package.count == 1 or whole or not holds_each(package, named=named):
        return msgspec.structs.replace(holds, size=holds.size or package.size)
    return msgspec.structs.replace(package, content_g=holds.grams, content_ml=holds.millilitres)
