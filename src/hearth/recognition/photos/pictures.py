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
SHOWN_SIDE: Final = 1600
THUMBNAIL_SIDE: Final = 320
_QUALITY: Final = 82
_HEIC: Final = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"))
_AVIF: Final = frozenset((b"avif", b"avis"))


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
        return "AVIF" if data[8:12] in _AVIF else "HEIF" if data[8:12] in _HEIC else None
    return None


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

    With `side`, no longer than that; a JPEG is then decoded at a size near it. Nothing of the
    file but its pixels is kept. Raises `Undecodable`.
    """
    from PIL import Image

    found = checked(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _decoded(data, found, side)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Undecodable(
            f"The picture has more than {MAX_PIXELS // 1_000_000} million pixels. "
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

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    if found == "HEIF":
        import pi_heif

        pi_heif.register_heif_opener()
    with Image.open(io.BytesIO(data), formats=(found,)) as source:
        # Only JPEG decodes to fewer pixels; the others ignore it.
        if side:
            source.draft("RGB", (side, side))
        source.load()
        upright = ImageOps.exif_transpose(source)
    if side:
        upright.thumbnail((side, side), Image.Resampling.LANCZOS)
    fresh = Image.new("RGB", upright.size, "white")
    if upright.mode.startswith("I;16") or upright.mode in ("I", "F"):
        upright = upright.point(lambda level: level / 256).convert("L")
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        upright = upright.convert("RGBA")
        fresh.paste(upright, mask=upright)
    else:
        fresh.paste(upright.convert("RGB"))
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
