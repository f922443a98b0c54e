"""People: who acts, how they prove it, and what they may do.

A *person* acts. A *login* is a place where they are logged in; a *token* is what they gave to a
program, with scopes; a *link* is what a letter carries; a *role* is what the house lets them do.
The verbs are in their nouns: `people.logins.log_in`, `people.registrations.register`.
"""

from hearth.people import jobs, logins, persons, registrations, resets, standing, tokens
from hearth.people.languages import LOCALES, locale_of, reworded, translations
from hearth.people.persons import ROLES, Person, grant, may, need_role, need_scope

__all__ = [
    "LOCALES",
    "ROLES",
    "Person",
    "grant",
    "jobs",
    "locale_of",
    "logins",
    "may",
    "need_role",
    "need_scope",
    "persons",
    "registrations",
    "resets",
    "reworded",
    "standing",
    "tokens",
    "translations",
]
