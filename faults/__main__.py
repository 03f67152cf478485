"""Run the experiments: `python -m faults [E1 E2 …] [--short]`.

Writes `faults/results/<experiment>.json`, and ends with status 1 if a target is missed.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from typing import cast

from bench.harness.results import circumstances
from faults.experiment import Experiment, Figure
from faults.report import write

# E12 is of webhooks to other systems, of which the portal sends none yet.
EXPERIMENTS = {
    "E1": "app_killed",
    "E2": "database_crashed",
    "E3": "worker_killed",
    "E4": "jobs_through_a_crash",
    "E5": "webhooks_shuffled",
    "E6": "signatures",
    "E7": "bodies",
    "E8": "isolation",
    "E9": "races",
    "E10": "state_machine",
    "E11": "schema",
    "E13": "parts_away",
    "E14": "migrations",
    "E15": "restore",
    "E16": "erasure",
    "E17": "vendor_outage",
}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m faults", description=__doc__)
    parser.add_argument("experiments", nargs="*", help=f"of {', '.join(EXPERIMENTS)}")
    parser.add_argument(
        "--short", action="store_true", help="seconds each, smaller numbers"
    )
    options = parser.parse_args(arguments)
    names = options.experiments or list(EXPERIMENTS)
    if unknown := set(names) - set(EXPERIMENTS):
        parser.error(f"no such experiment: {', '.join(sorted(unknown))}")
    if len(names) == 1:
        figures = run(names[0], options.short)
        return 0 if all(figure.is_held for figure in figures) else 1
    return max([run_apart(name, options.short) for name in names])


def run_apart(name: str, is_short: bool) -> int:
    """Run one in a process of its own: Django is set up once, for one database."""
    command = [sys.executable, "-m", "faults", name, *["--short"] * is_short]
    return subprocess.run(command, check=False).returncode


def run(name: str, is_short: bool) -> list[Figure]:
    """Run one, print its figures, and keep those of a full run."""
    experiment = cast(Experiment, import_module(f"faults.{EXPERIMENTS[name]}"))
    print(f"{name}: {experiment.TITLE}", flush=True)
    began = time.monotonic()
    figures = []
    for figure in experiment.run(is_short=is_short):
        figures.append(figure)
        print(line(figure), flush=True)
    seconds = time.monotonic() - began
    print(f"  {seconds:,.0f} s", flush=True)
    if not is_short:
        write(name, experiment.TITLE, figures, seconds, circumstances())
    return figures


def line(figure: Figure) -> str:
    verdict = "held" if figure.is_held else "MISSED"
    return f"  {figure.name}: {figure.value:,} (target {figure.target}) {verdict}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
