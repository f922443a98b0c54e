"""Sentences spoken by synthetic voices, heard by the embedded recogniser, and read by the engine.

The voices are Debian's flite: slt and rms (American), awb (Scottish). They are clean and speak
evenly; a person in a kitchen is heard worse. Formant voices such as espeak-ng are no test of a
recogniser that was trained on people.
"""

import math
import random
import re
import shutil
import subprocess
import tempfile
import wave
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from hearth.recognition import Reader
from hearth.recognition.voice.numerals import in_digits, in_words
from hearth.recognition.voice.sphinx import Recogniser, better
from hearth.recognition.voice.vocabulary import hearable

HERE: Final = Path(__file__).parent
VOICES: Final = ("slt", "rms", "awb")


OTHER_TALK: Final = (
    "the weather was nice and we went for a long walk",
    "please call me tomorrow morning about the meeting",
    "the staff was friendly but the queue was slow",
    "i felt tired after work so i did not eat anything",
    "i took my medicine at eight o'clock",
)


class Sentence(msgspec.Struct, frozen=True):
    """What is spoken, and the foods that were meant: of each group any id is right."""

    words: str
    foods: tuple[tuple[str, ...], ...]


class Heard(msgspec.Struct, frozen=True):
    """One spoken sentence: word errors and, of the foods meant, how many were read."""

    sentence: Sentence
    text: str
    errors: int
    right: int

    @property
    def all_right(self) -> bool:
        """Whether every food was read."""
        return self.right == len(self.sentence.foods)


def own_sentences(file: Path = HERE / "sentences.tsv") -> Iterator[Sentence]:
    """The sentences written for this evaluation."""
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            words, meant = line.split("\t")
            yield Sentence(words, tuple(map(_ids, meant.split(";"))))


def everyday_sentences(file: Path) -> Iterator[Sentence]:
    """English logs of the everyday set that can be spoken: no abbreviations, no odd spellings."""
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("en\t"):
            _, text, meant = line.split("\t")
            words = speakable(text)
            if words:
                foods = (part.rpartition("=")[0] for part in meant.split(";"))
                yield Sentence(words, tuple(map(_ids, foods)))


_ABBREVIATIONS: Final = frozenset(
    (
        "w",
        "x",
        "g",
        "ml",
        "cl",
        "dl",
        "l",
        "oz",
        "lb",
        "kg",
        "tbsp",
        "tsp",
        "tbs",
        "pc",
        "pcs",
        "veg",
    )
)


def speakable(text: str) -> str | None:
    """The text as spoken words, or None when it holds what nobody would say."""
    if set(text) & set("/%.½¼"):
        return None
    said = hearable(re.sub(r"\d+", lambda found: f" {in_words(int(found[0]))} ", text))
    return None if said is None or _ABBREVIATIONS & set(said.split()) else said


def _ids(written: str) -> tuple[str, ...]:
    return tuple(f"starter:{key}" for key in written.split("/"))


def spoken(words: str, voice: str) -> bytes:
    """The words as 16 kHz 16-bit mono sound. Raises `FileNotFoundError` where flite is absent."""
    program = shutil.which("flite")
    if program is None:
        raise FileNotFoundError("flite is not installed (Debian: apt-get install flite)")
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        done = [program, "-voice", voice, "-t", words, "-o", file.name]
        subprocess.run(done, check=True, timeout=60, stdin=subprocess.DEVNULL)
        with wave.open(file.name) as sound:
            return bytes(sound.readframes(sound.getnframes()))


def noisy(pcm: bytes, decibels: float) -> bytes:
    """The sound with white noise that many decibels below it; the same noise each time."""
    samples = array("h", pcm)
    power = sum(sample * sample for sample in samples) / max(1, len(samples))
    spread = math.sqrt(power) * 10 ** (-decibels / 20)
    drawn = random.Random(20)
    loud = (round(sample + drawn.gauss(0, spread)) for sample in samples)
    return array("h", (max(-32768, min(32767, sample)) for sample in loud)).tobytes()


def word_errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """Words to change, leave out or add until `heard` is `said` (Levenshtein)."""
    row = list(range(len(heard) + 1))
    for place, word in enumerate(said, 1):
        before, row[0] = row[0], place
        for other, its in enumerate(heard, 1):
            change = before + (word != its)
            before, row[other] = row[other], min(change, row[other] + 1, row[other - 1] + 1)
    return row[-1]


def foods_read(reader: Reader, sentence: Sentence, text: str) -> int:
    """How many of the foods meant are in the reading of `text`."""
    found = {item.food.id for item in reader.read(in_digits(text)).items if item.food}
    return sum(bool(found & set(meant)) for meant in sentence.foods)


class Ways(msgspec.Struct, frozen=True):
    """One spoken sentence, heard with the general model alone, the food model alone, and
    with both as the product does (`better`)."""

    general: Heard
    food: Heard
    both: Heard


def is_told_apart(recogniser: Recogniser, words: str, voice: str) -> bool:
    """Whether talk that is of no meal is heard by the general model, and no meal is made of it."""
    pcm = spoken(words, voice)
    fits = {model: recogniser.heard(pcm, model)[1] for model in ("food", "general")}
    return better(fits["food"], fits["general"]) == "general"


def heard_in(recogniser: Recogniser, reader: Reader, sentence: Sentence, pcm: bytes) -> Ways:
    """One sentence, spoken, heard in the three ways."""
    texts = {model: recogniser.heard(pcm, model) for model in ("general", "food")}
    texts["both"] = texts[better(texts["food"][1], texts["general"][1])]

    def marked(text: str) -> Heard:
        errors = word_errors(sentence.words.split(), text.split())
        return Heard(sentence, text, errors, foods_read(reader, sentence, text))

    return Ways(**{name: marked(text) for name, (text, _) in texts.items()})
