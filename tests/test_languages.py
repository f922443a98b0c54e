"""Every text in every language: gathered, translated, loaded, shown."""

import importlib.util
import re
import shutil
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import httpx
import pytest
from babel.messages.catalog import Catalog

from hearth import recognition
from hearth.app import PAGE_FOLDERS, ROUTES
from hearth.core.db import Pool
from hearth.core.serbian import to_latin
from hearth.foods import NUTRIENTS
from hearth.people import LOCALES, locale_of, reworded, translations
from hearth.web import make_app

from .site import doors_of

ROOT = Path(__file__).resolve().parents[1]
GUEST_PAGES = (
    "/",
    "/sign-in",
    "/register",
    "/reset",
    "/reset?token=x",
    "/verify?token=x",
    "/offline",
)
COUNTS = (0, 1, 2, 5, 11, 21, 22, 25, 101)


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("texts", ROOT / "tools" / "texts.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


texts = _tool()


# ------------------------------------------------------------------ catalogues


def test_every_text_is_gathered_and_translated() -> None:
    wrong = texts.check()
    assert not wrong, "\n".join(wrong)


def test_a_catalogue_stands_for_each_language_but_the_source_and_the_derived() -> None:
    assert [texts.locale_of(path) for path in texts.catalogues()] == ["sr_Cyrl", "sv"]
    assert LOCALES == ("en", "sv", "sr-Latn", "sr-Cyrl")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of source and catalogues, in which violations are planted."""
    ignored = shutil.ignore_patterns("__pycache__", "starter", "static")
    shutil.copytree(ROOT / "src" / "hearth", tmp_path / "src" / "hearth", ignore=ignored)
    shutil.copytree(ROOT / "locales", tmp_path / "locales")
    return tmp_path


def test_a_planted_text_is_found_with_its_place_and_the_command(copy: Path) -> None:
    page = copy / "src" / "hearth" / "web" / "pages" / "planted.html"
    page.write_text('<p>{{ _("Planted in a page") }}</p>', encoding="utf-8")
    module = copy / "src" / "hearth" / "diary" / "planted.py"
    module.write_text(
        'gettext("Planted in a module")\nngettext("one", "some", 2)\n', encoding="utf-8"
    )
    wrong = texts.check(copy)
    for text in ("Planted in a page", "Planted in a module", "one"):
        lines = [line for line in wrong if f"“{text}”" in line]
        assert len(lines) == 3, wrong
        assert all("tools/texts.py update" in line and "planted." in line for line in lines)
    texts.update(copy)
    assert {line.rpartition("” ")[2] for line in texts.check(copy)} == {"is not translated"}


def test_an_unused_text_is_found_and_taken_out(copy: Path) -> None:
    page = copy / "src" / "hearth" / "web" / "pages" / "offline.html"
    page.write_text("", encoding="utf-8")
    wrong = texts.check(copy)
    assert any("“No network” is used nowhere any more" in line for line in wrong), wrong
    texts.update(copy)
    assert texts.check(copy) == []


def test_bringing_up_to_date_changes_nothing_twice(copy: Path) -> None:
    texts.update(copy)
    for path in sorted((ROOT / "locales").rglob("hearth.po*")):
        again = (copy / path.relative_to(ROOT)).read_text(encoding="utf-8")
        assert path.read_text(encoding="utf-8") == again, f"{path}: {texts.FIX}"
        assert str(ROOT) not in again
        assert "Date" not in again.partition("\n\n")[0]


@pytest.mark.parametrize(
    ("source", "translated", "fault"),
    [
        ("%(energy)s left", "%(energi)s kvar", "other placeholders"),
        ("Hello {name}", "Hej", "other placeholders"),
        ("Save", "", "not translated"),
        ("Refused: ", "Refuserat:", "other spaces"),
        ("an apple", '"ett äpple"', "typographic quotes"),
        ("Save", "Сaчувај", "mixes Cyrillic and Latin"),
        (("%(n)s day", "%(n)s days"), ("%(n)s dag", "%(n)s dagar", "%(n)s dagar"), "plural forms"),
    ],
)
def test_a_faulty_translation_is_told(source: Any, translated: Any, fault: str) -> None:
    catalog = Catalog(locale="sv")
    message = catalog.add(source, translated)
    assert any(fault in line for line in texts.faults(message, catalog))


def test_a_good_translation_has_no_fault() -> None:
    catalog = Catalog(locale="sr_Cyrl")
    forms = ("%(n)s дан", "%(n)s дана", "%(n)s дана")
    message = catalog.add(("one day", "%(n)s days"), forms)
    assert not list(texts.faults(message, catalog))
    message = catalog.add("Save", "Сачувај", flags=["fuzzy"])
    assert any("fuzzy" in line for line in texts.faults(message, catalog))


# ------------------------------------------------------------------ loading


@pytest.mark.parametrize(
    ("folder", "forms"),
    [
        ("sv", [1, 0, 1, 1, 1, 1, 1, 1, 1]),
        ("sr_Cyrl", [2, 0, 1, 2, 2, 0, 1, 2, 0]),
    ],
)
def test_counts_take_the_right_plural_form(folder: str, forms: list[int]) -> None:
    for locale in LOCALES:
        if locale.replace("-", "_").replace("Latn", "Cyrl") == folder:
            plural = translations(locale).plural  # type: ignore[attr-defined]
            assert [int(plural(count)) for count in COUNTS] == forms


def test_english_is_the_source_itself() -> None:
    assert translations("en").gettext("Save the meal") == "Save the meal"
    assert translations("en").ngettext("one", "many", 1) == "one"


@pytest.mark.parametrize(
    ("locale", "saved"),
    [("sv", "Spara måltiden"), ("sr-Cyrl", "Сачувај оброк"), ("sr-Latn", "Sačuvaj obrok")],
)
def test_a_language_is_loaded(locale: str, saved: str) -> None:
    assert translations(locale).gettext("Save the meal") == saved
    assert translations(locale) is translations(locale)
    assert translations(locale).gettext("never said") == "never said"


def test_nutrients_have_names_in_every_language() -> None:
    for nutrient in NUTRIENTS:
        assert re.search("[а-яА-Я]|^[A-Z]{3} ", translations("sr-Cyrl").gettext(nutrient.name))
    assert translations("sr-Latn").gettext("Iron") == "Gvožđe"
    assert translations("sr-Latn").gettext("Vitamin B12") == "Vitamin B12"


@pytest.mark.parametrize(
    ("cyrillic", "latin"),
    [
        ("Угљени хидрати", "Ugljeni hidrati"),
        ("Његушки пршут и џем", "Njeguški pršut i džem"),
        ("ЉУБАВ", "LJUBAV"),
        ("Конјункција и инјекција", "Konjunkcija i injekcija"),
        ("Остаје %(energy)s од %(goal)s.", "Ostaje %(energy)s od %(goal)s."),
        ("Здраво, {name}", "Zdravo, {name}"),
        ("100 % из Hearth, 5 kcal", "100 % iz Hearth, 5 kcal"),
    ],
)
def test_latin_is_derived_and_placeholders_stay(cyrillic: str, latin: str) -> None:
    assert to_latin(cyrillic) == latin


def test_derived_latin_has_no_cyrillic_left() -> None:
    for path in texts.catalogues():
        if texts.locale_of(path) == "sr_Cyrl":
            for message in texts.read(path):
                for part in texts.texts_of(message.id) if message.id else ():
                    assert not re.search("[\u0400-\u04ff]", translations("sr-Latn").gettext(part))


def test_tags_are_understood() -> None:
    wanted = {
        "sr": "sr-Cyrl",
        "sr-RS": "sr-Cyrl",
        "sr_Latn_RS": "sr-Latn",
        "sv-FI": "sv",
        "en-US": "en",
    }
    assert {tag: locale_of(tag) for tag in wanted} == wanted
    assert locale_of("de") is None


# ------------------------------------------------------------------ pages


@pytest.fixture
async def visitor(db: Pool, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = make_app(doors_of(db, tmp_path), ROUTES, page_folders=PAGE_FOLDERS)
    transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 1))
    accept = {"Accept": "text/html"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://hearth.test", headers=accept
    ) as client:
        yield client


async def _enter(client: httpx.AsyncClient, locale: str) -> None:
    body = {"email": f"{uuid4().hex}@example.org", "password": "kitchen table 42", "locale": locale}
    answer = await client.post("/api/auth/register", json=body)
    assert answer.status_code == 201, answer.text
    client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"


async def _meal(client: httpx.AsyncClient) -> str:
    item = {"name": "Grød", "nutrients": {"energy_kcal": 300, "protein_g": 9}}
    answer = await client.post("/api/meals", json={"items": [item], "kind": "lunch"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def _own_food(client: httpx.AsyncClient) -> str:
    body = {"name": "Grød", "nutrients": {"energy_kcal": 90}}
    answer = await client.post("/api/foods", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


_TEXT = re.compile(r'>([^<>]+)<|(?:aria-label|placeholder|content)="([^"]+)"')


def _spoken(locale: str, answer: httpx.Response) -> str:
    """The page, which must say that it is in the language and have no English text left over."""
    page = answer.text
    assert f'<html lang="{locale}"' in page, page[:400]
    assert answer.headers["content-language"] == locale
    shown = {unescape(text).strip() for text in re.findall(r">([^<>]+)<", page)}
    shown |= {
        unescape(text).strip() for text in re.findall(r'(?:aria-label|placeholder)="([^"]+)"', page)
    }
    left = [text for text in shown if translations(locale).gettext(text) != text and text]
    assert not left, f"{answer.url} in {locale} says {left}"
    return page


@pytest.mark.parametrize("locale", LOCALES)
async def test_every_page_of_a_person_speaks(visitor: httpx.AsyncClient, locale: str) -> None:
    await _enter(visitor, locale)
    meal, food = await _meal(visitor), await _own_food(visitor)
    for path in (
        *("/", "/add", "/foods", "/me", "/me/settings", "/me/words", f"/?undo=change.{meal}"),
        *(f"/foods/{food}", f"/meal/{meal}", f"/foods?q={uuid4().hex}"),
    ):
        answer = await visitor.get(path)
        assert answer.status_code == 200, f"{path}: {answer.text}"
        _spoken(locale, answer)


@pytest.mark.parametrize("locale", LOCALES)
async def test_every_page_of_a_guest_speaks(visitor: httpx.AsyncClient, locale: str) -> None:
    visitor.headers["Accept-Language"] = f"{locale},en;q=0.5"
    for path in (
        "/",
        "/sign-in",
        "/register",
        "/reset",
        "/reset?token=x",
        "/verify?token=x",
        "/offline",
    ):
        answer = await visitor.get(path)
        assert answer.status_code == 200, f"{path}: {answer.text}"
        _spoken(locale, answer)


@pytest.mark.parametrize("locale", LOCALES)
async def test_a_reading_speaks(visitor: httpx.AsyncClient, db: Pool, locale: str) -> None:
    await recognition.refresh_catalogue(db)
    await _enter(visitor, locale)
    example = "two scrambled eggs, a slice of rye bread with butter and a large latte"
    text = translations(locale).gettext(example)
    answer = await visitor.post("/add/read", data={"text": text})
    assert answer.status_code == 200, answer.text
    _spoken(locale, answer)


@pytest.mark.parametrize("locale", LOCALES)
async def test_a_refusal_speaks(visitor: httpx.AsyncClient, locale: str) -> None:
    visitor.headers["Accept-Language"] = locale
    wrong = {"email": "nobody@example.org", "password": "kitchen table 42"}
    answer = await visitor.post("/sign-in", data=wrong)
    assert answer.status_code == 401, answer.text
    _spoken(locale, answer)
    weak = {"email": f"{uuid4().hex}@example.org", "password": "short"}
    answer = await visitor.post("/register", data=weak)
    assert answer.status_code == 422, answer.text
    _spoken(locale, answer)
    answer = await visitor.get("/nothing/here")
    assert answer.status_code == 404, answer.text
    assert translations(locale).gettext("There is nothing at this address.") in _spoken(
        locale, answer
    )


@pytest.mark.parametrize("locale", LOCALES)
async def test_a_field_is_named_as_on_its_form(visitor: httpx.AsyncClient, locale: str) -> None:
    await _enter(visitor, locale)
    answer = await visitor.post("/add", data={"text": ""})
    assert answer.status_code == 422, answer.text
    said = translations(locale).gettext
    assert f"{said('Your words')}: {said('is needed: say what you ate.')}" in answer.text
    answer = await visitor.post("/weights", data={"weight": "heavy"})
    assert answer.status_code == 422, answer.text
    assert f"{said('Weight')}: {reworded(locale, '“heavy” is no number.')}" in answer.text
    answer = await visitor.post("/weights", data={"weight": "999"})
    wanted = reworded(locale, "must be a number from 20 to 500.")
    assert f"{said('Weight')}: {wanted}" in answer.text


def test_a_refusal_with_values_is_reworded() -> None:
    assert reworded("sv", "“många” is no number.") == "”många” är inget tal."
    assert (
        reworded("sr-Latn", "must be a number from 0 to 20000.") == "mora biti broj od 0 do 20000."
    )
    assert reworded("sv", "“{0} {x}” is no number.") == "”{0} {x}” är inget tal."
    assert reworded("en", "“many” is no number.") == "“many” is no number."
    assert reworded("sv", "nobody says this") == "nobody says this"
    assert reworded("sv", "") == ""
