"""HEIC files as telephones write them: HEVC intra pictures by libx265 in the boxes of ISO/IEC 23008-12.

Nothing that Hearth installs writes HEIC, so the container is written here: one picture or a grid of
tiles, turned by `irot`, with EXIF beside it.
"""

import io
import struct
from fractions import Fraction

import pytest
from PIL import Image

_PARAMETER_SETS = (32, 33, 34)


def heic(
    picture: Image.Image, *, tile: int | None = None, turn: int = 0, exif: bytes = b"",
    claimed: tuple[int, int] | None = None,
) -> bytes:  # fmt: skip
    """The picture as HEIC. `turn` is in quarters against the clock; `tile` a side in pixels.

    `claimed` is a size that the header states instead of the true one.
    """
    side = tile or max(picture.size)
    boxes = [
        (x, y, min(x + side, picture.width), min(y + side, picture.height))
        for y in range(0, picture.height, side)
        for x in range(0, picture.width, side)
    ]
    tiles = [_encoded(picture.crop(box)) for box in boxes]
    across = -(-picture.width // side)
    grid = _grid(picture.size, across, len(tiles) // across) if len(tiles) > 1 else b""
    return _file(picture.size if claimed is None else claimed, tiles, grid, turn, exif)


def _encoded(tile: Image.Image) -> tuple[list[bytes], bytes]:
    """The parameter sets and the coded picture, as units without start codes."""
    av = pytest.importorskip("av")
    stream = av.CodecContext.create("libx265", "w")
    stream.width, stream.height, stream.pix_fmt = tile.width, tile.height, "yuv420p"
    stream.time_base = Fraction(1, 1)
    stream.options = {"x265-params": "log-level=none:keyint=1:pools=1:frame-threads=1:info=0"}
    packets = [*stream.encode(av.VideoFrame.from_image(tile.convert("RGB"))), *stream.encode(None)]
    units = _units(b"".join(bytes(packet) for packet in packets))
    sets = [unit for unit in units if _kind(unit) in _PARAMETER_SETS]
    return sets, b"".join(struct.pack(">I", len(unit)) + unit for unit in units if _kind(unit) < 32)


def _units(stream: bytes) -> list[bytes]:
    parts = stream.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")
    return [part for part in parts if part]


def _kind(unit: bytes) -> int:
    return unit[0] >> 1 & 63


def _box(name: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + name + body


def _full(name: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    return _box(name, struct.pack(">I", version << 24 | flags), *parts)


def _configuration(sets: list[bytes]) -> bytes:
    """hvcC of ISO/IEC 14496-15, 8.3.3, for 4:2:0 at 8 bits."""
    sps = next(unit for unit in sets if _kind(unit) == 33).replace(b"\0\0\3", b"\0\0")
    arrays = b"".join(struct.pack(">BHH", 0x80 | _kind(unit), 1, len(unit)) + unit for unit in sets)
    tail = struct.pack(">HBBBBHBB", 0xF000, 0xFC, 0xFD, 0xF8, 0xF8, 0, 0x0F, len(sets))
    return _box(b"hvcC", b"\1", sps[3:15], tail, arrays)


def _grid(size: tuple[int, int], across: int, down: int) -> bytes:
    return struct.pack(">BBBBII", 0, 1, down - 1, across - 1, *size)


def _file(
    size: tuple[int, int], tiles: list[tuple[list[bytes], bytes]], grid: bytes, turn: int, exif: bytes
) -> bytes:  # fmt: skip
    """Items are numbered from 1: tiles, then the grid, then EXIF. Tiles share their properties."""
    items = [(b"hvc1", data) for _, data in tiles]
    items += [(b"grid", grid)] * bool(grid) + [(b"Exif", b"\0\0\0\0" + exif)] * bool(exif)
    main = len(tiles) + bool(grid)
    tile_size = size if not grid else _tile_size(size, grid)
    properties = [
        _configuration(tiles[0][0]),
        _full(b"ispe", 0, 0, struct.pack(">II", *tile_size)),
        _full(b"ispe", 0, 0, struct.pack(">II", *size)),
        _box(b"irot", bytes([turn])),
    ]
    uses = {number: [0x81, 0x02] for number in range(1, len(tiles) + 1)}
    uses[main] = [0x03, 0x84] if grid else [0x81, 0x03, 0x84]
    links = [struct.pack(f">HH{len(tiles)}H", main, len(tiles), *range(1, main))] if grid else []
    refs = [_box(b"dimg", each) for each in links]
    refs += [_box(b"cdsc", struct.pack(">HHH", len(items), 1, main))] * bool(exif)
    head = _box(b"ftyp", b"heic\0\0\0\0mif1heic")
    fixed = [
        _full(b"hdlr", 0, 0, bytes(4), b"pict", bytes(13)),
        _full(b"pitm", 0, 0, struct.pack(">H", main)),
        _information([kind for kind, _ in items], main),
        *([_full(b"iref", 0, 0, *refs)] if refs else []),
        _box(b"iprp", _box(b"ipco", *properties), _associations(uses)),
    ]
    lengths = [len(data) for _, data in items]
    empty = _full(b"meta", 0, 0, *fixed, _locations(lengths, 0))
    meta = _full(b"meta", 0, 0, *fixed, _locations(lengths, len(head) + len(empty) + 8))
    return head + meta + _box(b"mdat", *(data for _, data in items))


def _tile_size(size: tuple[int, int], grid: bytes) -> tuple[int, int]:
    return size[0] // (grid[3] + 1), size[1] // (grid[2] + 1)


def _information(kinds: list[bytes], main: int) -> bytes:
    entries = [
        _full(b"infe", 2, int(kind == b"hvc1" and number != main), struct.pack(">HH", number, 0), kind, b"\0")
        for number, kind in enumerate(kinds, 1)
    ]  # fmt: skip
    return _full(b"iinf", 0, 0, struct.pack(">H", len(entries)), *entries)


def _associations(uses: dict[int, list[int]]) -> bytes:
    entries = (struct.pack(">HB", item, len(used)) + bytes(used) for item, used in uses.items())
    return _full(b"ipma", 0, 0, struct.pack(">I", len(uses)), *entries)


def _locations(lengths: list[int], begin: int) -> bytes:
    entries = []
    for number, length in enumerate(lengths, 1):
        entries.append(struct.pack(">HHHII", number, 0, 1, begin, length))
        begin += length
    return _full(b"iloc", 0, 0, b"\x44\0", struct.pack(">H", len(lengths)), *entries)


def exif_of(orientation: int) -> bytes:
    """EXIF that says how the camera was held, as HEIC keeps it: after "Exif" and two noughts."""
    found = Image.Exif()
    found[0x0112] = orientation
    found[0x010F] = "A maker"
    return found.tobytes()


def quarters(size: tuple[int, int] = (320, 192)) -> Image.Image:
    """Red, green, blue and white from the top left, clockwise: shows which way up it is."""
    wide, tall = size[0] // 2, size[1] // 2
    picture = Image.new("RGB", (wide * 2, tall * 2), "white")
    for place, colour in (((0, 0), "red"), ((wide, 0), "lime"), ((wide, tall), "blue")):
        picture.paste(colour, (*place, place[0] + wide, place[1] + tall))
    return picture


def corners(picture: Image.Image) -> str:
    """The colours of the quarters by letter, clockwise from the top left."""
    wide, tall = picture.size
    places = [(1, 1), (3, 1), (3, 3), (1, 3)]
    found = [picture.getpixel((wide * x // 4, tall * y // 4)) for x, y in places]
    named = {(1, 0, 0): "r", (0, 1, 0): "g", (0, 0, 1): "b", (1, 1, 1): "w"}
    return "".join(named.get(tuple(int(c > 128) for c in colour), "?") for colour in found)


def jpeg(picture: Image.Image, **options: object) -> bytes:
    """The picture as a JPEG of good quality."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=92, **options)
    return out.getvalue()
