"""The candidate's page on a slow line and a slow phone: paints, shifts, bytes.

    .venv/bin/python -m bench.page [--runs 5]

Starts a PostgreSQL, collects the static files, starts the web server by the Procfile's
line, and opens the pages in Chromium, slowed down. Takes a minute a run. Writes
bench/results/page.json and page.svg; exit status 1 if a budget is not held.
"""

import argparse
import os
import subprocess
import sys
from typing import Any

import django
from playwright.sync_api import Browser

from bench.harness import results
from bench.harness.database import database, manage
from bench.page import report
from bench.page.phone import LINE, PHONE, SLOWER, chromium
from bench.page.portal import portal, vendor
from core.environment import BASE_DIR


def main() -> None:
    arguments = parse()
    found = run(arguments.runs)
    print(report.table(found))
    path = results.write("page", found)
    report.draw(found, path.with_suffix(".svg"))
    for budget in found["budgets"]:
        print(report.line(budget))
    sys.exit(0 if all(each["held"] for each in found["budgets"]) else 1)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    return parser.parse_args()


def run(runs: int) -> dict[str, Any]:
    """Measure all pages and ways so many times; return the medians."""
    if not (BASE_DIR / "static" / "vendor" / "VERSIONS.txt").exists():
        subprocess.run([BASE_DIR / "scripts" / "widget.sh"], check=True)
    with database("page", fsync=False), chromium() as browser:
        prepare()
        taken = []
        for number in range(1, runs + 1):
            print(f"run {number} of {runs}", flush=True)
            taken.append(once(browser))
    conditions = {
        "line": LINE,
        "slower": SLOWER,
        "viewport": PHONE["viewport"],
        "browser": browser.version,
        "runs": runs,
    }
    return conditions | report.summarised(taken)


def prepare() -> None:
    """Fill the empty database and the folder of static files, as a release does."""
    manage("collectstatic", "--noinput", "--verbosity=0")
    # The browser's library keeps an event loop in this thread.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    django.setup()
    from interviews import demo

    demo.seed()


def once(browser: Browser) -> dict[str, Any]:
    """Measure everything once: without a voice service, and with one."""
    from bench.page import ways

    with portal("page") as url:
        alone = {
            name: ways.each_alone(browser, url, name)
            for name in ("invited", "check", "question")
        }
        written = ways.written_way(browser, url)
    with vendor() as address, portal("page-voice", **voice(address)) as url:
        alone["call"] = ways.each_alone(browser, url, "call")
        spoken = ways.spoken_way(browser, url)
    return {"alone": alone, "written": written, "spoken": spoken}


def voice(address: str) -> dict[str, str]:
    return {
        "ELEVENLABS_API_KEY": "bench",
        "ELEVENLABS_AGENT_ID": "bench",
        "ELEVENLABS_BASE_URL": address,
    }


if __name__ == "__main__":
    main()
