"""Barcodes that are drawn here by the GS1 General Specifications (5.2), on made-up shelves and packs."""

import math
import random
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from hearth.foods.barcodes import check_digit

_L = (
    "0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011",
)  # fmt: skip
_R = tuple("".join("10"[int(bit)] for bit in code) for code in _L)
_G = tuple(code[::-1] for code in _R)
# Which of the left six digits of an EAN-13 are of set G, by its first digit.
_FIRST = (
    "LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG", "LGGLLG", "LGGGLL", "LGLGLG", "LGLGGL", "LGGLGL",
)  # fmt: skip
# The same for UPC-E with number system 0, by its check digit.
_CHECKS = (
    "GGGLLL", "GGLGLL", "GGLLGL", "GGLLLG", "GLGGLL", "GLLGGL", "GLLLGG", "GLGLGL", "GLGLLG", "GLLGLG",
)  # fmt: skip
KINDS = ("EAN-13", "EAN-8", "UPC-A", "UPC-E")


class Scene(NamedTuple):
    """A picture with one code on it, the code's digits, and how the picture was spoilt."""

    picture: Image.Image
    kind: str
    digits: str
    pixels_a_bar: float
    blur: float
    noise: float
    angle: float
    quality: int


def modules(kind: str, digits: str) -> str:
    """The bars (1) and spaces (0) of a code, one character a module, guards included."""
    if kind == "UPC-E":
        sets = _CHECKS[int(digits[7])]
        body = "".join(
            (_L if s == "L" else _G)[int(d)] for s, d in zip(sets, digits[1:7], strict=True)
        )
        return f"101{body}010101"
    if kind == "EAN-8":
        left, right, sets = digits[:4], digits[4:], "LLLL"
    else:
        ean = digits.zfill(13)
        left, right, sets = ean[1:7], ean[7:], _FIRST[int(ean[0])]
    head = "".join((_L if s == "L" else _G)[int(d)] for s, d in zip(sets, left, strict=True))
    return f"101{head}01010{''.join(_R[int(d)] for d in right)}101"


def digits_of(kind: str, dice: random.Random) -> str:
    """A number of this kind that checks. EAN-8 keep away from 0, which is how a UPC-E begins."""
    number = lambda count: "".join(dice.choice("0123456789") for _ in range(count))  # noqa: E731
    if kind == "UPC-E":
        six = number(5) + dice.choice("012")
        upc = f"0{six[:2]}{six[5]}0000{six[2:5]}"
        return f"0{six}{check_digit(upc)}"
    body = {
        "EAN-13": dice.choice("345678") + number(11),
        "EAN-8": dice.choice("345679") + number(6),
    }.get(kind, dice.choice("0678") + number(10))
    return body + str(check_digit(body))


def scene(
    kind: str, dice: random.Random, *, pixels_a_bar: float, blur: float, noise: float, angle: float,
    quality: int = 75, size: tuple[int, int] = (1200, 900),
) -> Scene:  # fmt: skip
    """A code on a printed pack among other print, seen as a camera does, then saved as JPEG."""
    digits = digits_of(kind, dice)
    code = _drawn(modules(kind, digits), pixels_a_bar)
    canvas = _background(dice, size)
    turned = code.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=0)
    room = [max(size[axis] - turned.size[axis], 1) for axis in (0, 1)]
    grey, cover = turned.getchannel(0), turned.getchannel(1)
    canvas.paste(grey, (dice.randrange(room[0]), dice.randrange(room[1])), cover)
    spoilt = _spoilt(canvas, dice, blur, noise)
    return Scene(spoilt, kind, digits, pixels_a_bar, blur, noise, angle, quality)


def bare(dice: random.Random) -> Scene:
    """A pack without a barcode: what is read from it is wrong."""
    canvas = _background(dice, (1200, 900)).rotate(dice.choice((0, 0, 12, 45, 77)), fillcolor=140)
    return Scene(_spoilt(canvas, dice, 0.5, 5), "no code", "", 0, 0.5, 5, 0, 75)


def _spoilt(canvas: Image.Image, dice: random.Random, blur: float, noise: float) -> Image.Image:
    if blur:
        canvas = canvas.filter(ImageFilter.GaussianBlur(blur))
    pixels = np.asarray(canvas, np.float32)
    if noise:
        grain = np.random.default_rng(dice.randrange(2**32)).normal(0, noise, pixels.shape)
        pixels = pixels + grain
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _drawn(bars: str, pixels_a_bar: float) -> Image.Image:
    """The code with its quiet zones, grey and cover, drawn large and made small so that edges fall between pixels."""
    quiet, scale = 11, 8
    tall = round(0.7 * len(bars))
    large = Image.new("LA", ((len(bars) + 2 * quiet) * scale, (tall + 8) * scale), (235, 255))
    pen = ImageDraw.Draw(large)
    for place, bar in enumerate(bars):
        if bar == "1":
            x = (quiet + place) * scale
            pen.rectangle((x, 4 * scale, x + scale - 1, (tall + 4) * scale), fill=(25, 255))
    size = round(large.width / scale * pixels_a_bar), math.ceil(large.height / scale * pixels_a_bar)
    return large.resize(size, Image.Resampling.BOX)


def _background(dice: random.Random, size: tuple[int, int]) -> Image.Image:
    """Shade from corner to corner, patches and stripes as packs have them; no barcode."""
    low, high = dice.randint(90, 150), dice.randint(170, 230)
    canvas = (
        Image.linear_gradient("L")
        .resize(size)
        .point(lambda level: low + (high - low) * level // 255)
    )
    pen = ImageDraw.Draw(canvas)
    for _ in range(30):
        x, y = dice.randrange(size[0]), dice.randrange(size[1])
        wide, tall = dice.randint(5, 160), dice.randint(4, 60)
        pen.rectangle((x, y, x + wide, y + tall), fill=dice.randint(30, 240))
    x, y = dice.randrange(size[0] // 2), dice.randrange(size[1] // 2)
    for stripe in range(0, 240, 2):
        if dice.random() < 0.5:
            pen.rectangle(
                (x + stripe, y, x + stripe + dice.randint(1, 3), y + 90), fill=dice.randint(20, 90)
            )
    return canvas
