"""Models: the one door through which anything is asked of a language, vision or speech model.

A *provider* is a server or service that was configured, tried in the order given; a *prompt* is an
instruction in a versioned file; *content* is what others wrote, quoted as data and without
anybody's identity; a *call* says on whose behalf, what for, and to which providers that person
*consented*; an *answer* is a valid struct with what it cost. `accounts` has a person's *usage* and
the house's *spending*.

`open_ai` opens the door that `read_config` found in the environment; `NoAi` is the door of a house
without models, `RecordedAi` one with prepared answers.
"""

from hearth.ai import accounts, jobs
from hearth.ai.accounts import usage_of
from hearth.ai.answers import (
    Answer,
    Audio,
    Call,
    Consented,
    ModelFailed,
    NotConfigured,
    NotConsented,
    OverBudget,
    TooManyAtOnce,
    Transcript,
)
from hearth.ai.asking import Base, open_ai
from hearth.ai.config import Ability, Config, read_config
from hearth.ai.door import Ai, Budgets, NoAi, Service, Sort
from hearth.ai.prompts import Prompt
from hearth.ai.recorded import RecordedAi
from hearth.ai.usage import Spent, month_of, next_month

__all__ = [
    "Ability",
    "Ai",
    "Answer",
    "Audio",
    "Base",
    "Budgets",
    "Call",
    "Config",
    "Consented",
    "ModelFailed",
    "NoAi",
    "NotConfigured",
    "NotConsented",
    "OverBudget",
    "Prompt",
    "RecordedAi",
    "Service",
    "Sort",
    "Spent",
    "TooManyAtOnce",
    "Transcript",
    "accounts",
    "jobs",
    "month_of",
    "next_month",
    "open_ai",
    "read_config",
    "usage_of",
]
