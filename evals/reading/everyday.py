"""How well everyday logs are read: short texts as people type them, against foods and grams by hand.

An item is right when its food is one of those that were meant; a meal is near when its energy is
within 20 % of the foods and grams that were decided by hand (or within 10 kcal, where a fifth is
less than a spoonful).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from hearth.foods import Food, starter_foods
from hearth.recognition import Index, Reader, Reading

FILE: Final = Path(__file__).with_name("everyday.tsv")
SECOND: Final = Path(__file__).with_name("everyday2.tsv")
THIRD: Final = Path(__file__).with_name("everyday3.tsv")
NEAR: Final = 0.2
NEAR_KCAL: Final = 10.0


class Truth(msgspec.Struct, frozen=True):
    """One food that was eaten: the catalogue ids of which each is right, and its grams.

    `kcal` is the energy of 100 g decided by hand, for a food that the catalogue may not hold.
    """

    ids: tuple[str, ...]
    grams: float
    kcal: float | None = None

    def energy(self, foods: dict[str, Food]) -> float:
        """What was eaten in kcal: by hand where it is stated, else by the first food."""
        stated = self.kcal is not None
        per_100 = self.kcal if stated else foods[self.ids[0]].nutrients.get("energy_kcal", 0.0)
        return (per_100 or 0.0) * self.grams / 100


class Log(msgspec.Struct, frozen=True):
    """One text with its language and what was eaten."""

    locale: str
    text: str
    items: tuple[Truth, ...]


class Mark(msgspec.Struct, frozen=True):
    """How one log was read: how many of its foods were found, and its energy against the truth."""

    log: Log
    reading: Reading
    found: int
    energy_kcal: float
    true_kcal: float

    @property
    def near(self) -> bool:
        """Whether the energy is near enough."""
        return abs(self.energy_kcal - self.true_kcal) <= max(NEAR_KCAL, NEAR * self.true_kcal)


def logs(file: Path = FILE) -> Iterator[Log]:
    """The logs of the file, in its order."""
    for line in file.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            locale, text, items = line.split("\t")
            yield Log(locale, text, tuple(map(_truth, items.split(";"))))


def _truth(written: str) -> Truth:
    foods, _, grams = written.partition("=")
    first, _, kcal = foods.partition("/")[0].partition("@")
    ids = (first, *foods.split("/")[1:])
    return Truth(
        tuple(f"starter:{food}" for food in ids), float(grams), float(kcal) if kcal else None
    )


def marked(reader: Reader, log: Log, foods: dict[str, Food]) -> Mark:
    """Read one log and compare it with what was eaten.

    A dish may stand for several of the foods ("coffee with milk" is one food of the catalogue): it
    then counts for each of those that allow it, and the first to allow it carries the energy.
    """
    reading = reader.read(log.text, locale=log.locale)
    said = [item.food.id for item in reading.items if item.food]
    found = sum(any(food in truth.ids for food in said) for truth in log.items)
    true_kcal = sum(truth.energy(foods) for truth in log.items)
    return Mark(log, reading, found, reading.totals.get("energy_kcal", 0.0), true_kcal)


def everyday(reader: Reader | None = None, file: Path = FILE) -> list[Mark]:
    """Every log of a file read with the starter catalogue, or with another reader."""
    foods = {food.id: food for food in starter_foods()}
    reader = reader or Reader(Index(starter_foods()))
    return [marked(reader, log, foods) for log in logs(file)]


def right_food(marks: Sequence[Mark]) -> float:
    """The share of items whose food was found."""
    items = sum(len(mark.log.items) for mark in marks)
    return sum(mark.found for mark in marks) / items if items else 0.0


def near_energy(marks: Sequence[Mark]) -> float:
    """The share of meals whose energy is near."""
    return sum(mark.near for mark in marks) / len(marks) if marks else 0.0


def lines(marks: Sequence[Mark]) -> Iterator[str]:
    """The report: everything first, then each language."""
    groups = {"all": list(marks)}
    for mark in marks:
        groups.setdefault(mark.log.locale, []).append(mark)
    for name, group in groups.items():
        items = sum(len(mark.log.items) for mark in group)
        yield (
            f"{name:8} n {len(group):4} logs, {items:4} foods  right food {right_food(group):6.1%}"
            f"  energy within 20 % {near_energy(group):6.1%}"
        )
