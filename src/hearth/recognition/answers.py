"""What a reading is: items with foods and grams, totals, and how sure they are."""

from typing import Final

import msgspec

from hearth.foods import Nutrients

ENGINE: Final = "hearth-words 1"


class Unreadable(ValueError):
    """The text is too long to be one meal; the message says the limit and what to do."""


class FoodName(msgspec.Struct, frozen=True):
    """A food of the catalogue by its id, with the name to show."""

    id: str
    name: str


class Alias(msgspec.Struct, frozen=True):
    """What a person means by a phrase, from their own correction; `grams` their usual portion."""

    phrase: str
    food_id: str
    grams: float | None = None


class Alternative(msgspec.Struct, frozen=True):
    """Another food that may be meant, with the same quantity of it."""

    food: FoodName
    grams: float
    amount_text: str
    energy_kcal: float | None
    confidence: float


class Because(msgspec.Struct, frozen=True):
    """Why an item was read so: the share of the words that its food holds, words that no food
    knows, how the grams were found, whether the person's habit decided, and the catalogue's words that
    were taken for mistyped ones."""

    share: float
    unknown: tuple[str, ...] = ()
    how: str = ""
    is_habit: bool = False
    guessed: tuple[str, ...] = ()


class ReadItem(msgspec.Struct, frozen=True, kw_only=True):
    """One food of a reading. Nutrients are for the amount; absent or None means unknown.

    `food` is None when the phrase names no food of the catalogue. `confidence` is 0..1, `why` says
    in words how food and grams were found, `because` the same in parts.
    """

    phrase: str
    food: FoodName | None
    grams: float | None
    amount_text: str
    nutrients: Nutrients
    energy_kcal: float | None
    carb_g: float | None
    protein_g: float | None
    fat_g: float | None
    confidence: float
    why: str
    because: Because | None = None
    alternatives: tuple[Alternative, ...] = ()


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What was understood of a text, a recording, a plate or a menu.

    `interval` holds for energy_kcal and carb_g the low and high that should hold the truth in four
    meals of five. `coverage` is the share of the items, those without a food too, for which each
    nutrient is known. `unread` are the phrases that name no food. `text` is what was read where it
    was not typed: the words heard, or the foods seen. `notes` say in sentences how far to trust it.
    """

    items: tuple[ReadItem, ...] = ()
    totals: Nutrients = {}
    interval: dict[str, tuple[float, float]] = {}
    coverage: dict[str, float] = {}
    engine: str = ENGINE
    unread: tuple[str, ...] = ()
    text: str = ""
    notes: tuple[str, ...] = ()
