"""Static files: named by their content, so that browsers keep them for a year.

`app.css` is served as `/static/app.3f2a91c07b.css`; a template writes `{{ asset("app.css") }}`.
Text is served compressed when a `.br` or `.gz` lies beside it, or as gzip made at the start.
The service worker is served from the root, where it may look after the whole site.
"""

import gzip
import hashlib
import mimetypes
from pathlib import Path
from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from hearth.core.errors import NotFound

AnyRequest = Request[Any, Any, Any]
_FOREVER: Final = "public, max-age=31536000, immutable"
_AT_ROOT: Final = ("sw.js", "manifest.webmanifest", "favicon.ico", "robots.txt")
_TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
_TEXT: Final = (".js", ".mjs", ".css", ".svg", ".webmanifest", ".wasm", ".txt", ".json")


class Asset(msgspec.Struct, frozen=True):
    """One static file in its encodings ("" is plain)."""

    name: str
    tag: str
    media_type: str
    encodings: dict[str, bytes]


class Assets:
    """The static files of a folder, read once."""

    def __init__(self, folder: Path) -> None:
        self._by_name: dict[str, Asset] = {}
        self._by_url: dict[str, Asset] = {}
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            if path.is_file() and path.suffix not in (".br", ".gz", ".map"):
                self._add(_read(folder, path))

    def _add(self, asset: Asset) -> None:
        self._by_name[asset.name] = asset
        self._by_url[_hashed(asset)] = asset

    def url(self, name: str) -> str:
        """The address of a file by its name. A missing one is an error of the page's author."""
        if name not in self._by_name:
            raise LookupError(f"there is no static file {name!r}")
        return f"/static/{_hashed(self._by_name[name])}"

    def has(self, name: str) -> bool:
        """Whether there is a file of that name."""
        return name in self._by_name

    def answer(self, request: AnyRequest, path: str) -> Response[bytes]:
        """A file by its hashed name, kept for a year; by its plain name, asked for each time."""
        asset = self._by_url.get(path)
        if asset is not None:
            return _answer(request, asset, _FOREVER)
        return self.plain(request, path)

    def plain(self, request: AnyRequest, name: str) -> Response[bytes]:
        """A file by its plain name."""
        asset = self._by_name.get(name)
        if asset is None:
            raise NotFound("There is no such file.")
        return _answer(request, asset, "no-cache")


def _read(folder: Path, path: Path) -> Asset:
    content = path.read_bytes()
    encodings = {"": content}
    for encoding, suffix in (("br", ".br"), ("gzip", ".gz")):
        beside = path.with_name(path.name + suffix)
        if beside.is_file():
            encodings[encoding] = beside.read_bytes()
    if path.suffix in _TEXT and "gzip" not in encodings:
        encodings["gzip"] = gzip.compress(content, 9, mtime=0)
    guessed = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Asset(
        path.relative_to(folder).as_posix(),
        hashlib.sha256(content).hexdigest()[:10],
        _TYPES.get(path.suffix, guessed),
        encodings,
    )


def _hashed(asset: Asset) -> str:
    stem, dot, suffix = asset.name.rpartition(".")
    return f"{stem}.{asset.tag}.{suffix}" if dot else f"{asset.name}.{asset.tag}"


def _answer(request: AnyRequest, asset: Asset, kept: str) -> Response[bytes]:
    tag = f'"{asset.tag}"'
    headers = {"Cache-Control": kept, "ETag": tag, "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == tag:
        return Response(b"", status_code=304, media_type=asset.media_type, headers=headers)
    accepted = request.headers.get("accept-encoding", "")
    for encoding in ("br", "gzip"):
        if encoding in accepted and encoding in asset.encodings:
            headers["Content-Encoding"] = encoding
            return Response(asset.encodings[encoding], media_type=asset.media_type, headers=headers)
    return Response(asset.encodings[""], media_type=asset.media_type, headers=headers)


@get("/static/{path:path}", opt={"public": True}, include_in_schema=False, sync_to_thread=False)
def static_file(request: AnyRequest, path: FromPath[str]) -> Response[bytes]:
    """A static file."""
    assets: Assets = request.app.state.assets
    return assets.answer(request, path.lstrip("/"))


@get(
    [f"/{name}" for name in _AT_ROOT],
    opt={"public": True},
    include_in_schema=False,
    sync_to_thread=False,
)
def root_file(request: AnyRequest) -> Response[bytes]:
    """A static file whose place is the root of the site."""
    assets: Assets = request.app.state.assets
    response = assets.plain(request, request.scope["path"].lstrip("/"))
    if request.scope["path"] == "/sw.js":
        response.headers["Service-Worker-Allowed"] = "/"
    return response


routes: Final = [static_file, root_file]
