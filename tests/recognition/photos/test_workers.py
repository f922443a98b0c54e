"""The processes that open pictures: what goes wrong in one stays in it."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from hearth.core.errors import Unavailable
from hearth.recognition import photos
from hearth.recognition.photos import workers
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


def large() -> bytes:
    """A picture that takes a worker some tenths of a second."""
    return sample(size=(4000, 4000))


def runs(pid: int | None) -> bool:
    """Whether the process is there and no corpse."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def until_gone(pid: int) -> None:
    async with asyncio.timeout(20):
        while runs(pid):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def started(worker: Worker) -> int:
    """The process that this worker runs a first time."""
    async with asyncio.timeout(20):
        while worker.pid is None:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    return worker.pid


async def test_a_killed_worker_is_a_clear_problem_and_the_next_job_gets_another() -> None:
    worker = Worker("test")
    running = asyncio.create_task(worker.run(Job("prepare", large())))
    first = await started(worker)
    os.kill(first, signal.SIGKILL)
    with pytest.raises(Unseen, match="gave up"):
        await running
    assert await worker.run(Job("prepare", sample()))
    assert worker.pid != first
    await worker.stop()


async def test_a_worker_that_did_jobs_before_and_is_killed_costs_nothing() -> None:
    worker = Worker("test")
    await worker.run(Job("prepare", sample()))
    first = worker.pid
    assert first is not None
    running = asyncio.create_task(worker.run(Job("prepare", large())))
    await asyncio.sleep(0.02)
    os.kill(first, signal.SIGKILL)
    assert await running
    assert worker.pid not in (None, first)
    os.kill(worker.pid or 0, signal.SIGKILL)
    assert await worker.run(Job("prepare", sample()))
    await worker.stop()


async def test_a_picture_that_kills_is_tried_twice_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = Worker("test")
    await worker.run(Job("prepare", sample()))
    seen = []

    async def dying(process: asyncio.subprocess.Process, job: Job) -> None:
        seen.append(process.pid)
        raise asyncio.IncompleteReadError(b"", 4)

    monkeypatch.setattr(workers, "_exchanged", dying)
    for tries in (2, 1):
        seen.clear()
        with pytest.raises(Unseen, match="gave up"):
            await worker.run(Job("prepare", sample()))
        assert len(set(seen)) == tries
    assert worker.pid is None


async def test_stopping_ends_what_runs_and_what_waits_and_leaves_no_process() -> None:
    worker = Worker("test")
    jobs = [asyncio.create_task(worker.run(Job("prepare", large()))) for _ in range(3)]
    pid = await started(worker)
    await worker.stop()
    for job in jobs:
        with pytest.raises(Unavailable, match="being stopped"):
            await job
    assert worker.pid is None
    await until_gone(pid)


async def test_the_front_door_leaves_no_process() -> None:
    await photos.prepare(sample())
    pid = photos._worker("pictures").pid
    assert runs(pid)
    await photos.stop()
    await until_gone(pid or 0)


async def test_a_worker_does_not_outlive_a_killed_parent() -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _PARENT, stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": workers._SOURCE},
    )  # fmt: skip
    assert parent.stdout is not None
    child = int(await parent.stdout.readline())
    assert runs(child)
    parent.kill()
    await parent.wait()
    await until_gone(child)


_PARENT = """
import asyncio, io
from PIL import Image
from hearth.recognition.photos.workers import Job, Worker
async def main():
    out = io.BytesIO()
    Image.new("RGB", (9, 9)).save(out, "PNG")
    worker = Worker("child")
    await worker.run(Job("prepare", out.getvalue()))
    print(worker.pid, flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


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


async def test_a_crowd_is_refused_and_those_before_it_are_served() -> None:
    worker = Worker("test", Limits(waiting=2))
    first, second = (asyncio.create_task(worker.run(Job("prepare", sample()))) for _ in range(2))
    await asyncio.sleep(0)
    with pytest.raises(Unavailable, match="right now") as refused:
        await worker.run(Job("prepare", sample()))
    assert refused.value.status == 503
    assert await first == await second
    assert await worker.run(Job("prepare", sample()))
    await worker.stop()


async def test_a_job_that_comes_as_an_idle_worker_ends_gets_another() -> None:
    worker = Worker("test", Limits(idle_s=0))
    for _ in range(8):
        assert await worker.run(Job("prepare", sample()))
        await asyncio.sleep(0)
    await worker.stop()


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
