"""A reading as text, for the terminal: needs no server, no account and no network."""

from hearth.core.errors import Invalid
from hearth.foods import starter_foods
from hearth.recognition.answers import Reading, ReadItem, Unreadable
from hearth.recognition.called import in_locale
from hearth.recognition.index import Index
from hearth.recognition.reading import Reader


def read_in_terminal(text: str, locale: str) -> tuple[Reading, list[str]]:
    """The reading of `text` against the starter catalogue, and its lines for people."""
    try:
        index = Index(starter_foods())
        reading = in_locale(Reader(index).read(text, locale=locale), index, locale)
    except Unreadable as error:
        raise Invalid(str(error)) from None
    return reading, _lines(reading)


def _lines(reading: Reading) -> list[str]:
    if not reading.items:
        return ["No food was found in these words. Name a food, for example: an apple"]
    lines = [line for item in reading.items for line in _item(item)]
    lines += ["", f"together  {_figures(reading.totals)}"]
    if "energy_kcal" in reading.interval:
        low, high = reading.interval["energy_kcal"]
        lines.append(f"          80 % sure: {low:.0f} to {high:.0f} kcal")
    lines += [f"not understood: {phrase}" for phrase in reading.unread]
    return lines


def _item(item: ReadItem) -> list[str]:
    name = item.food.name if item.food else f"{item.phrase} (unknown food)"
    grams = f"{item.grams:.0f} g" if item.grams is not None else "? g"
    figures = {
        code: value
        for code in ("energy_kcal", "protein_g", "carb_g", "fat_g")
        if (value := getattr(item, code)) is not None
    }
    lines = [f"{name}  {item.amount_text}  {grams}", f"    {_figures(figures)}"]
    lines.append(f"    {item.confidence:.0%} sure: {item.why}")
    if item.alternatives:
        others = "; ".join(f"{other.food.name} {other.grams:.0f} g" for other in item.alternatives)
        lines.append(f"    or: {others}")
    return lines


def _figures(nutrients: dict[str, float]) -> str:
    shown = {
        "energy_kcal": "kcal",
        "protein_g": "g protein",
        "carb_g": "g carbohydrate",
        "fat_g": "g fat",
    }
    parts = [
        f"{nutrients[code]:.0f} {unit}" if code in nutrients else f"? {unit}"
        for code, unit in shown.items()
    ]
    return "  ".join(parts)
