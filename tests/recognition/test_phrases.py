"""Cutting: where one food ends and the next begins."""

import pytest

from hearth.recognition.phrases import Piece, cut
from hearth.recognition.words import tokens


def pieces(text: str, locale: str = "en") -> list[Piece]:
    return cut(tokens(text), locale)


def words(piece: Piece) -> str:
    return " ".join(token.norm for token in piece.tokens)


def test_quantities_begin_foods() -> None:
    found = pieces("2 eggs 30 g cheese and a slice of bread")
    assert [words(piece) for piece in found] == ["eggs", "cheese", "bread"]
    assert [piece.quantity.unit for piece in found if piece.quantity] == ["", "g", "slice"]


def test_grams_after_the_food() -> None:
    found = pieces("banana 120 g, yoghurt (150 g)")
    grams = [piece.quantity.grams for piece in found if piece.quantity]
    assert grams == [120, 150]
    assert words(found[0]) == "banana"


def test_grams_that_are_told_at_the_end() -> None:
    [piece] = pieces("a baked potato weighing 315g")
    assert piece.quantity is not None
    assert piece.quantity.grams == 315


def test_grams_win_over_an_article() -> None:
    [piece] = pieces("a chewy 55g flapjack")
    assert piece.quantity is not None
    assert piece.quantity.grams == 55
    assert words(piece) == "chewy flapjack"


def test_a_quantity_waits_past_a_comma() -> None:
    [piece] = pieces("a cup of cool, unsweetened water")
    assert piece.quantity is not None
    assert piece.quantity.unit == "cup"


@pytest.mark.parametrize("text", ["hamburger on a bun", "a bowl of 170g yogurt", "6-inch sub"])
def test_what_stays_together(text: str) -> None:
    assert len(pieces(text)) == 1


@pytest.mark.parametrize(
    ("text", "locale", "number"),
    [
        ("två ägg och kaffe med mjölk", "sv", 3),
        ("200 g piletine i kašika ulja", "sr", 2),
        ("200 г пилетине и кашика уља", "sr", 2),
        ("eggs, toast + coffee\nmilk", "en", 4),
        ("", "en", 0),
        (" ,,; ", "en", 0),
        ("half an avocado on toast", "en", 2),
        ("hamburger on a bun", "en", 1),
        ("ajvar na hlebu", "sr", 2),
        ("a bag of salt & vinegar crisps", "en", 1),
        ("salt & vinegar", "en", 2),
        ("a glass of (1.5%) milk", "en", 1),
        ("nyponsoppa? nej, blåbärssoppa 2 dl", "sv", 1),
    ],
)
def test_number_of_pieces(text: str, locale: str, number: int) -> None:
    assert len(pieces(text, locale)) == number
