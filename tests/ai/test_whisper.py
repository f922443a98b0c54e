"""Speech on this machine: what is missing is said, and nothing is ever fetched."""

import sys
import time
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from hearth.ai import whisper
from hearth.ai.answers import Audio, Call, ModelFailed
from hearth.ai.asking import Base, HttpAi
from hearth.ai.config import read_config
from hearth.core.cache import Cache
from hearth.core.db import Pool
from hearth.core.secrets import Vault, new_key

AUDIO = Audio(data=b"sound", media_type="audio/webm", language="sv")
TEST = Call(purpose="test")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    whisper._loaded.cache_clear()
    for name in whisper.FILES:
        (tmp_path / name).write_bytes(b"{}")
    return tmp_path


def door(db: Pool, folder: Path, **more: str) -> HttpAi:
    environ = {"AI_PROVIDERS": "whisper", "AI_WHISPER_PATH": str(folder)} | more
    return HttpAi(read_config(environ), Base(db, Cache(), Vault(new_key("test"))))


def package(monkeypatch: pytest.MonkeyPatch, transcribe: Any) -> list[dict[str, Any]]:
    """faster-whisper's own shape, as its documentation gives it, without its weights."""
    opened: list[dict[str, Any]] = []

    class WhisperModel:
        def __init__(self, path: str, **given: Any) -> None:
            opened.append({"path": path, **given})

        def transcribe(self, audio: Any, **given: Any) -> Any:
            return transcribe(audio.read(), given)

    made = ModuleType("faster_whisper")
    made.WhisperModel = WhisperModel  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "faster_whisper", made)
    return opened


async def test_a_recording_is_transcribed_here(
    db: Pool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def transcribe(data: bytes, given: dict[str, Any]) -> Any:
        assert data == b"sound" and given["language"] == "sv"
        segments = (SimpleNamespace(text=text) for text in (" Två ägg", " och bröd. "))
        return segments, SimpleNamespace(language="sv", duration=3.5)

    opened = package(monkeypatch, transcribe)
    ai = door(db, folder)
    assert not ai.services("hear")[0].needs_consent
    answer = await ai.hear(AUDIO, call=TEST)
    await ai.hear(AUDIO, call=TEST)
    assert (answer.value.text, answer.value.language, answer.cost_micro) == (
        "Två ägg och bröd.",
        "sv",
        0,
    )
    assert len(opened) == 1 and opened[0]["local_files_only"] is True


async def test_what_is_missing_is_said(
    db: Pool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    with pytest.raises(ModelFailed, match="faster-whisper is not installed"):
        await door(db, folder).hear(AUDIO, call=TEST)
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ModelFailed, match=r"has no tokenizer\.json"):
        await door(db, folder).hear(AUDIO, call=TEST)
    with pytest.raises(ModelFailed, match=r"has no model\.bin"):
        await door(db, Path("large-v3")).hear(AUDIO, call=TEST)


async def test_a_broken_recording_is_refused(
    db: Pool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def transcribe(data: bytes, given: dict[str, Any]) -> Any:
        raise ValueError("secret content")

    package(monkeypatch, transcribe)
    with pytest.raises(ModelFailed, match=r"could not read the recording \(ValueError\)") as failed:
        await door(db, folder).hear(AUDIO, call=TEST)
    assert "secret" not in failed.value.detail


async def test_a_long_one_is_left(db: Pool, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def transcribe(data: bytes, given: dict[str, Any]) -> Any:
        time.sleep(0.3)
        return [], SimpleNamespace(language=None, duration=1.0)

    package(monkeypatch, transcribe)
    with pytest.raises(ModelFailed, match=r"not done within 0\.05 s"):
        await door(db, folder, AI_WHISPER_TIMEOUT_S="0.05").hear(AUDIO, call=TEST)
