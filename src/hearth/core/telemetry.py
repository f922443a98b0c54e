"""What the house says about itself: structured logs that hold no secrets, and metrics.

One JSON object a line: `at`, `level`, `logger`, `message`, `request_id`, and whatever a record
carries in `extra`. A field whose name sounds like a secret or an address is never written, and
text that looks like one is masked in messages.
"""

import json
import logging
import os
import re
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from hearth.core.values import request_context

# ------------------------------------------------------------------ logs

REDACTED: Final = "[redacted]"
_SECRET_NAME: Final = re.compile(
    r"pass(word|wd|phrase)|token|secret|authori[sz]ation|cookie|e-?mail|api[_-]?key|credential"
    r"|private[_-]?key|dsn$|_url$",
    re.IGNORECASE,
)
_SECRET_TEXT: Final = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}"), r"\1 " + REDACTED),
    (re.compile(r"(?i)(\w*(?:password|passwd|token|secret|api_?key|cookie)\w*"
                r"['\"]?\s*[=:]\s*['\"]?)[^\s,;&'\"}]+"), r"\1" + REDACTED),
    (re.compile(r"(\w+://)[^/\s:@]*:[^/\s@]+@"), r"\1" + REDACTED + "@"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), REDACTED),
)  # fmt: skip
_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def redacted(value: Any, name: str = "") -> Any:
    """`value` without secrets: by the name of its field, in depth, and by how text looks."""
    if name and _SECRET_NAME.search(name):
        return REDACTED
    if isinstance(value, dict):
        return {str(key): redacted(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [redacted(inner) for inner in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return _masked(str(value))


def _masked(text: str) -> str:
    for pattern, put in _SECRET_TEXT:
        text = pattern.sub(put, text)
    return text


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    extra = {
        key: redacted(value, key) for key, value in vars(record).items() if key not in _STANDARD
    }
    fields: dict[str, Any] = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": _masked(record.getMessage()),
        "request_id": request_context.get().id,
        **extra,
    }
    if record.exc_info and record.exc_info[0] is not None:
        fields["error"] = _masked("".join(traceback.format_exception(*record.exc_info)))
    return fields


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(_fields(record), ensure_ascii=False, default=str)


class PlainFormatter(logging.Formatter):
    """For a person at a terminal; the same fields, the same redaction."""

    def format(self, record: logging.LogRecord) -> str:
        fields = _fields(record)
        at, level = fields.pop("at")[11:19], fields.pop("level")
        name, message = fields.pop("logger"), fields.pop("message")
        error = fields.pop("error", "")
        rest = " ".join(f"{key}={value}" for key, value in fields.items() if value != "")
        line = f"{at} {level:<7} {name}: {message} {rest}".rstrip()
        return f"{line}\n{error}" if error else line


def set_up_logging(
    json: bool = True, level: int | str = logging.INFO, stream: IO[str] | None = None
) -> None:
    """Send every logger of the process to `stream` (standard error) in one form."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if json else PlainFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(True)
    for chatty in ("asyncio", "pgqueuer", "httpx", "httpcore"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


# --------------------------------------------------------------- metrics

# Where several processes of one tree keep their figures, so that whichever is asked tells of all.
# The library reads it when it is first imported: it is set for a process before it starts.
SHARED_FIGURES: Final = "PROMETHEUS_MULTIPROC_DIR"

disable_created_metrics()  # type: ignore[no-untyped-call]
registry: Final = CollectorRegistry(auto_describe=True)
ProcessCollector(registry=registry)
_HTTP: Final = ("method", "route", "status_code")
_requests = Counter("http_requests_total", "HTTP requests answered.", _HTTP, registry=registry)
_seconds = Histogram(
    "http_request_duration_seconds", "Time to answer an HTTP request.", _HTTP, registry=registry
)
_queries = Counter(
    "database_queries_total", "SQL statements run.", ("type", "table"), registry=registry
)
_ai = Counter(
    "ai_service_requests_total", "Calls of models.", ("service", "model"), registry=registry
)
_active = Gauge(
    "active_users_total", "Persons who were active in the last 15 minutes.",
    registry=registry, multiprocess_mode="livemax",
)  # fmt: skip
_analyses = Counter(
    "meal_analyses_total", "Meals read from words or pictures.", ("success",), registry=registry
)
_voice_seconds = Histogram(
    "voice_processing_duration_seconds", "Time from a recording to its words.",
    buckets=(0.1, 0.5, 1, 2, 5, 10, 30), registry=registry,
)  # fmt: skip
_voice_errors = Counter(
    "voice_processing_errors_total", "Recordings of which no words came.", registry=registry
)
_voice_queue = Gauge(
    "voice_processing_queue_size", "Recordings that are listened to or wait for it.",
    registry=registry, multiprocess_mode="livesum",
)  # fmt: skip
_queue = Gauge(
    "job_queue_depth", "Jobs by state.", ("state",),
    registry=registry, multiprocess_mode="mostrecent",
)  # fmt: skip
_queue_age = Gauge(
    "job_queue_age_seconds", "How long the oldest due job has waited.",
    registry=registry, multiprocess_mode="mostrecent",
)  # fmt: skip
_jobs = Counter("jobs_total", "Jobs run, by how they ended.", ("job", "outcome"), registry=registry)
_cache = Counter("cache_requests_total", "Cache look-ups.", ("tier", "outcome"), registry=registry)
_breaker = Gauge(
    "breaker_state", "0 closed, 1 half open, 2 open.", ("breaker",),
    registry=registry, multiprocess_mode="livemax",
)  # fmt: skip
_pool = Gauge(
    "database_pool_connections", "Connections by state.", ("state",),
    registry=registry, multiprocess_mode="livesum",
)  # fmt: skip

# `labels()` costs ten times the increment: the bound methods are kept by their labels. The label
# sets are small (routes of the application, tables of the schema), so the dictionaries are too.
_query_children: dict[tuple[str, str], Callable[[], None]] = {}
_Observe = tuple[Callable[[], None], Callable[[float], None]]
_request_children: dict[tuple[str, str, int], _Observe] = {}
_cache_children: dict[tuple[str, str], Callable[[], None]] = {}


def count_query(kind: str, table: str) -> None:
    """One SQL statement of `kind` (select, insert, update, delete) on `table`."""
    count = _query_children.get((kind, table))
    if count is None:
        count = _query_children[kind, table] = _queries.labels(kind, table).inc
    count()


def observe_request(method: str, route: str, status: int, seconds: float) -> None:
    """One answered request. `route` is the pattern, never the path: paths are without bound."""
    child = _request_children.get((method, route, status))
    if child is None:
        labels = (method, route, str(status))
        child = _requests.labels(*labels).inc, _seconds.labels(*labels).observe
        _request_children[method, route, status] = child
    child[0]()
    child[1](seconds)


def count_cache(tier: str, hit: bool) -> None:
    """One look-up in a cache tier (`process` or `redis`)."""
    key = (tier, "hit" if hit else "miss")
    count = _cache_children.get(key)
    if count is None:
        count = _cache_children[key] = _cache.labels(*key).inc
    count()


def count_ai_request(service: str, model: str) -> None:
    """One call of a model."""
    _ai.labels(service, model).inc()


def count_meal_analysis(success: bool) -> None:
    """One reading of a meal; without success when nothing in it was understood."""
    _analyses.labels("true" if success else "false").inc()


def observe_voice(seconds: float) -> None:
    """One recording that was listened to, whatever came of it."""
    _voice_seconds.observe(seconds)


def count_voice_error() -> None:
    """One recording of which no words came: silent, broken, in a language nobody here knows."""
    _voice_errors.inc()


def set_voice_queue(size: int) -> None:
    """How many recordings this process listens to, those that wait included."""
    _voice_queue.set(size)


def count_job(job: str, outcome: str) -> None:
    """One run of a job: `done`, `retried` or `held` (given up, kept for a person to look at)."""
    _jobs.labels(job, outcome).inc()


def set_active_users(count: int) -> None:
    """How many persons were active in the last 15 minutes."""
    _active.set(count)


def set_queue(depths: dict[str, int], oldest_due_s: float) -> None:
    """The job queue as last seen: how many in each state, and how late the oldest due one is."""
    for state, count in depths.items():
        _queue.labels(state).set(count)
    _queue_age.set(oldest_due_s)


def set_pool(in_use: int, size: int) -> None:
    """The connections of this process's pool."""
    _pool.labels("in_use").set(in_use)
    _pool.labels("free").set(size - in_use)


def set_breaker(name: str, state: int) -> None:
    """A circuit breaker: 0 closed (well), 1 half open (trying), 2 open (away)."""
    _breaker.labels(name).set(state)


on_render: Final[list[Callable[[], None]]] = []
"""Called before each rendering, for gauges that are read rather than counted."""


def render() -> bytes:
    """All metrics in Prometheus's text form."""
    for refresh in on_render:
        refresh()
    folder = os.environ.get(SHARED_FIGURES)
    return generate_latest(_merged(Path(folder)) if folder else registry)


def _merged(folder: Path) -> CollectorRegistry:
    """The figures of every process of the tree, beside how this one is."""
    for path in folder.glob("gauge_live*_*.db"):
        pid = int(path.stem.rpartition("_")[2])
        if not _lives(pid):
            mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]
    merged = CollectorRegistry(auto_describe=True)
    MultiProcessCollector(merged, str(folder))  # type: ignore[no-untyped-call]
    ProcessCollector(registry=merged)
    return merged


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
