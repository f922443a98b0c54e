"""Swedish words that are made of two: "kaviarmacka" is "kaviar macka", "skinksås" "skinka sås"."""

from collections.abc import Callable
from typing import Final

SHORTEST: Final = 3
"""Letters that a part has at least."""
LONGEST: Final = 40


def taken_apart(word: str, known: Callable[[str], bool]) -> tuple[str, str] | None:
    """The two known words of which a folded Swedish word is made, or None.

    The last part is the longest that is known, as it says what the thing is. The first may have
    lost or changed its end ("skink-", "grädd-", "ost-s-").
    """
    if not 2 * SHORTEST <= len(word) <= LONGEST:
        return None
    for cut in range(SHORTEST, len(word) - SHORTEST + 1):
        last = word[cut:]
        if not known(last):
            continue
        first = next((part for part in _firsts(word[:cut]) if known(part)), None)
        if first is not None:
            return first, last
    return None


def _firsts(part: str) -> list[str]:
    """The words that a first part may stand for."""
    found = [part, part + "a", part + "e"]
    if part.endswith("s") and len(part) > SHORTEST:
        found.append(part[:-1])
    if part[-1] in "ou" and len(part) > SHORTEST:
        found.append(part[:-1] + "a")
    return [one for one in found if len(one) >= SHORTEST]
