"""What `manage.py doctor` looks at: a running installation, one finding a line.

Each check is a function that yields findings, in a module that `MODULES` names; apps add
theirs when they are ready, as this package knows none of them. A check that does not end in time, or fails, is a
finding itself. No finding holds a secret: not a value of a setting, nor the text of an
error, which may quote one.
"""

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from importlib import import_module
from threading import Thread
from typing import NamedTuple

from django.db import connections

TIMEOUT_SECONDS = 20.0


class Level(StrEnum):
    """How a finding is to be taken: a problem keeps interviews from going well."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


class Finding(NamedTuple):
    """What was found, in words, and what to do about it unless all is well."""

    level: Level
    text: str
    todo: str = ""


Check = Callable[[], Iterable[Finding]]
# By name, in the order in which they are told.
CHECKS: dict[str, Check] = {}
# Loaded when somebody asks the doctor: other commands need none of it.
MODULES = [
    "core.doctor_settings",
    "core.doctor_address",
    "core.doctor_database",
    "core.doctor_files",
    "core.doctor_mail",
]


class Line(NamedTuple):
    """A finding with the name of its check."""

    check: str
    finding: Finding


def ok(text: str) -> Finding:
    return Finding(Level.OK, text)


def warning(text: str, todo: str) -> Finding:
    return Finding(Level.WARNING, text, todo)


def problem(text: str, todo: str) -> Finding:
    return Finding(Level.PROBLEM, text, todo)


def check(name: str) -> Callable[[Check], Check]:
    """Register a function as the check of this name."""

    def register(function: Check) -> Check:
        CHECKS[name] = function
        return function

    return register


def examine(seconds: float = TIMEOUT_SECONDS) -> Iterator[Line]:
    """Run all checks at once, and yield their lines in order, as they are known."""
    for module in MODULES:
        import_module(module)
    running = {name: Running(function) for name, function in CHECKS.items()}
    for name, one in running.items():
        for finding in one.findings(seconds):
            yield Line(name, finding)


class Running:
    """A check at work, in a thread that nobody waits for at the end."""

    def __init__(self, function: Check) -> None:
        self._function = function
        self._found: list[Finding] = []
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def findings(self, seconds: float) -> list[Finding]:
        self._thread.join(seconds)
        if not self._thread.is_alive():
            return self._found
        return [
            *self._found,
            problem(
                f"This check did not end within {seconds:g} seconds.",
                "What it asks does not answer; look there, then run the doctor again.",
            ),
        ]

    def _run(self) -> None:
        try:
            for finding in self._function():
                self._found.append(finding)
        except Exception as error:  # noqa: BLE001 - a check that fails is a finding
            self._found.append(failure(error))
        finally:
            connections.close_all()


def failure(error: Exception) -> Finding:
    """Tell of an error by its kind: its text may hold addresses and passwords."""
    return problem(
        f"This check could not be made ({type(error).__name__}).",
        "If the database is away, see to that first. Otherwise this is a fault of the "
        "check: the rest still holds.",
    )


def worst(lines: Iterable[Line]) -> Level:
    order = list(Level)
    levels = [line.finding.level for line in lines]
    return max(levels, key=order.index, default=Level.OK)
