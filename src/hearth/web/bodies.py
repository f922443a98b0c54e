"""Bodies of requests: JSON read strictly, straight into the struct that a handler takes.

Litestar reads a body into plain objects and converts them leniently, as it must for the address:
"12" would pass for 12, and 0 for a moment in 1970. A body has types of its own and is held to them.
"""

from typing import Any, Final, TypeVar

import msgspec
from litestar import Request
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler

from hearth.core.errors import FieldError, Invalid, Malformed
from hearth.web.problems import refusal_of

T = TypeVar("T")
AnyRequest = Request[Any, Any, Any]
_JSON: Final = ("application/json", "")


def read_strictly(handler: HTTPRouteHandler, model: Any) -> None:
    """Let the handler's `data` be read so, where it is JSON. `model` is its KwargsModel.

    The place where Litestar keeps how it reads is an inside of it, which a test watches; where that
    has changed, bodies are read as Litestar does.
    """
    field = handler.parsed_fn_signature.parameters.get("data")
    names = [getattr(one, "__qualname__", "") for one in getattr(model, "extractors", [])]
    usual = "create_data_extractor.<locals>.extractor"
    if field is None or model.expected_form_data or names.count(usual) != 1:
        return
    decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(field.annotation)

    async def extract(values: dict[str, Any], connection: AnyRequest) -> None:
        values["data"] = decoded(decoder, connection.content_type[0], await connection.body())

    model.extractors[names.index(usual)] = extract


async def body_of(request: AnyRequest, into: type[T]) -> T:
    """The struct in the JSON body, for a handler that takes bodies of several media types."""
    decoder = msgspec.json.Decoder(into)
    found: T = decoded(decoder, request.content_type[0], await request.body())
    return found


def decoded(decoder: msgspec.json.Decoder[Any], kind: str, body: bytes) -> Any:
    """The struct in a body of a media type; else a `Problem` that says what is wrong with it."""
    if kind not in _JSON and not (kind.startswith("application/") and kind.endswith("+json")):
        raise HTTPException(
            f"The body is said to be {kind[:100]}; send JSON, as Content-Type: application/json.",
            status_code=415,
        )
    if not body.strip():
        raise Invalid("The body is missing.", errors=(FieldError("body", "Send a JSON object."),))
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise refusal_of(error) from None
    except msgspec.DecodeError as error:
        raise Malformed(f"The body is not the JSON that is expected here: {error}.") from None
    except UnicodeDecodeError:
        raise Malformed("The body is not valid UTF-8.") from None
