"""Settings of the diary: the units in which a person reads amounts. Stored figures never change."""

from typing import Annotated, Literal

import msgspec
from msgspec.structs import replace

from hearth.core.db import Db
from hearth.core.errors import Stale
from hearth.core.sql import Statements
from hearth.diary.refusals import current, number
from hearth.people import Person

Units = Literal["metric", "imperial"]
EnergyUnit = Literal["kcal", "kJ"]
Weekday = Annotated[int, msgspec.Meta(ge=1, le=7)]
KeepPhotos = Literal["none", "small", "original"]


class Settings(msgspec.Struct, frozen=True):
    """How amounts are shown. `first_day_of_week` as in ISO 8601: 1 is Monday, 7 Sunday.

    `keep_photos` says which photos of meals are kept: none, small ones without what the camera
    wrote into them, or the originals too, which may say where they were taken.
    """

    units: Units = "metric"
    energy_unit: EnergyUnit = "kcal"
    first_day_of_week: Weekday = 1
    keep_photos: KeepPhotos = "small"
    version: int = 0


class SettingsChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to change of the settings; what is left out stays."""

    units: Units | None = None
    energy_unit: EnergyUnit | None = None
    first_day_of_week: Weekday | None = None
    keep_photos: KeepPhotos | None = None


statements = Statements.beside(__file__)
SETTINGS = statements.rows("settings", Settings)
PUT_SETTINGS = statements.rows("put_settings", Settings)


async def settings(db: Db, person: Person) -> Settings:
    """The person's settings; the defaults, at version 0, until they change one."""
    return await db.maybe(SETTINGS, person.id) or Settings()


async def change_settings(
    db: Db, person: Person, change: SettingsChange, *, if_match: int | None = None
) -> Settings:
    """Change settings; `if_match` is the version that the change was made on."""
    was = await settings(db, person)
    current(was.version, if_match)
    given = {name: value for name, value in msgspec.structs.asdict(change).items() if value}
    number(change.first_day_of_week or 1, "first_day_of_week", least=1, most=7)
    after = replace(was, **given, version=was.version + 1)
    stored = await db.maybe(PUT_SETTINGS, person.id, **msgspec.structs.asdict(after))
    if stored is None:
        raise Stale("Another device changed the settings just now. Load them and repeat.")
    return stored
