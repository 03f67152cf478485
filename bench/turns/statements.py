"""Parley's own statements, handed to those it is compared with.

They are read from `interviews.turns` in the benchmark's process and passed to the servers
in their environment: what is compared can never drift apart, and nobody but Parley has to
load Django.
"""

import json
import os
from typing import Any, NamedTuple, Self
from uuid import UUID

VARIABLE = "BENCH_STATEMENTS"


class Statements(NamedTuple):
    """What a turn asks of the database; placeholders are psycopg's, by name.

    An answer is one transaction: `lock` the session's row, then `save`.
    """

    next: str
    lock: str
    save: str

    @classmethod
    def given(cls) -> Self:
        """Return what the benchmark has put into the environment."""
        return cls(**json.loads(os.environ[VARIABLE]))

    @property
    def variables(self) -> dict[str, str]:
        return {VARIABLE: json.dumps(self._asdict())}

    def run_next(self, cursor: Any, session: UUID) -> Any:
        """Return the session's row: script, status, expiry …, ids answered; or None."""
        cursor.execute(self.next, {"session": session}, prepare=True)
        return cursor.fetchone()

    def run_answer(self, cursor: Any, session: UUID, parameters: Any) -> Any:
        """Save an answer; return the row of the lock, and the ids answered before it."""
        with cursor.connection.transaction():
            cursor.execute(self.lock, {"session": session}, prepare=True)
            row = cursor.fetchone()
            cursor.execute(self.save, parameters, prepare=True)
            return row, cursor.fetchone()


def taken() -> Statements:
    """Return the statements of the portal at hand."""
    from interviews import turns

    return Statements(turns.SNAPSHOT, turns.LOCKED_SNAPSHOT, turns.SAVE_ANSWER)
