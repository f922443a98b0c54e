from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.db import SYSTEM, Pool
from hearth.foods import own, search
from hearth.foods.catalogue import COLUMNS, record
from hearth.foods.foods import Food
from hearth.foods.imports import import_off, load_starter, settle
from hearth.foods.own import NewFood
from hearth.foods.search import KnownWord, corrections, distance, find, lexemes, singulars
from hearth.people import Person
from tests.foods import bundles
from tests.foods.test_off import PRODUCT

CAST = [
    Food(id="fndds:90000001", name="Zerbfruit, raw", nutrients={}),
    Food(id="fndds:90000002", name="Zerbfruit pie", nutrients={}),
    Food(
        id="sr:90003",
        name="Zerbfruit, canned, heavy syrup, drained, with a very long description",
        nutrients={},
    ),
    Food(
        id="fndds:90000004", name="Zerbfruit juice", nutrients={}, aliases=("squeezed zerbfruit",)
    ),
    Food(id="sr:90005", name="Quamsteak, lean only, all grades, braised", nutrients={}),
    Food(id="sr:90006", name="Zerbchokolate", nutrients={}),
    Food(id="sr:90007", name="Chokolate spread of zerb", nutrients={}),
    Food(
        id="starter:test-cake",
        name="Mookcake",
        nutrients={},
        names={"en": "Mookcake", "sv": "Mjåkkaka", "sr-Cyrl": "Мњокач"},
    ),
]


@pytest.fixture(scope="module")
async def kitchen(db: Pool, tmp_path_factory: pytest.TempPathFactory) -> Pool:
    """The starter catalogue, the cast above with its made-up words, and one product."""
    await load_starter(db)
    async with db.transaction(SYSTEM) as tx:
        await tx.connection.copy_records_to_table(
            "arriving",
            schema_name="foods",
            records=list(
                {row[0]: row for row in (record(f, released=None) for f in CAST)}.values()
            ),
            columns=list(COLUMNS),
        )
        from hearth.foods.imports import CLEAR_ARRIVING, MERGE_FOOD

        await tx.one(MERGE_FOOD, SYSTEM)
        await tx.run(CLEAR_ARRIVING, SYSTEM)
    folder: Path = tmp_path_factory.mktemp("off")
    await import_off(
        db, bundles.jsonl(folder / "p.jsonl.gz", [PRODUCT | {"product_name": "Zerbfruit bar"}])
    )
    await settle(db)
    return db


async def names(db: Pool, person: Person | None, text: str, **more: Any) -> list[str]:
    return [food.name for food in await find(db, person, text, **more)]


async def test_the_raw_food_comes_first_when_the_query_is_plain(kitchen: Pool) -> None:
    found = await names(kitchen, None, "zerbfruit")
    assert found[0] == "Zerbfruit, raw"
    assert set(found) >= {"Zerbfruit pie", "Zerbfruit juice", "Zerbfruit bar"}


async def test_what_is_asked_for_comes_first(kitchen: Pool) -> None:
    assert (await names(kitchen, None, "zerbfruit pie"))[0] == "Zerbfruit pie"
    assert (await names(kitchen, None, "apple"))[0] == "Apple"


@pytest.mark.parametrize(
    "text", ["syrup zerbfruit", "drained description zerb", "  HEAVY, zerbfruit!"]
)
async def test_words_are_found_anywhere_in_a_long_name(kitchen: Pool, text: str) -> None:
    assert (await names(kitchen, None, text))[0].startswith("Zerbfruit, canned")


@pytest.mark.parametrize(
    "text",
    ["zerbfruti", "zerbfriut raw", "zrebfruit", "zebfruit", "zerbfruiit", "quamstaek braised"],
)
async def test_slips_of_the_finger_are_forgiven(kitchen: Pool, text: str) -> None:
    found = await names(kitchen, None, text)
    assert found
    assert found[0].startswith(("Zerbfruit", "Quamsteak"))


@pytest.mark.parametrize("text", ["Мњокач", "mnjokač", "mnjokac", "МЊОКАЧ", "mjåkkaka", "mjakkaka"])
async def test_either_script_and_missing_marks_find_the_same(kitchen: Pool, text: str) -> None:
    assert await names(kitchen, None, text) == ["Mookcake"]


@pytest.mark.parametrize(
    ("locale", "name"),
    [("sv", "Mjåkkaka"), ("sr-Cyrl", "Мњокач"), ("sr-Latn", "Mnjokač"), ("de", "Mookcake")],
)
async def test_names_are_in_the_person_s_language(kitchen: Pool, locale: str, name: str) -> None:
    assert await names(kitchen, None, "mookcake", locale=locale) == [name]


async def test_own_foods_come_first_and_only_to_their_owner(
    kitchen: Pool, person: Person, stranger: Person
) -> None:
    await own.create_food(kitchen, person, NewFood(name="Aunt's zerbfruit crumble", nutrients={}))
    assert (await names(kitchen, person, "zerbfruit"))[0] == "Aunt's zerbfruit crumble"
    assert "Aunt's zerbfruit crumble" not in await names(kitchen, stranger, "zerbfruit")


async def test_a_word_of_an_own_food_only_is_found(kitchen: Pool, person: Person) -> None:
    await own.create_food(kitchen, person, NewFood(name="Xyloplov", nutrients={}))
    assert (await names(kitchen, person, "xylop"))[0] == "Xyloplov"


@pytest.mark.parametrize(
    "typed", ["xyloplovs", "xylplov", "grandmas xyloplov", "xyloplov breads", "ksyloplov"]
)
async def test_own_foods_are_found_with_slips_too(
    kitchen: Pool, person: Person, typed: str
) -> None:
    await own.create_food(kitchen, person, NewFood(name="Grandma's xyloplov bread", nutrients={}))
    assert (await names(kitchen, person, typed))[:1] == ["Grandma's xyloplov bread"]
    assert "Grandma's xyloplov bread" not in await names(kitchen, person, "breakfast")


async def test_what_is_often_logged_comes_first(kitchen: Pool, person: Person) -> None:
    async with kitchen.transaction(person.id) as tx:
        await own.note_use(tx, person, ["fndds:90000002", "fndds:90000002", "starter:apple"])
    assert (await names(kitchen, person, "zerbfruit"))[0] == "Zerbfruit pie"
    assert set(await names(kitchen, person, "")) == {"Zerbfruit pie", "Apple"}
    assert await names(kitchen, None, "") == []


async def test_a_barcode_finds_its_product_at_once(kitchen: Pool) -> None:
    assert await names(kitchen, None, "7310865 004703") == ["Zerbfruit bar"]
    assert await names(kitchen, None, "7310865004704") == []


async def test_pages_follow_each_other(kitchen: Pool) -> None:
    whole = await find(kitchen, None, "zerbfruit", limit=10)
    first = await find(kitchen, None, "zerbfruit", limit=2)
    second = await find(kitchen, None, "zerbfruit", limit=2, past=2)
    assert whole[:4] == first + second


@pytest.mark.parametrize(
    "text",
    ["", " ", "'", "a' | 'b", "!!", ":*", "\\", "x" * 1000, "\x00", "🍎", "& | ! ( )", "%_%", "١٢"],
)
async def test_nothing_typed_breaks_it(kitchen: Pool, person: Person, text: str) -> None:
    assert isinstance(await find(kitchen, person, text), list)


async def test_a_misprint_on_a_package_does_not_hide_the_food(
    kitchen: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The starter catalogue alone has chocolate in some dozens of foods.
    monkeypatch.setattr(search, "MISPRINT", 30)
    assert "Zerbchokolate" in await names(kitchen, None, "zerbchokolate")
    found = await names(kitchen, None, "chokolate")
    assert any("chocolate" in name.lower() for name in found)


async def test_a_begun_short_word_narrows_the_page(kitchen: Pool) -> None:
    assert await names(kitchen, None, "zerbfruit ju") == ["Zerbfruit juice"]


async def test_gibberish_finds_nothing(kitchen: Pool) -> None:
    assert await names(kitchen, None, "qqqqwwwwxx") == []


@given(st.text("abcde", max_size=8), st.text("abcde", max_size=8))
def test_distance_is_a_distance(one: str, other: str) -> None:
    assert distance(one, other, 20) == distance(other, one, 20)
    assert (distance(one, other, 20) == 0) == (one == other)
    assert distance(one, other, 2) == min(distance(one, other, 20), 3)


def test_neighbours_swapped_are_one_slip() -> None:
    assert distance("bnaana", "banana", 3) == 1


def test_the_nearest_common_word_is_meant() -> None:
    known: Sequence[KnownWord] = [
        KnownWord("chicken", 900),
        KnownWord("chickpea", 90),
        KnownWord("kitchen", 3),
    ]
    assert corrections("chiken", known) == ["chicken"]
    assert corrections("zzzzz", known) == []


def test_plurals_may_be_of_several_singulars() -> None:
    assert singulars("tomatoes") == ["tomato", "tomatoe"]
    assert singulars("berries") == ["berry"]
    assert singulars("glass") == []


def test_queries_hold_no_syntax() -> None:
    assert lexemes([["rye"], ["breads", "bread"]]) == "('rye':*) & ('breads':* | 'bread':*)"
    assert search.words("a'b:*|c") == ["a", "b", "c"]
