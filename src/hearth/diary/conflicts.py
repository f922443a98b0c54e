"""A meal that was changed on two devices: what the one wants beside what the other left."""

import msgspec

from hearth.diary.entries import of_form
from hearth.diary.meals import Meal
from hearth.diary.views import kinds
from hearth.web import Fields, gettext


class Difference(msgspec.Struct, frozen=True):
    """One thing of a meal in both forms; "" where it is not there."""

    name: str
    mine: str
    theirs: str


def differences(found: Meal, fields: Fields) -> list[Difference]:
    """The meal as it is and as the form has it, thing by thing."""
    names = dict(kinds())
    kind = fields.text("kind") or found.kind
    return [
        Difference(gettext("Meal"), names.get(kind, kind), names.get(found.kind, found.kind)),
        *_items(found, fields),
        Difference(gettext("Note"), fields.text("note"), found.note),
    ]


def _items(found: Meal, fields: Fields) -> list[Difference]:
    mine = of_form(fields)
    there = {item.id: item for item in found.items}
    # Where no weight is known, only whether it is there can differ.
    lines = []
    for item in found.items:
        typed, dropped = mine.get(item.id, ("", False))
        theirs = "✓" if item.grams is None else f"{item.grams:.6g} g"
        lines.append(Difference(item.name, _mine(typed, dropped, theirs), theirs))
    gone = [
        Difference(fields.text(f"name-{n}"), _mine(typed, dropped, ""), "")
        for n, (item_id, (typed, dropped)) in enumerate(mine.items())
        if item_id not in there
    ]
    return lines + gone


def _mine(typed: str, dropped: bool, otherwise: str) -> str:
    if dropped:
        return gettext("taken out")
    return f"{typed} g" if typed else otherwise
