"""What can be agreed to in this house, declared where it is decided: once at the start.

A domain declares a purpose with the version of its text; a new wording is a new version, to which
everybody is asked anew. For models the purposes follow from the configuration.
"""

import hashlib
from collections.abc import Iterable
from typing import Final

import msgspec

from hearth.ai import Ai, Service
from hearth.core.errors import NotFound

MODEL: Final = "model:"
MODEL_TEXT: Final = 2
"""The version of the text about models, which stands in `web/pages/_consents.html`."""


class Purpose(msgspec.Struct, frozen=True, kw_only=True):
    """Something to agree to. `subject` is what the agreement hangs on beside its text, such as the
    kind and address of a model; `covers` are the sorts of data it is about, where that may differ."""

    name: str
    version: int = 1
    subject: str = ""
    covers: frozenset[str] = frozenset()

    @property
    def digest(self) -> str:
        """A fingerprint of all that somebody agrees to, to be sent back by who was shown it."""
        parts = [self.name, self.version, self.subject, sorted(self.covers)]
        return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:32]

    def is_met_by(self, version: int, subject: str, covers: frozenset[str]) -> bool:
        """Whether an agreement to these is an agreement to this. More than is needed is enough."""
        return (version, subject) == (self.version, self.subject) and self.covers <= covers


_declared: Final[dict[str, Purpose]] = {}


def declare(*given: Purpose) -> None:
    """Make these purposes known to this process; one of the same name is replaced."""
    _declared.update({one.name: one for one in given})


def declare_models(ai: Ai) -> None:
    """Make the models that need consent known as purposes."""
    declare(*(model_purpose(one) for one in ai.providers() if one.needs_consent))


def model_purpose(service: Service) -> Purpose:
    """A model's purpose: another kind, host, port or way there (http where it was https) under the
    same name is asked for anew, and so is more than was agreed to, such as recordings where it was
    pictures."""
    return Purpose(
        name=f"{MODEL}{service.name}",
        version=MODEL_TEXT,
        subject=f"{service.kind} {service.origin}".strip(),
        covers=frozenset(service.takes),
    )


def purposes() -> tuple[Purpose, ...]:
    """All purposes of this house, by name."""
    return tuple(_declared[name] for name in sorted(_declared))


def purpose_called(name: str) -> Purpose:
    """The purpose of a name. `NotFound` when there is none."""
    found = _declared.get(name)
    if found is None:
        raise NotFound(
            f"There is nothing called {name[:80]} to agree to here. {_known(purposes())}"
        )
    return found


def _known(given: Iterable[Purpose]) -> str:
    names = ", ".join(one.name for one in given)
    return f"There are: {names}." if names else "Nothing in this house needs consent."
