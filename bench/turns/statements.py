"""Parley's own statements, handed to those it is compared with.

They are read from `interviews.turns` in the benchmark's process and passed to the servers
in their environment: what is compared can never drift apart, and nobody but Parley has to
load Django.
"""

import json
import os
import re
from typing import NamedTuple, Self

VARIABLE = "BENCH_STATEMENTS"
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


class Statements(NamedTuple):
    """What a turn asks of the database; placeholders are psycopg's, by name.

    Both return one row: the columns of `interviews.turns.Snapshot`, and the answer's one
    more, whether it was saved.
    """

    next: str
    answer: str

    @classmethod
    def given(cls) -> Self:
        """Return what the benchmark has put into the environment."""
        return cls(**json.loads(os.environ[VARIABLE]))

    @property
    def variables(self) -> dict[str, str]:
        return {VARIABLE: json.dumps(self._asdict())}


def taken() -> Statements:
    """Return the statements of the portal at hand."""
    from interviews import turns

    return Statements(turns.SNAPSHOT, turns.RECORD_ANSWER)


def positional(statement: str) -> tuple[str, list[str]]:
    """Return the statement with $1, $2 … in place of names, and the names in that order."""
    names = list(dict.fromkeys(PLACEHOLDER.findall(statement)))
    text = PLACEHOLDER.sub(lambda found: f"${names.index(found[1]) + 1}", statement)
    return text.replace("%%", "%"), names
