"""Speech to text on this machine: faster-whisper with a model that lies in a folder here.

The package is not among Hearth's own: whoever wants it installs it beside (`pip install
faster-whisper`) and puts a model's files into a folder. Nothing is ever fetched: given a name, or a
folder without its tokenizer, the package would ask its hub, so every file is looked for first.
"""

import asyncio
import importlib
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from hearth.ai.answers import Audio, Transcript
from hearth.ai.config import Provider
from hearth.ai.protocol import Heard
from hearth.ai.wire import ProviderFailed
from hearth.core import telemetry

FILES: Final = ("model.bin", "config.json", "tokenizer.json")
# One at a time: a transcription uses every core by itself.
_room: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="whisper")


async def transcribe(provider: Provider, audio: Audio) -> Heard:
    """The transcript of a recording, made off the event loop."""
    telemetry.count_ai_request(provider.name, provider.audio_model)
    doing = asyncio.get_running_loop().run_in_executor(_room, _transcribe, provider.path, audio)
    try:
        async with asyncio.timeout(provider.timeout_s):
            return await doing
    except TimeoutError:
        why = f"was not done within {provider.timeout_s:g} s."
        raise ProviderFailed(why, outcome="timeout") from None


def _transcribe(path: str, audio: Audio) -> Heard:
    model = _loaded(path)
    try:
        segments, info = model.transcribe(
            BytesIO(audio.data), language=audio.language, vad_filter=True, beam_size=5
        )
        text = " ".join(segment.text.strip() for segment in segments)
    except Exception as error:
        # Whatever its decoder makes of a broken recording; the message may hold file content.
        why = f"could not read the recording ({type(error).__name__})."
        raise ProviderFailed(why, is_away=False) from None
    return Heard(transcript=Transcript(text.strip(), info.language), seconds=info.duration)


@lru_cache(maxsize=2)
def _loaded(path: str) -> Any:
    folder = Path(path)
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise ProviderFailed(
            f"cannot start: {path} has no {', '.join(missing)}. AI_WHISPER_PATH is the folder of a "
            "model in the form of faster-whisper (CTranslate2)."
        )
    try:
        package = importlib.import_module("faster_whisper")
    except ImportError:
        raise ProviderFailed(
            "cannot start: the package faster-whisper is not installed. Install it beside Hearth: "
            "pip install faster-whisper."
        ) from None
    try:
        return package.WhisperModel(path, device="auto", compute_type="int8", local_files_only=True)
    except Exception as error:
        raise ProviderFailed(
            f"cannot start: the model in {path} could not be loaded ({type(error).__name__})."
        ) from None
