"""The measurements as a table, a chart, and the plans as a document."""

from collections.abc import Iterator, Mapping
from typing import Any

from bench.harness import chart
from bench.harness.results import RESULTS

Results = Mapping[str, Any]
# Pages of the table for reading; the results have all of them.
SHOWN = 12
# A page's statement that takes less is not worth its lines.
HOT_MS = 20
NAMES = {
    "next": "/next",
    "answer": "/answer",
    "first": "/next, of an interview untouched for long",
}


def write(results: Results) -> None:
    """Write bench/results/size.svg and explain.md."""
    if "turns" in results:
        chart.write(turns_chart(results), RESULTS / "size.svg")
    (RESULTS / "explain.md").write_text("\n".join(plans(results)) + "\n")


def without_plans_of_pages(results: Results) -> Results:
    """Return the results as they are kept: explain.md has those plans."""
    pages = [
        page | {"at": [without(one, "slowest") for one in page["at"]]}
        for page in results.get("pages", [])
    ]
    return {**results, "pages": pages} if pages else results


def without(row: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}


def turns_chart(results: Results) -> Any:
    series = {
        NAMES[kind]: [one["us"] for one in sizes]
        for kind, sizes in results["turns"].items()
    }
    return chart.lines(
        "A turn at growing sizes",
        "interviews, ten answers each; microseconds of server time",
        [f"{size:,}" for size in results["sizes"]],
        series,
        print_values=True,
        range=(0, None),
    )


def table(results: Results) -> str:
    """Return the results as tables in Markdown."""
    parts = [*turns_table(results), "", *pages_table(results), "", *disk_table(results)]
    return "\n".join(parts)


def turns_table(results: Results) -> Iterator[str]:
    if "turns" not in results:
        return
    yield (
        "| turn | interviews | server time, µs | of the smallest | Python, µs "
        "| PostgreSQL, µs | blocks, of these not in memory | log, bytes |"
    )
    yield "|---" * 8 + "|"
    for kind, sizes in results["turns"].items():
        for one in sizes:
            blocks = sum(plan["hit"] + plan["read"] for plan in one["plans"])
            read = sum(plan["read"] for plan in one["plans"])
            yield (
                f"| {NAMES[kind]} | {one['size']:,} | {one['us']} | {one['ratio']} "
                f"| {one['python_us']} | {one['database_us']} | {blocks:g}, {read:g} "
                f"| {one['wal_bytes']:,} |"
            )


def pages_table(results: Results) -> Iterator[str]:
    pages = results.get("pages", [])
    if not pages:
        return
    yield f"The {SHOWN} slowest of {len(pages)} pages at the largest size:"
    yield ""
    sizes = " | ".join(f"{size:,}, ms" for size in results["sizes"])
    yield f"| who | page | {sizes} | ratio | queries |"
    yield "|---" * (4 + len(results["sizes"])) + "|"
    slowest = sorted(pages, key=lambda page: page["at"][-1]["ms"], reverse=True)
    for page in slowest[:SHOWN]:
        times = " | ".join(f"{one['ms']:.0f}" for one in page["at"])
        last = page["at"][-1]
        yield (
            f"| {page['role']} | {page['page']} | {times} | {last['ratio']} "
            f"| {last['queries']} |"
        )


def disk_table(results: Results) -> Iterator[str]:
    largest = results["storage"][-1]
    number = largest["size"]
    yield f"On the disk, at {number:,} interviews:"
    yield ""
    yield "| table | rows | rows, MB | indexes, MB | bytes an interview |"
    yield "|---|---|---|---|---|"
    total = 0
    for one in largest["tables"]:
        indexes = sum(index["size"] for index in one["indexes"])
        total += one["size"] + indexes
        each = (one["size"] + indexes) / number
        if each >= 10:
            yield (
                f"| {one['name']} | {one['rows']:,} | {one['size'] / 1e6:,.0f} "
                f"| {indexes / 1e6:,.0f} | {each:,.0f} |"
            )
    yield f"| all | | | {total / 1e6:,.0f} in all | {total / number:,.0f} |"


def plans(results: Results) -> Iterator[str]:
    """Give the document of the plans: each hot statement at each size."""
    yield "# What PostgreSQL does"
    yield ""
    yield (
        "EXPLAIN (ANALYZE, BUFFERS) of each statement as it was run, by auto_explain: "
        "medians of a turn's statements over twenty turns; of a page those of its "
        f"slowest statements that take {HOT_MS} ms or more at some size. Blocks have 8 kB; *read* are those that were not in PostgreSQL's "
        "memory. Written by `python -m bench.size`."
    )
    for kind, sizes in results.get("turns", {}).items():
        yield from ["", f"## {NAMES[kind]}"]
        yield from statements(
            [(one["size"], plan) for one in sizes for plan in one["plans"]]
        )
    for page in results.get("pages", []):
        if told := hot(page):
            yield from ["", f"## {page['role']}: {page['page']}"]
            yield from statements(told)


def hot(page: dict[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    """Return the plans of a page's slow statements, at every size."""
    told = [(one["size"], plan) for one in page["at"] for plan in one["slowest"]]
    slow = {plan["statement"] for _, plan in told if plan["ms"] >= HOT_MS}
    return [(size, plan) for size, plan in told if plan["statement"] in slow]


def statements(told: list[tuple[int, dict[str, Any]]]) -> Iterator[str]:
    by_statement: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for size, plan in told:
        by_statement.setdefault(plan["statement"], []).append((size, plan))
    for statement, plans in by_statement.items():
        yield from ["", "```sql", statement, "```", ""]
        for size, plan in plans:
            shapes = plan.get("shapes") or [plan["shape"]]
            yield (
                f"- {size:,}: {plan['ms']} ms, blocks {plan['hit']:g} + "
                f"{plan['read']:g} read: {'; or '.join(shapes)}"
            )
