"""Barcodes on a picture: EAN-8, EAN-13, UPC-A and UPC-E at any angle. Runs in a worker process.

One printed check digit lets one misread in ten through, so a code counts only when two looks at
the picture (another angle, size or reader) gave it. zbar reads best; where its library is not
installed zxing-cpp does alone, which reads level codes only and so is shown the picture turned.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final, Literal

from PIL import Image, ImageFilter

from hearth.foods import canonical
from hearth.recognition.photos.readings import BarcodeReading, ReadCode

Reader = Literal["zbar", "zxing"]

SIDE: Final = 1600
# A second try at a large picture whose code is small; also the bound on what decoding costs.
LARGE_SIDE: Final = 3200
VOTES: Final = 2
SHORT_VOTES: Final = 3
_ANGLES: Final = (0, 30, 60, 90, 15, 45, 75)


@cache
def readers() -> tuple[Reader, ...]:
    """The readers of this machine, the better one first."""
    try:
        from pyzbar import pyzbar  # noqa: F401
    except ImportError:
        return ("zxing",)
    return ("zbar", "zxing")


class _Votes:
    """What was seen how often, by canonical number, and how it was printed."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.printed: dict[str, str] = {}

    def add(self, texts: set[str]) -> None:
        """One look's codes, each counted once; what has no valid check digit is dropped."""
        codes = {code.text: text for text in texts if (code := canonical(text)) is not None}
        self.counts.update(codes.keys())
        self.printed = codes | self.printed

    def needed(self, text: str) -> int:
        """How many looks must agree. Slanting through half of a long code gives a short one."""
        return VOTES if len(self.printed[text]) > 8 else SHORT_VOTES

    def sure(self, *, long_only: bool = False) -> list[str]:
        """Codes with votes enough; short ones only where no long one was seen at all."""
        longs = [text for text in self.counts if len(self.printed[text]) > 8]
        asked = longs if longs or long_only else list(self.counts)
        return [text for text in asked if self.counts[text] >= self.needed(text)]


def read_barcodes(picture: Image.Image, using: tuple[Reader, ...] | None = None) -> BarcodeReading:
    """The codes on an RGB or grey picture. Raises nothing: no code gives an empty reading."""
    votes = _Votes()
    for level in _sizes(picture.convert("L")):
        for seen in _turned(level, using or readers()):
            votes.add(seen)
            if votes.sure(long_only=True):
                break
        if votes.sure():
            break
    return _reading(votes)


def _reading(votes: _Votes) -> BarcodeReading:
    sure = votes.sure()
    longs = [text for text in votes.counts if len(votes.printed[text]) > 8]
    asked = sure or longs or list(votes.counts)
    asked.sort(key=lambda text: (-votes.counts[text], text))
    found = tuple(
        ReadCode(code.text, votes.printed[text], code.internal, votes.counts[text])
        for text in asked
        if (code := canonical(text)) is not None
    )
    return BarcodeReading(found, ()) if sure else BarcodeReading((), found)


def _sizes(grey: Image.Image) -> Iterator[Image.Image]:
    """The picture at most 1600 long, then larger when it has more, then blown up and sharpened."""
    base = grey.copy()
    base.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    yield base
    if max(grey.size) > SIDE:
        grey.thumbnail((LARGE_SIDE, LARGE_SIDE), Image.Resampling.LANCZOS)
        yield grey
    double = base.resize((base.width * 2, base.height * 2), Image.Resampling.BICUBIC)
    yield double.filter(ImageFilter.UnsharpMask(3, 150, 2))


def _turned(grey: Image.Image, using: tuple[Reader, ...]) -> Iterator[set[str]]:
    """What each reader sees of the picture as it is, then turned."""
    for angle in _ANGLES:
        level = grey if angle == 0 else grey.rotate(
            angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255
        )  # fmt: skip
        for reader in using:
            yield set(_zbar(level) if reader == "zbar" else _zxing(level))


def _zbar(grey: Image.Image) -> Iterable[str]:
    from pyzbar.pyzbar import ZBarSymbol, decode

    kinds = [ZBarSymbol.EAN13, ZBarSymbol.EAN8, ZBarSymbol.UPCA, ZBarSymbol.UPCE]
    return [found.data.decode("ascii", "replace") for found in decode(grey, symbols=kinds)]


def _zxing(grey: Image.Image) -> Iterable[str]:
    import zxingcpp

    formats = zxingcpp.BarcodeFormat
    kinds = [formats.EAN13, formats.EAN8, formats.UPCA, formats.UPCE]
    found = zxingcpp.read_barcodes(grey, formats=kinds, try_rotate=True, try_downscale=False)
    return [each.text for each in found if each.valid]
