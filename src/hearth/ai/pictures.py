"""Pictures before they go to a model: checked, turned upright, made small, and nothing but picture.

What is sent is a new JPEG made of the pixels: no EXIF, no place, no maker's notes, no thumbnail.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Final

import pi_heif
from PIL import Image, ImageOps

from hearth.core.errors import Invalid, TooLarge

MOST_BYTES: Final = 10 * 1024 * 1024
MOST_PICTURES: Final = 5
MOST_PIXELS: Final = 30_000_000
# The long side at which vision models stop gaining; larger pictures are shrunk there, for a price.
LONG_SIDE: Final = 1536
FORMATS: Final = ("JPEG", "PNG", "WEBP", "HEIF")
# Modes that can be shrunk smoothly as they are.
_SMOOTH: Final = frozenset({"RGB", "RGBA", "L", "LA", "CMYK"})

pi_heif.register_heif_opener()  # type: ignore[no-untyped-call,unused-ignore]
_room: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="pictures")


async def prepared(pictures: Sequence[bytes]) -> tuple[bytes, ...]:
    """The pictures as they may be sent, made off the event loop.

    Not a picture, or a broken one, is `Invalid`; more than 5, 10 MiB or 30 megapixels `TooLarge`.
    """
    if not pictures:
        raise Invalid("No picture was given.")
    if len(pictures) > MOST_PICTURES:
        raise TooLarge(f"{len(pictures)} pictures were given; at most {MOST_PICTURES} go at once.")
    loop = asyncio.get_running_loop()
    return tuple([await loop.run_in_executor(_room, stripped, data) for data in pictures])


def stripped(data: bytes) -> bytes:
    """A JPEG of the picture alone: upright, at most 1536 pixels long, white where it was clear."""
    if len(data) > MOST_BYTES:
        raise TooLarge(f"A picture has {len(data):,} bytes; at most {MOST_BYTES:,} are accepted.")
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise _too_many(opened.width, opened.height)
            opened.draft("RGB", (LONG_SIDE, LONG_SIDE))
            return _jpeg(_upright(opened))
    except Image.DecompressionBombError:
        raise TooLarge("A picture has too many pixels; at most 30 million are accepted.") from None
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError, RuntimeError):
        # Everything that Pillow and its decoders raise for files that are not what they say.
        raise Invalid(
            "A picture could not be read. JPEG, PNG, WebP and HEIC are accepted; this file is "
            "something else or damaged."
        ) from None


def _too_many(width: int, height: int) -> TooLarge:
    return TooLarge(f"A picture has {width} x {height} pixels; at most 30 million are accepted.")


def _upright(picture: Image.Image) -> Image.Image:
    """Small first and then turned: a copy of 30 megapixels is 90 megabytes."""
    if picture.mode not in _SMOOTH:
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    picture.thumbnail((LONG_SIDE, LONG_SIDE))
    return ImageOps.exif_transpose(picture)


def _jpeg(picture: Image.Image) -> bytes:
    if picture.has_transparency_data:
        clear = picture.convert("RGBA")
        flat = Image.new("RGB", clear.size, "white")
        flat.paste(clear, mask=clear.getchannel("A"))
    else:
        flat = picture.convert("RGB")
    # Pixels alone are carried over: `save` would write the comment and profile of its source.
    bare = Image.frombytes("RGB", flat.size, flat.tobytes())
    out = BytesIO()
    bare.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue()
