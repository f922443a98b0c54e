"""Days in zones: the local day, through changes of the clocks and of the date."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.errors import Invalid
from hearth.diary.times import EARLIEST, instant, local_day, same_time, when, zone_of

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
zones = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
walls = st.datetimes(datetime(1971, 1, 1), datetime(2024, 5, 30))
STOCKHOLM = ZoneInfo("Europe/Stockholm")


@given(walls, zones)
def test_an_instant_is_on_the_day_of_its_wall(wall: datetime, zone: ZoneInfo) -> None:
    at = instant(wall, zone)
    assert at.utcoffset() == timedelta(0)
    assert abs((local_day(at, zone) - at.date()).days) <= 1
    back = at.astimezone(zone).replace(tzinfo=None)
    # A wall time that never came reads later, by the gap (Samoa once left out a day).
    assert timedelta(0) <= back - wall <= timedelta(days=1)


@given(walls, zones)
def test_the_day_and_the_time_agree(wall: datetime, zone: ZoneInfo) -> None:
    day, at = when(None, wall, zone, NOW)
    assert at is not None
    assert day == local_day(at, zone)
    assert when(day, at, zone, NOW) == (day, at)


@given(walls, zones, st.integers(0, 300))
def test_the_same_time_on_another_day_is_on_that_day(
    wall: datetime, zone: ZoneInfo, later: int
) -> None:
    at = instant(wall, zone)
    there = wall.date() + timedelta(days=later)
    moved = same_time(at, zone, local_day(at, zone), there, zone)
    assert abs((local_day(moved, zone) - there).days) <= 1


def test_what_was_eaten_after_midnight_stays_after_midnight() -> None:
    night = datetime(2024, 5, 17, 22, 30, tzinfo=UTC)  # half past midnight on the 18th
    moved = same_time(night, STOCKHOLM, date(2024, 5, 17), date(2024, 6, 1), STOCKHOLM)
    assert moved == datetime(2024, 6, 1, 22, 30, tzinfo=UTC)


def test_the_clocks_going_forward_and_back() -> None:
    assert instant(datetime(2024, 3, 31, 2, 30), STOCKHOLM) == datetime(
        2024, 3, 31, 1, 30, tzinfo=UTC
    )
    assert instant(datetime(2024, 10, 27, 2, 30), STOCKHOLM) == datetime(
        2024, 10, 27, 0, 30, tzinfo=UTC
    )
    late = datetime(2024, 10, 27, 22, 30, tzinfo=UTC)
    assert local_day(late, STOCKHOLM) == date(2024, 10, 27)
    assert local_day(late, ZoneInfo("Pacific/Auckland")) == date(2024, 10, 28)


def test_a_day_alone_has_no_time_unless_it_is_today() -> None:
    assert when(None, None, STOCKHOLM, NOW) == (date(2024, 6, 1), NOW)
    assert when(date(2024, 6, 1), None, STOCKHOLM, NOW) == (date(2024, 6, 1), NOW)
    assert when(date(2024, 5, 1), None, STOCKHOLM, NOW) == (date(2024, 5, 1), None)


def test_a_meal_after_midnight_may_belong_to_the_day_before() -> None:
    at = datetime(2024, 5, 2, 0, 40)
    assert when(date(2024, 5, 1), at, STOCKHOLM, NOW)[0] == date(2024, 5, 1)
    with pytest.raises(Invalid):
        when(date(2024, 4, 1), at, STOCKHOLM, NOW)


@pytest.mark.parametrize("day", [date(1, 1, 1), EARLIEST - timedelta(days=1), date(9999, 12, 31)])
def test_days_that_cannot_be_are_refused(day: date) -> None:
    with pytest.raises(Invalid):
        when(day, None, STOCKHOLM, NOW)
    with pytest.raises(Invalid):
        when(None, datetime(day.year, day.month, day.day), STOCKHOLM, NOW)


@pytest.mark.parametrize(
    "name", ["", "Mars/Base", "../etc/passwd", "/etc/localtime", "europe/oslo"]
)
def test_a_zone_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        zone_of(name)
    assert zone_of("Europe/Oslo").key == "Europe/Oslo"
