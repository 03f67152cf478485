"""What the comparison of turns says: as lines to read, a table for the documents, a chart."""

import statistics
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.harness import chart
from bench.harness.rounds import Rounds, counted, ratios, summarise
from bench.turns.contenders import BASE, FASTAPI, FLOOR, NAIVE, PARLEY, TWIN

# What is promised: the part, compared with whom, at least how many times as much.
PROMISES = [
    ("next", BASE, 0.75),
    ("next", FASTAPI, 1.0),
    ("answer", BASE, 0.85),
    ("answer", FASTAPI, 1.0),
    ("turn", FASTAPI, 1.5),
]
TITLES = {
    "next": "`/next`",
    "answer": "`/answer`",
    "turn": "a whole turn",
}
LABELS = {
    FLOOR: "pgbench: PostgreSQL alone",
    BASE: "bare WSGI + psycopg, gunicorn gthread 2×2 (the base)",
    TWIN: "the base again: its twin shows the noise",
    FASTAPI: "FastAPI + asyncpg, uvicorn 2 workers",
    NAIVE: "DRF as usually written, gunicorn gthread 2×2",
    PARLEY: "**Parley, as the Procfile runs it**",
}


HEADER = (
    f"{'':24}{'a second':>8}{'ratio':>8}{'lowest':>8}{'highest':>9}"
    f"{'server':>8}{'postgres':>9}{'client':>8}{'p50 ms':>8}{'p99 ms':>8}"
)


def summaries(parts: Mapping[str, Rounds]) -> dict[str, Any]:
    """Return each part's medians by contender, and how many rounds counted."""
    return {
        part: {
            "rounds": len(counted(rounds)),
            "contenders": {
                name: each._asdict() for name, each in summarise(rounds, BASE).items()
            },
        }
        for part, rounds in parts.items()
    }


def acceptance(parts: Mapping[str, Rounds]) -> list[dict[str, Any]]:
    """Return each promise about a part that was measured, and whether it is held."""
    return [
        promise(part, rival, least, ratios(parts[part], PARLEY, rival))
        for part, rival, least in PROMISES
        if part in parts
    ]


def promise(part: str, rival: str, least: float, found: list[float]) -> dict[str, Any]:
    ratio = statistics.median(found)
    return {
        "part": part,
        "rival": rival,
        "least": least,
        "ratio": round(ratio, 3),
        "lowest": round(min(found), 3),
        "highest": round(max(found), 3),
        "held": ratio >= least,
    }


def show(results: Mapping[str, Any]) -> None:
    """Print everything, to be read by whoever waits for it."""
    for title, parts in (("", results["parts"]), ("servers, ", results["servers"])):
        for part, found in parts.items():
            print(f"\n{title}{part}: rounds that counted: {found['rounds']}")
            print(HEADER)
            for name, each in found["contenders"].items():
                print(line(name, each))
    print()
    for each in results["acceptance"]:
        print(sentence(each))


def line(name: str, each: Mapping[str, float]) -> str:
    return (
        f"{name:24}{each['rate']:8.0f}{each['ratio']:8.2f}{each['lowest']:8.2f}"
        f"{each['highest']:9.2f}{each['server_us']:8.0f}{each['database_us']:9.0f}"
        f"{each['client_us']:8.0f}{each['median_ms']:8.2f}{each['p99_ms']:8.2f}"
    )


def sentence(each: Mapping[str, Any]) -> str:
    verdict = "held" if each["held"] else "NOT HELD"
    return (
        f"{verdict:9} {each['part']}: {each['ratio']:.2f} of {each['rival']}"
        f" (at least {each['least']:.2f}; rounds from {each['lowest']:.2f}"
        f" to {each['highest']:.2f})"
    )


def table(results: Mapping[str, Any]) -> str:
    """Return the results as Markdown, for docs/performance.md."""
    lines = [*promises_table(results), "", *parts_table(results["parts"], LABELS)]
    if results["servers"]:
        lines += ["", "The portal under other servers, in rounds of their own:", ""]
        lines += parts_table(results["servers"], {})
    lines += [
        "",
        "Where Parley's own time goes, without a server, in µs: the lowest of",
    ]
    lines += ["many calls, and the median. What a part adds, so the parts add up.", ""]
    lines += profile_table(results["profile"])
    return "\n".join(lines)


def profile_table(profile: Mapping[str, Any]) -> Iterator[str]:
    """Yield a row for each part of a call: time, and Python's share of it in CPU."""
    yield "| | " + " | ".join(f"{TITLES[kind]} | CPU" for kind in profile) + " |"
    yield "|---" * (1 + 2 * len(profile)) + "|"
    for name in next(iter(profile.values())):
        rows = [profile[kind][name] for kind in profile]
        cells = [
            f"{lowest:.0f} / {median:.0f} | {cpu_lowest:.0f} / {cpu:.0f}"
            for lowest, median, cpu_lowest, cpu in rows
        ]
        yield f"| {name} | {' | '.join(cells)} |"


def promises_table(results: Mapping[str, Any]) -> Iterator[str]:
    yield "| | Parley, ratio | promised | rounds | |"
    yield "|---|---|---|---|---|"
    for each in results["acceptance"]:
        verdict = "held" if each["held"] else "**not held**"
        calls = "’s two calls" if each["part"] == "turn" else ""
        yield (
            f"| {TITLES[each['part']]}, to {each['rival']}{calls} "
            f"| {each['ratio']:.2f} | {each['least']:.2f} "
            f"| {each['lowest']:.2f} – {each['highest']:.2f} | {verdict} |"
        )


def parts_table(parts: Mapping[str, Any], labels: Mapping[str, str]) -> Iterator[str]:
    """Yield a row for each contender: its ratio, and CPU of Python / PostgreSQL."""
    names = list(
        dict.fromkeys(name for part in parts.values() for name in part["contenders"])
    )
    yield "| | " + " | ".join(f"{TITLES[part]} | µs" for part in parts) + " |"
    yield "|---" * (1 + 2 * len(parts)) + "|"
    for name in sorted(
        names, key=lambda name: list(labels).index(name) if labels else 0
    ):
        cells = [cell(part["contenders"].get(name)) for part in parts.values()]
        yield f"| {labels.get(name, name)} | {' | '.join(cells)} |"


def cell(each: Mapping[str, float] | None) -> str:
    if each is None:
        return "| "
    return f"{each['ratio']:.2f} | {each['server_us']:.0f} / {each['database_us']:.0f}"


def draw(results: Mapping[str, Any], path: Path) -> None:
    """Write the ratios as a chart."""
    parts = {part: found["contenders"] for part, found in results["parts"].items()}
    names = [BASE, FASTAPI, NAIVE, PARLEY]
    chart.write(
        chart.bars(
            "Turns of an interview: rate, as a multiple of a bare WSGI application's",
            "times the rate of the bare application",
            {
                part: {name: found[name]["ratio"] for name in names}
                for part, found in parts.items()
            },
        ),
        path,
    )
