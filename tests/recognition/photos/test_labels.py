"""Nutrition labels from pictures: a small form of `python -m evals.labels`."""

import io

import pytest
from PIL import Image

from evals.labels.__main__ import drawn, scored
from evals.labels.spoiling import GRADES
from hearth.recognition import photos
from hearth.recognition.photos import labels_ocr
from hearth.recognition.photos.labels import read_label
from hearth.recognition.photos.pictures import opened

from .test_pictures import sample

SCREEN, PHOTO = GRADES[0], GRADES[2]


@pytest.mark.parametrize(
    ("layout", "language"), [("eu_two", "en"), ("eu_line", "sv"), ("us", "en")]
)
def test_photos_of_labels(layout: str, language: str) -> None:
    truth, data = drawn(layout, language, PHOTO, 4)
    score, said = scored(truth, read_label(opened(data), language))
    assert score.silent == 0, said
    assert score.right >= score.figures - 1, said


@pytest.mark.parametrize("language", ["sv", "sr_Latn"])
def test_latin_letters_need_no_tesseract(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setattr(labels_ocr, "has_cyrillic_reader", lambda: False)
    truth, data = drawn("eu_two", language, SCREEN, 4)
    reading = read_label(opened(data), language.replace("_", "-"))
    score, said = scored(truth, reading)
    assert (score.right, score.silent) == (score.figures, 0), said
    assert reading.warnings == ()


def test_cyrillic_without_a_reader_says_so_and_its_figures_are_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(labels_ocr, "has_cyrillic_reader", lambda: False)
    truth, data = drawn("eu_one", "sr_Cyrl", SCREEN, 4)
    reading = read_label(opened(data), "sr-Cyrl")
    score, said = scored(truth, reading)
    assert "words_not_read" in reading.warnings
    assert (score.right, score.silent) == (score.figures, 0), said
    assert all(reading.doubtful(code) for code in truth.per_100 if code != "energy_kcal")


def test_cyrillic_with_a_reader() -> None:
    if not labels_ocr.has_cyrillic_reader():
        pytest.skip("tesseract with its srp data is not installed")
    truth, data = drawn("eu_one", "sr_Cyrl", SCREEN, 4)
    score, said = scored(truth, read_label(opened(data), "sr_Cyrl"))
    assert (score.right, score.silent) == (score.figures, 0), said


@pytest.mark.parametrize(
    ("own", "other", "agreed"),
    [
        ("5,3", "5,3g", "5,3g"),
        ("5,3g", "5,39", "5,3g"),
        ("145", "145kJ", "145kJ"),
        ("432 kl", "432 kcal", "432kcal"),
        # Digits that rapidocr lost are tesseract's, without a unit: the person is asked.
        ("7", "7,6g", "7,6"),
        ("5g", "7,5g", "7,5"),
        ("2", "0,20", "2"),
        ("0", "100 д", "100g"),
        ("8,8 g", "8,8 2", "8,8g"),
        ("3,9", "39g", "3,9"),
    ],
)
def test_two_readings_of_a_figure(own: str, other: str, agreed: str) -> None:
    assert labels_ocr._agreed(own, other) == agreed


def test_a_picture_too_narrow_for_print_is_not_searched() -> None:
    assert read_label(Image.new("RGB", (3000, 1)), "en").warnings == ("nothing_read",)


async def test_the_front_door_reads_a_label_that_lies_on_its_side() -> None:
    truth, data = drawn("eu_one", "en", SCREEN, 6)
    out = io.BytesIO()
    Image.open(io.BytesIO(data)).rotate(90, expand=True).save(out, "PNG")
    reading = await photos.read_label(out.getvalue(), "en")
    assert scored(truth, reading)[0].silent == 0
    assert reading.per_100["energy_kcal"] == truth.per_100["energy_kcal"]
    nothing = await photos.read_label(sample(), "en")
    assert nothing.warnings == ("nothing_read",)
    await photos.stop()
