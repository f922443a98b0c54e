"""What a handler may ask for, by alias. The parameter's name is fixed: it is what Litestar matches.

    async def day(db: DbIn, person: PersonIn, on: date) -> Day

Never write the plain type: a by-name dependency that is not provided would silently become a query
parameter, and `?person=...` would choose who acts. With these aliases the application refuses to
start instead.
"""

from typing import Annotated
from uuid import UUID

from litestar.params import Dependency

from hearth.core.cache import Cache
from hearth.core.db import Db
from hearth.core.files import Files
from hearth.core.flags import Flags
from hearth.core.limits import Limits
from hearth.core.mail import Mail
from hearth.core.secrets import Vault
from hearth.people import Person
from hearth.web.doors import Doors

_given = Dependency(skip_validation=True)

DbIn = Annotated[Db, _given]
"""`db`: statements and transactions."""
PersonIn = Annotated[Person, _given]
"""`person`: who is logged in; without a login the request is answered 401."""
MaybePersonIn = Annotated[Person | None, _given]
"""`maybe_person`: who is logged in, or None."""
KeyIn = Annotated[str | None, _given]
"""`idempotency_key`: the Idempotency-Key header, hand it to `created`."""
IfMatchIn = Annotated[int | None, _given]
"""`if_match`: the version named by the If-Match header; None when absent or `*`."""
VaultIn = Annotated[Vault, _given]
"""`vault`: seals and signs."""
CacheIn = Annotated[Cache, _given]
"""`cache`: the two-tier cache."""
LimitsIn = Annotated[Limits, _given]
"""`limits`: attempts per subject and time."""
MailIn = Annotated[Mail, _given]
"""`mail`: the way to send e-mail; `mail.configured` says whether there is one."""
FilesIn = Annotated[Files, _given]
"""`files`: uploaded and made files."""
FlagsIn = Annotated[Flags, _given]
"""`flags`: feature flags."""
LocaleIn = Annotated[str, _given]
"""`locale`: en, sv, sr-Latn or sr-Cyrl, from the person, the cookie or Accept-Language."""
LoginIdIn = Annotated[UUID | None, _given]
"""`login_id`: the login that was shown, or None."""
DoorsIn = Annotated[Doors, _given]
"""`doors`: all doors at once, for the shell itself."""
