"""What a picture gave: barcodes or a nutrition label. Plain values that cross process borders."""

from typing import Final, Literal

import msgspec

MAX_FILE_SIZE: Final = 10 * 1024 * 1024
"""The most bytes of one picture."""
MAX_FILES: Final = 5
"""The most pictures of one upload."""

Column = Literal["per_100", "per_serving"]
Basis = Literal["100", "serving", "both", "unknown"]
Why = Literal[
    "read_once", "reads_differ", "energy_disagrees", "columns_disagree", "percent_disagrees",
    "more_than_whole", "unusual", "unit_not_read", "column_guessed", "basis_not_read",
    "words_not_read", "said_twice",
]  # fmt: skip


class Prepared(msgspec.Struct, frozen=True):
    """A picture as Hearth keeps it: JPEG, upright, shrunk, without EXIF, and its thumbnail."""

    width: int
    height: int
    picture: bytes
    thumbnail: bytes


class ReadCode(msgspec.Struct, frozen=True):
    """A barcode: its canonical form, as it was printed, and how many reads agreed on it.

    `internal` numbers mean something in one shop only and find no product of a shared catalogue.
    `short` is one of the kinds with fewer bars, EAN-8 and UPC-E, which are misread more often.
    """

    text: str
    printed: str
    internal: bool
    votes: int
    short: bool = False


class BarcodeReading(msgspec.Struct, frozen=True):
    """`codes` were read the same twice or more. `questions` once only: ask "is it this?"."""

    codes: tuple[ReadCode, ...] = ()
    questions: tuple[ReadCode, ...] = ()


class Doubt(msgspec.Struct, frozen=True):
    """A figure that is not to be taken without a look. `code` is a nutrient's or "serving"."""

    column: Column
    code: str
    why: Why


class AtMost(msgspec.Struct, frozen=True):
    """A figure that the label prints as a bound, "<0.5 g": it is at most the amount that is read."""

    column: Column
    code: str


class LabelReading(msgspec.Struct, frozen=True):
    """The figures of a nutrition label, by Hearth's codes and units. Absent is unknown, not zero.

    `per_100` is per 100 g or ml as `unit` says; when only a serving is stated (`basis` "serving")
    it is worked out from that. `serving` is in `unit`. `at_most` lists the figures that are bounds,
    by their column. `doubts` must be shown to the person; figures without a doubt were
    read twice the same or agree with another figure of the label. `warnings` are stable codes:
    "nothing_read", "words_not_read", "basis_not_read", "serving_not_read", "energy_disagrees".
    `lines` is the text as read. `confidence` is the share of figures without a doubt.
    """

    per_100: dict[str, float] = {}
    per_serving: dict[str, float] = {}
    serving: float | None = None
    basis: Basis = "unknown"
    unit: Literal["g", "ml"] = "g"
    carb_basis: Literal["available", "total"] = "available"
    at_most: tuple[AtMost, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    warnings: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    confidence: float = 0.0

    @property
    def serving_g(self) -> float | None:
        """Grams of a serving; None when it is not stated, or stated in millilitres."""
        return self.serving if self.unit == "g" else None

    def doubtful(self, code: str, column: Column = "per_100") -> bool:
        """Whether the person must look at this figure before it counts."""
        return any(doubt.code == code and doubt.column == column for doubt in self.doubts)


class Cell(msgspec.Struct, frozen=True):
    """A piece of text on a picture: where it begins and ends across, and how sure its reader is."""

    text: str
    left: float
    right: float
    score: float = 1.0


Row = tuple[Cell, ...]
"""Cells beside each other, from the left."""
