"""Ranking: which of the foods found is the one that was said.

To the coverage of words come what names are made of: the head noun, lists of alternatives ("baked,
broiled, or roasted" is one thing said), and qualifiers that exclude each other (raw and fried, skim
and whole, with and without). A qualifier that was not said costs its weight; the rows that stand
for "not said" (NFS, NS as to) cost nothing, which is what they are for.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec

from hearth.foods import Food
from hearth.recognition.index import ALIAS_SHARE, Hit, Index, Query
from hearth.recognition.phrases import FAINT
from hearth.recognition.words import alias_locale, local_words, name_words, unspecified


class Form(NamedTuple):
    """A name taken apart: groups of words of which one is enough, heads, and what it is worth.

    `brand` is what stands in brackets with a capital: "Nutrition bar (PowerBar)".
    """

    groups: tuple[tuple[str, ...], ...]
    heads: tuple[tuple[str, ...], ...]
    worth: float
    whole: bool
    open: bool
    brand: tuple[str, ...] = ()


class Named(NamedTuple):
    """The names of one food, ready to be compared.

    `words` are those of its own names, `every` those of all, `of` those of each form;
    `unsaid` is what each word costs that nobody means without saying it.
    """

    forms: tuple[Form, ...]
    words: frozenset[str]
    every: frozenset[str]
    of: tuple[frozenset[str], ...]
    unsaid: tuple[tuple[str, float], ...]


class Candidate(msgspec.Struct, frozen=True):
    """A food that may be meant: its place, how well it fits (0..1), which said words it holds.

    `exact` says that one of its names is what was said, word for word in any order.
    """

    place: int
    score: float
    covered: frozenset[str]
    share: float
    exact: bool = False


_PARENS: Final = re.compile(r"\(([^()]*)\)")
_PREPOSITION: Final = re.compile(
    r"\b(?:with|made|in|on|from|without|topped|filled|prepared|served|and/or)\b"
)

# Foods that nobody means unless they say so: what must be said, by a word of the name.
_SAY_SO: Final[dict[str, float]] = {
    "baby": 0.35, "babyfood": 0.35, "infant": 0.35, "formula": 0.3, "human": 0.35, "junior": 0.2,
    "strained": 0.2, "toddler": 0.2, "dehydrated": 0.12, "powder": 0.15, "uncooked": 0.12,
    "dry": 0.05, "dried": 0.06, "imitation": 0.12, "substitute": 0.12, "replacement": 0.12,
    "alcoholic": 0.12, "sodium": 0.04, "lowsodium": 0.06, "unprepared": 0.15, "frozen": 0.02,
    "condensed": 0.08, "concentrate": 0.1, "diet": 0.08, "dietetic": 0.08, "!sugar": 0.06,
    "!fat": 0.08, "decaffeinated": 0.06, "!caffeine": 0.1, "!cheese": 0.1, "puerto": 0.08, "mexican": 0.03,
    "cuban": 0.05, "korean": 0.05, "flour": 0.12, "!salt": 0.02, "meatless": 0.1,
    "vegetarian": 0.06, "fortified": 0.03, "skin": 0.02, "fat": 0.01, "lactose": 0.05,
    "!lactose": 0.06, "!gluten": 0.06, "whey": 0.08, "nutritional": 0.05, "supplement": 0.1,
    "school": 0.03, "microwaved": 0.01, "lowfat": 0.05, "reducedfat": 0.05, "light": 0.1, "cone": 0.08,
    "reducedsugar": 0.04, "reducedsodium": 0.05, "pickled": 0.06, "creamed": 0.05, "glazed": 0.04,
    "candied": 0.06, "bran": 0.04, "seed": 0.03, "leaf": 0.05, "peel": 0.08, "industrial": 0.15,
    "variety": 0.06, "drippings": 0.06, "glutinous": 0.05, "brandy": 0.15, "whiskey": 0.15,
    "rum": 0.12, "vodka": 0.15, "gin": 0.15, "tequila": 0.15, "liqueur": 0.15, "wine": 0.05,
    "liquor": 0.15, "cocktail": 0.05, "flavor": 0.04, "chicken": 0.06, "beef": 0.06, "pork": 0.06,
    "turkey": 0.06, "ham": 0.06, "tuna": 0.06, "shrimp": 0.06, "sausage": 0.06, "bacon": 0.06,
    "egg": 0.03, "meat": 0.02, "cheese": 0.02, "!reconstituted": 0.2, "!coating": 0.06,
    "chocolate": 0.02, "gravy": 0.03, "sauce": 0.02, "wild": 0.04, "separable": 0.03,
    "tip": 0.1, "use": 0.15, "iced": 0.1, "stuffed": 0.06, "leafy": 0.06, "pod": 0.05, "immature": 0.05, "sprouted": 0.06, "oil": 0.06,
    "latte": 0.06, "mocha": 0.06, "cappuccino": 0.06, "alaska": 0.1, "native": 0.08, "navajo": 0.1, "indian": 0.04,
}  # fmt: skip

# Qualifiers of which a food has one: naming one excludes the others.
_RIVALS: Final[tuple[frozenset[str], ...]] = tuple(
    frozenset(words.split())
    for words in (
        "raw boiled fried baked roasted grilled broiled steamed stewed canned dried smoked poached "
        "scrambled rotisserie",
        "!fat skim lowfat reducedfat whole 1% 2% fatfree",
        "white wheat rye oatmeal sourdough pumpernickel multigrain",
        "diet regular",
        "sweetened unsweetened",
        "brown white wild",
        "salted unsalted",
        "light dark milk",
        "thin thick medium stuffed",
        "beef pork chicken turkey ham tuna fish shrimp lamb veal crab salmon sausage bacon duck",
        "vanilla chocolate strawberry caramel",
        "lunch breakfast dinner",
        "brewed instant espresso",
        "frozen restaurant",
        "orange apple grape pineapple cranberry grapefruit lemon lime mango peach pear cherry",
        "hot iced",
        "small medium large",
    )
)
_RIVALS_OF: Final[dict[str, tuple[frozenset[str], ...]]] = {
    word: tuple(group for group in _RIVALS if word in group) for word in frozenset().union(*_RIVALS)
}
_ALLIES: Final = frozenset(
    (a, b)
    for pair in (("skim", "!fat"), ("lowfat", "1%"), ("reducedfat", "2%"), ("baked", "roasted"),
                 ("grilled", "broiled"), ("stewed", "boiled"), ("roasted", "rotisserie"))
    for a, b in (pair, pair[::-1])
)  # fmt: skip


_USUAL: Final = {"fries": "fast"}
"""What most people mean who do not say more: most fries are fried in a restaurant's oil."""


def _groups(text: str) -> list[tuple[str, ...]]:
    """The words of a name part, "A, B, or C" as one group of which one is enough."""
    groups: list[tuple[str, ...]] = []
    parts = [part for part in re.split(r"[,;()]", text) if part.strip()]
    pending: list[tuple[str, ...]] = []
    for part in parts:
        bare = part.strip()
        if re.match(r"(?:and/or|or)\b", bare) and pending:
            merged = tuple(word for group in pending[-3:] for word in group)
            groups = groups[: len(groups) - len(pending[-3:])]
            groups.append(merged + tuple(name_words(bare)))
            pending = []
            continue
        words = _choices(bare)
        groups.extend(words)
        pending = [*pending, *words] if len(words) == 1 and len(words[0]) == 1 else []
    return groups


def _choices(part: str) -> list[tuple[str, ...]]:
    """The groups of a part without commas: "butter or sugar" is one, other words one each."""
    found: list[tuple[str, ...]] = []
    pieces = re.split(r"\s(?:and/or|or)\s|(?<=[^\W\d_])/(?=[^\W\d_])", part)
    for number, piece in enumerate(pieces):
        words = [(word,) for word in name_words(piece)]
        if number and found and words:
            absent = found[-1][0].startswith("!")
            found[-1] += tuple("!" + word for word in words[0]) if absent else words[0]
            words = words[1:]
        found.extend(words)
    return found


def _forms(food: Food) -> tuple[Form, ...]:
    """The names of a food taken apart, the name itself first."""
    forms = [_form(food.name, 1.0, whole=True)]
    for locale, name in food.names.items():
        if locale.startswith("en"):
            forms.append(_form(name, 1.0, whole=True))
        else:
            words = local_words(name, locale[:2])
            forms.append(Form(tuple((w,) for w in words), (tuple(words),), 1.0, True, False))
    for aside in _PARENS.findall(food.name):
        forms.append(_form(aside, 0.95, whole=False))
        forms.append(_form(f"{food.name.split('(')[0].split(',')[-1]} {aside}", 0.95, whole=False))
    forms.extend(_form(alias, ALIAS_SHARE, whole=False) for alias in food.aliases)
    for alias in food.aliases if food.names else ():
        other = alias_locale(alias, food.names)
        if other:
            local = tuple(local_words(alias, other))
            forms.append(Form(tuple((w,) for w in local), (local,), ALIAS_SHARE, False, False))
    return tuple(form for form in forms if form.groups)


def _named(food: Food) -> Named:
    forms = _forms(food)
    of = tuple(
        frozenset(word for group in (*form.groups, *form.heads) for word in group) for form in forms
    )
    words = frozenset(
        word for form in forms if form.whole for group in form.groups for word in group
    )
    every = frozenset(word for form in forms for group in form.groups for word in group)
    # In order, so that the sum is the same in every process.
    unsaid = tuple((word, _SAY_SO[word]) for word in sorted(words) if word in _SAY_SO)
    return Named(forms, words, every, of, unsaid)


def _form(name: str, worth: float, *, whole: bool) -> Form:
    plain = _CONTAINING.sub("", _NS_TAIL.sub("", name))
    bare = _PARENS.sub(" ", plain)
    parts = (tuple(name_words(_PREPOSITION.split(part)[0])) for part in bare.split(",")[:4])
    heads = tuple(part for part in parts if part)
    aside = next((aside for aside in _PARENS.findall(plain) if aside[:1].isupper()), "")
    brand = tuple(name_words(aside))
    return Form(tuple(_groups(bare)), heads, worth, whole, unspecified(name), brand)


_NS_TAIL: Final = re.compile(r",?\s*\b(?:NS as to|NS to)\b[^,;()]*|,?\s*\bNFS\b")


# What a name says a food contains is what such food usually contains: nobody says it.
_CONTAINING: Final = re.compile(r",?\s*\b\w+ containing\b")


_BESIDE: Final = re.compile(r"\s(?:with|and|&|in|on|from|och|med|pa|i|sa|na|od|uz)\s")


class Ranking:
    """Compares the foods of one index with what was said; keeps the names it has taken apart."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._named = lru_cache(maxsize=16_000)(lambda place: _named(index.foods[place]))

    def rank(self, query: Query, limit: int = 10) -> list[Candidate]:
        """The foods that fit `query`, best first; equals in the order of the catalogue."""
        said = self._said(query)
        found = [self._judge(query, said, hit) for hit in self.index.find(query)]
        found.sort(key=lambda candidate: (-candidate.score, candidate.place))
        return found[:limit]

    def kinds(self, place: int) -> frozenset[str]:
        """The words that say what a food is: what its names end in before "and", "with", "in"."""
        food = self.index.foods[place]
        found: set[str] = set()
        for name in (food.name, *food.aliases):
            first = _BESIDE.split(name.split(",")[0].split("(")[0].lower())[0]
            found.update(words[-1] for one in first.split(" or ") if (words := name_words(one)))
        for locale, name in food.names.items():
            if not locale.startswith("en"):
                words = local_words(_BESIDE.split(name.lower())[0], locale[:2])
                found.update(words[-1:])
        return frozenset(found)

    def begins_with(self, place: int, said: Sequence[str]) -> bool:
        """Whether the first part of a name of a food, up to a comma, holds only words of `said`."""
        food = self.index.foods[place]
        words = set(said)
        for locale, name in food.names.items():
            if not locale.startswith("en") and words.issuperset(local_words(name, locale[:2])):
                return True
        return any(
            all(words.intersection(group) for group in _choices(re.split(r"[,(]", name)[0]))
            for name in (food.name, *food.aliases)
        )

    def _said(self, query: Query) -> dict[str, float]:
        """Every index word for what was said, with its weight."""
        words = self.index.words
        return {words[word]: slot.weight for slot in query.slots for word in slot.words}

    def _weight(self, word: str) -> float:
        place = self.index.vocabulary.get(word)
        return self.index.weights[place] if place is not None else 0.0

    def _judge(self, query: Query, said: dict[str, float], hit: Hit) -> Candidate:
        """How well one food fits: coverage both ways, head noun, qualifiers."""
        named = self._named(hit.place)
        forms, words = named.forms, named.every
        total = query.weight
        scores = [
            (0.04 if form.open and form.whole else 0.0, False)
            if of.isdisjoint(said)
            else self._form_score(form, said)
            for form, of in zip(forms, named.of, strict=True)
        ]
        best = max((score for score, _ in scores), default=0.0)
        covered = frozenset(
            slot.said
            for slot in query.slots
            if any(self.index.words[word] in words for word in slot.words)
        )
        share = min(1.0, hit.matched / total)
        head = self._head_score(query, said, named)
        # The other names of the catalogue's own foods are names; those of a survey tell what else it
        # counted there ("pizza cheese", "water").
        curated = bool(self.index.foods[hit.place].names)
        called = curated and any(self._is_called(query, said, form) for form in forms)
        if called:
            share, best, head = max(share, 0.97), max(best, 0.97), max(head, 0.95)
        score = 0.58 * share + 0.25 * best + 0.17 * head - self._quarrel(query, said, named)
        # Of foods that share another name, the one whose own name says least beside it.
        score -= 0.02 * (1 - min(1.0, scores[0][0])) if scores else 0.0
        for usual, mark in _USUAL.items():
            if usual in said and usual in words and mark in words and mark not in said:
                score += 0.08
        if "raw" in words and "raw" not in said and _is_cooked_first(self.index.foods[hit.place]):
            score -= 0.1
        whole = called or (any(wholly for _, wholly in scores) and len(covered) == len(query.slots))
        return Candidate(hit.place, score, covered, share, whole and not query.unknown)

    def _is_called(self, query: Query, said: dict[str, float], form: Form) -> bool:
        """Whether a name is, word for word, what was said: an alias is then as good as a name."""
        if query.unknown or len(form.groups) != len(query.slots):
            return False
        if not all(any(word in said for word in group) for group in form.groups):
            return False
        # In the same order: chocolate milk is no milk chocolate.
        return all(
            any(self.index.words[one] in group for one in slot.words)
            for slot, group in zip(query.slots, form.groups, strict=True)
        )

    def _form_score(self, form: Form, said: dict[str, float]) -> tuple[float, bool]:
        """The share of a name that was said, by weight, and whether all of it was."""
        whole = part = 0.0
        for group in form.groups:
            # What a name says is absent is absent in most foods: not saying it costs little.
            absent = 0.2 if group[0].startswith("!") and group[0] not in said else 1.0
            weight = absent * max(self._weight(word) for word in group)
            whole += weight
            if any(word in said for word in group):
                part += weight
        if whole <= 0:
            return 0.0, False
        worth = 0.98 if part == whole and len(said) <= len(form.groups) else form.worth
        return worth * part / whole + (0.04 if form.open and form.whole else 0.0), (
            part >= whole and form.whole
        )

    def _head_score(self, query: Query, said: dict[str, float], named: Named) -> float:
        """Whether what was said and what the name names are the same thing."""
        best, found = 0.0, not query.head
        for form, of in zip(named.forms, named.of, strict=True):
            for place, head in enumerate(() if of.isdisjoint(said) else form.heads):
                ours = 0.5 if query.head and query.head in head else 0.0
                theirs = 0.3 if head[-1] in said else 0.0
                heads = sum(self._weight(word) for word in head)
                held = sum(self._weight(word) for word in head if word in said)
                worth = form.worth * (1.0, 0.8, 0.6, 0.5)[place]
                found = found or ours > 0
                best = max(best, worth * (ours + theirs + 0.2 * held / (heads or 1.0)))
        return best if found else best - 0.15

    def _quarrel(self, query: Query, said: dict[str, float], name: Named) -> float:
        """What speaks against a food: qualifiers that exclude what was said, and foods that nobody
        means unless they say so."""
        forms, words, every = name.forms, name.words, name.every
        against = sum(cost for word, cost in name.unsaid if word not in said)
        for word in said:
            opposite = word[1:] if word.startswith("!") else "!" + word
            if opposite in words and word not in words:
                against += 0.15
            if word not in every:
                against += 0.06 * _rivals_in(word, words, said)
        if forms[0].brand and not any(word in said for word in forms[0].brand):
            against += 0.03
        named = forms[0].heads[0][-1] if forms[0].heads else ""
        if named in FAINT and named in said and query.head not in ("", named):
            # "a crisp apple" tells how the apple is; the dessert is "an apple crisp".
            against += 0.2
        elif named in _MADE_OF_IT and named in said and query.head in forms[0].heads[0][:-1]:
            against += 0.12
        if query.head in _GOES_WITH and forms[0].heads and named not in (query.head, "roll"):
            against += 0.06
        return min(against, 0.6)


# Peanut oil is an oil; whoever says "oil-roasted peanuts" or "chicken with the skin" means the rest.
_MADE_OF_IT: Final = frozenset(("oil", "skin", "fat", "flour", "bran", "powder", "drippings"))


# "A hamburger bun" is bread, "a mushroom sauce" a sauce: not what is served on or with them.
_GOES_WITH: Final = frozenset(("bun", "sauce", "gravy", "dressing", "syrup"))


def _is_cooked_first(food: Food) -> bool:
    """Whether a raw food is one that people cook before they eat it: meat, fish, dry grain."""
    if "from raw" in food.name:
        return False
    rich = food.nutrients.get("protein_g", 0.0) > 9 or food.nutrients.get("energy_kcal", 0.0) > 250
    return rich and "nut" not in food.name.lower()


def _rivals_in(word: str, words: frozenset[str], said: dict[str, float]) -> int:
    """How many groups of rivals `word` belongs to of which the name holds another member."""
    return sum(
        any(
            other in words and other not in said and (word, other) not in _ALLIES
            for other in group
            if other != word
        )
        for group in _RIVALS_OF.get(word, ())
    )
