"""One listening process for the tests of a module, and its files kept for all of them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from hearth.recognition.voice import Listener


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the recogniser keeps its files."""
    return tmp_path_factory.mktemp("voice")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def listener(home: Path) -> AsyncIterator[Listener]:
    """A listener, closed at the end."""
    opened = Listener(home)
    yield opened
    await opened.close()
