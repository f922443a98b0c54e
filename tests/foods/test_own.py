from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from hearth.core import jobs
from hearth.core.db import SYSTEM, Pool
from hearth.core.errors import Conflict, Invalid, NotFound, Stale
from hearth.core.values import now
from hearth.foods import catalogue, own
from hearth.foods.own import FoodChange, FoodEdited, NewFood, NewPortion
from hearth.people import Person

BREAD = NewFood(
    name="Grandmother's loaf",
    nutrients={"energy_kcal": 250, "protein_g": 9, "carb_g": 45, "fat_g": 3},
    portions=[NewPortion("1 slice", 40, "slice", True)],
    barcode="036000291452",
)
TODAY = now().date()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[FoodEdited]:
    """The facts that were told."""
    facts: list[FoodEdited] = []

    async def tell(tx: Any, fact: FoodEdited) -> None:
        facts.append(fact)

    monkeypatch.setattr(own, "tell", tell)
    assert jobs.tell is not tell
    return facts


async def test_an_own_food_is_made_and_found_by_its_owner_only(
    db: Pool, person: Person, stranger: Person
) -> None:
    bread = await own.create_food(db, person, BREAD)
    assert (await catalogue.food(db, person, bread.id)) == bread
    assert bread.version == 1
    assert bread.nutrients["protein_g"] == 9
    assert [food.id for food in await own.own_foods(db, person)] == [bread.id]
    with pytest.raises(NotFound):
        await catalogue.food(db, stranger, bread.id)
    with pytest.raises(NotFound):
        await own.edit_food(db, stranger, bread.id, FoodChange(name="Mine now"))
    with pytest.raises(NotFound):
        await own.delete_food(db, stranger, bread.id)
    assert await own.own_foods(db, stranger) == []


async def test_an_edit_from_now_leaves_the_past(
    db: Pool, person: Person, told: list[FoodEdited]
) -> None:
    bread = await own.create_food(db, person, BREAD)
    edited = await own.edit_food(db, person, bread.id, FoodChange(nutrients={"energy_kcal": 260}))
    assert edited.version == 2
    assert edited.nutrients == {"energy_kcal": 260}
    assert edited.name == bread.name
    assert told == []
    yesterday = await own.own_food_on(db, person.id, bread.id, TODAY - timedelta(days=2))
    assert yesterday.version == 1
    assert (await catalogue.food(db, person, bread.id)).version == 2


async def test_an_edit_since_a_day_and_to_all(
    db: Pool, person: Person, told: list[FoodEdited]
) -> None:
    bread = await own.create_food(db, person, BREAD)
    since = date(2026, 3, 1)
    await own.edit_food(
        db, person, bread.id, FoodChange(name="New loaf", applies="since", since=since)
    )
    assert told == [FoodEdited(person.id, bread.id, 2, since)]
    on = own.own_food_on
    assert (await on(db, person.id, bread.id, date(2026, 2, 28))).name == "Grandmother's loaf"
    assert (await on(db, person.id, bread.id, since)).name == "New loaf"
    await own.edit_food(db, person, bread.id, FoodChange(name="Loaf", applies="all"))
    assert told[-1] == FoodEdited(person.id, bread.id, 3, None)
    assert (await on(db, person.id, bread.id, date(2026, 2, 28))).name == "Loaf"


async def test_an_edit_is_undone_and_told(db: Pool, person: Person, told: list[FoodEdited]) -> None:
    bread = await own.create_food(db, person, BREAD)
    await own.edit_food(db, person, bread.id, FoodChange(name="Typo", applies="all"))
    back = await own.undo_edit(db, person, bread.id)
    assert (back.name, back.version) == ("Grandmother's loaf", 1)
    assert told[-1] == FoodEdited(person.id, bread.id, 1, None)
    with pytest.raises(Conflict, match="never edited"):
        await own.undo_edit(db, person, bread.id)
    third = await own.edit_food(db, person, bread.id, FoodChange(name="Loaf"))
    assert third.version == 3


async def test_a_deleted_food_comes_back_by_undo(db: Pool, person: Person) -> None:
    bread = await own.create_food(db, person, BREAD)
    await own.delete_food(db, person, bread.id)
    with pytest.raises(NotFound):
        await catalogue.food(db, person, bread.id)
    with pytest.raises(NotFound):
        await own.delete_food(db, person, bread.id)
    assert (await own.own_food_on(db, person.id, bread.id, TODAY)).name == bread.name
    assert (await own.undo_edit(db, person, bread.id)).id == bread.id


async def test_a_version_that_moved_on_is_refused(db: Pool, person: Person) -> None:
    bread = await own.create_food(db, person, BREAD)
    await own.edit_food(db, person, bread.id, FoodChange(name="First"), if_match=1)
    with pytest.raises(Stale):
        await own.edit_food(db, person, bread.id, FoodChange(name="Second"), if_match=1)


async def test_an_own_barcode_finds_the_own_food_first(
    db: Pool, person: Person, stranger: Person
) -> None:
    bread = await own.create_food(db, person, BREAD)
    found = await catalogue.by_barcode(db, person, "0036000291452")
    assert found[0].id == bread.id
    assert all(
        food.id != bread.id for food in await catalogue.by_barcode(db, stranger, "036000291452")
    )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"nutrients": {"happiness_g": 1}}, "nutrients.happiness_g"),
        ({"nutrients": {"protein_g": 60, "fat_g": 60}}, "nutrients"),
        ({"nutrients": {"energy_kcal": float("nan")}}, "nutrients"),
        ({"barcode": "036000291453"}, "barcode"),
        ({"name": "!!!"}, "name"),
    ],
)
async def test_what_cannot_be_true_is_refused_by_field(
    db: Pool, person: Person, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await own.create_food(db, person, msgspec.structs.replace(BREAD, **change))
    assert [error.field for error in refused.value.errors] == [field]


@pytest.mark.parametrize(
    "body",
    [
        b'{"name": "", "nutrients": {}}',
        b'{"name": "x", "nutrients": {"protein_g": -1}}',
        b'{"name": "x", "nutrients": {"protein_g": NaN}}',
        b'{"name": "x", "nutrients": {"protein_g": 1e300}}',
        b'{"name": "x", "nutrients": {}, "portions": [{"label": "a", "grams": 0}]}',
        b'{"name": "x", "nutrients": {}, "person_id": "y"}',
        b'{"nutrients": {}}',
    ],
)
def test_the_door_refuses_what_is_malformed(body: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        msgspec.json.decode(body, type=NewFood)


async def test_since_needs_its_day(db: Pool, person: Person) -> None:
    bread = await own.create_food(db, person, BREAD)
    with pytest.raises(Invalid, match="day"):
        await own.edit_food(db, person, bread.id, FoodChange(name="x", applies="since"))


@pytest.mark.parametrize("food_id", ["own:x", "starter:apple", "", "own:"])
async def test_only_own_foods_can_be_changed(db: Pool, person: Person, food_id: str) -> None:
    with pytest.raises(NotFound):
        await own.edit_food(db, person, food_id, FoodChange(name="x"))


async def test_each_change_leaves_its_trail(db: Pool, person: Person) -> None:
    bread = await own.create_food(db, person, BREAD)
    await own.delete_food(db, person, bread.id)
    async with db.connection(SYSTEM) as connection:
        rows = await connection.fetch(
            "select what, relation from privacy.audit"
            " where person_id = $1 and relation like 'foods.%' order by id",
            person.id,
        )
    assert [tuple(row) for row in rows] == [
        ("insert", "foods.own_food"),
        ("insert", "foods.own_food_version"),
        ("update", "foods.own_food"),
    ]


async def test_an_edit_does_not_begin_in_the_future(db: Pool, person: Person) -> None:
    bread = await own.create_food(db, person, BREAD)
    later = FoodChange(name="x", applies="since", since=TODAY + timedelta(days=2))
    with pytest.raises(Invalid):
        await own.edit_food(db, person, bread.id, later)
