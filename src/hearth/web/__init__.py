"""The site's shell: the application, who is asking, problems, the frame of pages.

A domain's `api.py` and `web.py` take from here what their handlers need: the `...In` aliases (see
`dependencies`), `created`, `Page`, `versioned`, `render` and `_`.
"""

from hearth.web.answers import After, Limit, Page, created, etag, versioned
from hearth.web.application import make_app
from hearth.web.bodies import body_of
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
    MailIn,
    MaybePersonIn,
    PersonIn,
    VaultIn,
)
from hearth.web.described import PICTURE, body_schema, file_schema, form_schema
from hearth.web.doors import Doors, Site
from hearth.web.forms import Fields, accepted, done_once, errors_of, fields_of, seen, uuid_of
from hearth.web.identity import (
    csrf_token_for,
    gate_of,
    safe_next,
    with_login_cookie,
    without_login_cookie,
)
from hearth.web.shown import KJ_PER_KCAL, Shown, typed_number
from hearth.web.templates import gettext, ngettext, render, told
from hearth.web.templates import gettext as _
from hearth.web.uploads import MULTIPART, about_field, form_of, uploads_of

__all__ = [
    "KJ_PER_KCAL",
    "MULTIPART",
    "PICTURE",
    "After",
    "CacheIn",
    "DbIn",
    "Doors",
    "DoorsIn",
    "Fields",
    "FilesIn",
    "FlagsIn",
    "IfMatchIn",
    "KeyIn",
    "Limit",
    "LimitsIn",
    "LocaleIn",
    "MailIn",
    "MaybePersonIn",
    "Page",
    "PersonIn",
    "Shown",
    "Site",
    "VaultIn",
    "_",
    "about_field",
    "accepted",
    "body_of",
    "body_schema",
    "created",
    "csrf_token_for",
    "done_once",
    "errors_of",
    "etag",
    "fields_of",
    "file_schema",
    "form_of",
    "form_schema",
    "gate_of",
    "gettext",
    "make_app",
    "ngettext",
    "render",
    "safe_next",
    "seen",
    "told",
    "typed_number",
    "uploads_of",
    "uuid_of",
    "versioned",
    "with_login_cookie",
    "without_login_cookie",
]
