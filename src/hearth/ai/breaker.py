"""A circuit breaker: who fails again and again is left alone for a while, then tried once.

Closed: calls go. After `FALLS` failures in a row it opens: no calls for `REST_S`. Then it is half
open: one call goes as a trial; its success closes the breaker, its failure opens it again.
"""

import time
from collections.abc import Callable
from typing import Final, Literal

from hearth.core import telemetry

FALLS: Final = 4
REST_S: Final = 30.0

State = Literal["closed", "half_open", "open"]
_GAUGE: Final[dict[State, int]] = {"closed": 0, "half_open": 1, "open": 2}


class Breaker:
    """The breaker of one provider, in this process. `clock` gives seconds that only grow."""

    def __init__(self, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self._clock = clock
        self._falls = 0
        self._open_until = 0.0
        self._trying = False
        self.state: State = "closed"
        self._set("closed")

    def allows(self) -> bool:
        """Whether a call may go now. When it says yes while half open, that call is the trial."""
        if self.state == "open" and self._clock() >= self._open_until:
            self._set("half_open")
        if self.state == "closed":
            return True
        if self.state == "open" or self._trying:
            return False
        self._trying = True
        return True

    def succeeded(self) -> None:
        """The provider answered."""
        self._falls = 0
        self._trying = False
        self._set("closed")

    def failed(self, rest_s: float = REST_S, *, at_once: bool = False) -> None:
        """The provider did not answer as it should. When this opens the breaker, for `rest_s`;
        `at_once` opens it at the first failure, as when the provider itself asked to be left."""
        self._falls += 1
        if at_once or self.state == "half_open" or self._falls >= FALLS:
            self._open_until = self._clock() + rest_s
            self._set("open")
        self._trying = False

    def given_up(self) -> None:
        """The call is over, however it ended: when it was a trial, another may be made."""
        self._trying = False

    def _set(self, state: State) -> None:
        self.state = state
        telemetry.set_breaker(f"ai_{self.name}", _GAUGE[state])
