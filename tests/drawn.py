"""Pictures drawn for tests: a plate on a table, with the place of a phone's camera if wanted."""

import io

from PIL import Image, ImageDraw

# Degrees, minutes and seconds north and east, as a phone writes them.
_GPS = {1: "N", 2: (44.0, 48.0, 30.0), 3: "E", 4: (20.0, 27.0, 15.0)}


def plate(size: tuple[int, int] = (640, 480), *, gps: bool = False, kind: str = "JPEG") -> bytes:
    """A white plate with rice and something brown on it, and a bank card beside it."""
    picture = Image.new("RGB", size, "#7a5c3e")
    pen = ImageDraw.Draw(picture)
    wide, high = size
    pen.ellipse((wide * 0.1, high * 0.1, wide * 0.7, high * 0.9), fill="#f4f4f0")
    pen.ellipse((wide * 0.2, high * 0.3, wide * 0.42, high * 0.7), fill="#fdf8e4")
    pen.ellipse((wide * 0.43, high * 0.35, wide * 0.62, high * 0.65), fill="#9c5a1e")
    pen.rounded_rectangle((wide * 0.75, high * 0.4, wide * 0.95, high * 0.56), 8, fill="#1c5d8a")
    exif = picture.getexif()
    if gps:
        exif[0x0110] = "Some phone"
        exif.get_ifd(0x8825).update(_GPS)
    out = io.BytesIO()
    picture.save(out, kind, exif=exif)
    return out.getvalue()


def menu(lines: tuple[str, ...] = ("Gibanica 350", "Cezar salata 690")) -> bytes:
    """A printed menu."""
    picture = Image.new("RGB", (600, 80 + 40 * len(lines)), "white")
    pen = ImageDraw.Draw(picture)
    for place, line in enumerate(lines):
        pen.text((40, 40 + 40 * place), line, fill="black")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
