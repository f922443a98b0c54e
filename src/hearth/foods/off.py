"""Open Food Facts: the official dumps (JSONL, tab-separated CSV, Parquet) read as foods.

Products of Open Food Facts, (c) Open Food Facts contributors, under the Open Database License 1.0.
Rows that cannot be used are counted with their reason and never stop a run.
"""

import gzip
import io
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

from hearth.core.errors import Invalid
from hearth.foods import quality
from hearth.foods.barcodes import canonical
from hearth.foods.foods import CarbBasis, Food
from hearth.foods.nutrients import Nutrients
from hearth.foods.off_nutrition import READ, Unusable, from_nutriments, from_nutrition
from hearth.foods.portions import serving
from hearth.foods.usda import connect

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ATTRIBUTION: Final = "© Open Food Facts contributors, ODbL 1.0"
BATCH: Final = 5_000
LANGUAGES: Final = {"en": "en", "sv": "sv", "sr": "sr-Cyrl"}
# Labels there state total carbohydrate (21 CFR 101.9); elsewhere fibre is not part of it.
TOTAL_CARBOHYDRATE: Final = frozenset({"en:united-states", "en:canada"})
MACROS: Final = frozenset({"energy_kcal", "protein_g", "carb_g", "fat_g"})
TEXT_COLUMNS: Final = (
    "code", "product_name", "product_name_en", "product_name_sv", "product_name_sr", "generic_name",
    "lang", "brands", "categories_tags", "countries_tags", "serving_size", "last_modified_t",
    "unique_scans_n",
)  # fmt: skip


class Product(msgspec.Struct, frozen=True):
    """One product as any of the dumps states it. Nothing is trusted, hence the open types."""

    code: Any = None
    product_name: Any = None
    product_name_en: Any = None
    product_name_sv: Any = None
    product_name_sr: Any = None
    generic_name: Any = None
    lang: Any = None
    brands: Any = None
    categories_tags: Any = None
    countries_tags: Any = None
    serving_size: Any = None
    last_modified_t: Any = None
    unique_scans_n: Any = None
    nutriments: Any = None
    nutrition: Any = None


class OffFood(msgspec.Struct, frozen=True):
    """A usable product: the food, the day of its last change, its scans, what is doubtful."""

    food: Food
    released: date | None
    scans: int
    flags: tuple[str, ...]


class Chunk(msgspec.Struct, frozen=True):
    """Some rows of a dump: where the reading stands after them, the usable ones, the others."""

    position: int
    read: int
    foods: list[OffFood]
    skipped: Counter[str]


def usable(product: Product) -> OffFood:
    """The product as a food. Raises `Unusable` with the reason."""
    barcode = canonical(str(product.code or ""))
    if barcode is None:
        raise Unusable("the barcode is missing or its check digit is wrong")
    names, name = _names(product)
    if not name:
        raise Unusable("the product has no name")
    basis: CarbBasis = "total" if _sold_only_in_america(product) else "available"
    nutrients, swapped = _nutrients(product)
    if MACROS.isdisjoint(nutrients):
        raise Unusable("neither energy nor protein, carbohydrate or fat is stated")
    if reason := quality.impossible(nutrients, basis):
        raise Unusable(reason)
    portion = serving(str(product.serving_size or ""), density_g_ml=1.0)
    doubts = {"energy_reversed": swapped, "internal_code": barcode.internal}
    food = Food(
        id=f"off:{barcode.text}", name=name, nutrients=nutrients, names=names,
        brand=_text(product.brands).split(",")[0].strip()[:200] or None,
        category=_category(product), portions=(portion,) if portion else (),
        barcode=barcode.text, carb_basis=basis, source=ATTRIBUTION,
    )  # fmt: skip
    return OffFood(
        food, _day(product.last_modified_t), _count(product.unique_scans_n),
        tuple(name for name, is_so in doubts.items() if is_so),
    )  # fmt: skip


def chunks(path: Path, after: int = 0) -> Iterator[Chunk]:
    """The rows of a dump after its first `after`. Raises `Invalid` for other files."""
    read = reader_of(path)
    skipped: Counter[str] = Counter()
    foods: dict[str, OffFood] = {}
    position = begin = after
    try:
        for product in read(path, after, skipped):
            position += 1
            if product is not None:
                _take(product, foods, skipped)
            if position - begin >= BATCH:
                yield Chunk(position, position - begin, list(foods.values()), skipped.copy())
                begin = position
                foods.clear()
                skipped.clear()
    except (EOFError, gzip.BadGzipFile, zlib.error, _duckdb_error()) as error:
        # What came before the damage is kept.
        skipped[f"the file is damaged from here on: {str(error).splitlines()[0][:120]}"] += 1
    if position > begin or skipped:
        yield Chunk(position, position - begin, list(foods.values()), skipped)


def _take(product: Product, foods: dict[str, OffFood], skipped: Counter[str]) -> None:
    try:
        one = usable(product)
    except Unusable as reason:
        skipped[str(reason)] += 1
    else:
        foods[one.food.id] = one


def reader_of(path: Path) -> Any:
    """What reads a dump, by the name of its file. Raises `Invalid` when nothing does."""
    if not path.is_file():
        raise Invalid(f"There is no file {path}. Give the path of an Open Food Facts dump.")
    name = path.name.lower().removesuffix(".gz")
    if name.endswith((".jsonl", ".ndjson", ".json")):
        return _jsonl
    if name.endswith((".csv", ".tsv")):
        return _tab_separated
    if name.endswith(".parquet"):
        return _parquet
    raise Invalid(f"{path.name} is none of .jsonl, .csv or .parquet (the first two also with .gz).")


def _jsonl(path: Path, after: int, skipped: Counter[str]) -> Iterator[Product | None]:
    """One product a line, decoded into the few fields that matter."""
    decode = msgspec.json.Decoder(Product).decode
    packed = path.name.lower().endswith(".gz")
    with gzip.open(path) if packed else path.open("rb") as file:
        lines = io.BufferedReader(cast(Any, file), 1 << 20)
        for number, line in enumerate(lines):
            if number < after:
                continue
            try:
                yield decode(line)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                skipped["the line is not a JSON object"] += 1
                yield None


def _tab_separated(path: Path, after: int, skipped: Counter[str]) -> Iterator[Product | None]:
    """The CSV dump: tabs, no quoting, columns found by their header."""
    reading = (
        f"read_csv('{_quoted(path)}', delim='\t', quote='', escape='', header=true,"
        " all_varchar=true, ignore_errors=true, store_rejects=true, rejects_limit=100000,"
        " max_line_size=8000000)"
    )
    with connect() as database:
        _bounded(database)
        present = _columns(database, reading, path)
        texts = [name for name in TEXT_COLUMNS if name in present]
        amounts = [name for name in READ if f"{name}_100g" in present]
        listed = [_name(name) for name in texts] + [_name(f"{name}_100g") for name in amounts]
        keys = [f"{name}_100g" for name in amounts]
        found = database.execute(f"select {', '.join(listed)} from {reading} offset {after}")  # noqa: S608
        while rows := found.fetchmany(BATCH):
            for row in rows:
                nutriments = dict(zip(keys, row[len(texts) :], strict=True))
                yield Product(**dict(zip(texts, row, strict=False)), nutriments=nutriments)
        for kind, count in database.execute(
            "select lower(error_type::varchar), count(distinct line) from reject_errors group by 1"
        ).fetchall():
            skipped[f"the line cannot be split into columns: {kind}"] += count


def _parquet(path: Path, after: int, skipped: Counter[str]) -> Iterator[Product | None]:
    """The Parquet dump: names and nutriments are lists of structs."""
    reading = f"read_parquet('{_quoted(path)}', file_row_number=true)"
    with connect() as database:
        _bounded(database)
        present = _columns(database, reading, path)
        fields = [name for name in Product.__struct_fields__ if name in present]
        listed = ", ".join(
            f'to_json("{name}")::varchar' if name == "nutrition" else _name(name) for name in fields
        )
        found = database.execute(
            f"select {listed} from {reading} where file_row_number >= {after}"  # noqa: S608
        )
        while rows := found.fetchmany(BATCH):
            for row in rows:
                yield _from_parquet(dict(zip(fields, row, strict=True)))


def _from_parquet(row: dict[str, Any]) -> Product:
    names = row.pop("product_name", None)
    if isinstance(names, list):
        by_language = {one["lang"]: one["text"] for one in names if one}
        row["product_name"] = by_language.get("main") or by_language.get(row.get("lang"))
        row["product_name"] = row["product_name"] or next(iter(by_language.values()), None)
        row |= {f"product_name_{code}": by_language.get(code) for code in LANGUAGES}
    else:
        row["product_name"] = names
    if isinstance(row.get("generic_name"), list):
        row["generic_name"] = next((one["text"] for one in row["generic_name"] if one), None)
    if isinstance(row.get("nutriments"), list):
        row["nutriments"] = {
            f"{one['name']}_100g": one.get("100g") for one in row["nutriments"] if one
        }
    if isinstance(row.get("nutrition"), str):
        row["nutrition"] = msgspec.json.decode(row["nutrition"])
    return Product(**row)


def _duckdb_error() -> type[Exception]:
    from duckdb import Error

    return Error


def _bounded(database: "DuckDBPyConnection") -> None:
    database.execute("set memory_limit='1GB'; set threads=2")


def _columns(database: "DuckDBPyConnection", reading: str, path: Path) -> set[str]:
    try:
        described = database.execute(f"describe select * from {reading}").fetchall()  # noqa: S608
    except _duckdb_error() as error:
        first = str(error).splitlines()[0]
        raise Invalid(f"{path.name} cannot be read as an Open Food Facts dump: {first}") from None
    present = {str(column[0]) for column in described}
    if "code" not in present:
        raise Invalid(f"{path.name} has no column `code`. Take an official Open Food Facts dump.")
    return present


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _nutrients(product: Product) -> tuple[Nutrients, bool]:
    """From the newer shape where the product has it, else from the older one."""
    if isinstance(product.nutrition, Mapping) and product.nutrition:
        nutrients, swapped = from_nutrition(product.nutrition)
        if nutrients:
            return nutrients, swapped
    if isinstance(product.nutriments, Mapping):
        return from_nutriments(product.nutriments)
    return {}, False


def _names(product: Product) -> tuple[dict[str, str], str]:
    """The names by our locales, and the product's own name."""
    names = {}
    for language, locale in LANGUAGES.items():
        if text := _text(getattr(product, f"product_name_{language}"))[:200]:
            names[locale] = text
    own = _text(product.product_name)[:200] or next(iter(names.values()), "")
    spoken = LANGUAGES.get(_text(product.lang))
    if own and spoken:
        names.setdefault(spoken, own)
    return names, own or _text(product.generic_name)[:200]


def _text(value: Any) -> str:
    return " ".join(value.replace("\x00", "").split()) if isinstance(value, str) else ""


def _tags(value: Any) -> Sequence[str]:
    if isinstance(value, str):
        return [tag.strip() for tag in value.split(",") if tag.strip()]
    return [tag for tag in value if isinstance(tag, str)] if isinstance(value, list) else []


def _sold_only_in_america(product: Product) -> bool:
    countries = set(_tags(product.countries_tags))
    return bool(countries) and countries <= TOTAL_CARBOHYDRATE


def _category(product: Product) -> str | None:
    tags = _tags(product.categories_tags)
    return tags[-1].partition(":")[2].replace("-", " ")[:200] or None if tags else None


def _count(value: Any) -> int:
    try:
        return min(max(int(float(value)), 0), 1_000_000)
    except (TypeError, ValueError, OverflowError):
        return 0


def _day(value: Any) -> date | None:
    try:
        return datetime.fromtimestamp(int(value), UTC).date()
    except (TypeError, ValueError, OverflowError, OSError):
        return None
