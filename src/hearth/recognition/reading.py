"""Reading a meal: from a sentence to foods, grams and nutrients, with how sure and what else.

Deterministic, in memory, without network: the same text over the same foods gives the same answer.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from hearth.foods import CODES, Food, Nutrients, scaled
from hearth.recognition.additions import added_to
from hearth.recognition.answers import (
    Alias,
    Alternative,
    Because,
    FoodName,
    Reading,
    ReadItem,
    Unreadable,
)
from hearth.recognition.certainty import (
    Choice,
    Doubt,
    confidence,
    doubt,
    interval,
    odds,
    unknown,
)
from hearth.recognition.habits import usually_meant
from hearth.recognition.index import Index
from hearth.recognition.lexicon import spoken
from hearth.recognition.matching import Match, Matcher, is_telling
from hearth.recognition.packages import PACKAGES
from hearth.recognition.parts import Assembly
from hearth.recognition.phrases import FAINT, cut
from hearth.recognition.phrasing import Part, said_of
from hearth.recognition.portions import Amount, choose
from hearth.recognition.quantities import UNIT_WORDS, Quantity
from hearth.recognition.reasons import why
from hearth.recognition.words import STOP, folded, name_words, stem, tokens

LONGEST_TEXT: Final = 2_000
MOST_PIECES: Final = 80


_Read = tuple[ReadItem, Doubt]


class _Known(NamedTuple):
    """What is known of a text beside its words: its language, and its person's words and habits."""

    text: str
    locale: str
    names: dict[str, Alias]
    habits: Mapping[str, int]


class Reader:
    """Reads meals against the foods of one index. Make one and keep it: it remembers names."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._matcher = Matcher(index)
        _ = index.spelling  # made now, so that no text has to wait for it

    def read(
        self,
        text: str,
        *,
        locale: str = "en",
        own: Sequence[Alias] = (),
        habits: Mapping[str, int] | None = None,
    ) -> Reading:
        """The foods of `text`. `own` are the person's corrections and go ahead of the catalogue.

        `habits` tells how often the person logged each food id: of foods that hold all that was
        said, the usual one is taken (`habits.usually_meant`).
        A text without food gives an empty reading. Raises Unreadable when the text is longer than
        `LONGEST_TEXT` characters or holds more than `MOST_PIECES` phrases.
        """
        read, unread = self._understood(text, locale, own, habits or {})
        return _reading(read, unread, one_table=self.index.is_one_table)

    def doubts(self, text: str, *, locale: str = "en") -> list[Doubt]:
        """How sure each item of `text` is, before the items are put together. Raises as `read`."""
        return [doubted for _, doubted in self._understood(text, locale, (), {})[0]]

    def _understood(
        self, text: str, locale: str, own: Sequence[Alias], habits: Mapping[str, int]
    ) -> tuple[list[_Read], list[str]]:
        """The items of a text with their doubts, and its phrases that name no food."""
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
        own_name = lambda part: bool(names) and _words_of(part) in names  # noqa: E731
        made = Assembly(self._matcher, pieces, spoken_in, own_name)
        parts = made.parts
        known = _Known(text, spoken_in, names, habits)
        read = [self._item(part, parts[:place], known) for place, part in enumerate(parts)]
        return read, [text[part.start : part.end] for part in made.unread]

    def _item(self, part: Part, earlier: Sequence[Part], known: _Known) -> _Read:
        phrase = " ".join(known.text[part.start : part.end].split())
        alias = known.names.get(_words_of(part)) or known.names.get(_key(phrase))
        place = self.index.by_id.get(alias.food_id) if alias else None
        if alias is not None and place is not None:
            return self._own(part, phrase, alias, place)
        choices = self._choices(part, earlier)
        if not choices:
            return _unknown(phrase, part.quantity), unknown(part.quantity.grams)
        if known.habits:
            choices = self._usual_first(part, choices, known)
        return self._chosen(phrase, choices, part.match)

    def _own(self, part: Part, phrase: str, alias: Alias, place: int) -> _Read:
        """The person's own food for a phrase, with their usual portion when none was said."""
        food = self.index.foods[place]
        amount = choose(food, part.quantity, said_of(part))
        if alias.grams is not None and not (part.quantity.unit or part.quantity.grams):
            grams = alias.grams * part.quantity.count
            amount = Amount(grams, "your usual amount", 1.0, 0.1, "your own correction")
        own = Choice(place, amount, 1.0, 1.0)
        others = [choice for choice in self._choices(part, ()) if choice.place != place]
        return self._chosen(phrase, [own, *others], part.match, sure=0.97)

    def _choices(self, part: Part, earlier: Sequence[Part]) -> list[Choice]:
        """Foods with amounts, the best fit of both together first."""
        said = said_of(part)
        choices = []
        for candidate in part.match.candidates[:8]:
            food = self.index.foods[candidate.place]
            amount = self._beside(part, earlier, food) or choose(food, part.quantity, said)
            score = candidate.score + _fit_weight(part.quantity) * amount.fit
            choices.append(Choice(candidate.place, amount, score, candidate.share, candidate.score))
        choices.sort(key=lambda choice: -choice.score)
        return choices

    def _usual_first(self, part: Part, choices: list[Choice], known: _Known) -> list[Choice]:
        """The choices, the food first that the person usually means by these words."""
        said = [
            token.norm for token in part.tokens if is_telling(token.norm) or token.norm in FAINT
        ]
        place = usually_meant(self.index, known.habits, said, part.match, known.locale)
        if place is None or place == choices[0].place:
            return choices
        amount = choose(self.index.foods[place], part.quantity, said_of(part))
        usual = amount._replace(is_habit=True)
        others = [choice for choice in choices if choice.place != place]
        return [Choice(place, usual, choices[0].score + 0.05, 1.0), *others]

    def _beside(self, part: Part, earlier: Sequence[Part], food: Food) -> Amount | None:
        """The amount of what is put on or into the food before, when nobody said how much."""
        if part.quantity.stated or part.joint not in ("with", "and") or not earlier:
            return None
        for base in reversed(earlier[-3:]):
            added = added_to(food, base.quantity, said_of(base) | self._named_so(base))
            if added is not None or base.joint not in ("with", "and"):
                return added
        return None

    def _named_so(self, part: Part) -> frozenset[str]:
        """The words of the food that a part names, by which additions know it in every language."""
        if not part.match.candidates:
            return frozenset()
        food = self.index.foods[part.match.candidates[0].place]
        return frozenset(name_words(food.name.split("(")[0]))

    def _chosen(
        self, phrase: str, choices: Sequence[Choice], match: Match, sure: float | None = None
    ) -> _Read:
        best = choices[0]
        food = self.index.foods[best.place]
        nutrients = scaled(food.nutrients, best.amount.grams)
        because = Because(
            best.share, match.unknown, best.amount.why, best.amount.is_habit, match.guessed
        )
        item = ReadItem(
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
            why=why(food.name, best.amount.grams, because),
            because=because,
            alternatives=self._alternatives(choices),
        )
        if sure is not None:
            return item, doubt(self.index.foods, choices[:1], Match(said=(phrase,)))
        return item, doubt(self.index.foods, choices, match)

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


def _fit_weight(quantity: Quantity) -> float:
    """How much the portion counts beside the name: more where a package was said, because tables
    list packages only for what is sold in them ("a package of noodle soup" is the instant one)."""
    return 0.25 if quantity.unit in PACKAGES else 0.14


def _words_of(part: Part) -> str:
    return _key(" ".join(token.norm for token in part.tokens))


def _key(phrase: str) -> str:
    """The form in which a person's phrases are compared: folded stems without small words."""
    words = (stem(folded(token.norm)) for token in tokens(phrase) if token.kind == "word")
    return " ".join(word for word in words if word not in STOP and word not in UNIT_WORDS)


def _unknown(phrase: str, quantity: Quantity) -> ReadItem:
    """An item whose food the catalogue does not hold."""
    return ReadItem(
        phrase=phrase, food=None, grams=quantity.grams, amount_text="", nutrients={},
        energy_kcal=None, carb_g=None, protein_g=None, fat_g=None, confidence=0.0,
        why="No food of the catalogue has these words.",
    )  # fmt: skip


def _reading(read: Sequence[_Read], unread: Sequence[str], *, one_table: bool) -> Reading:
    """Items with their totals; a nutrient counts as known for the items that state it."""
    items = [item for item, _ in read]
    totals: Nutrients = {}
    coverage: dict[str, float] = {}
    for code in CODES:
        amounts = [item.nutrients[code] for item in items if code in item.nutrients]
        if amounts:
            totals[code] = sum(amounts)
            coverage[code] = len(amounts) / len(items)
    return Reading(
        items=tuple(items),
        totals=totals,
        interval=interval([doubted for _, doubted in read], one_table=one_table),
        coverage=coverage,
        unread=tuple(" ".join(phrase.split()) for phrase in unread),
    )
