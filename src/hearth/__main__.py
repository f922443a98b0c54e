"""The command line. Every command makes one call; exit 0 done, 1 refused or found wrong, 2 misused."""

import argparse
import asyncio
import contextlib
import getpass
import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from hearth import __version__
from hearth.core.errors import Problem
from hearth.settings import Settings, read_settings, with_secrets

Command = Callable[[argparse.Namespace, Settings], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; a problem becomes one sentence on standard error."""
    options = _parser().parse_args(arguments)
    try:
        command: Command = options.command
        return command(options, read_settings(os.environ))
    except Problem as problem:
        print(f"hearth: {problem.detail}", file=sys.stderr)
        for error in problem.errors:
            print(f"  {error.field}: {error.message}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader of our output has gone (`hearth ... | head`): nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        # A file that is not there, a server that does not answer: theirs to mend, not a fault of ours.
        where = f"{error.filename}: " if error.filename else ""
        print(f"hearth: {where}{error.strerror or error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hearth", description="One self-hosted home for what people eat."
    )
    parser.add_argument("--version", action="version", version=f"hearth {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_running(commands)
    _add_reading(commands)
    _add_foods(commands)
    _add_staff(commands)
    return parser


def _command(
    commands: Any, name: str, run: Command, about: str, example: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=about,
        description=about,
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(command=run)
    return parser


def _add_running(commands: Any) -> None:
    up = _command(
        commands, "up", _up, "Run everything: database, worker and web.", "hearth up --port 8080"
    )
    up.add_argument("--host", help="address to listen on (HEARTH_HOST, 127.0.0.1)")
    up.add_argument("--port", type=_port, help="port to listen on (HEARTH_PORT, 8000)")
    up.add_argument(
        "--data", type=Path, help="directory for everything that is kept (HEARTH_DATA, ./data)"
    )
    up.add_argument(
        "--demo", action="store_true", help="make a demonstration person with two weeks of meals"
    )
    serve = _command(
        commands, "serve", _serve, "Serve the pages and the API.", "hearth serve --port 8000"
    )
    serve.add_argument("--host")
    serve.add_argument("--port", type=_port)
    _command(commands, "work", _work, "Run the jobs.", "hearth work")
    migrate = _command(
        commands, "migrate", _migrate, "Bring the database to this version.", "hearth migrate"
    )
    migrate.add_argument("--demo", action="store_true", help="and make a demonstration person")


def _add_reading(commands: Any) -> None:
    read = _command(
        commands,
        "read",
        _read,
        "Read a meal in words; needs no server.",
        'hearth read "two eggs and toast with butter"',
    )
    read.add_argument("text", nargs="+", help="the meal, in your own words")
    read.add_argument("--locale", default="en", choices=("en", "sv", "sr-Latn", "sr-Cyrl"))
    read.add_argument("--json", action="store_true", help="print the reading as JSON")
    evaluate = _command(
        commands,
        "eval",
        _evaluate,
        "Score the reading of meals against a labelled set.",
        "hearth eval nutribench dev.csv.gz --tables survey_2020.zip --json",
    )
    evaluate.add_argument("what", choices=("nutribench",))
    evaluate.add_argument(
        "file", type=Path, help="CSV (or .gz) with id, description and the labels"
    )
    evaluate.add_argument(
        "--tables", type=Path, nargs="+", default=[], help="USDA bundles, used alone"
    )
    evaluate.add_argument("--out", type=Path, help="write what was read, a row a meal")
    evaluate.add_argument("--json", action="store_true")


def _add_foods(commands: Any) -> None:
    foods = commands.add_parser("foods", help="The catalogue: import and status.").add_subparsers(
        required=True, metavar="ACTION"
    )
    importer = _command(
        foods,
        "import",
        _import_foods,
        "Import an official download; repeatable and resumable.",
        "hearth foods import usda FoodData_Central_survey_food_csv_2024-10-31.zip",
    )
    importer.add_argument("source", choices=("usda", "off"))
    importer.add_argument(
        "path", nargs="*", help="file or address; without it USDA's official files are fetched"
    )
    importer.add_argument("--json", action="store_true")
    status = _command(
        foods, "status", _foods_status, "What the catalogue holds.", "hearth foods status"
    )
    status.add_argument("--json", action="store_true")


def _add_staff(commands: Any) -> None:
    admin = commands.add_parser("admin", help="Staff work.").add_subparsers(
        required=True, metavar="ACTION"
    )
    grant = _command(
        admin, "grant", _grant, "Give a person a role.", "hearth admin grant anna@example.org admin"
    )
    grant.add_argument("email")
    grant.add_argument("role")
    password = _command(
        admin,
        "password",
        _password,
        "Set a person's password; asks for it.",
        "hearth admin password anna@example.org",
    )
    password.add_argument("email")


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: 1 to 65535")
    return int(text)


def _up(options: argparse.Namespace, settings: Settings) -> int:
    from hearth.up import up

    given = {name: value for name in ("host", "port", "data") if (value := getattr(options, name))}
    return up(msgspec.structs.replace(settings, **given), demo=options.demo)


def _serve(options: argparse.Namespace, settings: Settings) -> int:
    given = {name: value for name in ("host", "port") if (value := getattr(options, name))}
    settings = with_secrets(msgspec.structs.replace(settings, **given))
    from hearth.core.directories import memory_folder

    with contextlib.ExitStack() as kept:
        # Before the first import of what counts: several workers tell their figures as one.
        if settings.web_workers > 1 and "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            folder = tempfile.TemporaryDirectory(prefix="hearth-metrics-", dir=memory_folder())
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = kept.enter_context(folder)
        from hearth.app import serve

        return serve(settings)


def _work(options: argparse.Namespace, settings: Settings) -> int:
    from hearth.app import work

    return asyncio.run(work(with_secrets(settings)))


def _migrate(options: argparse.Namespace, settings: Settings) -> int:
    from hearth.app import make_demo, migrate_all

    with _database(settings) as dsn:
        done = asyncio.run(migrate_all(dsn, print))
        if options.demo:
            email, password = asyncio.run(make_demo(dsn, with_secrets(settings)))
            print(
                f"demonstration account: {email}" + (f", password {password}" if password else "")
            )
    print(f"{len(done)} migrations applied" if done else "the database is up to date")
    return 0


def _read(options: argparse.Namespace, settings: Settings) -> int:
    from hearth.recognition import read_in_terminal

    text = " ".join(options.text)
    reading, lines = read_in_terminal(text, options.locale)
    _print(reading, lines, options.json)
    return 0 if reading.items else 1


def _evaluate(options: argparse.Namespace, settings: Settings) -> int:
    from hearth.recognition import nutribench

    report = nutribench(options.file, options.tables, options.out)
    _print(report, _scored(report), options.json)
    return 0


def _scored(report: Any) -> list[str]:
    lines = [
        f"{report.engine}, {report.foods:,} foods, {report.meals:,} meals, {report.answered:.1%} answered, "
        f"index {report.index_seconds:.1f} s, p50 {report.p50_ms:.1f} ms, p95 {report.p95_ms:.1f} ms a meal"
    ]
    sets = {"all": report.scores, **report.subsets} if report.scores else {}
    for name, scores in sets.items():
        lines.append(
            f"{name:16} n {scores.n:5}  carbohydrate within 7.5 g {scores.carb_within_7_5_g:6.1%}, "
            f"mean error: carbohydrate {scores.carb_mae_g:.2f} g, protein {scores.protein_mae_g:.2f} g, "
            f"fat {scores.fat_mae_g:.2f} g, energy {scores.energy_mae_kcal:.0f} kcal; energy within 20 % "
            f"{scores.energy_within_20_percent:6.1%}; 80 % interval holds {scores.carb_interval_holds:.1%} "
            f"(carbohydrate), {scores.energy_interval_holds:.1%} (energy)"
        )
    return lines


def _import_foods(options: argparse.Namespace, settings: Settings) -> int:
    from hearth.app import import_foods

    folder = settings.data / "downloads"
    folder.mkdir(parents=True, exist_ok=True)
    with _database(settings) as dsn:
        reports = asyncio.run(import_foods(dsn, options.source, options.path, folder, _progress))
    _print(reports, [line for report in reports for line in _imported(report)], options.json)
    return 0


def _imported(report: Any) -> list[str]:
    skipped = sum(report.skipped.values())
    lines = [
        f"{report.file}: {report.rows_read:,} rows read, {report.added:,} added, "
        f"{report.changed:,} changed, {skipped:,} skipped, "
        f"{report.waited_s:.1f} s ({report.rows_per_s:,.0f} rows a second)"
    ]
    return lines + [f"  skipped {count:,}: {why}" for why, count in sorted(report.skipped.items())]


def _foods_status(options: argparse.Namespace, settings: Settings) -> int:
    from hearth.app import foods_status

    with _database(settings) as dsn:
        status = asyncio.run(foods_status(dsn))
    lines = [f"{count.foods:>9,}  {count.source}" for count in status.foods]
    lines += [
        f"{past.started_at:%Y-%m-%d %H:%M}  {past.state:8}  {past.file}" for past in status.imports
    ]
    _print(status, lines, options.json)
    return 0


def _grant(options: argparse.Namespace, settings: Settings) -> int:
    from hearth.app import grant_role

    with _database(settings) as dsn:
        asyncio.run(grant_role(dsn, options.email, options.role))
    print(f"{options.email} now has the role {options.role}")
    return 0


def _password(options: argparse.Namespace, settings: Settings) -> int:
    from hearth.app import set_password

    typed = (
        getpass.getpass("new password: ")
        if sys.stdin.isatty()
        else sys.stdin.readline().rstrip("\n")
    )
    with _database(settings) as dsn:
        asyncio.run(set_password(dsn, options.email, typed))
    print(f"the password of {options.email} is set; every device is signed out")
    return 0


def _database(settings: Settings) -> Any:
    """The database of this installation, started for the time being if it is embedded."""
    from hearth.up import database

    return database(settings)


def _progress(what: str, done: int, total: int | None) -> None:
    """A bar that rewrites itself on a terminal, and stays away from anything else."""
    if not sys.stderr.isatty():
        return
    share = min(1.0, done / total) if total else 0.0
    bar = f"[{'#' * round(share * 24):24}] {share:4.0%}" if total else f"{done:,}"
    print(f"\r\033[K{what}  {bar}", end="", file=sys.stderr, flush=True)


def _print(report: Any, lines: Sequence[str], as_json: bool) -> None:
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    print(
        json.dumps(msgspec.to_builtins(report), ensure_ascii=False, indent=2)
        if as_json
        else "\n".join(lines)
    )


if __name__ == "__main__":
    sys.exit(main())
