"""`python -m evals.labels`: figures of drawn nutrition labels, read from spoilt pictures.

A figure is right when the reading gives it within half of its last printed digit. A wrong figure is
silent when the reading marks it with no doubt; what is missing counts against the share that is
right and is never silent, because the reading does not have it.
"""

import argparse
import random
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from typing import NamedTuple

from evals.labels.rendering import LANGUAGES, LAYOUTS, Label, label
from evals.labels.spoiling import GRADES, Grade, spoilt
from hearth.recognition.photos import labels_ocr
from hearth.recognition.photos.labels import read_label
from hearth.recognition.photos.pictures import opened
from hearth.recognition.photos.readings import LabelReading

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
    said = []
    sides = (
        ("per_100", truth.per_100, reading.per_100),
        ("per_serving", truth.per_serving, reading.per_serving),
    )
    for column, known, read in sides:
        for code, amount in known.items():
            found = read.get(code)
            doubted = any(d.code == code and d.column == column for d in reading.doubts)
            good = found is not None and abs(found - amount) <= 1e-6 + 1e-4 * amount
            kind = (
                "right"
                if good
                else "missing"
                if found is None
                else "wrong_marked"
                if doubted
                else "silent"
            )
            counts[kind] += 1
            counts["doubted"] += good and doubted
            if not good:
                said.append(f"{kind}: {column} {code} is {amount:g}, read {found}")
        # Where a column was drawn, a figure beyond it is an invention.
        for code in (read.keys() - known.keys()) if known else ():
            if not any(d.code == code and d.column == column for d in reading.doubts):
                counts["silent"] += 1
                said.append(f"silent: {column} {code} is not on the label, read {read[code]}")
    if truth.serving is not None:
        good = reading.serving == truth.serving
        doubted = any(d.code == "serving" for d in reading.doubts)
        kind = (
            "right"
            if good
            else "missing"
            if reading.serving is None
            else "wrong_marked"
            if doubted
            else "silent"
        )
        counts[kind] += 1
        if not good:
            said.append(f"{kind}: serving is {truth.serving:g}, read {reading.serving}")
    if (
        truth.per_100
        and reading.per_100
        and (reading.unit != truth.unit or reading.basis == "unknown")
    ):
        said.append(f"unit is {truth.unit}, read {reading.unit}, basis {reading.basis}")
    figures = len(truth.per_100) + len(truth.per_serving) + (truth.serving is not None)
    return Score(
        figures,
        counts["right"],
        counts["missing"],
        counts["wrong_marked"],
        counts["silent"],
        counts["doubted"],
        1,
    ), said


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


def main() -> int:
    """Print the report; 1 when a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m evals.labels", description=__doc__)
    parser.add_argument(
        "--each", type=int, default=2, help="labels of each layout, language and grade (default 2)"
    )
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--misses", action="store_true", help="say what was read wrong")
    given = parser.parse_args()
    by: dict[str, Score] = {}
    times = []
    whole = Score()
    for number, (layout, language) in enumerate(kinds()):
        for place, grade in enumerate(GRADES):
            for turn in range(given.each):
                truth, data = drawn(
                    layout, language, grade, given.seed + 100 * number + 10 * place + turn
                )
                began = time.process_time()
                reading = read_label(opened(data, side=labels_ocr.LONGEST_SIDE), language)
                times.append(time.process_time() - began)
                score, said = scored(truth, reading)
                whole = whole.plus(score)
                for name in (layout, language, grade.name):
                    by[name] = by.get(name, Score()).plus(score)
                if given.misses and said:
                    print(
                        f"{layout} {language} {grade.name} {turn}:",
                        *said,
                        *reading.warnings,
                        sep="\n    ",
                        flush=True,
                    )
                    print("    |", "\n    | ".join(reading.lines), flush=True)
    print(f"Nutrition labels, drawn, seed {given.seed}, {datetime.now(UTC):%Y-%m-%d}; "
          f"tesseract srp {'there' if labels_ocr.has_cyrillic_reader() else 'not installed'}")  # fmt: skip
    for name, score in by.items():
        print(score.line(name))
    print(whole.line("all"))
    times.sort()
    print(
        f"CPU s a label: median {times[len(times) // 2]:.1f}, 95 % {times[int(len(times) * 0.95)]:.1f}"
    )
    passed = whole.right / whole.figures >= BAR and whole.silent == 0
    print(f"bar: {BAR:.0%} of figures right, 0 silently wrong: {'met' if passed else 'MISSED'}")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
