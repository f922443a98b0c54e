"""The foods that barcodes stand for: what is wrong with a typed number, and what is known of it."""

from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from hearth import foods
from hearth.core.db import Db
from hearth.core.errors import TooMany
from hearth.foods import Food
from hearth.people import Person
from hearth.recognition import photos
from hearth.recognition.photos import BarcodeReading, ReadCode
from hearth.recognition.turns import Turns

LENGTHS: Final = (8, 12, 13, 14)
"""How many digits stand under the bars: EAN-8 and UPC-E, UPC-A, EAN-13, GTIN-14."""

TURNS: Final = Turns(
    2,
    TooMany(
        "Two pictures of yours are being read already. Wait until one is done.", retry_after_s=1
    ),
)
"""Pictures of barcodes under way."""


class KnownCode(msgspec.Struct, frozen=True):
    """A barcode and the foods that have it, the person's own first; none when nobody knows it.

    `code` is the canonical number, `printed` as it stands under the bars. `internal` numbers are
    given by a shop itself and find only the person's own foods.
    """

    code: str
    printed: str
    internal: bool
    foods: tuple[Food, ...] = ()


class CodesRead(msgspec.Struct, frozen=True):
    """`codes` were read the same twice or more. `questions` once only: ask whether it is this."""

    codes: tuple[KnownCode, ...] = ()
    questions: tuple[KnownCode, ...] = ()


class Fault(msgspec.Struct, frozen=True):
    """Why a typed number is no barcode; `fitting` is the last digit that the others ask for."""

    kind: Literal["digits", "length", "check"]
    digits: int = 0
    fitting: str = ""


def fault(typed: str) -> Fault | None:
    """What is wrong with a typed number, or None."""
    if foods.canonical(typed) is not None:
        return None
    digits = typed.replace(" ", "").replace("-", "")
    if not (digits.isascii() and digits.isdigit()):
        return Fault("digits")
    if len(digits) not in LENGTHS:
        return Fault("length", len(digits))
    fitting = [last for last in "0123456789" if foods.canonical(digits[:-1] + last)]
    # Eight digits may be of two kinds, with a last digit each.
    return Fault("check", len(digits), fitting[0] if len(fitting) == 1 else "")


def confirmed(reading: BarcodeReading, seen: str) -> BarcodeReading:
    """The reading with what the browser's own reader saw: a long number from two readers is sure.

    Two looks are too few for a short one, which stays a question. So is what only the browser saw.
    """
    code = foods.canonical(seen) if seen else None
    if code is None or reading.codes:
        return reading
    same = tuple(one for one in reading.questions if one.text == code.text)
    if same:
        return reading if same[0].short else BarcodeReading(codes=same)
    alone = ReadCode(code.text, seen, code.internal, 1)
    return BarcodeReading(questions=(*reading.questions, alone))


async def read_codes(
    db: Db, person: Person, picture: bytes, *, locale: str, seen: str = "", frame: bool = False
) -> CodesRead:
    """The barcodes on a picture, with the foods known for them.

    `seen` is what the browser's own reader found on it; a `frame` is one of a camera's. Raises a `Problem` for what is no picture,
    and when the person has several under way.
    """
    with TURNS.of(person):
        reading = confirmed(await photos.read_barcodes(picture, frame=frame), seen)
    return CodesRead(
        codes=await _all_known(db, person, reading.codes, locale),
        questions=await _all_known(db, person, reading.questions, locale),
    )


async def known_code(db: Db, person: Person, typed: str, *, locale: str) -> KnownCode | None:
    """A typed number with the foods known for it; None when it is no barcode."""
    code = foods.canonical(typed)
    if code is None:
        return None
    return (await _all_known(db, person, (ReadCode(code.text, typed, code.internal, 0),), locale))[
        0
    ]


async def _all_known(
    db: Db, person: Person, codes: Iterable[ReadCode], locale: str
) -> tuple[KnownCode, ...]:
    found = []
    for code in codes:
        known = await foods.by_barcode(db, person, code.text)
        named = tuple(foods.in_locale(food, locale) for food in known)
        found.append(KnownCode(code.text, code.printed, code.internal, named))
    return tuple(found)
