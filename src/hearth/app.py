"""The composition root: settings in, web application and worker out; the only list of domains."""

import asyncio
import contextlib
import gc
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final, Literal

from granian import Granian
from granian.constants import Interfaces, Loops
from granian.log import LogLevels
from litestar import Litestar

from hearth import __version__, ai, diary, foods, people, privacy, recognition
from hearth.core import telemetry
from hearth.core.cache import Cache, SharedRedis
from hearth.core.db import LOST, Pool
from hearth.core.files import Files
from hearth.core.flags import Flags
from hearth.core.jobs import Worker
from hearth.core.limits import Limits
from hearth.core.mail import Mail, NoMail, SmtpMail
from hearth.core.migrate import MigrationRefused, migrate, pending
from hearth.core.processes import check_port, die_with_parent, die_with_server
from hearth.core.secrets import Vault, keys_from
from hearth.diary import adding_web, photos_web, plates_web, settings_web
from hearth.diary import api as diary_api
from hearth.diary import jobs as diary_jobs
from hearth.diary import web as diary_web
from hearth.foods import api as foods_api
from hearth.foods import jobs as foods_jobs
from hearth.foods import web as foods_web
from hearth.recognition import api as recognition_api
from hearth.recognition import barcodes_web, labels_api, labels_web, read_api, voice_web
from hearth.recognition import web as recognition_web
from hearth.settings import SettingRefused, Settings, environment_of, read_settings, with_secrets
from hearth.web import Doors, Site, account, make_app, models_web

HERE: Final = Path(__file__).parent
ROUTES: Final = (
    *foods_api.routes,
    *read_api.routes,
    *recognition_api.routes,
    *labels_api.routes,
    *diary_api.routes,
    *account.pages,
    *models_web.pages,
    *foods_web.pages,
    *recognition_web.pages,
    *barcodes_web.pages,
    *labels_web.pages,
    *voice_web.pages,
    *diary_web.pages,
    *adding_web.pages,
    *plates_web.pages,
    *photos_web.pages,
    *settings_web.pages,
)
PAGE_FOLDERS: Final = tuple(HERE / domain / "pages" for domain in ("foods", "recognition", "diary"))
# Jobs and reactions are declared as their module is imported: by whoever tells as by who works.
JOBS: Final = (ai.jobs, diary_jobs, foods_jobs, people.jobs)
WORKER_CONNECTIONS: Final = 4
WAIT_FOR_DATABASE_S: Final = 60.0
# A day makes thousands of objects and no cycles; Python's own 700 would look for them all the time.
GARBAGE_AFTER: Final = (20_000, 20, 20)


# ------------------------------------------------------------------ doors


def doors(settings: Settings) -> Doors:
    """The doors to the world that these settings ask for."""
    pool = Pool(settings.database_url, size=settings.database_pool_size, application="hearth-web")
    redis = SharedRedis(settings.redis_url) if settings.redis_url else None
    # Commands, triggers and, without Redis, the processes themselves tell through the database.
    cache = Cache(redis, pool)
    vault = _vault(settings)
    return Doors(
        ai=ai.open_ai(ai.read_config(os.environ), ai.Base(pool, cache, vault)),
        db=pool,
        vault=vault,
        cache=cache,
        limits=Limits(redis),
        mail=_mail(settings),
        files=Files(settings.storage_url or (settings.data.absolute() / "files").as_uri()),
        flags=Flags(pool, cache),
        site=_site(settings),
    )


def _vault(settings: Settings) -> Vault:
    return Vault(settings.encryption_keys or keys_from(settings.secret_key))


def _mail(settings: Settings) -> Mail:
    if not settings.smtp_url:
        return NoMail()
    return SmtpMail(settings.smtp_url, settings.mail_from)


def _site(settings: Settings) -> Site:
    return Site(
        base_url=settings.address,
        version=__version__,
        data=settings.data,
        cors_origins=frozenset(settings.cors_origin),
        trusted_proxies=settings.trusted_proxies,
        metrics_networks=settings.metrics_networks,
        max_file_size=settings.max_file_size,
        maintenance=settings.maintenance_mode,
    )


# ------------------------------------------------------------------ web


def web() -> Litestar:
    """The web application of this process's environment; what Granian loads."""
    die_with_server()
    settings = with_secrets(read_settings(os.environ))
    telemetry.set_up_logging(json=settings.is_production, level=settings.log_level)
    return application(settings)


def application(settings: Settings) -> Litestar:
    """The web application."""
    opened = doors(settings)

    async def start() -> None:
        gc.set_threshold(*GARBAGE_AFTER)
        _tell_letters(opened)
        await opened.cache.start()
        await opened.flags.load()
        await recognition.open_listening(settings.data.absolute() / "voice")
        opened.cache.subscribe("catalogue", lambda _: _refresh(opened))
        _refresh(opened)

    async def stop() -> None:
        await recognition.close()
        await opened.ai.close()
        await opened.cache.close()
        await opened.db.close()

    return make_app(
        opened, ROUTES, page_folders=PAGE_FOLDERS, on_startup=[start], on_shutdown=[stop]
    )


_running: Final[set[asyncio.Task[None]]] = set()


def _refresh(opened: Doors) -> None:
    """Build the reader's index beside the answering of requests."""
    task = asyncio.get_running_loop().create_task(_refreshed(opened))
    _running.add(task)
    task.add_done_callback(_running.discard)


async def _refreshed(opened: Doors) -> None:
    await recognition.refresh_catalogue(opened.db)
    # The index lives as long as the process: no use in looking through it for garbage.
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _tell_letters(opened: Doors) -> None:
    post = people.jobs.Post(opened.mail, opened.vault, opened.site.base_url)
    people.jobs.use_post(post)


async def _demand_schema(settings: Settings) -> None:
    """Refuse in one sentence to run on a database that is not ours or not at this version.

    One that does not answer is waited for: it may be starting at the same moment.
    """
    if not settings.database_url:
        raise SettingRefused("DATABASE_URL is missing. `hearth up` brings a database of its own.")
    until = time.monotonic() + WAIT_FOR_DATABASE_S
    while True:
        try:
            missing = await pending(settings.database_url)
            break
        except LOST:
            if time.monotonic() > until:
                raise
            await asyncio.sleep(0.5)
    if missing:
        raise MigrationRefused(
            f"The database lacks {len(missing)} migrations of this version: run `hearth migrate`."
        )


def serve(settings: Settings) -> int:
    """Serve until a signal comes. Every process reads its settings from the environment."""
    die_with_parent()
    os.environ.update(environment_of(settings))
    check_port(settings.host, settings.port)
    asyncio.run(_demand_schema(settings))
    Granian(
        "hearth.app:web",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        factory=True,
        workers=settings.web_workers,
        loop=Loops.uvloop,
        log_level=LogLevels.warning,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
    ).serve()
    return 0


# ------------------------------------------------------------------ worker


async def work(settings: Settings) -> int:
    """Run jobs until a signal comes."""
    die_with_parent()
    await _demand_schema(settings)
    telemetry.set_up_logging(json=settings.is_production, level=settings.log_level)
    opened = doors(settings)
    privacy.declare_models(opened.ai)
    _tell_letters(opened)
    diary_jobs.use_files(opened.files)
    stop = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    pool = Pool(settings.database_url, size=WORKER_CONNECTIONS, application="hearth-worker")
    if await foods.load_starter(pool) is not None:
        # A new version brought another starter catalogue: who reads meals builds the index anew.
        await Cache(None, pool).publish("catalogue", "starter")
    await Worker(pool, parallel=WORKER_CONNECTIONS).run(stop)
    await pool.close()
    return 0


# ------------------------------------------------------------------ commands


@contextlib.asynccontextmanager
async def _pool(dsn: str) -> AsyncIterator[Pool]:
    pool = Pool(dsn, size=WORKER_CONNECTIONS, application="hearth-command")
    try:
        yield pool
    finally:
        await pool.close()


async def migrate_all(dsn: str, tell: Callable[[str], None] = lambda _: None) -> list[str]:
    """Bring schema and starter catalogue to this version."""
    done = await migrate(dsn, tell)
    async with _pool(dsn) as pool:
        await foods.load_starter(pool)
    return done


async def _current(dsn: str) -> None:
    """An embedded database that was never served is empty: bring it up first."""
    if await pending(dsn):
        await migrate_all(dsn)


async def import_foods(
    dsn: str, source: Literal["usda", "off"], places: list[str], folder: Path, say: foods.Say
) -> list[foods.Report]:
    """Import official downloads of foods; a report for each."""
    await _current(dsn)
    async with _pool(dsn) as pool:
        reports = await foods.main_import(pool, source, places, folder=folder, say=say)
        await Cache(None, pool).publish("catalogue", "imported")
    return reports


async def foods_status(dsn: str) -> foods.Status:
    """What the catalogue holds."""
    await _current(dsn)
    async with _pool(dsn) as pool:
        return await foods.main_status(pool)


async def grant_role(dsn: str, email: str, role: str) -> None:
    """Give a person a role."""
    await _current(dsn)
    async with _pool(dsn) as pool:
        await people.grant(pool, email, role)


async def set_password(dsn: str, email: str, password: str) -> None:
    """Set a person's password; their logins end."""
    await _current(dsn)
    async with _pool(dsn) as pool:
        await people.resets.set_password(pool, email, password)


async def make_demo(dsn: str, settings: Settings) -> tuple[str, str | None]:
    """A demonstration person with two weeks of meals; their address, and the password if it is new."""
    async with _pool(dsn) as pool:
        return await diary.make_demo(pool, _vault(settings))
