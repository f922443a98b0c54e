"""The form in which a person confirms a label: its fields from a reading, and back to a food."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from hearth.core.errors import refused
from hearth.foods import CODES, NUTRIENTS
from hearth.recognition.label_figures import LabelDoubt, LabelFigures
from hearth.recognition.label_foods import LabelFood, energy_span, warnings_of
from hearth.web import KJ_PER_KCAL, Fields, Shown, gettext

NAMES: Final[Mapping[str, str]] = {one.code: one.name for one in NUTRIENTS}
MAIN: Final = ("fat_g", "sat_fat_g", "carb_g", "sugars_g", "fiber_g", "protein_g")
"""The figures that labels of the EU state, in their order; energy before, salt after them."""
SODIUM_MG_PER_SALT_G: Final = 400.0
"""Salt is 2.5 times its sodium: Regulation (EU) 1169/2011, annex I, 11."""
# kJ and kcal of one label differ by the roundings and the factors of their parts.
_ENERGY_UNITS: Final = (3.9, 4.35)
_PICTURE: Final = re.compile(r"data:image/jpeg;base64,[A-Za-z0-9+/=]{1,150000}")
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)?")
_MOST_PICTURES: Final = 5


class FigureView(msgspec.Struct, frozen=True):
    """A field for a figure; `doubt` says what to look at, `hint` what else is to be known."""

    name: str
    label: str
    value: str
    doubt: str
    hint: str
    wrong: str


# ------------------------------------------------------------------ from a reading to the form


def given_of(figures: LabelFigures, shown: Shown) -> dict[str, str]:
    """The form's fields as the label was read; what was not read stays empty."""
    given = {
        code: f"{_less(figures, code)}{amount:.6g}" for code, amount in figures.printed.items()
    }
    given |= _salt(figures)
    if figures.serving:
        given["serving"] = f"{figures.serving:.6g}"
    given |= {
        "basis": figures.basis,
        "unit": figures.unit,
        "carb_basis": figures.carb_basis,
    }
    return given | _notes(figures, shown)


def _less(figures: LabelFigures, code: str) -> str:
    """A bound stands in the form as on the package."""
    return "<" if code in figures.bounds else ""


def _salt(figures: LabelFigures) -> dict[str, str]:
    """Salt as labels of the EU state it, or sodium as those of the US do."""
    sodium = figures.printed.get("sodium_mg")
    as_salt = figures.carb_basis == "available"
    if sodium is None:
        return {"salt_as": "salt" if as_salt else "sodium"}
    if as_salt:
        salt = f"{sodium / SODIUM_MG_PER_SALT_G:.4g}"
        return {"salt": _less(figures, "sodium_mg") + salt, "salt_as": "salt"}
    return {"salt": f"{_less(figures, 'sodium_mg')}{sodium:.6g}", "salt_as": "sodium"}


def _notes(figures: LabelFigures, shown: Shown) -> dict[str, str]:
    """What is said beside the fields: `doubt-<code>` and `hint-<code>`."""
    notes = {}
    for code in (*figures.printed, "serving"):
        if doubt := figures.doubt(code):
            notes[f"doubt-{code}"] = _doubt_text(doubt, figures, shown)
    if (kcal := figures.printed.get("energy_kcal")) is not None:
        # Labels round kJ for themselves, so what is worked out is said and not filled in.
        kj = shown.number(kcal * KJ_PER_KCAL)
        notes["hint-energy_kj"] = gettext("%(kcal)s kcal are %(kj)s kJ") % {
            "kcal": shown.number(kcal), "kj": kj,
        }  # fmt: skip
    for code in figures.bounds:
        notes[f"hint-{code}"] = _at_most_text(code, figures, shown)
    if figures.basis == "serving":
        for code, amount in figures.per_100.items():
            text = gettext("In 100 %(unit)s: %(amount)s") % {
                "unit": figures.unit, "amount": shown.amount(amount, code.rsplit("_", 1)[1]),
            }  # fmt: skip
            notes[f"hint-{code}"] = " ".join(filter(None, [notes.get(f"hint-{code}"), text]))
    return notes


def _at_most_text(code: str, figures: LabelFigures, shown: Shown) -> str:
    written = shown.amount(*_as_printed(code, figures.printed[code], figures))
    return gettext("The label says “<%(amount)s”: it is at most that, and saved as that.") % {
        "amount": written
    }


def _as_printed(code: str, amount: float, figures: LabelFigures) -> tuple[float, str]:
    """An amount and its unit as the label states it: sodium is salt on labels of the EU."""
    if code == "sodium_mg" and figures.carb_basis == "available":
        return amount / SODIUM_MG_PER_SALT_G, "g"
    return amount, figures.unit if code == "serving" else code.rsplit("_", 1)[1]


def _doubt_text(doubt: LabelDoubt, figures: LabelFigures, shown: Shown) -> str:
    why = {
        "read_once": gettext("it was read only once"),
        "reads_differ": gettext("two readings of the picture differ"),
        "photos_differ": gettext("the pictures differ"),
        "energy_disagrees": gettext("the energy does not fit its parts"),
        "columns_disagree": gettext("the two columns do not fit each other"),
        "percent_disagrees": gettext("it does not fit the percentage beside it"),
        "more_than_whole": gettext("it is more than what it is a part of"),
        "unusual": gettext("it is unusually much"),
        "unit_not_read": gettext("its unit was not read"),
        "column_guessed": gettext("its column was not sure"),
        "basis_not_read": gettext("for how much it stands was not read"),
        "words_not_read": gettext("its name was not read"),
        "said_twice": gettext("it stands there twice"),
        "units_differ": gettext("one picture is for grams, another for millilitres"),
        "carb_bases_differ": gettext("one picture counts fibre as carbohydrate, another does not"),
    }[doubt.why]
    line = line_with(doubt, figures.lines)
    seen = (shown.amount(*_as_printed(doubt.code, one, figures)) for one in doubt.seen)
    saw = f"“{line}”" if line else " / ".join(seen)
    return gettext("Look: %(why)s. Seen: %(seen)s") % {"why": why, "seen": saw}


def line_with(doubt: LabelDoubt, lines: Sequence[str]) -> str:
    """The one line of the label that has the doubtful figure; '' when several or none do."""
    if len(doubt.seen) != 1:
        return ""
    wanted = {doubt.seen[0]}
    if doubt.code == "sodium_mg":
        wanted.add(round(doubt.seen[0] / SODIUM_MG_PER_SALT_G, 4))
    found = [line for line in lines if wanted & set(_numbers(line))]
    return found[0][:80] if len(set(found)) == 1 else ""


def _numbers(line: str) -> Iterator[float]:
    return (float(text.replace(",", ".")) for text in _NUMBER.findall(line))


# ------------------------------------------------------------------ the form's fields


def figures_of(given: Fields, wrong: Mapping[str, str]) -> list[FigureView]:
    """The fields that every label has."""
    energy = [
        _figure("energy_kj", gettext("Energy, kJ"), given, wrong),
        _figure("energy_kcal", gettext("Energy, kcal"), given, wrong),
    ]
    return [*energy, *(_figure(code, label_of(code), given, wrong) for code in MAIN)]


def salt_of(given: Fields, wrong: Mapping[str, str]) -> FigureView:
    """The field for salt or sodium."""
    return FigureView(
        "salt", gettext("Salt"), given.text("salt"), given.text("doubt-sodium_mg"),
        given.text("hint-sodium_mg"), wrong.get("salt", ""),
    )  # fmt: skip


def more_of(given: Fields, wrong: Mapping[str, str]) -> list[FigureView]:
    """Fields for what else this label states, such as vitamins."""
    usual = {"energy_kcal", "sodium_mg", *MAIN}
    return [
        _figure(code, label_of(code), given, wrong)
        for code in CODES
        if code not in usual and given.text(code)
    ]


def label_of(code: str) -> str:
    """The name of a nutrient with its unit."""
    unit = code.rsplit("_", 1)[1]
    return f"{gettext(NAMES[code])}, {'µg' if unit == 'ug' else unit}"


def _figure(name: str, label: str, given: Fields, wrong: Mapping[str, str]) -> FigureView:
    return FigureView(
        name, label, given.text(name), given.text(f"doubt-{name}")[:300],
        given.text(f"hint-{name}")[:300], wrong.get(name, ""),
    )  # fmt: skip


def notes_of(given: Fields) -> list[tuple[str, str]]:
    """The notes beside the fields, which a form that is shown again carries along."""
    names = [
        f"{kind}-{code}" for kind in ("doubt", "hint") for code in (*CODES, "serving", "energy_kj")
    ]
    return [(name, text) for name in names if (text := given.text(name)[:300])]


def pictures_of(given: Fields) -> list[str]:
    """The small pictures that a form carries along, as `data:` addresses; nothing else is shown."""
    found = (given.text(f"picture-{n}") for n in range(_MOST_PICTURES))
    return [address for address in found if _PICTURE.fullmatch(address)]


# ------------------------------------------------------------------ from the form to a food


def said_of(given: Fields) -> LabelFood:
    """What the form says. Raises `Invalid` with the field that is no number or missing."""
    figures = {code: amount for code in CODES if (amount := _amount(given, code)) is not None}
    figures.pop("sodium_mg", None)
    if (energy := _energy(given)) is not None:
        figures["energy_kcal"] = energy
    if (salt := _amount(given, "salt")) is not None:
        in_mg = given.text("salt_as") == "sodium"
        figures["sodium_mg"] = salt if in_mg else salt * SODIUM_MG_PER_SALT_G
    return LabelFood(
        name=given.text("name"),
        figures=figures,
        brand=given.text("brand") or None,
        barcode=given.text("barcode") or None,
        basis="serving" if given.text("basis") == "serving" else "100",
        unit="ml" if given.text("unit") == "ml" else "g",
        serving=_positive(given, "serving"),
        density_g_ml=_positive(given, "density"),
        carb_basis="total" if given.text("carb_basis") == "total" else "available",
        at_most=_bounds(given),
    )


def _bounds(given: Fields) -> frozenset[str]:
    """The codes whose figures are written as bounds: "<0,5"."""
    energy = "energy_kcal" if given.text("energy_kcal") else "energy_kj"
    names = {code: code for code in CODES} | {"energy_kcal": energy, "sodium_mg": "salt"}
    return frozenset(
        code for code, name in names.items() if given.text(name).lstrip().startswith(("<", "≤"))
    )


def _amount(given: Fields, name: str) -> float | None:
    """A figure as labels write it: "<0,5" is at most that."""
    text = given.text(name).lstrip("<≤ ")
    amount = Fields({name: text}).number(name)
    if amount is not None and amount < 0:
        raise refused(name, "must not be less than 0.")
    return amount


def _positive(given: Fields, name: str) -> float | None:
    amount = _amount(given, name)
    if amount == 0:
        raise refused(name, "must be more than 0; leave it empty when it is not known.")
    return amount


def _energy(given: Fields) -> float | None:
    """kcal as stated, or from kJ where only those are."""
    kcal, kj = _amount(given, "energy_kcal"), _amount(given, "energy_kj")
    return kcal if kcal is not None or kj is None else round(kj / KJ_PER_KCAL, 1)


def _units_disagree(given: Fields) -> bool:
    """Whether kJ and kcal are both stated and are not the same energy."""
    kcal, kj = _amount(given, "energy_kcal"), _amount(given, "energy_kj")
    if kcal is None or kj is None:
        return False
    low, high = _ENERGY_UNITS
    return not low * kcal - 5 <= kj <= high * kcal + 5


def disagreements_of(given: Fields, said: LabelFood, shown: Shown) -> list[str]:
    """Sentences on what does not fit together in what the form says now."""
    texts = {
        "sat_fat_over_fat": gettext("Saturated fat is more than all fat."),
        "sugars_over_carbs": gettext("Sugars are more than all carbohydrate."),
    }
    found = [
        texts.get(code) or _energy_text(said, shown)
        for code in warnings_of(said.figures, said.carb_basis, said.at_most)
    ]
    if _units_disagree(given):
        found.insert(0, gettext("kJ and kcal are not the same energy: 1 kcal is 4.184 kJ."))
    return found


def _energy_text(said: LabelFood, shown: Shown) -> str:
    low, high = energy_span(said.figures, said.carb_basis, said.at_most) or (0.0, 0.0)
    parts = shown.number(low) if round(low) == round(high) else f"{low:.0f}–{high:.0f}"
    return gettext(
        "The energy does not fit its parts: fat, carbohydrate, protein and fibre make %(parts)s "
        "kcal, and %(stated)s kcal stand here. One of these figures is probably wrong."
    ) % {"parts": parts, "stated": shown.number(said.figures["energy_kcal"])}
