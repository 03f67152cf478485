"""Compare a turn of Parley's with the floor, the bare minimum, FastAPI, and naive DRF.

    .venv/bin/python -m bench.turns [--rounds 6] [--seconds 2] [--only next answer turn]

All on the same data and statements, in interleaved rounds on one machine. Prints ratios
to the bare application, writes bench/results/turns.json and turns.svg, and ends with 1 if
Parley falls short of what docs/performance.md promises.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import django

from bench.harness import results
from bench.harness.database import Database, database
from bench.harness.rounds import Rounds, compare
from bench.harness.servers import Server
from bench.turns import report
from bench.turns.contenders import FLOOR, MAIN, SERVERS, TWIN, Contestant

PARTS = ["next", "answer", "turn"]
# A turn of pgbench's is its answer, and so is the twin's.
NO_TURN = {TWIN, FLOOR}
# Neither a checkpoint nor a full log in the middle of a round.
SETTINGS = {
    "max_connections": "200",
    "shared_buffers": "1GB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
}


def main() -> None:
    arguments = parse()
    with database("turns", **SETTINGS) as own:
        django.setup()
        found = run(own, arguments)
    found["profile"] = profiled()
    report.show(found)
    path = results.write("turns", found)
    report.draw(found, path.with_suffix(".svg"))
    sys.exit(0 if all(each["held"] for each in found["acceptance"]) else 1)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--sessions", type=int, default=100_000)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--server-rounds", type=int, default=3)
    return parser.parse_args()


def run(own: Database, arguments: argparse.Namespace) -> dict[str, Any]:
    """Seed, measure, and return the results; raises LoadError for a wrong answer."""
    from bench.turns.arena import Arena, Size

    print(f"{arguments.sessions} sessions are made", flush=True)
    with Arena(own, Size(arguments.sessions, arguments.connections)) as arena:
        with arena.running(MAIN) as servers:
            parts = {
                part: rounds_of(arena, part, MAIN, servers, arguments)
                for part in arguments.only
            }
            memory = {name: each.worker_megabytes() for name, each in servers.items()}
        arena.check()
        others = other_servers(arena, arguments)
        arena.check()
    return {
        "database": own.settings(),
        "options": vars(arguments),
        "parts": report.summaries(parts),
        "servers": report.summaries(others),
        "megabytes": memory,
        "acceptance": report.acceptance(parts),
    }


def profiled() -> Any:
    """Return where the portal's own time goes: another process, with data of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "profile.json")
        command = [sys.executable, "-m", "bench.turns.profile", "--json", str(path)]
        subprocess.run(command, check=True)
        return json.loads(path.read_text())


def rounds_of(
    arena: Any,
    part: str,
    contestants: Mapping[str, Contestant],
    servers: Mapping[str, Server],
    arguments: argparse.Namespace,
) -> Rounds:
    """Measure a part: everybody who runs, and the floor."""
    taking_part = {
        name: arena.contender(servers[name], contestant.kinds[part])
        for name, contestant in contestants.items()
        if part != "turn" or name not in NO_TURN
    }
    if part != "turn":
        taking_part[FLOOR] = arena.floor_contender(part)
    return compare(
        taking_part,
        rounds=arguments.rounds,
        seconds=arguments.seconds,
        report=lambda line: print(f"{part}: {line}", flush=True),
    )


def other_servers(arena: Any, arguments: argparse.Namespace) -> dict[str, Rounds]:
    """Measure the portal under other servers, for shorter."""
    if not arguments.server_rounds:
        return {}
    with arena.running(SERVERS) as servers:
        return {
            part: compare(
                {
                    name: arena.contender(each, SERVERS[name].kinds[part])
                    for name, each in servers.items()
                },
                rounds=arguments.server_rounds,
                seconds=arguments.seconds,
                report=lambda line, part=part: print(
                    f"servers, {part}: {line}", flush=True
                ),
            )
            for part in arguments.only
            if part != "turn"
        }


if __name__ == "__main__":
    main()
