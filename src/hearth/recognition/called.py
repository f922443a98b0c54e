"""A reading in a language: its foods by their names there, its amounts in its words."""

from msgspec.structs import replace

from hearth import foods
from hearth.recognition.answers import Alternative, FoodName, Reading
from hearth.recognition.index import Index


def in_locale(reading: Reading, index: Index, locale: str) -> Reading:
    """The reading with its foods named and its amounts worded in a language."""

    def called(food: FoodName) -> FoodName:
        place = index.by_id.get(food.id)
        return food if place is None else FoodName(food.id, foods.named(index.foods[place], locale))

    def other(one: Alternative) -> Alternative:
        text = foods.amount_said(one.amount_text, locale)
        return replace(one, food=called(one.food), amount_text=text)

    items = tuple(
        replace(
            item,
            food=called(item.food) if item.food else None,
            amount_text=foods.amount_said(item.amount_text, locale),
            alternatives=tuple(other(one) for one in item.alternatives),
        )
        for item in reading.items
    )
    return replace(reading, items=items)
