"""How figures and times are written for a reader: in their language, zone and units."""

from datetime import date, datetime
from math import isfinite
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_decimal, format_percent

# English readers here are first of all European: the day before the month, Monday first.
_BABEL: Final = {"en": "en_GB", "sv": "sv", "sr-Latn": "sr_Latn", "sr-Cyrl": "sr_Cyrl"}
KJ_PER_KCAL: Final = 4.184
"""The thermochemical calorie, as EU Regulation 1169/2011 and USDA use it."""
LB_PER_KG: Final = 1 / 0.45359237
_SIGNS: Final = {"ug": "µg"}


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """Writes amounts and times for a reader. `energy_unit` is kcal or kJ, `imperial` pounds."""

    locale: str = "en"
    zone: str = "UTC"
    energy_unit: str = "kcal"
    imperial: bool = False

    @property
    def babel(self) -> Locale:
        """The locale as Babel knows it."""
        return Locale.parse(_BABEL.get(self.locale, "en_GB"))

    @property
    def _is_serbian(self) -> bool:
        # Days and years are ordinals there, written with a point.
        return self.locale.startswith("sr")

    def number(self, value: float, digits: int = 0) -> str:
        """A number with at most `digits` decimals and the language's own separators."""
        pattern = "#,##0" + ("." + "#" * digits if digits else "")
        return format_decimal(round(value, digits) + 0.0, pattern, locale=self.babel)

    def amount(self, value: float, unit: str) -> str:
        """An amount with its unit: three significant digits are what food tables hold."""
        digits = 0 if value >= 100 else 1 if value >= 1 else 2
        return f"{self.number(value, digits)} {_SIGNS.get(unit, unit)}"

    def energy_of(self, kcal: float) -> float:
        """Energy in the reader's unit."""
        return kcal * KJ_PER_KCAL if self.energy_unit == "kJ" else kcal

    def energy(self, kcal: float | None) -> str:
        """Energy in the reader's unit; unknown is a question mark, not a zero."""
        if kcal is None:
            return f"? {self.energy_unit}"
        return f"{self.number(self.energy_of(kcal))} {self.energy_unit}"

    def grams(self, grams: float | None) -> str:
        """A weight of food."""
        return "" if grams is None else self.amount(grams, "g")

    def body_weight(self, kg: float) -> str:
        """A weight of the body in the reader's unit, to a tenth."""
        value, unit = (kg * LB_PER_KG, "lb") if self.imperial else (kg, "kg")
        return f"{format_decimal(value, '#,##0.0', locale=self.babel)} {unit}"

    def share(self, value: float) -> str:
        """A share of one as a percentage."""
        return format_percent(value, "#,##0 %", locale=self.babel)

    def day(self, on: date) -> str:
        """A day, with its weekday."""
        pattern = "EEEE, d. MMMM" if self._is_serbian else "EEEE d MMMM"
        return format_date(on, pattern, locale=self.babel)

    def moment(self, at: datetime) -> str:
        """A day and time on the reader's wall."""
        pattern = "d. MMM y. HH:mm" if self._is_serbian else "d MMM y, HH:mm"
        return format_datetime(at, pattern, tzinfo=ZoneInfo(self.zone), locale=self.babel)

    def clock(self, at: datetime, zone: str) -> str:
        """The time of day on the wall of `zone`."""
        return format_time(at, "HH:mm", tzinfo=ZoneInfo(zone), locale=self.babel)


def typed_number(text: str) -> float | None:
    """A number as people type it, with comma or point; None for nothing, else ValueError.

    NaN and infinities are nothing that anybody eats or weighs.
    """
    plain = text.strip().replace("\u00a0", "").replace(" ", "").replace("\u2212", "-")
    if not plain:
        return None
    if "," in plain and "." in plain:
        # The later of the two is the decimal mark, the other groups thousands.
        group, mark = (",", ".") if plain.rfind(".") > plain.rfind(",") else (".", ",")
        plain = plain.replace(group, "").replace(mark, ".")
    value = float(plain.replace(",", "."))
    if not isfinite(value):
        raise ValueError(f"{plain} is not finite")
    return value
