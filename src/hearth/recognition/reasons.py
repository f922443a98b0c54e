"""Why an item was read as it was, in words."""

from collections.abc import Callable

from hearth.recognition.answers import Because


def why(
    food: str, grams: float, because: Because, gettext: Callable[[str], str] = lambda text: text
) -> str:
    """How food and grams were found; `gettext` gives the sentence in its reader's language."""
    if because.share > 0.98 and because.unknown:
        found = gettext("%(food)s: all other words match") % {"food": food}
    elif because.share > 0.98:
        found = gettext("%(food)s: all words match") % {"food": food}
    else:
        share = f"{because.share:.0%}"
        found = gettext("%(food)s: %(share)s of the words match") % {"food": food, "share": share}
    weighs = gettext("%(grams)s g: %(how)s") % {
        "grams": f"{grams:.4g}",
        "how": gettext(because.how),
    }
    if because.unknown:
        unknown = gettext("unknown: %(words)s") % {"words": ", ".join(because.unknown)}
        found = f"{found}; {unknown}"
    if because.guessed:
        words = ", ".join(because.guessed)
        guessed = gettext("taken for a misspelling of: %(words)s") % {"words": words}
        found = f"{found}; {guessed}"
    if because.is_habit:
        often = gettext("you log this often")
        weighs = f"{weighs}; {often}"
    return f"{found}. {weighs}."
