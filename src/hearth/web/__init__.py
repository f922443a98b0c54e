"""The site's shell: the application, who is asking, problems, pages' frame. Domains plug into it."""

from hearth.web.dependencies import (
    CacheIn,
    DbIn,
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

__all__ = [
    "CacheIn",
    "DbIn",
    "FilesIn",
    "FlagsIn",
    "IfMatchIn",
    "KeyIn",
    "LimitsIn",
    "LocaleIn",
    "MailIn",
    "MaybePersonIn",
    "PersonIn",
    "VaultIn",
]
