"""Where an item's figures come from, in words for its reader."""

from hearth.foods import SOURCES
from hearth.web import gettext


def source_told(provenance: str) -> str:
    """A provenance such as `starter:banana@0; grams as given`: its table, and how it was weighed."""
    source, _, how = provenance.partition("; ")
    table = source.partition(":")[0]
    if table in ("own", "quick add"):
        return _joined(gettext("your own figures"), _weighing(how))
    return _joined(SOURCES.get(table, source), _weighing(how))


def _weighing(how: str) -> str:
    if how == "grams as given":
        return gettext("grams as given")
    if how.startswith("portion "):
        return gettext("weighed by its portion")
    if how.startswith("density "):
        return gettext("weighed by its volume")
    return how


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
