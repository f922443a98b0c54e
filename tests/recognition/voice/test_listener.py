"""The listening process: refusals come through, a death or a hang of it harms one task only."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from hearth.core.errors import TooLarge, Unavailable
from hearth.recognition.voice import MOST_BYTES, Listener, TooLong, Unplayable
from hearth.recognition.voice import listener as listening

from .recordings import mp4, tone, webm

GOOD = webm(tone(1.0))


async def test_sounds_and_refusals_come_through(listener: Listener) -> None:
    assert (await listener.decode(GOOD)).seconds == pytest.approx(1.0, abs=0.1)
    with pytest.raises(Unplayable, match="no recording that Hearth knows"):
        await listener.decode(b"not a recording")
    with pytest.raises(TooLong, match="longer than 2 seconds"):
        await listener.decode(mp4(tone(3.0)), most_seconds=2)
    with pytest.raises(TooLarge):
        await listener.decode(bytes(MOST_BYTES + 1))
    assert (await listener.decode(GOOD)).level.loudest_db > -20


async def test_a_failure_that_nobody_foresaw_is_a_refusal(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The recogniser's place is a file here, so that its files cannot be made."""
    (tmp_path / "file").touch()
    own = Listener(tmp_path / "file")
    try:
        sound = await own.decode(GOOD)
        with pytest.raises(Unplayable, match="failed"):
            await own.draft(sound)
        assert "the listening process failed" in caplog.text
        assert (await own.decode(GOOD)).seconds > 0
    finally:
        await own.close()


async def test_a_process_that_died_is_replaced(listener: Listener) -> None:
    await listener.decode(GOOD)
    first = listener.process_id
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert (await listener.decode(GOOD)).seconds > 0
    assert listener.process_id not in (None, first)


async def test_a_process_that_hangs_is_ended(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    await listener.decode(GOOD)
    first = listener.process_id
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    monkeypatch.setattr(listening, "START_S", 0.1)
    monkeypatch.setattr(listening, "DECODE_S", 0.1)
    with pytest.raises(Unplayable, match="took too long"):
        await listener.decode(GOOD)
    monkeypatch.undo()
    assert (await listener.decode(GOOD)).seconds > 0
    assert listener.process_id != first


async def test_an_answer_never_goes_to_another_asker(listener: Listener) -> None:
    await listener.decode(GOOD)
    left = asyncio.create_task(listener.decode(webm(tone(2.0))))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    left.cancel()
    with pytest.raises(asyncio.CancelledError):
        await left
    assert (await listener.decode(GOOD)).seconds == pytest.approx(1.0, abs=0.1)


async def test_too_many_at_once_are_asked_to_come_again(listener: Listener) -> None:
    many = [listener.decode(GOOD) for _ in range(listening.MOST_WAITING + 2)]
    answers = await asyncio.gather(*many, return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, Unavailable)]
    assert len(refused) == 2
    assert all(one.retry_after_s for one in refused)
    assert listener.waiting == 0


def environment_of(process_id: int | None) -> bytes:
    """What a process was given, where the system tells (Linux)."""
    path = Path(f"/proc/{process_id}/environ")
    return path.read_bytes() if path.exists() else b""


async def test_the_house_keeps_its_secrets_and_its_output(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SECRET_KEY", "canary-secret-that-stays-at-home")
    own = Listener()
    try:
        await own.decode(GOOD)
        assert b"canary-secret" not in environment_of(own.process_id)
    finally:
        await own.close()
    assert own.process_id is None
    assert capfd.readouterr() == ("", "")
