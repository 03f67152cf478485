"""The results in words, as a table and as a picture."""

from collections.abc import Iterator, Mapping
from math import ceil, log10
from typing import Any

from bench.harness.results import RESULTS

RECOVERY_SECONDS = 10
# So much of the processors' time, and there is none left to speak of.
FULL = 0.85
COLUMNS = [
    *("Interviews", "requests/s", "p50, ms", "p99, ms", "max, ms", "answers p99, ms"),
    *("refused", "errors", "CPU web", "PostgreSQL", "generator", "MB a worker"),
]
Result = Mapping[str, Any]


def broken(found: Result) -> list[str]:
    """Return the promises that the overload has broken."""
    overload = found["overload"]
    return [promise for promise, is_kept in promises(overload).items() if not is_kept]


def promises(overload: Result) -> dict[str, bool]:
    ledger, stages = overload["ledger"], [overload["load"], overload["after"]]
    recovery = overload["recovery_seconds"]
    return {
        "no acknowledged answer is lost or altered": not (
            ledger["lost"] or ledger["altered"] or ledger["revisions"]
        ),
        "no status 500": not any("500" in stage["statuses"] for stage in stages),
        "every refusal has Retry-After": not any(
            "Retry-After" in error for stage in stages for error in stage["errors"]
        ),
        "no wrong answer": not any(
            "wrong" in error for stage in stages for error in stage["errors"]
        ),
        f"recovery within {RECOVERY_SECONDS} s": recovery is not None
        and recovery <= RECOVERY_SECONDS,
    }


def table(found: Result) -> str:
    """Return the curve and the overload as Markdown."""
    lines = [*curve(found), "", first_to_break(found), "", *cost_lines(found["costs"])]
    return "\n".join([*lines, "", *overload_lines(found["overload"])])


def first_to_break(found: Result) -> str:
    """Say what is used up at the first number of interviews that is not held."""
    stages = [*found["curve"], found["overload"]["load"]]
    stage = next((each for each in stages if not each["held"]), stages[-1])
    cores, total = stage["cores"], found["machine"]["cores"]
    parts = {
        "the web server's Python": cores["server"],
        "PostgreSQL": cores["postgresql"],
        "the worker": cores["worker"],
        "the generator": cores["generator"],
        "other processes": cores["others"],
    }
    name, most = max(parts.items(), key=lambda part: part[1])
    busy = sum(parts.values())
    if busy < FULL * total:
        return f"At {stage['interviews']:,} interviews the processors are not full ({busy:.1f} of {total} cores): calls wait for threads, locks or the disk ({cores['disk']:.1f})."
    return f"At {stage['interviews']:,} interviews the processors are full ({busy:.1f} of {total} cores), most by {name} ({most:.2f}), PostgreSQL {cores['postgresql']:.2f}."


def curve(found: Result) -> Iterator[str]:
    yield f"Capacity: {found['capacity']:,} interviews in parallel."
    yield ""
    yield "| " + " | ".join(COLUMNS) + " |"
    yield "|" + "---:|" * len(COLUMNS)
    for stage in [*found["curve"], found["overload"]["load"]]:
        yield "| " + " | ".join(cells(stage)) + " |"


def cost_lines(costs: Result) -> Iterator[str]:
    yield "| One interview's calls | number | CPU web, ms each | PostgreSQL, ms each |"
    yield "|---|---:|---:|---:|"
    for each in costs["calls"]:
        yield f"| {each['kind']} | {each['calls']:g} | {each['server_ms']:.1f} | {each['postgresql_ms']:.1f} |"
    yield f"| **an interview** | | **{costs['interview_server_ms']}** | **{costs['interview_postgresql_ms']}** |"
    yield ""
    yield f"A thousand interviews in parallel keep {costs['cores_for_1000']:.2f} cores busy."


def cells(stage: Result) -> list[str]:
    cores = stage["cores"]
    return [
        f"{stage['interviews']:,}{doubts(stage)}",
        f"{stage['offered_per_second']:.0f}",
        *(f"{stage[name]:.1f}" for name in ("p50", "p99", "max")),
        f"{stage['kinds'].get('answer', {}).get('p99', 0):.1f}",
        f"{share(stage, 'refused'):.1%}",
        str(sum(stage["errors"].values())),
        *(f"{cores[name]:.2f}" for name in ("server", "postgresql", "generator")),
        ", ".join(f"{size:.0f}" for size in stage["worker_mb"]),
    ]


def doubts(stage: Result) -> str:
    """Return what speaks against the figures of a stage, if anything does."""
    late = " (lag)" if stage["lagging"] else ""
    return late + (" (others)" if stage["disturbed"] else "")


def share(stage: Result, name: str) -> float:
    """Return which part of what was offered is in the counts of this name."""
    offered = stage["offered_per_second"] * stage["seconds"]
    return float(sum(stage[name].values()) / offered) if offered else 0.0


def overload_lines(overload: Result) -> Iterator[str]:
    load, after, ledger = overload["load"], overload["after"], overload["ledger"]
    recovery = overload["recovery_seconds"]
    yield f"At twice the capacity ({load['interviews']:,} interviews, {load['seconds']} s), then {after['interviews']:,}:"
    yield ""
    yield f"- refused with Retry-After: {sum(load['refused'].values()):,} of {load['offered_per_second'] * load['seconds']:,.0f} calls ({share(load, 'refused'):.0%}); the slowest refusal took {load['slowest_refusal']:,.0f} ms"
    yield f"- status 500: {load['statuses'].get('500', 0) + after['statuses'].get('500', 0)}; errors: {errors(load)}"
    yield f"- answered: {load['answered_per_second']:.0f} a second; longest wait {load['max']:,.0f} ms, answers p99 {load['kinds']['answer']['p99']:,.0f} ms; with the repetitions at most {load['repeated']['max']:,.0f} ms; given up: {sum(load['given_up'].values())}"
    yield f"- most calls under way at once: {load['most_under_way']}"
    yield f"- p99 under 100 ms again after the load has fallen: {'never' if recovery is None else f'{recovery} s'}"
    yield f"- acknowledged answers: {ledger['acknowledged']:,}; lost {ledger['lost']}, altered {ledger['altered']}, stored twice {ledger['revisions']}"


def errors(stage: Result) -> str:
    found = stage["errors"].items()
    return ", ".join(f"{what} ({number})" for what, number in found) or "none"


def draw(found: Result) -> None:
    """Write the curve: milliseconds, in powers of ten, over interviews in parallel."""
    from bench.harness import chart  # it changes how Python imports: not for tests

    load = found["overload"]["load"]
    stages = {f"{stage['interviews']:,}": stage for stage in found["curve"]}
    stages[f"{load['interviews']:,} (2×)"] = load
    slowest = max(stage["p99"] for stage in stages.values())
    marks = [10**power for power in range(max(3, ceil(log10(slowest))) + 1)]
    picture = chart.lines(
        "How long the portal takes, by interviews in parallel",
        "interviews in parallel; milliseconds of the calls that were answered",
        list(stages),
        {
            "half of the calls (p50)": [stage["p50"] for stage in stages.values()],
            "99 of 100 (p99)": [stage["p99"] for stage in stages.values()],
            "the limit": [100.0 for _ in stages],
        },
        logarithmic=True,
        y_labels=marks,
        range=(marks[0], marks[-1]),
    )
    chart.write(picture, RESULTS / "capacity.svg")
