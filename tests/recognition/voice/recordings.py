"""Recordings as browsers make them, from any samples."""

import math
import struct
from array import array
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import av

RATE_HZ = 48_000
FRAME = 960


def tone(seconds: float, level: float = 0.3, rate_hz: int = RATE_HZ) -> bytes:
    """A plain 440 Hz tone as 16-bit samples."""
    turn = 2 * math.pi * 440 / rate_hz
    samples = (round(32767 * level * math.sin(turn * n)) for n in range(int(seconds * rate_hz)))
    return array("h", samples).tobytes()


def silence(seconds: float, rate_hz: int = RATE_HZ) -> bytes:
    return bytes(2 * int(seconds * rate_hz))


def recording(
    pcm: bytes, container: str, codec: str, rate_hz: int = RATE_HZ, **options: Any
) -> bytes:
    """The samples (16-bit mono) in a container, encoded."""
    file = BytesIO()
    metadata = options.pop("metadata", {})
    with av.open(file, "w", format=container, options=options) as opened:
        opened.metadata.update(metadata)
        stream: Any = opened.add_stream(codec, rate=rate_hz)
        stream.codec_context.layout = "mono"
        for frame in _frames(pcm, rate_hz):
            opened.mux(stream.encode(frame))
        opened.mux(stream.encode(None))
    return file.getvalue()


def _frames(pcm: bytes, rate_hz: int) -> Iterator[av.AudioFrame]:
    size = FRAME * 2
    for start in range(0, len(pcm), size):
        part = pcm[start : start + size].ljust(size, b"\0")
        frame = av.AudioFrame(format="s16", layout="mono", samples=FRAME)
        frame.planes[0].update(part.ljust(frame.planes[0].buffer_size, b"\0"))
        frame.sample_rate = rate_hz
        frame.pts = start // 2
        yield frame


def webm(pcm: bytes, **options: Any) -> bytes:
    """As MediaRecorder writes it: no length, written as it comes."""
    return recording(pcm, "webm", "libopus", live="1", **options)


def mp4(pcm: bytes, **options: Any) -> bytes:
    """As Safari writes it: AAC in fragments."""
    return recording(pcm, "mp4", "aac", movflags="frag_keyframe+empty_moov", **options)


def film() -> bytes:
    """A moving picture without sound."""
    file = BytesIO()
    with av.open(file, "w", format="mp4") as opened:
        stream = opened.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 16, 16, "yuv420p"
        for _ in range(3):
            opened.mux(stream.encode(av.VideoFrame(16, 16, "yuv420p")))
        opened.mux(stream.encode(None))
    return file.getvalue()


def wav(pcm: bytes, rate_hz: int = RATE_HZ, channels: int = 1) -> bytes:
    """A WAV file whose header says what it is told to say."""
    a_frame = 2 * channels
    form = struct.pack("<HHIIHH", 1, channels, rate_hz, rate_hz * a_frame, a_frame, 16)
    head = b"RIFF" + struct.pack("<I", 36 + len(pcm)) + b"WAVEfmt " + struct.pack("<I", 16) + form
    return head + b"data" + struct.pack("<I", len(pcm)) + pcm
