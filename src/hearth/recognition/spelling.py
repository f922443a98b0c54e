"""Mistyped words: the nearest word of an index by edit distance, found through deletions."""

from collections.abc import Iterable
from typing import Final

_SHORTEST: Final = 4
_LONGEST: Final = 24


def distance(left: str, right: str, most: int = 2) -> int:
    """Edits (insert, delete, replace, swap) from one word to the other, or `most` + 1."""
    if abs(len(left) - len(right)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for down, letter in enumerate(left, 1):
        older, before, row = before, row, [down, *([0] * len(right))]
        for along, other in enumerate(right, 1):
            row[along] = min(
                before[along] + 1, row[along - 1] + 1, before[along - 1] + (letter != other)
            )
            if down > 1 and along > 1 and letter == right[along - 2] and left[down - 2] == other:
                row[along] = min(row[along], older[along - 2] + 1)
        if min(row) > most:
            return most + 1
    return row[-1]


def _deletions(word: str) -> set[str]:
    return {word[:place] + word[place + 1 :] for place in range(len(word))} | {word}


class Spelling:
    """Known words with how often each is used; answers the known word nearest to an unknown one."""

    def __init__(self, words: Iterable[tuple[str, int]]) -> None:
        self._uses: dict[str, int] = {}
        self._near: dict[str, list[str]] = {}
        for word, uses in words:
            if _SHORTEST <= len(word) <= _LONGEST and word.isalpha():
                self._uses[word] = uses
                for shorter in _deletions(word):
                    self._near.setdefault(shorter, []).append(word)

    def nearest(self, word: str) -> str | None:
        """The known word one edit away (two from eight letters on); the more used wins a tie."""
        if not _SHORTEST <= len(word) <= _LONGEST:
            return None
        most = 2 if len(word) >= 8 else 1
        known = {
            candidate for shorter in _deletions(word) for candidate in self._near.get(shorter, ())
        }
        best: tuple[int, int, str] | None = None
        for candidate in known:
            # The first letter is rarely mistyped; without this "mice" would be "rice".
            if candidate[0] != word[0]:
                continue
            if len(word) == _SHORTEST == len(candidate) and sorted(word) != sorted(candidate):
                continue  # another letter makes another word of so short a one: "milo" is no milk
            edits = distance(word, candidate, most)
            rank = (edits, -self._uses[candidate], candidate)
            if edits <= most and (best is None or rank < best):
                best = rank
        return best[2] if best else None
