"""A nutrition label's picture into a `LabelReading`: two reads at two sizes, judged together."""

from collections.abc import Sequence
from typing import Final

from PIL import Image, ImageFilter, ImageOps

from hearth.recognition.photos import label_checks, labels_ocr
from hearth.recognition.photos.labels_ocr import Box
from hearth.recognition.photos.nutrition_labels import table
from hearth.recognition.photos.readings import LabelReading, Row

# A table with fewer figures than this was not read as it lies: it is tried turned.
FEW: Final = 4
_SECOND_SIZE: Final = 0.8
_SMALL_PRINT: Final = 22.0
# In pixels: less than one line of print is tall.
_LEAST_SIDE: Final = 10


def read_label(picture: Image.Image, locale: str) -> LabelReading:
    """What the label says. `locale` only says which letters to expect; every language is tried."""
    picture.thumbnail((labels_ocr.LONGEST_SIDE, labels_ocr.LONGEST_SIDE))
    if min(picture.size) < _LEAST_SIDE:
        return label_checks.judged(table(()), None)
    picture, found = _upright(picture)
    cyrillic = labels_ocr.has_cyrillic_reader() and _needs_cyrillic(found, locale)
    rows = _rows(picture, found, cyrillic=cyrillic)
    first = table(rows)
    reading = label_checks.judged(first, None, labels_ocr.lines(rows))
    if not found or not reading.doubts:
        return reading
    again = _second(picture, found)
    second = table(_rows(again, labels_ocr.boxes(again), cyrillic=cyrillic))
    return label_checks.judged(first, second, labels_ocr.lines(rows))


def _upright(picture: Image.Image) -> tuple[Image.Image, list[Box]]:
    """The picture with its boxes: as it lies, or turned when that reads little."""
    found = labels_ocr.boxes(picture)
    best = picture, found, _figures(found)
    if best[2] >= FEW and not labels_ocr.turned(found):
        return picture, found
    turns = (90, 270, 180) if labels_ocr.turned(found) else (180,)
    for angle in turns if len(found) >= FEW else ():
        tried = picture.rotate(angle, expand=True)
        boxes = labels_ocr.boxes(tried)
        if (count := _figures(boxes)) > best[2]:
            best = tried, boxes, count
        if count >= FEW and not labels_ocr.turned(boxes):
            break
    return best[0], best[1]


def _figures(found: Sequence[Box]) -> int:
    return table(labels_ocr.rows(found)).size


def _needs_cyrillic(found: Sequence[Box], locale: str) -> bool:
    """Serbian in Latin letters reads without tesseract; only what gives no words is asked again."""
    read = table(labels_ocr.rows(found))
    return not read.words_read or (locale.startswith("sr") and read.size < FEW)


def _rows(picture: Image.Image, found: list[Box], *, cyrillic: bool) -> list[Row]:
    return labels_ocr.rows(labels_ocr.with_cyrillic(picture, found) if cyrillic else found)


def _second(picture: Image.Image, found: Sequence[Box]) -> Image.Image:
    """Another size, contrast and sharpness, so that slips of the first read do not come again."""
    heights = sorted(box.height for box in found)
    small = heights[len(heights) // 2] < _SMALL_PRINT
    factor = 1.5 if small else _SECOND_SIZE
    size = round(picture.width * factor), round(picture.height * factor)
    again = picture.resize(size, Image.Resampling.LANCZOS)
    again.thumbnail((labels_ocr.LONGEST_SIDE, labels_ocr.LONGEST_SIDE))
    return ImageOps.autocontrast(again, cutoff=1).filter(ImageFilter.UnsharpMask(1.5, 60, 2))
