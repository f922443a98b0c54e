"""Weights, goals and settings: kept, changed, refused, undone."""

from datetime import UTC, date, datetime

import pytest

from hearth import diary
from hearth.core.db import Pool
from hearth.core.errors import Conflict, Invalid, NotFound, Stale
from hearth.diary import NewGoal, NewWeight, SettingsChange, Target, WeightChange
from hearth.people import Person

DAY = date(2024, 5, 17)
EVER = (date(1900, 1, 1), date(9999, 12, 31))


async def test_weights_are_kept_in_kg_and_paged(db: Pool, person: Person) -> None:
    for hour in range(5):
        at = datetime(2024, 5, 17, hour, tzinfo=UTC)
        await diary.weigh(db, person, NewWeight(lb=150 + hour, at=at))
    first = await diary.weights_between(db, person, *EVER, limit=3)
    rest = await diary.weights_between(db, person, *EVER, limit=3, after=first.after)
    assert [len(first.weights), len(rest.weights), rest.after] == [3, 2, None]
    assert first.weights[0].kg == pytest.approx(154 * 0.45359237)
    assert len({weight.id for weight in first.weights + rest.weights}) == 5


@pytest.mark.parametrize(
    "given",
    [{}, {"kg": 19.9}, {"kg": 501}, {"kg": 80, "lb": 176}, {"kg": float("nan")}, {"lb": 2000}],
)
async def test_weights_that_cannot_be_are_refused(
    db: Pool, person: Person, given: dict[str, float]
) -> None:
    with pytest.raises(Invalid):
        await diary.weigh(db, person, NewWeight(**given))  # type: ignore[arg-type]


async def test_a_weight_is_changed_deleted_and_undone(
    db: Pool, person: Person, stranger: Person
) -> None:
    first = await diary.weigh(db, person, NewWeight(kg=80, note="after run"))
    second = await diary.change_weight(db, person, first.id, WeightChange(kg=81), if_match=1)
    assert (second.kg, second.note, second.version) == (81, "after run", 2)
    with pytest.raises(Stale):
        await diary.change_weight(db, person, first.id, WeightChange(kg=82), if_match=1)
    with pytest.raises(NotFound):
        await diary.delete_weight(db, stranger, first.id)
    await diary.delete_weight(db, person, first.id)
    assert (await diary.undo_weight(db, person, first.id)).kg == 81
    assert (await diary.undo_weight(db, person, first.id)).kg == 80
    with pytest.raises(Conflict):
        await diary.undo_weight(db, person, first.id)


async def test_a_goal_holds_until_the_next_and_is_undone(db: Pool, person: Person) -> None:
    await diary.set_goal(db, person, DAY, NewGoal(energy_kcal=2000))
    await diary.set_goal(db, person, DAY, NewGoal(energy_kcal=1800), if_match=1)
    with pytest.raises(Stale):
        await diary.set_goal(db, person, DAY, NewGoal(energy_kcal=1), if_match=1)
    assert (await diary.undo_goal(db, person, DAY)).energy_kcal == 2000
    await diary.delete_goal(db, person, DAY)
    assert (await diary.all_goals(db, person)).goals == []
    again = await diary.set_goal(db, person, DAY, NewGoal(energy_kcal=1500))
    changed = await diary.set_goal(
        db,
        person,
        DAY,
        NewGoal(targets={"fiber_g": Target(30, bound="min")}),
        if_match=again.version,
    )
    assert changed.targets["fiber_g"].bound == "min"
    assert (await diary.undo_goal(db, person, DAY)).energy_kcal == 1500
    assert (await diary.undo_goal(db, person, DAY)).energy_kcal == 2000


@pytest.mark.parametrize(
    "goal",
    [
        NewGoal(energy_kcal=0),
        NewGoal(energy_kcal=float("inf")),
        NewGoal(targets={"luck_g": Target(1)}),
        NewGoal(targets={"sodium_mg": Target(5, "energy_percent")}),
        NewGoal(targets={"protein_g": Target(-1)}),
        NewGoal(
            targets={c: Target(40, "energy_percent") for c in ("protein_g", "carb_g", "fat_g")}
        ),
    ],
)
async def test_goals_that_cannot_be_are_refused(db: Pool, person: Person, goal: NewGoal) -> None:
    with pytest.raises(Invalid):
        await diary.set_goal(db, person, DAY, goal)


async def test_settings_have_defaults_and_versions(
    db: Pool, person: Person, stranger: Person
) -> None:
    assert (await diary.settings_of(db, person)).version == 0
    await diary.change_settings(db, person, SettingsChange(energy_unit="kJ"), if_match=0)
    changed = await diary.change_settings(db, person, SettingsChange(first_day_of_week=7))
    assert (changed.energy_unit, changed.first_day_of_week, changed.version) == ("kJ", 7, 2)
    with pytest.raises(Stale):
        await diary.change_settings(db, person, SettingsChange(units="imperial"), if_match=0)
    with pytest.raises(Invalid):
        await diary.change_settings(db, person, SettingsChange(first_day_of_week=8))
    assert (await diary.settings_of(db, stranger)).energy_unit == "kcal"
