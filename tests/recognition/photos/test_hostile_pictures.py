"""Pictures that mean harm, or are only odd: each is read as it is meant or refused with a reason."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from hearth.core.errors import Problem, TooLarge
from hearth.recognition import photos
from hearth.recognition.photos import pictures

from . import fuzzing
from .heics import corners, exif_of, heic, jpeg, quarters
from .test_pictures import sample


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


# How a camera held so stores the quarters, by EXIF 2.32, 4.6.4 A, orientation.
TURNS = {
    1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270,
}  # fmt: skip


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_seen_upright(kind: str, orientation: int) -> None:
    turn = TURNS[orientation]
    stored = quarters() if turn is None else quarters().transpose(turn)
    seen = pictures.opened(saved(stored, kind, exif=exif_of(orientation)), side=200)
    assert (corners(seen), seen.width > seen.height) == ("rgbw", True)


@pytest.mark.parametrize("tile", [None, 64])
def test_heic_is_read_whole_or_in_tiles(tile: int | None) -> None:
    seen = pictures.opened(heic(quarters(), tile=tile))
    assert (seen.size, corners(seen)) == ((320, 192), "rgbw")


@pytest.mark.parametrize(("turn", "expected"), [(0, "rgbw"), (1, "gbwr"), (2, "bwrg"), (3, "wrgb")])
def test_heic_turns_once(turn: int, expected: str) -> None:
    data = heic(quarters(), tile=64, turn=turn, exif=exif_of({0: 1, 1: 8, 2: 3, 3: 6}[turn]))
    assert corners(pictures.opened(data)) == expected
    ready = pictures.prepared(data)
    assert b"A maker" not in ready.picture + ready.thumbnail


@pytest.mark.parametrize("claimed", [(40_000, 40_000), (8000, 6000)])
def test_heic_bombs_are_refused(claimed: tuple[int, int]) -> None:
    with pytest.raises(photos.Undecodable):
        pictures.opened(heic(quarters(), claimed=claimed))


def test_heic_that_says_less_than_it_holds_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    data = heic(quarters(), claimed=(16, 16))
    monkeypatch.setattr(pictures, "MAX_PIXELS", 1000)
    with pytest.raises(photos.Undecodable):
        pictures.opened(data)


def test_a_webp_of_a_few_bytes_and_millions_of_pixels_is_refused() -> None:
    data = saved(Image.new("L", (16_000, 2_000)), "WEBP", lossless=True, quality=0, method=0)
    assert len(data) < 10_000
    with pytest.raises(photos.Undecodable, match="30 million pixels"):
        pictures.opened(data)


def test_photos_of_48_million_pixels_are_read_at_a_part_of_their_size() -> None:
    picture = quarters((8000, 6000))
    data = jpeg(picture, exif=exif_of(1))
    ready = pictures.prepared(data)
    assert (ready.width, ready.height) == (1600, 1200)
    assert corners(Image.open(io.BytesIO(ready.picture))) == "rgbw"
    assert pictures.opened(data).size == (4000, 3000)
    assert pictures.opened(data, side=3200).size == (3200, 2400)


@pytest.mark.parametrize("size", [(20_000, 2_900), (60_000, 900)])
def test_panoramas_are_read(size: tuple[int, int]) -> None:
    seen = pictures.opened(jpeg(quarters(size)), side=1600)
    assert (seen.width, seen.height) == (1600, max(round(1600 * size[1] / size[0]), 1))


def test_a_jpeg_over_60_million_pixels_is_refused() -> None:
    data = bytearray(sample())
    head = data.index(b"\xff\xc0")
    data[head + 5 : head + 9] = struct.pack(">HH", 8_000, 8_000)
    with pytest.raises(photos.Undecodable, match="60 million pixels"):
        pictures.opened(bytes(data))


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (2, 1)])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_the_narrowest_pictures_are_pictures(kind: str, size: tuple[int, int]) -> None:
    data = saved(Image.new("RGB", size, "red"), kind)
    ready = await photos.prepare(data)
    assert max(ready.width, ready.height) <= 1600
    assert await photos.read_barcodes(data) == photos.BarcodeReading()


async def test_the_narrowest_pictures_have_no_label() -> None:
    for size in ((1, 1), (1, 3000), (3000, 1)):
        reading = await photos.read_label(saved(Image.new("RGB", size), "PNG"), "en")
        assert reading.warnings == ("nothing_read",)
    await photos.stop()


def test_no_size_is_no_picture() -> None:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 0, 0, 8, 2, 0, 0, 0))
    with pytest.raises(photos.Undecodable):
        pictures.opened(b"\x89PNG\r\n\x1a\n" + head + chunk(b"IEND", b""))
    with pytest.raises(photos.Undecodable):
        pictures.opened(heic(quarters(), claimed=(0, 0)))


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<?xml version='1.0'?><svg/>",
        b"%PDF-1.7", b"II*\0", b"MM\0*", b"BM" + bytes(60), b"GIF89a" + bytes(60), b"8BPS",
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", b"\0\0\1\0\1\0", b"<html>", b"PK\3\4", b"\0\0\0\x0cjP  ",
    ],
)  # fmt: skip
def test_other_kinds_are_refused(data: bytes) -> None:
    with pytest.raises(photos.NotAPicture, match="not a JPEG"):
        pictures.opened(data)


def test_containers_are_told_by_what_they_say_is_in_them() -> None:
    avif = sample("AVIF")
    length = int.from_bytes(avif[:4], "big")
    renamed = avif[:8] + b"mif1" + avif[12:]
    assert b"avif" in avif[16:length]
    assert (pictures.kind(renamed), pictures.opened(renamed).size) == ("AVIF", (60, 40))
    assert pictures.kind(b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic") == "HEIF"
    assert pictures.kind(b"\xff\xff\xff\xffftypmif1" + bytes(20)) == "HEIF"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_is_also_something_else_keeps_its_pixels_alone(kind: str) -> None:
    script = b"<script>alert(1)</script><?php phpinfo(); ?>PK\3\4"
    options: dict[str, object] = {"exif": exif_of(1)}
    if kind == "JPEG":
        options["comment"] = script
    ready = pictures.prepared(saved(quarters(), kind, **options) + script)
    for data in (ready.picture, ready.thumbnail):
        assert pictures.kind(data) == "JPEG"
        assert b"script" not in data
        assert b"A maker" not in data


def test_a_jpeg_inside_a_png_name_is_a_jpeg() -> None:
    with pytest.raises(photos.Undecodable):
        pictures.opened(b"\x89PNG\r\n\x1a\n" + sample("JPEG"))
    with pytest.raises(photos.Undecodable):
        pictures.opened(b"\xff\xd8\xff" + sample("PNG"))


def test_the_first_frame_of_many_is_read() -> None:
    frames = [Image.new("RGB", (16, 16), (number % 256, 0, 0)) for number in range(2000)]
    for kind in ("WEBP", "PNG"):
        data = saved(quarters((16, 16)), kind, save_all=True, append_images=frames)
        assert corners(pictures.opened(data)) == "rgbw"
    assert pictures.opened(saved(frames[0], "MPO", save_all=True, append_images=frames[:3])).size == (16, 16)  # fmt: skip


def test_huge_metadata_is_refused_or_dropped() -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", "x" * 3_000_000, zip=True)
    for data in (
        saved(quarters(), "PNG", pnginfo=texts),
        saved(quarters(), "PNG", icc_profile=bytes(9_000_000)),
        saved(quarters(), "WEBP", xmp=b"x" * 3_000_000),
        b"\xff\xd8" + (b"\xff\xfe\xff\xff" + bytes(65_533)) * 100 + jpeg(quarters())[2:],
    ):
        try:
            assert len(pictures.prepared(data).picture) < 20_000
        except photos.Undecodable as refused:
            assert "damaged" in refused.detail
    with pytest.raises(TooLarge, match="10 MiB"):
        pictures.opened(saved(quarters(), "WEBP", xmp=b"x" * 11_000_000))


@pytest.mark.parametrize("mode", ["P", "1", "L", "I;16"])
def test_palettes_and_deep_levels_are_shrunk_smoothly(mode: str) -> None:
    wide = Image.linear_gradient("L").resize((900, 300))
    picture = wide.convert(mode)
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(wide).astype(np.uint16) * 256)
    seen = pictures.opened(saved(picture, "PNG"), side=300)
    assert seen.mode == "RGB"
    top, bottom = seen.getpixel((150, 5)), seen.getpixel((150, 95))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] < 40
    assert bottom[0] > 215


def test_what_is_transparent_lies_on_white() -> None:
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    assert pictures.opened(saved(clear, "PNG")).getpixel((5, 5)) == (255, 255, 255)
    palette = Image.new("P", (20, 20), 0)
    assert pictures.opened(saved(palette, "PNG", transparency=0)).getpixel((5, 5)) == (255, 255, 255)  # fmt: skip


async def test_spoilt_files_of_every_kind_are_read_or_refused() -> None:
    """The small form of `python -m tests.recognition.photos.fuzzing`."""
    result = await fuzzing.run(files=120, seed=5, job_s=20)
    assert result.files == 120
    assert result.read + result.refused == 120
    assert result.gave_up == 0


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_every_cut_is_refused_or_read(kind: str) -> None:
    data = fuzzing.seeds()[kind][0]
    for end in range(0, len(data), max(len(data) // 60, 1)):
        try:
            assert pictures.opened(data[:end]).width > 0
        except Problem as problem:
            assert problem.detail
