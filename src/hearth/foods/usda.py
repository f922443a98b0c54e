"""USDA FoodData Central: the official CSV downloads (zip or unpacked folder) read as foods.

Survey, SR Legacy, Foundation, Branded and the full download have the same files; what a release
lacks is simply absent. Columns are found by their header, never by their place. DuckDB joins and
groups with bounded memory; rows that it cannot read are counted with their reason and left out.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from hearth.core.errors import Invalid
from hearth.foods.barcodes import canonical
from hearth.foods.bundles import unzipped
from hearth.foods.foods import Food
from hearth.foods.nutrients import CODES, NUTRIENTS, Nutrients
from hearth.foods.portions import counted, density, serving, with_default

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# The files that are read, and the columns of each that matter; a bundle may lack any but food.csv.
FILES: Final[dict[str, tuple[str, ...]]] = {
    "food": ("fdc_id", "data_type", "description", "food_category_id", "publication_date"),
    "food_nutrient": ("fdc_id", "nutrient_id", "amount"),
    "nutrient": ("id", "nutrient_nbr"),
    "food_portion": (
        "id", "fdc_id", "seq_num", "amount", "measure_unit_id", "portion_description",
        "modifier", "gram_weight",
    ),
    "measure_unit": ("id", "name"),
    "food_category": ("id", "description"),
    "wweia_food_category": (
        "wweia_food_category", "wweia_food_category_code", "wweia_food_category_description",
    ),
    "food_attribute": ("id", "fdc_id", "seq_num", "food_attribute_type_id", "value"),
    "survey_fndds_food": ("fdc_id", "food_code", "wweia_category_code", "wweia_category_number"),
    "sr_legacy_food": ("fdc_id", "NDB_number"),
    "foundation_food": ("fdc_id", "NDB_number"),
    "branded_food": (
        "fdc_id", "brand_owner", "brand_name", "gtin_upc", "serving_size", "serving_size_unit",
        "household_serving_fulltext", "branded_food_category", "discontinued_date",
    ),
}  # fmt: skip

KINDS: Final[dict[str, str]] = {
    "survey_fndds_food": "survey",
    "sr_legacy_food": "SR Legacy",
    "foundation_food": "Foundation",
    "branded_food": "branded",
}
ON_DISK_ABOVE_BYTES: Final = 300_000_000
BATCH: Final = 5_000
# Atwater's general factors, for Foundation foods of which no energy is published.
ATWATER: Final = {"protein_g": 4.0, "carb_g": 4.0, "fat_g": 9.0, "alcohol_g": 7.0}


class UsdaFood(msgspec.Struct, frozen=True):
    """A food of a bundle with its place in the reading order and the day of its publication."""

    fdc_id: int
    food: Food
    released: date | None


class _Row(msgspec.Struct, frozen=True):
    """One food as the joined tables give it; fields in the order of the query's columns."""

    fdc_id: int
    data_type: str
    description: str
    published: str | None
    category: str | None
    food_code: str | None
    ndb_number: str | None
    brand_owner: str | None
    brand_name: str | None
    gtin: str | None
    serving_size: float | None
    serving_unit: str | None
    household_serving: str | None
    places: list[int] | None
    amounts: list[float] | None
    aliases: list[str] | None
    portions: list[dict[str, Any]] | None


def read_bundle(path: str | Path) -> Iterator[Food]:
    """Every food of an official FoodData Central download: a zip or an unpacked folder.

    Raises `Invalid` when the path is not such a download.
    """
    with Bundle.opened(Path(path)) as bundle:
        for one in bundle.foods():
            yield one.food


def connect(database: str = ":memory:") -> "DuckDBPyConnection":
    """A DuckDB of our own. It is loaded here, because only imports need its 40 MB of memory."""
    import duckdb

    return duckdb.connect(database)


class Bundle:
    """An opened download, joined and grouped in DuckDB. `skipped` counts bad rows by reason."""

    def __init__(self, folder: Path, work: Path) -> None:
        self.skipped: Counter[str] = Counter()
        large = sum(file.stat().st_size for file in folder.glob("*.csv")) > ON_DISK_ABOVE_BYTES
        self._db = connect(str(work / "bundle.duckdb") if large else ":memory:")
        self._db.execute(
            f"set memory_limit='1GB'; set threads=2; set temp_directory='{work}';"
            " set preserve_insertion_order=false"
        )
        for name, columns in FILES.items():
            self._load(name, folder / f"{name}.csv", columns)
        self._join()

    @classmethod
    @contextmanager
    def opened(cls, path: Path, work: Path | None = None) -> Iterator["Bundle"]:
        """The bundle at `path`; temporary files go under `work` and are removed afterwards."""
        if not path.exists():
            raise Invalid(f"There is no file {path}. Give the path of a FoodData Central CSV zip.")
        with tempfile.TemporaryDirectory(dir=work, prefix="usda-") as scratch:
            folder = path if path.is_dir() else unzipped(path, Path(scratch), FILES)
            if not (folder / "food.csv").is_file():
                raise Invalid(
                    f"{path} holds no food.csv. Take one of the CSV downloads of FoodData Central."
                )
            bundle = cls(folder, Path(scratch))
            try:
                yield bundle
            finally:
                bundle._db.close()

    @property
    def total(self) -> int:
        """How many foods the bundle has."""
        found = self._db.execute("select count(*) from wanted").fetchone()
        return int(found[0]) if found else 0

    def foods(self, after: int = 0) -> Iterator[UsdaFood]:
        """The foods with an `fdc_id` above `after`, ascending."""
        reading = self._db.cursor()
        span = (
            "select min(fdc_id), max(fdc_id) from (select fdc_id from wanted where fdc_id > $after"
        )
        span += f" order by fdc_id limit {BATCH})"
        while True:
            found = reading.execute(span, {"after": after}).fetchone()
            if found is None or found[0] is None:
                return
            low, after = found
            for row in reading.execute(_JOINED, {"low": low, "high": after}).fetchall():
                yield from self._read(_Row(*row))

    def _read(self, row: _Row) -> Iterator[UsdaFood]:
        food = _food(row)
        if food is None:
            self.skipped["a food without a name or without its own key"] += 1
        else:
            yield UsdaFood(row.fdc_id, food, _day(row.published))

    def _load(self, name: str, file: Path, columns: Sequence[str]) -> None:
        """The columns of `file` as a table of text; what the file lacks is NULL."""
        if not file.is_file():
            listed = _listed(columns, set())
            self._db.execute(f"create table {name} as select {listed} where false")
            return
        reading = (
            f"read_csv('{_quoted(file)}', header=true, all_varchar=true, delim=',', quote='\"',"
            " escape='\"', ignore_errors=true, store_rejects=true, rejects_limit=100000)"
        )
        described = self._db.execute(f"describe select * from {reading}").fetchall()  # noqa: S608
        listed = _listed(columns, {column[0] for column in described})
        # In the order of the foods, so that a few thousand of them touch a small part of a table.
        ordered = " order by fdc_id" if "fdc_id" in columns else ""
        self._db.execute(f"create table {name} as select {listed} from {reading}{ordered}")  # noqa: S608
        self._count_rejects(name)

    def _count_rejects(self, name: str) -> None:
        rejects = self._db.execute(
            "select lower(error_type::varchar), count(distinct line) from reject_errors group by 1"
        ).fetchall()
        for kind, count in rejects:
            self.skipped[f"{name}.csv: {kind}"] += count
        self._db.execute("drop table reject_errors; drop table reject_scans")

    def _join(self) -> None:
        self._db.execute("create table place (nutrient_id varchar, place int, preference int)")
        self._db.executemany("insert into place values (?, ?, ?)", _places())
        # The survey downloads name nutrients by their older number (203) instead of the id (1003).
        self._db.execute(
            "insert into place select n.nutrient_nbr, p.place, p.preference from place p"
            " join nutrient n on n.id = p.nutrient_id where n.nutrient_nbr <> ''"
        )
        for reason, counting in _BAD_ROWS.items():
            found = self._db.execute(counting).fetchone()
            if found and found[0]:
                self.skipped[reason] += found[0]
        self._db.execute(_WANTED)


_BAD_ROWS: Final = {
    "food_nutrient.csv: the amount is not a number from 0 to 1,000,000": (
        "select count(*) from food_nutrient where amount <> ''"
        " and not coalesce(try_cast(amount as double) between 0 and 1e6, false)"
    ),
    "food.csv: the fdc_id is not a number": ("select count(*) from food where fdc_id is null"),
    "food_portion.csv: the weight is not a number": (
        "select count(*) from food_portion where gram_weight <> ''"
        " and try_cast(gram_weight as double) is null"
    ),
}

# The sample and acquisition rows of the Foundation download are no foods.
_WANTED: Final = """
create table wanted as
select distinct on (fdc_id) * from food
where fdc_id is not null
  and data_type in ('survey_fndds_food', 'sr_legacy_food', 'foundation_food', 'branded_food')
order by fdc_id
"""

_JOINED: Final = """
with amount as (
  select n.fdc_id, p.place, arg_min(try_cast(n.amount as double), p.preference) as amount
  from food_nutrient n join place p on p.nutrient_id = n.nutrient_id
  where n.fdc_id between $low and $high and try_cast(n.amount as double) between 0 and 1e6
  group by 1, 2
), amounts as (
  select fdc_id, list(place) as places, list(amount) as amounts from amount group by 1
), attributes as (
  select fdc_id, list(value order by try_cast(seq_num as int), try_cast(id as bigint)) as aliases
  from food_attribute
  where fdc_id between $low and $high and food_attribute_type_id = '1001' and value <> ''
  group by 1
), measured as (
  select p.fdc_id,
         list({'amount': try_cast(p.amount as double), 'description': p.portion_description,
               'modifier': p.modifier, 'unit': case when u.id <> '9999' then u.name end,
               'grams': try_cast(p.gram_weight as double)}
              order by try_cast(p.seq_num as int) nulls last, try_cast(p.id as bigint)) as portions
  from food_portion p left join measure_unit u on u.id = p.measure_unit_id
  where p.fdc_id between $low and $high and try_cast(p.gram_weight as double) > 0 group by 1
), wweia as (
  select coalesce(wweia_food_category, wweia_food_category_code) as id,
         wweia_food_category_description as description from wweia_food_category
), label as (
  select * from branded_food where fdc_id between $low and $high
)
select distinct on (f.fdc_id) f.fdc_id, f.data_type, trim(f.description), f.publication_date,
  coalesce(w.description, c.description, nullif(b.branded_food_category, '')),
  s.food_code, l.NDB_number,
  nullif(b.brand_owner, ''), nullif(b.brand_name, ''), b.gtin_upc,
  try_cast(b.serving_size as double), b.serving_size_unit, b.household_serving_fulltext,
  a.places, a.amounts, t.aliases, m.portions
from wanted f
left join survey_fndds_food s on s.fdc_id = f.fdc_id
left join sr_legacy_food l on l.fdc_id = f.fdc_id
left join label b on b.fdc_id = f.fdc_id
left join wweia w on f.data_type = 'survey_fndds_food'
  and w.id = coalesce(s.wweia_category_code, s.wweia_category_number, f.food_category_id)
left join food_category c on f.data_type <> 'survey_fndds_food' and c.id = f.food_category_id
left join amounts a on a.fdc_id = f.fdc_id
left join attributes t on t.fdc_id = f.fdc_id
left join measured m on m.fdc_id = f.fdc_id
where f.fdc_id between $low and $high
order by f.fdc_id
"""


def _listed(columns: Sequence[str], present: set[str]) -> str:
    """The select list of a file's columns; `fdc_id` as a number, what the file lacks as NULL."""
    listed = []
    for column in columns:
        kind = "bigint" if column == "fdc_id" else "varchar"
        value = f'try_cast("{column}" as {kind})' if column in present else f"null::{kind}"
        listed.append(f'{value} as "{column}"')
    return ", ".join(listed)


def _places() -> list[tuple[str, int, int]]:
    return [
        (str(fdc_id), place, preference)
        for place, nutrient in enumerate(NUTRIENTS)
        for preference, fdc_id in enumerate(nutrient.fdc_ids)
    ]


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _food(row: _Row) -> Food | None:
    key = _key(row)
    if key is None or not row.description:
        return None
    branded = row.data_type == "branded_food"
    portions = _branded_portions(row) if branded else _portions(row.portions or ())
    barcode = canonical(row.gtin or "")
    return Food(
        id=key,
        name=row.description,
        nutrients=_nutrients(row),
        aliases=_aliases(row.aliases or ()),
        brand=row.brand_name or row.brand_owner,
        category=row.category,
        portions=portions,
        density_g_ml=density(portions),
        barcode=barcode.text if barcode else None,
        source=f"USDA FoodData Central, {KINDS[row.data_type]}",
    )


def _key(row: _Row) -> str | None:
    match row.data_type:
        case "survey_fndds_food":
            return f"fndds:{row.food_code}" if row.food_code else None
        case "sr_legacy_food":
            return f"sr:{row.ndb_number.zfill(5)}" if row.ndb_number else None
        case "foundation_food":
            return f"foundation:{row.fdc_id}"
        case _:
            return f"branded:{row.fdc_id}"


def _nutrients(row: _Row) -> Nutrients:
    stated = {
        CODES[place]: amount
        for place, amount in zip(row.places or (), row.amounts or (), strict=True)
    }
    nutrients = {code: stated[code] for code in CODES if code in stated}
    macros = nutrients.keys() >= {"protein_g", "carb_g", "fat_g"}
    if row.data_type == "foundation_food" and "energy_kcal" not in nutrients and macros:
        energy = sum(factor * nutrients.get(code, 0.0) for code, factor in ATWATER.items())
        nutrients = {"energy_kcal": round(energy, 1), **nutrients}
    return nutrients


def _aliases(values: Sequence[str]) -> tuple[str, ...]:
    parts = (part.strip() for value in values for part in value.split(";"))
    return tuple(dict.fromkeys(part for part in parts if part))


def _portions(stated: Sequence[dict[str, Any]]) -> tuple[Any, ...]:
    portions = []
    for one in stated:
        words = one["description"] or " ".join(filter(None, (one["unit"], one["modifier"])))
        amount = None if one["description"] else one["amount"]
        if portion := counted(amount, words, one["grams"]):
            portions.append(portion)
    return with_default(portions)


def _branded_portions(row: _Row) -> tuple[Any, ...]:
    """The label's serving. Liquids are stated per 100 ml, so their ml count as grams."""
    if not row.serving_size or row.serving_size <= 0:
        return ()
    words = f" ({row.household_serving})" if row.household_serving else ""
    portion = serving(f"{row.serving_size:g} {row.serving_unit or 'g'}{words}", density_g_ml=1.0)
    return (portion,) if portion else ()


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
