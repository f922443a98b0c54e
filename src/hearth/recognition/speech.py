"""Speech: what can be heard on this Hearth, and hearing it.

One listening process serves each event loop, that is each web process. Nothing of a recording is
kept here, neither the sound nor the words.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from weakref import WeakKeyDictionary

import msgspec

from hearth import privacy
from hearth.ai import Ai, Call, Service
from hearth.core import telemetry
from hearth.core.db import Db
from hearth.core.errors import TooMany
from hearth.core.limits import Limits
from hearth.people import Person
from hearth.recognition import photos
from hearth.recognition.allowances import RECORDINGS
from hearth.recognition.turns import Turns
from hearth.recognition.voice import Heard, Listener, Recording, hear_meal, through
from hearth.web import gettext, told

PURPOSE: Final = "meal_voice"
MOST_AT_ONCE: Final = 2
"""Recordings of one person that are listened to at once: nobody fills the queue alone."""
TURNS: Final = Turns(
    MOST_AT_ONCE,
    TooMany(
        f"{MOST_AT_ONCE} of your recordings are being listened to already. Wait for their words, "
        "then send the next.",
        retry_after_s=5,
    ),
)
"""Recordings under way."""


class Ears(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of speech in a language here.

    `by` is `model`, `draft` (the embedded recogniser, English alone) or `nobody`. `asks` are the
    models that would hear it if the person agreed to them.
    """

    locale: str
    by: str
    services: tuple[Service, ...] = ()
    asks: tuple[Service, ...] = ()

    @property
    def understands(self) -> bool:
        """Whether there is any use in recording."""
        return self.by != "nobody"


_listeners: WeakKeyDictionary[asyncio.AbstractEventLoop, Listener] = WeakKeyDictionary()


async def open_listening(folder: Path) -> None:
    """Make this event loop's listener; `folder` keeps what the recogniser is made of. Its process
    starts with the first recording."""
    await _end_listener()
    _listeners[asyncio.get_running_loop()] = Listener(folder)


async def close() -> None:
    """End the processes of this event loop that listen and that look at photos."""
    await _end_listener()
    await photos.stop()


async def _end_listener() -> None:
    listener = _listeners.pop(asyncio.get_running_loop(), None)
    if listener is not None:
        await listener.close()


def listener() -> Listener:
    """This event loop's listener; one that keeps no files where nobody opened one."""
    loop = asyncio.get_running_loop()
    if loop not in _listeners:
        _listeners[loop] = Listener()
    return _listeners[loop]


def ears(ai: Ai, locale: str, consented: frozenset[str]) -> Ears:
    """Who hears this language for a person who agreed to these models."""
    services = ai.services("hear")
    able = tuple(one for one in services if not one.needs_consent or one.name in consented)
    asks = tuple(one for one in services if one not in able)
    by = "model" if able else "draft" if locale[:2] == "en" else "nobody"
    return Ears(locale=locale, by=by, services=able, asks=asks)


async def hear(db: Db, person: Person, ai: Ai, recording: Recording, *, limits: Limits) -> Heard:
    """The words of a recording. Asks outside of transactions; stores nothing.

    Raises what `voice.hear_meal` raises, and `TooMany` when the person has two under way, or has
    been heard as often as `RECORDINGS` allows in an hour.
    """
    call = Call(
        purpose=PURPOSE, person_id=person.id, names=(person.name,) if person.name else (),
        consented=await privacy.consented(db, person),
    )  # fmt: skip
    try:
        with TURNS.of(person):
            telemetry.set_voice_queue(TURNS.under_way)
            await RECORDINGS.take(limits, person)
            with _counted():
                return await hear_meal(recording, listener(), through(ai, call))
    finally:
        telemetry.set_voice_queue(TURNS.under_way)


def notes_of(heard: Heard) -> tuple[str, ...]:
    """How far to trust the words, in sentences of the reader's language."""
    notes = []
    if heard.is_draft:
        notes.append(
            gettext(
                "This is a draft of the recogniser built into Hearth: look it over and correct it."
            )
        )
    else:
        notes.append(gettext("Heard by the model that is configured. Look it over."))
    if heard.is_noisy:
        notes.append(gettext("There is much noise in the recording, so wrong words are likely."))
    if heard.failed is not None:
        why = told(heard.failed)
        notes.append(gettext("The configured model was not used: %(why)s") % {"why": why})
    return tuple(notes)


@contextmanager
def _counted() -> Iterator[None]:
    """Count how long a recording took, and whether words came of it."""
    started = time.monotonic()
    try:
        yield
    except BaseException:
        telemetry.count_voice_error()
        raise
    finally:
        telemetry.observe_voice(time.monotonic() - started)
