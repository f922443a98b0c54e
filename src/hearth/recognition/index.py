"""An index of foods in memory: from words to the foods that hold them, by coverage.

Built from any foods, in one pass; it holds word lists only, the details of a name are worked out
when it is first compared (`ranking`). The score is a coverage score: how much of what was said the
name holds, and how much of the name was said, words weighed by how rare they are.
"""

import heapq
import math
from array import array
from collections.abc import Iterable, Sequence
from itertools import islice, pairwise, product
from typing import Final

import msgspec

from hearth.foods import Food
from hearth.recognition.spelling import Spelling
from hearth.recognition.words import alias_locale, inflection, local_words, name_words

ALIAS_SHARE: Final = 0.75
"""What a word counts that stands only in an alternative name, not in the name itself."""

# Words that tell little about which food it is; they weigh this share of what their rarity says.
_DULL: Final[dict[str, float]] = {
    "raw": 0.4, "cooked": 0.3, "regular": 0.3, "plain": 0.4, "fresh": 0.2, "prepared": 0.3,
    "homemade": 0.5, "recipe": 0.3, "home": 0.3, "style": 0.3, "eaten": 0.3, "all": 0.2,
    "flavor": 0.4, "flavored": 0.4, "commercial": 0.2, "ready": 0.4, "eat": 0.2, "whole": 0.6,
    "food": 0.3, "dish": 0.3, "mixed": 0.5, "source": 0.1, "place": 0.1, "store": 0.1,
    "unspecified": 0.1, "purpose": 0.2, "variety": 0.2, "common": 0.2, "year": 0.1,
    "round": 0.2, "average": 0.2, "edible": 0.2, "portion": 0.2, "serving": 0.2, "cup": 0.3,
    "bottle": 0.2, "glass": 0.2, "piece": 0.3, "slice": 0.3, "bag": 0.3, "medium": 0.3,
    "small": 0.3, "large": 0.3, "fluid": 0.3, "unit": 0.2, "added": 0.3, "drink": 0.6,
    "creamy": 0.3, "crispy": 0.3, "crunchy": 0.3, "sweet": 0.6, "warm": 0.2, "hot": 0.5,
    "cold": 0.3, "light": 0.7, "rich": 0.2, "soft": 0.6, "fluffy": 0.2, "tender": 0.2,
    "savory": 0.2, "juicy": 0.2, "hearty": 0.3, "golden": 0.2, "snack": 0.4, "meal": 0.4,
    "fine": 0.2, "classic": 0.3, "traditional": 0.2, "real": 0.2, "smooth": 0.2, "chunky": 0.5,
    "simple": 0.2, "natural": 0.2, "quick": 0.3, "steaming": 0.1, "hint": 0.1, "touch": 0.1,
    "side": 0.2, "topped": 0.3, "filled": 0.3, "mix": 0.5, "blend": 0.4, "combination": 0.3,
    "seasoned": 0.4, "favorite": 0.1, "dry": 0.6, "unsweetened": 0.3,
    "container": 0.2, "individual": 0.2, "box": 0.2,
}  # fmt: skip


_LONGEST_ALIAS: Final = 4
_MOST_WORDINGS: Final = 16


class Slot(msgspec.Struct, frozen=True):
    """One word that was said: the words that stand for it in the index, and what it weighs."""

    said: str
    words: tuple[int, ...]
    weight: float


class Query(msgspec.Struct, frozen=True):
    """The words of a phrase, ready to be looked up; `head` is the word that names the food.

    `guessed` are the words found by nothing but their spelling.
    """

    slots: tuple[Slot, ...]
    unknown: tuple[str, ...] = ()
    head: str = ""
    guessed: tuple[str, ...] = ()

    @property
    def weight(self) -> float:
        """The weight of everything said, words that no food holds not counted."""
        return sum(slot.weight for slot in self.slots)


class Hit(msgspec.Struct):
    """A food found: its place in the index, the weight of what matched, and a first score."""

    place: int
    matched: float
    score: float


class Index:
    """Foods by their words. `foods` keeps the order in which they were given; `is_one_table` says
    whether all are of one table, in whose own terms answers are then meant."""

    def __init__(self, foods: Iterable[Food]) -> None:
        self.foods: list[Food] = list(foods)
        self.by_id: dict[str, int] = {}
        self.vocabulary: dict[str, int] = {}
        self._named: list[array[int]] = []
        self._called: list[array[int]] = []
        self._lists: list[tuple[int, ...]] = []
        self.pairs: set[tuple[str, str]] = set()
        self._by_alias: dict[tuple[int, ...], tuple[int, ...]] = {}
        for place, food in enumerate(self.foods):
            self.by_id.setdefault(food.id, place)
            self._add(place, food)
        sources = {food_id.partition(":")[0] for food_id in self.by_id}
        # The starter catalogue is made of several tables.
        self.is_one_table = len(sources) == 1 and "starter" not in sources
        self.words: list[str] = list(self.vocabulary)
        self.weights = self._weigh()
        self._name_weight = self._weigh_names()
        self._spelling: Spelling | None = None

    def _word(self, word: str) -> int:
        place = self.vocabulary.get(word)
        if place is None:
            place = self.vocabulary[word] = len(self._named)
            self._named.append(array("i"))
            self._called.append(array("i"))
        return place

    def _add(self, place: int, food: Food) -> None:
        """Enter one food under the words of its names and of its aliases."""
        main = name_words(food.name)
        for part in (food.name, *food.aliases):
            self._pair(part)
        if food.brand:
            main += name_words(food.brand)
        words = {self._word(word) for word in main}
        self._lists.append(tuple(words))
        for locale, name in food.names.items():
            local = name_words(name) if locale.startswith("en") else local_words(name, locale[:2])
            words.update(self._word(word) for word in local)
        other = set[int]()
        for alias in food.aliases:
            language = alias_locale(alias, food.names) if food.names else None
            local = local_words(alias, language) if language else []
            for called in (name_words(alias), local):
                other.update(self._call(place, called, curated=bool(food.names)))
        for word in words:
            self._named[word].append(place)
        for word in other - words:
            self._called[word].append(place)

    def _call(self, place: int, called: Sequence[str], *, curated: bool) -> set[int]:
        """Enter a food under another name of it; the words of that name.

        What a survey's row includes is no name of it; a `curated` name alone finds its food.
        """
        words = {self._word(word) for word in called}
        if curated and 0 < len(words) <= _LONGEST_ALIAS:
            key = tuple(sorted(words))
            self._by_alias[key] = (*self._by_alias.get(key, ()), place)
        return words

    def _pair(self, name: str) -> None:
        """Remember which words stand next to each other in names: "soft drink", "snack cake"."""
        for part in name.split(","):
            words = name_words(part)
            self.pairs.update(pairwise(words))

    def _weigh(self) -> list[float]:
        """The weight of every word: rare words say more, dull words less."""
        number = len(self.foods) + 1
        weights = [
            math.log(1 + number / (len(named) + 0.5 * len(called) + 0.5))
            for named, called in zip(self._named, self._called, strict=True)
        ]
        for word, share in _DULL.items():
            if word in self.vocabulary:
                weights[self.vocabulary[word]] *= share
        return weights

    def _weigh_names(self) -> list[float]:
        weights = self.weights
        return [sum(weights[word] for word in words) for words in self._lists]

    @property
    def spelling(self) -> Spelling:
        """The words of the index by their spelling, made when a first unknown word comes."""
        if self._spelling is None:
            foreign = self._foreign()
            self._spelling = Spelling(
                (word, len(self._named[place]) + len(self._called[place]))
                for word, place in self.vocabulary.items()
                if ":" not in word and not word.startswith("!") and word not in foreign
            )
        return self._spelling

    def _foreign(self) -> set[str]:
        """The words that only names of other languages hold: no English word is spelt like them."""
        own: set[str] = set()
        other: set[str] = set()
        for food in self.foods:
            if not food.names:
                continue
            own.update(name_words(food.name))
            for locale, name in food.names.items():
                (own if locale.startswith("en") else other).update(name_words(name))
            for alias in food.aliases:
                is_other = alias_locale(alias, ()) or not set("åäöčćšžđ").isdisjoint(alias.lower())
                (other if is_other else own).update(name_words(alias))
            for locale, name in food.names.items():
                if not locale.startswith("en"):
                    other.update(name_words(name))
        return other - own

    def variants(self, word: str, stemmed: str, locale: str) -> tuple[int, ...]:
        """The index words for a folded word: its English stem, and its stem in `locale`."""
        found = [self.vocabulary.get(stemmed)]
        if locale in ("sv", "sr"):
            local = self.vocabulary.get(inflection(word, locale))
            if local is not None and stemmed != word:
                return (local,)  # "gulaš" is no English plural of "gula"
            found.append(local)
        return tuple(place for place in found if place is not None)

    def slot(self, said: str, words: Sequence[int]) -> Slot:
        """A slot for one said word; it weighs as its rarest variant."""
        return Slot(said, tuple(words), max(self.weights[word] for word in words))

    def find(self, query: Query, limit: int = 36) -> list[Hit]:
        """The foods that hold most of `query`, best first, by a quick coverage score."""
        matched: dict[int, float] = {}
        for slot in query.slots:
            self._count(slot, matched)
        total = query.weight
        if not matched or total <= 0:
            return []
        least = 0.35 * max(matched.values())
        names = self._name_weight
        hits = [
            (0.6 * weight / total + 0.3 * min(1.0, weight / (names[place] + 0.01)), -place)
            for place, weight in matched.items()
            if weight >= least
        ]
        best = heapq.nlargest(limit, hits)
        found = [Hit(-place, matched[-place], score) for score, place in best]
        known = {hit.place for hit in found}
        called = [place for place in self._called_so(query) if place not in known]
        return found + [Hit(place, matched[place], 0.0) for place in called if place in matched]

    def _called_so(self, query: Query) -> list[int]:
        """The foods of which another name is what was said, word for word."""
        if query.unknown or len(query.slots) > _LONGEST_ALIAS:
            return []
        wordings = product(*(slot.words for slot in query.slots))
        keys = (tuple(sorted(set(words))) for words in islice(wordings, _MOST_WORDINGS))
        return list(
            dict.fromkeys(place for key in keys for place in self._by_alias.get(key, ())[:12])
        )

    def _count(self, slot: Slot, matched: dict[int, float]) -> None:
        """Add what `slot` weighs to every food that holds one of its words."""
        if len(slot.words) == 1:
            word, weight = slot.words[0], slot.weight
            for place in self._named[word]:
                matched[place] = matched.get(place, 0.0) + weight
            weight *= ALIAS_SHARE
            for place in self._called[word]:
                matched[place] = matched.get(place, 0.0) + weight
            return
        holds: dict[int, float] = {}
        for word in slot.words:
            holds.update((place, slot.weight * ALIAS_SHARE) for place in self._called[word])
        for word in slot.words:
            holds.update((place, slot.weight) for place in self._named[word])
        for place, weight in holds.items():
            matched[place] = matched.get(place, 0.0) + weight
