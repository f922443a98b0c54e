"""What cameras, hands and light do to a label, in grades that are stated."""

import io
import random
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageFilter


class Grade(NamedTuple):
    """How a picture is taken. Lengths are in pixels of the final picture, noise of 255 levels."""

    name: str
    width: int
    lean_degrees: float
    perspective: float
    blur: float
    noise: float
    shade: float
    quality: int


GRADES = (
    Grade("screen shot", 640, 0, 0, 0, 0, 0, 95),
    Grade("scan", 1240, 0.7, 0, 0.5, 2, 0.05, 85),
    Grade("photo", 1240, 2.5, 0.03, 1.2, 5, 0.3, 75),
    Grade("small photo", 700, 2.0, 0.03, 0.7, 4, 0.25, 70),
    Grade("tilted photo", 1240, 6.0, 0.06, 1.0, 6, 0.4, 75),
)


def spoilt(label: Image.Image, grade: Grade, dice: random.Random) -> bytes:
    """The label on a table top as a JPEG photo of this grade."""
    factor = grade.width / label.width
    size = grade.width, round(label.height * factor)
    canvas = _laid(label.resize(size, Image.Resampling.LANCZOS), grade, dice)
    if grade.blur:
        canvas = canvas.filter(ImageFilter.GaussianBlur(grade.blur))
    pixels = np.asarray(canvas, np.float32)
    if grade.shade:
        across = np.linspace(0, 1, pixels.shape[1])[None, :, None]
        down = np.linspace(0, 1, pixels.shape[0])[:, None, None]
        turn = dice.uniform(0, 1)
        pixels = pixels * (1 - grade.shade * (turn * across + (1 - turn) * down))
    if grade.noise:
        noise = np.random.default_rng(dice.randrange(2**32)).normal(0, grade.noise, pixels.shape)
        pixels = pixels + noise
    out = io.BytesIO()
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(
        out, "JPEG", quality=grade.quality
    )
    return out.getvalue()


def _laid(label: Image.Image, grade: Grade, dice: random.Random) -> Image.Image:
    """On a grey ground with a margin, turned a little and seen from one side."""
    margin = round(label.width * 0.06)
    size = label.width + 2 * margin, label.height + 2 * margin
    ground = Image.new("RGB", size, (200, 196, 188))
    ground.paste(label, (margin, margin))
    angle = dice.choice((-1, 1)) * grade.lean_degrees
    if angle:
        ground = ground.rotate(
            angle, Image.Resampling.BICUBIC, expand=True, fillcolor=(200, 196, 188)
        )
    if not grade.perspective:
        return ground
    wide, tall = ground.size
    shift = lambda side: dice.uniform(0.3, 1) * grade.perspective * side  # noqa: E731
    seen = [
        (shift(wide), shift(tall)),
        (wide - shift(wide), 0.0),
        (wide, tall),
        (0.0, tall - shift(tall)),
    ]
    flat = [(0.0, 0.0), (float(wide), 0.0), (float(wide), float(tall)), (0.0, float(tall))]
    return ground.transform(
        ground.size, Image.Transform.PERSPECTIVE, _coefficients(seen, flat), Image.Resampling.BICUBIC,
        fillcolor=(200, 196, 188),
    )  # fmt: skip


def _coefficients(seen: list[tuple[float, float]], flat: list[tuple[float, float]]) -> list[float]:
    """Pillow's eight numbers that take each place of the new picture to its place in the old one."""
    rows, right = [], []
    for (x, y), (u, v) in zip(seen, flat, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    return [float(number) for number in np.linalg.solve(np.array(rows), np.array(right))]
