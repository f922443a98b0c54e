"""Amounts in words, in four languages."""

import pytest

from hearth.foods import amount_said


@pytest.mark.parametrize(
    ("text", "locale", "said"),
    [
        ("1 slice", "en", "1 slice"),
        ("2 x 1 slice", "en", "2 slices"),
        ("2 x 1 slice", "sv", "2 skivor"),
        ("1 slice", "sv", "1 skiva"),
        ("1 slice", "sr-Cyrl", "1 кришка"),
        ("2 x 1 slice", "sr-Cyrl", "2 кришке"),
        ("5 x 1 slice", "sr-Cyrl", "5 кришки"),
        ("21 x 1 slice", "sr-Cyrl", "21 кришка"),
        ("12 x 1 slice", "sr-Latn", "12 kriški"),
        ("0.5 x 1 slice", "sv", "0,5 skivor"),
        ("usual amount", "sr-Latn", "uobičajena količina"),
        ("2 x usual amount", "sv", "2 × vanlig mängd"),
        ("200 g", "sv", "200 g"),
        ("1 cup, chopped", "sv", "1 cup, chopped"),
        ("", "sv", ""),
    ],
)
def test_amounts_are_said_in_the_language(text: str, locale: str, said: str) -> None:
    assert amount_said(text, locale) == said


def test_sizes_stand_behind_the_unit() -> None:
    assert amount_said("1 small piece", "en") == "1 piece (small)"
    assert amount_said("2 x 1 large cup", "sv").startswith("2 koppar (")
