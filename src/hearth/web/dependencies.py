"""What a handler may ask for, by alias. The parameter's name is fixed: it is what Litestar matches.

    async def day(db: DbIn, person: PersonIn, on: date) -> Day

Never write the plain type: a by-name dependency that is not provided would silently become a query
parameter, and `?person=...` would choose who acts. With these aliases, and the check that
`make_app` does on top (Litestar lets an unprovided *optional* one through), the application refuses
to start instead.
"""

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from hearth.core.cache import Cache
from hearth.core.db import Db
from hearth.core.files import Files
from hearth.core.flags import Flags
from hearth.core.limits import Limits
from hearth.core.mail import Mail
from hearth.core.secrets import Vault
from hearth.people import Person
from hearth.web.doors import Doors

DbIn = NamedDependency[SkipValidation[Db]]
"""`db`: statements and transactions."""
PersonIn = NamedDependency[SkipValidation[Person]]
"""`person`: who is logged in; without a login the request is answered 401."""
MaybePersonIn = NamedDependency[SkipValidation[Person | None]]
"""`maybe_person`: who is logged in, or None."""
KeyIn = NamedDependency[SkipValidation[str | None]]
"""`idempotency_key`: the Idempotency-Key header, hand it to `created`."""
IfMatchIn = NamedDependency[SkipValidation[int | None]]
"""`if_match`: the version named by the If-Match header; None when absent or `*`."""
VaultIn = NamedDependency[SkipValidation[Vault]]
"""`vault`: seals and signs."""
CacheIn = NamedDependency[SkipValidation[Cache]]
"""`cache`: the two-tier cache."""
LimitsIn = NamedDependency[SkipValidation[Limits]]
"""`limits`: attempts per subject and time."""
MailIn = NamedDependency[SkipValidation[Mail]]
"""`mail`: the way to send e-mail; `mail.configured` says whether there is one."""
FilesIn = NamedDependency[SkipValidation[Files]]
"""`files`: uploaded and made files."""
FlagsIn = NamedDependency[SkipValidation[Flags]]
"""`flags`: feature flags."""
LocaleIn = NamedDependency[SkipValidation[str]]
"""`locale`: en, sv, sr-Latn or sr-Cyrl, from the person, the cookie or Accept-Language."""
DoorsIn = NamedDependency[SkipValidation[Doors]]
"""`doors`: all doors at once, for the shell itself."""
