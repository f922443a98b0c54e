"""`/api/feature-flags`: what is switched on, and for how many."""

import logging
from typing import Annotated, Final

import msgspec
from litestar import get, put
from litestar.params import JSONBody, PathParameter

from hearth.core.errors import NotFound
from hearth.core.flags import Flag, set_flag
from hearth.web.dependencies import DbIn, FlagsIn, PersonIn

log = logging.getLogger("hearth.web")

Key = Annotated[str, PathParameter(pattern=r"^[a-z][a-z0-9_.-]{0,63}$")]


class FlagState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A flag: whether it is on, and for which share of persons, 0 to 100."""

    enabled: bool
    rollout_percentage: Annotated[float, msgspec.Meta(ge=0, le=100)] = msgspec.field(
        default=100.0, name="rolloutPercentage"
    )


@get("/api/feature-flags/{key:str}", tags=["flags"], opt={"scope": "flags:read"})
async def feature_flag(flags: FlagsIn, person: PersonIn, key: Key) -> FlagState:
    """Whether a feature is on: for the person who asks; staff see how it is set."""
    if not person.is_staff:
        return FlagState(flags.enabled(key, person.id))
    found = next((flag for flag in flags.all() if flag.key == key), None)
    if found is None:
        raise NotFound(f"There is no feature flag {key}.")
    return FlagState(found.enabled, found.rollout_percentage)


@put(
    "/api/feature-flags/{key:str}",
    tags=["flags"],
    opt={"scope": "flags:write", "role": "operations"},
)
async def set_feature_flag(
    db: DbIn, flags: FlagsIn, person: PersonIn, key: Key, data: JSONBody[FlagState]
) -> FlagState:
    """Switch a feature on or off, for all or for a share of persons."""
    await set_flag(db, person.id, Flag(key, data.enabled, data.rollout_percentage))
    await flags.load()
    log.info("feature flag set", extra={"flag": key, "by": str(person.id), "is": data})
    return data


routes: Final = [feature_flag, set_feature_flag]
