"""The schemas of bodies in the description of the API, as precise as the structs themselves.

msgspec describes what it checks; Litestar's own description leaves out what holds for the members
of a list or map, a bound of zero, and that unknown fields are refused.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final, get_args, get_origin

import msgspec
from litestar import Response
from litestar.handlers import HTTPRouteHandler

Document = dict[str, Any]
# PostgreSQL keeps no NUL in text, so none is let in.
_WITHOUT_NUL: Final = r"^[^\x00]*$"
_OF_ITS_OWN: Final = frozenset({"format", "enum", "pattern", "const"})


def be_precise(schemas: Document, handlers: Iterable[HTTPRouteHandler]) -> None:
    """Replace the schemas of the handlers' structs, and of the structs in them, by msgspec's."""
    kinds = {kind for handler in handlers for kind in _kinds(handler)}
    ordered = sorted(kinds, key=lambda kind: kind.__name__)
    _, found = msgspec.json.schema_components(ordered, ref_template="#/components/schemas/{name}")
    for name, schema in found.items():
        _with_moments(schema.get("properties", {}), schemas.get(name, {}).get("properties", {}))
    schemas.update(found)
    without_nul(schemas)


PICTURE: Final = "JPEG, PNG, WebP, HEIC or AVIF, at most 10 MiB."
"""What a file with a picture is, in the description."""


def file_schema(about: str, most: int | None = None) -> Document:
    """The schema of a file of a form; with `most` of one to so many files under one name."""
    file: Document = {"type": "string", "format": "binary", "description": about}
    if most is None:
        return file
    return {"type": "array", "minItems": 1, "maxItems": most, "items": file}


def form_schema(files: Document, beside: type[msgspec.Struct]) -> Document:
    """The schema of a form with these files, and with the fields of a struct as text beside them."""
    # A part of a form has no null and no default: what is not said is left out.
    said = {
        name: {"type": "string", **(schema.get("anyOf") or [schema])[0]}
        for name, schema in body_schema(beside)["properties"].items()
    }
    for schema in said.values():
        schema.pop("default", None)
    return {"type": "object", "additionalProperties": False, "properties": files | said}


def body_schema(kind: type[msgspec.Struct]) -> Document:
    """The schema of a struct without structs in it, its times told to be times."""
    _, found = msgspec.json.schema_components([kind], ref_template="{name}")
    schema: Document = found[kind.__name__]
    moments = {"format": "date-time"}
    for field in msgspec.structs.fields(kind):
        if datetime in (field.type, *get_args(field.type)):
            told = schema["properties"][field.encode_name]
            (told.get("anyOf") or [told])[0].update(moments)
    return schema


def versioned(handler: HTTPRouteHandler) -> bool:
    """Whether a success answers something that has a version, and with it an ETag."""
    annotation = handler.parsed_fn_signature.return_type.annotation
    if get_origin(annotation) is not Response or handler.status_code == 201:
        return False
    kinds = [kind for kind in get_args(annotation) if _is_struct(kind)]
    return any(
        field.name == "version" and field.type is int
        for kind in kinds
        for field in msgspec.structs.fields(kind)
    )


def without_nul(schema: Any) -> None:
    """Say of every text in a schema, unless it is described closer, that it has no NUL in it."""
    if isinstance(schema, list):
        for inner in schema:
            without_nul(inner)
    elif isinstance(schema, dict):
        if schema.get("type") == "string" and _OF_ITS_OWN.isdisjoint(schema):
            schema["pattern"] = _WITHOUT_NUL
        if isinstance(schema.get("additionalProperties"), dict):
            schema.setdefault("propertyNames", {"pattern": _WITHOUT_NUL})
        for inner in list(schema.values()):
            without_nul(inner)


def _with_moments(precise: Document, usual: Document) -> None:
    """Say of times that they are; msgspec does not where a time may come without an offset."""
    for name, schema in precise.items():
        if "date-time" in str(usual.get(name)):
            for one in (schema, *schema.get("anyOf", [])):
                if one == {"type": "string"}:
                    one["format"] = "date-time"


def _kinds(handler: HTTPRouteHandler) -> Iterator[type[msgspec.Struct]]:
    data = handler.parsed_fn_signature.parameters.get("data")
    if data is not None:
        yield from _structs(data.annotation)
    yield from _answered(handler)
    for spec in (handler.responses or {}).values():
        yield from _structs(spec.data_container)


def _answered(handler: HTTPRouteHandler) -> Iterator[type[msgspec.Struct]]:
    return _structs(handler.parsed_fn_signature.return_type.annotation)


def _is_struct(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, msgspec.Struct)


def _structs(annotation: Any) -> Iterator[type[msgspec.Struct]]:
    """The structs in an annotation: itself, or those that it is a response, list or union of."""
    if _is_struct(annotation):
        yield annotation
    for inner in get_args(annotation):
        yield from _structs(inner)
