"""HR's pages at growing sizes: server time and number of queries of each.

    .venv/bin/python -m bench.workspace [--sizes 10000 100000] [--rounds 15]

Starts a PostgreSQL of its own, fills it (bench.seed), and asks for every page in the
process, as the web server would: time of a page is from the request to the last byte of
its answer, the browser's work apart. Prints medians and writes
bench/results/workspace.json.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import time
import traceback
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

# Before Django is set up: a database of the benchmark's own, and no .env.
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "config.settings_test",
    "ENV_FILE": "",
    "LANGUAGE_CODE": "ru",
}

import django

from core import environment, postgres
from core.postgres_programs import home

RESULTS = Path(__file__).parent / "results"
LIMIT_MS = 300
ROLES = ["administrator", "recruiter", "reviewer"]


class Measured(NamedTuple):
    """One page at one size: milliseconds, of which in Python; number of queries."""

    role: str
    page: str
    status: int
    median_ms: float
    worst_ms: float
    python_ms: float
    queries: int


def main() -> None:
    arguments = parse()
    results = {}
    for size in arguments.sizes:
        results[size] = measure_at(size, arguments.rounds)
        report(size, results[size])
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(
        {size: [row._asdict() for row in rows] for size, rows in results.items()},
        ensure_ascii=False,
        indent=1,
    )
    (RESULTS / "workspace.json").write_text(text + "\n")
    sys.exit(1 if is_over(results) else 0)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=15)
    return parser.parse_args()


def measure_at(size: int, rounds: int) -> list[Measured]:
    """Measure in a process of its own: a database, once chosen, is chosen for good."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        rows = run(size, rounds)
        with os.fdopen(write, "w") as pipe:
            json.dump(rows, pipe)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        text = pipe.read()
    _, status = os.waitpid(pid, 0)
    if status:
        sys.exit(f"The benchmark at {size} interviews failed: see above.")
    return [Measured(*row) for row in json.loads(text)]


def run(size: int, rounds: int) -> list[Measured]:
    try:
        data = home(environment.var_dir()) / "bench-postgres"
        shutil.rmtree(data, ignore_errors=True)
        server = postgres.EmbeddedPostgres(data, fsync=False, join=False)
        server.start()
        try:
            os.environ["DATABASE_URL"] = server.url()
            return list(measure(size, rounds))
        finally:
            server.stop()
            shutil.rmtree(data, ignore_errors=True)
    except BaseException:  # noqa: BLE001 (the process ends here)
        traceback.print_exc()
        os._exit(1)


def measure(size: int, rounds: int) -> Iterator[Measured]:
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    from bench.pages import pages
    from bench.seed import seed

    began = time.perf_counter()
    seed(size)
    print(f"{size} interviews made in {time.perf_counter() - began:.0f} s")  # noqa: T201
    # The settings of the tests close the connection after each request.
    connection.settings_dict["CONN_MAX_AGE"] = None
    for role in ROLES:
        client = signed_in(role)
        for name, path in pages(role).items():
            yield timed(client, role, name, path, rounds)


def signed_in(role: str):
    from django.test import Client

    from accounts.models import User

    client = Client(raise_request_exception=True)
    client.force_login(
        User.objects.get(email=f"{role}@example.com"),
        backend="accounts.backends.RoleBackend",
    )
    return client


def timed(client, role: str, name: str, path: str, rounds: int) -> Measured:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(path)  # caches of templates, plans of statements
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
    # Now: the next request forgets them.
    asked = list(queries)
    times, cpu = [], []
    for _ in range(rounds):
        began, busy = time.perf_counter(), time.process_time()
        b"".join(client.get(path))
        times.append((time.perf_counter() - began) * 1000)
        cpu.append((time.process_time() - busy) * 1000)
    return Measured(
        role,
        name,
        response.status_code,
        round(statistics.median(times), 1),
        round(max(times), 1),
        round(statistics.median(cpu), 1),
        len(asked),
    )


def report(size: int, rows: list[Measured]) -> None:
    print(f"\n{size} interviews: ms (median, worst, Python), queries")  # noqa: T201
    for row in rows:
        mark = "  <-- over" if row.median_ms > LIMIT_MS else ""
        print(  # noqa: T201
            f"{row.role:14} {row.page:34} {row.status} {row.median_ms:8.1f} {row.worst_ms:8.1f} {row.python_ms:8.1f} {row.queries:4}{mark}"
        )


def is_over(results: dict[int, list[Measured]]) -> bool:
    """Tell whether a page is too slow, or asks more of the database as it grows."""
    counts: dict[tuple[str, str], set[int]] = {}
    for rows in results.values():
        for row in rows:
            if row.status == HTTPStatus.OK:
                counts.setdefault((row.role, row.page), set()).add(row.queries)
    growing = [page for page, numbers in counts.items() if len(numbers) > 1]
    for page in growing:
        print("queries differ by size:", *page, counts[page])  # noqa: T201
    slow = any(row.median_ms > LIMIT_MS for rows in results.values() for row in rows)
    return slow or bool(growing)


if __name__ == "__main__":
    main()
