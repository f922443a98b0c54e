"""The page of models: which there are, what a person agreed to, and what they cost."""

from typing import Any, Final

from litestar import Request, Response, post

from hearth import privacy
from hearth.core.errors import NotFound
from hearth.web.dependencies import DbIn, PersonIn
from hearth.web.forms import fields_of, seen
from hearth.web.identity import safe_next

AnyRequest = Request[Any, Any, Any]
Page = Response[Any]


@post("/me/consents", include_in_schema=False)
async def change_consent(request: AnyRequest, db: DbIn, person: PersonIn) -> Page:
    """Agree to what was shown, or take an agreement back, and go on."""
    fields = await fields_of(request)
    purpose = fields.text("purpose")
    if fields.text("given") == "yes":
        await privacy.give(db, person, purpose, subject=fields.text("subject"))
    else:
        await _withdraw(db, person, purpose)
    return seen(safe_next(fields.text("next")))


async def _withdraw(db: DbIn, person: PersonIn, purpose: str) -> None:
    try:
        await privacy.withdraw(db, person, purpose)
    except NotFound:
        # Pressed twice: it is as wanted.
        return


pages: Final = [change_consent]
