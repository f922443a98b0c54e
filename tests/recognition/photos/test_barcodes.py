"""Barcodes on pictures: a small form of `python -m evals.barcodes`, and how reads are counted."""

import io
import random

import pytest
from PIL import Image

from evals.barcodes.__main__ import beyond_bar, line, tried, within_bar
from evals.barcodes.rendering import KINDS, digits_of, modules, scene
from hearth.foods import canonical
from hearth.recognition import photos
from hearth.recognition.photos.barcodes import (
    Reader,
    Seen,
    _reading,
    _Votes,
    read_barcodes,
    readers,
)

from .test_pictures import sample

EAN, OTHER, UPC_E = "4006381333931", "5901234123457", "01234565"


def counted(*looks: set[Seen]) -> photos.BarcodeReading:
    votes = _Votes()
    for look in looks:
        votes.add(look)
    return _reading(votes)


def test_two_looks_make_an_answer_and_one_a_question() -> None:
    assert [c.text for c in counted({Seen(EAN, False)}, {Seen(EAN, False)}).codes] == [EAN]
    once = counted({Seen(EAN, False)})
    assert once.codes == ()
    assert [c.text for c in once.questions] == [EAN]


def test_a_wrong_check_digit_counts_nothing() -> None:
    assert counted({Seen(EAN[:-1] + "2", False)}, {Seen("abc", False)}) == photos.BarcodeReading()


def test_a_short_code_yields_to_a_long_one() -> None:
    short, long = {Seen(UPC_E, True)}, {Seen(EAN, False)}
    (sure,) = counted(short, short, short).codes
    assert (sure.text, sure.printed, sure.short) == ("0012345000065", UPC_E, True)
    assert not counted(long, long).codes[0].short
    both = counted(short, short, short, long)
    assert (both.codes, [c.text for c in both.questions]) == ((), [EAN])
    assert counted(short, short).codes == ()


def test_two_products_are_both_told() -> None:
    look = {Seen(EAN, False), Seen(OTHER, False)}
    assert {c.text for c in counted(look, look).codes} == {EAN, OTHER}


@pytest.mark.parametrize(
    ("kind", "digits", "length"),
    [
        ("EAN-13", EAN, 95),
        ("EAN-8", "96385074", 67),
        ("UPC-E", UPC_E, 51),
        ("UPC-A", "036000291452", 95),
    ],
)
def test_codes_are_drawn_by_the_standard(kind: str, digits: str, length: int) -> None:
    assert len(modules(kind, digits)) == length


@pytest.mark.parametrize("kind", KINDS)
def test_made_up_numbers_check(kind: str) -> None:
    assert canonical(digits_of(kind, random.Random(1))) is not None


@pytest.mark.parametrize("using", {readers(), ("zxing",)})
def test_the_bar_in_small(using: tuple[Reader, ...]) -> None:
    within = [tried(each, using) for each in within_bar(11, 16)]
    worse = [tried(each, using) for each in beyond_bar(11, 5)]
    assert sum(each.wrong for each in within + worse) == 0
    assert sum(each.read for each in within) >= 15
    assert "n=16" in line("within", within)


def test_a_picture_without_a_code_gives_none() -> None:
    assert read_barcodes(Image.effect_noise((300, 200), 80)).codes == ()
    assert read_barcodes(Image.new("RGB", (1, 1))) == photos.BarcodeReading()


async def test_the_front_door_reads_a_file() -> None:
    one = scene("EAN-13", random.Random(2), pixels_a_bar=3, blur=0.5, noise=3, angle=200)
    out = io.BytesIO()
    one.picture.save(out, "WEBP", quality=80)
    assert [c.text for c in (await photos.read_barcodes(out.getvalue())).codes] == [one.digits]
    assert await photos.read_barcodes(sample()) == photos.BarcodeReading()
    await photos.stop()
