"""Who hears a meal: the configured model, else the embedded recogniser for English, else nobody."""

import pytest

from hearth.ai import Audio, Call, ModelFailed, NoAi, NotConsented, Transcript
from hearth.core.errors import Problem
from hearth.recognition.voice import (
    Heard,
    Listener,
    NoRecogniser,
    NothingHeard,
    Recording,
    Sound,
    Unplayable,
    hear_meal,
    through,
)
from hearth.recognition.voice.sounds import MOST_SECONDS, Draft, Level

from .recordings import silence, tone, webm

SPEECH = Level(loudest_db=-12.0, contrast_db=40.0, speech_s=1.0)
DATA = b"a recording"


class Prepared(Listener):
    """A listener whose sound and draft were prepared."""

    def __init__(self, draft: str = "", level: Level = SPEECH) -> None:
        super().__init__()
        self._draft = draft
        self._level = level
        self.drafted = 0

    async def decode(self, data: bytes, most_seconds: float = MOST_SECONDS) -> Sound:
        return Sound(b"\1\0" * 16_000, self._level)

    async def draft(self, sound: Sound) -> Draft:
        self.drafted += 1
        return Draft(self._draft, "food")


class Model:
    """A model that hears what it was told to, and remembers what it was given."""

    def __init__(self, said: str | Problem, language: str | None = None) -> None:
        self.said = said
        self.language = language
        self.given: list[Audio] = []

    async def __call__(self, audio: Audio) -> Transcript:
        self.given.append(audio)
        if isinstance(self.said, Problem):
            raise self.said
        return Transcript(self.said, self.language)


async def test_the_model_goes_first_and_gets_the_sound_alone() -> None:
    listener, model = Prepared("wrong"), Model(" två  skivor bröd ", "sv")
    heard = await hear_meal(Recording(DATA, "sv"), listener, model)
    assert heard == Heard("två skivor bröd", "sv", "model")
    assert listener.drafted == 0
    (audio,) = model.given
    assert (audio.media_type, audio.seconds, audio.language) == ("audio/wav", 1.0, "sv")
    assert audio.data[:4] == b"RIFF"
    assert audio.data[44:] == b"\1\0" * 16_000


async def test_what_a_telephone_writes_into_a_file_does_not_leave(listener: Listener) -> None:
    model = Model("an apple")
    data = webm(tone(1.0), metadata={"title": "canary-title"})
    assert b"canary-title" in data
    try:
        await hear_meal(Recording(data, "en"), listener, model)
    except NothingHeard:
        pytest.skip("the voice detector takes this tone for no speech")
    assert b"canary" not in model.given[0].data


@pytest.mark.parametrize(
    ("asked", "told", "locale"),
    [("sr-Cyrl", "sr", "sr-Cyrl"), ("en", "sv", "sv"), ("en", "sr", "sr-Latn"), ("sv", "fi", "sv"),
     ("sv", None, "sv")],
)  # fmt: skip
async def test_the_language_of_the_words(asked: str, told: str | None, locale: str) -> None:
    heard = await hear_meal(Recording(DATA, asked), Prepared(), Model("mleko", told))
    assert heard.locale == locale


async def test_english_without_a_model_is_a_draft_with_digits() -> None:
    listener = Prepared("one hundred and fifty grams of rice and two eggs")
    heard = await hear_meal(Recording(DATA, "en"), listener)
    assert heard.text == "150 grams of rice and two eggs"
    assert heard.is_draft
    assert not heard.is_noisy
    assert heard.failed is None


async def test_noise_is_named() -> None:
    noisy = Prepared("rice", Level(loudest_db=-10.0, contrast_db=6.0, speech_s=2.0))
    assert (await hear_meal(Recording(DATA, "en"), noisy)).is_noisy


@pytest.mark.parametrize(("locale", "language"), [("sv", "Swedish"), ("sr-Latn", "Serbian")])
async def test_other_languages_without_a_model_are_told_what_to_do(
    locale: str, language: str
) -> None:
    listener = Prepared("wrong")
    with pytest.raises(NoRecogniser) as refusal:
        await hear_meal(Recording(DATA, locale), listener)
    for said in (language, "Type the meal", "configure a model", "Nothing of the recording"):
        assert said in refusal.value.detail
    assert listener.drafted == 0


FAILURES = [ModelFailed("The model is away."), NotConsented("You have not agreed to it.")]


@pytest.mark.parametrize("failure", FAILURES)
async def test_a_model_that_fails_leaves_english_a_draft(failure: Problem) -> None:
    heard = await hear_meal(Recording(DATA, "en"), Prepared("an apple"), Model(failure))
    assert heard.is_draft
    assert heard.text == "an apple"
    assert heard.failed is failure


@pytest.mark.parametrize("failure", FAILURES)
async def test_a_model_that_fails_says_so_in_other_languages(failure: Problem) -> None:
    with pytest.raises(type(failure)) as refusal:
        await hear_meal(Recording(DATA, "sv"), Prepared(), Model(failure))
    assert refusal.value is failure


async def test_signs_that_nobody_can_say_are_left_out() -> None:
    heard = await hear_meal(Recording(DATA, "en"), Prepared(), Model("an\0 apple\x1b[2J\n pie"))
    assert heard.text == "an apple [2J pie"


async def test_a_model_that_hears_no_word() -> None:
    with pytest.raises(NothingHeard):
        await hear_meal(Recording(DATA, "en"), Prepared(), Model("  "))


@pytest.mark.parametrize(
    "level", [Level(-70.0, 3.0, 5.0), Level(-10.0, 3.0, 0.0)], ids=["quiet", "no speech"]
)
async def test_silence_reaches_nobody(level: Level) -> None:
    listener, model = Prepared("invented words", level), Model("Thank you for watching!")
    with pytest.raises(NothingHeard):
        await hear_meal(Recording(DATA, "en"), listener, model)
    assert (listener.drafted, model.given) == (0, [])


async def test_real_silence_and_real_rubbish(listener: Listener) -> None:
    with pytest.raises(NothingHeard, match="silent"):
        await hear_meal(Recording(webm(silence(2.0)), "en"), listener)
    with pytest.raises(Unplayable):
        await hear_meal(Recording(b"rubbish", "en"), listener)


def test_a_house_without_models_has_no_way_through() -> None:
    assert through(NoAi(), Call(purpose="meal_voice")) is None
