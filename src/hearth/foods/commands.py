"""What `hearth foods ...` does: imports from paths and addresses, and what is there."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

from hearth.core.db import Pool
from hearth.core.errors import Invalid
from hearth.foods import download, imports
from hearth.foods.catalogue import SourceCount, count_by_source
from hearth.foods.imports import PastImport, Progress, Report

Say = Callable[[str, int, int | None], None]
"""Told what is going on, how much of it is done, and how much there is in all where known."""


class Status(msgspec.Struct, frozen=True):
    """What the catalogue holds, and the last imports."""

    foods: list[SourceCount]
    imports: list[PastImport]


async def main_import(
    db: Pool,
    kind: Literal["usda", "off"],
    places: list[str],
    *,
    folder: Path,
    say: Say = lambda what, done, total: None,
) -> list[Report]:
    """`hearth foods import usda|off [PATH_OR_URL ...]`.

    Downloads land in `folder`. With no place, `usda` fetches the official files; `off` needs one.
    """
    wanted = places or (download.usda_addresses() if kind == "usda" else [])
    if not wanted:
        raise Invalid(
            "Give the path or address of an Open Food Facts dump (.jsonl.gz, .csv.gz or .parquet)."
        )
    reports = []
    for place in wanted:
        path = await _here(place, folder, say)

        def watch(progress: Progress, name: str = path.name) -> None:
            say(f"importing {name}", progress.rows, progress.total)

        if kind == "usda":
            reports.append(await imports.import_usda(db, path, watch, work=folder))
        else:
            reports.append(await imports.import_off(db, path, watch))
    return reports


async def main_status(db: Pool) -> Status:
    """`hearth foods status`."""
    return Status(await count_by_source(db), await imports.past_imports(db))


async def _here(place: str, folder: Path, say: Say) -> Path:
    if not download.is_address(place):
        return Path(place)
    return await download.fetch(
        place, folder, lambda here, total: say(f"fetching {place}", here, total)
    )
