"""`python -m evals.voice [--quick] [--show]`: word errors and right foods of spoken meals."""

import argparse
import shutil
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from evals.voice.spoken import (
    HERE,
    VOICES,
    Heard,
    Sentence,
    Ways,
    everyday_sentences,
    foods_read,
    heard_in,
    own_sentences,
)
from hearth.foods import starter_foods
from hearth.recognition import Index, Reader
from hearth.recognition.voice.sphinx import Recogniser

EVERYDAY: Final = HERE.parent / "reading" / "everyday.tsv"
MOST_EVERYDAY: Final = 60


def main(given: Sequence[str] | None = None) -> int:
    """Print the figures; 0 also when there is nothing to speak with."""
    options = argparse.ArgumentParser(prog="python -m evals.voice", description=__doc__)
    options.add_argument("--quick", action="store_true", help="every fourth sentence, one voice")
    options.add_argument("--show", action="store_true", help="print what was heard wrongly")
    options.add_argument("--home", type=Path, help="where the recogniser's files are kept")
    chosen = options.parse_args(given)
    if shutil.which("flite") is None:
        print("skipped, because flite is not installed (Debian: apt-get install flite)")
        return 0
    print(f"date {datetime.now(UTC):%Y-%m-%d}; recogniser pocketsphinx, English; voices by flite")
    recogniser, reader = Recogniser(chosen.home), Reader(Index(starter_foods()))
    step, voices = (4, VOICES[:1]) if chosen.quick else (1, VOICES)
    for name, sentences in sets():
        began = time.process_time()
        ways = [
            heard_in(recogniser, reader, one, voice)
            for voice in voices
            for one in sentences[::step]
        ]
        _report(name, sentences[::step], ways, reader)
        seconds = (time.process_time() - began) / max(1, len(ways))
        print(f"  processor time per sentence, both passes and reading: {seconds:.2f} s")
        if chosen.show:
            _show(ways)
    return 0


def sets() -> list[tuple[str, list[Sentence]]]:
    """The two sets: written for speech here, and typed logs of another hand."""
    everyday = list(everyday_sentences(EVERYDAY)) if EVERYDAY.is_file() else []
    spread = everyday[:: max(1, len(everyday) // MOST_EVERYDAY)][:MOST_EVERYDAY]
    return [
        ("sentences written for this evaluation", list(own_sentences())),
        ("typed English logs of evals/reading/everyday.tsv, spoken", spread),
    ]


def _report(
    name: str, sentences: Sequence[Sentence], ways: Sequence[Ways], reader: Reader
) -> None:
    print(f"\n{name}: n = {len(sentences)}")
    if not sentences:
        print("  skipped, because the file is not there")
        return
    typed = [foods_read(reader, one, one.words) for one in sentences]
    meant = sum(len(one.foods) for one in sentences)
    exact = sum(right == len(one.foods) for one, right in zip(sentences, typed, strict=True))
    print(f"  typed as spoken: all foods right {exact / len(typed):.2f}, foods {sum(typed) / meant:.2f}")
    for voice in sorted({way.both.voice for way in ways}, key=VOICES.index):
        _print_row(voice, [way for way in ways if way.both.voice == voice])
    _print_row("all", ways)


def _print_row(voice: str, ways: Sequence[Ways]) -> None:
    parts = [
        f"{way} {_word_error_rate(heard):.3f} / {_all_right(heard):.2f} / {_foods_right(heard):.2f}"
        for way in ("general", "food", "both")
        for heard in [[getattr(one, way) for one in ways]]
    ]
    print(f"  {voice:4} word error rate / sentences all foods right / foods right: {'; '.join(parts)}")


def _word_error_rate(heard: Sequence[Heard]) -> float:
    return sum(one.errors for one in heard) / sum(len(one.sentence.words.split()) for one in heard)


def _all_right(heard: Sequence[Heard]) -> float:
    return sum(one.all_right for one in heard) / len(heard)


def _foods_right(heard: Sequence[Heard]) -> float:
    return sum(one.right for one in heard) / sum(len(one.sentence.foods) for one in heard)


def _show(ways: Sequence[Ways]) -> None:
    for way in ways:
        if way.both.errors:
            print(f"  {way.both.voice} said  {way.both.sentence.words}")
            print(f"      heard {way.both.text}")


if __name__ == "__main__":
    sys.exit(main())
