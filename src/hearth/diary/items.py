"""Items: one thing eaten, with what it held when it was logged and where that came from.

An item made from a food keeps a snapshot of the food's figures for its amount. They come from the
food and never from the client; only a quick add, which has no food, brings its own.
"""

from collections.abc import Mapping
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from hearth.core.values import new_id
from hearth.diary.amounts import Weighed, weighed
from hearth.diary.refusals import LEAST, MAX_GRAMS, PLAIN, number, refused, text
from hearth.diary.totals import plain
from hearth.foods import CODES, NUTRIENTS, Food, Nutrients, scaled

Amount = Annotated[float, msgspec.Meta(ge=LEAST, le=1_000_000)]
Grams = Annotated[float, msgspec.Meta(ge=LEAST, le=MAX_GRAMS)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Stated = Annotated[float, msgspec.Meta(ge=0, le=2e10)]
StatedNutrients = Annotated[
    dict[str, Stated], msgspec.Meta(extra_json_schema={"propertyNames": {"enum": list(CODES)}})
]
FoodId = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Unit = Annotated[str, msgspec.Meta(max_length=120, extra_json_schema=PLAIN)]
Name = Annotated[str, msgspec.Meta(max_length=300, extra_json_schema=PLAIN)]
Phrase = Annotated[str, msgspec.Meta(max_length=500, extra_json_schema=PLAIN)]

UNITS: Final[Mapping[str, str]] = {nutrient.code: nutrient.unit for nutrient in NUTRIENTS}
MOST: Final[Mapping[str, float]] = {"g": 2e4, "mg": 2e7, "ug": 2e10, "kcal": 2e4 * 9}
"""The most of a nutrient that 20 kg can hold, by unit; for energy, 20 kg of fat at 9 kcal/g."""


class Item(msgspec.Struct, frozen=True):
    """One thing in a meal. `nutrients` are for the whole amount; absent means unknown.

    `amount` and `unit` are as the person gave them, `grams` what that weighs (None for a quick add
    without a weight), `phrase` the words it was read from and `confidence` (0 to 1) how sure the
    reading was. `provenance` names the food with its version and how the amount became grams.
    """

    id: UUID
    position: int
    food_id: str | None
    food_version: int | None
    name: str
    phrase: str
    amount: float
    unit: str
    grams: float | None
    nutrients: Nutrients
    provenance: str
    confidence: float | None = None


class NewItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing to log: an amount of a food, or a quick add with a name and its own nutrients.

    The amount is `grams`, or `amount` of a `unit`: a unit of mass or volume or one of the food's
    portions; no unit is the food's default portion. Given both, `grams` count and the unit is kept
    as the person's words. `corrected` says that the person changed what was read from `phrase`: the
    phrase then becomes their own alias for this food.
    """

    food_id: FoodId | None = None
    amount: Amount | None = None
    unit: Unit = ""
    grams: Grams | None = None
    name: Name = ""
    nutrients: StatedNutrients | None = None
    phrase: Phrase = ""
    confidence: Share | None = None
    corrected: bool = False


class ItemChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to change of an item; what is left out stays. Another `food_id` makes it that food.

    A new amount of the same food scales the item's own snapshot: the food's later edits stay out.
    In a list of a meal's items, one with `id` is that item and one without is new.
    """

    id: UUID | None = None
    food_id: FoodId | None = None
    amount: Amount | None = None
    unit: Unit | UnsetType = UNSET
    grams: Grams | None = None
    name: Name = ""
    nutrients: StatedNutrients | None = None
    phrase: Phrase = ""
    confidence: Share | None = None
    corrected: bool = False

    def as_new(self) -> NewItem:
        """The same as an item of its own."""
        given = {name: getattr(self, name) for name in NewItem.__struct_fields__}
        return NewItem(**given | {"unit": "" if self.unit is UNSET else self.unit})


def made(new: NewItem, food: Food | None, position: int) -> Item:
    """The item: from its food, or a quick add when it names none."""
    field = f"items.{position}"
    _checked(new, field)
    item = _quick(new, position, field) if food is None else _from(food, new, position, field)
    return as_stored(item)


def as_stored(item: Item) -> Item:
    """The item with its numbers as they come back from a stored `real`."""
    return msgspec.structs.replace(
        item,
        amount=plain(item.amount),
        grams=None if item.grams is None else plain(item.grams),
        nutrients={code: plain(amount) for code, amount in item.nutrients.items()},
        confidence=None if item.confidence is None else plain(item.confidence),
    )


def _from(food: Food, new: NewItem, position: int, field: str) -> Item:
    if new.nutrients is not None:
        raise refused(f"{field}.nutrients", "come from the food; leave out these or the food_id.")
    by = _grams(new, food, field)
    amount, unit = _as_given(new, field)
    return Item(
        id=new_id(),
        position=position,
        food_id=food.id,
        food_version=food.version,
        name=text(new.name, f"{field}.name", 300) or food.name,
        phrase=text(new.phrase, f"{field}.phrase", 500),
        amount=amount,
        unit=unit,
        grams=by.grams,
        nutrients=scaled(food.nutrients, by.grams),
        provenance=sourced(food, by.how),
        confidence=new.confidence,
    )


def _quick(new: NewItem, position: int, field: str) -> Item:
    name = text(new.name, f"{field}.name", 300)
    if not name:
        raise refused(f"{field}.name", "is needed for an item without a food_id.")
    amount, unit = _as_given(new, field)
    return Item(
        id=new_id(),
        position=position,
        food_id=None,
        food_version=None,
        name=name,
        phrase=text(new.phrase, f"{field}.phrase", 500),
        amount=amount,
        unit=unit,
        grams=new.grams,
        nutrients=stated(new.nutrients or {}, f"{field}.nutrients"),
        provenance="quick add",
        confidence=new.confidence,
    )


def _as_given(new: NewItem, field: str) -> tuple[float, str]:
    """The amount and unit in the person's words; grams alone are an amount in g."""
    if new.amount is None and new.grams is not None:
        return new.grams, "g"
    return 1.0 if new.amount is None else new.amount, text(new.unit, f"{field}.unit", 120)


def _grams(new: NewItem, food: Food, field: str) -> Weighed:
    if new.grams is not None:
        return Weighed(new.grams, "grams as given")
    return weighed(food, 1.0 if new.amount is None else new.amount, new.unit, field)


def sourced(food: Food, how: str) -> str:
    """The provenance of a snapshot: which food at which version, and how the amount was weighed."""
    return f"{food.id}@{food.version}; {how}"


def stated(nutrients: Mapping[str, float], field: str) -> Nutrients:
    """A person's own figures for a whole item, each known by code and possible in 20 kg."""
    for code, amount in nutrients.items():
        if code not in UNITS:
            raise refused(f"{field}.{code[:60]}", "is no nutrient that is known here.")
        number(amount, f"{field}.{code}", least=0, most=MOST[UNITS[code]])
    return dict(nutrients)


def _checked(new: NewItem, field: str) -> None:
    if new.amount is not None:
        number(new.amount, f"{field}.amount", least=LEAST, most=1_000_000)
    if new.grams is not None:
        number(new.grams, f"{field}.grams", least=LEAST, most=MAX_GRAMS)
    if new.confidence is not None:
        number(new.confidence, f"{field}.confidence", least=0, most=1)


def changed(item: Item, change: ItemChange, food: Food | None, position: int) -> Item:
    """The item after a change. `food` is needed when the food or the unit changes."""
    if change.food_id not in (None, item.food_id):
        fresh = made(_carried(item, change), food, position)
        return msgspec.structs.replace(fresh, id=item.id)
    _checked(change.as_new(), f"items.{position}")
    if change.nutrients is not None:
        item = _restated(item, change.nutrients, f"items.{position}.nutrients")
    item = _amended(item, change, food, f"items.{position}")
    return msgspec.structs.replace(
        item,
        position=position,
        name=text(change.name, f"items.{position}.name", 300) or item.name,
        phrase=text(change.phrase, f"items.{position}.phrase", 500) or item.phrase,
    )


def _carried(item: Item, change: ItemChange) -> NewItem:
    """The change to another food, keeping the words and, if nothing is said, the weight."""
    new = change.as_new()
    silent = new.amount is None and new.grams is None
    return msgspec.structs.replace(
        new, phrase=new.phrase or item.phrase, grams=item.grams if silent else new.grams
    )


def _restated(item: Item, nutrients: Mapping[str, float], field: str) -> Item:
    if item.food_id is not None:
        raise refused(field, "come from the food; only a quick add states its own.")
    return msgspec.structs.replace(item, nutrients=stated(nutrients, field))


def _amended(item: Item, change: ItemChange, food: Food | None, field: str) -> Item:
    """The same food in another amount: the snapshot times the ratio of new to old."""
    unit = item.unit if change.unit is UNSET else text(change.unit, f"{field}.unit", 120)
    if change.grams is None and change.amount is None and unit == item.unit:
        return item
    if change.grams is not None:
        amount, unit = (change.amount, unit) if change.amount is not None else (change.grams, "g")
        return _scaled(item, amount, unit, Weighed(change.grams, "grams as given"))
    amount = item.amount if change.amount is None else change.amount
    if unit == item.unit:
        ratio = amount / item.amount
        grams = (
            None
            if item.grams is None
            else number(item.grams * ratio, f"{field}.amount", least=0, most=MAX_GRAMS)
        )
        return _times(item, ratio, amount=amount, grams=grams)
    if food is None:
        raise refused(f"{field}.unit", "of a quick add cannot be changed; give grams instead.")
    return _scaled(item, amount, unit, weighed(food, amount, unit, field))


def _scaled(item: Item, amount: float, unit: str, by: Weighed) -> Item:
    source = item.provenance.partition("; ")[0]
    provenance = f"{source}; {by.how}" if item.food_id else item.provenance
    if not item.grams:
        return msgspec.structs.replace(item, amount=amount, unit=unit, grams=by.grams)
    scaled_item = _times(item, by.grams / item.grams, amount=amount, grams=by.grams)
    return msgspec.structs.replace(scaled_item, unit=unit, provenance=provenance)


def _times(item: Item, ratio: float, *, amount: float, grams: float | None) -> Item:
    nutrients = {code: value * ratio for code, value in item.nutrients.items()}
    return msgspec.structs.replace(item, amount=amount, grams=grams, nutrients=nutrients)
