"""Reading a meal: from a sentence to foods, grams and nutrients, with how sure and what else.

Deterministic, in memory, without network: the same text over the same foods gives the same answer.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from hearth.foods import CODES, Food, Nutrients, scaled
from hearth.recognition.answers import Alias, Alternative, FoodName, Reading, ReadItem, Unreadable
from hearth.recognition.certainty import Choice, confidence, interval, odds
from hearth.recognition.index import Index
from hearth.recognition.lexicon import spoken
from hearth.recognition.matching import Match, Matcher, is_telling
from hearth.recognition.phrases import Piece, cut
from hearth.recognition.portions import Amount, added_to, choose
from hearth.recognition.quantities import UNIT_WORDS, Quantity, size_at
from hearth.recognition.words import STOP, Token, folded, listed, stem, tokens

LONGEST_TEXT: Final = 2_000
MOST_PIECES: Final = 60


class _Part(msgspec.Struct):
    """A phrase while it is being understood: its tokens, quantity and match."""

    tokens: list[Token]
    quantity: Quantity
    joint: str
    match: Match
    start: int
    end: int


_ACCEPT: Final = 0.34
_LOOSE: Final = 0.5
_STRICT: Final = 0.8
_BIAS: Final = {True: 0.2, False: -0.02}
"""How much worse one food may fit than two: words without a quantity after one with a quantity
belong to it more often than in a text that counts nothing."""


class Reader:
    """Reads meals against the foods of one index. Make one and keep it: it remembers names."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._matcher = Matcher(index)

    def read(self, text: str, *, locale: str = "en", own: Sequence[Alias] = ()) -> Reading:
        """The foods of `text`. `own` are the person's corrections and go ahead of the catalogue.

        A text without food gives an empty reading. Raises Unreadable when the text is longer than
        `LONGEST_TEXT` characters or holds more than `MOST_PIECES` phrases.
        """
        if len(text) > LONGEST_TEXT:
            raise Unreadable(
                f"The text has {len(text):,} characters; one meal may have {LONGEST_TEXT:,}. "
                "Send it in parts."
            )
        found = tokens(text)
        spoken_in = spoken(text, [token.norm for token in found], locale)
        pieces = cut(found, spoken_in)
        if len(pieces) > MOST_PIECES:
            raise Unreadable(
                f"The text holds {len(pieces)} phrases; one meal may hold {MOST_PIECES}. "
                "Send it in parts."
            )
        names = {_key(alias.phrase): alias for alias in own}
        parts, unread = self._parts(pieces, spoken_in, names)
        items = [self._item(part, parts[:place], text, names) for place, part in enumerate(parts)]
        return _reading(items, [text[part.start : part.end] for part in unread])

    def _parts(
        self, pieces: Sequence[Piece], locale: str, names: Mapping[str, Alias]
    ) -> tuple[list[_Part], list[_Part]]:
        """The phrases that name foods, joined where two are one food; and those that do not."""
        parts: list[_Part] = []
        unread: list[_Part] = []
        counted = any(piece.quantity is not None for piece in pieces)
        for piece in pieces:
            part = self._part(piece, locale)
            # The person's own words name a food, even where no food of the catalogue has them.
            own = _key(" ".join(token.norm for token in part.tokens)) in names if names else False
            if not own and _may_join(piece) and parts and self._joined(parts[-1], part, locale):
                continue
            if own or _accepted(part, strict=counted and piece.quantity is None):
                parts.append(part)
            elif any(is_telling(token.norm) for token in part.tokens):
                (parts if part.quantity.grams else unread).append(part)
        return parts, unread

    def _part(self, piece: Piece, locale: str) -> _Part:
        quantity, kept = _refined(piece)
        match = self._matcher.match([token.norm for token in kept], locale)
        everything = piece.tokens or kept
        start = piece.start if piece.end else (everything[0].start if everything else 0)
        end = max(piece.end, everything[-1].end if everything else 0)
        return _Part(kept, quantity, piece.joint, match, min(start, end), end)

    def _joined(self, before: _Part, part: _Part, locale: str) -> bool:
        """Whether `part` went into the phrase before it, as part of one food or as mere telling."""
        if not part.match.said:
            return not part.match.unknown
        merged = before.tokens + part.tokens
        both = self._matcher.match([token.norm for token in merged], locale)
        listed = before.quantity.stated and _opens_list(before.tokens, part.joint)
        bias = 0.25 if listed else _bias(before, part)
        if self._matcher.joins(before.match, part.match, both, bias=bias):
            before.tokens, before.match, before.end = merged, both, part.end
            return True
        return _is_part_of_food(part) or ((listed or _explains(part)) and not part.quantity.stated)

    def _item(
        self, part: _Part, earlier: Sequence[_Part], text: str, names: dict[str, Alias]
    ) -> ReadItem:
        phrase = " ".join(text[part.start : part.end].split())
        alias = names.get(_key(" ".join(token.norm for token in part.tokens))) or names.get(
            _key(phrase)
        )
        place = self.index.by_id.get(alias.food_id) if alias else None
        if alias is not None and place is not None:
            return self._own(part, phrase, alias, place)
        choices = self._choices(part, earlier)
        if not choices:
            return _unknown(phrase, part.quantity)
        return self._chosen(phrase, choices, part.match)

    def _own(self, part: _Part, phrase: str, alias: Alias, place: int) -> ReadItem:
        """The person's own food for a phrase, with their usual portion when none was said."""
        food = self.index.foods[place]
        amount = choose(food, part.quantity, _said(part))
        if alias.grams is not None and not (part.quantity.unit or part.quantity.grams):
            grams = alias.grams * part.quantity.count
            amount = Amount(grams, "your usual amount", 1.0, 0.1, "your own correction")
        own = Choice(place, amount, 1.0, 1.0)
        others = [choice for choice in self._choices(part, ()) if choice.place != place]
        return self._chosen(phrase, [own, *others], part.match, sure=0.97)

    def _choices(self, part: _Part, earlier: Sequence[_Part]) -> list[Choice]:
        """Foods with amounts, the best fit of both together first."""
        said = _said(part)
        choices = []
        for candidate in part.match.candidates[:8]:
            food = self.index.foods[candidate.place]
            amount = self._beside(part, earlier, food) or choose(food, part.quantity, said)
            score = candidate.score + 0.14 * amount.fit
            choices.append(Choice(candidate.place, amount, score, candidate.share))
        choices.sort(key=lambda choice: -choice.score)
        return choices

    def _beside(self, part: _Part, earlier: Sequence[_Part], food: Food) -> Amount | None:
        """The amount of what is put on or into the food before, when nobody said how much."""
        if part.quantity.stated or part.joint not in ("with", "and") or not earlier:
            return None
        return added_to(food, earlier[-1].quantity, _said(earlier[-1]))

    def _chosen(
        self, phrase: str, choices: Sequence[Choice], match: Match, sure: float | None = None
    ) -> ReadItem:
        best = choices[0]
        food = self.index.foods[best.place]
        nutrients = scaled(food.nutrients, best.amount.grams)
        return ReadItem(
            phrase=phrase,
            food=FoodName(food.id, food.name),
            grams=round(best.amount.grams, 2),
            amount_text=best.amount.text,
            nutrients=nutrients,
            energy_kcal=nutrients.get("energy_kcal"),
            carb_g=nutrients.get("carb_g"),
            protein_g=nutrients.get("protein_g"),
            fat_g=nutrients.get("fat_g"),
            confidence=sure if sure is not None else confidence(choices, match),
            why=_why(food, best, match),
            alternatives=self._alternatives(choices),
        )

    def _alternatives(self, choices: Sequence[Choice]) -> tuple[Alternative, ...]:
        found = []
        for choice in choices[1:6]:
            food = self.index.foods[choice.place]
            energy = food.nutrients.get("energy_kcal")
            found.append(
                Alternative(
                    food=FoodName(food.id, food.name),
                    grams=round(choice.amount.grams, 2),
                    amount_text=choice.amount.text,
                    energy_kcal=None if energy is None else energy * choice.amount.grams / 100,
                    confidence=round(max(0.01, min(0.9, odds(choices, choice))), 2),
                )
            )
        return tuple(found)


def _refined(piece: Piece) -> tuple[Quantity, list[Token]]:
    """The quantity of a piece with the unit and size that stand further on, and its other tokens.

    "a steaming cup of coffee", "a chilled large bottle of water".
    """
    quantity = piece.quantity or Quantity()
    kept = list(piece.tokens)
    if not quantity.unit:
        place = _unit_place(kept)
        if place is not None:
            unit = UNIT_WORDS[kept[place].norm].name
            del kept[
                place : place + 1 + (kept[place + 1 : place + 2] != [] and _of(kept, place + 1))
            ]
            quantity = msgspec.structs.replace(quantity, unit=unit, stated=True)
    if not quantity.size:
        size = _size(kept)
        quantity = msgspec.structs.replace(quantity, size=size)
    return quantity, kept


def _size(kept: Sequence[Token]) -> str:
    """The size word before the food ("a delicious large apple"), "" when there is none."""
    for place, token in enumerate(kept[:5]):
        size, _ = size_at(kept, place)
        if size:
            return size
        if is_telling(token.norm):
            break
    return ""


def _of(kept: Sequence[Token], place: int) -> int:
    return int(kept[place].norm in ("of", "av"))


def _unit_place(kept: Sequence[Token]) -> int | None:
    """Where the unit stands when words come before it: a unit word with "of" after it."""
    for place, token in enumerate(kept[:6]):
        after = kept[place + 1].norm if place + 1 < len(kept) else ""
        if token.norm in UNIT_WORDS and after in ("of", "av"):
            return place
    return None


def _said(part: _Part) -> frozenset[str]:
    """The stems of everything a phrase says, for comparing with portion labels."""
    return frozenset(stem(token.norm) for token in part.tokens if token.norm not in STOP)


def _key(phrase: str) -> str:
    """The form in which a person's phrases are compared: folded stems without small words."""
    words = (stem(folded(token.norm)) for token in tokens(phrase) if token.kind == "word")
    return " ".join(word for word in words if word not in STOP and word not in UNIT_WORDS)


def _may_join(piece: Piece) -> bool:
    """Whether a piece may belong to the food before it: nothing measured, no new sentence."""
    quantity = piece.quantity
    if piece.joint == ".":
        return False
    return quantity is None or (quantity.article and not quantity.unit and piece.joint == "with")


def _opens_list(found: Sequence[Token], joint: str) -> bool:
    """Whether a phrase tells what its food is made of, so that more of that follows."""
    if joint == "with":
        return bool(found) and found[-1].norm in _MADE_OF
    return any(token.norm in _MADE_OF for token in found)


def _bias(before: _Part, part: _Part) -> float:
    """How much worse one food may fit than two for the two pieces to be one."""
    if part.quantity.stated:
        return 0.09
    quantity = before.quantity
    if part.joint != "with" and quantity.stated and not (quantity.article or quantity.unit):
        # "2 eggs, toast": a bare count counts what follows it, not a list.
        return _BIAS[False]
    return _BIAS[before.quantity.stated]


def _is_part_of_food(part: _Part) -> bool:
    """Whether a piece names a part that is no food of its own: "a cheesy topping"."""
    words = [token.norm for token in part.tokens if is_telling(token.norm)]
    whole = part.quantity.unit or part.quantity.grams
    return not whole and bool(words) and words[-1] in _PARTS


_PARTS: Final = frozenset(
    ("topping", "toppings", "filling", "coating", "crust", "breading", "skin")
)


def _explains(part: _Part) -> bool:
    """Whether a piece only says more of the food before: "which was ...", "specifically ..."."""
    return bool(part.tokens) and part.tokens[0].norm in (
        "which", "that", "specifically", "both", "featuring", "leaving", "excluding", "known",
    )  # fmt: skip


_MADE_OF: Final = listed(
    "filled topped coated made stuffed loaded mix mixture combination blend variety prepared "
    "covered mixed layered medley assortment combining featuring packed complete"
)


def _accepted(part: _Part, *, strict: bool) -> bool:
    """Whether a phrase names a food: what the best food holds is enough of what was said.

    `strict` for words without a quantity in a text that counts its foods: mostly telling.
    """
    match = part.match
    if not match.candidates:
        return False
    best = match.candidates[0]
    known = len(match.said) / (len(match.said) + 0.7 * len(match.unknown))
    if strict and (best.share < 0.85 or match.unknown):
        return False
    quantity = part.quantity
    measured = quantity.stated and not (quantity.article and not quantity.unit)
    if not any(is_telling(word) for word in best.covered):
        return measured and best.score >= _STRICT
    if quantity.article and not quantity.unit and not quantity.size:
        return best.score * known >= _LOOSE
    return best.score * known >= (_STRICT if strict else _ACCEPT)


def _unknown(phrase: str, quantity: Quantity) -> ReadItem:
    """An item whose food the catalogue does not hold."""
    return ReadItem(
        phrase=phrase, food=None, grams=quantity.grams, amount_text="", nutrients={},
        energy_kcal=None, carb_g=None, protein_g=None, fat_g=None, confidence=0.0,
        why="No food of the catalogue has these words.",
    )  # fmt: skip


def _why(food: Food, best: Choice, match: Match) -> str:
    """In words, how the food and its grams were found."""
    found = "all words match" if best.share > 0.98 else f"{best.share:.0%} of the words match"
    unknown = f"; unknown: {', '.join(match.unknown)}" if match.unknown else ""
    return f"{food.name}: {found}{unknown}. {best.amount.grams:.4g} g: {best.amount.why}."


def _reading(items: Sequence[ReadItem], unread: Sequence[str]) -> Reading:
    """Items with their totals; a nutrient counts as known for the items that state it."""
    eaten = [item for item in items if item.food is not None]
    totals: Nutrients = {}
    coverage: dict[str, float] = {}
    for code in CODES:
        amounts = [item.nutrients[code] for item in eaten if code in item.nutrients]
        if amounts:
            totals[code] = sum(amounts)
            coverage[code] = len(amounts) / len(eaten)
    return Reading(
        items=tuple(items),
        totals=totals,
        interval=interval(eaten),
        coverage=coverage,
        unread=tuple(" ".join(phrase.split()) for phrase in unread),
    )
