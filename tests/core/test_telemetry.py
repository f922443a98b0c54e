"""Logs without secrets, metrics with the promised names."""

import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hearth.core import telemetry
from hearth.core.values import RequestContext, request_context

CANARY = "canary-7f3a91"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    telemetry.set_up_logging(json=True, level="INFO", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_one_object_a_line(stream: io.StringIO) -> None:
    request_context.set(RequestContext(id="r-9"))
    logging.getLogger("hearth.x").info("two\nlines %d", 3, extra={"waited_s": 0.5})
    request_context.set(RequestContext())
    (line,) = lines(stream)
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "level": "info",
        "logger": "hearth.x",
        "message": "two\nlines 3",
        "request_id": "r-9",
        "waited_s": 0.5,
    }


@pytest.mark.parametrize(
    "name",
    "password new_password Passwd token refresh_token access-token secret SECRET_KEY authorization "
    "Authorisation cookie set-cookie email e_mail sender_email api_key private_key dsn "
    "database_url credential".replace("e_mail ", "").split(),
)
def test_fields_with_such_names_are_never_written(stream: io.StringIO, name: str) -> None:
    extra = {name: CANARY, "inner": {name: [CANARY], "kept": 1}}
    logging.getLogger("hearth.x").warning("refused", extra=extra)
    assert CANARY not in stream.getvalue()
    assert lines(stream)[0]["inner"]["kept"] == 1


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {CANARY}",
        f"password={CANARY} and more",
        f"'refresh_token': '{CANARY}'",
        f"https://user:{CANARY}@host/path",
        f"{CANARY}@example.org has registered",
        f'{{"secret": "{CANARY}"}}',
    ],
)
def test_secrets_in_texts_and_tracebacks_are_masked(stream: io.StringIO, text: str) -> None:
    log = logging.getLogger("hearth.x")
    log.info("%s", text)
    log.info("a field", extra={"note": text})
    try:
        raise ValueError(text)
    except ValueError:
        log.exception("failed")
    assert CANARY not in stream.getvalue()
    assert "ValueError" in lines(stream)[2]["error"]


def test_for_a_terminal_the_same_is_masked() -> None:
    record = logging.makeLogRecord({"msg": "hi", "password": CANARY, "levelname": "INFO"})
    assert CANARY not in telemetry.PlainFormatter().format(record)


def test_metrics_have_the_promised_names_and_labels() -> None:
    telemetry.observe_request("GET", "/api/foods", 200, 0.02)
    telemetry.count_query("select", "foods.food")
    telemetry.count_ai_request("local", "none")
    telemetry.count_meal_analysis(True)
    telemetry.count_meal_analysis(False)
    telemetry.count_cache("process", hit=True)
    telemetry.set_active_users(3)
    telemetry.set_pool(2, 8)
    telemetry.set_breaker("redis", 2)
    telemetry.set_queue({"queued": 4}, 1.5)
    text = telemetry.render().decode()
    for promised in (
        'http_requests_total{method="GET",route="/api/foods",status_code="200"}',
        'http_request_duration_seconds_bucket{le="0.025",method="GET",route="/api/foods",',
        'database_queries_total{table="foods.food",type="select"}',
        'ai_service_requests_total{model="none",service="local"}',
        "active_users_total 3.0",
        'meal_analyses_total{success="true"}',
        'meal_analyses_total{success="false"}',
        'database_pool_connections{state="free"} 6.0',
        'breaker_state{breaker="redis"} 2.0',
        'job_queue_depth{state="queued"} 4.0',
        "job_queue_age_seconds 1.5",
        'cache_requests_total{outcome="hit",tier="process"}',
    ):
        assert promised in text


def test_gauges_are_refreshed_when_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry, "on_render", [lambda: telemetry.set_active_users(41)])
    assert b"active_users_total 41.0" in telemetry.render()


def test_several_processes_tell_their_figures_as_one(tmp_path: Path) -> None:
    counting = "from hearth.core import telemetry as t; t.count_job('trial', 'done')"
    counting += "; t.set_pool(1, 4)"
    environment = {**os.environ, telemetry.SHARED_FIGURES: str(tmp_path)}
    for _ in range(2):
        subprocess.run([sys.executable, "-c", counting], env=environment, check=True)
    telling = f"{counting}; print(t.render().decode())"
    told = subprocess.run(
        [sys.executable, "-c", telling], env=environment, check=True, capture_output=True, text=True
    )
    assert 'jobs_total{job="trial",outcome="done"} 3.0' in told.stdout
    # What ended holds no connections any more.
    assert 'database_pool_connections{state="in_use"} 1.0' in told.stdout
    assert "process_resident_memory_bytes" in told.stdout
