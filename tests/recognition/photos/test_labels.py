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


def test_cyrillic_without_a_reader_is_doubted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels_ocr, "has_cyrillic_reader", lambda: False)
    truth, data = drawn("eu_one", "sr_Cyrl", SCREEN, 4)
    reading = read_label(opened(data), "sr_Cyrl")
    assert scored(truth, reading)[0].silent == 0
    assert reading.doubts


def test_cyrillic_with_a_reader() -> None:
    if not labels_ocr.has_cyrillic_reader():
        pytest.skip("tesseract with its srp data is not installed")
    truth, data = drawn("eu_one", "sr_Cyrl", SCREEN, 4)
    score, said = scored(truth, read_label(opened(data), "sr_Cyrl"))
    assert (score.right, score.silent) == (score.figures, 0), said


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
