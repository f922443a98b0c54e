"""Spoken meals for tests, by Debian's flite; no test data of anybody's."""

import shutil
import subprocess
import wave
from array import array
from io import BytesIO
from pathlib import Path

import pytest

from tests.recognition.voice.recordings import mp4, webm

MEAL = "two eggs and toast with butter"
VOICE = "slt"
needs_flite = pytest.mark.skipif(
    shutil.which("flite") is None, reason="skipped, because flite is not installed"
)


def spoken_wav(words: str = MEAL) -> bytes:
    """The words as flite says them: 16 kHz, mono."""
    command = ["flite", "-voice", VOICE, "-t", words, "-o", "/dev/stdout"]
    return _whole(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)


def _whole(written: bytes) -> bytes:
    """The file with a header that tells its length, which a pipe could not be told."""
    return wav_of(written[44:])


def wav_of(pcm: bytes) -> bytes:
    """Samples of 16 kHz as a WAV file."""
    made = BytesIO()
    with wave.open(made, "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(pcm)
    return made.getvalue()


def _at_48_khz(wav: bytes) -> bytes:
    samples = array("h", wav[44:])
    return array("h", (sample for sample in samples for _ in range(3))).tobytes()


def spoken_webm(words: str = MEAL) -> bytes:
    """As Chromium and Firefox record it."""
    return webm(_at_48_khz(spoken_wav(words)))


def spoken_m4a(words: str = MEAL) -> bytes:
    """As Safari records it."""
    return mp4(_at_48_khz(spoken_wav(words)))


def microphone_file(folder: Path, words: str | None) -> Path:
    """What Chromium's fake microphone plays: a second of quiet, the words, and quiet for long."""
    second = bytes(2 * 16_000)
    spoken = spoken_wav(words)[44:] if words else b""
    path = folder / "microphone.wav"
    path.write_bytes(wav_of(second + spoken + 60 * second))
    return path
