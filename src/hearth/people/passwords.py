"""Passwords: the rule, hashing and checking.

The rule follows NIST SP 800-63B-4 section 3.1.1.2 in spirit: length and a list of what everybody
guesses, no composition rules, no forced changes, every Unicode letter allowed. That edition asks
for 15 characters where a password stands alone; we ask for at least 10 and lean on the list, on
slow hashing and on limits of attempts, because a longer rule drives people to reuse.

Hashing is argon2id with OWASP's m=19456 KiB, t=2, p=1 (30 ms of CPU), in two threads: on the event
loop it would stall everybody, and more threads only add lag. bcrypt hashes that came with an import
are accepted and replaced at the next login.
"""

import asyncio
import re
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import Any, Final, TypeVar

import argon2
import bcrypt
import msgspec

from hearth.core.errors import FieldError, Invalid, Unavailable
from hearth.people.commonest import COMMONEST, KEYBOARD_ROWS

SHORTEST: Final = 10
LONGEST: Final = 256
THREADS: Final = 2
# About a second of backlog at 30 ms each in two threads; beyond that, saying so is kinder.
MOST_WAITING: Final = 60

_BCRYPT: Final = ("$2a$", "$2b$", "$2y$")
_BCRYPT_LENGTH: Final = 72
_LEET: Final = str.maketrans("0134578@$!", "oieastbasi")
_PADDING: Final = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_hasher: Final = argon2.PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_threads: Final = ThreadPoolExecutor(THREADS, thread_name_prefix="password")
_waiting = 0
T = TypeVar("T")


class Checked(msgspec.Struct, frozen=True):
    """Whether the password is right, and whether its hash should be made anew."""

    right: bool
    outdated: bool = False


def normal(password: str) -> str:
    """NFKC, so that the same password typed on another keyboard is the same (SP 800-63B)."""
    return unicodedata.normalize("NFKC", password)


def weakness(password: str, *, email: str = "", name: str = "") -> str | None:
    """Why the password is refused, in a sentence; None when it is fine."""
    password = normal(password)
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters; a few words in a row are easy to remember."
    if len(password) > LONGEST:
        return f"Use at most {LONGEST} characters."
    if _is_about(password, email, name):
        return "The password repeats your name or e-mail address; choose something else."
    if _is_monotonous(password):
        return "The password repeats or counts up; choose something less regular."
    if _is_common(password):
        return "The password is among those that everybody guesses first; choose another."
    return None


def demand_strength(password: str, *, email: str = "", name: str = "", field: str) -> None:
    """Raise `Invalid` with the reason when the password is refused."""
    reason = weakness(password, email=email, name=name)
    if reason:
        raise Invalid("The password was not accepted.", errors=(FieldError(field, reason),))


def _bare(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _is_about(password: str, email: str, name: str) -> bool:
    bare = _bare(password)
    own = {_bare(email), _bare(email.partition("@")[0]), _bare(name)}
    rests = {bare.replace(word, "", 1) for word in own if len(word) >= 4 and word in bare}
    return any(len(rest) < 5 for rest in rests)


def _is_monotonous(password: str) -> bool:
    text = password.casefold()
    if len(set(text)) <= 3:
        return True
    if any(text == (text[:size] * len(text))[: len(text)] for size in range(1, len(text) // 2 + 1)):
        return True
    steps = [ord(after) - ord(before) for before, after in pairwise(text)]
    return sum(step in (-1, 1) for step in steps) >= len(steps) * 0.75


def _is_common(password: str) -> bool:
    text = password.casefold()
    spelled = _PADDING.sub("", text).translate(_LEET)
    return any(_is_padded(word) for word in (text, spelled, text[::-1]))


def _is_padded(text: str) -> bool:
    """Whether the text is a common word or keyboard run, doubled or with signs around it."""
    core = _PADDING.sub("", text)
    bare = _bare(text)
    if core in COMMONEST or bare in COMMONEST:
        return True
    if not core.isalpha():
        core = _bare(core)
    half = core[: len(core) // 2]
    if len(half) >= 3 and core == half * 2 and half in COMMONEST:
        return True
    return _is_two_words(core) or any(len(bare) >= 6 and bare in row for row in KEYBOARD_ROWS)


def _is_two_words(text: str) -> bool:
    return any(text[:at] in COMMONEST and text[at:] in COMMONEST for at in range(3, len(text) - 2))


async def hashed(password: str) -> str:
    """The argon2id hash. `Unavailable` when too many are waiting already."""
    return await _off_the_loop(_hasher.hash, normal(password))


async def check(stored: str | None, password: str) -> Checked:
    """Whether the password is right. Without a stored hash it costs the same time and is wrong."""
    return await _off_the_loop(_check, stored, password)


async def _off_the_loop(work: Callable[..., T], *given: Any) -> T:
    global _waiting
    if _waiting >= MOST_WAITING:
        raise Unavailable("Too many people are logging in. Try again in a moment.", retry_after_s=2)
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, work, *given)
    finally:
        _waiting -= 1


@cache
def _nobodys() -> str:
    return _hasher.hash("a password that nobody has")


def _check(stored: str | None, password: str) -> Checked:
    if stored is not None and stored.startswith(_BCRYPT):
        return _check_bcrypt(stored, password)
    try:
        _hasher.verify(stored or _nobodys(), normal(password))
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return Checked(right=False)
    if stored is None:
        return Checked(right=False)
    return Checked(right=True, outdated=_hasher.check_needs_rehash(stored))


def _check_bcrypt(stored: str, password: str) -> Checked:
    # bcrypt hashes were made of at most 72 bytes of the password as it was typed.
    typed = password.encode()[:_BCRYPT_LENGTH]
    try:
        right = bcrypt.checkpw(typed, stored.replace("$2y$", "$2b$", 1).encode())
    except ValueError:
        right = False
    return Checked(right=right, outdated=right)
