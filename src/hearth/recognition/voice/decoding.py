"""From what browsers and telephones record to plain sound: by content, bounded, nothing written.

The container is told by its first bytes and opened as that alone, so that no file can pass for a
play list that names other files; of codecs only those that recordings of speech use are taken.
MediaRecorder states no length, so the decoded samples are counted.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import Final

import av
import av.logging
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.container import InputContainer

from hearth.core.errors import Problem
from hearth.recognition.voice.sounds import (
    BYTES_A_SECOND,
    MOST_SECONDS,
    RATE_HZ,
    TooLong,
    Unplayable,
    refuse_heavy,
)

CODECS: Final = frozenset(("opus", "libopus", "vorbis", "libvorbis", "aac", "flac", "alac"))
# What a frame may claim before it is resampled: a rate of 1 Hz would grow it 16,000 times.
_RATES_HZ: Final = (8_000, 192_000)
_MOST_CHANNELS: Final = 8
_MOST_SAMPLES: Final = 200_000
_MOST_BROKEN: Final = 0.5

av.logging.set_level(None)


def container_of(data: bytes) -> str | None:
    """FFmpeg's name of the container, by the first bytes; None when it is none that is taken."""
    if data.startswith(b"\x1a\x45\xdf\xa3"):
        return "matroska"
    if data.startswith(b"OggS"):
        return "ogg"
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return "wav"
    return "mov" if data[4:8] == b"ftyp" else None


def decoded(data: bytes, most_seconds: float = MOST_SECONDS) -> bytes:
    """The sound of a recording as 16 kHz 16-bit mono.

    Raises `TooLarge` over 10 MiB, `TooLong` past `most_seconds`, `Unplayable` for what is no
    recording or a broken one. A recording that was cut off gives what is there.
    """
    refuse_heavy(data)
    container = container_of(data)
    if container is None:
        raise Unplayable(
            "The file is no recording that Hearth knows: send webm, ogg, mp4 (m4a) or wav."
        )
    try:
        return _sound(data, container, most_seconds)
    except Problem:
        raise
    except Exception:
        # Whatever the library makes of a broken file; its text may quote the file: not passed on.
        raise _broken() from None


def _broken() -> Unplayable:
    return Unplayable("The recording is damaged or not complete. Record again, or type the meal.")


def _sound(data: bytes, container: str, most_seconds: float) -> bytes:
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE_HZ)
    most_bytes = int(most_seconds * BYTES_A_SECOND)
    pcm = bytearray()
    with av.open(BytesIO(data), mode="r", format=container, metadata_errors="ignore") as opened:
        for frame in _then_none(_frames(opened)):
            for plain in resampler.resample(frame):
                pcm += bytes(plain.planes[0])[: plain.samples * 2]
            if len(pcm) > most_bytes:
                raise TooLong(
                    f"The recording is longer than {most_seconds:.0f} seconds. "
                    "Record the meal in shorter parts, or type it."
                )
    if not pcm:
        raise _broken()
    return bytes(pcm)


def _then_none(frames: Iterator[AudioFrame]) -> Iterator[AudioFrame | None]:
    """The frames, and None at the end: it makes the resampler give what it still holds."""
    yield from frames
    yield None


def _frames(opened: InputContainer) -> Iterator[AudioFrame]:
    """The frames of the first audio track; single broken packets are passed over, as players do."""
    if not opened.streams.audio:
        raise Unplayable("The file has no sound in it. Record again, or type the meal.")
    stream = opened.streams.audio[0]
    # The library has no codec for a form that it does not know, though its types promise one.
    context: AudioCodecContext | None = stream.codec_context
    name = context.name if context is not None else "unknown"
    if name not in CODECS and not name.startswith("pcm_"):
        raise Unplayable(
            f"The sound is in the form {name[:20]}, which is not taken: "
            "send Opus, Vorbis, AAC, FLAC or plain samples."
        )
    good = broken = 0
    for packet in opened.demux(stream):
        try:
            frames = packet.decode()
        except av.InvalidDataError:
            broken += 1
            continue
        for frame in frames:
            good += 1
            if isinstance(frame, AudioFrame):
                yield _bounded(frame)
    if broken > _MOST_BROKEN * (good + broken):
        raise _broken()


def _bounded(frame: AudioFrame) -> AudioFrame:
    low, high = _RATES_HZ
    fits = low <= frame.sample_rate <= high and frame.samples <= _MOST_SAMPLES
    if not fits or not 1 <= frame.layout.nb_channels <= _MOST_CHANNELS:
        raise _broken()
    return frame
