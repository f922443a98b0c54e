"""Sealing and signing with keys that can be rotated.

Keys come as text, newest first: `2026b:BASE64,2026a:BASE64`, each of 32 bytes. The newest seals and
signs; all of them open and verify, so that a new key can be put in front at any time and what old
keys sealed be resealed at leisure.

A sealed text is: one byte of version (1), one byte of length and the key's id, a nonce of 12 bytes,
then the ciphertext of AES-256-GCM with its tag. Each purpose has a key of its own, derived with
HKDF-SHA256 (RFC 5869); the header, the purpose and the context are authenticated with the text, so
that what was sealed for one row or purpose does not open for another.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION: Final = 1
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
SHORTEST_SECRET: Final = 32
_KEY_ID: Final = re.compile(r"[A-Za-z0-9_.-]{1,32}")
_DEFAULTS: Final = ("change", "secret", "default", "example", "password", "insecure", "hearth")


class BadKeys(ValueError):
    """The text of the keys cannot be used; the message says where, and never a key."""


class BrokenSeal(ValueError):
    """What was to be opened was changed, was sealed for something else, or its key is not here."""


class Vault:
    """Seals and signs for named purposes: `vault.seal("totp", secret, person_id.bytes)`."""

    def __init__(self, keys: str) -> None:
        self._keys = _parsed(keys)
        self.newest = next(iter(self._keys))
        # Deriving costs as much as sealing a kilobyte: purposes are few, so they are kept.
        self._derived = lru_cache(maxsize=256)(self._derive)

    def seal(self, purpose: str, plain: bytes, context: bytes = b"") -> bytes:
        """`plain`, to be opened only for the same purpose and context."""
        header = bytes([VERSION, len(self.newest)]) + self.newest.encode()
        nonce = os.urandom(NONCE_BYTES)
        box = AESGCM(self._derived(self.newest, "seal", purpose))
        return header + nonce + box.encrypt(nonce, plain, _bound(header, purpose, context))

    def open(self, purpose: str, sealed: bytes, context: bytes = b"") -> bytes:
        """What was sealed, or `BrokenSeal`."""
        key_id = key_id_of(sealed)
        if key_id not in self._keys:
            raise BrokenSeal(f"Sealed with the key {key_id!r}, which is not among the keys given.")
        start = 2 + len(key_id)
        nonce, text = sealed[start : start + NONCE_BYTES], sealed[start + NONCE_BYTES :]
        box = AESGCM(self._derived(key_id, "seal", purpose))
        try:
            return box.decrypt(nonce, text, _bound(sealed[:start], purpose, context))
        except (InvalidTag, ValueError):
            raise BrokenSeal(
                f"Not what was sealed for {purpose}: changed, or of another."
            ) from None

    def reseal(self, purpose: str, sealed: bytes, context: bytes = b"") -> bytes | None:
        """The same under the newest key; None when it is already."""
        if key_id_of(sealed) == self.newest:
            return None
        return self.seal(purpose, self.open(purpose, sealed, context), context)

    def sign(self, purpose: str, data: bytes) -> bytes:
        """32 bytes (HMAC-SHA256) that only a holder of the keys can make."""
        return self._signature(self.newest, purpose, data)

    def verify(self, purpose: str, data: bytes, signature: bytes) -> bool:
        """Whether any of the keys made `signature`, compared in constant time."""
        made = [self._signature(key_id, purpose, data) for key_id in self._keys]
        return any(hmac.compare_digest(one, signature) for one in made)

    def _signature(self, key_id: str, purpose: str, data: bytes) -> bytes:
        return hmac.digest(self._derived(key_id, "sign", purpose), data, "sha256")

    def _derive(self, key_id: str, use: str, purpose: str) -> bytes:
        info = f"hearth/{use}/{purpose}".encode()
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(self._keys[key_id])


def key_id_of(sealed: bytes) -> str:
    """The id of the key with which something was sealed."""
    if len(sealed) < 2 + NONCE_BYTES or sealed[0] != VERSION:
        raise BrokenSeal("Not a sealed text of this version.")
    try:
        return sealed[2 : 2 + sealed[1]].decode("ascii")
    except UnicodeDecodeError:
        raise BrokenSeal("Not a sealed text: its key's name cannot be read.") from None


def new_key(key_id: str) -> str:
    """A fresh key in text form, to be put in front of the others."""
    if not _KEY_ID.fullmatch(key_id):
        raise BadKeys(f"{key_id!r} is no name for a key: letters, digits, '_', '.', '-', up to 32.")
    return f"{key_id}:{base64.b64encode(os.urandom(KEY_BYTES)).decode()}"


def keys_from(secret: str) -> str:
    """Keys made of one long secret, for an installation that was given no `ENCRYPTION_KEYS`."""
    key = HKDF(SHA256(), KEY_BYTES, salt=None, info=b"hearth/keys").derive(secret.encode())
    return f"s-{hashlib.sha256(key).hexdigest()[:8]}:{base64.b64encode(key).decode()}"


def weak_secret(text: str) -> str | None:
    """Why `text` is too weak to be a secret, or None: short, a default, or of little variety."""
    if len(text) < SHORTEST_SECRET:
        return f"it has {len(text)} characters and needs at least {SHORTEST_SECRET}"
    known = next((word for word in _DEFAULTS if word in text.lower()), None)
    if known:
        return f"it contains {known!r}, as examples and defaults do"
    # 16 hexadecimal digits or random letters have at least ten different ones, practically always.
    if len(set(text)) < 10:
        return f"it has only {len(set(text))} different characters"
    if any((text[:width] * len(text)).startswith(text) for width in range(1, len(text) // 2 + 1)):
        return "it repeats itself"
    return None


def _parsed(text: str) -> dict[str, bytes]:
    keys: dict[str, bytes] = {}
    for number, item in enumerate(filter(None, (part.strip() for part in text.split(","))), 1):
        key_id, _, encoded = item.partition(":")
        if not _KEY_ID.fullmatch(key_id) or not encoded:
            raise BadKeys(f"Key {number} is not of the form id:base64.")
        if key_id in keys:
            raise BadKeys(f"Two keys are called {key_id!r}.")
        keys[key_id] = _decoded(key_id, encoded)
    if not keys:
        raise BadKeys("No key is given. The form is id:base64, newest first, with commas between.")
    return keys


def _decoded(key_id: str, encoded: str) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise BadKeys(f"The key {key_id!r} is not base64.") from None
    if len(key) != KEY_BYTES:
        raise BadKeys(f"The key {key_id!r} has {len(key)} bytes and needs {KEY_BYTES}.")
    return key


def _bound(header: bytes, purpose: str, context: bytes) -> bytes:
    name = purpose.encode()
    return header + len(name).to_bytes(2, "big") + name + context
