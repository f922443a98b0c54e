"""Sealing: what goes in comes out, for its purpose and context only, whatever key is newest."""

import secrets as random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.secrets import (
    BadKeys,
    BrokenSeal,
    Vault,
    key_id_of,
    keys_from,
    new_key,
    weak_secret,
)

OLD, NEW = new_key("2025"), new_key("2026")
vault = Vault(NEW)


@given(st.text(min_size=1, max_size=20), st.binary(max_size=500), st.binary(max_size=40))
def test_what_is_sealed_opens(purpose: str, plain: bytes, context: bytes) -> None:
    sealed = vault.seal(purpose, plain, context)
    assert vault.open(purpose, sealed, context) == plain
    assert plain not in sealed or len(plain) < 4


@given(st.binary(max_size=60), st.data())
def test_any_change_is_refused(plain: bytes, data: st.DataObject) -> None:
    sealed = bytearray(vault.seal("totp", plain))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(BrokenSeal):
        vault.open("totp", bytes(sealed))


@given(st.binary(max_size=80))
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises(BrokenSeal):
        vault.open("totp", noise)


def test_purpose_and_context_bind() -> None:
    sealed = vault.seal("totp", b"x", b"ada")
    for purpose, context in (("totp", b"bo"), ("bank", b"ada"), ("tot", b"pada")):
        with pytest.raises(BrokenSeal):
            vault.open(purpose, sealed, context)


def test_keys_rotate() -> None:
    before, both, after = Vault(OLD), Vault(f"{NEW}, {OLD}"), Vault(NEW)
    sealed = before.seal("totp", b"x")
    assert both.open("totp", sealed) == b"x"
    with pytest.raises(BrokenSeal, match="2025"):
        after.open("totp", sealed)
    resealed = both.reseal("totp", sealed)
    assert resealed is not None
    assert key_id_of(resealed) == "2026"
    assert after.open("totp", resealed) == b"x"
    assert both.reseal("totp", resealed) is None


def test_signatures() -> None:
    before, both, after = Vault(OLD), Vault(f"{NEW},{OLD}"), Vault(NEW)
    signature = before.sign("page", b"ada")
    assert len(signature) == 32
    assert before.verify("page", b"ada", signature)
    assert both.verify("page", b"ada", signature)
    assert not after.verify("page", b"ada", signature)
    assert not before.verify("page", b"bo", signature)
    assert not before.verify("other", b"ada", signature)
    assert not before.verify("page", b"ada", b"")


@pytest.mark.parametrize("keys", ["", "x", "a:", "a:AAAA", f"{OLD},{OLD}", "å:AAAA", "a:!!!!"])
def test_bad_keys_are_refused_without_being_shown(keys: str) -> None:
    with pytest.raises(BadKeys) as caught:
        Vault(keys)
    assert OLD.partition(":")[2] not in str(caught.value)


def test_keys_of_a_secret_are_always_the_same() -> None:
    assert keys_from("s" * 40) == keys_from("s" * 40) != keys_from("t" * 40)
    Vault(keys_from("s" * 40))


@pytest.mark.parametrize(
    "text", ["", "short", "a" * 64, "abcd" * 16, "change-me-" + "x1y2z3w4v5u6t7s8r9" * 2, "01" * 40]
)
def test_weak_secrets_are_named(text: str) -> None:
    assert weak_secret(text)


def test_random_secrets_are_strong() -> None:
    for _ in range(2000):
        assert weak_secret(random.token_hex(32)) is None
        assert weak_secret(random.token_urlsafe(32)) is None
