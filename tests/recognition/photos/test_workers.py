"""The processes that open pictures: what goes wrong in one stays in it."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from hearth.core.errors import Unavailable
from hearth.recognition import photos
from hearth.recognition.photos.looking import answer
from hearth.recognition.photos.workers import Job, Limits, Unseen, Worker

from .test_pictures import sample


async def test_a_job_is_answered_by_another_process() -> None:
    worker = Worker("test")
    assert worker.pid is None
    assert await worker.run(Job("prepare", sample()))
    assert worker.pid not in (None, os.getpid())
    await worker.stop()
    assert worker.pid is None


async def test_a_killed_worker_is_a_clear_problem_and_the_next_job_gets_another() -> None:
    worker = Worker("test")
    await worker.run(Job("prepare", sample()))
    first = worker.pid
    assert first is not None
    running = asyncio.create_task(worker.run(Job("prepare", sample(size=(3000, 3000)))))
    await asyncio.sleep(0)
    os.kill(first, signal.SIGKILL)
    with pytest.raises(Unseen, match="gave up"):
        await running
    assert await worker.run(Job("prepare", sample()))
    assert worker.pid != first
    await worker.stop()


async def test_a_job_over_its_time_is_given_up() -> None:
    worker = Worker("test", Limits(job_s=0.001))
    with pytest.raises(Unseen, match="took longer"):
        await worker.run(Job("prepare", sample()))
    assert worker.pid is None


async def test_a_worker_that_cannot_have_memory_costs_only_its_job() -> None:
    worker = Worker("test", Limits(address_space=64 * 1024 * 1024))
    with pytest.raises((Unseen, photos.Undecodable)):
        await worker.run(Job("prepare", sample()))
    await worker.stop()


@pytest.mark.parametrize("limits", [Limits(jobs=1), Limits(rss=1)])
async def test_a_worn_or_large_worker_is_replaced(limits: Limits) -> None:
    worker = Worker("test", limits)
    await worker.run(Job("prepare", sample()))
    assert worker.pid is None


async def test_an_idle_worker_stops() -> None:
    worker = Worker("test", Limits(idle_s=0))
    await worker.run(Job("prepare", sample()))
    while worker.pid is not None:  # noqa: ASYNC110
        await asyncio.sleep(0.01)


async def test_a_crowd_is_refused() -> None:
    worker = Worker("test", Limits(waiting=0))
    with pytest.raises(Unavailable):
        await worker.run(Job("prepare", sample()))


async def test_a_caller_who_leaves_does_not_leave_an_answer_for_the_next() -> None:
    worker = Worker("test")
    left = asyncio.create_task(worker.run(Job("prepare", sample(size=(2000, 2000)))))
    await asyncio.sleep(0.05)
    left.cancel()
    with pytest.raises(asyncio.CancelledError):
        await left
    assert await worker.run(Job("barcodes", sample())) == b"\x82\xa5codes\x90\xa9questions\x90"
    await worker.stop()


async def test_a_worker_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "hush")
    worker = Worker("test")
    await worker.run(Job("prepare", sample()))
    shown = _environment(worker.pid)
    await worker.stop()
    assert b"hush" not in shown


def _environment(pid: int | None) -> bytes:
    path = Path(f"/proc/{pid}/environ")
    return path.read_bytes() if path.exists() else b""


async def test_what_is_not_a_picture_starts_no_worker() -> None:
    for read in (
        photos.prepare(b"text"),
        photos.read_barcodes(b"text"),
        photos.read_label(b"text", "en"),
    ):
        with pytest.raises(photos.NotAPicture):
            await read


async def test_damage_comes_back_as_its_own_problem() -> None:
    data = sample(size=(600, 400))
    with pytest.raises(photos.Undecodable):
        await photos.read_barcodes(data[: len(data) // 2])
    await photos.stop()


def test_a_readers_fault_is_an_answer() -> None:
    assert answer(Job("prepare", b"nothing")).problem is not None
    assert answer(Job("prepare", sample())).value
