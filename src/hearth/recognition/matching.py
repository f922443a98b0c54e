"""Matching: from the words of a piece to the foods that may be meant.

Words are looked up as they are, in the person's language, through the word lists, and, when nothing
knows them, by the nearest spelling.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import msgspec

from hearth.recognition.index import Index, Query, Slot
from hearth.recognition.lexicon import rewritten
from hearth.recognition.phrases import FAINT, NARRATIVE
from hearth.recognition.ranking import Candidate, Ranking
from hearth.recognition.words import STOP, Token, content, inflection, listed, stem

LONGEST_PHRASE: Final = 24
"""Words of one phrase that are looked up; what is said beyond them names no food."""

_TAIL: Final = listed(
    "with made in on from without served for using that which is by including include med utan bez "
    "sa na od featuring"
)
# Words that tell how, not what: never the head of a phrase.
_MANNER: Final = listed(
    "raw boiled fried baked roasted grilled broiled steamed stewed canned dried smoked poached "
    "toasted cooked scrambled plain sliced chopped diced mashed frozen fresh regular unsweetened "
    "sweetened homemade braised sauteed breaded uncooked dehydrated skinless boneless drained "
    "size sized nfs eaten added coated covered flavored flavoured filled topped stuffed wrapped "
    "loaded packed crusted sliced"
)


def told(found: Sequence[Token]) -> list[Token]:
    """The words up to the purpose: "as a snack", "for energy", "while working" name no food."""
    found = _after_purpose(found)
    for place, token in enumerate(found):
        before = found[place - 1].norm if place else ""
        after = found[place + 1].norm if place + 1 < len(found) else ""
        purpose = token.norm in ("for", "as", "while", "until") and before not in _NOT_FOR
        if purpose and after not in _EATERS:
            return list(found[:place])
        if place and token.norm == "to" and after in _VERBS:
            return list(found[:place])
    return [
        token
        for place, token in enumerate(found)
        if not (
            token.norm in _PARTICLED
            and place + 1 < len(found)
            and found[place + 1].norm in ("up", "open", "off", "down")
        )
    ]


def _after_purpose(found: Sequence[Token]) -> list[Token]:
    """The words past a purpose that goes ahead: "for dinner I had salmon", "as a snack nuts"."""
    first = found[0].norm if found else ""
    if first not in _AHEAD:
        return list(found)
    norms = [token.norm for token in found]
    at = next((place for place, norm in enumerate(norms) if norm in ("i", "we", "ive", "weve")), -1)
    if at < 0 and first in ("for", "as"):
        at = next((place for place, norm in enumerate(norms[:_PURPOSE]) if norm in _MEALS), -1)
    return list(found[at + 1 :])


_MEALS: Final = listed("breakfast brunch lunch dinner supper tea snack dessert starters elevenses")
_AHEAD: Final = listed("for as while watching at after before during")
_PURPOSE: Final = 6
"""Words within which a purpose at the beginning names its meal: "as my late night snack"."""

# "reached for", "opted for", "known as": what follows is the food, no purpose.
_NOT_FOR: Final = listed("known size such reached opted went settled asked longing look looking")

# "for babies" tells which food it is, and no purpose.
_EATERS: Final = listed("baby babies infant infants toddler toddlers")

# Verbs that name a food by themselves and none before a particle: "to wrap up the day".
_PARTICLED: Final = listed("wrap wrapped whip whipped crack cracked mix mixed top topped roll")


_VERBS: Final = listed(
    "keep wash help go start finish round top stay enjoy eat drink add give make cool warm get end dip "
    "accompany balance complete satisfy enhance hydrate"
)


class Match(msgspec.Struct, frozen=True):
    """What the catalogue answers to a phrase: candidates best first, what was said and unknown.

    `local` when its words were looked up in Swedish or Serbian as they are.
    """

    candidates: tuple[Candidate, ...] = ()
    said: tuple[str, ...] = ()
    weight: float = 0.0
    weights: dict[str, float] = {}
    head: str = ""
    unknown: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()
    local: bool = False

    @property
    def score(self) -> float:
        """How well the best candidate fits; 0 when there is none."""
        return self.candidates[0].score if self.candidates else 0.0


class Matcher:
    """Looks phrases up in one index, each once as long as it is remembered."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.ranking = Ranking(index)
        self._match = lru_cache(maxsize=2048)(self._looked_up)

    def match(self, norms: Sequence[str], locale: str) -> Match:
        """The foods for the folded words `norms`."""
        return self._match(tuple(norms), locale)

    def knows(self, norm: str, locale: str) -> bool:
        """Whether a folded word stands in the catalogue in a language, or in its word list."""
        held = self.index.vocabulary.get(inflection(norm, locale))
        return held is not None or norm in FAINT or rewritten([norm], locale)[1]

    def _looked_up(self, norms: tuple[str, ...], locale: str) -> Match:
        kept = _named(norms)
        if not any(norm not in STOP for norm in kept):
            return self._small(norms, locale)
        best = self._ranked(kept, locale, local=locale != "en")
        for options, language in self._options(kept, locale, best):
            # A word of the lists is no misspelling: "bitter" is a beer before it is butter.
            less = -0.2 if is_guessed(best) else 0.15 if _is_whole(best) else 0.03
            best = _better(best, self._ranked(options, language, local=False), less)
        return best

    def _small(self, norms: tuple[str, ...], locale: str) -> Match:
        """What small words of one language name in another: "so" is salt in Serbian."""
        said = [norm for norm in norms if norm[0].isalnum()]
        if locale == "en" or len(said) != 1:
            return Match()
        found = self.index.vocabulary.get(inflection(said[0], locale))
        if found is None:
            return Match()
        slot = self.index.slot(said[0], (found,))
        match = self._answer(Query((slot,), head=self.index.words[found]), local=True)
        return match if match.candidates and match.candidates[0].exact else Match()

    def _options(self, kept: list[str], locale: str, first: Match) -> list[tuple[list[str], str]]:
        """The phrase in the catalogue's words: of the person's language, or of any when unknown."""
        languages = [locale] if locale == "en" else [locale, "en"]
        if locale == "en" and first.unknown:
            languages += ["sv", "sr"]
        found: list[tuple[list[str], str]] = []
        for language in languages:
            options, changed = rewritten(kept, language)
            if changed:
                found.extend((option, "en") for option in options if option != kept)
        return found

    def _ranked(self, norms: list[str], locale: str, *, local: bool) -> Match:
        query = self._query(norms, locale, local=local)
        return self._answer(query, local=local) if query.slots else Match(unknown=query.unknown)

    def _answer(self, query: Query, *, local: bool) -> Match:
        return Match(
            candidates=tuple(self.ranking.rank(query)),
            said=tuple(slot.said for slot in query.slots),
            weight=query.weight,
            weights={slot.said: slot.weight for slot in query.slots},
            head=query.head,
            unknown=query.unknown,
            guessed=query.guessed,
            local=local,
        )

    def _query(self, norms: list[str], locale: str, *, local: bool) -> Query:
        """The slots of a phrase: each content word once, faint words weighing half."""
        slots: dict[str, Slot] = {}
        unknown: list[str] = []
        words = content(norms)[:LONGEST_PHRASE]
        for place, word in enumerate(words):
            slot = self._slot(word, norms, locale, local=local)
            if slot is None:
                if word not in FAINT and not word.startswith("!") and not _is_verbal(word):
                    unknown.append(word)
            elif word in FAINT and len(words) > 1:
                weight = slot.weight * self._faint(words, place)
                slots[word] = msgspec.structs.replace(slot, weight=weight)
            else:
                slots[word] = slot
        guessed = tuple(slot.said for word, slot in slots.items() if slot.said != word)
        return Query(tuple(slots.values()), tuple(unknown), self._head(norms, slots), guessed)

    def _faint(self, words: Sequence[str], place: int) -> float:
        """What a faint word counts: more when names hold it beside its neighbour ("soft drink")."""
        pairs = self.index.pairs
        after = tuple(words[place : place + 2])
        before = tuple(words[max(0, place - 1) : place + 1])
        return 0.7 if after in pairs or before in pairs else 0.12

    def _slot(self, word: str, norms: list[str], locale: str, *, local: bool) -> Slot | None:
        spelt = next((norm for norm in norms if stem(norm) == word), word) if local else word
        places = self.index.variants(spelt, word, locale if local else "en")
        if not places and not local:
            is_known = word in FAINT or not word.isalpha()
            near = None if is_known else self.index.spelling.nearest(word)
            return self.index.slot(near, (self.index.vocabulary[near],)) if near else None
        return self.index.slot(word, places) if places else None

    def _head(self, norms: list[str], slots: dict[str, Slot]) -> str:
        """The word that names the food: the last noun before "with", "in" and their like."""
        front: list[str] = []
        for norm in norms:
            if norm in _TAIL and any(stem(word) in slots for word in front):
                break
            front.append(norm)
        words = [word for word in content(front) if word in slots]
        solid = [
            word for word in words if word not in _MANNER and word[0] != "!" and "%" not in word
        ]
        if not (solid or words):
            return ""
        last = slots[(solid or words)[-1]]
        return self.index.words[last.words[0]]

    def is_kind_of(self, match: Match, head: str) -> bool:
        """Whether the best food is called a `head`: a chicken salad is a salad, and no chicken."""
        return head in self.ranking.kinds(match.candidates[0].place)

    def is_named_by(self, match: Match, share: float) -> bool:
        """Whether the best food holds a share of the words, and its name begins with no others."""
        best = match.candidates[0]
        return best.share >= share and self.ranking.begins_with(best.place, match.said)

    def joins(self, one: Match, other: Match, both: Match, *, bias: float) -> bool:
        """Whether two pieces are one food: one holds both and fits about as well as each alone."""
        if not both.candidates or not other.said:
            return False
        best = both.candidates[0]
        mine = sum(other.weights[word] for word in other.said if word in best.covered)
        ours = sum(one.weights[word] for word in one.said if word in best.covered)
        if mine < 0.5 * other.weight or ours < 0.6 * one.weight:
            return False
        if mine < 0.9 * other.weight and bias < 0.1:
            return False
        return best.score >= 0.5 * (one.score + other.score) - bias


def _named(norms: Sequence[str]) -> list[str]:
    """The words that may name a food: words of telling go, unless the word beside needs them.

    "skin not included" denies the skin, and "a medium crust" is a kind of crust.
    """
    kept: list[str] = []
    for place, norm in enumerate(norms):
        before = norms[place - 1] if place else ""
        after = norms[place + 1] if place + 1 < len(norms) else ""
        needed = (
            (before == "not" and norm in _TAKEN_OFF)
            or after in _OF_A_KIND
            or {norm, after} == {"set", "aside"}
            or {before, norm} == {"set", "aside"}
        )
        if norm[0].isalnum() and (needed or norm not in NARRATIVE):
            kept.append(norm)
    return kept


_TAKEN_OFF: Final = listed("eaten added removed included")
# What tables tell apart by "thin", "medium" and "thick".
_OF_A_KIND: Final = listed("crust patty patties")


def _is_verbal(word: str) -> bool:
    """Whether an unknown word has the ending of a verb: it tells how food was served, not which."""
    return len(word) > 5 and word.endswith(("ed", "ing"))


def is_guessed(match: Match) -> bool:
    """Whether every word that was found was found by its spelling alone."""
    return bool(match.said) and set(match.said) <= set(match.guessed)


def _is_whole(match: Match) -> bool:
    """Whether a food holds every word as it was said, so that no other wording is needed."""
    return bool(match.candidates) and not match.unknown and match.candidates[0].share >= 0.97


def _better(one: Match, other: Match, less: float) -> Match:
    """The match that fits better, with the candidates of both, best first, each food once.

    `other` is another wording and worth `less` than what was said.
    """
    if not other.candidates:
        return one
    reduced = [
        msgspec.structs.replace(candidate, score=candidate.score - less)
        for candidate in other.candidates
    ]
    other = msgspec.structs.replace(other, candidates=tuple(reduced))
    if not one.candidates or _value(other) > _value(one):
        one, other = other, one
    seen = {candidate.place for candidate in one.candidates}
    rest = tuple(candidate for candidate in other.candidates if candidate.place not in seen)
    merged = sorted(one.candidates + rest, key=lambda candidate: -candidate.score)
    return msgspec.structs.replace(one, candidates=tuple(merged[:12]))


def _value(match: Match) -> float:
    """A match for comparing wordings: words that nothing knows make a wording worth less."""
    return match.score * len(match.said) / (len(match.said) + len(match.unknown) or 1)


def only_tells_how(norms: Sequence[str]) -> bool:
    """Whether words say how a food was made and name none: "boiled", "medium rare", "kuvan"."""
    words = [norm for norm in content(norms) if norm not in NARRATIVE and norm not in STOP]
    return bool(words) and all(word[0] == "!" or word in _MANNER_STEMS for word in words)


_MANNER_STEMS: Final = frozenset(map(stem, _MANNER)) | listed(
    "rare medium done halal kosher organic cold hot warm "
    "kokt kokta stekt stekta grillad grillade grillat ugnsstekt ugnsbakad rokt rokta ra rostad "
    "rostade wokad friterad friterade bakad bakade angkokt mosad skivad hackad riven fryst tinad "
    "kuvan kuvana kuvano kuvani kuvane kuvanu pecen pecena peceno peceni pecene pecenu przen przena "
    "przeno przeni przene przenu grilovan grilovana grilovano dimljen dimljena dimljeno dinstan "
    "dinstana dinstano sveza svez sveze sirov sirova sirovo"
)


def is_telling(norm: str) -> bool:
    """Whether a folded word may name a food by itself."""
    if norm.startswith("!"):
        return False  # "no added fat" is no food
    faint = norm in NARRATIVE or norm in FAINT or norm in STOP or norm in _MANNER
    return not faint and any(letter.isalpha() for letter in norm)
