"""The results in words and in a picture, and the budgets they are held to."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.harness import chart

KILOBYTE = 1000
Result = Mapping[str, Any]
NAMES = {
    "invited": "Welcome",
    "check": "Check",
    "question": "Question",
    "call": "Call",
}
COLUMNS = [
    *("Page", "first paint, s", "largest paint, s", "usable, s", "blocked, ms"),
    *("shift", "requests", "one after another", "kB"),
]


def summarised(taken: Sequence[Result]) -> dict[str, Any]:
    """Return the medians of all runs, and which budgets they hold."""
    found = middle(taken)
    return found | {"budgets": list(budgets(found))}


def middle(values: Sequence[Any]) -> Any:
    """Return the median of each number of the structures, which are of one shape.

    A kind of request that some runs had and some had not counts as none there.
    """
    first = next((each for each in values if each is not None), None)
    if isinstance(first, dict):
        keys = dict.fromkeys(key for value in values for key in value)
        return {key: middle([value.get(key) for value in values]) for key in keys}
    if isinstance(first, list):
        return sorted({item for value in values for item in value or []})
    return round(statistics.median(value or 0 for value in values), 4)


def budgets(found: Result) -> Iterator[dict[str, Any]]:
    """Yield what was promised of these pages, and whether it is held."""
    alone, written, spoken = found["alone"], found["written"], found["spoken"]
    for name, page in alone.items():
        yield budget(
            f"{NAMES[name]}: first paint, nothing cached",
            seconds(page["cold"]["first_contentful_paint"]),
            2.5,
            "s",
        )
        yield budget(
            f"{NAMES[name]}: first paint, files cached",
            seconds(page["warm"]["first_contentful_paint"]),
            1.5,
            "s",
        )
        yield budget(
            f"{NAMES[name]}: requests one after another", page["cold"]["depth"], 2, ""
        )
        yield (
            budget(
                f"{NAMES[name]}: blocked while it loads",
                page["cold"]["blocking"],
                300,
                "ms",
            )
            if name != "call"
            else budget(
                "Call: blocked while it loads, the widget included",
                page["cold"]["blocking"],
                2500,
                "ms",
            )
        )
    yield budget(
        "From the start to the first question", first_question(written), 4, "s"
    )
    yield budget(
        "From an answer to the next question", wait_of(written["next"]), 2.5, "s"
    )
    yield budget(
        "From “Start the call” to its question", wait_of(spoken["connected"]), 5, "s"
    )
    yield budget("All before the first question", before_question(written), 60, "kB")
    yield budget("All before the call, its widget apart", before_call(spoken), 60, "kB")
    yield budget(
        "The widget", spoken["call"]["bytes"].get("widget", 0) / KILOBYTE, 400, "kB"
    )
    shift = max(page["shift"] for page in pages(found))
    yield budget("Layout shift of any page, answers and call included", shift, 0.01, "")


def budget(name: str, value: float, limit: float, unit: str) -> dict[str, Any]:
    return {
        "name": name,
        "value": round(value, 4),
        "limit": limit,
        "unit": unit,
        "held": value <= limit,
    }


def seconds(milliseconds: float) -> float:
    return round(milliseconds / 1000, 2)


def wait_of(page: Result) -> float:
    """Return how long after the press the page was there, in seconds."""
    return seconds(page["since_pressed"])


def first_question(written: Result) -> float:
    """Return the waiting between pressing start and the question, reading left out."""
    return round(wait_of(written["check"]) + wait_of(written["question"]), 2)


def before_question(written: Result) -> float:
    return sum(kilobytes(written[name]) for name in ("invited", "check", "question"))


def before_call(spoken: Result) -> float:
    return sum(kilobytes(spoken[name]) for name in ("invited", "check", "call"))


def kilobytes(page: Result) -> float:
    """Return what came over the line, headers included, without the widget."""
    sizes = page["bytes"]
    return (sum(sizes.values()) - sizes.get("widget", 0)) / KILOBYTE


def pages(found: Result) -> Iterator[Result]:
    for page in found["alone"].values():
        yield from page.values()
    yield from found["written"].values()
    yield from found["spoken"].values()


def table(found: Result) -> str:
    """Return the results as Markdown."""
    lines = [
        f"| {' | '.join(COLUMNS)} |",
        "|---" + "|---:" * (len(COLUMNS) - 1) + "|",
    ]
    for name, page in found["alone"].items():
        for cache, of in page.items():
            lines.append(row(f"{NAMES[name]}, {cache}", of))
    for name, page in found["written"].items():
        if name in NAMES:
            lines.append(row(f"{NAMES[name]}, on the way", page))
    lines += ["", "| Budget | measured | at most | |", "|---|---:|---:|---|"]
    lines += [cells(budget_cells(each)) for each in found["budgets"]]
    return "\n".join(lines)


def row(name: str, page: Result) -> str:
    sizes = page["bytes"]
    widget = sizes.get("widget", 0) / KILOBYTE
    size = f"{kilobytes(page):.1f}" + (f" + {widget:.0f}" if widget else "")
    return cells(
        [
            name,
            f"{seconds(page['first_contentful_paint']):.2f}",
            f"{seconds(page['largest_contentful_paint']):.2f}",
            f"{seconds(page['ready']):.2f}" if page["ready"] else "at once",
            f"{page['blocking']:.0f}",
            f"{page['shift']:.4g}",
            f"{sum(page['requests'].values()):.0f}",
            f"{page['depth']:.0f}",
            size,
        ]
    )


def cells(values: Sequence[str]) -> str:
    return f"| {' | '.join(values)} |"


def budget_cells(each: Result) -> list[str]:
    unit = f" {each['unit']}".rstrip()
    return [
        each["name"],
        f"{each['value']:.4g}{unit}",
        f"{each['limit']:g}{unit}",
        "held" if each["held"] else "**not held**",
    ]


def line(each: Result) -> str:
    """Return a budget as a line of the terminal."""
    name, value, limit, held = budget_cells(each)
    return f"{held.strip('*'):8}  {name}: {value} (at most {limit})"


def draw(found: Result, path: Path) -> None:
    """Write the first paints of all pages as a chart."""
    series = {
        label: {
            NAMES[name]: seconds(page[cache]["first_contentful_paint"])
            for name, page in found["alone"].items()
        }
        for cache, label in (("cold", "nothing cached"), ("warm", "files cached"))
    }
    kbit, latency = found["line"]["kbit_per_second"], found["line"]["latency_ms"]
    title = f"First paint at {kbit} kbit/s, {latency} ms, {found['slower']}× slower CPU"
    chart.write(chart.bars(title, "seconds", series), path)
