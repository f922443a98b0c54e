"""SQL is written as SQL: `meals.sql` beside `meals.py`, each statement named like its verb.

    -- day_items: every item of one day, in the order eaten.
    select id, name, grams from diary.item where person_id = :person and day = :day;

    statements = Statements.beside(__file__)
    DAY_ITEMS = statements.rows("day_items", Item)

A statement's columns are, in order, the fields of its struct; a test prepares every statement on
the migrated schema and holds it to that.
"""

import inspect
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Generic, TypeVar, cast

import msgspec

T = TypeVar("T")
Convert = Callable[[Any], Any]

_HEADING: Final = re.compile(r"^-- (\w+): (.+)$", re.MULTILINE)
# A colon before a word is a parameter, unless it is half of a cast (`::text`).
_PARAMETER: Final = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")
_TABLE: Final = re.compile(r"\b(?:from|into|update|join)\s+([a-z_]+\.[a-z_]+)", re.IGNORECASE)
_COMMENT: Final = re.compile(r"--[^\n]*")
_WRITES: Final = re.compile(r"\b(insert\s+into|update\s+[a-z_]+\.|delete\s+from)", re.IGNORECASE)


class Statement(Generic[T]):
    """One SQL statement with named parameters, and how its rows become values."""

    def __init__(
        self, name: str, text: str, origin: Path, into: type[T], convert: dict[str, Convert]
    ):
        self.name = name
        self.origin = origin
        self.into = into
        self.convert = convert
        self.text, self.parameters = _numbered(text)
        self.table = found.group(1) if (found := _TABLE.search(text)) else "none"
        self.kind = _kind(text)
        self.build: Callable[[Sequence[Any]], T] = _builder(into, convert)
        EVERY_STATEMENT.append(self)

    def arguments(self, given: dict[str, Any]) -> list[Any]:
        """The values in the order of the placeholders. A missing or foreign name is a KeyError."""
        if len(given) != len(self.parameters):
            raise KeyError(f"{self.name} takes {self.parameters}, not {tuple(given)}")
        return [given[name] for name in self.parameters]

    def __repr__(self) -> str:
        return f"<statement {self.origin.name}:{self.name}>"


EVERY_STATEMENT: Final[list[Statement[Any]]] = []
"""All statements that were declared: the statement test prepares each of them."""


class Statements:
    """The statements of one `.sql` file, by name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._texts = _split(path.read_text(encoding="utf-8"))

    @classmethod
    def beside(cls, python_file: str) -> "Statements":
        """The file of the same name with `.sql` beside a module: `Statements.beside(__file__)`."""
        return cls(Path(python_file).with_suffix(".sql"))

    @property
    def names(self) -> frozenset[str]:
        """The names of all statements in the file."""
        return frozenset(self._texts)

    def rows(self, name: str, into: type[T], **convert: Convert) -> Statement[T]:
        """A statement whose rows become `into`: a struct, or a plain type for a single column.

        `convert` gives, by column name, what turns a column into the field's value.
        """
        return Statement(name, self._texts[name], self.path, into, convert)

    def change(self, name: str) -> Statement[None]:
        """A statement that returns no rows."""
        return Statement(name, self._texts[name], self.path, type(None), {})


def _split(text: str) -> dict[str, str]:
    headings = list(_HEADING.finditer(text))
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    texts = {}
    for heading, end in zip(headings, ends, strict=True):
        if heading.group(1) in texts:
            raise ValueError(f"two statements are called {heading.group(1)}")
        texts[heading.group(1)] = text[heading.end() : end].strip().rstrip(";")
    return texts


def _numbered(text: str) -> tuple[str, tuple[str, ...]]:
    names: list[str] = []

    def place(found: re.Match[str]) -> str:
        if found.group(1) not in names:
            names.append(found.group(1))
        return f"${names.index(found.group(1)) + 1}"

    return _PARAMETER.sub(place, _COMMENT.sub("", text)), tuple(names)


def _kind(text: str) -> str:
    found = _WRITES.search(_COMMENT.sub("", text))
    return found.group(1).split()[0].lower() if found else "select"


def _builder(into: type[T], convert: dict[str, Convert]) -> Callable[[Sequence[Any]], T]:
    if not (isinstance(into, type) and issubclass(into, msgspec.Struct)):
        return lambda row: cast(T, row[0])
    fields = into.__struct_fields__
    keyword_only = any(
        parameter.kind is inspect.Parameter.KEYWORD_ONLY
        for parameter in inspect.signature(into).parameters.values()
    )
    if not convert and not keyword_only:
        return lambda row: into(*row)
    converters = [convert.get(field) for field in fields]

    def build(row: Sequence[Any]) -> T:
        # A statement may leave out trailing fields that have defaults, hence strict=False.
        values = [
            value if turn is None or value is None else turn(value)
            for value, turn in zip(row, converters, strict=False)
        ]
        return into(**dict(zip(fields, values, strict=False))) if keyword_only else into(*values)

    return build
