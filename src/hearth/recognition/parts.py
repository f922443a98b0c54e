"""Parts: which pieces of a sentence are foods, and which only say more of the food before.

Cutting gives pieces; the catalogue decides here whether two pieces are one food ("macaroni and
cheese"), whether words tell what a food is made of ("a sandwich filled with ham, cheese"), and
whether a quantity belongs to the food before ("pancakes 3 pcs", "..., totalling one cup").
"""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from hearth.recognition.compounds import taken_apart
from hearth.recognition.context import in_context
from hearth.recognition.matching import Match, Matcher, is_guessed, is_telling, only_tells_how, told
from hearth.recognition.measuring import front, is_plural, of_several, refined
from hearth.recognition.phrases import Piece
from hearth.recognition.phrasing import (
    DISH_WORDS,
    Part,
    accepted,
    beside,
    explains,
    gives_back,
    is_bread,
    is_composite,
    is_narrated,
    is_one_dish,
    is_part_of_food,
    is_plain,
    is_side,
    is_vague,
    is_weighed,
    join_bias,
    may_join,
    measured,
    merge,
    opens_list,
    tells_patties,
    weighs_all,
    without_repeats,
    wraps,
)
from hearth.recognition.quantities import SIZES, UNIT_WORDS
from hearth.recognition.words import Token, stem

_LONGEST_RUN: Final = 5
_MANY: Final = 3
"""Foods weighed in one text from which on whoever tells it is taken to have weighed every one."""
_WHOLE: Final = 0.85
"""The share of what was said that a dish of two foods holds; the rest says how it was."""


class Assembly:
    """Puts the pieces of one text together. `named` says whether a phrase is the person's own."""

    def __init__(
        self, matcher: Matcher, pieces: Sequence[Piece], locale: str, named: Callable[[Part], bool]
    ) -> None:
        self._matcher = matcher
        self._locale = locale
        self._named = named
        self._counted = any(piece.quantity is not None for piece in pieces)
        self._narrated = is_narrated(pieces)
        self._weighed = self._narrated and weighs_all(pieces)
        self._thorough = self._weighed and sum(map(is_weighed, pieces)) >= _MANY
        self.parts: list[Part] = []
        self.unread: list[Part] = []
        pieces = [one for piece in pieces for one in self._run_together(piece)]
        made = [self._part(piece) for piece in pieces]
        place = 0
        while place < len(made):
            place += self._take(pieces[place], made[place], made[place + 1 : place + 4])
        if not (self.parts or self.unread):
            self.unread = made  # nobody is left wondering where their words went
        in_english = lambda norms: matcher.match(norms, "en")  # noqa: E731
        self.parts = in_context(without_repeats(self.parts), in_english, locale)

    def _run_together(self, piece: Piece) -> list[Piece]:
        """A piece that is two foods without a mark between them: "4 fish fingers chips".

        In English a plural stands at the end of a name, seldom inside it; a size stands before
        the name of the next food ("big mac medium fries").
        """
        found = piece.tokens
        if self._locale != "en" or self._narrated or not 2 <= len(found) <= _LONGEST_RUN:
            return [piece]
        for place in range(1, len(found)):
            word, size = found[place - 1].norm, found[place].norm in SIZES
            plural = word[-1:] == "s" and stem(word) != word and is_telling(word)
            if not (plural or (size and place + 1 < len(found))):
                continue
            rest = found[place + size :]
            if all(token.norm in UNIT_WORDS for token in rest):
                continue  # "snickers bar" is one food
            both = (self._match(found[:place]), self._match(rest), self._match(found))
            first, second, whole = (bool(m.candidates) and m.candidates[0].exact for m in both)
            if first and second and not whole:
                after = Piece(list(found[place:]), joint="and" if size else ",")
                return [msgspec.structs.replace(piece, tokens=list(found[:place])), after]
        return [piece]

    def _part(self, piece: Piece) -> Part:
        quantity, kept = refined(piece, self._locale)
        kept = self._opened(told(kept))
        if is_plural(kept, self._locale):
            quantity = of_several(quantity)
        match = self._match(kept)
        everything = piece.tokens or kept
        start = piece.start if piece.end else (everything[0].start if everything else 0)
        end = max(piece.end, everything[-1].end if everything else 0)
        return Part(kept, quantity, piece.joint, match, min(start, end), end)

    def _opened(self, kept: Sequence[Token]) -> list[Token]:
        """The words, each Swedish compound that the catalogue does not know as its two parts."""
        if self._locale != "sv":
            return list(kept)
        opened: list[Token] = []
        for token in kept:
            unknown = token.kind == "word" and not self._matcher.knows(token.norm, "sv")
            parts = taken_apart(token.norm, self._knows) if unknown else None
            opened += [token._replace(norm=part) for part in parts] if parts else [token]
        return opened

    def _knows(self, word: str) -> bool:
        return self._matcher.knows(word, "sv")

    def _match(self, kept: Sequence[Token]) -> Match:
        return self._matcher.match([token.norm for token in kept], self._locale)

    def _take(self, piece: Piece, part: Part, following: Sequence[Part]) -> int:
        """Enter one piece, and the one after it when the two belong together; how many it took."""
        if self._named(part):
            # The person's own words name a food, even where no food of the catalogue has them.
            self.parts.append(part)
            return 1
        before = self.parts[-1] if self.parts else None
        if before is not None and (gives_back(before, part) or wraps(before, part)):
            return 1
        if before is not None and tells_patties(before, part):
            return int(self._described(before, part))
        if before is not None and may_join(piece, part):
            if following and self._joined_both(before, part, following[0], exactly=True):
                return 2
            if self._joined(before, part):
                return 1
            if following and self._joined_both(before, part, following[0], exactly=False):
                return 2
        if len(following) and (run := self._listed(part, following)):
            return run
        if before is not None and part.joint != "." and self._told_how(before, part):
            return 1
        if before is not None and part.joint != "." and self._tells_of(before, part, following):
            self._described(before, part)
            return 1
        strict = self._counted and self._narrated and piece.quantity is None
        self._enter(part, strict=strict)
        return 1

    def _tells_of(self, before: Part, part: Part, following: Sequence[Part]) -> bool:
        """Whether a piece of a told text only tells more of the food before it.

        Who weighs what they eat weighs all of it, and what stands there unweighed and in several
        words tells how it was: "180 g soup, a real treat with peppers". A plain food is one ("200 g
        salmon and rice"), but not in a list of what a dish holds ("filled with beans and cheese").
        """
        if not self._narrated or not is_vague(part):
            return False
        if is_part_of_food(part) or explains(part):
            return True
        given = bool(following) and measured(following[0]) and not following[0].match.said
        held = before.listing or opens_list(before.tokens, part)
        plain = is_plain(part) and (part.joint == "and" or not self._thorough)
        return self._weighed and not given and (held or not plain)

    def _enter(self, part: Part, *, strict: bool) -> None:
        # In a sentence an unknown word is a word of telling sooner than a misspelt food.
        counted = part.quantity.stated and not part.quantity.article
        misheard = self._narrated and not counted and is_guessed(part.match)
        if not misheard and accepted(part, strict=strict):
            self.parts.append(part)
        elif any(is_telling(token.norm) for token in part.tokens):
            (self.parts if part.quantity.grams else self.unread).append(part)

    def _told_how(self, before: Part, part: Part) -> bool:
        """Take a weight with how the food was made: "rice 100 g boiled", "kyckling 150 g stekt"."""
        if not only_tells_how([token.norm for token in part.tokens]):
            return False
        if measured(part):
            if before.quantity.grams is not None or before.quantity.millilitres is not None:
                return False
            before.quantity = part.quantity
        elif part.quantity.stated:
            return False
        if measured(part) or self._narrated:
            before.end = part.end
            return self._described(before, part)
        return False

    def _joined(self, before: Part, part: Part) -> bool:
        """Whether `part` went into the phrase before it, as part of one food or as mere telling."""
        if not part.match.said:
            return not part.match.unknown
        both = self._match(beside(before, part))
        exact = is_one_dish(before, part, both)
        listing = before.listing or opens_list(before.tokens, part)
        bias = 0.25 if listing and before.quantity.stated else join_bias(before, part)
        if not self._narrated and part.joint in ("and", ","):
            bias = min(bias, -0.02)  # "2 slices of bread and banana": a list lists
        weighed = before.quantity.unit in ("g", "kg", "hg")
        if weighed and not self._narrated and part.joint == "with":
            bias = -0.02  # "salmon 150 g with potatoes": a list weighs what stands before
        apart = (weighed and is_side(part)) or (part.joint == "on" and before.quantity.stated)
        apart = apart or (part.joint == "with" and is_bread(before))
        if apart and not self._narrated:
            return False
        if not listing and self._is_beside(before, part, both, weighed=weighed):
            return False
        if exact or self._matcher.joins(before.match, part.match, both, bias=bias):
            merge(before, part, both)
            before.listing = listing
            return True
        if is_part_of_food(part) or explains(part):
            return self._described(before, part)
        if listing and not part.quantity.stated and is_composite(before):
            before.listing, before.end = True, part.end
            return True
        return False

    def _is_beside(self, before: Part, part: Part, both: Match, *, weighed: bool) -> bool:
        """Whether what follows is a food of its own, and no part of the food before.

        "Oats with milk" is no oat milk, "potatoes and salad" no potato salad. "200 g salmon and
        rice" weighs the salmon alone, unless the catalogue has the two as one dish.
        """
        alone, one = part.match.candidates[:1], both.candidates[:1]
        if not alone or alone[0].share < 0.97 or part.match.unknown or is_composite(before):
            return False
        if one and before.match.candidates and one[0].place == before.match.candidates[0].place:
            return False  # "lean (1.5%) milk": the words before named it already
        if one and one[0].exact and " and " in self._matcher.index.foods[one[0].place].name:
            return False  # "vodka and soda": a drink by that name
        new = set(both.unknown) - set(before.match.unknown)
        whole = bool(one) and not new and self._matcher.is_named_by(both, _WHOLE)
        if part.joint in ("and", "with") and len(part.match.said) == 1 and whole:
            kept = self._matcher.is_kind_of(both, before.match.head)
            return not kept and self._matcher.is_kind_of(both, part.match.head)
        plain = is_plain(part) and (part.joint == "and" or not self._thorough)
        return weighed and not whole and plain

    def _joined_both(self, before: Part, part: Part, after: Part, *, exactly: bool) -> bool:
        """Whether the part is one food with both neighbours: "with sour cream and onion flavor".

        `exactly` when the three must be a dish by its full name: "toast with ham and cheese".
        """
        if after.quantity.stated or after.joint not in ("and", ",") or not after.match.said:
            return False
        if not part.match.said or part.quantity.unit or part.quantity.grams:
            return False
        both = self._match(beside(before, part) + after.tokens)
        if not both.candidates or both.unknown or both.candidates[0].share < 0.9:
            return False
        best = both.candidates[0]
        if exactly:
            if not is_one_dish(before, part, both):
                return False
        elif best.score < before.match.score - 0.05 or not all(
            set(one.match.said) & best.covered for one in (part, after)
        ):
            return False
        merge(before, part, both)
        before.tokens, before.end = before.tokens + after.tokens, after.end
        return True

    def _listed(self, part: Part, following: Sequence[Part]) -> int:
        """Take "a chicken, bacon and tomato sandwich" as one food: how many pieces, 0 if it is not.

        The last of the list names the dish, the others what is in it.
        """
        tokens = part.tokens
        for number, after in enumerate(following, 2):
            if after.quantity.stated or after.joint not in ("and", ",") or not part.match.said:
                return 0
            tokens = tokens + after.tokens
            words = [stem(token.norm) for token in front(after.tokens) if is_telling(token.norm)]
            if len(words) > 1 and words[-1] in DISH_WORDS:
                both = self._match(tokens)
                fits = bool(both.candidates) and not both.unknown and both.candidates[0].share > 0.8
                own = {word for word in part.match.said if is_telling(word)}
                if not (fits and own & both.candidates[0].covered):
                    return 0
                taken = msgspec.structs.replace(part, tokens=tokens, match=both, end=after.end)
                self.parts.append(taken)
                return number
        return 0

    def _described(self, before: Part, part: Part) -> bool:
        """Take words that tell more of the food before, where they fit it; always True."""
        both = self._match(beside(before, part))
        if both.candidates and both.score >= before.match.score - 0.2:
            merge(before, part, both)
        elif any(is_telling(token.norm) for token in part.tokens) and not explains(part):
            self.unread.append(part)
        return True
