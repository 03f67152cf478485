"""Turns and pages at growing sizes, and whether they stay as quick as they were.

    python -m bench.size [--sizes 1000 100000 1000000] [--rounds 40] [--page-rounds 5] [--keep]

Starts a PostgreSQL of its own with a database for each size, measures all sizes in turn,
and writes bench/results/size.json, size.svg and explain.md. Exits with status 1 if a
bound does not hold. The largest takes 14 GB of disk and some minutes to fill.
"""

import argparse
import sys
from contextlib import ExitStack
from typing import Any

from bench.harness import results
from bench.size import figures, report
from bench.size.databases import databases
from bench.size.worker import Worker

SIZES = [1_000, 100_000, 1_000_000]
ROUNDS = 40
# Of the pages there are two hundred.
PAGE_ROUNDS = 5


def main() -> None:
    arguments = parse()
    with databases(arguments.sizes, keep=arguments.keep) as found, ExitStack() as stack:
        workers = {
            size: stack.enter_context(Worker(address))
            for size, address in found.items()
        }
        measured = measure(workers, arguments)
    report.write(measured)
    results.write("size", report.without_plans_of_pages(measured))
    say(report.table(measured))
    broken = figures.broken(measured)
    for bound in broken:
        say(f"Does not hold: {bound}")
    sys.exit(1 if broken else 0)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--page-rounds", type=int, default=PAGE_ROUNDS)
    parser.add_argument("--keep", action="store_true", help="find the data next time")
    parser.add_argument(
        "--only", choices=["turns", "pages"], help="leave the other half out"
    )
    return parser.parse_args()


def measure(
    workers: dict[int, Worker], arguments: argparse.Namespace
) -> dict[str, Any]:
    """Measure all there is, as it is written into the results."""
    measured: dict[str, Any] = {"sizes": list(workers)}
    if arguments.only != "pages":
        measured["turns"] = figures.turns(workers, arguments.rounds, say)
    if arguments.only != "turns":
        measured["pages"] = figures.pages(workers, arguments.page_rounds, say)
    measured["updates"] = figures.updates(workers)
    measured["storage"] = figures.storage(workers)
    return measured


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
