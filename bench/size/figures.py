"""What was measured, brought to medians and ratios, and held against the bounds."""

import statistics
from collections.abc import Callable, Mapping
from typing import Any

from bench.size.records import BEFORE_A_ROUND, BEFORE_ALL
from bench.size.worker import Worker

# At a million interviews, of what it is at a thousand.
MOST_OF_A_TURN, MOST_OF_A_PAGE = 1.15, 2.0
# A page's server time at every size.
MOST_MS = 300
PLANS_OF_A_TURN = 20
# How many turns of a kind in a round; the smallest size has no more answers to give.
ANSWER = "answer"
KINDS = {"next": 200, ANSWER: 50, "first": 200}

Workers = Mapping[int, Worker]
Say = Callable[[str], None]


def turns(workers: Workers, rounds: int, say: Say) -> dict[str, Any]:
    """Measure each kind, its rounds at all sizes in turn."""
    say("Scripts and plans are made ready …")
    for worker in workers.values():
        worker.call("warm")
    found: dict[str, Any] = {}
    for kind, number in KINDS.items():
        taken: dict[int, list[Any]] = {size: [] for size in workers}
        for _ in range(rounds):
            for size, worker in workers.items():
                taken[size].append(worker.call("turns", kind, number))
            if kind == ANSWER:
                restore(workers, BEFORE_A_ROUND)
        found[kind] = [of_turns(size, taken[size], taken[min(taken)]) for size in taken]
        say(f"{kind}: " + in_short(found[kind]))
    for kind in KINDS:
        for one in found[kind]:
            plans = workers[one["size"]].call("plans of a turn", kind, PLANS_OF_A_TURN)
            one["plans"] = typical(plans)
    restore(workers, BEFORE_ALL)
    return found


def restore(workers: Workers, moment: str) -> None:
    """Take back the answers that were given since."""
    for worker in workers.values():
        worker.call("restore", moment)


def of_turns(size: int, batches: list[Any], smallest: list[Any]) -> dict[str, Any]:
    every = [us for batch in batches for us in batch.us]
    cpu = [batch.database_us for batch in batches if batch.database_us is not None]
    return {
        "size": size,
        "us": round(statistics.median(every)),
        "fastest_us": round(min(every)),
        "p99_us": round(sorted(every)[int(len(every) * 0.99)]),
        "ratio": round(
            statistics.median(
                statistics.median(here.us) / statistics.median(there.us)
                for here, there in zip(batches, smallest, strict=True)
            ),
            3,
        ),
        "python_us": round(statistics.median(batch.python_us for batch in batches)),
        "database_us": round(statistics.median(cpu)) if cpu else None,
        "wal_bytes": round(statistics.median(batch.wal for batch in batches)),
    }


def typical(plans: list[list[Any]]) -> list[dict[str, Any]]:
    """Return each statement of a turn with its medians over several turns."""
    found: dict[str, list[Any]] = {}
    for plan in (plan for turn in plans for plan in turn):
        found.setdefault(plan.statement, []).append(plan)
    return [
        {
            "statement": statement,
            "ms": round(statistics.median(plan.ms for plan in same), 3),
            "hit": statistics.median(plan.hit for plan in same),
            "read": statistics.median(plan.read for plan in same),
            "shapes": sorted({plan.shape for plan in same}),
        }
        for statement, same in found.items()
    ]


def in_short(sizes: list[Any]) -> str:
    return ", ".join(
        f"{one['size']:,}: {one['us']} µs ({one['ratio']})" for one in sizes
    )


def pages(workers: Workers, rounds: int, say: Say) -> list[dict[str, Any]]:
    """Measure every page, its rounds at all sizes in turn."""
    lists = {size: worker.call("pages") for size, worker in workers.items()}
    found = []
    for same in zip(*lists.values(), strict=True):
        asked = dict(zip(workers, same, strict=True))
        found.append(page(workers, asked, rounds))
        say(line(found[-1]))
    return found


def page(workers: Workers, asked: dict[int, Any], rounds: int) -> dict[str, Any]:
    """Ask for a page: once for caches and plans, once to count, then in rounds."""
    first = {s: worker.call("visit", asked[s]) for s, worker in workers.items()}
    counted = {s: worker.call("visit", asked[s], True) for s, worker in workers.items()}
    taken: dict[int, list[Any]] = {size: [] for size in workers}
    for _ in range(rounds):
        for size, worker in workers.items():
            taken[size].append(worker.call("visit", asked[size]))
    plans = {
        s: worker.call("plans of a page", asked[s]) for s, worker in workers.items()
    }
    one = asked[min(asked)]
    return {
        "role": one.role,
        "page": one.name,
        "at": [
            of_visits(size, taken[size], taken[min(taken)])
            | {
                "first_ms": round(first[size].ms, 1),
                "queries": counted[size].queries,
                "slowest": [plan._asdict() for plan in plans[size]],
            }
            for size in workers
        ],
    }


def of_visits(size: int, visits: list[Any], smallest: list[Any]) -> dict[str, Any]:
    pairs = zip(visits, smallest, strict=True)
    return {
        "size": size,
        "ms": round(statistics.median(visit.ms for visit in visits), 1),
        "worst_ms": round(max(visit.ms for visit in visits), 1),
        "python_ms": round(statistics.median(visit.python_ms for visit in visits), 1),
        "rows": visits[0].rows,
        "ratio": round(
            statistics.median(here.ms / there.ms for here, there in pairs), 2
        ),
    }


def line(found: dict[str, Any]) -> str:
    figures = "".join(
        f"{one['ms']:9.1f} ({one['rows'] if one['rows'] is not None else '-'}, "
        f"{one['queries']} q, {one['ratio']})"
        for one in found["at"]
    )
    return f"{found['role']:14}{found['page']:32}{figures}"


def updates(workers: Workers) -> list[dict[str, Any]]:
    """Return the share of changes in place, at each size."""
    return [
        {"size": size, "in_place": {one.name: share(one) for one in done}}
        for size, worker in workers.items()
        for done in [worker.call("updates")]
    ]


def share(update: Any) -> float | None:
    return round(update.in_place / update.rows, 2) if update.rows else None


def storage(workers: Workers) -> list[dict[str, Any]]:
    return [
        {
            "size": size,
            "tables": [in_words(stored) for stored in worker.call("storage")],
        }
        for size, worker in workers.items()
    ]


def in_words(stored: Any) -> dict[str, Any]:
    return stored._asdict() | {"indexes": [one._asdict() for one in stored.indexes]}


def broken(measured: Mapping[str, Any]) -> list[str]:
    """Return, in words, each bound that the measurements break."""
    turns = measured.get("turns", {})
    bounded = [kind for kind in turns if kind != "first"]
    found = [slow for kind in bounded for slow in slow_turns(kind, turns[kind])]
    return found + [
        slow for page in measured.get("pages", []) for slow in slow_page(page)
    ]


def slow_turns(kind: str, sizes: list[Any]) -> list[str]:
    return [
        f"/{kind} at {one['size']:,}: {one['ratio']} times the smallest"
        for one in sizes
        if one["ratio"] > MOST_OF_A_TURN
    ]


def slow_page(page: dict[str, Any]) -> list[str]:
    found = []
    smallest = page["at"][0]
    for one in page["at"]:
        name = f"{page['role']}, {page['page']} at {one['size']:,}"
        if one["ms"] > MOST_MS:
            found.append(f"{name}: {one['ms']} ms")
        # A fuller page is another page: only what shows as much can be compared.
        if one["rows"] == smallest["rows"] and one["ratio"] > MOST_OF_A_PAGE:
            found.append(f"{name}: {one['ratio']} times the smallest")
        if one["queries"] != smallest["queries"]:
            found.append(f"{name}: {one['queries']} queries")
    return found
