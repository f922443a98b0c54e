"""The site's shell: the application, who is asking, problems, the frame of pages.

A domain's `api.py` and `web.py` take from here what their handlers need: the `...In` aliases (see
`dependencies`), `created`, `Page`, `versioned`, `render` and `_`.
"""

from hearth.web.answers import After, Limit, Page, created, etag, versioned
from hearth.web.application import make_app
from hearth.web.dependencies import (
    CacheIn,
    DbIn,
    DoorsIn,
    FilesIn,
    FlagsIn,
    IfMatchIn,
    KeyIn,
    LimitsIn,
    LocaleIn,
    LoginIdIn,
    MailIn,
    MaybePersonIn,
    PersonIn,
    VaultIn,
)
from hearth.web.doors import Doors, Site
from hearth.web.identity import (
    csrf_token_for,
    gate_of,
    safe_next,
    with_login_cookie,
    without_login_cookie,
)
from hearth.web.templates import gettext as _
from hearth.web.templates import ngettext, render

__all__ = [
    "After",
    "CacheIn",
    "DbIn",
    "Doors",
    "DoorsIn",
    "FilesIn",
    "FlagsIn",
    "IfMatchIn",
    "KeyIn",
    "Limit",
    "LimitsIn",
    "LocaleIn",
    "LoginIdIn",
    "MailIn",
    "MaybePersonIn",
    "Page",
    "PersonIn",
    "Site",
    "VaultIn",
    "_",
    "created",
    "csrf_token_for",
    "etag",
    "gate_of",
    "make_app",
    "ngettext",
    "render",
    "safe_next",
    "versioned",
    "with_login_cookie",
    "without_login_cookie",
]
