"""The web application, put together from its doors and the domains' handlers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from litestar import Litestar
from litestar.datastructures import State
from litestar.exceptions import (
    ImproperlyConfiguredException,
    MethodNotAllowedException,
    NotFoundException,
)
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.types import ControllerRouterHandler

from hearth import privacy
from hearth.core.cache import Cache
from hearth.core.db import Db
from hearth.core.files import Files
from hearth.core.flags import Flags
from hearth.core.limits import Limits
from hearth.core.secrets import Vault
from hearth.people import Person, standing
from hearth.web import (
    assets,
    auth_api,
    consents_api,
    costs,
    flags_api,
    health,
    identity,
    openapi,
    problems,
    profile_api,
)
from hearth.web.assets import Assets
from hearth.web.bodies import read_strictly
from hearth.web.doors import MEBIBYTE, Doors
from hearth.web.providers import Give, declared, give_directly, providers
from hearth.web.templates import make_environment
from hearth.web.threshold import Networks, Threshold
from hearth.web.uploads import MOST_FILES

_HERE: Final = Path(__file__).parent
Hook = Callable[[], Any]

ROUTES: Final[tuple[ControllerRouterHandler, ...]] = (
    auth_api.auth,
    *profile_api.routes,
    *flags_api.routes,
    *consents_api.routes,
    *health.routes,
    *assets.routes,
    openapi.openapi_json,
)
"""The shell's own handlers."""


def make_app(
    doors: Doors,
    routes: Iterable[ControllerRouterHandler] = (),
    *,
    provide: Mapping[str, Give] | None = None,
    page_folders: Iterable[Path] = (),
    on_startup: Sequence[Hook] = (),
    on_shutdown: Sequence[Hook] = (),
) -> Litestar:
    """The application: `routes` are the domains', `provide` their own dependencies by name.

    A dependency is a function of the request that has its value at hand; it does no work.

    Refuses to start when a handler asks for a dependency that nobody provides.
    """
    given = providers(doors, provide or {})
    app = Litestar(
        route_handlers=[*ROUTES, *routes],
        dependencies=declared(given),
        before_request=identity.admit,
        exception_handlers=problems.HANDLERS,
        openapi_config=openapi.openapi_config(doors.site.version),
        on_startup=list(on_startup),
        on_shutdown=list(on_shutdown),
        state=_state(doors, page_folders),
        # The threshold counts bodies by their kind; this is only a backstop above it.
        request_max_body_size=MOST_FILES * doors.site.max_file_size + MEBIBYTE,
        logging_config=None,
        debug=False,
    )
    for handler, model in _handlers(app):
        _demand_provided(handler)
        _demand_admitted(handler)
        give_directly(model, given)
        read_strictly(handler, model)
    standing.follow(doors.cache)
    privacy.declare_models(doors.ai)
    app.asgi_handler = Threshold(app.asgi_handler, doors.site, lambda path: _allowed(app, path))
    return app


def _state(doors: Doors, page_folders: Iterable[Path]) -> State:
    files = Assets(_HERE / "static")
    templates = make_environment([_HERE / "pages", *page_folders], files)
    # What the request for consent says of a model.
    templates.globals |= {"maker_of": costs.maker_of, "price_words": costs.price_words}
    templates.globals["consent_of"] = privacy.model_purpose
    kept = {
        "doors": doors,
        "assets": files,
        "templates": templates,
        "metrics_networks": Networks(doors.site.metrics_networks),
    }
    # Copied deeply, as is usual, the handlers would have doors of their own.
    return State(kept, deep_copy=False)


# What a request must never be able to say by a parameter of its address.
_OURS: Final = frozenset({Person, Doors, Db, Vault, Cache, Limits, Files, Flags})


def _handlers(app: Litestar) -> list[tuple[HTTPRouteHandler, Any]]:
    routes = [route for route in app.routes if isinstance(route, HTTPRoute)]
    return [found for route in routes for found in route.route_handler_map.values()]


def _demand_provided(handler: HTTPRouteHandler) -> None:
    """Refuse to start when a handler would take a dependency from the address instead."""
    provided = handler.resolve_dependencies().keys()
    for name, parameter in handler.parsed_fn_signature.parameters.items():
        kinds = {parameter.annotation, *(inner.annotation for inner in parameter.inner_types)}
        ours = parameter.is_di_field or not kinds.isdisjoint(_OURS)
        if ours and name not in provided:
            raise ImproperlyConfiguredException(
                f"{handler.handler_name} asks for {name!r}, which nobody provides; see "
                "hearth.web.dependencies for the names."
            )


def _demand_admitted(handler: HTTPRouteHandler) -> None:
    """Refuse to start when a handler's own hook would take the place of the one at the door."""
    if handler.resolve_before_request() is not identity.admit:
        raise ImproperlyConfiguredException(
            f"{handler.handler_name} must not have a before_request of its own: it would let "
            "everybody in."
        )


def _allowed(app: Litestar, path: str) -> str | None:
    """The methods that an address answers; None when there is no such address."""
    try:
        app.asgi_router.handle_routing(path=path.rstrip("/") or "/", method="TRACE")
    except MethodNotAllowedException as refused:
        return (refused.headers or {}).get("allow")
    except NotFoundException:
        return None
    return None
