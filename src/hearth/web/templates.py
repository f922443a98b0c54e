"""Pages: Jinja over every domain's `pages/` folder, in the language of who asks."""

import gettext as _gettext
from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, TemplateNotFound
from litestar import MediaType, Request, Response
from markupsafe import escape

from hearth import people
from hearth.core.errors import FieldError, Problem
from hearth.core.values import new_id, request_context
from hearth.web.assets import Assets

AnyRequest = Request[Any, Any, Any]
LOCALE_COOKIE: Final = "hearth_locale"
_locale: ContextVar[str] = ContextVar("locale", default="en")


def _texts() -> _gettext.NullTranslations:
    return people.translations(_locale.get())


def gettext(message: str) -> str:
    """The text in the language of the page being drawn; `_` in templates and handlers."""
    # The catalogue's header must not be shown for an empty text.
    return _texts().gettext(message) if message else ""


def ngettext(one: str, many: str, count: int) -> str:
    """The text for a count, in the language of the page being drawn."""
    return _texts().ngettext(one, many, count)


def spoken_locale() -> str:
    """The language of the page being drawn."""
    return _locale.get()


def reworded(sentence: str) -> str:
    """A refusal's English in the language of the page being drawn."""
    return people.reworded(_locale.get(), sentence)


def told(problem: Problem) -> str:
    """What a page says of a problem, in its language as far as the catalogue has the words.

    Of a single field's refusal, "grams-2: is needed.", the field is named as the form names it.
    """
    return _told(problem.detail, problem.errors)


def _told(detail: str, errors: Sequence[FieldError]) -> str:
    if len(errors) == 1 and detail.endswith(f"{errors[0].field}: {errors[0].message}"):
        return f"{_label(errors[0].field)}: {reworded(errors[0].message)}"
    return reworded(detail)


def _label(field: str) -> str:
    """The name on the form of a field such as `grams-2` or `items.0.amount`."""
    name = field.rsplit(".", 1)[-1].partition("-")[0]
    labels = {
        "text": gettext("Your words"),
        "food": gettext("Food"),
        "name": gettext("Name"),
        "note": gettext("Note"),
        "grams": gettext("Grams"),
        "amount": gettext("Amount"),
        "unit": gettext("unit"),
        "weight": gettext("Weight"),
        "kg": gettext("Weight"),
        "lb": gettext("Weight"),
        "day": gettext("Day"),
        "to": gettext("Day"),
        "since": gettext("Day"),
        "energy": gettext("Energy"),
        "energy_kcal": gettext("Energy"),
        "protein_g": gettext("Protein"),
        "carb_g": gettext("Carbohydrate"),
        "fat_g": gettext("Fat"),
        "fiber_g": gettext("Fibre"),
        "brand": gettext("Brand"),
        "barcode": gettext("Barcode"),
        "serving": gettext("Size of a serving"),
        "density": gettext("1 ml weighs, g"),
        "salt": gettext("Salt"),
        "energy_kj": gettext("Energy"),
        "sugars_g": gettext("Sugars"),
        "sat_fat_g": gettext("Saturated fat"),
        "photo": gettext("Picture"),
        "portion_grams": gettext("Grams"),
        "zone": gettext("Time zone"),
        "targets": gettext("Goals and units"),
    }
    return labels.get(name, field)


def speak(request: AnyRequest) -> None:
    """From here on, this request's texts are in the language of who asks."""
    _locale.set(locale_for(request))


def locale_for(request: AnyRequest) -> str:
    """The person's language, else the cookie's, else what the browser asks for, else English."""
    # Imported late: identity draws no pages, but the guard's answer is where the person is.
    from hearth.web.identity import asked

    person = asked(request).person
    if person is not None:
        return people.locale_of(person.locale) or "en"
    chosen = people.locale_of(request.cookies.get(LOCALE_COOKIE, ""))
    return chosen or _accepted(request.headers.get("accept-language", "")) or "en"


def _accepted(header: str) -> str | None:
    wanted = []
    for place, item in enumerate(header[:500].split(",")):
        tag, _, quality = item.partition(";q=")
        try:
            wanted.append((-float(quality or 1), place, tag))
        except ValueError:
            continue
    return next((found for _, _, tag in sorted(wanted) if (found := people.locale_of(tag))), None)


def make_environment(folders: Iterable[Path], assets: Assets) -> Environment:
    """The templates of all domains; the first folder that has a name gives it."""
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.globals["asset"] = assets.url
    environment.globals["once"] = lambda: new_id().hex
    return environment


def render(
    request: AnyRequest,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **context: Any,
) -> Response[str]:
    """A page. Templates know `request`, `person`, `locale`, `csrf_token`, `_` and `asset(name)`."""
    from hearth.web.identity import asked, csrf_token_for

    # Once more: a request that was refused at the door has not been spoken for.
    speak(request)
    locale = _locale.get()
    environment: Environment = request.app.state.templates
    frame = {
        "request": request,
        "person": asked(request).person,
        "locale": locale,
        "csrf_token": csrf_token_for(request),
    }
    # A page that is kept for everybody, such as the one for no network, names nobody.
    html = environment.get_template(template).render(frame | context)
    return Response(
        html,
        status_code=status,
        media_type=MediaType.HTML,
        headers={"Content-Language": locale, "Vary": "Accept-Language, Cookie", **(headers or {})},
    )


def render_error(
    request: AnyRequest,
    status: int,
    title: str,
    detail: str,
    errors: Sequence[FieldError],
    headers: Mapping[str, str],
) -> Response[str]:
    """The page of an error; plain when there is no template for it."""
    speak(request)
    title, detail = reworded(title), _told(detail, errors)
    try:
        return render(
            request,
            "error.html",
            status=status,
            headers=headers,
            title=title,
            detail=detail,
            request_id=request_context.get().id,
        )
    except TemplateNotFound:
        html = (
            f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(title)}</title>"
            f"<h1>{escape(title)}</h1><p>{escape(detail)}</p>"
            f"<p><small>{status} · {escape(request_context.get().id)}</small></p>"
            '<p><a href="/">Hearth</a></p></html>'
        )
        return Response(html, status_code=status, media_type=MediaType.HTML, headers=dict(headers))
