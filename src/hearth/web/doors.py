"""What the site stands on: the doors to the world, chosen by the composition root."""

from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from hearth.ai import Ai, NoAi
from hearth.core.cache import Cache
from hearth.core.db import Pool
from hearth.core.files import Files
from hearth.core.flags import Flags
from hearth.core.limits import Limits
from hearth.core.mail import Mail
from hearth.core.secrets import Vault

MEBIBYTE = 1024 * 1024


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """How the site is reached and what it lets in.

    `requests_per_minute` bounds one person's (or one stranger's address's) API calls; requests from
    the machine itself are not counted. `data` is the directory whose disk is watched.
    `metrics_networks` and `trusted_proxies` are in CIDR form.
    """

    base_url: str = "http://127.0.0.1:8000"
    version: str = "0"
    cors_origins: frozenset[str] = frozenset()
    trusted_proxies: tuple[str, ...] = ()
    metrics_networks: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    max_body: int = MEBIBYTE
    max_file_size: int = 10 * MEBIBYTE
    requests_per_minute: int = 1200
    maintenance: bool = False
    data: Path = Path()

    @property
    def https(self) -> bool:
        """Whether people reach the site over TLS."""
        return self.base_url.startswith("https://")

    @property
    def origin(self) -> str:
        """Scheme, host and port, as browsers send them in Origin."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"


class Doors(msgspec.Struct, frozen=True, kw_only=True):
    """The doors to the world, and the site they serve."""

    db: Pool
    vault: Vault
    cache: Cache
    limits: Limits
    mail: Mail
    files: Files
    flags: Flags
    site: Site
    ai: Ai = NoAi()
