"""The texts of pages and letters: gather them, bring the catalogues up to date, check them.

    .venv/bin/python tools/texts.py extract   write the template locales/hearth.pot
    .venv/bin/python tools/texts.py update    and bring every language's catalogue up to it
    .venv/bin/python tools/texts.py check     say what is missing, unused or wrong; then exit with 1

Nothing is compiled: Hearth reads the catalogues as they are (see hearth.people.languages).
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po, write_po

from hearth import foods, people

ROOT: Final = Path(__file__).resolve().parents[1]
TEMPLATE: Final = "hearth.pot"
KEYWORDS: Final = {"_": None, "gettext": None, "ngettext": (1, 2)}
JINJA: Final = {
    "extensions": "jinja2.ext.i18n",
    "newstyle_gettext": "true",
    "trim_blocks": "true",
    "lstrip_blocks": "true",
    "silent": "false",
}
METHODS: Final[tuple[tuple[str, str, dict[str, str]], ...]] = (
    ("*.py", "python", {}),
    ("*.html", "jinja2.ext:babel_extract", JINJA),
)
FIX: Final = "run: .venv/bin/python tools/texts.py update"

# Which arguments of a refusal are words for its reader. Of problems, whatever derives from one, it is
# the first.
_REFUSALS: Final[dict[str, tuple[int, ...]]] = {
    "Problem": (0,), "Unreadable": (0,), "FieldError": (1,), "refused": (1,), "_refused": (1,),
    "Told": (2, 3),
    # How grams were found: see recognition.reasons.
    "Amount": (4,),
}  # fmt: skip
# Refusals that name what only a program sends stay English, and so do those of commands.
_FOR_PROGRAMS: Final = re.compile(
    "`|Idempotency-Key|If-Match|Content-Length|Authorization|refresh token|food_id|IANA|NUL|nested"
    r"|scope|feature flag|no role|does not speak|address \{0\}|column|phrase \{0\}|accepted: \{0\}|DATABASE_URL|Content-Type"
)
_COMMANDS: Final = re.compile(
    r"\w+\.py|people/(jobs|tokens)\.py|diary/jobs\.py"
    r"|core/(binaries|cluster|directories|files|migrate|openings|postmaster|processes)\.py"
    r"|foods/(api|commands|download|imports|off|usda)\.py|ai/config\.py"
)
_WEAK: Final = ("short", "longer" * 100, "stockholm12", "abcdefghij", "password123")
_PLACEHOLDER: Final = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}")
# A text of a page may stand in an attribute, unescaped: templates trust their translations.
_UNSAFE: Final = re.compile(r'[<>&"]')
_WORD: Final = re.compile(r"[^\W\d_]+")

Texts = tuple[str, ...]
"""A message: its text, or singular and plural."""


def texts_of(id_: object) -> Texts:
    """A message's id in one form."""
    return tuple(str(part) for part in id_) if isinstance(id_, list | tuple) else (str(id_),)


# ------------------------------------------------------------------ gathering


def gathered(source: Path) -> Catalog:
    """Every text that the code, the templates and the table of nutrients under `source` have."""
    catalog = Catalog(charset="utf-8")
    for pattern, method, options in METHODS:
        for path in sorted(source.rglob(pattern)):
            place = path.relative_to(source.parents[1]).as_posix()
            for _, message, _, context in extract_from_file(
                method, path, keywords=KEYWORDS, options=options
            ):
                catalog.add(message, None, [(place, 0)], context=context)
    for text, place in (*_refusals(source), *_named()):
        catalog.add(text, None, [(place, 0)])
    return catalog


def _named() -> Iterator[tuple[str, str]]:
    """Texts that are no literals of a call: the nutrients, and why a password is refused."""
    for nutrient in foods.NUTRIENTS:
        yield nutrient.name, "src/hearth/foods/nutrients.py"
    for password in _WEAK:
        why = people.passwords.weakness(password, email="stockholm@example.org")
        assert why, f"{password[:20]} is no weak password any more: choose another example"
        yield why, "src/hearth/people/passwords.py"


def _refusals(source: Path) -> Iterator[tuple[str, str]]:
    """What problems say that a page may show."""
    trees = {path: ast.parse(path.read_text("utf-8")) for path in sorted(source.rglob("*.py"))}
    words = _REFUSALS | dict.fromkeys(_problems(trees.values()), (0,))
    for path, tree in trees.items():
        place = path.relative_to(source.parents[1]).as_posix()
        if _COMMANDS.fullmatch(path.relative_to(source).as_posix()):
            continue
        for node in ast.walk(tree):
            for text in _told(node, words):
                if not _FOR_PROGRAMS.search(text):
                    yield text, place


def _problems(trees: Iterable[ast.Module]) -> set[str]:
    """The names of all classes of problems."""
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    found, before = {"Problem", "Unreadable"}, 0
    while len(found) > before:
        before = len(found)
        found |= {one.name for one in classes if any(base.id in found for base in _names(one))}
    return found


def _told(node: ast.AST, words: dict[str, tuple[int, ...]]) -> Iterator[str]:
    found: list[ast.expr] = []
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        found = [node.args[n] for n in words.get(name, ()) if n < len(node.args)]
    elif isinstance(node, ast.ClassDef) and any(base.id in words for base in _names(node)):
        found = [one.value for one in node.body if isinstance(one, ast.Assign) and _is_title(one)]
    either = ([one.body, one.orelse] if isinstance(one, ast.IfExp) else [one] for one in found)
    yield from (text for each in either for one in each if (text := _sentence(one)))


def _sentence(node: ast.expr) -> str:
    """A literal's words; of an f-string with numbered places, when enough of it is fixed."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return ""
    words, count = "", 0
    for part in node.values:
        if isinstance(part, ast.Constant):
            words += str(part.value)
        else:
            words, count = f"{words}{{{count}}}", count + 1
    return words if sum(letter.isalpha() for letter in words) > 6 else ""


def _names(node: ast.ClassDef) -> list[ast.Name]:
    return [base for base in node.bases if isinstance(base, ast.Name)]


def _is_title(node: ast.Assign) -> bool:
    return isinstance(node.targets[0], ast.Name) and node.targets[0].id == "title"


def extract(root: Path = ROOT) -> Catalog:
    """Write the template."""
    catalog = gathered(root / "src" / "hearth")
    _write(catalog, root / "locales" / TEMPLATE, "")
    return catalog


def update(root: Path = ROOT) -> None:
    """Write the template and each catalogue: new texts empty, unused ones gone, the others kept."""
    wanted = extract(root)
    for path in catalogues(root):
        locale = locale_of(path)
        known, fresh = read(path), Catalog(locale=locale, charset="utf-8")
        for message in wanted:
            if message.id:
                was = known.get(message.id, message.context)
                string = was.string if was and texts_of(was.id) == texts_of(message.id) else None
                fresh.add(message.id, string, message.locations, context=message.context)
        _write(fresh, path, _language_header(locale))


def catalogues(root: Path = ROOT) -> list[Path]:
    """The catalogue of each language."""
    return sorted((root / "locales").glob("*/LC_MESSAGES/hearth.po"))


def locale_of(path: Path) -> str:
    """The language of a catalogue, from its folder."""
    return path.parents[1].name


def read(path: Path) -> Catalog:
    """A catalogue or the template; an empty one where there is none."""
    if not path.exists():
        return Catalog()
    locale = None if path.suffix == ".pot" else locale_of(path)
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def _language_header(locale: str) -> str:
    plural = get_plural(Locale.parse(locale))
    return f'"Language: {locale}\\n"\n"Plural-Forms: {plural.plural_forms}\\n"\n'


_HEADER: Final = r"""msgid ""
msgstr ""
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"
"""


def _write(catalog: Catalog, path: Path, more: str) -> None:
    """A file that changes only where its texts do: no dates, no names, no line numbers."""
    body = BytesIO()
    write_po(body, catalog, width=100, omit_header=True, sort_output=True, include_lineno=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{_HEADER}{more}\n{body.getvalue().decode().strip()}\n", encoding="utf-8")


# ------------------------------------------------------------------ checking


def check(root: Path = ROOT) -> list[str]:
    """What is wrong with template and catalogues, one line each."""
    wanted = gathered(root / "src" / "hearth")
    wrong = list(_differences("hearth.pot", wanted, read(root / "locales" / TEMPLATE)))
    for path in catalogues(root):
        name, catalog = f"{locale_of(path)}/hearth.po", read(path)
        wrong += _differences(name, wanted, catalog)
        for message in catalog:
            if message.id:
                wrong += (
                    f"{name}: “{texts_of(message.id)[0]}” {why}" for why in faults(message, catalog)
                )
    return wrong


def _differences(name: str, wanted: Catalog, found: Catalog) -> Iterator[str]:
    ours = {texts_of(message.id): message for message in wanted if message.id}
    theirs = {texts_of(message.id) for message in found if message.id}
    for texts in sorted(ours.keys() - theirs):
        places = ", ".join(sorted({place for place, _ in ours[texts].locations}))
        yield f"{name}: “{texts[0]}” ({places}) is missing; {FIX}, then translate it"
    for texts in sorted(theirs - ours.keys()):
        yield f"{name}: “{texts[0]}” is used nowhere any more; {FIX}"


def faults(message: Message, catalog: Catalog) -> Iterator[str]:
    """What is wrong with one translation."""
    ids, strings = texts_of(message.id), texts_of(message.string or "")
    if message.fuzzy:
        yield "is marked fuzzy: look at it and take the mark away"
    if not all(strings):
        yield "is not translated"
        return
    if len(ids) > 1 and len(strings) != catalog.num_plurals:
        yield f"has {len(strings)} plural forms; the language has {catalog.num_plurals}"
    for string in strings:
        yield from _faults_of(string, ids)


def _faults_of(string: str, ids: Texts) -> Iterator[str]:
    placeholders = sorted(_PLACEHOLDER.findall(string))
    if all(placeholders != sorted(_PLACEHOLDER.findall(id_)) for id_ in ids):
        yield f"has other placeholders in “{string}”"
    if _edges(string) != _edges(ids[-1]):
        yield f"begins or ends with other spaces in “{string}”"
    if found := _UNSAFE.search(string):
        yield f"has {found.group()} in it: write typographic quotes and plain words"
    if mixed := [word for word in _words(string) if _is_mixed(word)]:
        yield f"mixes Cyrillic and Latin letters in {', '.join(mixed)}"


def _edges(text: str) -> tuple[str, str]:
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]


def _words(text: str) -> Iterable[str]:
    return _WORD.findall(_PLACEHOLDER.sub(" ", text))


def _is_mixed(word: str) -> bool:
    cyrillic = sum("\u0400" <= letter <= "\u04ff" for letter in word)
    return 0 < cyrillic < len(word)


# ------------------------------------------------------------------ the command


def main(arguments: list[str]) -> int:
    """What the module's text says."""
    if arguments == ["extract"]:
        print(f"{len(extract())} texts")
    elif arguments == ["update"]:
        update()
        missing = [line for line in check() if line.endswith("is not translated")]
        print("\n".join([*missing, f"{len(missing)} texts are still to be translated"]))
    elif arguments == ["check"]:
        wrong = check()
        print("\n".join(wrong) or "every text is translated")
        return 1 if wrong else 0
    else:
        print(__doc__)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
