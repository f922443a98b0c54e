"""Whether the figures of a label can be believed: against each other, and read against read.

A figure is free of doubt when another figure of the label confirms it, or when a second read of the
picture gave the same, and nothing speaks against it. Confirming are: the other column times the
serving; the share of the daily value printed beside it; kJ beside kcal; energy against its parts by
the factors of Regulation (EU) 1169/2011, annex XIV.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from hearth.recognition.photos.nutrition_labels import Amount, Table
from hearth.recognition.photos.readings import (
    AtMost,
    Basis,
    Column,
    Doubt,
    LabelReading,
    Why,
)

Key = tuple[Column, str]

# kcal per gram, annex XIV. Where carbohydrate includes fibre its share counts from 2 to 4.
FACTORS: Final = {"carb_g": 4.0, "protein_g": 4.0, "fat_g": 9.0}
FIBRE_KCAL_G: Final = 2.0
ALCOHOL_KCAL_G: Final = 7.0
# Polyols are part of the carbohydrate and count 2.4 instead of 4.
POLYOLS_LESS_KCAL_G: Final = 1.6
# kJ are worked out with factors of their own (17 to 4, 37 to 9, 8 to 2), hence from 4.0 to 4.25.
KJ_PER_KCAL: Final = (3.98, 4.27)
# Beyond what rounding explains: makers may state averages of analyses.
ENERGY_SHARE: Final = 0.04
ENERGY_KCAL: Final = 3.0
# A label that states no fibre still counts its energy.
UNSTATED_FIBRE_KCAL: Final = 8.0
# 21 CFR 101.9(c)(8) and (9), adults, from 2016 on and before; Regulation 1169/2011, annex XIII.
DAILY_VALUES: Final[Mapping[str, tuple[float, ...]]] = {
    "fat_g": (78, 65), "sat_fat_g": (20,), "cholesterol_mg": (300,), "sodium_mg": (2300, 2400),
    "carb_g": (275, 300), "fiber_g": (28, 25), "added_sugars_g": (50,), "protein_g": (50,),
    "vit_d_ug": (20, 10),
    "calcium_mg": (1300, 1000), "iron_mg": (18,), "potassium_mg": (4700, 3500),
}  # fmt: skip
REFERENCE_INTAKES: Final[Mapping[str, tuple[float, ...]]] = {
    "energy_kcal": (2000,), "fat_g": (70,), "sat_fat_g": (20,), "carb_g": (260,),
    "sugars_g": (90,), "protein_g": (50,), "sodium_mg": (2400,),
}  # fmt: skip
MOST_SODIUM_MG: Final = 2000.0
"""Per 100 g; more is found in salt, stock and soy sauce, and in a lost decimal comma."""
_WHOLES: Final = (
    ("sat_fat_g", "fat_g"), ("sugars_g", "carb_g"), ("starch_g", "carb_g"), ("polyols_g", "carb_g"),
    ("added_sugars_g", "sugars_g"), ("mono_fat_g", "fat_g"), ("poly_fat_g", "fat_g"),
    ("trans_fat_g", "fat_g"),
)  # fmt: skip


def judged(first: Table, second: Table | None, lines: tuple[str, ...] = ()) -> LabelReading:
    """One reading out of one or two reads of the same label, with every doubt that there is."""
    table = _merged(first, second) if second else first
    twice = _agreed(table, first, second) if second else set()
    confirmed, against = evidence(table)
    doubts: dict[Key, Why] = {}
    for column, amounts in table.columns.items():
        for code, amount in amounts.items():
            key = (column, code)
            why = against.get(key) or _own_doubt(
                amount, settled=key in confirmed and code != "energy_kcal"
            )
            if why is None and key not in confirmed and key not in twice:
                differs = second is not None and _both(first, second, key)
                why = "reads_differ" if differs else "read_once"
            if why:
                doubts[key] = why
    doubts |= _serving_doubt(table, first, second, confirmed)
    return _reading(table, doubts, lines)


def evidence(table: Table) -> tuple[set[Key], dict[Key, Why]]:
    """Which figures another one confirms, and which another one speaks against."""
    confirmed: set[Key] = set()
    against: dict[Key, Why] = {}
    for column, amounts in table.columns.items():
        _by_percent(table, column, amounts, confirmed, against)
        _by_energy(table, column, amounts, confirmed, against)
        _by_sense(table, column, amounts, against)
    _by_columns(table, confirmed, against)
    return confirmed, against


def _by_columns(table: Table, confirmed: set[Key], against: dict[Key, Why]) -> None:
    per_100, per_serving = table.columns.get("per_100", {}), table.columns.get("per_serving", {})
    if not table.serving:
        return
    share = table.serving / 100
    for code in per_100.keys() & per_serving.keys():
        one, other = per_100[code], per_serving[code]
        keys: tuple[Key, Key] = (("per_100", code), ("per_serving", code))
        if one.low * share > other.high + 1e-9 or one.high * share < other.low - 1e-9:
            against |= dict.fromkeys(keys, "columns_disagree")
        elif not (one.at_most or other.at_most) and one.amount > 0:
            confirmed |= set(keys)


def _by_percent(
    table: Table, column: Column, amounts: Mapping[str, Amount], confirmed: set[Key],
    against: dict[Key, Why],
) -> None:  # fmt: skip
    known = DAILY_VALUES if table.american else REFERENCE_INTAKES
    for code, amount in amounts.items():
        if amount.percent is None or code not in known or amount.at_most:
            continue
        fits = any(
            amount.low / value * 100 - 1 <= amount.percent <= amount.high / value * 100 + 1
            for value in known[code]
        )
        if fits:
            confirmed.add((column, code))
        elif table.american:
            against[column, code] = "percent_disagrees"


def _by_energy(
    table: Table, column: Column, amounts: Mapping[str, Amount], confirmed: set[Key],
    against: dict[Key, Why],
) -> None:  # fmt: skip
    energy = amounts.get("energy_kcal")
    if energy is None:
        return
    pair = energy.kj is not None
    if pair and energy.kj is not None:
        low, high = KJ_PER_KCAL[0] * energy.low - 1, KJ_PER_KCAL[1] * energy.high + 1
        if low <= energy.kj <= high:
            confirmed.add((column, "energy_kcal"))
        else:
            against[column, "energy_kcal"] = "energy_disagrees"
    span = energy_span(amounts, american=table.american)
    if span is None:
        return
    parts = [code for code in (*FACTORS, "fiber_g", "alcohol_g", "polyols_g") if code in amounts]
    slack = _slack(energy, american=table.american)
    more = 0.0 if "fiber_g" in amounts else UNSTATED_FIBRE_KCAL
    if span[0] - slack <= energy.high and energy.low <= span[1] + slack + more:
        if not pair:
            confirmed.add((column, "energy_kcal"))
        return
    for code in (*parts, "energy_kcal"):
        against.setdefault((column, code), "energy_disagrees")


def energy_span(amounts: Mapping[str, Amount], *, american: bool) -> tuple[float, float] | None:
    """The energy in kcal that the parts may have; None unless all three macronutrients are known."""
    if not amounts.keys() >= FACTORS.keys():
        return None
    low = sum(factor * amounts[code].low for code, factor in FACTORS.items())
    high = sum(factor * amounts[code].high for code, factor in FACTORS.items())
    if fibre := amounts.get("fiber_g"):
        low += -FIBRE_KCAL_G * 2 * fibre.high if american else FIBRE_KCAL_G * fibre.low
        high += 0.0 if american else FIBRE_KCAL_G * fibre.high
    if alcohol := amounts.get("alcohol_g"):
        low, high = low + ALCOHOL_KCAL_G * alcohol.low, high + ALCOHOL_KCAL_G * alcohol.high
    if polyols := amounts.get("polyols_g"):
        low -= POLYOLS_LESS_KCAL_G * 1.5 * polyols.high
    return max(low, 0.0), high


def _slack(energy: Amount, *, american: bool) -> float:
    # 21 CFR 101.9(c)(1): calories in steps of 10 above 50, of 5 below.
    rounding = (5.0 if energy.amount > 50 else 2.5) if american else 0.0
    return ENERGY_KCAL + ENERGY_SHARE * energy.amount + rounding


def _by_sense(
    table: Table, column: Column, amounts: Mapping[str, Amount], against: dict[Key, Why]
) -> None:
    """No part more than its whole, no more than 100 g in 100 g, and no rare amounts of salt."""
    for part, whole in _WHOLES:
        if part in amounts and whole in amounts and amounts[part].low > amounts[whole].high:
            against[column, part] = against[column, whole] = "more_than_whole"
    whole_g = 100.0 if column == "per_100" else table.serving
    if whole_g is None:
        return
    for code, amount in amounts.items():
        unit = code.rsplit("_", 1)[1]
        if (unit == "g" and amount.low > whole_g) or (
            unit == "kcal" and amount.low > 9.1 * whole_g
        ):
            against[column, code] = "more_than_whole"
    if sum(amounts[code].low for code in FACTORS if code in amounts) > whole_g * 1.05:
        against.update({(column, code): "more_than_whole" for code in FACTORS if code in amounts})
    sodium = amounts.get("sodium_mg")
    if sodium and sodium.amount > MOST_SODIUM_MG * whole_g / 100:
        against.setdefault((column, "sodium_mg"), "unusual")


def _own_doubt(amount: Amount, *, settled: bool) -> Why | None:
    """What was doubtful about the print; an agreeing figure settles an odd unit or column."""
    odd = amount.why in ("unit_not_read", "column_guessed", "unusual")
    return None if settled and odd else amount.why


def _both(first: Table, second: Table, key: Key) -> bool:
    return all(key[1] in read.columns.get(key[0], {}) for read in (first, second))


def _agreed(table: Table, first: Table, second: Table | None) -> set[Key]:
    """What both reads give the same."""
    if second is None:
        return set()
    return {
        (column, code)
        for column, amounts in table.columns.items()
        for code in amounts
        if _both(first, second, (column, code))
        and _same(first.columns[column][code], second.columns[column][code])
    }


def _same(one: Amount, other: Amount) -> bool:
    return (one.amount, one.at_most) == (other.amount, other.at_most)


def _merged(first: Table, second: Table) -> Table:
    """The fuller read, with what only the other has, and where they differ what is confirmed."""
    better, other = (first, second) if _worth(first) >= _worth(second) else (second, first)
    columns = {column: dict(amounts) for column, amounts in better.columns.items()}
    for column, amounts in other.columns.items():
        for code, amount in amounts.items():
            columns.setdefault(column, {}).setdefault(code, amount)
    merged = msgspec.structs.replace(
        better,
        columns=columns,
        serving=better.serving or other.serving,
        american=better.american or other.american,
        basis_read=better.basis_read or other.basis_read,
    )
    for column, amounts in other.columns.items():
        for code, amount in amounts.items():
            merged = _with_better(merged, (column, code), amount)
    return merged


def _worth(table: Table) -> tuple[bool, bool, int, int]:
    confirmed, against = evidence(table)
    return table.words_read, table.basis_read, table.size - 2 * len(against), len(confirmed)


def _with_better(table: Table, key: Key, amount: Amount) -> Table:
    """The table with `amount` in place of its own figure where the label's other figures say so."""
    column, code = key
    own = table.columns[column][code]
    if _same(own, amount):
        return table
    tried = msgspec.structs.replace(
        table, columns=table.columns | {column: table.columns[column] | {code: amount}}
    )
    (good, bad), (tried_good, tried_bad) = evidence(table), evidence(tried)
    gain = len(bad) - len(tried_bad), len(tried_good) - len(good), amount.score - own.score
    return tried if gain > (0, 0, 0.02) else table


def _serving_doubt(
    table: Table, first: Table, second: Table | None, confirmed: set[Key]
) -> dict[Key, Why]:
    """The serving's own amount: confirmed by two columns that agree by it, or by two reads."""
    if table.serving is None:
        return {}
    both = {"per_100", "per_serving"} <= table.columns.keys()
    by_columns = both and sum(("per_100", code) in confirmed for code in FACTORS) >= 2
    if by_columns or (second is not None and first.serving == second.serving):
        return {}
    return {("per_serving", "serving"): "reads_differ" if second else "read_once"}


def _reading(table: Table, doubts: dict[Key, Why], lines: tuple[str, ...]) -> LabelReading:
    amounts = {
        column: {code: amount.amount for code, amount in found.items()}
        for column, found in table.columns.items()
    }
    per_100, per_serving = amounts.get("per_100", {}), amounts.get("per_serving", {})
    at_most = _at_most(table)
    if not per_100 and per_serving and table.serving:
        at_most += tuple(AtMost("per_100", one.code) for one in at_most)
        factor = 100 / table.serving
        per_100 = {code: float(f"{amount * factor:.4g}") for code, amount in per_serving.items()}
        unsure = doubts.get(("per_serving", "serving"))
        for code in per_100:
            if why := unsure or doubts.get(("per_serving", code)):
                doubts["per_100", code] = why
    figures = len(per_100) + len(per_serving)
    doubted = len([key for key in doubts if key[1] != "serving"])
    return LabelReading(
        per_100=per_100,
        per_serving=per_serving,
        serving=table.serving,
        basis=_basis(table),
        unit=table.unit,
        carb_basis="total" if table.american else "available",
        at_most=at_most,
        doubts=tuple(Doubt(column, code, why) for (column, code), why in doubts.items()),
        warnings=_warnings(table, doubts),
        lines=lines,
        confidence=round(1 - doubted / figures, 3) if figures else 0.0,
    )


def _basis(table: Table) -> Basis:
    if not table.basis_read:
        return "unknown"
    if len(table.columns) == 2:
        return "both"
    return "serving" if "per_serving" in table.columns else "100"


def _at_most(table: Table) -> tuple[AtMost, ...]:
    return tuple(
        AtMost(column, code)
        for column, found in table.columns.items()
        for code, each in found.items()
        if each.at_most
    )


def _warnings(table: Table, doubts: Mapping[Key, Why]) -> tuple[str, ...]:
    if not table.size:
        return ("nothing_read",)
    found = {
        "words_not_read": not table.words_read,
        "basis_not_read": not table.basis_read,
        "serving_not_read": "per_serving" in table.columns and table.serving is None,
        "energy_disagrees": "energy_disagrees" in doubts.values(),
    }
    return tuple(name for name, true in found.items() if true)
