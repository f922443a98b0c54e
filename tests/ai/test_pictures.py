"""Pictures: only pixels leave, and files that are not what they say are refused."""

import base64
import io
import struct
import zlib

import pytest
from PIL import Image, PngImagePlugin

from hearth.ai.pictures import MOST_BYTES, prepared, stripped
from hearth.core.errors import Invalid, TooLarge

SECRET = b"Secret Place"
# A green square of 16 pixels with EXIF, made for this test: the library here only reads HEIC.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAb1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAA"
    "AAAAAAAAAAAAADRpbG9jAAAAAERAAAIAAQAAAAAB4QABAAAAAAAAACgAAgAAAAACCQABAAAAAAAAADIAAAA4aWlu"
    "ZgAAAAAAAgAAABVpbmZlAgAAAAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAAA"
    "/GlwcnAAAADcaXBjbwAAAHVodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMA"
    "AAMAHroCQGEAAQApQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbqrprm4CGgwIAAAAyAAAADAIRiAAEABkQBwXPBiQAA"
    "ABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABAAAAAQAAAAChjbGFwAAAAEAAAAAEAAAAQAAAAAf///9AA"
    "AAAC////0AAAAAIAAAAQcGl4aQAAAAADCAgIAAAAGGlwbWEAAAAAAAAAAQABBYECAwWEAAAAGmlyZWYAAAAAAAAA"
    "DmNkc2MAAgABAAEAAABibWRhdAAAACQoAa8LSE5DgPX9Olf/0Fm/D1H19cSF5ajValaAnJI5epArgLAAAAAGRXhp"
    "ZgAATU0AKgAAAAgAAQEPAAIAAAANAAAAGgAAAABTZWNyZXQgUGxhY2UAAA=="
)


def saved(picture: Image.Image, kind: str, **more: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data), formats=("JPEG",))
    picture.load()
    return picture


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_but_pixels_is_left(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = SECRET.decode()
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", SECRET.decode())
    more = (
        {"exif": exif}
        | ({"pnginfo": info} if kind == "PNG" else {})
        | ({"comment": SECRET} if kind == "JPEG" else {})
    )
    data = saved(Image.new("RGB", (64, 48), "green"), kind, icc_profile=SECRET, **more)
    assert SECRET in data
    bare = stripped(data)
    assert SECRET not in bare
    assert set(opened(bare).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_heic_becomes_jpeg() -> None:
    assert SECRET in HEIC
    bare = stripped(HEIC)
    assert SECRET not in bare
    picture = opened(bare)
    pixel = picture.getpixel((8, 8))
    assert picture.size == (16, 16)
    assert isinstance(pixel, tuple) and pixel[1] > 100 > pixel[0]
    with pytest.raises(Invalid):
        stripped(HEIC[:500])


def test_a_telephones_several_pictures_in_one_are_the_first() -> None:
    first, second = Image.new("RGB", (32, 16), "red"), Image.new("RGB", (8, 8), "blue")
    data = saved(first, "MPO", save_all=True, append_images=[second])
    assert opened(stripped(data)).size == (32, 16)


@pytest.mark.parametrize("mode", ["RGB", "P", "RGBA"])
def test_pictures_are_turned_upright(mode: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 8
    data = saved(Image.new(mode, (40, 20)), "PNG", exif=exif)
    assert opened(stripped(data)).size == (20, 40)


def test_large_ones_are_shrunk_and_small_ones_left() -> None:
    assert opened(stripped(saved(Image.new("RGB", (4000, 1000)), "JPEG"))).size == (1536, 384)
    assert opened(stripped(saved(Image.new("RGB", (40, 10)), "PNG"))).size == (40, 10)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_every_mode_becomes_rgb_on_white(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert opened(stripped(saved(Image.new(mode, (8, 8)), kind))).mode == "RGB"


def test_what_is_clear_becomes_white() -> None:
    assert opened(stripped(saved(Image.new("RGBA", (8, 8), (0, 0, 0, 0)), "PNG"))).getpixel(
        (4, 4)
    ) == (255, 255, 255)


def bomb() -> bytes:
    """A PNG that says it is 60,000 pixels square."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + head
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


# Hearth makes this warning an error; its own count must do without that too.
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_bombs_and_giants_are_refused() -> None:
    with pytest.raises(TooLarge, match="pixels"):
        stripped(bomb())
    with pytest.raises(TooLarge, match="6000 x 5001 pixels"):
        stripped(saved(Image.new("1", (6000, 5001)), "PNG"))
    with pytest.raises(TooLarge, match="bytes"):
        stripped(b"\xff" * (MOST_BYTES + 1))


@pytest.mark.parametrize("cut", [0, 1, 20, 200, 600])
def test_broken_files_are_refused(cut: int) -> None:
    whole = saved(Image.effect_noise((64, 64), 90), "JPEG")
    with pytest.raises(Invalid, match="something else or damaged"):
        stripped(whole[:cut])


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "PDF"])
def test_other_types_are_refused_by_content(kind: str) -> None:
    with pytest.raises(Invalid):
        stripped(saved(Image.new("RGB", (8, 8)), kind))


async def test_none_and_too_many_are_refused() -> None:
    with pytest.raises(Invalid, match="No picture"):
        await prepared([])
    with pytest.raises(TooLarge, match="at most 5"):
        await prepared([b""] * 6)
