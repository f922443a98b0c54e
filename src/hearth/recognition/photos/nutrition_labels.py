"""From the lines of a nutrition label to its table: which figure is whose, per 100 or per serving.

One walk over the text in reading order. Words say which nutrient comes next, headings before the
first nutrient say which columns there are, and the figures after a nutrient's words are its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

import msgspec

from hearth.foods import CODES
from hearth.recognition.photos.label_figures import Figure, Piece, Words, meaning, pieces
from hearth.recognition.photos.readings import Column, Row, Why

# Regulation (EU) 1169/2011, annex I: salt is sodium times 2.5.
MG_SODIUM_PER_G_SALT: Final = 400.0
KJ_PER_KCAL: Final = 4.184
# Annex XV's order, in which every label of the EU states its rows.
EU_ORDER: Final = ("fat_g", "sat_fat_g", "carb_g", "sugars_g", "fiber_g", "protein_g", "salt_g")

_CODES: Final = frozenset((*CODES, "salt_g"))
# Of what is stated in mg only these come by the gram; "1.100 mg" of a vitamin has decimals.
_BY_THE_GRAM: Final = frozenset({"sodium_mg", "salt_g", "potassium_mg", "calcium_mg"})
_IN_GRAMS: Final = {"g": 1.0, "mg": 1e-3, "ug": 1e-6}
_COLUMNS: Final[Mapping[str, Column | None]] = {
    "@per": "per_100", "@serving": "per_serving", "@container": None,
}  # fmt: skip


class Amount(msgspec.Struct, frozen=True):
    """A figure in its nutrient's unit. `low` to `high` is what its print may stand for.

    `kj` is the energy beside the kcal; `percent` the share of a daily value printed with it.
    """

    amount: float
    low: float
    high: float
    at_most: bool = False
    kj: float | None = None
    percent: float | None = None
    why: Why | None = None
    score: float = 1.0


class Table(msgspec.Struct, frozen=True):
    """One read of a label: amounts by column and code, and what else it says of itself."""

    columns: dict[Column, dict[str, Amount]]
    serving: float | None = None
    unit: Literal["g", "ml"] = "g"
    american: bool = False
    basis_read: bool = False
    words_read: bool = True

    @property
    def size(self) -> int:
        """How many figures were read."""
        return sum(len(column) for column in self.columns.values())


class _Heading(msgspec.Struct):
    """A column: what it is per, where it stands."""

    column: Column | None
    x: float


class _Walk(msgspec.Struct):
    """Where the walk over the pieces has come to."""

    figures: dict[str, list[Figure]] = {}
    hints: dict[str, list[str]] = {}
    headings: list[_Heading] = []
    current: str | None = None
    run: str = ""
    serving: float | None = None
    unit: Literal["g", "ml"] = "g"
    american: bool = False
    started: bool = False
    unit_read: bool = False
    reopened: set[str] = set()
    rows: dict[str, int] = {}
    worded: set[int] = set()


def table(rows: Sequence[Row]) -> Table:
    """The figures of one read. Any rows give a table; what is not understood is left out."""
    found = list(pieces(rows))
    walk = _walked(found)
    words_read = len(walk.figures.keys() - {"energy_kcal"}) >= 2
    if not words_read:
        walk.figures |= _in_eu_order(found)
    headings = _headings(walk)
    columns: dict[Column, dict[str, Amount]] = {"per_100": {}, "per_serving": {}}
    for code, figures in walk.figures.items():
        for column, amount in _row(code, figures, walk, headings):
            doubted = _doubted(amount, code, walk, words_read)
            columns[column].setdefault("sodium_mg" if code == "salt_g" else code, doubted)
    return Table(
        columns={column: amounts for column, amounts in columns.items() if amounts},
        serving=walk.serving,
        unit=walk.unit,
        american=walk.american,
        basis_read=walk.american or (bool(walk.headings) and walk.unit_read),
        words_read=words_read,
    )


def _walked(found: Iterable[Piece]) -> _Walk:
    walk = _Walk()
    for piece in found:
        if isinstance(piece, Words):
            _take_words(walk, piece)
        else:
            _take_figure(walk, piece)
            walk.run = ""
    return walk


def _take_words(walk: _Walk, words: Words) -> None:
    if words.text in ("kj", "kcal"):
        if walk.current == "energy_kcal":
            walk.hints.setdefault("energy_kcal", []).append(words.text)
        return
    walk.run += words.text
    if "kj" in words.text[-8:] and "energ" in words.text:
        kinds = ["kj", "kcal"] if words.text.endswith("kcal") else ["kj"]
        walk.hints.setdefault("energy_kcal", []).extend(kinds)
    walk.worded.add(words.row)
    # Words that a line's end cut in two are whole in the run; short ones are so only by themselves.
    what = meaning(walk.run) or meaning(words.text)
    if what is None:
        return
    walk.american = walk.american or what == "@us" or "nutritionfacts" in walk.run
    if what == "@us":
        return
    if what in walk.figures and what != walk.current:
        walk.reopened.add(what)
    walk.current = what
    walk.rows[what] = words.row
    if what in ("@serving", "@container") and not walk.started:
        walk.headings.append(_Heading(_COLUMNS[what], words.x))


def _take_figure(walk: _Walk, figure: Figure) -> None:
    code = walk.current
    if code in _CODES and not (figure.unit in ("kj", "kcal") and code != "energy_kcal"):
        walk.started = True
        walk.figures.setdefault(code, []).append(figure)
    elif figure.unit in ("kj", "kcal"):
        # Energy needs no words of its own: nothing else is counted in kJ or kcal.
        if code not in ("@skip", "@container", "@size"):
            walk.started = True
            walk.figures.setdefault("energy_kcal", []).append(figure)
    elif code not in _CODES and code != "@skip" and _is_basis(walk, figure):
        _take_basis(walk, figure)


def _is_basis(walk: _Walk, figure: Figure) -> bool:
    """An amount of food, or the bare 100 of "per 100" whose unit was not read."""
    per_100 = figure.amount == 100 and walk.run.endswith(("per", "na", "pr", "pro"))
    return figure.unit in ("g", "ml") or (not figure.unit and per_100)


def _take_basis(walk: _Walk, figure: Figure) -> None:
    """An amount of the food itself: the 100 of a heading, or how much a serving is."""
    if figure.amount == 100 and walk.current not in ("@size", "@serving"):
        if not walk.started:
            walk.headings.append(_Heading("per_100", figure.x))
            walk.unit = "ml" if figure.unit == "ml" else "g"
            walk.unit_read = walk.unit_read or bool(figure.unit)
            walk.current = None
        return
    stated = walk.current in ("@serving", "@size")
    beside = any(heading.column == "per_100" for heading in walk.headings) and not walk.started
    if not (stated or beside) or not 0 < figure.amount <= 2000:
        return
    if walk.serving is None:
        walk.serving = figure.amount
    if not walk.unit_read:
        walk.unit, walk.unit_read = ("ml" if figure.unit == "ml" else "g"), bool(figure.unit)
    if walk.current == "@serving" and not walk.started and walk.headings:
        walk.headings[-1].x = figure.x
    elif not stated:
        walk.headings.append(_Heading("per_serving", figure.x))


def _headings(walk: _Walk) -> list[_Heading]:
    """The columns from the left, each kind once where it was last seen."""
    last = {heading.column: heading for heading in walk.headings}
    if walk.american and not last:
        return [_Heading("per_serving", 0.0)]
    if not last:
        return [_Heading("per_100", 0.0)]
    return sorted(last.values(), key=lambda heading: heading.x)


def _row(
    code: str, figures: Sequence[Figure], walk: _Walk, headings: Sequence[_Heading]
) -> Iterable[tuple[Column, Amount]]:
    percents = [figure.amount for figure in figures if figure.unit == "%"]
    if code == "energy_kcal":
        placed = _energies(figures, walk.hints.get(code, []), headings)
    else:
        usable = [figure for figure in figures if figure.unit in ("", "g", "mg", "ug")]
        # A number without a unit beside numbers with one is a share or a footnote.
        if any(figure.unit for figure in usable):
            usable = [figure for figure in usable if figure.unit]
        placed = {
            column: _amount(code, figure, guessed)
            for column, figure, guessed in _placed(usable, headings)
        }
    shared = list(placed)[-1:] if len(percents) == 1 else list(placed)
    for column, percent in zip(shared, percents, strict=False):
        placed[column] = msgspec.structs.replace(placed[column], percent=percent)
    return placed.items()


def _placed(
    figures: Sequence[Figure], headings: Sequence[_Heading]
) -> Iterable[tuple[Column, Figure, bool]]:
    """Each figure with its column, and whether that had to be guessed."""
    same_row = [figure for figure in figures if figure.row == figures[0].row]
    kept = same_row[: len(headings)] if len(same_row) >= len(headings) else figures
    if len(kept) >= len(headings):
        # More figures than headings: a heading was not read, and which one cannot be known.
        more = len(same_row) > len(headings)
        pairs = [(head.column, figure, more) for head, figure in zip(headings, kept, strict=False)]
    else:
        near = [min(headings, key=lambda head: abs(head.x - figure.x)) for figure in kept]
        pairs = [(head.column, figure, True) for head, figure in zip(near, kept, strict=True)]
    return [(column, figure, guessed) for column, figure, guessed in pairs if column]


def _energies(
    figures: Sequence[Figure], hints: list[str], headings: Sequence[_Heading]
) -> dict[Column, Amount]:
    """Energy by column, in kcal, with the kJ beside it; without kcal it is kJ / 4.184."""
    bare = [figure for figure in figures if not figure.unit]
    named = [figure for figure in figures if figure.unit in ("kj", "kcal")]
    kinds = hints or ["kcal"]
    if not named:
        named = [
            msgspec.structs.replace(figure, unit=kinds[number % len(kinds)])
            for number, figure in enumerate(bare)
        ]
    named += _unnamed_kcal(bare, named)
    kj = _by_column([figure for figure in named if figure.unit == "kj"], headings)
    kcal = _by_column([figure for figure in named if figure.unit == "kcal"], headings)
    placed: dict[Column, Amount] = {}
    for column in dict.fromkeys((*kcal, *kj)):
        beside = kj[column][0].amount if column in kj else None
        if column in kcal:
            amount = _amount("energy_kcal", *kcal[column])
        else:
            figure, guessed = kj[column]
            inexact = msgspec.structs.replace(
                figure, amount=round(figure.amount / KJ_PER_KCAL, 1), step=1.0
            )
            # Makers work kcal out by factors of their own: what is printed differs by a percent.
            amount = msgspec.structs.replace(
                _amount("energy_kcal", inexact, guessed), why="unit_not_read"
            )
        placed[column] = msgspec.structs.replace(amount, kj=beside if column in kcal else None)
    return placed


def _unnamed_kcal(bare: Sequence[Figure], named: Sequence[Figure]) -> list[Figure]:
    """Figures whose unit was not read and that are to a kJ figure as kcal are."""
    if any(figure.unit == "kcal" for figure in named):
        return []
    return [
        msgspec.structs.replace(figure, unit="kcal")
        for figure in bare
        if any(3.9 * figure.amount <= kj.amount <= 4.35 * figure.amount for kj in named)
    ]


def _by_column(
    figures: Sequence[Figure], headings: Sequence[_Heading]
) -> dict[Column, tuple[Figure, bool]]:
    if not figures:
        return {}
    return {column: (figure, guessed) for column, figure, guessed in _placed(figures, headings)}


def _amount(code: str, figure: Figure, guessed: bool) -> Amount:
    """The figure in its nutrient's own unit; without a unit in print it is taken for that unit."""
    if figure.thousands and figure.unit == "mg" and code not in _BY_THE_GRAM:
        figure = msgspec.structs.replace(
            figure, amount=figure.amount / 1000, step=figure.step / 1000, odd=True
        )
    own = code.rsplit("_", 1)[1]
    factor = 1.0
    if own in _IN_GRAMS and figure.unit in _IN_GRAMS:
        factor = _IN_GRAMS[figure.unit] / _IN_GRAMS[own]
    if code == "salt_g":
        factor *= MG_SODIUM_PER_G_SALT
    why: Why | None = "column_guessed" if guessed else None
    if own in _IN_GRAMS and not figure.unit:
        why = "unit_not_read"
    if figure.odd:
        why = "unusual"
    half = figure.step / 2
    return Amount(
        amount=float(f"{figure.amount * factor:.6g}"),
        low=0.0 if figure.less else max(figure.amount - half, 0.0) * factor,
        high=(figure.amount + (0 if figure.less else half)) * factor,
        at_most=figure.less,
        why=why,
        score=figure.score,
    )


def _doubted(amount: Amount, code: str, walk: _Walk, words_read: bool) -> Amount:
    """The amount with what is doubtful about the words that it belongs to."""
    why = amount.why or _astray(code, walk)
    if code in walk.reopened and len({f.amount for f in walk.figures[code] if f.unit != "%"}) > 1:
        why = "said_twice"
    if not words_read and code != "energy_kcal":
        why = "words_not_read"
    if not walk.headings and not walk.american:
        why = "basis_not_read"
    return msgspec.structs.replace(amount, why=why)


def _astray(code: str, walk: _Walk) -> Why | None:
    """Whether figures may be another row's, whose words were lost: on several rows, or on one alone.

    Running text breaks anywhere, but then a row of it has words as well.
    """
    own = {figure.row for figure in walk.figures[code] if figure.unit != "%"}
    if code == "energy_kcal" or code not in walk.rows:
        return None
    alone = any(row != walk.rows[code] and row not in walk.worded for row in own)
    return "column_guessed" if len(own) > 1 or alone else None


def _in_eu_order(found: Sequence[Piece]) -> dict[str, list[Figure]]:
    """Rows by the order of the EU's table when their words could not be read: six or seven rows."""
    figures = [piece for piece in found if isinstance(piece, Figure)]
    after = [place for place, figure in enumerate(figures) if figure.unit in ("kj", "kcal")]
    rows: dict[int, list[Figure]] = {}
    for figure in figures[after[-1] + 1 if after else len(figures) :]:
        if figure.unit == "g":
            rows.setdefault(figure.row, []).append(figure)
    codes = [code for code in EU_ORDER if len(rows) != 6 or code != "fiber_g"]
    if len(rows) not in (6, 7):
        return {}
    return dict(zip(codes, rows.values(), strict=True))
