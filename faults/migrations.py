"""E14: each migration taken back and made again, over interviews that are there."""

from collections.abc import Iterator

from bench.harness.database import database
from faults import child
from faults.experiment import Figure, at_least, control, exactly

TITLE = "Migrations back and forward over interviews, and old code on new tables"
SESSIONS, QUESTIONS = 10_000, 5
SHORT_SESSIONS = 200
# So far back goes a short run; a full one goes back to each app's first migration.
SHORT_STEPS = 2


def run(*, is_short: bool) -> Iterator[Figure]:
    # What is killed in the middle is none of this experiment's.
    with database("migrations", fsync=False):
        child.call(
            "restore_rows",
            "make",
            sessions=SHORT_SESSIONS if is_short else SESSIONS,
            questions=QUESTIONS,
        )
        found = child.call(
            "migration_steps", "walk", steps=SHORT_STEPS if is_short else 0
        )
    yield at_least("migrations taken back and made again", found["steps"], 1)
    yield exactly(
        "that could not be taken back, without a note", len(found["stuck"]), 0
    )
    yield exactly(
        "columns changed that a migration does not mean to change",
        len(found["changed"]),
        0,
    )
    yield exactly(
        "tables of which code of before could not read or write a row",
        len(found["unfit"]),
        0,
    )
    yield control(
        "noticed: a migration that changes a column besides", found["control"]
    )
