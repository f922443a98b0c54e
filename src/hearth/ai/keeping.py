"""Answers that were given already: the same question to the same models costs nothing again.

Kept sealed in the kernel's cache, by a signed digest of everything that went into the question, so
that whoever reads the cache learns neither answers nor, by guessing, questions. What is personal is
kept for that person alone, and not at all when it is not said whose it is.
"""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from hearth.ai.answers import Call
from hearth.ai.forms import Schema
from hearth.ai.prompts import Prompt
from hearth.core.cache import Cache
from hearth.core.secrets import BrokenSeal, Vault

SEAL: Final = "ai-answer"


class Kept(msgspec.Struct, frozen=True):
    """An answer's text and who gave it."""

    text: str
    service: str
    model: str


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """All that an answer depends on. `models` are the providers that might give it, by name, address
    and model."""

    prompt: Prompt
    schema: Schema
    material: dict[str, Any]
    pictures: tuple[bytes, ...]
    models: Sequence[tuple[str, str, str]]


class Keeping:
    """The kept answers, each for `ttl_s` seconds; 0 keeps none."""

    def __init__(self, cache: Cache, vault: Vault, ttl_s: int) -> None:
        self._cache = cache
        self._vault = vault
        self._ttl_s = ttl_s

    def key(self, asked: Asked, call: Call) -> str | None:
        """The key of a question; None when its answer is not to be kept."""
        if not self._ttl_s or (call.is_personal and call.person_id is None):
            return None
        whole = hashlib.sha256()
        parts = (
            call.person_id.bytes if call.is_personal and call.person_id else b"",
            msgspec.json.encode([asked.prompt.name, asked.prompt.system, asked.schema]),
            msgspec.json.encode([asked.material, asked.models], order="deterministic"),
            *asked.pictures,
        )
        for part in parts:
            # Each part's own digest: no two lists of parts run together to the same bytes.
            whole.update(hashlib.sha256(part).digest())
        return f"ai:{self._vault.sign(SEAL, whole.digest()).hex()}"

    async def get(self, key: str | None) -> Kept | None:
        """The kept answer, if there is one."""
        sealed = await self._cache.get(key) if key else None
        if key is None or sealed is None:
            return None
        try:
            return msgspec.json.decode(self._vault.open(SEAL, sealed, key.encode()), type=Kept)
        except (BrokenSeal, msgspec.DecodeError):
            return None

    async def put(self, key: str | None, kept: Kept) -> None:
        """Keep an answer that was found valid."""
        if key is not None:
            sealed = self._vault.seal(SEAL, msgspec.json.encode(kept), key.encode())
            await self._cache.set(key, sealed, self._ttl_s)
