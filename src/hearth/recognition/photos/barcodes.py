"""Barcodes on a picture: EAN-8, EAN-13, UPC-A and UPC-E at any angle. Runs in a worker process.

One printed check digit lets one misread in ten through, so a code counts only when two looks at
the picture (another angle, size or reader) gave it. zbar reads best; where its library is not
installed zxing-cpp does alone, which reads level codes only and so is shown the picture turned.
"""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any, Final, Literal, NamedTuple

from PIL import Image, ImageFilter

from hearth.foods import canonical
from hearth.recognition.photos.readings import BarcodeReading, ReadCode

Reader = Literal["zbar", "zxing"]

SIDE: Final = 1600
# A second try at a large picture whose code is small; also the bound on what decoding costs.
LARGE_SIDE: Final = 3200
VOTES: Final = 2
SHORT_VOTES: Final = 3
# Both readers look along and across, so a quarter turn shows them nothing new.
_ANGLES: Final = (0, 30, 60, 352, 15, 45, 75, 8)
# Of a camera's frames the next one is another look, and most show no code at all.
_QUICK_ANGLES: Final = (0, 30, 60)


@cache
def readers() -> tuple[Reader, ...]:
    """The readers of this machine, the better one first."""
    try:
        from pyzbar import pyzbar  # noqa: F401
    except ImportError:
        return ("zxing",)
    return ("zbar", "zxing")


class Seen(NamedTuple):
    """A code as a reader gave it, and whether it is one of the short kinds, EAN-8 and UPC-E."""

    text: str
    short: bool


class _Votes:
    """How many looks saw each canonical number, and how it was printed."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.printed: dict[str, Seen] = {}

    def add(self, seen: set[Seen]) -> None:
        """One look's codes, each counted once; what has no valid check digit is dropped."""
        codes = {code.text: each for each in seen if (code := canonical(each.text)) is not None}
        self.counts.update(codes.keys())
        self.printed = codes | self.printed

    def asked(self) -> list[str]:
        """Numbers that may be on the picture, likely ones first: long ones hide the short.

        A line that slants through half of a long code can look like a UPC-E.
        """
        longs = [text for text in self.counts if not self.printed[text].short]
        return sorted(longs or self.counts, key=lambda text: (-self.counts[text], text))

    def sure(self, *, long_only: bool = False) -> list[str]:
        """Numbers with votes enough. A short one must be the only one that anything was read as."""
        asked = self.asked()
        if asked and self.printed[asked[0]].short:
            alone = len(asked) == 1 and self.counts[asked[0]] >= SHORT_VOTES
            return asked if alone and not long_only else []
        return [text for text in asked if self.counts[text] >= VOTES]


def read_barcodes(
    picture: Image.Image, using: tuple[Reader, ...] | None = None, *, quick: bool = False
) -> BarcodeReading:
    """The codes on an RGB or grey picture. Raises nothing: no code gives an empty reading.

    `quick` looks at one size and few angles: for one of many frames.
    """
    votes = _Votes()
    grey = picture.convert("L")
    for level in [_base(grey)] if quick else _sizes(grey):
        for seen in _turned(level, using or readers(), _QUICK_ANGLES if quick else _ANGLES):
            votes.add(seen)
            if votes.sure(long_only=True):
                break
        if votes.sure():
            break
    return _reading(votes)


def _reading(votes: _Votes) -> BarcodeReading:
    sure = votes.sure()
    found = tuple(
        ReadCode(code.text, seen.text, code.internal, votes.counts[text], seen.short)
        for text in sure or votes.asked()
        if (code := canonical(text)) is not None and (seen := votes.printed[text])
    )
    return BarcodeReading(found, ()) if sure else BarcodeReading((), found)


def _sizes(grey: Image.Image) -> Iterator[Image.Image]:
    """The picture at most 1600 long, then larger when it has more, then blown up and sharpened."""
    base = _base(grey)
    yield base
    if max(grey.size) > SIDE:
        grey.thumbnail((LARGE_SIDE, LARGE_SIDE), Image.Resampling.LANCZOS)
        yield grey
    double = base.resize((base.width * 2, base.height * 2), Image.Resampling.BICUBIC)
    yield double.filter(ImageFilter.UnsharpMask(3, 150, 2))


def _base(grey: Image.Image) -> Image.Image:
    base = grey.copy()
    base.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return base


def _turned(
    grey: Image.Image, using: tuple[Reader, ...], angles: tuple[int, ...]
) -> Iterator[set[Seen]]:
    """What each reader sees of the picture as it is, then turned."""
    for angle in angles:
        level = grey if angle == 0 else grey.rotate(
            angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255
        )  # fmt: skip
        for reader in using:
            yield set(_zbar(level) if reader == "zbar" else _zxing(level))


def _zbar(grey: Image.Image) -> Iterator[Seen]:
    from pyzbar.pyzbar import ZBarSymbol, decode

    kinds = [ZBarSymbol.EAN13, ZBarSymbol.EAN8, ZBarSymbol.UPCA, ZBarSymbol.UPCE]
    for found in decode(grey, symbols=kinds):
        yield Seen(found.data.decode("ascii", "replace"), found.type in ("EAN8", "UPCE"))


def _zxing(grey: Image.Image) -> Iterator[Seen]:
    import zxingcpp

    formats = zxingcpp.BarcodeFormat
    # Its stubs ask for a type that they do not let one make of several formats.
    kinds: Any = [formats.EAN13, formats.EAN8, formats.UPCA, formats.UPCE]
    short = (formats.EAN8, formats.UPCE)
    for found in zxingcpp.read_barcodes(grey, formats=kinds, try_downscale=False):
        if found.valid:
            yield Seen(found.text, found.format in short)
