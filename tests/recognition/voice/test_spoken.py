"""Spoken meals through the whole chain: browser's file, listening process, draft, reading."""

import shutil
from array import array
from pathlib import Path

import pytest

from evals.voice.spoken import OTHER_TALK, VOICES, own_sentences, speakable, spoken, word_errors
from hearth.foods import starter_foods
from hearth.recognition import Index, Reader
from hearth.recognition.voice import Listener, Recording, hear_meal, sphinx
from hearth.recognition.voice.corpus import plural, sentences, spoken_foods
from hearth.recognition.voice.numerals import in_digits, in_words
from hearth.recognition.voice.vocabulary import denied, dictionary, hearable

from .recordings import mp4, webm

needs_flite = pytest.mark.skipif(
    shutil.which("flite") is None, reason="flite is not installed (apt-get install flite)"
)


def at_48_khz(pcm: bytes) -> bytes:
    """The samples three times each: enough of a resampling for the encoders of browsers."""
    samples = array("h", pcm)
    return array("h", (sample for sample in samples for _ in range(3))).tobytes()


@needs_flite
@pytest.mark.parametrize("made", [webm, mp4])
async def test_a_spoken_meal_becomes_foods_and_grams(listener: Listener, made: object) -> None:
    assert callable(made)
    said = "two hundred and fifty grams of grilled chicken breast with rice"
    data = made(at_48_khz(spoken(said, "rms")))
    heard = await hear_meal(Recording(data, "en"), listener)
    assert heard.is_draft
    assert heard.text == "250 grams of grilled chicken breast with rice"
    again = await hear_meal(Recording(data, "en"), listener)
    assert again == heard
    reading = Reader(Index(starter_foods())).read(heard.text, locale=heard.locale)
    foods = {item.food.id: item.grams for item in reading.items if item.food}
    assert foods["starter:chicken-breast"] == 250
    assert "starter:rice-white-cooked" in foods


@needs_flite
@pytest.mark.parametrize(
    ("words", "model"),
    [("two slices of bread with cheese and ham", "food"), (OTHER_TALK[0], "general")],
)
def test_talk_of_other_things_makes_no_meal(home: Path, words: str, model: str) -> None:
    draft = sphinx.Recogniser(home).draft(spoken(words, "rms"))
    assert (draft.text, draft.model) == (words, model)


@needs_flite
def test_the_food_model_helps(home: Path) -> None:
    recogniser = sphinx.Recogniser(home)
    errors = dict.fromkeys(("general", "food"), 0)
    chosen = list(own_sentences())[::8]
    for sentence in chosen:
        pcm = spoken(sentence.words, VOICES[0])
        for model in errors:
            text, _ = recogniser.heard(pcm, model)
            assert not denied() & set(text.split())
            errors[model] += word_errors(sentence.words.split(), text.split())
    words = sum(len(one.words.split()) for one in chosen)
    assert errors["food"] < errors["general"]
    assert errors["food"] <= 0.2 * words


def test_the_files_are_made_once_and_those_of_other_versions_go(home: Path, tmp_path: Path) -> None:
    words, model = sphinx.kept_files(home)
    before = model.stat().st_mtime_ns
    assert sphinx.kept_files(home) == (words, model)
    assert model.stat().st_mtime_ns == before
    (tmp_path / "food-of-before.arpa").touch()
    made = sphinx.kept_files(tmp_path)
    assert set(tmp_path.iterdir()) == set(made)


def test_the_recogniser_cannot_write_denied_words() -> None:
    assert len(denied()) > 100
    assert not denied() & set(dictionary())
    bare = {word.partition("(")[0].removesuffix("'s") for word in dictionary()}
    assert not denied() & bare
    assert {"grape", "grapefruit", "cockle", "cocktail", "rapeseed", "shiitake", "hello"} <= bare


def test_words_of_food_can_be_heard() -> None:
    assert hearable("Crème fraîche") == "creme fraiche"
    assert hearable("Wholemeal bread") == "wholemeal bread"
    assert hearable("qwrtzk") is None
    names = {name for _, name in spoken_foods()}
    assert {"chicken breast", "courgette", "oat milk", "rye crispbread"} <= names
    assert len({food.id for food, _ in spoken_foods()}) > 0.9 * len(starter_foods())


def test_sentences_are_the_same_each_time_and_hearable() -> None:
    first = list(sentences())
    assert first == list(sentences())
    assert len(first) > 10_000
    assert all(hearable(line) == line for line in first[::97])
    assert any(line.startswith("two slices of") or " slices of " in line for line in first)


@pytest.mark.parametrize(
    ("one", "many"), [("apple", "apples"), ("cherry", "cherries"), ("boiled egg", "boiled eggs"),
                      ("toast with butter", "toasts with butter"), ("oats", "oats")],
)  # fmt: skip
def test_plurals(one: str, many: str) -> None:
    assert plural(one) == many


@pytest.mark.parametrize(
    ("words", "digits"),
    [
        ("one hundred and fifty grams of chicken", "150 grams of chicken"),
        ("two eggs and one banana", "two eggs and one banana"),
        ("a hundred grams and thirty five grams", "100 grams and 35 grams"),
        ("one point five litres and point five litres", "1.5 litres and 0.5 litres"),
        ("two thousand and fifty", "2050"),
        ("one hundred and a banana", "100 and a banana"),
        ("two and a half cups", "two and a half cups"),
        ("point a point b point", "point a point b point"),
        ("", ""),
    ],
)
def test_numbers_are_written_in_digits(words: str, digits: str) -> None:
    assert in_digits(words) == digits


def test_every_number_goes_there_and_back() -> None:
    assert all(in_digits(in_words(number)) == str(number) for number in range(13, 10_000))


def test_what_can_be_spoken_of_a_typed_log() -> None:
    assert speakable("2 boiled eggs and 150 grams of rice") == (
        "two boiled eggs and one hundred and fifty grams of rice"
    )
    assert speakable("toast w butter") is None
    assert word_errors(["a", "b", "c"], ["a", "x", "c", "d"]) == 2
