"""Rules about the source text: who imports whom past which door, and how long things may be."""

import ast
import re
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "hearth"

WEB_FRAMEWORK = {"litestar", "granian"}
DRIVERS = {"asyncpg", "redis", "obstore", "aiosmtplib", "pgqueuer", "psycopg", "boto3"}
MODEL_CLIENTS = {"openai", "anthropic", "google", "ollama"}
EMPTY_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "managers",
    "manager",
    "services",
    "service",
    "repositories",
    "repository",
    "schemas",
    "models",
}
# What only the composition root may take from inside a domain; handlers may be cut by noun, as in
# `labels_web`.
COLLECTED = re.compile(r"jobs|(\w+_)?(api|web)")
HANDLERS = re.compile(r"(\w+_)?(api|web)")


def modules(root: Path = SOURCE) -> Iterator[tuple[str, Path]]:
    """Every module's dotted name (from `hearth`) and file."""
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root.parent).with_suffix("").parts
        yield ".".join(parts).removesuffix(".__init__"), path


def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    text = path.read_text(encoding="utf-8")
    for _ in range(5):
        try:
            return ast.parse(text)
        except SystemError:
            # CPython below 3.11.5 counts its recursion wrongly when another thread parses at the
            # same moment (python/cpython#106905): the file is not at fault.
            time.sleep(0.05)
    return ast.parse(text)


def imported(path: Path) -> Iterator[str]:
    """The dotted names that a file imports."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def past_the_door(root: Path = SOURCE) -> list[str]:
    """Imports that reach into another domain instead of taking what its front door offers."""
    found = []
    for name, path in modules(root):
        own = name.split(".")[1] if "." in name else ""
        for target in imported(path):
            parts = target.split(".")
            if parts[0] != "hearth" or len(parts) < 3 or parts[1] in (own, "core"):
                continue
            if own in ("app", "__main__") and (COLLECTED.fullmatch(parts[2]) or parts[1] == "web"):
                continue
            found.append(f"{name} imports {target}: take it from hearth.{parts[1]}")
    return found


def misplaced_libraries(root: Path = SOURCE) -> list[str]:
    """The web framework outside the shell and handlers, drivers outside core, model clients outside ai."""
    found = []
    for name, path in modules(root):
        domain, last = [*name.split("."), ""][1], name.rsplit(".", 1)[-1]
        may_web = domain in ("web", "app") or HANDLERS.fullmatch(last) is not None
        for target in imported(path):
            top = target.split(".")[0]
            if top in WEB_FRAMEWORK and not may_web:
                found.append(f"{name} imports {top}: only handlers and the shell may")
            if top in DRIVERS and domain != "core":
                found.append(f"{name} imports {top}: only core may")
            if top in MODEL_CLIENTS and domain != "ai":
                found.append(f"{name} imports {top}: only ai may")
    return found


def oversized(root: Path, most_lines: int) -> list[str]:
    """Files over their budget; functions over 40 lines or with more than 6 parameters."""
    found = []
    for path in sorted(root.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > most_lines:
            found.append(f"{path.name}: {text.count(chr(10))} lines, {most_lines} are allowed")
        found += [f"{path.name}: {line}" for line in _long_functions(tree_of(path))]
    return found


def _long_functions(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > 40:
                yield f"{node.name} has {lines} lines, 40 are allowed"


def empty_names(root: Path = SOURCE) -> list[str]:
    """Rooms named for no noun of the domain."""
    return [
        str(path)
        for path in root.rglob("*")
        if path.stem in EMPTY_NAMES and path.suffix in ("", ".py")
    ]


_UNWANTED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError\(\)|# type: ignore(?!\[)")


def unfinished(root: Path = SOURCE) -> list[str]:
    """Marks of work that was left undone."""
    return [
        f"{path.name}:{number}: {line.strip()}"
        for path in sorted(root.rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if _UNWANTED.search(line)
    ]
