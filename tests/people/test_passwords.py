"""Passwords: what is refused and why, what is let through, and the hashes that are accepted."""

import asyncio

import bcrypt
import pytest

from hearth.core.errors import Invalid, Unavailable
from hearth.people import passwords


@pytest.mark.parametrize(
    "password",
    [
        "short-one",
        "x" * 257,
        "password123",
        "Passw0rd!!",
        "P@ssw0rd123!",
        "drowssap123",
        "qwertyuiop",
        "qazwsxedcrfv",
        "1234567890",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "iloveyou2024",
        "monkeydragon",
        "lösenord123",
        "лозинка2024",
        "anna.svensson1",
        "AnnaSvensson!",
    ],
)
def test_a_guessable_password_is_refused_with_its_reason(password: str) -> None:
    reason = passwords.weakness(password, email="anna.svensson@example.org", name="Anna Svensson")
    assert reason is not None
    assert reason.endswith(".")


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "kitchen table 42",
        "грабуља-кад-12",
        "x7#kPq!m2vRw",
        "å" * 3 + "zebra fick kaffe",
    ],
)
def test_length_without_composition_is_enough(password: str) -> None:
    assert passwords.weakness(password, email="anna@example.org", name="Anna") is None


def test_a_refusal_names_the_field() -> None:
    with pytest.raises(Invalid) as refused:
        passwords.demand_strength("short", field="new_password")
    assert [error.field for error in refused.value.errors] == ["new_password"]


async def test_a_hash_is_checked_and_nobodys_is_wrong() -> None:
    stored = await passwords.hashed("kitchen table 42")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await passwords.check(stored, "kitchen table 42") == passwords.Checked(right=True)
    assert not (await passwords.check(stored, "kitchen table 43")).right
    assert not (await passwords.check(None, "a password that nobody has")).right
    assert not (await passwords.check("garbage", "kitchen table 42")).right


async def test_the_same_letters_typed_otherwise_are_the_same_password() -> None:
    stored = await passwords.hashed("cafe\u0301 au lait 7")
    assert (await passwords.check(stored, "café au lait 7")).right


@pytest.mark.parametrize("kind", [b"$2a$", b"$2b$", b"$2y$"])
async def test_bcrypt_of_an_import_is_accepted_and_outdated(kind: bytes) -> None:
    long = "kitchen table 42" * 8
    made = bcrypt.hashpw(long.encode()[:72], bcrypt.gensalt(4)).replace(b"$2b$", kind, 1)
    assert await passwords.check(made.decode(), long) == passwords.Checked(True, outdated=True)
    assert not (await passwords.check(made.decode(), "another thing")).right
    assert not (await passwords.check(kind.decode() + "broken", long)).right


async def test_beyond_a_second_of_backlog_it_says_so() -> None:
    waiting = [
        asyncio.create_task(passwords.check(None, "x")) for _ in range(passwords.MOST_WAITING + 5)
    ]
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, Unavailable)]
    assert len(refused) == 5
    assert refused[0].retry_after_s


async def test_the_loop_stays_responsive_while_hashing() -> None:
    hashing = asyncio.gather(*(passwords.check(None, "x") for _ in range(10)))
    loop = asyncio.get_running_loop()
    longest = 0.0
    while not hashing.done():
        before = loop.time()
        await asyncio.sleep(0)
        longest = max(longest, loop.time() - before)
    await hashing
    assert longest < 0.25
