"""Lighthouse on a phone: four scores for the pages that people open first.

    python bench/lighthouse.py http://127.0.0.1:8000 [--work DIR]

Makes an account there, logs a meal, and asks Lighthouse about each page. Needs npx and Chromium.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from uuid import uuid4

import httpx

LIGHTHOUSE = "lighthouse@12"
CHROMIUM = os.environ.get("CHROME_PATH", "/usr/bin/chromium")
FLAGS = (
    "--headless=new --no-sandbox --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
PAGES = {
    "welcome": ("/", False),
    "sign-in": ("/sign-in", False),
    "register": ("/register", False),
    "today": ("/", True),
    "add": ("/add", True),
    "foods": ("/foods?q=bread", True),
    "settings": ("/me/settings", True),
}
LEAST = 95
PATIENCE_S = 180


def registered(base: str) -> str:
    """The cookie of a new person with a meal."""
    with httpx.Client(base_url=base, timeout=60, follow_redirects=True) as client:
        email = f"{uuid4().hex}@example.org"
        password = uuid4().hex
        client.post("/register", data={"email": email, "password": password, "zone": "UTC"})
        page = client.get("/add").text
        token = page.partition('name="csrf-token" content="')[2].partition('"')[0]
        said = "two scrambled eggs, a slice of rye bread with butter and a large latte"
        client.post("/add", data={"text": said, "csrf_token": token}).raise_for_status()
        return "; ".join(f"{name}={value}" for name, value in client.cookies.items())


def scores(url: str, cookie: str, work: Path) -> tuple[dict[str, float], list[str]]:
    """The scores of a page, 0 to 100, and the titles of what was found wrong."""
    out = work / "report.json"
    headers = work / "headers.json"
    headers.write_text(json.dumps({"Cookie": cookie} if cookie else {}))
    command = [
        "npx", "--yes", LIGHTHOUSE, url, "--quiet", "--output=json", f"--output-path={out}",
        f"--chrome-flags={FLAGS}", f"--extra-headers={headers}",
        f"--only-categories={','.join(CATEGORIES)}",
    ]  # fmt: skip
    environment = os.environ | {"CHROME_PATH": CHROMIUM}
    subprocess.run(command, check=True, cwd=work, env=environment, timeout=PATIENCE_S)
    report = json.loads(out.read_text())
    if report["finalDisplayedUrl"] != url:
        raise SystemExit(f"{url} led to {report['finalDisplayedUrl']}: the cookie was not taken")
    found = {name: report["categories"][name]["score"] * 100 for name in CATEGORIES}
    wrong = [
        one["title"]
        for one in report["audits"].values()
        if one["score"] is not None
        and one["score"] < 1
        and one["scoreDisplayMode"] in ("binary", "numeric")
    ]
    return found, wrong


def main() -> int:
    """Print a table; 1 when a score is below the target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", nargs="?", default="http://127.0.0.1:8000")
    parser.add_argument("--work", type=Path, default=None)
    parser.add_argument("--pages", nargs="*", default=list(PAGES))
    options = parser.parse_args()
    for needed in ("npx", CHROMIUM):
        if shutil.which(needed) is None:
            print(f"skipped, because there is no {needed}")
            return 0
    cookie, least = registered(options.base), 100.0
    print(f"{'page':10} " + " ".join(f"{name:>14}" for name in CATEGORIES))
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        for name in options.pages:
            path, signed_in = PAGES[name]
            found, wrong = scores(options.base + path, cookie if signed_in else "", Path(folder))
            line = " ".join(f"{found[each]:14.0f}" for each in CATEGORIES)
            print(f"{name:10} {line}  {'; '.join(wrong)}", flush=True)
            least = min(least, *found.values())
    return 0 if least >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
