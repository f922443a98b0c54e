"""The web application, put together from its doors and the domains' handlers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from litestar import Litestar
from litestar.datastructures import State
from litestar.types import ControllerRouterHandler

from hearth.people import standing
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
    standing.follow(doors.cache)
    app.asgi_handler = Threshold(app.asgi_handler, doors.site)
    return app
