"""Pictures from outside: what they are by content, their limits, and decoding that cannot hurt.

Decoding runs in a worker process only (`workers`); `checked` looks at the first bytes alone and may
run anywhere. Pillow is imported where it is needed, so that the web process never loads it.
"""

import io
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from hearth.core.errors import Invalid, Problem, TooLarge
from hearth.recognition.photos.readings import MAX_FILE_SIZE, MAX_FILES, Prepared

if TYPE_CHECKING:
    from PIL import Image

MAX_PIXELS: Final = 30_000_000
"""The most pixels that are decoded, width times height."""
MAX_JPEG_PIXELS: Final = 60_000_000
"""The most pixels of a JPEG: larger than `MAX_PIXELS` it is decoded at a half or less of its size."""
SHOWN_SIDE: Final = 1600
THUMBNAIL_SIDE: Final = 320
_QUALITY: Final = 82
_HEIC: Final = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"))
_AVIF: Final = frozenset((b"avif", b"avis"))
_MOST_BRANDS: Final = 16


class NotAPicture(Problem):
    """The content is none of the kinds of picture that Hearth reads."""

    status = 415
    code = "not_a_picture"
    title = "Not a picture"


class Undecodable(Invalid):
    """It looks like a picture, but is damaged, cut short, or larger than can be opened safely."""

    code = "undecodable_picture"
    title = "The picture could not be opened"


def kind(data: bytes) -> str | None:
    """Pillow's name of the format, by content: JPEG, PNG, WEBP, HEIF or AVIF; None when another."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        return _kind_of_container(data)
    return None


def _kind_of_container(data: bytes) -> str | None:
    """HEIF or AVIF by the brands of the file type box (ISO/IEC 14496-12, 4.3), major one first."""
    length = min(int.from_bytes(data[:4], "big"), 16 + 4 * _MOST_BRANDS)
    brands = [data[8:12], *(data[place : place + 4] for place in range(16, length - 3, 4))]
    # mif1 and msf1 say only that it is such a container; the other brands say what is in it.
    if brands[0] in _AVIF or (brands[0] in (b"mif1", b"msf1") and _AVIF & set(brands)):
        return "AVIF"
    return "HEIF" if brands[0] in _HEIC else None


def checked(data: bytes) -> str:
    """The kind of one upload. Raises `TooLarge` over 10 MiB and `NotAPicture` for other content."""
    if len(data) > MAX_FILE_SIZE:
        size = len(data) / 1024 / 1024
        raise TooLarge(
            f"The picture has {size:.1f} MiB and 10 MiB are allowed. Send a smaller one."
        )
    found = kind(data)
    if found is None:
        raise NotAPicture(
            "This file is not a JPEG, PNG, WebP, HEIC or AVIF picture, whatever its name says. "
            "Save it as one of these and send it again."
        )
    return found


def check_uploads(files: Sequence[bytes]) -> None:
    """Refuse an upload of no or more than 5 files, or with one that `checked` refuses."""
    if not files:
        raise Invalid("No picture came with the request. Choose one and send it again.")
    if len(files) > MAX_FILES:
        raise TooLarge(
            f"{len(files)} pictures came at once and {MAX_FILES} are allowed. Send fewer."
        )
    for data in files:
        checked(data)


def opened(data: bytes, *, side: int | None = None) -> "Image.Image":
    """The picture in RGB as it is meant to be seen: turned by its EXIF, transparency on white.

    With `side`, no longer than that; a JPEG is then decoded at a size near it, and one of more than
    `MAX_PIXELS` always at a half or less. Of several frames the first is taken. Nothing of the file
    but its pixels is kept. Raises `Undecodable`.
    """
    from PIL import Image

    found = checked(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _decoded(data, found, side)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        allowed = MAX_JPEG_PIXELS if found == "JPEG" else MAX_PIXELS
        raise Undecodable(
            f"The picture has more than {allowed // 1_000_000} million pixels. "
            "Send a smaller version of it."
        ) from None
    except MemoryError:
        raise Undecodable(
            "The picture needs more memory than there is for it. Send a smaller version of it."
        ) from None
    # Pillow's decoders raise almost anything for damaged files: OSError, SyntaxError, struct.error.
    except Exception as error:
        raise Undecodable(
            "The picture is damaged or was cut short on its way. Take or send it again."
        ) from error


def _decoded(data: bytes, found: str, side: int | None) -> "Image.Image":
    from PIL import Image, ImageFile, ImageOps

    Image.MAX_IMAGE_PIXELS = MAX_JPEG_PIXELS if found == "JPEG" else MAX_PIXELS
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    if found == "HEIF":
        _register_heif()
    with Image.open(io.BytesIO(data), formats=(found,)) as source:
        # Only JPEG decodes to fewer pixels; the others ignore it.
        if wanted := _wanted(source.size, side):
            source.draft("RGB", wanted)
        _bounded(source)
        source.load()
        # A HEIF's header may say less than its stream holds.
        _bounded(source)
        ImageOps.exif_transpose(source, in_place=True)
        picture = _in_full_levels(source)
        if side:
            picture.thumbnail((side, side), Image.Resampling.LANCZOS)
        return _on_white(picture)


def _register_heif() -> None:
    import pi_heif

    # What lies in the file beside the picture itself is not even opened.
    pi_heif.register_heif_opener(
        thumbnails=False, depth_images=False, aux_images=False, decode_threads=1
    )


def _wanted(size: tuple[int, int], side: int | None) -> tuple[int, int] | None:
    """The size that a decoder may stay above; None for the whole."""
    width, height = size
    factor = min(side / max(size), 1.0) if side else 1.0
    if width * height * factor**2 > MAX_PIXELS:
        factor = 0.5
    return (max(int(width * factor), 1), max(int(height * factor), 1)) if factor < 1 else None


def _bounded(picture: "Image.Image") -> None:
    from PIL import Image

    if picture.width * picture.height > MAX_PIXELS:
        raise Image.DecompressionBombError


def _in_full_levels(picture: "Image.Image") -> "Image.Image":
    """Eight bits a channel: palettes and single bits cannot be shrunk smoothly."""
    if picture.mode.startswith("I;16") or picture.mode in ("I", "F"):
        return picture.point(lambda level: level / 256).convert("L")
    if picture.mode == "PA" or "transparency" in picture.info:
        return picture.convert("RGBA")
    return picture.convert("RGB") if picture.mode in ("P", "1") else picture


def _on_white(picture: "Image.Image") -> "Image.Image":
    """A new picture of the same pixels in RGB, without what else the file says of itself."""
    from PIL import Image

    fresh = Image.new("RGB", picture.size, "white")
    if picture.mode in ("RGBA", "LA"):
        picture = picture.convert("RGBA")
        fresh.paste(picture, mask=picture)
    else:
        fresh.paste(picture.convert("RGB"))
    return fresh


def prepared(data: bytes) -> Prepared:
    """The picture as Hearth keeps it: JPEG of at most 1600 pixels a side, a thumbnail of 320."""
    from PIL import Image

    picture = opened(data, side=SHOWN_SIDE)
    small = picture.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    return Prepared(picture.width, picture.height, _jpeg(picture), _jpeg(small))


def _jpeg(picture: "Image.Image") -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()
