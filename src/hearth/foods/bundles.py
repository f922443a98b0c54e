"""Zips of bulk downloads: only what is wanted is unpacked, and only when there is room for it."""

import shutil
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path

from hearth.core.errors import Invalid


def unzipped(path: Path, scratch: Path, files: Collection[str]) -> Path:
    """The CSV files of these names, taken out of the zip flat into one folder below `scratch`.

    Raises `Invalid` when the zip is damaged or encrypted, or would fill the disk.
    """
    folder = scratch / "csv"
    folder.mkdir()
    try:
        with zipfile.ZipFile(path) as bundle:
            wanted = [one for one in bundle.infolist() if _base(one).removesuffix(".csv") in files]
            _demand_room(path, sum(one.file_size for one in wanted), scratch)
            for member in wanted:
                with bundle.open(member) as packed, (folder / _base(member)).open("wb") as plain:
                    shutil.copyfileobj(packed, plain, 1 << 20)
    # What is encrypted is a RuntimeError, an unknown packing NotImplementedError.
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise Invalid(f"{path} is not a whole zip file ({error}). Download it again.") from None
    return folder


def _base(member: zipfile.ZipInfo) -> str:
    return Path(member.filename).name


def _demand_room(path: Path, size: int, scratch: Path) -> None:
    """Refuse a zip that would fill the disk; no more is ever unpacked than it says of itself."""
    free = shutil.disk_usage(scratch).free
    if size > free:
        raise Invalid(
            f"{path} unpacks to {size / 1e9:,.1f} GB, and {scratch} has room for {free / 1e9:,.1f} GB."
            " Make room, or unpack it elsewhere and give the folder."
        )
