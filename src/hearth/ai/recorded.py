"""Recorded answers instead of models, for tests and demonstrations: no network, no cost.

    ai = RecordedAi({"plate.v1": {"items": [{"name": "rice", "grams": 150}]}, "hear": "two eggs"})

The answers go by the prompt's name, and by `hear` and `embed`. A list is used up answer by answer;
an exception is raised. What was asked is kept in `asked`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from hearth.ai.answers import Answer, Audio, Call, Check, Transcript, failed
from hearth.ai.config import Ability
from hearth.ai.door import NOTHING, Ai, Service
from hearth.ai.forms import Misfit, answer_in
from hearth.ai.prompts import Prompt, material

T = TypeVar("T")
NAME: Final = "recorded"


class Asked(msgspec.Struct, frozen=True):
    """One call of the recorded door: what would have left the house, and for what."""

    key: str
    content: Mapping[str, Any]
    pictures: tuple[bytes, ...]
    call: Call


class RecordedAi(Ai):
    """Answers from a mapping or, with `load`, from a JSON file of the same shape."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self._answers = {
            key: list(value) if isinstance(value, list) else value for key, value in answers.items()
        }
        self.asked: list[Asked] = []

    @classmethod
    def load(cls, path: Path) -> "RecordedAi":
        """The answers recorded in a file."""
        return cls(msgspec.json.decode(path.read_bytes()))

    def services(self, ability: Ability) -> tuple[Service, ...]:
        return (Service(NAME, NAME, False),)

    async def ask(
        self, prompt: Prompt, *, into: type[T], call: Call, content: Mapping[str, Any] = NOTHING
    ) -> Answer[T]:
        return self._answered(
            prompt, into, Asked(prompt.name, material(content, call.names), (), call)
        )

    async def see(
        self,
        pictures: Sequence[bytes],
        prompt: Prompt,
        *,
        into: type[T],
        call: Call,
        content: Mapping[str, Any] = NOTHING,
    ) -> Answer[T]:
        told = material(content, call.names)
        return self._answered(prompt, into, Asked(prompt.name, told, tuple(pictures), call))

    async def hear(self, audio: Audio, *, call: Call) -> Answer[Transcript]:
        found = self._next(Asked("hear", {}, (audio.data,), call))
        transcript = (
            found if isinstance(found, Transcript) else Transcript(str(found), audio.language)
        )
        return Answer(value=transcript, service=NAME, model=NAME)

    async def embed(self, texts: Sequence[str], *, call: Call) -> Answer[list[list[float]]]:
        found = self._next(Asked("embed", {"texts": list(texts)}, (), call))
        return Answer(value=found, service=NAME, model=NAME)

    def checks(self) -> list[Check]:
        return [Check(NAME, "well", "Answers are recorded ones; no model is asked.")]

    def _answered(self, prompt: Prompt, into: type[T], asked: Asked) -> Answer[T]:
        found = self._next(asked)
        text = found if isinstance(found, str) else msgspec.json.encode(found).decode()
        try:
            return Answer(value=answer_in(text, into), service=NAME, model=NAME)
        except Misfit as misfit:
            raise failed(
                [f"The recorded answer to {prompt.name} does not fit: {misfit}."]
            ) from None

    def _next(self, asked: Asked) -> Any:
        self.asked.append(asked)
        if asked.key not in self._answers:
            raise failed([f"No answer is recorded for {asked.key}."])
        found = self._answers[asked.key]
        if isinstance(found, list) and asked.key != "embed":
            if not found:
                raise failed([f"The recorded answers to {asked.key} are used up."])
            found = found.pop(0)
        if isinstance(found, Exception):
            raise found
        return found
