"""Parley's own statements, handed to those it is compared with.

They are read from `interviews.turns` in the benchmark's process and passed to the servers
in their environment: what is compared can never drift apart, and nobody but Parley has to
load Django.
"""

import json
import os
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Self
from uuid import UUID

VARIABLE = "BENCH_STATEMENTS"
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


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

    def run_answer(
        self,
        cursor: Any,
        session: UUID,
        answer: dict[str, Any],
        check: Callable[[Any], None],
    ) -> Sequence[int]:
        """Save an answer in a transaction, and return the ids answered before it.

        `check` gets the session's locked row, and raises if the answer cannot be taken.
        """
        parameters = {"session": session, **answer}
        with cursor.connection.transaction():
            cursor.execute(self.lock, parameters, prepare=True)
            check(cursor.fetchone())
            cursor.execute(self.save, parameters, prepare=True)
            return cursor.fetchone()[0]  # type: ignore[no-any-return]


def taken() -> Statements:
    """Return the statements of the portal at hand."""
    from interviews import turns

    return Statements(turns.SNAPSHOT, turns.LOCKED_SNAPSHOT, turns.SAVE_ANSWER)


def positional(statement: str) -> tuple[str, list[str]]:
    """Return the statement with $1, $2 … in place of names, and the names in that order."""
    names = list(dict.fromkeys(PLACEHOLDER.findall(statement)))
    text = PLACEHOLDER.sub(lambda found: f"${names.index(found[1]) + 1}", statement)
    return text.replace("%%", "%"), names
