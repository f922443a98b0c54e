"""What the page of a menu shows: dishes with figures written for their reader."""

from collections.abc import Sequence

import msgspec
from babel.numbers import format_currency

from hearth.diary.fitting import ENERGY, PROTEIN, Fit, Left
from hearth.recognition import Dish
from hearth.web import Shown, gettext


class DishLine(msgspec.Struct, frozen=True, kw_only=True):
    """A dish as shown; `words` are what a tap adds, "" when nothing of it is known."""

    name: str
    description: str
    section: str
    price_text: str
    energy_text: str
    range_text: str
    protein_text: str
    fit_text: str
    fits: bool
    words: str
    parts: str


class MenuView(msgspec.Struct, frozen=True, kw_only=True):
    """The page of a menu; `order` says by what its dishes stand in this order."""

    dishes: list[DishLine]
    left_text: str
    order: str


def menu_view(fits: Sequence[Fit], left: Left, shown: Shown) -> MenuView:
    """The menu for its reader."""
    return MenuView(
        dishes=[_line(fit, shown) for fit in fits],
        left_text=_left_text(left, shown),
        order=_order(left),
    )


def _left_text(left: Left, shown: Shown) -> str:
    parts = []
    if left.energy_kcal is not None:
        parts.append(shown.energy(max(0.0, left.energy_kcal)))
    if left.protein_g is not None:
        grams = shown.amount(max(0.0, left.protein_g), "g")
        parts.append(gettext("%(grams)s of protein") % {"grams": grams})
    if not parts:
        return ""
    most = gettext("Left of the day, at most: %(what)s.")
    whole = gettext("Left of the day: %(what)s.")
    return (most if left.is_partial else whole) % {"what": ", ".join(parts)}


def _order(left: Left) -> str:
    if not left.is_known:
        return gettext("In the order of the menu: without goals there is nothing to rank by.")
    if left.energy_kcal is None:
        return gettext("First what brings more of the protein that is left.")
    if left.protein_g is None:
        return gettext("First what fits into the energy that is left.")
    return gettext(
        "First what fits into the energy that is left; of these, what brings more of the protein."
    )


def _line(fit: Fit, shown: Shown) -> DishLine:
    dish = fit.dish
    return DishLine(
        name=dish.name,
        description=dish.description,
        section=dish.section,
        price_text=_price(dish, shown),
        energy_text=_stated(dish, ENERGY, shown.energy(dish.nutrients.get(ENERGY))),
        range_text=_range(dish, shown),
        protein_text=_protein(dish, shown),
        fit_text=_fit_text(fit, shown),
        fits=fit.rest_kcal is not None and fit.rest_kcal >= 0,
        words=dish.words,
        parts=dish.parts_text,
    )


def _price(dish: Dish, shown: Shown) -> str:
    if dish.price is None:
        return ""
    if len(dish.currency) == 3 and dish.currency.isalpha():
        return format_currency(dish.price, dish.currency.upper(), locale=shown.babel)
    return f"{shown.number(dish.price, 2)} {dish.currency}".strip()


def _stated(dish: Dish, code: str, text: str) -> str:
    """An amount, with the sign that there is more where a part does not state it."""
    return text if dish.known(code) is not None or code not in dish.nutrients else f"≥ {text}"


def _range(dish: Dish, shown: Shown) -> str:
    if ENERGY not in dish.interval or dish.known(ENERGY) is None:
        return ""
    low, high = dish.interval[ENERGY]
    return gettext("%(low)s to %(high)s") % {
        "low": shown.number(shown.energy_of(low)),
        "high": shown.energy(high),
    }


def _protein(dish: Dish, shown: Shown) -> str:
    amount = dish.nutrients.get(PROTEIN)
    text = "?" if amount is None else _stated(dish, PROTEIN, shown.amount(amount, "g"))
    return gettext("protein %(amount)s") % {"amount": text}


def _fit_text(fit: Fit, shown: Shown) -> str:
    parts = []
    if fit.rest_kcal is not None and fit.rest_kcal >= 0:
        parts.append(
            gettext("fits: %(energy)s left after it") % {"energy": shown.energy(fit.rest_kcal)}
        )
    elif fit.rest_kcal is not None:
        parts.append(
            gettext("%(energy)s more than is left") % {"energy": shown.energy(-fit.rest_kcal)}
        )
    if fit.protein_share is not None:
        parts.append(
            gettext("%(share)s of the protein left") % {"share": shown.share(fit.protein_share)}
        )
    return ", ".join(parts)
