"""What is said between Hearth and its listening process, and what a recording is once decoded."""

from typing import Final

import msgspec

from hearth.core.errors import Invalid, Malformed, Problem, TooLarge

MOST_BYTES: Final = 10 * 1024 * 1024
"""The most bytes of one recording."""
MOST_SECONDS: Final = 60.0
"""The longest recording of a meal."""
RATE_HZ: Final = 16_000
"""Samples a second of decoded sound: 16-bit, one channel."""
BYTES_A_SECOND: Final = 2 * RATE_HZ


class Level(msgspec.Struct, frozen=True):
    """How loud a recording is. Decibels are relative to the loudest that a sample can be (dBFS).

    `loudest_db` is of the loudest 30 ms, `contrast_db` how far the loud tenth stands above the
    quiet tenth, `speech_s` the seconds that sound like speech.
    """

    loudest_db: float
    contrast_db: float
    speech_s: float


class Sound(msgspec.Struct, frozen=True):
    """A decoded recording: 16 kHz, 16-bit little-endian, one channel."""

    pcm: bytes
    level: Level

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.pcm) / BYTES_A_SECOND


class Draft(msgspec.Struct, frozen=True):
    """What the embedded recogniser makes of a sound: the words, and which of its two language
    models ("food" or "general") fitted better."""

    text: str
    model: str


class Decode(msgspec.Struct, frozen=True, tag=True):
    """Asks for the sound of a recording of at most `most_seconds`."""

    data: bytes
    most_seconds: float = MOST_SECONDS


class Write(msgspec.Struct, frozen=True, tag=True):
    """Asks for a draft of what is said, in English."""

    pcm: bytes


class Refused(msgspec.Struct, frozen=True):
    """Why the listening process could not; `kind` is of `REFUSALS`, or an unforeseen error."""

    kind: str
    detail: str


class Outcome(msgspec.Struct, frozen=True):
    """The answer of the listening process: one of the three."""

    sound: Sound | None = None
    draft: Draft | None = None
    refused: Refused | None = None


Task = Decode | Write


class Unplayable(Malformed):
    """A recording that cannot be decoded."""

    code = "recording_unplayable"
    title = "The recording could not be played"


class TooLong(Invalid):
    """A recording that goes on for longer than is taken."""

    code = "recording_too_long"
    title = "The recording is too long"


class NothingHeard(Invalid):
    """A recording in which nobody speaks, or from which no word was understood."""

    code = "nothing_heard"
    title = "Nothing was heard"


REFUSALS: Final[dict[str, type[Problem]]] = {
    kind.__name__: kind for kind in (Unplayable, TooLong, NothingHeard, TooLarge)
}


def refuse_heavy(data: bytes) -> None:
    """Refuse a recording of no bytes or of too many."""
    if not data:
        raise Unplayable("The recording is empty. Record again, or type the meal.")
    if len(data) > MOST_BYTES:
        raise TooLarge(
            f"The recording has {len(data) / 1024 / 1024:.1f} MiB; 10 MiB are taken. "
            "Record a shorter one, or type the meal."
        )


def wav_of(pcm: bytes) -> bytes:
    """The sound as a WAV file, free of everything that the recording held besides the sound."""
    head = b"RIFF" + (36 + len(pcm)).to_bytes(4, "little") + b"WAVEfmt "
    form = (16).to_bytes(4, "little") + (1).to_bytes(2, "little") + (1).to_bytes(2, "little")
    rates = RATE_HZ.to_bytes(4, "little") + BYTES_A_SECOND.to_bytes(4, "little")
    sizes = (2).to_bytes(2, "little") + (16).to_bytes(2, "little")
    return head + form + rates + sizes + b"data" + len(pcm).to_bytes(4, "little") + pcm
