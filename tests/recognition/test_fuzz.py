"""Any text gives a reading or a clear refusal, always the same, for a bounded amount of work.

Work is counted in looked-up phrases, not in seconds: `python -m evals.reading` prints the times.
"""

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hearth.foods import starter_foods
from hearth.recognition import Index, Reader, Reading, Unreadable
from hearth.recognition.matching import Match
from hearth.recognition.reading import LONGEST_TEXT, MOST_PIECES

MOST_LOOKUPS = 16 * MOST_PIECES
"""Phrases looked up for one text: a few for each piece, alone and with its neighbours."""

WORDS = [
    "egg", "eggs", "milk", "with", "and", "on", "toast", "2", "½", "1,5", "200 g", "dl", "one",
    "hundred", "thousand", "half", "a", "no", "?", "(", ")", ",", "macka", "med", "och", "hundra",
    "јаје", "са", "и", "сто", "grama", "x", "-", "or", "NFS", "%", "salt", "&", "vinegar", "crisps",
    "fish fingers", "chips", "kaviarmacka", "i", "po", "zero", "coke", ".", "\n", "with with",
]  # fmt: skip

LOCALES = st.sampled_from(["en", "sv", "sr-Latn", "sr-Cyrl", "", "xx"])
EASY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(Index(starter_foods()))


def answer(reader: Reader, text: str, locale: str) -> Reading | str:
    try:
        return reader.read(text, locale=locale)
    except Unreadable as refused:
        return str(refused)


def check(reader: Reader, text: str, locale: str) -> None:
    """What holds for every text."""
    first = answer(reader, text, locale)
    assert first == answer(reader, text, locale)
    if isinstance(first, str):
        assert len(first) < 200
        assert "Send it in parts" in first
        return
    assert len(text) <= LONGEST_TEXT
    assert len(first.items) <= MOST_PIECES * 2
    for item in first.items:
        assert item.grams is None or 0 <= item.grams <= 2_000_000
        assert item.grams is None or math.isfinite(item.grams)
        assert 0 <= item.confidence <= 1
    for low, high in first.interval.values():
        assert 0 <= low <= high


@EASY
@given(text=st.text(max_size=10_000), locale=LOCALES)
def test_any_unicode_is_read_or_refused(reader: Reader, text: str, locale: str) -> None:
    check(reader, text, locale)


@EASY
@given(words=st.lists(st.sampled_from(WORDS), max_size=300), locale=LOCALES)
def test_any_row_of_food_words_is_read_or_refused(
    reader: Reader, words: list[str], locale: str
) -> None:
    check(reader, " ".join(words), locale)


@EASY
@given(
    word=st.sampled_from(WORDS) | st.text(min_size=1, max_size=12),
    gap=st.sampled_from(["", " ", ",", "\n"]),
    size=st.integers(min_value=1, max_value=10_000),
)
def test_repeating_a_word_is_read_or_refused(
    reader: Reader, word: str, gap: str, size: int
) -> None:
    check(reader, (word + gap) * (size // len(word + gap)), "en")


@EASY
@given(words=st.lists(st.sampled_from(WORDS), max_size=300), locale=LOCALES)
def test_the_work_is_bounded(words: list[str], locale: str) -> None:
    counting = Reader(Index(list(starter_foods())[:60]))
    looked_up: list[int] = []
    plain = counting._matcher.match

    def counted(norms: list[str], locale: str) -> Match:
        looked_up.append(len(norms))
        return plain(norms, locale)

    counting._matcher.match = counted  # type: ignore[assignment, method-assign]
    answer(counting, " ".join(words), locale)
    assert len(looked_up) <= MOST_LOOKUPS


@pytest.mark.parametrize("length", [2_001, 10_000, 100_000])
def test_a_text_that_is_too_long_is_refused_before_any_work(reader: Reader, length: int) -> None:
    refused = answer(reader, "e" * length, "en")
    assert isinstance(refused, str)
    assert "2,000" in refused
