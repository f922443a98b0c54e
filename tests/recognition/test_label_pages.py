"""The pages for adding by nutrition label, over HTTP and without a browser."""

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from evals.labels.rendering import label
from hearth.core.db import Pool
from hearth.core.errors import Invalid, Problem, TooMany
from hearth.foods import Food
from hearth.foods.api import routes as food_routes
from hearth.people import Person
from hearth.recognition import Index, Reader, label_foods, labels_web, photos
from hearth.recognition.label_figures import merged
from hearth.recognition.label_foods import (
    TURNS,
    LabelFood,
    disagreements_of,
    food_of,
    new_food,
    read_labels,
    warnings_of,
)
from hearth.recognition.label_views import given_of
from hearth.recognition.photos import Doubt, LabelReading, Prepared
from hearth.recognition.photos.readings import AtMost, Why
from hearth.web import Shown
from tests.site import client_of

from .drawn import jpeg

LOAF = {"energy_kcal": 403.0, "fat_g": 26.0, "carb_g": 31.0, "protein_g": 8.8, "fiber_g": 3.6}
MIB = 1024 * 1024


@pytest.fixture(autouse=True, scope="module")
async def _workers() -> AsyncIterator[None]:
    yield
    await photos.stop()


@pytest.fixture
async def client(db: Pool, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(db, tmp_path, [*food_routes, *labels_web.pages]) as opened:
        yield opened


def reading(*doubts: Doubt, **more: Any) -> LabelReading:
    given = {"per_100": LOAF, "basis": "100", "confidence": 1.0, "lines": ("Fat 26 g",)} | more
    return LabelReading(doubts=doubts, **given)


async def sent(client: httpx.AsyncClient, *files: bytes, **fields: str) -> httpx.Response:
    parts = [("photo", ("picture.jpg", data, "image/jpeg")) for data in files]
    return await client.post("/add/label/read", files=parts, data=fields)


def form_of(page: str) -> dict[str, str]:
    """The fields of the form that is shown, as a browser would send them."""
    page = page[page.index('action="/add/label#') :]
    found = {}
    for tag in re.findall(r"<input [^>]*>", page):
        given = {name: unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', tag)}
        if given.get("type") != "radio" or " checked" in tag:
            found[given["name"]] = given.get("value", "")
    for name, options in re.findall(r'<select [^>]*name="(\w+)"[^>]*>(.*?)</select>', page):
        chosen = re.findall(r'value="(\w+)" selected', options) or re.findall(
            r'value="(\w+)"', options
        )
        found[name] = chosen[0]
    return found


async def own(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get("/api/foods/own")).json()["items"]
    return found


# ------------------------------------------------------------------ pictures judged together


def test_a_figure_that_two_pictures_give_alike_is_sure() -> None:
    unsure = Doubt("per_100", "fat_g", "read_once")
    one = merged([reading(unsure)])
    assert [doubt.code for doubt in one.doubts] == ["fat_g"]
    assert merged([reading(unsure), reading(unsure)]).doubts == ()


def test_pictures_that_differ_are_a_doubt_with_all_that_was_seen() -> None:
    other = reading(Doubt("per_100", "fat_g", "read_once"), per_100=LOAF | {"fat_g": 2.6})
    found = merged([other, reading()])
    (doubt,) = found.doubts
    assert found.per_100["fat_g"] == 26.0
    assert (doubt.why, set(doubt.seen)) == ("photos_differ", {2.6, 26.0})


def test_what_other_figures_speak_against_stays_doubtful() -> None:
    against = Doubt("per_100", "fat_g", "energy_disagrees")
    (doubt,) = merged([reading(against), reading(against)]).doubts
    assert doubt.why == "energy_disagrees"


@pytest.mark.parametrize(
    "why",
    ["column_guessed", "words_not_read", "unit_not_read", "said_twice", "basis_not_read"],
)
def test_a_slip_that_the_next_picture_makes_too_stays_doubtful(why: Why) -> None:
    slip, once = Doubt("per_100", "fat_g", why), Doubt("per_100", "fat_g", "read_once")
    (doubt,) = merged([reading(slip), reading(slip)]).doubts
    assert doubt.why == why
    assert merged([reading(slip), reading()]).doubts == ()
    assert merged([reading(slip), reading(once)]).doubts == ()


async def test_the_same_picture_again_is_no_second_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    async def read(data: bytes, locale: str) -> LabelReading:
        return reading(Doubt("per_100", "fat_g", "read_once"), lines=(data.decode(),))

    monkeypatch.setattr(photos, "read_label", read)
    first, again, other = await read_labels([b"one", b"one", b"two"], "en")
    assert isinstance(first, LabelReading) and isinstance(other, LabelReading)
    assert isinstance(again, Problem) and "more than once" in again.detail
    assert merged([first]).doubts != ()


def test_pictures_for_grams_and_for_millilitres_are_doubted_whole() -> None:
    found = merged([reading(), reading(unit="ml")])
    assert found.warnings == ("units_differ",)
    assert {one.code for one in found.doubts} == LOAF.keys()
    assert {one.why for one in found.doubts} == {"units_differ"}
    assert food_of(found, "Loaf", "1 portion", None) is None
    # A picture without its heading says nothing of the unit, however much was read on it.
    fuller = reading(basis="unknown", per_100=LOAF | {"sugars_g": 3.0})
    found = merged([fuller, reading(unit="ml")])
    assert (found.unit, found.warnings) == ("ml", ())


def test_pictures_with_and_without_fibre_in_the_carbohydrate_are_a_doubt() -> None:
    found = merged([reading(), reading(carb_basis="total")])
    assert found.warnings == ("carb_bases_differ",)
    assert [(one.code, one.why) for one in found.doubts] == [("carb_g", "carb_bases_differ")]
    assert "another does not" in given_of(found, Shown())["doubt-carb_g"]


def test_a_bound_is_said_in_its_own_column_only() -> None:
    bound = AtMost("per_serving", "fat_g")
    one = reading(basis="both", per_serving={"fat_g": 0.5}, serving=30.0, at_most=(bound,))
    given = given_of(merged([one]), Shown())
    assert given["fat_g"] == "26"
    assert "hint-fat_g" not in given
    served = given_of(
        merged([reading(basis="serving", per_100={}, per_serving={"fat_g": 0.5}, serving=30.0,
                        at_most=(bound,))]), Shown()
    )  # fmt: skip
    assert served["fat_g"] == "<0.5"
    assert "“<0.5 g”" in served["hint-fat_g"]


def test_figures_of_several_pictures_come_together() -> None:
    upper = reading(per_100={"energy_kcal": 403.0, "fat_g": 26.0})
    lower = reading(per_100={"protein_g": 8.8}, warnings=("words_not_read",))
    nothing = LabelReading(warnings=("nothing_read",))
    found = merged([upper, nothing, lower])
    assert found.per_100 == {"energy_kcal": 403.0, "fat_g": 26.0, "protein_g": 8.8}
    assert found.warnings == ("some_not_read",)
    assert merged([nothing]).warnings == ("nothing_read",)
    assert merged([]).per_100 == {}


def test_a_label_per_serving_is_worked_out_for_100_g() -> None:
    american = {"per_100": {"fat_g": 20.0}, "per_serving": {"fat_g": 6.0}, "serving": 30.0}
    found = merged([reading(basis="serving", carb_basis="total", **american)])
    assert (found.basis, found.printed, found.per_100) == (
        "serving",
        {"fat_g": 6.0},
        {"fat_g": 20.0},
    )


@pytest.mark.parametrize(
    ("more", "fat", "grams"),
    [
        ({"serving": 30}, 6.0, 30),
        ({"basis": "serving", "serving": 30}, 20.0, 30),
        ({"unit": "ml", "serving": 250}, 6.0, 250),
        ({"unit": "ml", "serving": 250, "density_g_ml": 0.8}, 7.5, 200),
    ],
)
def test_a_food_is_per_100_g(more: dict[str, Any], fat: float, grams: float) -> None:
    food = new_food(LabelFood(name="Loaf", figures={"fat_g": 6.0}, **more), "1 portion")
    assert food.nutrients == {"fat_g": fat}
    assert [(one.grams, one.is_default) for one in food.portions] == [(grams, True)]
    weighs = more.get("density_g_ml", 1.0) if "unit" in more else None
    assert food.density_g_ml == weighs


@pytest.mark.parametrize("energy", [337.0, 800.0])
def test_100_ml_of_a_food_are_what_its_label_says(energy: float) -> None:
    """Also of what is so rich that without the label it would be taken for something dry."""
    for density in (None, 0.8):
        said = LabelFood(
            name="Quendle", figures={"energy_kcal": energy}, unit="ml", density_g_ml=density
        )
        made = new_food(said, "1 portion")
        food = Food(
            id="own:1", name=made.name, nutrients=made.nutrients, density_g_ml=made.density_g_ml
        )
        (item,) = Reader(Index([food])).read("100 ml quendle").items
        assert item.nutrients["energy_kcal"] == pytest.approx(energy, rel=1e-3)


def test_a_serving_without_its_size_is_refused() -> None:
    with pytest.raises(Invalid, match="serving"):
        new_food(LabelFood(name="Loaf", figures={"fat_g": 6.0}, basis="serving"), "1 portion")


def test_figures_for_nobody_knows_how_much_make_no_food() -> None:
    made = food_of(merged([reading()]), "Loaf", "1 portion", None)
    assert made is not None and made.nutrients == LOAF
    for one in (
        reading(warnings=("basis_not_read",)),
        reading(basis="serving", per_100={}, per_serving=LOAF),
        LabelReading(),
    ):
        assert food_of(merged([one]), "Loaf", "1 portion", None) is None


def test_figures_that_disagree_are_named() -> None:
    assert warnings_of(LOAF, "available") == ()
    assert warnings_of(LOAF | {"fat_g": 2.6}, "available") == ("energy_disagrees",)
    assert warnings_of({"fat_g": 1, "sat_fat_g": 2}, "available") == ("sat_fat_over_fat",)
    assert warnings_of({"carb_g": 1, "sugars_g": 2}, "available") == ("sugars_over_carbs",)
    assert warnings_of({"energy_kcal": 403}, "available") == ()


def test_what_rounding_explains_disagrees_with_nothing() -> None:
    # A creamer by the rules of the US: 5 g a serving, all figures rounded.
    creamer = {"energy_kcal": 20.0, "fat_g": 2.0, "carb_g": 1.0, "protein_g": 0.0}
    assert warnings_of(creamer, "total") == ()
    assert warnings_of(creamer | {"fat_g": 7.0}, "total") == ("energy_disagrees",)
    american = reading(
        basis="serving", per_100={}, per_serving=creamer, serving=5.0, carb_basis="total"
    )
    assert disagreements_of(merged([american])) == ()
    bounds = {"fat_g": 0.5, "sat_fat_g": 1.0}
    assert warnings_of(bounds, "available") == ("sat_fat_over_fat",)
    assert warnings_of(bounds, "available", {"sat_fat_g"}) == ()


def test_bounds_count_from_nothing_on() -> None:
    water = {"energy_kcal": 0.0, "fat_g": 0.5, "carb_g": 0.5, "protein_g": 0.5}
    assert warnings_of(water, "available") == ("energy_disagrees",)
    assert warnings_of(water, "available", {"fat_g", "carb_g", "protein_g"}) == ()


def test_two_readings_at_once_and_no_third(person: Person, stranger: Person) -> None:
    with TURNS.of(person), TURNS.of(person):
        with pytest.raises(TooMany), TURNS.of(person):
            pass
        with TURNS.of(stranger):
            pass
    with TURNS.of(person):
        pass


def test_salt_is_said_as_the_label_states_it() -> None:
    amounts = {"sodium_mg": 4.0}
    unsure = Doubt("per_100", "sodium_mg", "read_once")
    bound = AtMost("per_100", "sodium_mg")
    one = reading(unsure, per_100=amounts, at_most=(bound,), lines=("Salt <0.01 g",))
    given = given_of(merged([one]), Shown())
    assert (given["salt"], given["salt_as"]) == ("<0.01", "salt")
    assert "“<0.01 g”" in given["hint-sodium_mg"]
    assert "“Salt <0.01 g”" in given["doubt-sodium_mg"]
    american = msgspec.structs.replace(one, carb_basis="total")
    differs = msgspec.structs.replace(american, per_100={"sodium_mg": 40.0})
    given = given_of(merged([american, differs]), Shown())
    assert given["salt_as"] == "sodium"
    assert "4 mg / 40 mg" in given["doubt-sodium_mg"]


# ------------------------------------------------------------------ the pages


@pytest.mark.parametrize(("layout", "language"), [("eu_two", "en"), ("us", "en")])
async def test_a_label_is_read_confirmed_and_becomes_a_food(
    client: httpx.AsyncClient, layout: str, language: str
) -> None:
    drawn = label(layout, language, 4)
    page = await sent(client, jpeg(drawn.picture, 95), day="2026-05-31", barcode="4006381333931")
    assert page.status_code == 200, page.text[:500]
    assert "data:image/jpeg;base64," in page.text
    form = form_of(page.text)
    printed = drawn.per_100 if layout != "us" else drawn.per_serving
    for code in ("energy_kcal", "fat_g", "carb_g", "protein_g", "sugars_g"):
        assert float(form[code]) == printed[code], code
    assert form["basis"] == ("serving" if layout == "us" else "100")
    assert float(form["serving"]) == drawn.serving
    assert "anyway" not in form
    saved = await client.post("/add/label", data=form | {"name": "Crisp loaf"})
    assert saved.status_code == 303, saved.text[:2000]
    (food,) = await own(client)
    assert saved.headers["location"] == f"/foods/{food['id']}?day=2026-05-31"
    factor = 100 / (drawn.serving or 100) if layout == "us" else 1
    assert food["nutrients"]["fat_g"] == pytest.approx(printed["fat_g"] * factor, rel=1e-3)
    assert food["nutrients"]["sodium_mg"] == pytest.approx(printed["sodium_mg"] * factor, rel=1e-2)
    assert food["portions"][0]["grams"] == drawn.serving
    assert (food["barcode"], food["carb_basis"]) == (
        "4006381333931",
        "total" if layout == "us" else "available",
    )


async def test_what_is_doubtful_is_marked_in_words(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = reading(
        Doubt("per_100", "fat_g", "reads_differ"), at_most=(AtMost("per_100", "protein_g"),)
    )

    async def read(data: bytes, locale: str) -> LabelReading:
        return one

    async def prepare(data: bytes) -> Prepared:
        return Prepared(2, 2, b"large", b"small")

    monkeypatch.setattr(photos, "read_label", read)
    monkeypatch.setattr(photos, "prepare", prepare)
    page = (await sent(client, b"\xff\xd8\xff", barcode="4006381333931")).text
    assert "Look: two readings of the picture differ. Seen: “Fat 26 g”" in page
    assert "The label says “&lt;8.8 g”: it is at most that, and saved as that." in page
    form = form_of(page)
    assert form["protein_g"] == "<8.8"
    # A form that is shown again still has its marks and its picture.
    again = (await client.post("/add/label", data=form | {"name": "x", "fat_g": "much"})).text
    assert "two readings of the picture differ" in again
    assert "“much” is no number" in again
    assert "data:image/jpeg;base64,c21hbGw=" in again


async def test_disagreeing_figures_are_said_before_they_are_saved(
    client: httpx.AsyncClient,
) -> None:
    form = {
        "name": "Loaf",
        "energy_kcal": "403",
        "fat_g": "2,6",
        "carb_g": "31",
        "protein_g": "8,8",
    }
    page = await client.post("/add/label", data=form)
    assert (page.status_code, await own(client)) == (200, [])
    assert "The energy does not fit its parts" in page.text
    assert form_of(page.text)["fat_g"] == "2,6"
    assert (await client.post("/add/label", data=form | {"anyway": "1"})).status_code == 303
    assert (await own(client))[0]["nutrients"]["fat_g"] == 2.6


async def test_a_form_that_is_sent_twice_makes_one_food(client: httpx.AsyncClient) -> None:
    page = (await client.get("/add/label/figures", params={"barcode": "4006381333931"})).text
    form = form_of(page) | {"name": "Loaf", "fat_g": "26"}
    first, second = [await client.post("/add/label", data=form) for _ in range(2)]
    assert first.headers["location"] == second.headers["location"]
    assert len(await own(client)) == 1


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({}, {}),
        ({"salt": "1,2"}, {"sodium_mg": 480}),
        ({"salt": "300", "salt_as": "sodium"}, {"sodium_mg": 300}),
        ({"energy_kj": "418.4"}, {"energy_kcal": 100}),
        ({"energy_kj": "418", "energy_kcal": "100"}, {"energy_kcal": 100}),
        ({"fat_g": "<0,5", "carb_g": "0"}, {"fat_g": 0.5, "carb_g": 0}),
        ({"calcium_mg": "120"}, {"calcium_mg": 120}),
    ],
)
async def test_figures_as_labels_write_them(
    client: httpx.AsyncClient, typed: dict[str, str], expected: dict[str, float]
) -> None:
    answer = await client.post("/add/label", data={"name": "Loaf"} | typed)
    assert answer.status_code == 303, answer.text[:500]
    assert (await own(client))[0]["nutrients"] == expected


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name": ""}, "Name"),
        ({"fat_g": "nan"}, "“nan” is no number"),
        ({"fat_g": "-1"}, "must not be less than 0"),
        ({"fat_g": "300"}, "more than 100 g"),
        ({"barcode": "4006381333930"}, "check digit is wrong"),
        ({"basis": "serving", "fat_g": "3"}, "is needed"),
        ({"serving": "0"}, "must be more than 0"),
        ({"density": "1000", "unit": "ml"}, "density"),
    ],
)
async def test_what_cannot_be_is_refused(
    client: httpx.AsyncClient, typed: dict[str, str], words: str
) -> None:
    answer = await client.post("/add/label", data={"name": "Loaf"} | typed)
    assert answer.status_code == 422
    assert words in unescape(answer.text)
    assert await own(client) == []


async def test_kj_and_kcal_that_differ_are_said(client: httpx.AsyncClient) -> None:
    form = {"name": "Loaf", "energy_kj": "100", "energy_kcal": "100"}
    assert "not the same energy" in (await client.post("/add/label", data=form)).text


async def test_only_pictures_of_the_form_are_shown(client: httpx.AsyncClient) -> None:
    form = {"name": "", "picture-0": "https://evil.example/a.png", "picture-1": "javascript:x"}
    page = (await client.post("/add/label", data=form)).text
    assert "evil.example" not in page and "javascript:x" not in page


async def test_nothing_read_gives_the_empty_form_with_the_reason(client: httpx.AsyncClient) -> None:
    from PIL import Image

    page = await sent(client, jpeg(Image.new("RGB", (400, 300), "grey")), barcode="4006381333931")
    assert page.status_code == 200
    assert "No figures were read." in page.text
    form = form_of(page.text)
    assert (form["fat_g"], form["barcode"]) == ("", "4006381333931")


@pytest.mark.parametrize(
    ("files", "status", "words"),
    [
        ([b"no picture at all"], 415, "not a JPEG"),
        ([b""], 422, "a file is needed"),
        ([b"\xff\xd8\xff" + b"0" * (11 * MIB)], 413, "11.0 MiB"),
        ([b"\xff\xd8\xff"] * 6, 422, "6 files were sent"),
    ],
)
async def test_bad_files_are_refused_on_the_page(
    client: httpx.AsyncClient, files: list[bytes], status: int, words: str
) -> None:
    answer = await sent(client, *files, barcode="4006381333931")
    assert answer.status_code == status, answer.text[:300]
    assert words in answer.text
    assert 'value="4006381333931"' in answer.text


async def test_the_same_picture_twice_is_said(client: httpx.AsyncClient) -> None:
    drawn = jpeg(label("eu_one", "en", 4).picture, 95)
    page = (await sent(client, drawn, drawn)).text
    assert "Picture 2: This picture was sent more than once. It was read once." in page
    assert page.count("<img src=") == 1


async def test_labels_are_read_so_often_an_hour(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = msgspec.structs.replace(labels_web.LABELS, an_hour=1)
    monkeypatch.setattr(labels_web, "LABELS", once)
    drawn = jpeg(label("eu_one", "en", 1).picture)
    assert (await sent(client, drawn)).status_code == 200
    refused = await sent(client, drawn, barcode="4006381333931")
    assert (refused.status_code, int(refused.headers["retry-after"]) > 1000) == (429, True)
    assert "60 times an hour at most" in refused.text
    assert 'value="4006381333931"' in refused.text


async def test_a_third_reading_at_once_is_told_to_wait(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_foods.TURNS, "most", 0)
    answer = await sent(client, jpeg(label("eu_one", "en", 1).picture))
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "10")
    assert "Two labels of yours are being read already" in answer.text


@pytest.fixture
def person(person_id: Any) -> Person:
    return Person(id=person_id, email="a@example.org")


@pytest.fixture
def stranger() -> Person:
    from hearth.core.values import new_id

    return Person(id=new_id(), email="b@example.org")
