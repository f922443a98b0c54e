"""Whether there is anything to hear in a sound, before any recogniser makes words up."""

import math
from array import array
from collections.abc import Iterator
from operator import mul
from typing import Final

from pocketsphinx import Vad

from hearth.recognition.voice.sounds import RATE_HZ, Level, NothingHeard

QUIETEST_DB: Final = -50.0
"""The loudest 30 ms of somebody speaking at a telephone lie at -30 to -5 dBFS."""
LEAST_SPEECH_S: Final = 0.15
"""The shortest word that names a food takes longer."""
NOISY_DB: Final = 22.0
"""Contrast of clear voices with white noise 20 dB below them, where every third word is heard wrong
(`evals.voice`); quieter rooms give 24 to 50."""
_FLOOR_DB: Final = -96.0


def level_of(pcm: bytes) -> Level:
    """How loud the sound is and how much of it sounds like speech."""
    vad = Vad(Vad.MEDIUM_STRICT, RATE_HZ, 0.03)
    frames = list(_frames(pcm, int(vad.frame_bytes)))
    levels = sorted(map(decibels, frames)) or [_FLOOR_DB]
    tenth = len(levels) // 10
    speech = sum(bool(vad.is_speech(frame)) for frame in frames) * float(vad.frame_length)
    return Level(levels[-1], levels[-1 - tenth] - levels[tenth], speech)


def _frames(pcm: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(pcm) - size + 1, size):
        yield pcm[start : start + size]


def decibels(frame: bytes) -> float:
    """The level of some samples in dBFS: the root of their mean square against full scale."""
    samples = array("h", frame)
    square = sum(map(mul, samples, samples)) / max(1, len(samples))
    return max(_FLOOR_DB, 10 * math.log10(square / 32768**2)) if square else _FLOOR_DB


def refuse_silence(level: Level) -> None:
    """Refuse a sound in which nobody speaks."""
    if level.loudest_db < QUIETEST_DB:
        raise NothingHeard(
            "The recording is silent. Look whether the right microphone is chosen and not muted, "
            "or type the meal."
        )
    if level.speech_s < LEAST_SPEECH_S:
        raise NothingHeard(
            "Nobody is heard speaking in the recording. Speak closer to the microphone, "
            "or type the meal."
        )
