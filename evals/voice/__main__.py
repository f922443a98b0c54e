"""`python -m evals.voice [--quick] [--show]`: word errors and right foods of spoken meals."""

import argparse
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from evals.voice.spoken import (
    HERE,
    OTHER_TALK,
    VOICES,
    Heard,
    Sentence,
    Ways,
    everyday_sentences,
    foods_read,
    heard_in,
    is_told_apart,
    noisy,
    own_sentences,
    spoken,
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
    for measured in sets():
        began = time.process_time()
        sentences = measured.sentences[::step]
        _print_typed(measured.name, sentences, reader)
        ways = {
            voice: [
                heard_in(recogniser, reader, one, measured.spoken(one, voice)) for one in sentences
            ]
            for voice in voices
        }
        _print_spoken(ways)
        each = (time.process_time() - began) / max(1, len(sentences) * len(voices))
        print(f"  processor time per sentence, both passes and reading: {each:.2f} s")
        if chosen.show:
            _show(ways)
    _print_other(recogniser, voices)
    return 0


def _print_other(recogniser: Recogniser, voices: Sequence[str]) -> None:
    """What becomes of talk that names no meal."""
    apart = [is_told_apart(recogniser, words, voice) for words in OTHER_TALK for voice in voices]
    print(f"\ntalk of other things: n = {len(OTHER_TALK)}")
    print(f"  heard by the general model, as it should be: {sum(apart)} of {len(apart)}")


class Measured(msgspec.Struct, frozen=True):
    """A set of sentences, spoken clean or with noise so many decibels below the voice."""

    name: str
    sentences: list[Sentence]
    noise_db: float | None = None

    def spoken(self, sentence: Sentence, voice: str) -> bytes:
        """The sound of a sentence."""
        pcm = spoken(sentence.words, voice)
        return pcm if self.noise_db is None else noisy(pcm, self.noise_db)


def sets() -> list[Measured]:
    """Sentences written for speech here, clean and noisy, and typed logs of another hand."""
    own = list(own_sentences())
    everyday = list(everyday_sentences(EVERYDAY)) if EVERYDAY.is_file() else []
    spread = everyday[:: max(1, len(everyday) // MOST_EVERYDAY)][:MOST_EVERYDAY]
    return [
        Measured("sentences written for this evaluation", own),
        Measured("the same, white noise 20 dB below the voice", own[::2], 20.0),
        Measured("typed English logs of evals/reading/everyday.tsv, spoken", spread),
    ]


def _print_typed(name: str, sentences: Sequence[Sentence], reader: Reader) -> None:
    print(f"\n{name}: n = {len(sentences)}")
    typed = [foods_read(reader, one, one.words) for one in sentences]
    meant = sum(len(one.foods) for one in sentences)
    exact = sum(right == len(one.foods) for one, right in zip(sentences, typed, strict=True))
    if sentences:
        shares = f"all foods right {exact / len(typed):.2f}, foods right {sum(typed) / meant:.2f}"
        print(f"  typed instead of spoken: {shares}")
    else:
        print("  skipped, because the file is not there")


def _print_spoken(ways: Mapping[str, Sequence[Ways]]) -> None:
    together = [way for each in ways.values() for way in each]
    if together:
        print("  spoken, by language model: word error rate / all foods right / foods right")
        for voice, each in (*ways.items(), ("all", together)):
            _print_row(voice, each)


def _print_row(voice: str, ways: Sequence[Ways]) -> None:
    parts = []
    for model in ("general", "food", "both"):
        heard: list[Heard] = [getattr(one, model) for one in ways]
        rate, exact, foods = _word_error_rate(heard), _all_right(heard), _foods_right(heard)
        parts.append(f"{model} {rate:.3f} / {exact:.2f} / {foods:.2f}")
    print(f"  {voice:4} {'; '.join(parts)}")


def _word_error_rate(heard: Sequence[Heard]) -> float:
    return sum(one.errors for one in heard) / sum(len(one.sentence.words.split()) for one in heard)


def _all_right(heard: Sequence[Heard]) -> float:
    return sum(one.all_right for one in heard) / len(heard)


def _foods_right(heard: Sequence[Heard]) -> float:
    return sum(one.right for one in heard) / sum(len(one.sentence.foods) for one in heard)


def _show(ways: Mapping[str, Sequence[Ways]]) -> None:
    for voice, each in ways.items():
        for way in each:
            if way.both.errors:
                print(f"  {voice} said  {way.both.sentence.words}")
                print(f"      heard {way.both.text}")


if __name__ == "__main__":
    sys.exit(main())
