"""Recordings are decoded by what they hold; the broken and the too large are refused in words."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hearth.core.errors import Problem, TooLarge
from hearth.recognition.voice.decoding import container_of, decoded
from hearth.recognition.voice.loudness import decibels, level_of
from hearth.recognition.voice.sounds import BYTES_A_SECOND, MOST_BYTES, TooLong, Unplayable

from .recordings import film, mp4, recording, silence, tone, wav, webm

SECOND = tone(1.0)
FORMS: dict[str, Callable[[bytes], bytes]] = {
    "webm, opus": webm,
    "mp4, aac, in fragments": mp4,
    "mp4, opus": lambda pcm: recording(pcm, "mp4", "libopus"),
    "m4a, index at the end": lambda pcm: recording(pcm, "mp4", "aac"),
    "ogg, opus": lambda pcm: recording(pcm, "ogg", "libopus"),
    "ogg, flac": lambda pcm: recording(pcm, "ogg", "flac"),
    "wav": wav,
    "wav, 44,100 Hz": lambda pcm: wav(pcm, rate_hz=44_100),
}
WHOLE = {name: made(SECOND) for name, made in FORMS.items()}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_of_a_browser_is_decoded(name: str) -> None:
    pcm = decoded(WHOLE[name])
    assert len(pcm) / BYTES_A_SECOND == pytest.approx(1.0, abs=0.12)
    # The tone is still there, about as loud: 0.3 of full scale is -13.5 dBFS.
    quarter = len(pcm) // 8 * 2
    assert decibels(pcm[quarter : 3 * quarter]) == pytest.approx(-13.5, abs=1.5)


def test_the_name_does_not_count() -> None:
    assert container_of(WHOLE["webm, opus"]) == "matroska"
    assert container_of(WHOLE["mp4, aac, in fragments"]) == "mov"
    assert container_of(b"#EXTM3U\nfile:///etc/passwd") is None


@pytest.mark.parametrize(
    "data",
    [
        b"", b"RIFF", b"\x1a\x45\xdf\xa3", b"OggS" + bytes(100), b"\0\0\0\x20ftypisom" + bytes(64),
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"%PDF-1.7", b"\xff\xd8\xff\xe0" + bytes(500), "text".encode("utf-16"),
    ],
)  # fmt: skip
def test_what_is_no_recording_is_refused(data: bytes) -> None:
    with pytest.raises(Unplayable) as refusal:
        decoded(data)
    assert "Record again" in refusal.value.detail or "send webm" in refusal.value.detail


def test_a_film_without_sound_is_refused() -> None:
    with pytest.raises(Unplayable, match="no sound in it"):
        decoded(film())


def test_codecs_that_are_not_for_speech_are_refused() -> None:
    with pytest.raises(Unplayable, match="ac3"):
        decoded(recording(SECOND, "matroska", "ac3"))


def test_an_unknown_codec_is_refused() -> None:
    with pytest.raises(Unplayable, match="in the form unknown"):
        decoded(WHOLE["webm, opus"].replace(b"A_OPUS", b"A_ZZZZ"))


@pytest.mark.parametrize(("rate_hz", "channels"), [(1, 1), (100, 1), (4_000_000, 1), (48_000, 64)])
def test_headers_that_would_blow_the_sound_up_are_refused(rate_hz: int, channels: int) -> None:
    with pytest.raises(Unplayable):
        decoded(wav(tone(2.0), rate_hz=rate_hz, channels=channels))


def test_too_many_bytes_are_refused_and_the_most_are_taken() -> None:
    with pytest.raises(TooLarge, match="10 MiB are taken"):
        decoded(WHOLE["wav"] + bytes(MOST_BYTES))
    most = wav(bytes(MOST_BYTES - 44))
    assert len(most) == MOST_BYTES
    assert len(decoded(most, most_seconds=200)) > 100 * BYTES_A_SECOND


@pytest.mark.parametrize(("container", "codec"), [("webm", "libopus"), ("ogg", "flac")])
def test_a_small_file_that_lasts_for_long_is_refused_early(container: str, codec: str) -> None:
    bomb = recording(silence(600), container, codec)
    assert len(bomb) < 600_000
    with pytest.raises(TooLong, match="longer than 20 seconds"):
        decoded(bomb, most_seconds=20)


def test_just_within_the_length_is_taken() -> None:
    found = decoded(webm(tone(2.9)), most_seconds=3)
    assert len(found) == pytest.approx(2.9 * BYTES_A_SECOND, rel=0.05)


@pytest.mark.parametrize("name", ["webm, opus", "ogg, opus", "wav", "mp4, aac, in fragments"])
def test_a_recording_that_was_cut_off_gives_what_is_there(name: str) -> None:
    whole = FORMS[name](tone(5.0))
    assert len(decoded(whole[: len(whole) * 3 // 4])) > 0.3 * BYTES_A_SECOND


def sound_or_problem(data: bytes) -> bytes | None:
    """Decoded or refused in words; anything else is a failure."""
    try:
        return decoded(data, most_seconds=10)
    except Problem as problem:
        assert problem.detail.endswith(".")
        return None


HEADS = [b"", b"\x1a\x45\xdf\xa3", b"OggS", b"RIFF0000WAVE", b"\0\0\0\x18ftyp"]


@settings(max_examples=80, deadline=None)
@given(head=st.sampled_from(HEADS), rest=st.binary(max_size=3000))
def test_any_bytes_are_refused_in_words(head: bytes, rest: bytes) -> None:
    sound_or_problem(head + rest)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    name=st.sampled_from(sorted(WHOLE)),
    cut=st.floats(0, 1),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=40),
)
def test_damaged_recordings_never_crash(
    name: str, cut: float, changes: list[tuple[float, int]]
) -> None:
    data = bytearray(WHOLE[name][: int(len(WHOLE[name]) * cut)])
    for place, value in changes:
        if data:
            data[min(int(place * len(data)), len(data) - 1)] = value
    found = sound_or_problem(bytes(data))
    assert found is None or (len(found) % 2 == 0 and len(found) <= 11 * BYTES_A_SECOND)


def test_levels() -> None:
    assert level_of(silence(1.0, 16_000)).loudest_db == -96.0
    loud = level_of(tone(1.0, level=1.0, rate_hz=16_000))
    assert loud.loudest_db == pytest.approx(-3.0, abs=0.1)
    assert level_of(b"").speech_s == 0
