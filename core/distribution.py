"""Where each table would lie in a database spread over several servers by Citus.

The last step of docs/scaling.md, and not taken: this keeps the way to it open. Citus
spreads a table by one column, and joins, checks and locks cheaply only what agrees in
it; so every key of such a table must hold the column, and every reference between two of
them too. Here is each table's place, and the statements that lead from a migrated
database to there (`manage.py citus`, kept in deploy/citus.sql). A table without a place
fails the tests.

Source: docs.citusdata.com, "Creating and Modifying Distributed Objects (DDL)".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db import connection

SESSION = "session_id"
# By what each is spread: all that belongs to one interview lies on one server.
DISTRIBUTED = {
    "interview_session": "id",
    # Not of an interview, and as many: what the vendor reports.
    "voice_event": "sha256",
    "interview_session_consents": "interviewsession_id",
} | dict.fromkeys(
    (
        *("interview_progress", "answer_revision", "answer_correction"),
        *("answer_take", "answer_take_chunk", "conversation", "session_event"),
        *("candidate_message", "candidate_request"),
        *("voice_call", "voice_turn", "voice_place"),
        *("decision", "standing", "stage_change", "review", "question_rating"),
        "moment",
    ),
    SESSION,
)
# Copied to every server: what interviews refer to. People and their consents too, so that
# an address stays unique; at 1 KB for each the copies are bearable.
REFERENCE = {
    *("candidate", "consent", "company", "staff_user"),
    *("vacancy", "vacancy_member", "question", "script", "script_question"),
    *("bank_question", "bank_question_tags", "question_tag", "email_template"),
}
# On the coordinator alone: HR's own, and the queue.
LOCAL = {
    *("account_emailaddress", "account_emailconfirmation", "mfa_authenticator"),
    *("audit_event", "audit_seal", "saved_filter", "export", "form_submission"),
    *("auth_group", "auth_group_permissions", "auth_permission"),
    *("axes_accessattempt", "axes_accessattemptexpiration"),
    *("axes_accessfailurelog", "axes_accesslog"),
    *("django_admin_log", "django_content_type", "django_migrations"),
    *("django_session", "invitation_batch", "voice_absence"),
    *("common_cache", "failed_attempts"),
    *("data_copy", "erasure", "erasure_step", "legal_hold"),
    *("procrastinate_events", "procrastinate_jobs", "procrastinate_workers"),
    "procrastinate_periodic_defers",
    *("share", "share_feedback", "share_view", "shared_session"),
    *("staff_user_groups", "staff_user_user_permissions"),
}
# Promises that no server could keep alone, and who keeps them then.
LOST = {
    "session_one_open_per_candidate_and_vacancy": "the invitation locks the candidate's "
    "row, and looks for an open session",
}

KEYS = """
    SELECT t.relname, i.relname, x.indisprimary, c.conname, pg_get_indexdef(i.oid),
           ARRAY(SELECT a.attname FROM unnest(x.indkey::int[]) WITH ORDINALITY k(n, place)
                 JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.n
                 ORDER BY k.place)::text[]
    FROM pg_index x
    JOIN pg_class t ON t.oid = x.indrelid
    JOIN pg_class i ON i.oid = x.indexrelid
    LEFT JOIN pg_constraint c ON c.conindid = i.oid AND c.contype IN ('p', 'u')
    WHERE x.indisunique AND t.relnamespace = 'public'::regnamespace AND t.relkind = 'r'
    ORDER BY t.relname, NOT x.indisprimary, i.relname
"""
REFERENCES = """
    SELECT t.relname, c.conname, f.relname, pg_get_constraintdef(c.oid),
           ARRAY(SELECT attname FROM unnest(c.conkey) n
                 JOIN pg_attribute ON attrelid = t.oid AND attnum = n)::text[],
           ARRAY(SELECT attname FROM unnest(c.confkey) n
                 JOIN pg_attribute ON attrelid = f.oid AND attnum = n)::text[]
    FROM pg_constraint c
    JOIN pg_class t ON t.oid = c.conrelid
    JOIN pg_class f ON f.oid = c.confrelid
    WHERE c.contype = 'f' AND t.relnamespace = 'public'::regnamespace
    ORDER BY t.relname, c.conname
"""
COLUMNS = """
    SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position)
    FROM information_schema.columns JOIN information_schema.tables
        USING (table_schema, table_name)
    WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
    GROUP BY table_name
"""
TRIGGERS = """
    SELECT t.relname, g.tgname FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid
    WHERE NOT g.tgisinternal ORDER BY 1, 2
"""


class NoPlace(Exception):
    """A table, a key or a reference that nobody has thought about yet."""


@dataclass(frozen=True)
class Key:
    """A primary key, or another unique one."""

    table: str
    name: str
    is_primary: bool
    constraint: str | None
    definition: str
    columns: list[str]


@dataclass(frozen=True)
class Reference:
    """A foreign key."""

    table: str
    name: str
    target: str
    definition: str
    columns: list[str]
    target_columns: list[str]


@dataclass(frozen=True)
class Catalogue:
    """What the migrations made of the database."""

    columns: Mapping[str, list[str]]
    keys: list[Key]
    references: list[Reference]
    triggers: list[tuple[str, str]]

    @classmethod
    def read(cls) -> "Catalogue":
        with connection.cursor() as cursor:

            def rows(statement: str) -> list[tuple]:
                cursor.execute(statement)
                return list(cursor.fetchall())

            return cls(
                columns=dict(rows(COLUMNS)),
                keys=[Key(*row) for row in rows(KEYS)],
                references=[Reference(*row) for row in rows(REFERENCES)],
                triggers=[(table, name) for table, name in rows(TRIGGERS)],
            )


def misplaced(catalogue: Catalogue) -> set[str]:
    """Return tables without a place, with several, and places without a table."""
    places = [*DISTRIBUTED, *REFERENCE, *LOCAL]
    twice = {table for table in places if places.count(table) > 1}
    return (set(places) ^ set(catalogue.columns)) | twice


def preparation(catalogue: Catalogue) -> Iterator[str]:
    """Give the statements after which Citus takes the tables; none once they have run.

    Raises NoPlace for a unique key that would be lost unnoticed.
    """
    broken = [each for each in catalogue.references if not is_kept(each)]
    yield from (dropped(each) for each in broken)
    yield from added_columns(catalogue)
    yield from (wider(key, catalogue) for key in catalogue.keys if is_narrow(key))
    yield from (rejoined(each) for each in broken if is_within_interview(each))


def is_kept(reference: Reference) -> bool:
    """Tell whether Citus can hold a reference as it is."""
    if reference.table in DISTRIBUTED and reference.target in DISTRIBUTED:
        return DISTRIBUTED[reference.table] in reference.columns
    return reference.target not in DISTRIBUTED and (
        reference.table not in DISTRIBUTED or reference.target in REFERENCE
    )


def is_within_interview(reference: Reference) -> bool:
    return reference.table in DISTRIBUTED and reference.target in DISTRIBUTED


def dropped(reference: Reference) -> str:
    return f"ALTER TABLE {reference.table} DROP CONSTRAINT {quoted(reference.name)};"


def added_columns(catalogue: Catalogue) -> Iterator[str]:
    """Give parts of parts the session's key: from the row that they belong to."""
    has = {table for table, names in catalogue.columns.items() if SESSION in names}
    lacking = [
        table
        for table, column in DISTRIBUTED.items()
        if column == SESSION and table not in has
    ]
    while lacking:
        table, owner = next(
            (table, reference)
            for table in lacking
            for reference in catalogue.references
            if reference.table == table and reference.target in has
            if is_within_interview(reference)
        )
        [own], [key] = owner.columns, owner.target_columns
        yield f"ALTER TABLE {table} ADD COLUMN {SESSION} uuid;"
        yield (
            f"UPDATE {table} SET {SESSION} = owner.{SESSION} "  # noqa: S608 (our tables)
            f"FROM {owner.target} owner WHERE owner.{key} = {table}.{own};"
        )
        yield f"ALTER TABLE {table} ALTER COLUMN {SESSION} SET NOT NULL;"
        lacking.remove(table)
        has.add(table)


def is_narrow(key: Key) -> bool:
    return key.table in DISTRIBUTED and DISTRIBUTED[key.table] not in key.columns


def wider(key: Key, catalogue: Catalogue) -> str:
    """Add the session to a key, where that promises the same; see `LOST` for the rest."""
    drop = (
        f"ALTER TABLE {key.table} DROP CONSTRAINT {quoted(key.constraint)}"
        if key.constraint
        else f"DROP INDEX {quoted(key.name)}"
    )
    if key.name in LOST:
        return f"{drop}; -- {LOST[key.name]}"
    if not key.is_primary and not is_of_one_interview(key, catalogue):
        raise NoPlace(f"{key.table}: {key.name} would no longer be unique")
    kind = "PRIMARY KEY" if key.is_primary else f"CONSTRAINT {key.name} UNIQUE"
    columns = ", ".join(map(quoted, [DISTRIBUTED[key.table], *key.columns]))
    return f"{drop}, ADD {kind} ({columns});"


def is_of_one_interview(key: Key, catalogue: Catalogue) -> bool:
    """Tell whether a key names a row that belongs to one interview."""
    return bool(key.constraint) and any(
        reference.table == key.table
        and is_within_interview(reference)
        and set(reference.columns) <= set(key.columns)
        for reference in catalogue.references
    )


def rejoined(reference: Reference) -> str:
    """Make a reference again, within its interview."""
    own = ", ".join([SESSION, *reference.columns])
    theirs = ", ".join([SESSION, *reference.target_columns])
    return (
        f"ALTER TABLE {reference.table} ADD CONSTRAINT {quoted(reference.name)} "
        f"FOREIGN KEY ({own}) REFERENCES {reference.target} ({theirs}) "
        "DEFERRABLE INITIALLY DEFERRED;"
    )


def distribution(catalogue: Catalogue) -> Iterator[str]:
    """Give Citus' own statements: first what is referred to, then what refers."""
    for table in sorted(REFERENCE):
        yield f"SELECT create_reference_table('{table}');"
    for table, column in DISTRIBUTED.items():
        beside = "interview_session" if column == SESSION else "none"
        yield (
            f"SELECT create_distributed_table('{table}', '{column}', "
            f"colocate_with => '{beside}');"
        )


def by_hand(catalogue: Catalogue) -> Iterator[str]:
    """Name the triggers that each server would have to be given."""
    for table, trigger in catalogue.triggers:
        if table in DISTRIBUTED:
            yield f"trigger {trigger} on {table}"


def quoted(name: str | None) -> str:
    assert name
    return connection.ops.quote_name(name)
