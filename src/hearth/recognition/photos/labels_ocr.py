"""Print on a picture into rows of cells: rapidocr for boxes and digits, tesseract for Cyrillic.

rapidocr's models read Latin letters with their marks and hardly any Cyrillic; tesseract loses the
figures inside ruled tables. So each reads what it can. Both run in the worker process only.
"""

import math
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from PIL import Image

from hearth.recognition.photos.readings import Cell, Row

LONGEST_SIDE: Final = 1600
# Of the detector's boxes, and of the recogniser's texts where no Cyrillic was read there.
LEAST_SCORE: Final = 0.5
_TESSERACT_S: Final = 20.0
_LANGUAGE: Final = "srp"
_PURE_FIGURES: Final = re.compile(r"[\s<>≤\d.,/%()]*(?:k[Jj]|kcal|m?g|ml|[\s<\d.,/%()])*")
# A figure with its unit as rapidocr reads it, and as tesseract does: its g may be an 8 or 2.
_OWN: Final = re.compile(r"<?\s?\d+(?:[.,]\d+)?(?:\s?(?:k[Jj]|k[a-z]{1,4}|m?g|ml|%)(?![a-z]))?")
_OTHERS: Final = re.compile(
    r"<?\s?\d+(?:[.,]\d+)?(?:\s?[^\s,;:/()]{1,5}(?=[,.;:/)]|$)|\s\S(?=\s))?"
)
# The number and the unit of either. A д after a figure is tesseract's g.
_PARTS: Final = re.compile(
    r"(?P<number><?\s?\d+(?:[.,]\d+)?)"
    r"(?:\s?(?:(?P<kj>[kк][jј])|(?P<kcal>[kк][cсk][aа]\S?)|(?P<mg>mg|мг)|(?P<ml>ml|мл)|"
    r"(?P<g>[gгд])|(?P<share>%)|(?P<other>\S+))(?![^\W\d_]))?",
    re.IGNORECASE,
)
_NAMES: Final = {"kj": "kJ", "share": "%"}
_CYRILLIC: Final = re.compile(r"[Ѐ-ӿ]")


class Box(msgspec.Struct, frozen=True):
    """A piece of print: its text and its four corners, clockwise from the top left."""

    text: str
    score: float
    corners: tuple[tuple[float, float], ...]

    @property
    def slope(self) -> float:
        """How far its upper edge falls to the right, as an angle in radians."""
        (x0, y0), (x1, y1) = self.corners[0], self.corners[1]
        return math.atan2(y1 - y0, x1 - x0)

    @property
    def width(self) -> float:
        """Length of the upper edge."""
        return math.dist(self.corners[0], self.corners[1])

    @property
    def height(self) -> float:
        """Length of the left edge."""
        return math.dist(self.corners[0], self.corners[3])


@cache
def _engine() -> Any:
    from rapidocr import RapidOCR

    # The classifier of upside-down lines errs on short figures; the picture is turned as a whole.
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,
            "Global.text_score": 0.0,
            "Det.limit_type": "max",
            "Det.limit_side_len": 960,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def boxes(picture: Image.Image) -> list[Box]:
    """Every piece of print on an RGB picture."""
    # The engine keeps what the last call asked for, so every call says it all.
    found = _engine()(_array(picture), use_det=True, use_cls=False, use_rec=True)
    if found.boxes is None or found.txts is None:
        return []
    return [
        Box(str(text), float(score), _corners(corners))
        for corners, text, score in zip(found.boxes, found.txts, found.scores, strict=True)
    ]


def has_cyrillic_reader() -> bool:
    """Whether tesseract with its Serbian (Cyrillic) data is installed here."""
    return _LANGUAGE in _tesseract_languages()


def _languages() -> str:
    """Serbian, with English for the Latin letters of the units where it is installed."""
    return f"{_LANGUAGE}+eng" if "eng" in _tesseract_languages() else _LANGUAGE


@cache
def _tesseract_languages() -> frozenset[str]:
    path = shutil.which("tesseract")
    if path is None:
        return frozenset()
    try:
        listed = subprocess.run(
            [path, "--list-langs"],
            capture_output=True,
            text=True,
            timeout=_TESSERACT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return frozenset()
    return frozenset(listed.stdout.split()[1:])


def with_cyrillic(picture: Image.Image, found: Sequence[Box]) -> list[Box]:
    """The boxes with Cyrillic words where tesseract finds some; figures stay rapidocr's."""
    found = [*found, *_unread(picture, found)]
    asked = [box for box in found if not _is_figures(box)]
    texts = dict(
        zip(map(id, asked), _tesseract([_crop(picture, box) for box in asked]), strict=True)
    )
    return [_joined(box, texts.get(id(box), "")) for box in found]


def _unread(picture: Image.Image, found: Sequence[Box]) -> list[Box]:
    """Boxes of print that gave rapidocr no text at all: it leaves them out of its answer."""
    seen = _engine()(_array(picture), use_det=True, use_cls=False, use_rec=False)
    read = [_middle(box.corners) for box in found]
    return [
        Box("", 0.0, corners)
        for corners in map(_corners, seen.boxes if seen.boxes is not None else ())
        if all(math.dist(_middle(corners), other) > 8 for other in read)
    ]


def _is_figures(box: Box) -> bool:
    """Whether rapidocr read figures alone, and no wide gaps where letters may have been lost."""
    letters = len(box.text.replace(" ", ""))
    full = box.width < 0.9 * box.height * max(letters, 1)
    return letters > 0 and full and _PURE_FIGURES.fullmatch(box.text) is not None


def _corners(corners: Any) -> tuple[tuple[float, float], ...]:
    return tuple((float(x), float(y)) for x, y in corners)


def _middle(corners: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return sum(x for x, _ in corners) / 4, sum(y for _, y in corners) / 4


def _array(picture: Image.Image) -> Any:
    return np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])


def _joined(box: Box, read: str) -> Box:
    """rapidocr's box with tesseract's words: its own figures put into them in their order."""
    if len(_CYRILLIC.findall(read)) < 2:
        return box
    own = [found.group() for found in _OWN.finditer(box.text)]
    if len(own) != len(_OTHERS.findall(read)):
        return msgspec.structs.replace(box, text=read, score=LEAST_SCORE)
    turns = iter(own)
    text = _OTHERS.sub(lambda found: f" {_agreed(next(turns), found.group())} ", read)
    return msgspec.structs.replace(box, text=text, score=max(box.score, LEAST_SCORE))


def _agreed(own: str, other: str) -> str:
    """One figure of rapidocr's and tesseract's reading of it.

    Digits are rapidocr's, a unit that it lost is tesseract's. Where rapidocr lost digits as well the
    figure stands without a unit, which the person is asked about.
    """
    (number, unit), (longer, other_unit) = _parts(own), _parts(other)
    if _digits(number) == _digits(longer):
        return number + (unit or other_unit)
    lost = other_unit and len(_digits(longer)) > len(_digits(number))
    if not lost or _digits(number) not in _digits(longer):
        return own
    # The 100 of a heading is known by its words and read against nothing.
    return longer + other_unit if longer == "100" else longer


def _parts(figure: str) -> tuple[str, str]:
    found = _PARTS.match(figure)
    if found is None:
        return figure, ""
    unit = found.lastgroup if found.lastgroup not in (None, "number", "other") else ""
    return found["number"], _NAMES.get(unit or "", unit or "")


def _digits(number: str) -> str:
    return number.replace(" ", "").replace(".", ",")


def _crop(picture: Image.Image, box: Box) -> Image.Image:
    """The box cut out upright, with some white about it, tall enough for tesseract."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = box.corners
    quad = (x0, y0, x3, y3, x2, y2, x1, y1)
    size = max(round(box.width), 1), max(round(box.height), 1)
    cut = picture.transform(size, Image.Transform.QUAD, quad, Image.Resampling.BICUBIC).convert("L")
    factor = 44 / cut.height
    cut = cut.resize((max(round(cut.width * factor), 1), 44), Image.Resampling.LANCZOS)
    framed = Image.new("L", (cut.width + 24, 68), 255)
    framed.paste(cut, (12, 12))
    return framed


def _tesseract(crops: Sequence[Image.Image]) -> list[str]:
    """The text of each crop, one line each, by one call of tesseract; empty where it fails."""
    if not crops:
        return []
    with tempfile.TemporaryDirectory(prefix="hearth-print-") as folder:
        names = []
        for number, crop in enumerate(crops):
            names.append(str(Path(folder) / f"{number}.png"))
            crop.save(names[-1])
        listed = Path(folder) / "list.txt"
        listed.write_text("\n".join(names), encoding="utf-8")
        command = [
            "tesseract",
            str(listed),
            "stdout",
            "-l",
            _languages(),
            "--psm",
            "7",
            "--dpi",
            "200",
        ]
        try:
            done = subprocess.run(
                command, capture_output=True, timeout=_TESSERACT_S, check=False,
                env={"OMP_THREAD_LIMIT": "1", "PATH": "/usr/local/bin:/usr/bin:/bin"},
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired):
            return [""] * len(crops)
    pages = done.stdout.decode("utf-8", "replace").split("\f")
    return [" ".join(page.split()) for page in (pages + [""] * len(crops))[: len(crops)]]


def rows(found: Sequence[Box]) -> list[Row]:
    """The boxes as rows from the top, cells from the left, on a picture that may lean or recede."""
    kept = [box for box in found if box.text.strip() and box.score >= LEAST_SCORE]
    if not kept:
        return []
    lean = _lean(kept)
    placed = sorted((_straight(box, lean) for box in kept), key=lambda each: each[0])
    lines: list[list[tuple[float, float, Cell]]] = []
    for middle, height, cell in placed:
        line = lines[-1] if lines else []
        if line and _beside(line, middle, height, cell):
            line.append((middle, height, cell))
        else:
            lines.append([(middle, height, cell)])
    return [
        tuple(sorted((cell for _, _, cell in line), key=lambda cell: cell.left)) for line in lines
    ]


def _beside(
    line: list[tuple[float, float, Cell]], middle: float, height: float, cell: Cell
) -> bool:
    near = sum(each[0] for each in line) / len(line)
    if abs(middle - near) > 0.5 * min(height, max(each[1] for each in line)):
        return False
    # Two pieces that lie over one another cannot be of one row.
    width = cell.right - cell.left
    return all(
        min(cell.right, other.right) - max(cell.left, other.left)
        < 0.5 * min(width, other.right - other.left)
        for _, _, other in line
    )


def _lean(found: Sequence[Box]) -> tuple[float, float]:
    """Slope of the rows as a + b * y: b is what perspective does. Wide boxes show it best."""
    wide = [box for box in found if box.width > 2 * box.height] or list(found)
    ys = np.array([box.corners[0][1] for box in wide])
    slopes = np.tan(np.clip([box.slope for box in wide], -0.7, 0.7))
    weights = np.array([box.width for box in wide])
    middle = float(np.median(slopes))
    sane = np.abs(slopes - middle) < 0.06
    if sane.sum() < 5 or np.ptp(ys[sane]) < 50:
        return middle, 0.0
    b, a = np.polyfit(ys[sane], slopes[sane], 1, w=weights[sane])
    return float(a), float(b)


def _straight(box: Box, lean: tuple[float, float]) -> tuple[float, float, Cell]:
    """Where the box's middle would stand were its row level, its height, and it as a cell."""
    xs = [x for x, _ in box.corners]
    x, y = sum(xs) / 4, sum(y for _, y in box.corners) / 4
    # y0 + x * (a + b * y0) = y
    level = (y - x * lean[0]) / (1 + x * lean[1])
    return level, box.height, Cell(box.text, min(xs), max(xs), box.score)


def turned(found: Sequence[Box]) -> bool:
    """Whether the print seems to run up or down the picture."""
    tall = sum(box.height > 1.5 * box.width for box in found)
    return len(found) >= 4 and tall > len(found) / 2


def lines(found: Sequence[Row]) -> tuple[str, ...]:
    """The text of each row."""
    return tuple(" ".join(cell.text for cell in row) for row in found)
