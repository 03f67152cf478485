"""Interviews in parallel on this machine: the curve, the capacity, and twice as many.

    .venv/bin/python -m bench.capacity [--interviews 1000 2500 5000 …] [--seconds 20]

Starts a PostgreSQL, the web server by the Procfile's line and a worker, and sends what so
many interviews send, at the times at which they would, whatever the portal does. Without
`--interviews` it looks for the largest number that is held. Then comes twice that number,
and half of it. Writes bench/results/capacity.json and .svg; exit status 1 if the overload
breaks a promise.
"""

import argparse
import os
import random
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from signal import SIGTERM

import django

from bench.capacity import report
from bench.capacity.loop import Loop
from bench.capacity.vendor import Vendor
from bench.harness import results
from bench.harness.database import Database, database, variables
from bench.harness.servers import (
    HOST,
    free_port,
    log_path,
    procfile_command,
    server,
    spawn,
)
from core import environment
from core.processes import stop

SEED = 20_26
WORKER_STOP_SECONDS = 20
# The generator goes first: it needs little, and late it would measure itself.
NICENESS = -10


def main() -> None:
    arguments = parse()
    results.write("capacity", run(arguments))
    found = results.read("capacity")
    report.draw(found)
    print(report.table(found))
    broken = report.broken(found)
    for promise in broken:
        print(f"BROKEN: {promise}")
    sys.exit(1 if broken else 0)


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--interviews", type=int, nargs="+")
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--overload-seconds", type=int, default=25)
    parser.add_argument("--server", default="", help="in place of the Procfile's line")
    return parser.parse_args(arguments)


def run(arguments: argparse.Namespace) -> dict[str, object]:
    """Measure everything, on parts that are started here and stopped."""
    loop = Loop()
    vendor = Vendor(loop)
    try:
        with database("capacity") as data, variables(settings(vendor)):
            return measure(arguments, loop, data)
    finally:
        vendor.close()


def settings(vendor: Vendor) -> dict[str, str]:
    """Return what is set besides production's: voice calls, and HR without its phones."""
    return {
        "ELEVENLABS_API_KEY": "bench",
        "ELEVENLABS_AGENT_ID": "bench",
        "ELEVENLABS_BASE_URL": f"http://{vendor.host}",
        "SECOND_FACTOR": "optional",
        # Apart from where others of the benchmark collect files to serve.
        "STATIC_ROOT": str(environment.var_dir() / "bench" / "capacity-static"),
    }


def measure(
    arguments: argparse.Namespace, loop: Loop, data: Database
) -> dict[str, object]:
    django.setup()
    # Models cannot be loaded before.
    from bench.capacity import people, search, workspace
    from bench.capacity.interviews import World
    from bench.capacity.stages import Machine, Stages

    workspace.name_static_files()
    dice = random.Random(SEED)  # noqa: S311 (nothing secret)
    scripts = people.make_scripts()
    port = free_port()
    world = World(loop, (HOST, port), dice, workspace.pages())
    command = web_command(arguments)
    with worker() as pid, server(command, name="capacity", port=port) as web:
        stages = Stages(world, Machine(web, data, pid), scripts, dice)
        with priority():
            found = search.everything(stages, arguments)
        world.pool.close()
    return {"server": " ".join(command), "database": data.settings(), **found}


def web_command(arguments: argparse.Namespace) -> list[str]:
    """Return what starts the portal: as it ships, unless another line is given."""
    if arguments.server:
        return ["sh", "-c", f"exec {arguments.server}"]
    return procfile_command("web")


@contextmanager
def worker() -> Iterator[int]:
    """Run the worker of the Procfile around a block; yields its number."""
    with log_path("capacity-worker").open("wb") as log:
        process = spawn(procfile_command("worker"), 0, {}, log.fileno())
    try:
        yield process.pid
    finally:
        stop(process, SIGTERM, patience=WORKER_STOP_SECONDS)


@contextmanager
def priority() -> Iterator[None]:
    """Put this process before the others on the processors, where that is allowed."""
    before = os.getpriority(os.PRIO_PROCESS, 0)
    be_nice(before + NICENESS)
    try:
        yield
    finally:
        be_nice(before)


def be_nice(niceness: int) -> None:
    """Set the niceness, of the session too: between sessions Linux goes by theirs."""
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, niceness)
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(niceness))


if __name__ == "__main__":
    main()
