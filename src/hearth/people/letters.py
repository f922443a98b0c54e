"""The letters that sign-in sends, in the person's language."""

from collections.abc import Callable

from hearth.core.mail import Message
from hearth.people.languages import translations
from hearth.people.persons import Person


def written(person: Person, kind: str, link: str, base_url: str) -> Message:
    """The letter of a kind (`verify`, `reset`, `known`) to a person."""
    _ = translations(person.locale).gettext
    subject, text = {"verify": _verify, "reset": _reset, "known": _known}[kind](_)
    body = text.format(name=person.name or person.email, link=link, site=base_url)
    return Message(to=person.email, subject=subject, text=body)


def _verify(_: Callable[[str], str]) -> tuple[str, str]:
    return _("Confirm your e-mail address"), _(
        "Hello {name},\n\n"
        "to finish your account on {site}, open this link within 48 hours:\n\n{link}\n\n"
        "If you did not ask for an account, leave this letter alone: nothing happens."
    )


def _reset(_: Callable[[str], str]) -> tuple[str, str]:
    return _("Choose a password"), _(
        "Hello {name},\n\n"
        "to choose a new password on {site}, open this link within an hour:\n\n{link}\n\n"
        "Every device is then logged out. If you did not ask for this, leave this letter alone: "
        "your password stays as it is."
    )


def _known(_: Callable[[str], str]) -> tuple[str, str]:
    return _("You have an account already"), _(
        "Hello {name},\n\n"
        "somebody, perhaps you, wanted to make an account on {site} with this address, which has "
        "one already. Log in at {site}/sign-in, or choose a new password at {site}/reset."
    )
