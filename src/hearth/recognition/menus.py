"""Menus: from photos of a restaurant's menu to its dishes with what they probably hold.

The model writes down what is printed and says of what a usual portion consists; every figure comes
from the tables, and is an estimate of a dish that nobody has weighed.
"""

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec

from hearth.ai import Ai, Prompt
from hearth.core.db import Db
from hearth.foods import CODES, Nutrients
from hearth.people import Person
from hearth.recognition.answers import ENGINE, Reading, ReadItem
from hearth.recognition.named_foods import SUREST, Found, NamedFood, found, plain, summed
from hearth.recognition.plates import (
    LONGEST_NOTE,
    MOST_GRAMS,
    Photo,
    Told,
    call_for,
    ready,
)
from hearth.recognition.sizes import spread_of
from hearth.web import gettext

MENU: Final = Prompt.load(__file__, "menu.v1")
MOST_DISHES: Final = 25
MOST_PARTS: Final = 6

Text = Annotated[str, msgspec.Meta(max_length=300)]


class SeenPart(msgspec.Struct, frozen=True):
    """One thing that a dish consists of."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    said: Text
    grams: Annotated[float, msgspec.Meta(ge=0, le=MOST_GRAMS)]


class SeenDish(msgspec.Struct, frozen=True):
    """A dish as it is printed, and its usual parts."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    description: Text
    section: Text
    price: Annotated[float, msgspec.Meta(ge=0, le=1_000_000)] | None
    currency: Annotated[str, msgspec.Meta(max_length=10)] | None
    parts: Annotated[list[SeenPart], msgspec.Meta(max_length=MOST_PARTS)]


class SeenMenu(msgspec.Struct, frozen=True):
    """The dishes of the pictures; `more` when there are others that are left out."""

    dishes: Annotated[list[SeenDish], msgspec.Meta(max_length=MOST_DISHES)]
    more: bool


class Dish(msgspec.Struct, frozen=True, kw_only=True):
    """A dish of a menu with an estimate of a usual portion, for somebody who chooses.

    `nutrients` are the sums of what its parts state; `partial` are the codes that some part does
    not state, so that the sum is at least this much. A code that no part states is absent. `words`
    say the parts as the engine read them, `parts_text` as a person reads them. `interval` is as in
    a `Reading`.
    """

    name: str
    description: str
    section: str
    price: float | None
    currency: str
    words: str
    parts_text: str
    grams: float
    nutrients: Nutrients
    partial: frozenset[str]
    interval: dict[str, tuple[float, float]]
    confidence: float
    unread: tuple[str, ...] = ()

    def known(self, code: str) -> float | None:
        """The amount of a nutrient that every part states; else it is unknown."""
        return None if code in self.partial else self.nutrients.get(code)


class Menu(msgspec.Struct, frozen=True):
    """The dishes in the order printed, by which model, and how far to trust them."""

    dishes: tuple[Dish, ...]
    by: str
    notes: tuple[str, ...]


async def see_menu(db: Db, person: Person, ai: Ai, photos: Sequence[Photo], told: Told) -> Menu:
    """The dishes on 1 to 5 photos of one menu; raises what `read_plate` raises."""
    answer = await ai.see(
        await ready(person, photos),
        MENU,
        into=SeenMenu,
        content={"language": told.locale, "note": told.note[:LONGEST_NOTE]},
        call=call_for(person, told, "menu_photo"),
    )
    dishes = tuple([await _dish(db, person, one, told.locale) for one in answer.value.dishes])
    return Menu(dishes, f"{answer.service} {answer.model}", _notes(answer.value))


async def read_menu(db: Db, person: Person, ai: Ai, photos: Sequence[Photo], told: Told) -> Reading:
    """The menu as a reading whose items are dishes. Nobody has eaten them all: it has no totals."""
    menu = await see_menu(db, person, ai, photos, told)
    return Reading(
        items=tuple(_item(dish, menu.by) for dish in menu.dishes),
        engine=f"{ENGINE}; {MENU.name} {menu.by}",
        text=", ".join(dish.name for dish in menu.dishes),
        notes=menu.notes,
    )


async def _dish(db: Db, person: Person, seen: SeenDish, locale: str) -> Dish:
    named = [_named(part) for part in seen.parts]
    parts = [part for one in named for part in await found(db, person, one, locale)]
    whole = summed(parts)
    return Dish(
        name=plain(seen.name, 120),
        description=plain(seen.description, 300),
        section=plain(seen.section),
        price=seen.price,
        currency=plain(seen.currency or "", 3),
        words=", ".join(part.words for part in parts),
        parts_text=", ".join(part.item.phrase for part in parts),
        grams=sum(one.grams for one in named),
        nutrients=whole.totals,
        partial=frozenset(code for code in CODES if not _all_state(parts, code)),
        interval=whole.interval,
        confidence=min((part.item.confidence for part in parts), default=0.0),
        unread=(*(part.item.phrase for part in parts if part.item.food is None), *whole.unread),
    )


def _named(part: SeenPart) -> NamedFood:
    name, said = plain(part.name), plain(part.said)
    # A portion that nobody saw is no better known than one on a photo.
    spread = spread_of(part.grams, part.grams, part.grams)
    return NamedFood(name=name, said=said or name, grams=part.grams, spread=spread, seen=SUREST)


def _all_state(parts: Sequence[Found], code: str) -> bool:
    return bool(parts) and all(code in part.item.nutrients for part in parts)


def _item(dish: Dish, by: str) -> ReadItem:
    """The dish as an item: a dish is no food of the catalogue, and unknown is not zero."""
    known = {code: amount for code, amount in dish.nutrients.items() if code not in dish.partial}
    why = gettext("Read from the menu by %(by)s; a usual portion: %(parts)s.") % {
        "by": plain(by),
        "parts": dish.parts_text or "?",
    }
    return ReadItem(
        phrase=dish.name, food=None, grams=dish.grams or None, amount_text="", nutrients=known,
        energy_kcal=known.get("energy_kcal"), carb_g=known.get("carb_g"),
        protein_g=known.get("protein_g"), fat_g=known.get("fat_g"),
        confidence=dish.confidence, why=why,
    )  # fmt: skip


def _notes(seen: SeenMenu) -> tuple[str, ...]:
    if not seen.dishes:
        return (gettext("No menu was seen on the photo."),)
    notes = [
        gettext("Portions and parts are guesses from the menu's words: nobody has weighed them.")
    ]
    if seen.more:
        notes.append(gettext("The menu has more dishes than these: photograph the rest by itself."))
    return tuple(notes)
