"""When something was: an instant in UTC, the zone beside it, and the person's local day.

The local day is decided once, when a thing is logged, and stored: a later move to another zone or a
change of a zone's rules does not shift the past.
"""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from hearth.core.values import now
from hearth.diary.refusals import refused

EARLIEST: Final = date(1900, 1, 1)
AHEAD: Final = timedelta(days=366)
"""How far ahead a meal may be written down: a year, for plans."""


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def zone_of(name: str) -> ZoneInfo:
    """The IANA zone of that name, as `Europe/Stockholm`."""
    if name not in _zones():
        raise refused("zone", "is not an IANA time zone; write it as Europe/Stockholm.")
    return ZoneInfo(name)


def local_day(at: datetime, zone: ZoneInfo) -> date:
    """The calendar day on the wall of somebody in `zone` at that instant."""
    return at.astimezone(zone).date()


def today_of(zone: str) -> date:
    """The calendar day now on the wall of somebody in that zone."""
    return local_day(now(), zone_of(zone))


def instant(at: datetime, zone: ZoneInfo) -> datetime:
    """`at` in UTC. A time without an offset is read on the wall of `zone`.

    A wall time that comes twice (clocks set back) is its first; one that never comes (clocks set
    forward) is read with the offset before the change, which is an hour later on the wall.
    """
    if not EARLIEST.year <= at.year < 9999:
        raise refused("at", f"must be a time from the year {EARLIEST.year} on.")
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def same_time(at: datetime, from_zone: ZoneInfo, was: date, on: date, zone: ZoneInfo) -> datetime:
    """The instant for a day `on` when the wall of `zone` shows what `from_zone`'s showed at `at`.

    `was` is the day that `at` counted for: what was eaten after midnight and called the day before
    is so on the new day as well.
    """
    wall = at.astimezone(from_zone)
    on += wall.date() - was
    return datetime.combine(on, wall.time(), tzinfo=zone).astimezone(UTC)


def when(
    day: date | None, at: datetime | None, zone: ZoneInfo, clock: datetime
) -> tuple[date, datetime | None]:
    """The day and instant of something that somebody logs at `clock`.

    Neither given: now. A day alone that is not today: the time of day is unknown, None. Both: the
    day counts, as long as it is at most one off, for who eats after midnight and calls it today.
    """
    if at is None:
        today = local_day(clock, zone)
        if day is None or day == today:
            return today, clock
        return plausible(day, clock), None
    exact = instant(at, zone)
    own = plausible(local_day(exact, zone), clock)
    if day is None or day == own:
        return own, exact
    if abs((day - own).days) > 1:
        raise refused("day", f"is {day}, but the time given falls on {own}; leave out one of them.")
    return plausible(day, clock), exact


def plausible(day: date, clock: datetime) -> date:
    """`day` when something can have been, or be planned, on it."""
    if not EARLIEST <= day <= clock.date() + AHEAD:
        raise refused("day", f"must lie between {EARLIEST} and a year from now.")
    return day
