"""Pictures from outside: kinds by content, limits, and damage that hurts nobody."""

import io
import random
import struct
import zlib

import pi_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from hearth.core.errors import Invalid, Problem, TooLarge
from hearth.recognition import photos
from hearth.recognition.photos import pictures

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF")


def sample(kind: str = "JPEG", size: tuple[int, int] = (60, 40), **options: object) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("kind", FORMATS)
def test_the_kind_is_told_by_content(kind: str) -> None:
    assert pictures.checked(sample(kind)) == kind
    assert pictures.opened(sample(kind)).size == (60, 40)


def test_heic_brands_are_heif_and_its_reader_is_there() -> None:
    assert pictures.kind(b"\0\0\0\x18ftypheic\0\0\0\0") == "HEIF"
    assert "HEVC" in str(pi_heif.libheif_info()) or pi_heif.libheif_info()["HEIF"]


@pytest.mark.parametrize(
    "data", [b"", b"GIF89a" + bytes(90), b"%!PS-Adobe-3.0 EPSF", b"<svg/>", b"RIFF1234WAVE"]
)
def test_other_content_is_refused_whatever_its_name(data: bytes) -> None:
    with pytest.raises(photos.NotAPicture) as refused:
        pictures.checked(data)
    assert refused.value.status == 415


def test_size_and_number_are_limited() -> None:
    with pytest.raises(TooLarge):
        pictures.checked(sample() + bytes(photos.MAX_FILE_SIZE))
    photos.check_uploads([sample()] * 5)
    with pytest.raises(TooLarge):
        photos.check_uploads([sample()] * 6)
    with pytest.raises(Invalid):
        photos.check_uploads([])


def bomb(side: int) -> bytes:
    """A PNG of some kB that claims side x side pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((side // 8 + 1) * side), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [6_000, 9_000, 12_000])
def test_bombs_are_refused(side: int) -> None:
    with pytest.raises(photos.Undecodable, match="30 million pixels"):
        pictures.opened(bomb(side))


@pytest.mark.parametrize("kind", FORMATS)
def test_what_was_cut_short_is_refused(kind: str) -> None:
    data = sample(kind, (600, 400))
    with pytest.raises(photos.Undecodable, match="cut short"):
        pictures.opened(data[: len(data) // 2])


def test_exif_turns_the_picture_and_goes() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "A maker"
    exif.get_ifd(0x8825)[1] = "N"
    ready = pictures.prepared(sample(size=(60, 40), exif=exif))
    assert (ready.width, ready.height) == (40, 60)
    for data in (ready.picture, ready.thumbnail):
        assert b"Exif" not in data
        assert b"A maker" not in data
        assert not Image.open(io.BytesIO(data)).getexif()


def test_pictures_are_shrunk_and_keep_their_shape() -> None:
    ready = pictures.prepared(sample("PNG", (4000, 1000)))
    assert (ready.width, ready.height) == (1600, 400)
    assert Image.open(io.BytesIO(ready.thumbnail)).size == (320, 80)
    assert pictures.prepared(sample(size=(30, 20))).width == 30


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (20, 10)).save(out, "JPEG" if mode == "CMYK" else "PNG")
    assert pictures.opened(out.getvalue()).mode == "RGB"


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from(
        [
            b"",
            b"\xff\xd8\xff",
            b"\x89PNG\r\n\x1a\n",
            b"RIFF\0\0\0\0WEBP",
            b"\0\0\0\x18ftypheic",
            b"\0\0\0\x18ftypavif",
        ]
    ),
)
def test_any_bytes_are_a_picture_or_a_problem(data: bytes, head: bytes) -> None:
    try:
        assert pictures.opened(head + data).mode == "RGB"
    except Problem as problem:
        assert problem.detail


async def test_mutated_files_never_end_this_process() -> None:
    dice = random.Random(7)
    for number in range(40):
        data = bytearray(sample(FORMATS[number % 4], (120, 90)))
        for _ in range(dice.randint(1, 12)):
            data[dice.randrange(12, len(data))] = dice.randrange(256)
        try:
            ready = await photos.prepare(bytes(data))
            assert ready.width <= 1600
        except Problem as problem:
            assert problem.detail
    assert (await photos.prepare(sample())).width == 60
    await photos.stop()
