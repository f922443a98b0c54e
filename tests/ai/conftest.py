"""The doubles running, a door to them, and what the tests ask."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Annotated, Literal
from uuid import UUID

import msgspec
import pytest

from hearth.ai.asking import Base, HttpAi
from hearth.ai.config import read_config
from hearth.ai.prompts import Prompt
from hearth.core.cache import Cache
from hearth.core.db import SYSTEM, Pool
from hearth.core.secrets import Vault, new_key
from hearth.core.values import new_id

from .doubles import KEY, Double


class Dish(msgspec.Struct, frozen=True):
    """One food of a plate."""

    name: Annotated[
        str, msgspec.Meta(min_length=1, max_length=80, description="As people call it.")
    ]
    grams: Annotated[float, msgspec.Meta(ge=0, le=5000)]
    cue: Literal["card", "cutlery", "none"] = "none"
    note: str | None = None


class Plate(msgspec.Struct, frozen=True):
    """What is on a plate."""

    items: list[Dish]


PLATE = Prompt("plate.v1", "Name the foods and their weight in grams.")
GOOD = '{"items": [{"name": "rice", "grams": 150, "cue": "card", "note": null}]}'
BAD = '{"items": [{"name": "rice", "grams": "plenty", "cue": "card", "note": null}]}'


class House:
    """A door with its doubles, by name."""

    def __init__(
        self, ai: HttpAi, doubles: dict[str, Double], waits: list[float], clock: list[float]
    ) -> None:
        self.ai = ai
        self.doubles = doubles
        self.waits = waits
        self.clock = clock

    def __getitem__(self, name: str) -> Double:
        return self.doubles[name]


Open = Callable[..., Awaitable[House]]


@pytest.fixture
async def other_id(db: Pool) -> UUID:
    """Another person's id."""
    fresh = new_id()
    async with db.connection(SYSTEM) as connection:
        await connection.execute(
            "insert into people.person (person_id, email, email_key) values ($1, $2, $2)",
            fresh,
            f"{fresh}@example.org",
        )
    return fresh


@pytest.fixture
async def house(db: Pool) -> AsyncIterator[Open]:
    """`await house(OllamaDouble, AI_OLLAMA_TIMEOUT_S="1")`: a door to running doubles."""
    async with AsyncExitStack() as stack:

        async def opened(*kinds: type[Double], **settings: str) -> House:
            doubles = {one.name: await stack.enter_async_context(one().running()) for one in kinds}
            environ = {"AI_PROVIDERS": ",".join(doubles)}
            for name, double in doubles.items():
                prefix = f"AI_{name.upper()}"
                environ |= {
                    f"{prefix}_URL": double.url,
                    f"{prefix}_MODEL": "m",
                    f"{prefix}_KEY": KEY,
                }
                environ |= {f"{prefix}_VISION_MODEL": "m"}
                if name != "anthropic":
                    environ |= {f"{prefix}_EMBED_MODEL": "m"}
                if name not in ("anthropic", "ollama"):
                    environ |= {f"{prefix}_AUDIO_MODEL": "m"}
            waits, clock = [], [0.0]

            async def sleep(seconds: float) -> None:
                waits.append(seconds)

            base = Base(db, Cache(), Vault(new_key("test")))
            config = read_config(environ | settings)
            ai = HttpAi(config, base, sleep=sleep, clock=lambda: clock[0])
            stack.push_async_callback(ai.close)
            return House(ai, doubles, waits, clock)

        yield opened
