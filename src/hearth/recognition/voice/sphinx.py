"""The embedded recogniser: PocketSphinx with its English model, for drafts that a person confirms.

A sound is heard twice, once with the general language model and once with one of food, and the
words that fit better are kept. Both models and the dictionary are made once and kept as files; they
hold nothing of anybody's.
"""

import contextlib
import hashlib
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Final

from pocketsphinx import Config, Decoder, get_model_path
from pocketsphinx.lm import ArpaBoLM

from hearth.foods import starter_foods
from hearth.recognition.voice import corpus, vocabulary
from hearth.recognition.voice.sounds import Draft, NothingHeard

_MADE_BY: Final = (
    "corpus.py", "denied_en.txt", "numerals.py", "pronunciations.tsv", "sphinx.py", "vocabulary.py",
)  # fmt: skip
GENERAL_AT_LEAST: Final = 1.25
"""How much better the general model must fit before it is believed over the one of food."""


class Recogniser:
    """PocketSphinx, loaded: some 0.1 GB. `home` is where its files are kept between runs."""

    def __init__(self, home: Path | None = None) -> None:
        with contextlib.ExitStack() as until:
            place = home or Path(until.enter_context(tempfile.TemporaryDirectory()))
            words, model = kept_files(place)
            self._decoder = Decoder(_config(words))
            self._decoder.add_lm_file("food", str(model))

    def draft(self, pcm: bytes) -> Draft:
        """The words of a sound (16 kHz, 16-bit, mono) in small letters, numbers in words."""
        heard = {model: self.heard(pcm, model) for model in ("food", "general")}
        best = better(heard["food"][1], heard["general"][1])
        if not heard[best][0]:
            raise NothingHeard(
                "No word was understood. Speak closer to the microphone and without noise around, "
                "or type the meal."
            )
        return Draft(heard[best][0], best)

    def heard(self, pcm: bytes, model: str) -> tuple[str, float]:
        """What one model hears, and how well it fits: the larger the better."""
        decoder = self._decoder
        decoder.activate_search("food" if model == "food" else "_default")
        decoder.start_utt()
        decoder.process_raw(pcm, full_utt=True)
        decoder.end_utt()
        found = decoder.hyp()
        return (found.hypstr.strip(), found.score) if found else ("", float("-inf"))


def better(food: float, general: float) -> str:
    """Which model's words to keep, by how well they fit: at a meal, people mostly speak of food."""
    return "general" if general > GENERAL_AT_LEAST * food else "food"


def _config(words: Path) -> Config:
    # "batch" forgets the speaker before: the same sound gives the same words.
    return Config(
        hmm=get_model_path("en-us/en-us"), lm=get_model_path("en-us/en-us.lm.bin"),
        dict=str(words), samprate=16000, cmn="batch", loglevel="FATAL",
    )  # fmt: skip


def kept_files(home: Path) -> tuple[Path, Path]:
    """The dictionary and the food language model below `home`, made when they are not there."""
    mark = _mark()
    words, model = home / f"words-{mark}.dict", home / f"food-{mark}.arpa"
    if not words.is_file():
        _put(words, vocabulary.dictionary_text())
    if not model.is_file():
        made = ArpaBoLM()
        made.read_corpus(f"<s> {line} </s>" for line in corpus.sentences())
        made.compute()
        _put(model, made)
        _remove_others(home, (words, model))
    vocabulary.dictionary.cache_clear()
    return words, model


def _remove_others(home: Path, kept: tuple[Path, Path]) -> None:
    """Remove the files that were made for other versions of Hearth."""
    for path in (*home.glob("words-*.dict"), *home.glob("food-*.arpa")):
        if path not in kept:
            path.unlink(missing_ok=True)


def _mark() -> str:
    """Changes with everything that the files are made from: the foods, our lists and the code."""
    made_from = hashlib.sha256()
    for file in sorted(files("hearth.recognition.voice").iterdir(), key=lambda file: file.name):
        if file.name in _MADE_BY:
            made_from.update(file.read_bytes())
    for food in starter_foods():
        made_from.update(repr((food.names, food.aliases, food.portions)).encode())
    return made_from.hexdigest()[:16]


def _put(path: Path, what: str | ArpaBoLM) -> None:
    """Write a file in one step, so that processes that start together never read half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
        if isinstance(what, str):
            file.write(what)
        else:
            what.write(file)
    Path(file.name).replace(path)
