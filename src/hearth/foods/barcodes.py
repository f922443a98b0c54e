"""Barcodes of trade items: every printed form of a number, its check digit, one canonical form.

GS1 General Specifications: the check digit weighs the digits 3, 1, 3, ... from the right (7.9). One
item's number may be printed as UPC-A (12 digits), EAN-13 (with a leading 0), GTIN-14 (with leading
zeros), or zero-suppressed as UPC-E (8 digits with number system 0 or 1).
"""

from typing import Final

import msgspec

LENGTHS: Final = (8, 12, 13, 14)
# Fewer digits are not taken for a number that lost its leading zeros.
SHORTEST: Final = 6


class Barcode(msgspec.Struct, frozen=True):
    """A valid number in canonical form: `text` has 8 (EAN-8), 13, or 14 (outer packs) digits.

    `internal` numbers are given by a shop (weighed goods, own labels): elsewhere they mean
    something else, so they never find a product of a shared catalogue.
    """

    text: str
    internal: bool


def check_digit(body: str) -> int:
    """The check digit that belongs after the digits of `body`."""
    weighed = sum(
        int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(body[::-1])
    )
    return -weighed % 10


def is_valid(digits: str) -> bool:
    """Whether `digits` has the length of a GTIN and its last digit checks."""
    return len(digits) in LENGTHS and int(digits[-1]) == check_digit(digits[:-1])


def expanded(upc_e: str) -> str | None:
    """The UPC-A number of an 8-digit UPC-E with its check digit; None when it cannot be one.

    GS1 General Specifications, 5.2.2.4: the last of the six digits says where zeros were left out.
    """
    if len(upc_e) != 8 or upc_e[0] not in "01":
        return None
    system, check = upc_e[0], upc_e[7]
    a, b, c, d, e, last = list(upc_e[1:7])
    if last in "012":
        body = f"{system}{a}{b}{last}0000{c}{d}{e}"
    elif last == "3":
        body = f"{system}{a}{b}{c}00000{d}{e}"
    elif last == "4":
        body = f"{system}{a}{b}{c}{d}00000{e}"
    else:
        body = f"{system}{a}{b}{c}{d}{e}0000{last}"
    return body + check if is_valid(body + check) else None


def looks_like_barcode(text: str) -> bool:
    """Whether a typed query is meant as a barcode: 8 to 14 digits, spaces and hyphens aside."""
    digits = _digits(text)
    return digits is not None and 8 <= len(digits) <= 14


def canonical(text: str) -> Barcode | None:
    """The canonical form of any printed form, or None when no form checks.

    UPC-A becomes EAN-13; leading zeros of a GTIN-14 go; EAN-8 stays 8 digits; lost leading zeros
    are put back. Eight digits, also with lost zeros, are a UPC-E when they begin with 0 and expand,
    or are no EAN-8.
    """
    digits = _digits(text)
    if not digits or not SHORTEST <= len(digits) <= 14 or not digits.strip("0"):
        return None
    if len(digits) <= 8:
        return _short(digits.zfill(8))
    if len(digits) in LENGTHS and not is_valid(digits):
        return None
    significant = digits.lstrip("0")
    return _barcode(significant.zfill(8 if len(significant) <= 8 else 13))


def forms(barcode: str) -> tuple[str, ...]:
    """The canonical number and the other lengths in which it is printed (UPC-A, GTIN-14)."""
    significant = barcode.lstrip("0")
    shorter = (significant.zfill(12),) if 8 < len(significant) <= 12 else ()
    return (barcode, *shorter, barcode.zfill(14)) if len(barcode) < 14 else (barcode,)


def _short(digits: str) -> Barcode | None:
    # An EAN-8 that begins with 0 is a shop's own; the same eight digits are a UPC-E far more often.
    upc_a = expanded(digits)
    if upc_a and (digits[0] == "0" or not is_valid(digits)):
        return _barcode(upc_a.zfill(13))
    return _barcode(digits)


def _barcode(digits: str) -> Barcode | None:
    return Barcode(digits, _is_internal(digits)) if is_valid(digits) else None


def _is_internal(digits: str) -> bool:
    """EAN-8 0 and 2, EAN-13 02, 04 and 2x: numbers for use inside a company or shop (GS1 1.4)."""
    if len(digits) == 8:
        return digits[0] in "02"
    ean = digits[-13:]
    return ean[0] == "2" or ean[:2] in ("02", "04")


def _digits(text: str) -> str | None:
    digits = text.replace(" ", "").replace("-", "")
    return digits if digits.isascii() and digits.isdigit() else None
