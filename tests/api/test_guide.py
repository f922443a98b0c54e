"""The guide's commands are run, in their order, in one shell."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.serving import ROOT, House

GUIDE = ROOT / "docs" / "api.md"


def test_every_command_of_the_guide_works(site: House, tmp_path: Path) -> None:
    missing = [tool for tool in ("bash", "curl", "jq") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"skipped, because there is no {', '.join(missing)}")
    commands = "\n".join(re.findall(r"```sh\n(.*?)```", GUIDE.read_text(), re.DOTALL))
    environment = {**os.environ, "HEARTH": site.url, "EMAIL": f"{uuid4().hex}@example.org"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"breakfast"' in done.stdout


def test_every_path_of_the_guide_is_described(stranger: httpx.Client) -> None:
    paths = stranger.get("/api/openapi.json").json()["paths"]
    named = set(re.findall(r"`(?:GET|POST|PATCH|PUT|DELETE) (/api/[a-z/-]+)`", GUIDE.read_text()))
    assert named and named <= paths.keys()
