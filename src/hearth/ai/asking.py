"""The door to real models: what is asked, in whose words, and what is made of the answer."""

import asyncio
import math
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec

from hearth.ai import pictures as images
from hearth.ai import usage, whisper
from hearth.ai.answers import Answer, Audio, Call, Check, Transcript
from hearth.ai.anthropic import Anthropic
from hearth.ai.calling import Calling, Tally, Task
from hearth.ai.config import Ability, Config, Kind, Provider
from hearth.ai.door import NOTHING, Ai, Budgets, NoAi, Service, Sort
from hearth.ai.forms import Misfit, answer_in, schema_of
from hearth.ai.gemini import Gemini
from hearth.ai.keeping import Asked, Keeping, Kept
from hearth.ai.ollama import Ollama
from hearth.ai.openai import OpenAi
from hearth.ai.prompts import Prompt, material, quoted
from hearth.ai.protocol import Heard, Protocol, Question, Said, Vectors
from hearth.ai.redaction import redacted
from hearth.ai.wire import ProviderFailed, Sleep, Wire
from hearth.core.cache import Cache
from hearth.core.db import Db
from hearth.core.errors import Invalid, TooLarge
from hearth.core.secrets import Vault

T = TypeVar("T")

PROTOCOLS: Final[dict[Kind, Protocol]] = {
    "ollama": Ollama(),
    "openai": OpenAi(is_official=True),
    "compatible": OpenAi(is_official=False),
    "gemini": Gemini(),
    "anthropic": Anthropic(),
}
# What goes to a provider that does these.
_SORTS: Final[dict[Sort, tuple[Ability, ...]]] = {
    "words": ("ask", "see", "embed"),
    "pictures": ("see",),
    "sound": ("hear",),
}
MOST_AUDIO_BYTES: Final = 25 * 1024 * 1024
MOST_TEXTS: Final = 100
# An hour of speech has some 50,000 letters; what is read as a meal has far fewer.
LONGEST_TRANSCRIPT: Final = 100_000
_LANGUAGE: Final = re.compile("[A-Za-z]{2,3}")
# What is set aside for a call whose size is not known yet. Text has at least three bytes a token; a
# picture of 1536 pixels is worth some 2,500 tokens at most with the providers that say so; Gemini
# counts 32 tokens a second of sound; speech is seldom recorded in less than 2,000 bytes a second.
BYTES_A_TOKEN: Final = 3
PICTURE_TOKENS: Final = 2_500
TOKENS_A_SECOND: Final = 32
BYTES_A_SECOND: Final = 2_000


class Base(msgspec.Struct, frozen=True):
    """What the door to models stands on."""

    db: Db
    cache: Cache
    vault: Vault


def open_ai(config: Config, base: Base) -> Ai:
    """The door that a configuration asks for: to its providers, or `NoAi`."""
    return HttpAi(config, base) if config.providers else NoAi()


class HttpAi(Ai):
    """The door to the providers of a configuration."""

    def __init__(
        self,
        config: Config,
        base: Base,
        *,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.config = config
        self._wire = Wire(sleep)
        self._calling = Calling(config, base.db, clock)
        self._keeping = Keeping(base.cache, base.vault, config.cache_s)

    def services(self, ability: Ability) -> tuple[Service, ...]:
        able = self.config.able(ability)
        return tuple(_service(one, ability, self.config.currency) for one in able)

    def providers(self) -> tuple[Service, ...]:
        found = {one.name: one for one in super().providers()}
        return tuple(found[one.name] for one in self.config.providers)

    @property
    def budgets(self) -> Budgets:
        return Budgets(
            currency=self.config.currency,
            month_micro=self.config.budget_month_micro,
            person_month_micro=self.config.budget_person_micro,
        )

    async def ask(
        self, prompt: Prompt, *, into: type[T], call: Call, content: Mapping[str, Any] = NOTHING
    ) -> Answer[T]:
        return await self._answer(
            "ask", self._asked("ask", prompt, into, call, content), into, call
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
        asked = self._asked("see", prompt, into, call, content)
        ready = msgspec.structs.replace(asked, pictures=await images.prepared(pictures))
        return await self._answer("see", ready, into, call)

    async def hear(self, audio: Audio, *, call: Call) -> Answer[Transcript]:
        if not audio.data:
            raise Invalid("The recording is empty.")
        if len(audio.data) > MOST_AUDIO_BYTES:
            raise TooLarge("The recording is larger than 25 MiB; record a shorter one.")

        async def work(provider: Provider, tally: Tally) -> Transcript:
            heard = await self._heard(provider, audio)
            tally.add(heard.tokens_in, heard.tokens_out)
            tally.lasted(heard.seconds, audio.seconds)
            tally.outcome = "ok"
            return _plain(heard.transcript)

        likely = _likely_speech(audio)
        return await self._calling.first(Task(ability="hear", call=call, work=work, likely=likely))

    async def embed(self, texts: Sequence[str], *, call: Call) -> Answer[list[list[float]]]:
        if not 0 < len(texts) <= MOST_TEXTS:
            raise Invalid(f"{len(texts)} texts were given; 1 to {MOST_TEXTS} go at once.")
        plain = [redacted(text, call.names) for text in texts]

        async def work(provider: Provider, tally: Tally) -> list[list[float]]:
            protocol = PROTOCOLS[provider.kind]
            body = await self._wire.send(provider, protocol.embed(provider, plain))
            found = protocol.vectors(body)
            _refuse_misfit(found, len(plain))
            tally.add(found.tokens_in, 0)
            tally.outcome = "ok"
            return found.vectors

        size = sum(len(text.encode()) for text in plain)
        return await self._calling.first(
            Task(ability="embed", call=call, work=work, likely=lambda one: _likely(one, size, 0, 0))
        )

    def checks(self) -> list[Check]:
        return self._calling.checks()

    async def close(self) -> None:
        await self._wire.close()

    # -------------------------------------------------------------- answers

    def _asked(
        self,
        ability: Ability,
        prompt: Prompt,
        into: type,
        call: Call,
        content: Mapping[str, Any],
    ) -> Asked:
        able = self._calling.allowed(ability, call)
        return Asked(
            prompt=prompt,
            schema=schema_of(into),
            material=material(content, call.names),
            pictures=(),
            models=[(one.name, one.url, one.model_for(ability)) for one in able],
        )

    async def _answer(self, ability: Ability, asked: Asked, into: type[T], call: Call) -> Answer[T]:
        key = self._keeping.key(asked, call)
        kept = await self._kept(key, into)
        if kept is not None:
            return kept
        texts: list[str] = []

        async def work(provider: Provider, tally: Tally) -> T:
            value, text = await self._conversation(provider, ability, asked, into, tally)
            texts.append(text)
            return value

        size = len(quoted(asked.material).encode()) + len(asked.prompt.system.encode())
        pictures = len(asked.pictures)
        task = Task(
            ability=ability,
            call=call,
            work=work,
            likely=lambda one: _likely(one, size, pictures, one.max_tokens),
            prompt=asked.prompt.name,
            exchanges=2,
        )
        answer = await self._calling.first(task)
        await self._keeping.put(key, Kept(texts[-1], answer.service, answer.model))
        return answer

    async def _kept(self, key: str | None, into: type[T]) -> Answer[T] | None:
        kept = await self._keeping.get(key)
        if kept is None:
            return None
        try:
            value = answer_in(kept.text, into)
        except Misfit:
            # Kept by a version of Hearth whose struct accepted it.
            return None
        return Answer(value=value, service=kept.service, model=kept.model, is_cached=True)

    async def _conversation(
        self, provider: Provider, ability: Ability, asked: Asked, into: type[T], tally: Tally
    ) -> tuple[T, str]:
        """One question, and one more with the reason when the answer does not fit."""
        rejected: tuple[str, str] | None = None
        for outcome in ("ok", "repaired"):
            said = await self._said(provider, ability, asked, rejected)
            tally.add(said.tokens_in, said.tokens_out)
            try:
                # Half an answer may have the right form: what was cut off is never taken.
                value = answer_in(said.text if said.is_whole else "", into)
            except Misfit as misfit:
                reason = str(misfit) if said.is_whole else "it was cut off: answer more briefly"
                rejected = (said.text, reason)
                continue
            tally.outcome = outcome
            return value, said.text
        why = "answered twice in a form that cannot be used."
        raise ProviderFailed(why, outcome="invalid", is_away=False)

    async def _said(
        self,
        provider: Provider,
        ability: Ability,
        asked: Asked,
        rejected: tuple[str, str] | None,
    ) -> Said:
        protocol = PROTOCOLS[provider.kind]
        question = Question(
            model=provider.model_for(ability),
            system=asked.prompt.system,
            material=quoted(asked.material, rejected),
            schema=asked.schema,
            pictures=asked.pictures,
        )
        return protocol.said(await self._wire.send(provider, protocol.ask(provider, question)))

    async def _heard(self, provider: Provider, audio: Audio) -> Heard:
        if provider.kind == "whisper":
            return await whisper.transcribe(provider, audio)
        protocol = PROTOCOLS[provider.kind]
        return protocol.heard(await self._wire.send(provider, protocol.hear(provider, audio)))


def _plain(heard: Transcript) -> Transcript:
    """The transcript as text that a person may have said: bounded, and nothing but letters."""
    text = "".join(
        one for one in heard.text[:LONGEST_TRANSCRIPT] if one.isprintable() or one == "\n"
    )
    told = heard.language or ""
    return Transcript(text.strip(), told.lower() if _LANGUAGE.fullmatch(told) else None)


def _service(provider: Provider, ability: Ability, currency: str) -> Service:
    return Service(
        name=provider.name,
        model=provider.model_for(ability),
        needs_consent=provider.needs_consent,
        kind=provider.kind,
        origin=provider.origin,
        takes=tuple(sort for sort, does in _SORTS.items() if any(map(provider.model_for, does))),
        price_in=provider.price_in,
        price_out=provider.price_out,
        price_minute=provider.price_minute,
        currency=currency,
    )


def _likely(provider: Provider, size: int, pictures: int, tokens_out: int) -> int | None:
    """What a question of `size` bytes may cost at most, answered at full length."""
    tokens_in = math.ceil(size / BYTES_A_TOKEN) + pictures * PICTURE_TOKENS
    return usage.cost_micro(provider, tokens_in, tokens_out)


def _likely_speech(audio: Audio) -> Callable[[Provider], int | None]:
    seconds = audio.seconds or len(audio.data) / BYTES_A_SECOND
    tokens = math.ceil(seconds * TOKENS_A_SECOND)
    return lambda one: usage.cost_of_speech(one, seconds, tokens, one.max_tokens)


def _refuse_misfit(found: Vectors, count: int) -> None:
    lengths = {len(vector) for vector in found.vectors}
    if len(found.vectors) != count or len(lengths) != 1 or 0 in lengths:
        raise ProviderFailed("sent vectors that do not fit the texts.", outcome="invalid")
