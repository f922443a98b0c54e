"""A reading as pages show it: figures written for their reader."""

import msgspec

from hearth.recognition.answers import Reading, ReadItem
from hearth.web import Shown, gettext, ngettext


class ChoiceLine(msgspec.Struct, frozen=True):
    """One of the foods that a phrase may mean; `energy` in the reader's unit, "" when unknown."""

    food_id: str
    name: str
    grams: str
    amount_text: str
    energy: str
    energy_text: str


class ReadLine(msgspec.Struct, frozen=True, kw_only=True):
    """One item of a reading; the first choice is what was understood.

    `picked` is what the form of a refused save had chosen: a choice's food and grams, "none" for
    left out; "" where nothing was sent. `typed` are its grams as they were typed.
    """

    phrase: str
    food_id: str
    name: str
    grams: str
    amount_text: str
    energy_text: str
    confidence: float
    why: str
    choices: list[ChoiceLine]
    picked: str = ""
    typed: str = ""

    @property
    def understood(self) -> str:
        """Food and grams as they were understood, as the form sends them back."""
        return f"{self.food_id}|{self.grams}"


class ReadingView(msgspec.Struct, frozen=True, kw_only=True):
    """A reading, with the text it was made from."""

    text: str
    lines: list[ReadLine]
    energy_text: str
    energy_unit: str
    interval_text: str
    heard: str
    unread: tuple[str, ...]


def reading_view(text: str, reading: Reading, shown: Shown) -> ReadingView:
    """The reading of a text. Items without a food are listed with what was not understood."""
    known = [item for item in reading.items if item.food is not None]
    energy = shown.energy(reading.totals.get("energy_kcal"))
    nameless = tuple(item.phrase for item in reading.items if item.food is None)
    return ReadingView(
        text=text,
        lines=[_line(item, shown) for item in known],
        energy_text=energy,
        energy_unit=shown.energy_unit,
        interval_text=_interval(reading, shown),
        heard=ngettext("%(count)s food, %(energy)s", "%(count)s foods, %(energy)s", len(known))
        % {"count": len(known), "energy": energy},
        unread=(*nameless, *reading.unread),
    )


def _interval(reading: Reading, shown: Shown) -> str:
    if "energy_kcal" not in reading.interval:
        return ""
    low, high = reading.interval["energy_kcal"]
    return gettext("(probably %(low)s to %(high)s)") % {
        "low": shown.number(shown.energy_of(low)),
        "high": shown.energy(high),
    }


def _line(item: ReadItem, shown: Shown) -> ReadLine:
    food_id, name = (item.food.id, item.food.name) if item.food else ("", item.phrase)
    grams = _typed(item.grams)
    amount, energy = _amount(item.amount_text, item.grams, shown), shown.energy(item.energy_kcal)
    first = ChoiceLine(food_id, name, grams, amount, _plain(item.energy_kcal, shown), energy)
    others = [
        ChoiceLine(
            other.food.id,
            other.food.name,
            _typed(other.grams),
            _amount(other.amount_text, other.grams, shown),
            _plain(other.energy_kcal, shown),
            shown.energy(other.energy_kcal),
        )
        for other in item.alternatives
    ]
    return ReadLine(
        phrase=item.phrase,
        food_id=food_id,
        name=name,
        grams=grams,
        amount_text=amount,
        energy_text=energy,
        confidence=item.confidence,
        why=item.why,
        choices=[first, *others],
    )


def _amount(text: str, grams: float | None, shown: Shown) -> str:
    weight = shown.grams(grams)
    return weight if not text or text == weight else f"{text}, {weight}" if weight else text


def _typed(grams: float | None) -> str:
    return "" if grams is None else f"{grams:.4g}"


def _plain(kcal: float | None, shown: Shown) -> str:
    """For the page's own reckoning, before the server reckons."""
    return "" if kcal is None else f"{shown.energy_of(kcal):.6g}"
