"""Cyrillic to Latin as people write it, and one normal form for everything that is compared."""

import pytest

from hearth.foods.serbian import fold, to_latin


@pytest.mark.parametrize(
    ("cyrillic", "latin"),
    [
        ("Његош", "Njegoš"),
        ("ЊЕГОШ", "NJEGOŠ"),
        ("КОЊ", "KONJ"),
        ("Љуте папричице", "Ljute papričice"),
        ("Џем од кајсија", "Džem od kajsija"),
        ("ЏЕМ", "DŽEM"),
        ("Ђувеч", "Đuveč"),
        ("Ћевапи у лепињи, 10 ком.", "Ćevapi u lepinji, 10 kom."),
        ("Љ. Његош", "Lj. Njegoš"),
        ("инјекција", "injekcija"),
        ("надживети", "nadživeti"),
        ("Crème fraîche", "Crème fraîche"),
        ("", ""),
    ],
)
def test_latin_is_derived_with_digraphs_in_the_right_case(cyrillic: str, latin: str) -> None:
    assert to_latin(cyrillic) == latin


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Ђувеч", "djuvec"),
        ("Đuveč", "djuvec"),
        ("Djuvec", "djuvec"),
        ("ЊЕГУШКИ ПРШУТ", "njeguski prsut"),
        ("Čačkalica žuta šljiva ćevap", "cackalica zuta sljiva cevap"),
        ("Köttbullar på råg", "kottbullar pa rag"),
        ("Jalapeño, crème brûlée", "jalapeno, creme brulee"),
        ("Weißwurst", "weisswurst"),
        ("Rød grød, æble", "rod grod, aeble"),
        ("cafe\u0301", "cafe"),
        ("c\u030cokolada", "cokolada"),
        ("ǆem", "dzem"),
        ("Bread’s\u00a0end", "bread's end"),
        ("plain ASCII", "plain ascii"),
    ],
)
def test_every_spelling_meets_in_one_form(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_folding_the_folded_changes_nothing() -> None:
    once = fold("Ђаконија – Øresund Þorn ŁÓDŹ café")
    assert fold(once) == once
    assert once.isascii()


def test_both_scripts_of_a_name_fold_alike() -> None:
    for name in ("Љутеница", "Џигерњача", "Ћуфте у сосу", "Жито са шлагом", "Његушки стек"):
        assert fold(name) == fold(to_latin(name))
