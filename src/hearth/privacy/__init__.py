"""Privacy: what persons agreed to.

A *purpose* is something that needs a person's agreement: a name (`model:openai`), the version of
the text that they are shown, and what the agreement hangs on. A *consent* is one person's agreement
to it; it *stands* until it is withdrawn or the house means something else by the purpose.

`declare` says which purposes this house has, and `declare_models` those of its models; `consented`
gives what the door to models asks for.
"""

from hearth.privacy.consents import (
    Consent,
    consented,
    consents,
    give,
    standing_consents,
    withdraw,
)
from hearth.privacy.purposes import Purpose, declare, declare_models, model_purpose, purposes

__all__ = [
    "Consent",
    "Purpose",
    "consented",
    "consents",
    "declare",
    "declare_models",
    "give",
    "model_purpose",
    "purposes",
    "standing_consents",
    "withdraw",
]
