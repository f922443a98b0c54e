"""The web application, put together from its doors and the domains' handlers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from litestar import Litestar
from litestar.datastructures import State
from litestar.exceptions import ImproperlyConfiguredException
from litestar.types import ControllerRouterHandler

from hearth.core.cache import Cache
from hearth.core.db import Db
from hearth.core.files import Files
from hearth.core.flags import Flags
from hearth.core.limits import Limits
from hearth.core.secrets import Vault
from hearth.people import Person, standing
from hearth.web import assets, auth_api, flags_api, health, identity, openapi, problems, profile_api
from hearth.web.assets import Assets
from hearth.web.doors import MEBIBYTE, Doors
from hearth.web.providers import providers
from hearth.web.templates import make_environment
from hearth.web.threshold import Networks, Threshold

_HERE: Final = Path(__file__).parent
Hook = Callable[[], Any]

ROUTES: Final[tuple[ControllerRouterHandler, ...]] = (
    auth_api.auth,
    *profile_api.routes,
    *flags_api.routes,
    *health.routes,
    *assets.routes,
    openapi.openapi_json,
)
"""The shell's own handlers."""


def make_app(
    doors: Doors,
    routes: Iterable[ControllerRouterHandler] = (),
    *,
    provide: Mapping[str, Callable[..., Any]] | None = None,
    page_folders: Iterable[Path] = (),
    on_startup: Sequence[Hook] = (),
    on_shutdown: Sequence[Hook] = (),
) -> Litestar:
    """The application: `routes` are the domains', `provide` their own dependencies by name.

    Refuses to start when a handler asks for a dependency that nobody provides.
    """
    files = Assets(_HERE / "static")
    app = Litestar(
        route_handlers=[*ROUTES, *routes],
        dependencies=providers(doors, provide or {}),
        guards=[identity.guard],
        exception_handlers=problems.HANDLERS,
        openapi_config=openapi.openapi_config(doors.site.version),
        on_startup=list(on_startup),
        on_shutdown=list(on_shutdown),
        state=State(
            {
                "doors": doors,
                "assets": files,
                "templates": make_environment([_HERE / "pages", *page_folders], files),
                "metrics_networks": Networks(doors.site.metrics_networks),
            }
        ),
        # The threshold counts bodies by their kind; this is only a backstop above it.
        request_max_body_size=doors.site.max_file_size + MEBIBYTE,
        logging_config=None,
        debug=False,
    )
    _demand_provided(app)
    standing.follow(doors.cache)
    app.asgi_handler = Threshold(app.asgi_handler, doors.site)
    return app


# What a request must never be able to say by a parameter of its address.
_OURS: Final = frozenset({Person, Doors, Db, Vault, Cache, Limits, Files, Flags})


def _demand_provided(app: Litestar) -> None:
    """Refuse to start when a handler would take a dependency from the address instead."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            provided = handler.resolve_dependencies().keys()
            for name, parameter in handler.parsed_fn_signature.parameters.items():
                kinds = {
                    parameter.annotation,
                    *(inner.annotation for inner in parameter.inner_types),
                }
                ours = parameter.is_di_field or not kinds.isdisjoint(_OURS)
                if ours and name not in provided:
                    raise ImproperlyConfiguredException(
                        f"{handler.handler_name} asks for {name!r}, which nobody provides; see "
                        "hearth.web.dependencies for the names."
                    )
