"""From a recording to the words of a meal: a configured model first, else the embedded recogniser.

    heard = await hear_meal(Recording(data, "en"), listener, through(ai, call))
    reading = await read_meal(db, person, MealText(text=heard.text, locale=heard.locale))

Nothing of a recording is kept, neither sound nor words: they belong to who calls. Models get the
sound alone, as a WAV file made here, without what telephones write into their files.
"""

from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from hearth.ai import (
    Ai,
    Audio,
    Call,
    ModelFailed,
    NotConfigured,
    NotConsented,
    OverBudget,
    TooManyAtOnce,
    Transcript,
)
from hearth.core.errors import Problem
from hearth.recognition.voice.listener import Listener
from hearth.recognition.voice.loudness import NOISY_DB, refuse_silence
from hearth.recognition.voice.numerals import in_digits
from hearth.recognition.voice.sounds import MOST_SECONDS, NothingHeard, Sound, wav_of

EMBEDDED: Final = "pocketsphinx"
MODEL: Final = "model"
_LANGUAGES: Final = frozenset({"en", "sv", "sr"})

Hear = Callable[[Audio], Awaitable[Transcript]]
"""What asks the configured model. It raises the problems of `hearth.ai` when it cannot."""


class Recording(msgspec.Struct, frozen=True):
    """What a browser recorded, and the language spoken (`en`, `sv`, `sr-Latn`, `sr-Cyrl`)."""

    data: bytes
    locale: str
    most_seconds: float = MOST_SECONDS


class Heard(msgspec.Struct, frozen=True):
    """What was said, in which language, and who heard it.

    A draft comes from the embedded recogniser: it is to be shown in a field for the person to
    correct before anything is made of it, the more so when the sound `is_noisy`. `failed` is why
    the configured model did not hear it.
    """

    text: str
    locale: str
    engine: str
    is_draft: bool = False
    is_noisy: bool = False
    failed: Problem | None = None


class NoRecogniser(Problem):
    """Nothing on this Hearth understands speech in the language."""

    status = 503
    code = "no_recogniser"
    title = "This language is not understood here"


def through(ai: Ai, call: Call) -> Hear | None:
    """The door to models on somebody's behalf, or None when no model that hears is configured."""
    if not ai.services("hear"):
        return None

    async def hear(audio: Audio) -> Transcript:
        return (await ai.hear(audio, call=call)).value

    return hear


async def hear_meal(recording: Recording, listener: Listener, hear: Hear | None = None) -> Heard:
    """The words of a spoken meal.

    Raises `TooLarge`, `TooLong`, `Unplayable` or `NothingHeard` for the recording, `NoRecogniser`
    when nothing understands the language, and the problems of `hear` when only it does.
    """
    sound = await listener.decode(recording.data, recording.most_seconds)
    refuse_silence(sound.level)
    if hear is None:
        return await _drafted(sound, recording, listener, None)
    try:
        return await _modelled(sound, recording, hear)
    except (NotConfigured, NotConsented, OverBudget, TooManyAtOnce, ModelFailed) as problem:
        return await _drafted(sound, recording, listener, problem)


async def _modelled(sound: Sound, recording: Recording, hear: Hear) -> Heard:
    audio = Audio(
        data=wav_of(sound.pcm), media_type="audio/wav", seconds=sound.seconds,
        language=recording.locale[:2],
    )  # fmt: skip
    transcript = await hear(audio)
    text = _plain(transcript.text)
    if not text:
        raise NothingHeard(
            "No word was understood. Speak closer to the microphone, or type the meal."
        )
    locale = _locale(transcript.language, recording.locale)
    return Heard(text, locale, MODEL, is_noisy=_is_noisy(sound))


def _plain(said: str) -> str:
    """The words on one line, without characters that nobody can say."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in said).split())


def _locale(heard: str | None, asked: str) -> str:
    """The language of a transcript: the asked one, unless another that Hearth reads was heard."""
    if not heard or heard == asked[:2] or heard not in _LANGUAGES:
        return asked
    return "sr-Latn" if heard == "sr" else heard


async def _drafted(
    sound: Sound, recording: Recording, listener: Listener, failed: Problem | None
) -> Heard:
    """The draft of the embedded recogniser, which knows English alone."""
    if recording.locale[:2] != "en":
        raise _cannot(recording.locale) if failed is None else failed
    draft = await listener.draft(sound)
    text = in_digits(draft.text)
    return Heard(text, recording.locale, EMBEDDED, True, _is_noisy(sound), failed)


def _is_noisy(sound: Sound) -> bool:
    return sound.level.contrast_db < NOISY_DB


def _cannot(locale: str) -> NoRecogniser:
    # Whole sentences: pages show them in the language of their reader.
    match locale[:2]:
        case "sv":
            return NoRecogniser(
                "Without a model Hearth understands spoken English only, not Swedish. Type the "
                "meal; or let the owner of this Hearth configure a model that hears "
                "(docs/voice.md). Nothing of the recording was kept."
            )
        case _:
            return NoRecogniser(
                "Without a model Hearth understands spoken English only, not Serbian. Type the "
                "meal; or let the owner of this Hearth configure a model that hears "
                "(docs/voice.md). Nothing of the recording was kept."
            )
