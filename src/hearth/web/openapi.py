"""The API described: OpenAPI 3.1 at `/api/openapi.json`, and a page to read it at `/api/docs`.

Litestar derives the operations from the handlers; what is added here is what holds for all of
them: the problems that can be answered, the ways to log in, the headers. Nothing is loaded from
elsewhere.
"""

from typing import Any, Final

import msgspec
from litestar import Litestar, Request, Response, Router, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.openapi.spec import Contact, License
from litestar.routes import HTTPRoute
from markupsafe import Markup, escape

from hearth.web.described import be_precise, versioned, without_nul
from hearth.web.problems import MEDIA_TYPE

Document = dict[str, Any]

_EVERYWHERE: Final = {
    400: "The request could not be read",
    401: "Nobody is logged in, or the token is not good",
    403: "Not allowed",
    404: "Not found",
    422: "The input was not accepted",
    429: "Too many requests; see Retry-After",
    503: "Not available right now",
}
_OF_CHANGES: Final = {
    409: "Conflict with what is there",
    412: "Changed in the meantime",
    413: "Too large",
}
_OF_BODIES: Final = {415: "A kind of body that is not read here"}
_PROBLEM: Final[Document] = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "code": {"type": "string", "description": "Stable; branch on this."},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
_SCHEMES: Final[Document] = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An access token from /api/auth/login, or an API token (hearth_...).",
    },
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "hearth",
        "description": "The browser's login. Changes also need X-CSRF-Token.",
    },
}
_HEADERS: Final[dict[str, Document]] = {
    "idempotency_key": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "Doing it twice with the same key is doing it once.",
        "schema": {
            "type": "string",
            "minLength": 1,
            "maxLength": 255,
            "pattern": "^[ -~]+$",
        },
    },
    "if_match": {
        "name": "If-Match",
        "in": "header",
        "required": False,
        "description": "The ETag of the version that is to be changed.",
        "schema": {"type": "string", "pattern": '^("[0-9]{1,18}"|[0-9]{1,18})$'},
    },
}


def _text(description: str, *, always: bool = False) -> Document:
    return {"description": description, "required": always, "schema": {"type": "string"}}


_ANSWERED: Final[dict[str, Document]] = {
    "X-Request-ID": _text("The request's own or a new one; in the log too.", always=True),
    "Server-Timing": _text("Milliseconds that the server took.", always=True),
    "RateLimit": _text("How many requests are left, and for how many seconds."),
    "RateLimit-Policy": _text("How many requests in how many seconds."),
}
_ETAG: Final = _text("The version of what is answered, for If-Match.", always=True)
_REPLAYED: Final = _text("`true` when the answer is that of an earlier request.")
_RETRY_AFTER: Final = _text("Seconds to wait.", always=True)
_AUTHENTICATE: Final = _text("How to log in.", always=True)


class _Names:
    """Gives operationIds: the handler's name; where it is taken already, with its path as well."""

    def __init__(self) -> None:
        self._taken: dict[str, str] = {}

    def __call__(self, handler: HTTPRouteHandler, method: Any, parts: Any) -> str:
        path = "_".join(getattr(part, "name", str(part)) for part in parts)
        own = f"{method} {path}"
        for name in (handler.handler_name, f"{handler.handler_name}_{path}".replace("-", "_")):
            if self._taken.setdefault(name, own) == own:
                return name
        return own.replace(" ", "_")


def describe(document: Document, app: Litestar) -> Document:
    """Litestar's description with what holds for every operation added."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    components["securitySchemes"] = _SCHEMES
    components["headers"] = _ANSWERED
    document["security"] = [{"bearer": []}, {"cookie": []}]
    paths = {path: item for path, item in document["paths"].items() if path.startswith("/api")}
    document["paths"] = dict(sorted(paths.items()))
    handlers = []
    for route in app.routes:
        if isinstance(route, HTTPRoute) and route.path_format in paths:
            for method, (handler, _) in route.route_handler_map.items():
                operation = paths[route.path_format].get(method.lower())
                if operation is not None:
                    _complete(operation, method, handler)
                    handlers.append(handler)
    be_precise(schemas, handlers)
    schemas["Problem"] = _PROBLEM
    return document


def _complete(operation: Document, method: str, handler: HTTPRouteHandler) -> None:
    if handler.opt.get("anonymous") or handler.opt.get("public"):
        operation["security"] = []
    if handler.summary is None:
        operation["summary"] = operation.get("description", "").partition(". ")[0].rstrip(".")
    problems = _EVERYWHERE if method == "GET" else _EVERYWHERE | _OF_CHANGES
    if "requestBody" in operation:
        problems = problems | _OF_BODIES
    responses = operation["responses"]
    # What Litestar says of its own validation errors is not the form in which we answer them.
    responses.pop("400", None)
    for status, description in problems.items():
        responses.setdefault(str(status), _problem_response(description))
    names = handler.parsed_fn_signature.parameters
    extra = [header for name, header in _HEADERS.items() if name in names]
    if extra:
        operation["parameters"] = [*operation.get("parameters", []), *extra]
    without_nul([parameter.get("schema") for parameter in operation.get("parameters", [])])
    without_nul(operation.get("requestBody"))
    for status, response in responses.items():
        response["headers"] = _headers(status, handler)


def _headers(status: str, handler: HTTPRouteHandler) -> Document:
    headers: Document = {name: {"$ref": f"#/components/headers/{name}"} for name in _ANSWERED}
    if status.startswith("2") and versioned(handler):
        headers["ETag"] = _ETAG
    if status == "201" and "idempotency_key" in handler.parsed_fn_signature.parameters:
        headers["Idempotency-Replayed"] = _REPLAYED
    if status == "401":
        headers["WWW-Authenticate"] = _AUTHENTICATE
    if status == "429":
        headers["Retry-After"] = _RETRY_AFTER
    return headers


def _problem_response(description: str) -> Document:
    reference = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "content": {MEDIA_TYPE: {"schema": reference}}}


def _described(app: Litestar) -> Document:
    kept: Document | None = getattr(app.state, "openapi", None)
    if kept is None:
        kept = describe(app.openapi_schema.to_schema(), app)
        app.state.openapi = kept
    return kept


class _Json(OpenAPIRenderPlugin):
    """The description as JSON."""

    def render(self, request: Any, _schema: Document) -> bytes:
        return msgspec.json.encode(_described(request.app))


class _Page(OpenAPIRenderPlugin):
    """The description as a page: plain HTML, no script."""

    def render(self, request: Any, _schema: Document) -> bytes:
        assets = request.app.state.assets
        style = assets.url("hearth.css") if assets.has("hearth.css") else None
        return _drawn(_described(request.app), style).encode()


_LINE: Final = Markup(
    "<details><summary><span><code>{method} {path}</code><br>{summary}</span></summary><p>{words}</p>"
    "<dl>{rows}</dl></details>"
)
_ROW: Final = Markup("<dt><code>{name}</code></dt><dd>{words}</dd>")


def _drawn(document: Document, style: str | None) -> str:
    areas: dict[str, list[Markup]] = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict) and "operationId" in operation:
                area = (operation.get("tags") or ["other"])[0]
                areas.setdefault(area, []).append(_operation(path, method, operation))
    parts = [
        Markup('<section class="card"><h2>{}</h2>{}</section>').format(area, Markup("").join(lines))
        for area, lines in sorted(areas.items())
    ]
    link = Markup('<link rel="stylesheet" href="{}">').format(style) if style else ""
    return (
        "<!doctype html><html lang=en><head><meta charset=utf-8>"
        '<meta name=viewport content="width=device-width, initial-scale=1">'
        f"<title>Hearth API</title>{link}</head><body><main><h1>Hearth API</h1>"
        '<p>The same for machines: <a href="/api/openapi.json">openapi.json</a>. Errors are '
        f"problem documents (RFC 9457).</p>{Markup('').join(parts)}</main></body></html>"
    )


def _operation(path: str, method: str, operation: Document) -> Markup:
    rows = [
        _ROW.format(
            name=f"{parameter['in']} {parameter['name']}", words=parameter.get("description", "")
        )
        for parameter in operation.get("parameters", [])
    ]
    rows += [
        _ROW.format(name=f"body {kind}", words=_schema_name(content))
        for kind, content in operation.get("requestBody", {}).get("content", {}).items()
    ]
    rows += [
        _ROW.format(name=status, words=response.get("description", ""))
        for status, response in sorted(operation["responses"].items())
    ]
    return _LINE.format(
        method=method.upper(),
        path=path,
        summary=escape(operation.get("summary", "")),
        words=operation.get("description", ""),
        rows=Markup("").join(rows),
    )


def _schema_name(content: Document) -> str:
    return str(content.get("schema", {}).get("$ref", "")).rpartition("/")[2]


@get("/api/openapi.json", opt={"public": True}, include_in_schema=False, sync_to_thread=False)
def openapi_json(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The description of this API."""
    body = msgspec.json.encode(_described(request.app))
    return Response(body, media_type="application/vnd.oai.openapi+json")


def openapi_config(version: str) -> OpenAPIConfig:
    """What Litestar is told about the description."""
    return OpenAPIConfig(
        title="Hearth",
        version=version,
        description="What people eat, in one self-hosted home.",
        license=License(name="AGPL-3.0-or-later", identifier="AGPL-3.0-or-later"),
        contact=Contact(name="Whoever runs this installation"),
        use_handler_docstrings=True,
        create_examples=False,
        operation_id_creator=_Names(),
        openapi_router=Router(
            "/api/docs", route_handlers=[], opt={"public": True}, include_in_schema=False
        ),
        render_plugins=[_Page(path="/"), _Json(path="/openapi.json")],
    )
