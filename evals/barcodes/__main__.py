"""`python -m evals.barcodes`: read rate, wrong answers and time of barcodes on generated pictures.

Inside the bar are scenes with 2 pixels a bar or more, blur sigma up to 1 pixel, noise sigma up to
10 of 255, any angle, JPEG quality 60 to 90. Outside are worse ones: nothing is promised of them but
that no wrong number is accepted.
"""

import argparse
import io
import random
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from typing import NamedTuple

from PIL import Image

from evals.barcodes.rendering import KINDS, Scene, scene
from hearth.foods import canonical
from hearth.recognition.photos.barcodes import Reader, read_barcodes, readers

BAR = 0.97


class Result(NamedTuple):
    """What came of some scenes."""

    name: str
    scenes: int
    read: int
    asked: int
    wrong: int
    wrong_asked: int
    cpu_ms: list[float]
    missed: Counter[str]

    def line(self) -> str:
        """One line of the report."""
        ms = sorted(self.cpu_ms)
        return (
            f"{self.name:<34} n={self.scenes:<4} read {self.read / self.scenes:7.2%}  asked {self.asked:<3} "
            f"wrong accepted {self.wrong}  wrong asked {self.wrong_asked}  "
            f"CPU ms median {ms[len(ms) // 2]:.0f}, 95 % {ms[int(len(ms) * 0.95)]:.0f}"
        )


def inside(dice: random.Random, kind: str) -> Scene:
    """A scene within the bar."""
    return scene(
        kind, dice, pixels_a_bar=dice.choice((2.0, 2.0, 2.5, 3.0, 4.0)), blur=dice.choice((0, 0.5, 1.0)),
        noise=dice.choice((0, 5, 10)), angle=dice.uniform(0, 360), quality=dice.choice((60, 75, 90)),
    )  # fmt: skip


def outside(dice: random.Random, kind: str) -> Scene:
    """A scene worse than the bar in at least one way."""
    ways = [
        (1.3, 0.5, 5),
        (1.6, 1.0, 10),
        (2.0, 2.0, 10),
        (2.0, 1.0, 25),
        (3.0, 3.0, 20),
        (1.0, 0, 0),
    ]
    pixels, blur, noise = dice.choice(ways)
    return scene(
        kind, dice, pixels_a_bar=pixels, blur=blur, noise=noise, angle=dice.uniform(0, 360), quality=50,
    )  # fmt: skip


def scored(name: str, scenes: list[Scene], using: tuple[Reader, ...]) -> Result:
    """Every scene read by these readers, from its JPEG as it would be sent."""
    read = asked = wrong = wrong_asked = 0
    times, missed = [], Counter[str]()
    for each in scenes:
        out = io.BytesIO()
        each.picture.save(out, "JPEG", quality=each.quality)
        picture = Image.open(out)
        picture.load()
        began = time.process_time()
        found = read_barcodes(picture, using)
        times.append((time.process_time() - began) * 1000)
        code = canonical(each.digits)
        assert code is not None
        codes, questions = [c.text for c in found.codes], [c.text for c in found.questions]
        if codes == [code.text]:
            read += 1
        else:
            missed[
                f"{each.kind}, {each.pixels_a_bar} px, blur {each.blur}, noise {each.noise}"
            ] += 1
        asked += not codes and code.text in questions
        wrong += any(text != code.text for text in codes)
        wrong_asked += any(text != code.text for text in questions)
    return Result(name, len(scenes), read, asked, wrong, wrong_asked, times, missed)


def scenes(seed: int, count: int) -> tuple[list[Scene], list[Scene]]:
    """`count` scenes within the bar and half as many outside, all four kinds in turn."""
    dice = random.Random(seed)
    within = [inside(dice, KINDS[number % 4]) for number in range(count)]
    return within, [outside(dice, KINDS[number % 4]) for number in range(count // 2)]


def main() -> int:
    """Print the report; 1 when the bar is missed by the readers that this machine has."""
    parser = argparse.ArgumentParser(prog="python -m evals.barcodes", description=__doc__)
    parser.add_argument(
        "--scenes", type=int, default=240, help="scenes within the bar (default 240)"
    )
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--misses", action="store_true", help="say which scenes were not read")
    given = parser.parse_args()
    within, worse = scenes(given.seed, given.scenes)
    print(f"Barcodes, generated scenes, seed {given.seed}, {datetime.now(UTC):%Y-%m-%d}")
    passed = True
    sets: list[tuple[Reader, ...]] = [readers()] + ([("zxing",)] if "zbar" in readers() else [])
    for using in sets:
        name = " + ".join(using)
        for result in (
            scored(f"{name}, within the bar", within, using),
            scored(f"{name}, worse", worse, using),
        ):
            print(result.line(), flush=True)
            if given.misses:
                print(
                    *(f"    {count} x {what}" for what, count in result.missed.most_common()),
                    sep="\n",
                )
            passed &= result.wrong == 0 and (
                result.scenes != len(within) or result.read / result.scenes >= BAR
            )
    print(
        f"bar: {BAR:.0%} read within it, 0 wrong accepted anywhere: {'met' if passed else 'MISSED'}"
    )
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
