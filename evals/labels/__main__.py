"""`python -m evals.labels`: figures of drawn nutrition labels, read from spoilt pictures.

A figure is right when the reading gives it within half of its last printed digit. A wrong figure is
silent when the reading marks it with no doubt; what is missing counts against the share that is
right and is never silent, because the reading does not have it.
"""

import argparse
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from evals.labels.rendering import LANGUAGES, LAYOUTS, Label, label
from evals.labels.spoiling import GRADES, Grade, spoilt
from hearth.recognition.photos import labels_ocr
from hearth.recognition.photos.labels import read_label
from hearth.recognition.photos.pictures import opened
from hearth.recognition.photos.readings import Column, LabelReading

BAR = 0.97


class Score(NamedTuple):
    """Counts of figures over some labels."""

    figures: int = 0
    right: int = 0
    missing: int = 0
    wrong_marked: int = 0
    silent: int = 0
    doubted: int = 0
    labels: int = 0

    def plus(self, other: "Score") -> "Score":
        """Both together."""
        return Score(*(a + b for a, b in zip(self, other, strict=True)))

    def line(self, name: str) -> str:
        """One line of the report."""
        share = self.right / self.figures if self.figures else 0.0
        return (
            f"{name:<26} labels {self.labels:<4} figures {self.figures:<5} right {share:7.2%}  missing {self.missing:<3} "
            f"wrong and marked {self.wrong_marked:<3} silently wrong {self.silent:<3} right but doubted {self.doubted}"
        )


def scored(truth: Label, reading: LabelReading) -> tuple[Score, list[str]]:
    """One reading against what was drawn, and what went wrong in words."""
    counts: Counter[str] = Counter()
    said: list[str] = []
    sides: tuple[tuple[Column, dict[str, float], dict[str, float]], ...] = (
        ("per_100", truth.per_100, reading.per_100),
        ("per_serving", truth.per_serving, reading.per_serving),
    )
    for column, known, read in sides:
        for code, amount in known.items():
            _count(counts, said, f"{column} {code}", amount, read.get(code),
                   reading.doubtful(code, column))  # fmt: skip
        # Where a column was drawn, a figure beyond it is an invention.
        for code in (read.keys() - known.keys()) if known else ():
            if not reading.doubtful(code, column):
                counts["silent"] += 1
                said.append(f"silent: {column} {code} is not on the label, read {read[code]}")
    if truth.serving is not None:
        _count(counts, said, "serving", truth.serving, reading.serving,
               reading.doubtful("serving", "per_serving"))  # fmt: skip
    _count_basis(counts, said, truth, reading)
    kinds = (counts[kind] for kind in ("right", "missing", "wrong_marked", "silent", "doubted"))
    figures = len(truth.per_100) + len(truth.per_serving) + (truth.serving is not None)
    return Score(figures, *kinds, labels=1), said


def _count(
    counts: Counter[str], said: list[str], name: str, amount: float, read: float | None,
    doubted: bool,
) -> None:  # fmt: skip
    """One figure into the counts."""
    if read is not None and abs(read - amount) <= 1e-6 + 1e-4 * amount:
        counts["right"] += 1
        counts["doubted"] += doubted
        return
    kind = "missing" if read is None else "wrong_marked" if doubted else "silent"
    counts[kind] += 1
    said.append(f"{kind}: {name} is {amount:g}, read {read}")


def _count_basis(
    counts: Counter[str], said: list[str], truth: Label, reading: LabelReading
) -> None:
    """Grams taken for millilitres are silently wrong too, unless the reading warns of its basis."""
    if not (truth.per_100 and reading.per_100):
        return
    if reading.unit != truth.unit and reading.basis != "unknown":
        counts["silent"] += 1
        said.append(f"silent: per 100 {truth.unit}, read {reading.unit}, basis {reading.basis}")
    elif reading.basis == "unknown":
        said.append("the basis was not read, and is warned of")


def kinds() -> list[tuple[str, str]]:
    """Every layout in every language that it is printed in."""
    return [
        (layout, language)
        for layout in LAYOUTS
        for language in (LANGUAGES if layout != "us" else ("en",))
    ]


def drawn(layout: str, language: str, grade: Grade, seed: int) -> tuple[Label, bytes]:
    """A label and its picture."""
    one = label(layout, language, seed, 1000)
    return one, spoilt(
        one.picture, grade, random.Random(f"{layout} {language} {grade.name} {seed}")
    )


def cases(given: argparse.Namespace) -> Iterator[tuple[str, str, Grade, int]]:
    """Layout, language, grade and seed of every label that is asked for."""
    for number, (layout, language) in enumerate(kinds()):
        if given.layout not in (None, layout) or given.language not in (None, language):
            continue
        for place, grade in enumerate(GRADES):
            for turn in range(given.each):
                yield layout, language, grade, given.seed + 1000 * number + 100 * place + turn


class Run:
    """The scores of a run by group, and what each label cost."""

    def __init__(self, misses: bool) -> None:
        self.by: dict[str, Score] = {}
        self.cpu_s: list[float] = []
        self.misses = misses

    def read(self, layout: str, language: str, grade: Grade, seed: int) -> None:
        """Draw one label, read it and count."""
        truth, data = drawn(layout, language, grade, seed)
        began = time.process_time(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        reading = read_label(opened(data, side=labels_ocr.LONGEST_SIDE), language)
        now = time.process_time(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        self.cpu_s.append(now[0] - began[0] + now[1] - began[1])
        score, said = scored(truth, reading)
        for name in ("all", layout, language, grade.name, f"{layout} {language}"):
            self.by[name] = self.by.get(name, Score()).plus(score)
        if self.misses and said:
            where = f"{layout} {language} {grade.name} {seed}:"
            print(where, *said, *reading.warnings, sep="\n    ")
            print("    |", "\n    | ".join(reading.lines), flush=True)

    def report(self, title: str) -> bool:
        """Print every group; whether the bar is met."""
        print(title)
        for name in sorted(self.by, key=lambda name: (name == "all", " " in name, name)):
            print(self.by[name].line(name))
        ms = sorted(1000 * each for each in self.cpu_s)
        print(f"CPU ms a label, tesseract's too: median {ms[len(ms) // 2]:.0f}, "
              f"95 % {ms[int(len(ms) * 0.95)]:.0f}, most {ms[-1]:.0f}")  # fmt: skip
        whole = self.by["all"]
        met = whole.right / whole.figures >= BAR and whole.silent == 0
        print(f"bar: {BAR:.0%} of figures right, 0 silently wrong: {'met' if met else 'MISSED'}")
        return met


def main() -> int:
    """Print the report; 1 when a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m evals.labels", description=__doc__)
    parser.add_argument(
        "--each", type=int, default=2, help="labels of each layout, language and grade (default 2)"
    )
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--layout", choices=LAYOUTS, help="this one only")
    parser.add_argument("--language", choices=LANGUAGES, help="this one only")
    parser.add_argument("--misses", action="store_true", help="say what was read wrong")
    given = parser.parse_args()
    run = Run(given.misses)
    for each in cases(given):
        run.read(*each)
    there = "there" if labels_ocr.has_cyrillic_reader() else "not installed"
    met = run.report(
        f"Nutrition labels, drawn, seed {given.seed}, {datetime.now(UTC):%Y-%m-%d}; "
        f"tesseract srp {there}"
    )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
