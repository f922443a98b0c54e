"""Schemathesis over a running house; `python -m tests.api.fuzzing` is the long form."""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import httpx

from tests.serving import House, house

HERE = Path(__file__).parent
MOST_SECONDS = 720  # an access token lives 15 minutes


def staff(at: House) -> str:
    """The access token of a new person who may do everything."""
    body = {"email": f"{uuid4().hex}@example.org", "password": "kitchen table 42"}
    answer = httpx.post(f"{at.url}/api/auth/register", json=body, timeout=20)
    at.command("admin", "grant", body["email"], "admin")
    return str(answer.json()["access_token"])


def fuzz(at: House, *, seed: int, examples: int, seconds: int) -> subprocess.CompletedProcess[str]:
    """One run over every operation, in all phases."""
    environment = {
        **os.environ,
        "HEARTH_FUZZ_URL": at.url,
        "HEARTH_FUZZ_TOKEN": staff(at),
        "SCHEMATHESIS_HOOKS": "tests.api.fuzz_hooks",
        "PYTHONPATH": os.pathsep.join([str(HERE.parents[1]), *filter(None, sys.path)]),
    }
    schemathesis = Path(sys.executable).with_name("schemathesis")
    return subprocess.run(
        [
            str(schemathesis), "--config-file", str(HERE / "schemathesis.toml"),
            "run", f"{at.url}/api/openapi.json", "--url", at.url,
            "--checks", "all", "--phases", "examples,coverage,fuzzing,stateful",
            "--max-examples", str(examples), "--max-time", str(seconds), "--seed", str(seed),
        ],
        env=environment,
        cwd=at.log.parent,
        capture_output=True,
        text=True,
        timeout=seconds + 120,
        check=False,
    )  # fmt: skip


def main() -> int:
    """Run until the time is over and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=600, help="at most 720")
    parser.add_argument("--examples", type=int, default=200, help="cases of each operation")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    seconds = min(asked.seconds, MOST_SECONDS)
    with house() as at:
        done = fuzz(at, seed=asked.seed, examples=asked.examples, seconds=seconds)
    print(done.stdout, done.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
