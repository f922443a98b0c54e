"""Pictures for the tests of scanning: an EAN-13 drawn by the GS1 General Specifications, 5.2.1."""

import io
from pathlib import Path

from PIL import Image, ImageDraw

_LEFT = [
    "0001101",
    "0011001",
    "0010011",
    "0111101",
    "0100011",
    "0110001",
    "0101111",
    "0111011",
    "0110111",
    "0001011",
]
_SETS = [
    "LLLLLL",
    "LLGLGG",
    "LLGGLG",
    "LLGGGL",
    "LGLLGG",
    "LGGLLG",
    "LGGGLL",
    "LGLGLG",
    "LGLGGL",
    "LGGLGL",
]
_SWAP = str.maketrans("01", "10")


def _bars(digits: str) -> str:
    right = [code.translate(_SWAP) for code in _LEFT]
    mirrored = [code[::-1] for code in right]
    left = "".join(
        (_LEFT if which == "L" else mirrored)[int(digit)]
        for which, digit in zip(_SETS[int(digits[0])], digits[1:7], strict=True)
    )
    return f"101{left}01010{''.join(right[int(digit)] for digit in digits[7:])}101"


def ean_13(digits: str, size: tuple[int, int] = (640, 480), bar: int = 4) -> Image.Image:
    """A code in the middle of a light grey picture, `bar` pixels a bar."""
    picture = Image.new("RGB", size, (228, 226, 220))
    pen, bars = ImageDraw.Draw(picture), _bars(digits)
    left, top = (size[0] - len(bars) * bar) // 2, size[1] // 4
    pen.rectangle((left - 11 * bar, top - 12, left + 106 * bar, top + size[1] // 2), fill="white")
    for place, one in enumerate(bars):
        if one == "1":
            x = left + place * bar
            pen.rectangle((x, top, x + bar - 1, top + size[1] // 2 - 12), fill="black")
    return picture


def jpeg(picture: Image.Image, quality: int = 85) -> bytes:
    """The picture as a file."""
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=quality)
    return out.getvalue()


def film(picture: Image.Image, path: Path, frames: int = 2) -> Path:
    """What a camera sees that looks at the picture: a YUV4MPEG2 file, as Chromium's fake one takes."""
    y, u, v = picture.convert("YCbCr").split()
    half = picture.width // 2, picture.height // 2
    frame = y.tobytes() + u.resize(half).tobytes() + v.resize(half).tobytes()
    head = f"YUV4MPEG2 W{picture.width} H{picture.height} F10:1 Ip A1:1 C420jpeg\n".encode()
    path.write_bytes(head + b"".join(b"FRAME\n" + frame for _ in range(frames)))
    return path
