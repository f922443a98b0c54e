"""What PostgreSQL's server process reads, notes and answers."""

import os
import re
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

SHARED_BUFFERS_MB: Final = 128
_STARTUP: Final = b"user\0hearth\0database\0postgres\0application_name\0hearth ready\0\0"
_PROTOCOL_3: Final = 196608
# SQLSTATE: 57P03 cannot_connect_now (starting, recovering, stopping); class 53 is a live server
# that has no room for one more connection.
_NOT_YET: Final = "57P03"
_BUSY: Final = "53"


class Postmaster(msgspec.Struct, frozen=True):
    """What `postmaster.pid` says about a server that runs, or that ran and was killed."""

    pid: int
    socket: Path | None

    @staticmethod
    def read(cluster: Path) -> "Postmaster | None":
        """The note in `cluster`; None when there is none, or none yet."""
        lines: list[str] = []
        with suppress(FileNotFoundError, NotADirectoryError):
            lines = (cluster / "postmaster.pid").read_text().splitlines()
        if not lines or not lines[0].strip().lstrip("-").isdigit():
            return None
        # A server in single-user mode notes its process with a minus.
        where = lines[4].strip() if len(lines) > 4 else ""
        return Postmaster(abs(int(lines[0])), Path(where) if where else None)


def answer(path: Path) -> str:
    """What the server behind a socket says to a new connection.

    "ready", "starting", "absent", or the error message with which it refuses us. Connecting is the
    only true test: a process that lives may not serve, and one that serves may not be visible.
    """
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(5)
            connection.connect(os.fsencode(path))
            message = struct.pack(">i", _PROTOCOL_3) + _STARTUP
            connection.sendall(struct.pack(">i", len(message) + 4) + message)
            said = _read_until_ready(connection)
            connection.sendall(b"X\0\0\0\x04")
            return said
    except TimeoutError:
        return "starting"
    except OSError:
        return "absent"


def _read_until_ready(connection: socket.socket) -> str:
    with connection.makefile("rb") as stream:
        while len(head := stream.read(5)) == 5:
            kind, length = struct.unpack(">ci", head)
            body = stream.read(length - 4)
            if kind == b"Z":
                return "ready"
            if kind == b"E":
                return _read_error(body)
    return "starting"  # it hung up while it was going down


def _read_error(body: bytes) -> str:
    fields = {part[:1]: part[1:].decode(errors="replace") for part in body.split(b"\0") if part}
    state = fields.get(b"C", "")
    if state == _NOT_YET:
        return "starting"
    if state.startswith(_BUSY):
        return "ready"
    return fields.get(b"M", "an error without a message")


def reason_of(log: str) -> str:
    """The sentence of a log that explains a failure to its reader."""
    if "No space left on device" in log:
        return "its disk is full, make room"
    if "Read-only file system" in log:
        return "its disk is read-only, mount it writable"
    told = re.findall(r"(?:PANIC|FATAL|ERROR|error):\s+(.+)", log)
    lines = [line for line in log.strip().splitlines() if line.strip()]
    return str((told or lines or ["it said nothing"])[-1]).strip().rstrip(".")


def configuration(
    directory: Path, socket_directory: Path, title: str, user: str, settings: Mapping[str, str]
) -> dict[str, str]:
    """The server's configuration files by name. ALTER SYSTEM still overrides what is here."""
    own = {
        "hba_file": str(directory / "pg_hba.conf"),
        "ident_file": str(directory / "pg_ident.conf"),
        "listen_addresses": "",
        "port": "5432",
        "unix_socket_directories": str(socket_directory),
        "unix_socket_permissions": "0777",  # the directory is closed; see pg_hba.conf
        "cluster_name": title,
        "log_directory": str(directory / "log"),
        "shared_buffers": f"{min(SHARED_BUFFERS_MB, _memory_mb() // 4)}MB",
        **_FIXED,
    }
    lines = [f"{name} = {_quoted(value)}" for name, value in {**own, **settings}.items()]
    return {
        "postgresql.conf": "# Written by Hearth at every start.\n" + "\n".join(lines) + "\n",
        "pg_hba.conf": _HBA,
        "pg_ident.conf": _ident(user),
    }


_FIXED: Final = {
    "max_connections": "40",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_compression": "pglz",  # the one kind that every build has
    "max_wal_size": "512MB",
    # Hearth's statements are short: compiling and parallel workers cost them more than they give.
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "lc_messages": "C",
    "lc_monetary": "C",
    "lc_numeric": "C",
    "lc_time": "C",
    "default_text_search_config": "pg_catalog.simple",
    "password_encryption": "scram-sha-256",
    # One file for each day of the week, begun anew when its day comes round.
    "logging_collector": "on",
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %a ",
    "log_checkpoints": "off",
    # Values belong to people and stay out of the log, also those in the details of an error.
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}

# Nobody but the server's user and root can enter the socket's directory (0700), so that whoever
# gets here is the owner of the data anyway and a password would protect nothing. The peer check
# asks the kernel once more, for the day when somebody loosens that directory.
_HBA: Final = """\
local all         all peer map=hearth
local replication all peer map=hearth
"""


def _ident(user: str) -> str:
    names = sorted({"root", user})
    return "".join(
        f"hearth {_quoted_name(name)} {role}\n" for name in names for role in ("hearth", "postgres")
    )


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''").replace("\\", "\\\\") + "'"


def _quoted_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _memory_mb() -> int:
    """Memory that is ours to use: the machine's, or the container's share of it."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with suppress(OSError, ValueError):
        machine = min(machine, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return machine // 1_000_000
