"""The starter catalogue: everyday foods and dishes that are there before anything is imported.

The names, portions and sources are written by hand in `starter/<group>.tsv`; the figures beside
them in `starter/figures.tsv` are made from the USDA's tables by `tools/starter_figures.py`.
"""

from collections.abc import Iterator
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import msgspec

from hearth.foods.foods import Food, Portion
from hearth.foods.nutrients import Nutrients

_NOT_FOODS = ("figures.tsv", "portion_words.tsv")
_SIZES = ("small", "medium", "large")
_LOCALES = ("en", "sv", "sr-Cyrl")


class StarterRow(msgspec.Struct, frozen=True):
    """One hand-written line of a group file; `group` is the file's name without `.tsv`."""

    key: str
    source: str
    category: str
    name_en: str
    name_sv: str
    name_sr: str
    aliases_en: tuple[str, ...]
    aliases_sv: tuple[str, ...]
    aliases_sr: tuple[str, ...]
    portions: str
    group: str = ""


class PortionWord(msgspec.Struct, frozen=True):
    """A unit or size in which people count food, and the words for it by locale.

    `words` has the forms in plural order: one and many in `en` and `sv`, one, few and many in
    `sr-Cyrl`. `spoken` has further words by which people mean the same unit ("msk", "кашике").
    """

    unit: str
    words: dict[str, tuple[str, ...]]
    spoken: dict[str, tuple[str, ...]]


def starter_folder() -> Traversable:
    """Where the packaged tables are."""
    return resources.files("hearth.foods").joinpath("starter")


def starter_rows(folder: Traversable | None = None) -> tuple[StarterRow, ...]:
    """Every hand-written line of the group files in `folder`, in the order of file and line.

    Raises ValueError that names file and line when a line has not as many columns as the header.
    """
    home = folder or starter_folder()
    files = sorted(
        (file for file in home.iterdir() if file.name.endswith(".tsv")), key=lambda file: file.name
    )
    return tuple(row for file in files if file.name not in _NOT_FOODS for row in _rows(file))


def _rows(file: Traversable) -> Iterator[StarterRow]:
    group = file.name.removesuffix(".tsv")
    for cells in _cells(file):
        key, source, category, name_en, name_sv, name_sr = cells[:6]
        also_en, also_sv, also_sr = map(_several, cells[6:9])
        yield StarterRow(
            key, source, category, name_en, name_sv, name_sr, also_en, also_sv, also_sr,
            portions=cells[9], group=group,
        )  # fmt: skip


def _cells(file: Traversable) -> Iterator[list[str]]:
    """The cells of each line after the header, all as many as the header has."""
    lines = file.read_text(encoding="utf-8").split("\n")
    width = lines[0].count("\t") + 1
    for number, line in enumerate(lines[1:], start=2):
        if not line:
            continue
        cells = line.split("\t")
        if len(cells) != width:
            raise ValueError(
                f"{file.name}, line {number}: {len(cells)} columns instead of {width};"
                " separate the columns by single tabs"
            )
        yield cells


def _several(cell: str) -> tuple[str, ...]:
    return tuple(part for part in (part.strip() for part in cell.split(";")) if part)


def portions_of(text: str) -> tuple[tuple[Portion, ...], float | None]:
    """The portions written as `slice!=32; piece small=25; ml=1.03`, and the density in g/ml.

    `!` marks the default, `ml=` states the density and is no portion of its own. Raises ValueError
    with the part that cannot be read.
    """
    portions: list[Portion] = []
    density: float | None = None
    for part in _several(text):
        words, _, grams = part.rpartition("=")
        try:
            amount = float(grams)
        except ValueError:
            raise ValueError(f"portion {part!r} is not written as unit=grams") from None
        if words == "ml":
            density = amount
        else:
            portions.append(_portion(words, amount))
    return tuple(portions), density


def _portion(words: str, grams: float) -> Portion:
    unit, _, size = words.removesuffix("!").strip().partition(" ")
    if not unit or (size and size not in _SIZES):
        raise ValueError(f"portion {words!r} is not a unit, or a unit and small, medium or large")
    label = f"1 {size} {unit}" if size else f"1 {unit}"
    return Portion(label, grams, unit, words.endswith("!"))


@cache
def starter_foods() -> tuple[Food, ...]:
    """All foods of the starter catalogue, with ids `starter:<key>` that never change.

    A row whose figures have not been made yet is left out.
    """
    figures = starter_figures()
    return tuple(_food(row, figures[row.key]) for row in starter_rows() if row.key in figures)


def _food(row: StarterRow, nutrients: Nutrients) -> Food:
    portions, density = portions_of(row.portions)
    return Food(
        id=f"starter:{row.key}",
        name=row.name_en,
        nutrients=nutrients,
        names={"en": row.name_en, "sv": row.name_sv, "sr-Cyrl": row.name_sr},
        aliases=row.aliases_en + row.aliases_sv + row.aliases_sr,
        category=row.category,
        portions=portions,
        density_g_ml=density,
        source=row.source,
    )


def starter_figures(folder: Traversable | None = None) -> dict[str, Nutrients]:
    """The nutrients per 100 g of each key; a nutrient whose cell is empty is unknown and absent."""
    lines = (folder or starter_folder()).joinpath("figures.tsv").read_text("utf-8").splitlines()
    codes = lines[0].split("\t")[1:]
    figures: dict[str, Nutrients] = {}
    for line in lines[1:]:
        key, *cells = line.split("\t")
        figures[key] = {code: float(cell) for code, cell in zip(codes, cells, strict=True) if cell}
    return figures


@cache
def portion_words() -> tuple[PortionWord, ...]:
    """The units and sizes of the starter's portions, in the words of each language."""
    return tuple(
        PortionWord(
            unit=cells[0],
            words=dict(zip(_LOCALES, _forms(cells), strict=True)),
            spoken=dict(zip(_LOCALES, map(_several, cells[8:]), strict=True)),
        )
        for cells in _cells(starter_folder().joinpath("portion_words.tsv"))
    )


def _forms(cells: list[str]) -> tuple[tuple[str, ...], ...]:
    """The words in plural order: English and Swedish have two forms, Serbian three."""
    return tuple(cells[1:3]), tuple(cells[3:5]), tuple(cells[5:8])
