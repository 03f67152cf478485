"""What PostgreSQL did for a page or a turn: EXPLAIN (ANALYZE, BUFFERS) of each statement.

By its own extension auto_explain, which sends the plan of every statement as it was run,
prepared or not, however the code that asked sent it.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection

from bench.size import turns
from bench.size.records import Page, Plan
from bench.size.visits import visit

TELL = """
LOAD 'auto_explain';
SET auto_explain.log_min_duration = 0;
SET auto_explain.log_analyze = on;
SET auto_explain.log_buffers = on;
SET auto_explain.log_nested_statements = on;
SET auto_explain.log_format = json;
SET auto_explain.log_level = notice;
SET auto_explain.log_parameter_max_length = 0;
SET client_min_messages = notice;
"""
TELL_NO_MORE = "SET auto_explain.log_min_duration = -1"
# Statements of a page beyond these are cheaper still.
SLOWEST = 3


def of_page(page: Page) -> list[Plan]:
    """Return the page's slowest statements, the slowest first."""
    found = told(lambda: visit(page))
    return sorted(found, key=lambda plan: plan.ms, reverse=True)[:SLOWEST]


def of_turn(kind: str, number: int) -> list[list[Plan]]:
    """Return the statements of so many turns, each of another session."""
    return [told(lambda: turns.turns(kind, 1)) for _ in range(number)]


def told(ask: Callable[[], Any]) -> list[Plan]:
    """Return the plans of what is asked of the database meanwhile, in their order."""
    notices: list[str] = []

    def listen(notice: Any) -> None:
        notices.append(notice.message_primary or "")

    run(TELL)
    connection.connection.add_notice_handler(listen)
    try:
        ask()
    finally:
        connection.connection.remove_notice_handler(listen)
        run(TELL_NO_MORE)
    return [plan_of(one) for one in notices if "plan:\n" in one and is_ours(one)]


def run(statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in filter(str.strip, statements.split(";")):
            cursor.execute(statement)


def is_ours(notice: str) -> bool:
    """Tell the application's statements from the benchmark's own."""
    return "pg_backend_pid" not in notice and "pg_current_wal" not in notice


def plan_of(notice: str) -> Plan:
    told = json.loads(notice.partition("plan:\n")[2])
    top = told["Plan"]
    return Plan(
        statement=" ".join(told["Query Text"].split()),
        ms=round(top["Actual Total Time"], 3),
        hit=top["Shared Hit Blocks"],
        read=top["Shared Read Blocks"],
        shape=" < ".join(shape(top)),
    )


def shape(node: dict[str, Any]) -> Iterator[str]:
    """Give the steps of a plan, the outermost first, with the tables and indexes."""
    where = node.get("Index Name") or node.get("Relation Name") or ""
    yield f"{node['Node Type']} {where}".strip()
    for child in node.get("Plans", []):
        yield from shape(child)
