"""From a struct to the JSON schema that providers accept, and from an answer back to the struct.

Providers take different subsets of JSON Schema. What all of them take: objects whose fields are all
required and no others allowed, arrays, strings, numbers, booleans, enumerations and null. Limits on
values go into descriptions, and are checked here when the answer comes.
"""

import re
from functools import lru_cache
from typing import Any, Final, TypeVar

import msgspec

T = TypeVar("T")
Schema = dict[str, Any]

_LIMITS: Final = {
    "minimum": "at least", "exclusiveMinimum": "more than", "maximum": "at most",
    "exclusiveMaximum": "less than", "minLength": "characters at least",
    "maxLength": "characters at most", "minItems": "items at least", "maxItems": "items at most",
    "pattern": "matches", "format": "as", "multipleOf": "a multiple of",
}  # fmt: skip
_SCALARS: Final = frozenset({"string", "number", "integer", "boolean", "null"})
_FENCE: Final = re.compile(r"^```[a-z]*\s*(.*?)\s*```$", re.DOTALL)
# The one letter that no database text can hold; an even number of backslashes before it is text.
_NUL: Final = re.compile(r"((?<!\\)(?:\\\\)*)\\u0000")
# Of a rejected answer, how much is shown to the model again, and of the reason.
LONGEST_REASON: Final = 400


class Misfit(ValueError):
    """An answer is not of its form; the message is for the model, which may try once more."""


@lru_cache(maxsize=128)
def schema_of(into: type) -> Schema:
    """The portable schema of a struct. A type that no provider can be held to is a `TypeError`."""
    if not (isinstance(into, type) and issubclass(into, msgspec.Struct)):
        raise TypeError(f"{into!r} is not a struct: a model's answer is always one")
    (whole,), definitions = msgspec.json.schema_components([into], ref_template="{name}")
    return _portable(whole, definitions, ())


def answer_in(text: str, into: type[T]) -> T:
    """The value in a model's text; `Misfit` says what is wrong with it.

    Whatever else the text says, only the struct's own fields are taken, each of its own type.
    """
    fenced = _FENCE.match(text.strip())
    plain = _NUL.sub(r"\1", fenced.group(1) if fenced else text)
    try:
        return msgspec.json.decode(plain, type=into)
    except (msgspec.DecodeError, UnicodeError, RecursionError, ValueError) as error:
        raise Misfit(str(error)[:LONGEST_REASON] or "not JSON") from None


def openapi(schema: Schema) -> Schema:
    """The same in the dialect of OpenAPI 3.0, where null is a property of a type."""
    kept = {key: value for key, value in schema.items() if key != "additionalProperties"}
    if "anyOf" in kept:
        options = [one for one in kept.pop("anyOf") if one.get("type") != "null"]
        inner = [openapi(one) for one in options]
        return {**kept, **(inner[0] if len(inner) == 1 else {"anyOf": inner}), "nullable": True}
    if kept.get("type") == "integer" and "enum" in kept:
        # There an enumeration is of strings.
        values = ", ".join(map(str, kept.pop("enum")))
        kept["description"] = "; ".join(filter(None, (kept.get("description"), f"one of {values}")))
    if "properties" in kept:
        kept["properties"] = {name: openapi(one) for name, one in kept["properties"].items()}
        kept["propertyOrdering"] = list(kept["properties"])
    if "items" in kept:
        kept["items"] = openapi(kept["items"])
    return kept


def _portable(schema: Schema, definitions: Schema, inside: tuple[str, ...]) -> Schema:
    if "$ref" in schema:
        name = schema["$ref"]
        if name in inside:
            raise TypeError(f"{name} contains itself: a model's answer needs an end")
        found = {**definitions[name], **{key: schema[key] for key in schema if key != "$ref"}}
        return _portable(found, definitions, (*inside, name))
    described = _described(schema)
    if "anyOf" in schema:
        return {
            **described,
            "anyOf": [_portable(one, definitions, inside) for one in schema["anyOf"]],
        }
    if "enum" in schema or "const" in schema:
        return {**described, **_enumeration(schema.get("enum", [schema.get("const")]))}
    kind = schema.get("type")
    if kind == "object" and "properties" in schema:
        return {**described, **_object(schema["properties"], definitions, inside)}
    if kind == "array" and isinstance(schema.get("items"), dict):
        return {**described, "type": kind, "items": _portable(schema["items"], definitions, inside)}
    if kind not in _SCALARS:
        raise TypeError(
            f"a model cannot be held to {schema!r}: use structs, lists and plain values"
        )
    return {**described, "type": kind}


def _object(fields: Schema, definitions: Schema, inside: tuple[str, ...]) -> Schema:
    return {
        "type": "object",
        "properties": {name: _portable(one, definitions, inside) for name, one in fields.items()},
        # A field with a default is required too: leaving out is what a strict schema cannot say.
        "required": list(fields),
        "additionalProperties": False,
    }


def _enumeration(values: list[Any]) -> Schema:
    kinds = {type(value) for value in values}
    if kinds not in ({str}, {int}):
        raise TypeError(f"a model cannot be held to one of {values!r}: words or whole numbers only")
    return {"type": "string" if kinds == {str} else "integer", "enum": values}


def _described(schema: Schema) -> Schema:
    limits = [f"{words} {schema[key]}" for key, words in _LIMITS.items() if key in schema]
    text = " ".join(schema.get("description", "").split())
    whole = ". ".join(part for part in (text.rstrip("."), "; ".join(limits)) if part)
    return {"description": whole} if whole else {}
