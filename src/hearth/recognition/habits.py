"""What a person usually means: of the foods that hold all that was said, the one they log often.

Who always logs oat milk means it by "milk"; who says "whole milk" means what they say.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from hearth.foods import Food
from hearth.recognition.index import Index
from hearth.recognition.matching import Match
from hearth.recognition.words import folded, inflection, local_words, name_words, stem, tokens

AT_LEAST: Final = 4
"""How often a food was logged before it is a habit."""
AHEAD: Final = 2.0
"""How many times more often than any other food that fits what was said."""
_END: Final = 4


def usually_meant(
    index: Index, habits: Mapping[str, int], said: Sequence[str], match: Match, locale: str
) -> int | None:
    """The place of the food that the person means by the words `said`, None without a habit.

    `habits` tells how often each food id was logged. A food fits when one of its names holds every
    word of `said` and ends with the word that names the thing.
    """
    words = [word for token in said for word in tokens(token) if word.kind == "word"]
    norms = [folded(word.norm) for word in words]
    if not norms or not match.candidates:
        return None
    rivals = {candidate.place for candidate in match.candidates[:8] if candidate.share > 0.7}
    fits = sorted(
        (
            (times, -place)
            for food_id, times in habits.items()
            if (place := index.by_id.get(food_id)) is not None
            and (place in rivals or times >= AT_LEAST)
            and _fits(index.foods[place], norms, locale)
        ),
        reverse=True,
    )
    if not fits or fits[0][0] < AT_LEAST:
        return None
    second = fits[1][0] if len(fits) > 1 else 0
    return -fits[0][1] if fits[0][0] >= AHEAD * second else None


def _fits(food: Food, norms: Sequence[str], locale: str) -> bool:
    """Whether a name of the food holds all the words and is a kind of the last of them."""
    for name in (food.name, *food.names.values(), *food.aliases):
        front = name.split(",")[0].split("(")[0]
        if _is_kind(name_words(front), [stem(norm) for norm in norms]):
            return True
        if locale == "en":
            continue
        if _is_kind(local_words(front, locale), [inflection(norm, locale) for norm in norms]):
            return True
    return False


def _is_kind(named: Sequence[str], said: Sequence[str]) -> bool:
    """Whether words name a kind of what was said: "oat milk" of "milk", "havremjölk" of "mjölk"."""
    if not named or not set(said[:-1]) <= set(named):
        return False
    last, head = named[-1], said[-1]
    bare = head.partition(":")[2]
    return last == head or (len(bare) >= _END and last.endswith(bare))
