"""Every job that is written is known to the processes that tell, enqueue and work."""

import re
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src"
DECLARED = re.compile(r"^@(?:every|on|task)\b.*\n(?:@.*\n)*async def (\w+)", re.MULTILINE)
SHOW = "import hearth.app; from hearth.core import jobs; print(*jobs._tasks, sep='\\n')"


def test_the_composition_root_knows_every_job() -> None:
    """In a process of its own: here, other tests have imported what the product may have not."""
    written = {
        f"{'.'.join(path.relative_to(SOURCE).with_suffix('').parts)}.{name}"
        for path in SOURCE.rglob("*.py")
        for name in DECLARED.findall(path.read_text())
    }
    shown = subprocess.run(
        [sys.executable, "-c", SHOW], capture_output=True, text=True, check=True, cwd=SOURCE
    )
    assert "hearth.diary.jobs.redo_snapshots" in written
    assert written <= set(shown.stdout.split())
