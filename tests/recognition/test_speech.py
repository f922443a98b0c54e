"""What can be heard here, who hears it, and what is counted."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest
from msgspec.structs import replace

from hearth import privacy, recognition
from hearth.ai import (
    Ai,
    Audio,
    Call,
    ModelFailed,
    NoAi,
    RecordedAi,
    Service,
    TooManyAtOnce,
    Transcript,
)
from hearth.core import telemetry
from hearth.core.db import Pool
from hearth.core.errors import Problem, TooMany, Unavailable
from hearth.core.limits import Limits
from hearth.people import Person
from hearth.recognition import speech
from hearth.recognition.voice import Heard, Listener, NothingHeard, Recording, Unplayable

from .spoken_meals import MEAL, needs_flite, spoken_wav
from .voice.recordings import silence, tone, webm

LONDON = Service("london", "m", True)
LOCAL = Service("local", "m", False)


class Hearing(NoAi):
    """A door with these services that hear."""

    def __init__(self, *services: Service) -> None:
        self._services = services

    def services(self, ability: object) -> tuple[Service, ...]:
        return self._services if ability == "hear" else ()


@pytest.mark.parametrize(
    ("ai", "locale", "consented", "by", "asks"),
    [
        (NoAi(), "en", "", "draft", ""),
        (NoAi(), "sv", "", "nobody", ""),
        (NoAi(), "sr-Cyrl", "", "nobody", ""),
        (Hearing(LOCAL), "sv", "", "model", ""),
        (Hearing(LONDON), "sv", "", "nobody", "london"),
        (Hearing(LONDON), "en", "", "draft", "london"),
        (Hearing(LONDON), "sv", "london", "model", ""),
        (Hearing(LONDON, LOCAL), "sr-Latn", "", "model", "london"),
    ],
)
def test_who_hears_a_language(ai: Ai, locale: str, consented: str, by: str, asks: str) -> None:
    found = speech.ears(ai, locale, frozenset(consented.split()))
    assert (found.by, " ".join(one.name for one in found.asks)) == (by, asks)
    assert found.understands == (by != "nobody")


@pytest.fixture
async def listening(tmp_path: Path) -> AsyncIterator[None]:
    """A listener of this test's own."""
    await recognition.open_listening(tmp_path / "voice")
    yield
    await recognition.close()


@pytest.fixture
def person(person_id: UUID) -> Person:
    return Person(
        id=person_id, email="a@example.org", name="Anna", locale="en", zone="UTC",
        roles=frozenset(), scopes=frozenset("*"), login_id=None,
    )  # fmt: skip


async def hear(db: Pool, person: Person, ai: Ai, recording: Recording) -> Heard:
    """The words of a recording of somebody who was not heard before."""
    return await speech.hear(db, person, ai, recording, limits=Limits())


def metric(name: str) -> float:
    lines = telemetry.render().decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name + " "))


@needs_flite
async def test_words_are_heard_and_counted(db: Pool, person: Person, listening: None) -> None:
    count = metric("voice_processing_duration_seconds_count")
    errors = metric("voice_processing_errors_total")
    heard = await hear(db, person, NoAi(), Recording(spoken_wav(), "en"))
    assert heard == Heard(MEAL, "en", "pocketsphinx", is_draft=True)
    assert metric("voice_processing_duration_seconds_count") == count + 1
    assert metric("voice_processing_errors_total") == errors
    assert metric("voice_processing_queue_size") == 0


async def test_a_refusal_is_an_error(db: Pool, person: Person, listening: None) -> None:
    errors = metric("voice_processing_errors_total")
    for data, refusal in ((b"rubbish", Unplayable), (webm(silence(1.0)), NothingHeard)):
        with pytest.raises(refusal):
            await hear(db, person, NoAi(), Recording(data, "en"))
    assert metric("voice_processing_errors_total") == errors + 2


async def test_nobody_fills_the_queue_alone(db: Pool, person: Person, listening: None) -> None:
    recording = Recording(webm(silence(1.0)), "en")
    asked = [hear(db, person, NoAi(), recording) for _ in range(speech.MOST_AT_ONCE + 2)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    refused = [one for one in answers if isinstance(one, TooMany)]
    assert len(refused) == 2
    assert refused[0].retry_after_s
    with pytest.raises(NothingHeard):
        await hear(db, person, NoAi(), recording)


async def started(listener: Listener) -> int:
    """The process of a listener that was just asked."""
    for _ in range(1_000):
        if listener.process_id is not None:
            return listener.process_id
        await asyncio.sleep(0.01)
    raise AssertionError("no process was started")


async def test_closing_ends_the_process_and_who_waits(
    db: Pool, person: Person, tmp_path: Path
) -> None:
    await recognition.open_listening(tmp_path)
    own = speech.listener()
    asked = asyncio.create_task(own.decode(webm(tone(1.0))))
    process = await started(own)
    await recognition.close()
    with pytest.raises((Unavailable, Unplayable)):
        await asked
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    with pytest.raises(Unavailable):
        await own.decode(b"x")
    assert speech.listener() is not own
    await recognition.close()


class Elsewhere(RecordedAi):
    """A recorded model to which one has to agree."""

    def services(self, ability: object) -> tuple[Service, ...]:
        return (LONDON,)


@needs_flite
async def test_the_model_gets_the_sound_nobodys_name_and_what_was_agreed_to(
    db: Pool, person: Person, listening: None
) -> None:
    ai = Elsewhere({"hear": "två ägg"})
    london = privacy.Purpose(name="model:london")
    privacy.declare(london)
    recording = Recording(spoken_wav(), "sv")
    for agreed in (frozenset[str](), frozenset({"london"})):
        heard = await hear(db, person, ai, recording)
        assert (heard.text, heard.is_draft) == ("två ägg", False)
        asked = ai.asked[-1]
        assert (asked.call.purpose, asked.call.consented) == ("meal_voice", agreed)
        assert (asked.call.names, "Anna" in str(asked.content)) == (("Anna",), False)
        await privacy.give(db, person, "model:london", digest=london.digest)


@needs_flite
async def test_while_models_are_busy_english_becomes_a_draft(
    db: Pool, person: Person, listening: None
) -> None:
    busy = Failing(LOCAL, failure=TooManyAtOnce("4 questions are under way."))
    heard = await hear(db, person, busy, Recording(spoken_wav(), "en"))
    assert (heard.text, heard.is_draft) == (MEAL, True)
    assert "4 questions" in speech.notes_of(heard)[1]
    with pytest.raises(TooManyAtOnce):
        await hear(db, person, busy, Recording(spoken_wav(), "sv"))


async def test_recordings_of_an_hour_are_counted(
    db: Pool, person: Person, listening: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speech, "RECORDINGS", replace(speech.RECORDINGS, an_hour=2))
    limits, recording = Limits(), Recording(b"rubbish", "en")
    other = replace(person, id=uuid4())
    for one in (person, person, other):
        with pytest.raises(Unplayable):
            await speech.hear(db, one, NoAi(), recording, limits=limits)
    with pytest.raises(TooMany, match="an hour") as caught:
        await speech.hear(db, person, NoAi(), recording, limits=limits)
    assert (caught.value.retry_after_s or 0) > 60
    assert metric("voice_processing_queue_size") == 0


class Failing(Hearing):
    """A model that does not answer."""

    def __init__(self, *services: Service, failure: Problem | None = None) -> None:
        super().__init__(*services)
        self._failure = failure or ModelFailed("It is away.")

    async def hear(self, audio: Audio, *, call: Call) -> "msgspec.UnsetType":  # type: ignore[override]
        raise self._failure


@needs_flite
async def test_when_the_model_fails_english_becomes_a_draft_that_says_so(
    db: Pool, person: Person, listening: None
) -> None:
    recording = Recording(spoken_wav(), "en")
    heard = await hear(db, person, Failing(LOCAL), recording)
    draft, why = speech.notes_of(heard)
    assert "draft" in draft
    assert why == "The configured model was not used: It is away."
    with pytest.raises(ModelFailed, match="It is away"):
        await hear(db, person, Failing(LOCAL), Recording(recording.data, "sv"))


def test_the_notes_say_how_far_to_trust_it() -> None:
    assert Transcript("an apple").text
    by_model = speech.notes_of(Heard("an apple", "en", "model"))
    noisy = speech.notes_of(Heard("an apple", "en", "pocketsphinx", True, True))
    assert ["model" in note for note in by_model] == [True]
    assert ["draft" in noisy[0], "noise" in noisy[1]] == [True, True]
