"""`python -m evals.barcodes`: read rate, wrong answers and time of barcodes on generated pictures.

Inside the bar are scenes with 2 pixels a bar or more, blur sigma up to 1 pixel, noise sigma up to
10 of 255, any angle, JPEG quality 60 to 90. Outside are worse ones: nothing is promised of them but
that no wrong number is accepted. Bare scenes have print and stripes and no barcode at all.
"""

import argparse
import io
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from evals.barcodes.rendering import KINDS, Scene, bare, scene
from hearth.foods import canonical
from hearth.recognition.photos.barcodes import LARGE_SIDE, Reader, read_barcodes, readers
from hearth.recognition.photos.pictures import opened

BAR = 0.97
# Of the picture; the last is a photo in full that is looked at twice.
SIZES = ((1200, 900), (1200, 900), (800, 600), (1600, 1200), (900, 1200), (2800, 2100))
WORSE = ((1.3, 0.5, 5), (1.6, 1.0, 10), (2.0, 2.0, 10), (2.0, 1.0, 25), (3.0, 3.0, 20), (1.0, 0, 0))


class Outcome(NamedTuple):
    """What came of one scene. `wrong` counts numbers that are not on the picture."""

    scene: Scene
    read: bool
    asked: bool
    wrong: int
    wrong_asked: int
    cpu_ms: float


def inside(dice: random.Random, kind: str) -> Scene:
    """A scene within the bar."""
    return scene(
        kind, dice, pixels_a_bar=dice.choice((2.0, 2.0, 2.5, 3.0, 4.0)), blur=dice.choice((0, 0.5, 1.0)),
        noise=dice.choice((0, 5, 10)), angle=dice.uniform(0, 360), quality=dice.choice((60, 75, 90)),
        size=dice.choice(SIZES),
    )  # fmt: skip


def outside(dice: random.Random, kind: str) -> Scene:
    """A scene worse than the bar in at least one way."""
    pixels, blur, noise = dice.choice(WORSE)
    return scene(
        kind, dice, pixels_a_bar=pixels, blur=blur, noise=noise, angle=dice.uniform(0, 360), quality=50,
    )  # fmt: skip


def within_bar(seed: int, count: int) -> Iterator[Scene]:
    """`count` scenes within the bar, the four kinds in turn."""
    dice = random.Random(f"within {seed}")
    return (inside(dice, KINDS[number % 4]) for number in range(count))


def beyond_bar(seed: int, count: int) -> Iterator[Scene]:
    """`count` worse scenes, the four kinds in turn, and every fifth without a barcode."""
    dice = random.Random(f"beyond {seed}")
    return (
        bare(dice) if number % 5 == 4 else outside(dice, KINDS[number % 4])
        for number in range(count)
    )


def tried(each: Scene, using: tuple[Reader, ...]) -> Outcome:
    """One scene read by these readers, from its JPEG as it would be sent; opening counts."""
    out = io.BytesIO()
    each.picture.save(out, "JPEG", quality=each.quality)
    began = time.process_time()
    found = read_barcodes(opened(out.getvalue(), side=LARGE_SIDE), using)
    cpu_ms = (time.process_time() - began) * 1000
    code = canonical(each.digits) if each.digits else None
    right = code.text if code else ""
    codes, questions = [c.text for c in found.codes], [c.text for c in found.questions]
    return Outcome(
        each, codes == [right], not codes and right in questions, sum(c != right for c in codes),
        sum(c != right for c in questions), cpu_ms,
    )  # fmt: skip


def line(name: str, outcomes: list[Outcome]) -> str:
    """One line of the report."""
    ms, n = sorted(each.cpu_ms for each in outcomes), len(outcomes)
    return (
        f"{name:<28} n={n:<5} read {sum(o.read for o in outcomes) / n:7.2%}  "
        f"asked {sum(o.asked for o in outcomes):<3} wrong accepted {sum(o.wrong for o in outcomes)}  "
        f"wrong asked {sum(o.wrong_asked for o in outcomes)}  "
        f"CPU ms median {ms[n // 2]:.0f}, 95 % {ms[int(n * 0.95)]:.0f}, most {ms[-1]:.0f}"
    )


def groups(outcomes: list[Outcome]) -> Iterator[tuple[str, list[Outcome]]]:
    """The outcomes by each property of their scenes."""
    ways = {
        "kind": lambda s: s.kind,
        "pixels a bar": lambda s: s.pixels_a_bar,
        "blur": lambda s: float(s.blur),
        "noise": lambda s: float(s.noise),
        "angle": lambda s: (
            f"{int(s.angle % 90 // 15) * 15:02d}-{int(s.angle % 90 // 15) * 15 + 15}"
        ),
        "picture": lambda s: f"{s.picture.width} x {s.picture.height}",
        "quality": lambda s: s.quality,
    }
    for name, way in ways.items():
        by: dict[object, list[Outcome]] = {}
        for each in outcomes:
            by.setdefault(way(each.scene), []).append(each)
        for value in sorted(by, key=str):
            yield f"  {name} {value}", by[value]


def report(name: str, outcomes: list[Outcome], misses: bool) -> None:
    """All scenes of a set, then by group."""
    print(line(name, outcomes))
    for group, some in groups(outcomes):
        print(line(group, some))
    if misses:
        missed = Counter(
            f"{o.scene.kind}, {o.scene.pixels_a_bar} px, blur {o.scene.blur}, noise {o.scene.noise}"
            for o in outcomes
            if o.scene.digits and not o.read
        )
        print(*(f"    {count} x {what}" for what, count in missed.most_common()), sep="\n")
    sys.stdout.flush()


def judged(using: tuple[Reader, ...], given: argparse.Namespace) -> bool:
    """Report both sets for these readers; whether they meet the bar."""
    name, seed, misses = " + ".join(using), given.seed, given.misses
    within = [tried(each, using) for each in within_bar(seed, given.scenes)]
    report(f"{name}, within the bar", within, misses)
    worse = [tried(each, using) for each in beyond_bar(seed, given.worse or given.scenes // 4)]
    report(f"{name}, worse", worse, misses)
    wrong = sum(each.wrong for each in within + worse)
    share = sum(each.read for each in within) / len(within)
    met = wrong == 0 and share >= BAR
    print(f"bar: {BAR:.0%} read within it, 0 wrong accepted anywhere: {name}: {share:.2%} of "
          f"{len(within)}, {wrong} wrong of {len(within) + len(worse)}: {'met' if met else 'MISSED'}")  # fmt: skip
    return met


def main() -> int:
    """Print the report; 1 when the bar is missed by the readers that this machine has."""
    parser = argparse.ArgumentParser(prog="python -m evals.barcodes", description=__doc__)
    parser.add_argument("--scenes", type=int, default=240, help="scenes within the bar")
    parser.add_argument("--worse", type=int, help="worse scenes (default a quarter as many)")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--alone", action="store_true", help="zxing alone, as where zbar is not")
    parser.add_argument("--misses", action="store_true", help="say which scenes were not read")
    given = parser.parse_args()
    using: tuple[Reader, ...] = ("zxing",) if given.alone else readers()
    print(f"Barcodes, generated scenes, seed {given.seed}, {datetime.now(UTC):%Y-%m-%d}")
    return 0 if judged(using, given) else 1


if __name__ == "__main__":
    sys.exit(main())
