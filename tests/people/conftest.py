"""A cast for the tests of people and web."""

from collections.abc import Iterator

import pytest

from hearth.core.limits import Limits
from hearth.core.secrets import Vault, new_key
from hearth.core.values import RequestContext, request_context
from hearth.people.logins import Gate


@pytest.fixture(scope="session")
def vault() -> Vault:
    return Vault(new_key("test"))


@pytest.fixture
def gate(vault: Vault) -> Gate:
    return Gate(vault, Limits())


@pytest.fixture
def mail_gate(vault: Vault) -> Gate:
    return Gate(vault, Limits(), mail_configured=True)


@pytest.fixture
def from_afar() -> Iterator[None]:
    token = request_context.set(RequestContext("test", "198.51.100.7"))
    yield
    request_context.reset(token)
