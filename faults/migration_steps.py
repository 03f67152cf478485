"""Migrations walked back and forward, with a sum of every column before and after."""

import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.db import connection, transaction
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.utils import DatabaseError

OURS = {
    *("accounts", "candidates", "core", "interviews", "privacy"),
    *("reviews", "vacancies", "voice"),
}
# What its docstring says of a migration that cannot go back with the data there are.
NOTE = "no way back"

# Made before anything was released, when no two versions ran side by side.
BEFORE_THE_PROMISE = {
    ("accounts", "0002_role"),
    ("vacancies", "0003_bank_rubric_team"),
    ("reviews", "0004_review_first_marks"),
    ("voice", "0002_refused_events"),
}

Step = tuple[str, str]
Sums = dict[tuple[str, str], str]


def walk(steps: int) -> dict[str, Any]:
    """Take migrations back one by one, the latest first, and make them again.

    `steps`: how many; 0: all but the first of each app, which make the tables.
    """
    plan = steps_back()[: steps or None]
    stuck: list[str] = []
    changed: list[str] = []
    unfit: list[str] = []
    done: list[Step] = []
    staying: list[Step] = []
    for step in plan:
        if is_needed(step, staying):
            continue
        before = sums()
        if not moved(step, back=True):
            staying.append(step)
            stuck += [] if has_note(step) else [".".join(step)]
            continue
        done.append(step)
        changed += apart(step, before, sums(), "back")
    for step in reversed(done):
        before = sums()
        assert moved(step, back=False), step
        changed += apart(step, before, sums(), "forward")
        unfit += misfits(step)
    for line in (*stuck, *changed, *unfit):
        print(line, file=sys.stderr)
    return {
        "steps": len(done),
        "noted": len(staying) - len(stuck),
        "stuck": stuck,
        "changed": changed,
        "unfit": unfit,
        "control": noticed(),
    }


def is_needed(step: Step, staying: list[Step]) -> bool:
    """Tell whether one that could not be taken back stands on this one."""
    graph = MigrationLoader(connection).graph
    return any(step in graph.forwards_plan(one) for one in staying)


def steps_back() -> list[Step]:
    """Return our migrations, each before those it depends on; not the first of an app."""
    loader = MigrationLoader(connection)
    order: list[Step] = []
    for leaf in loader.graph.leaf_nodes():
        order += [
            step for step in loader.graph.forwards_plan(leaf) if step not in order
        ]
    return [
        step
        for step in reversed(order)
        if step[0] in OURS and not step[1].startswith("0001_")
    ]


def moved(step: Step, *, back: bool) -> bool:
    """Unapply or apply one migration; tell whether the data let it."""
    executor = MigrationExecutor(connection)
    migration = executor.loader.get_migration(*step)
    state = state_before(executor.loader, step)
    try:
        if back:
            executor.unapply_migration(state, migration)
        else:
            executor.apply_migration(state, migration)
    except (DatabaseError, NotImplementedError) as error:
        print(f"{'.'.join(step)}: {error}", file=sys.stderr)
        return False
    return True


def state_before(loader: MigrationLoader, step: Step) -> ProjectState:
    """Return the tables as the applied ones without this one make them."""
    applied = set(loader.applied_migrations or {}) - {step}
    state = ProjectState()
    order: list[Step] = []
    for leaf in loader.graph.leaf_nodes():
        for one in loader.graph.forwards_plan(leaf):
            if one in applied and one not in order:
                order.append(one)
                loader.graph.nodes[one].mutate_state(state, preserve=False)
    return state


def has_note(step: Step) -> bool:
    migration = MigrationLoader(connection).get_migration(*step)
    text = sys.modules[type(migration).__module__].__doc__ or ""
    return NOTE in text.lower()


def sums() -> Sums:
    """Return the sum of each column of each table, by its rows' keys."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL TimeZone = 'UTC'")
        cursor.execute(
            "SELECT table_name, array_agg(column_name::text) FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name IN"
            " (SELECT tablename FROM pg_tables WHERE schemaname = 'public')"
            " GROUP BY table_name"
        )
        tables = dict(cursor.fetchall())
        tables.pop("django_migrations")
        return {
            (table, column): number
            for table, columns in tables.items()
            for column, number in sums_of(cursor, table, columns).items()
        }


def sums_of(cursor: Any, table: str, columns: list[str]) -> dict[str, str]:
    """Add a hash of each value, together with its row's first column."""
    key = "id" if "id" in columns else sorted(columns)[0]
    parts = ", ".join(
        f'coalesce(sum(hashtextextended(concat("{key}", \'=\', "{column}"), 0)::numeric), 0)'
        for column in columns
    )
    cursor.execute(f'SELECT {parts} FROM "{table}"')  # noqa: S608 - the database's own names
    return dict(zip(columns, map(str, cursor.fetchone()), strict=True))


def apart(step: Step, before: Sums, after: Sums, way: str) -> list[str]:
    """Return the columns that are not as they were, and are none of the migration's."""
    meant = meant_by(step)
    return [
        f"{'.'.join(step)} {way}: {table}.{column}"
        for table, column in sorted(before.keys() | after.keys())
        if before.get((table, column)) != after.get((table, column))
        and not {(table, column), (table, "*")} & meant
    ]


@cache
def meant_by(step: Step) -> set[tuple[str, str]]:
    """Return the columns that a migration says it changes; `*` is the whole table."""
    found: set[tuple[str, str]] = set()
    loader = MigrationLoader(connection)
    migration = loader.get_migration(*step)
    before, after = (
        loader.project_state([step], at_end=False),
        loader.project_state([step]),
    )
    for operation in flat(migration):
        found.update(columns_of(operation, step[0], [before, after]))
    return found


def flat(migration: Migration) -> Iterator[Operation]:
    for operation in migration.operations:
        yield operation
        yield from getattr(operation, "state_operations", ())
        yield from getattr(operation, "database_operations", ())


def columns_of(
    operation: Operation, app: str, states: list[ProjectState]
) -> Iterator[tuple[str, str]]:
    model = getattr(operation, "model_name", None) or getattr(operation, "name", None)
    if model is None:
        return
    for state in states:
        found = state.models.get((app, str(model).lower()))
        if found is None:
            continue
        table = found.options.get("db_table") or f"{app}_{found.name_lower}"
        if not getattr(operation, "model_name", None):
            yield (table, "*")
            continue
        for name in (
            getattr(operation, "name", ""),
            getattr(operation, "new_name", ""),
        ):
            yield (table, name)
            yield (table, f"{name}_id")
            yield (f"{table}_{name}", "*")


def misfits(step: Step) -> list[str]:
    """Return what code of before this migration could not do, now that it is made."""
    if step in BEFORE_THE_PROMISE:
        return []
    loader = MigrationLoader(connection)
    old = state_before(loader, step).apps
    return [
        f"{'.'.join(step)}: {model._meta.db_table} {what}"
        for model in old.get_models()
        if model._meta.app_label in OURS and model._meta.managed
        for what in wrong_with(model)
    ]


def wrong_with(model: Any) -> Iterator[str]:
    """Read a row by the old model, and ask for what a new row of it would lack."""
    try:
        with transaction.atomic():
            list(model._default_manager.all()[:1])
    except DatabaseError:
        yield "cannot be read"
        return
    known = {field.column for field in model._meta.local_concrete_fields}
    for column in required(model._meta.db_table) - known:
        yield f"cannot be written without {column}"


def required(table: str) -> set[str]:
    """Return the columns for which a new row must bring a value."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s"
            " AND table_schema = 'public' AND is_nullable = 'NO'"
            " AND column_default IS NULL AND is_identity = 'NO' AND is_generated = 'NEVER'",
            [table],
        )
        return {name for (name,) in cursor.fetchall()}


def noticed() -> int:
    """Change a column that no migration of ours means to, and see it noticed."""
    step = steps_back()[0]
    before = sums()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE candidate SET created_at = created_at + interval '1 s'")
    return len(apart(step, before, sums(), "control"))
