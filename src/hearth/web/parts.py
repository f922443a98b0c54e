"""The parts of a form as they come: text is bounded and UTF-8, files go to disk once they are large.

Litestar's own reading collects any text in memory, decodes it by whatever charset a part names, and
remembers the last thousand forms, passwords among them; so forms are read here.
"""

from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any, Final, NoReturn
from urllib.parse import parse_qsl

from litestar.datastructures import UploadFile
from multipart import (
    MultipartSegment,
    ParserError,
    ParserLimitReached,
    PushMultipartParser,
)

from hearth.core.errors import FieldError, Invalid, Malformed, TooLarge

Parts = dict[str, list[str | UploadFile]]
MOST_PARTS: Final = 1000
"""The most fields and files of one form."""
_UTF_8: Final = frozenset({"", "utf-8", "utf8", "us-ascii"})


def typed_parts(body: bytes) -> Parts:
    """The fields of a body of `application/x-www-form-urlencoded`."""
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_PARTS
        )
    except UnicodeDecodeError:
        _refuse_text("body")
    except ValueError:
        raise _too_many() from None
    found: defaultdict[str, list[str | UploadFile]] = defaultdict(list)
    for name, value in pairs:
        found[name].append(value)
    return dict(found)


async def sent_parts(chunks: AsyncIterator[bytes], boundary: str, most_text: int) -> Parts:
    """The parts of a body of `multipart/form-data`; its text fields have `most_text` bytes together.

    Raises `Malformed`, `Invalid` and `TooLarge`; the files that came until then are closed.
    """
    coming = _Coming(most_text)
    try:
        await coming.read(chunks, boundary)
    except ParserLimitReached:
        await coming.close()
        raise _too_many() from None
    except ParserError:
        await coming.close()
        raise Malformed("The body is not the multipart form that it is said to be.") from None
    except BaseException:
        await coming.close()
        raise
    return dict(coming.found)


class _Coming:
    """What came so far of a form."""

    def __init__(self, most_text: int) -> None:
        self.found: defaultdict[str, list[str | UploadFile]] = defaultdict(list)
        self._left = self._most = most_text
        self._name = ""
        self._charset = ""
        self._text = bytearray()
        self._file: UploadFile | None = None

    async def read(self, chunks: AsyncIterator[bytes], boundary: str) -> None:
        with PushMultipartParser(boundary.encode(), max_segment_count=MOST_PARTS) as parser:
            async for chunk in chunks:
                for event in parser.parse(chunk):
                    await self._take(event)
                if parser.closed:
                    return

    async def _take(self, event: Any) -> None:
        if isinstance(event, MultipartSegment):
            self._begin(event)
        elif event is None:
            await self._end()
        elif self._file is not None:
            await self._file.write(bytes(event))
        else:
            self._left -= len(event)
            if self._left < 0:
                raise TooLarge(
                    f"The text fields of the form are larger than {self._most // 1024} KiB; a file "
                    "must come with a file name."
                )
            self._text.extend(event)

    def _begin(self, segment: MultipartSegment) -> None:
        self._name = segment.name or ""
        self._charset = (segment.charset or "").lower()
        self._text = bytearray()
        if segment.filename:
            kind = segment.content_type or "application/octet-stream"
            self._file = UploadFile(content_type=kind, filename=segment.filename)

    async def _end(self) -> None:
        if self._file is not None:
            await self._file.seek(0)
            self.found[self._name].append(self._file)
            self._file = None
            return
        if self._charset not in _UTF_8:
            _refuse_text(self._name)
        try:
            self.found[self._name].append(self._text.decode())
        except UnicodeDecodeError:
            _refuse_text(self._name)

    async def close(self) -> None:
        """Let go of the files."""
        files = [part for parts in self.found.values() for part in parts]
        for file in [self._file, *files]:
            if isinstance(file, UploadFile):
                await file.close()


def _refuse_text(field: str) -> NoReturn:
    why = "A text field is not UTF-8; a file must come with a file name."
    raise Invalid(why, errors=(FieldError(field or "body", why),)) from None


def _too_many() -> Malformed:
    return Malformed(f"The form has more than {MOST_PARTS} fields, or too long a header.")
