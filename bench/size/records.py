"""What workers and the benchmark tell each other; nothing here needs Django."""

from typing import NamedTuple

# Moments to which a database is brought back.
BEFORE_ALL, BEFORE_A_ROUND = "before all", "before a round"


class Page(NamedTuple):
    """A page: who opens it, what it shows, its address."""

    role: str
    name: str
    path: str


class Visit(NamedTuple):
    """A page's cost: milliseconds, of these in Python; queries; rows, of a list."""

    ms: float
    python_ms: float
    queries: int
    rows: int | None


class Batch(NamedTuple):
    """Some turns: the microseconds of each, and means of what they cost.

    Microseconds of CPU of Python, and of PostgreSQL (None where the machine does not
    tell); bytes of the database's log.
    """

    us: list[float]
    python_us: float
    database_us: float | None
    wal: float


class Plan(NamedTuple):
    """A statement as it was run: milliseconds, 8 kB blocks found in memory and not.

    `shape` says by which ways the rows were found: equal shapes are equal plans.
    """

    statement: str
    ms: float
    hit: int
    read: int
    shape: str


class Update(NamedTuple):
    """A change, the rows that were changed, and how many of them in place."""

    name: str
    rows: int
    in_place: int


class Index(NamedTuple):
    """An index: its bytes, and how often it was looked into since the statistics began."""

    name: str
    size: int
    scans: int


class Stored(NamedTuple):
    """A table: its rows, the bytes of them (what is stored beside them too), its indexes."""

    name: str
    rows: int
    size: int
    indexes: list[Index]
