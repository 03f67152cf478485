"""`manage.py citus`: the statements that would spread this database over servers."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import distribution
from core.distribution import Catalogue

HEAD = """\
-- The last step of docs/scaling.md: PostgreSQL spread over servers by Citus, each
-- interview whole on one of them. Made by `manage.py citus`; tests keep it true to the
-- tables. Not run against a Citus by the project: rehearse it on a copy.
"""


class Command(BaseCommand):
    help = "Print the statements that would spread the database over servers by Citus."

    def handle(self, *args: Any, **options: Any) -> None:
        catalogue = Catalogue.read()
        if wrong := distribution.misplaced(catalogue):
            raise CommandError(f"core.distribution: {', '.join(sorted(wrong))}")
        self.stdout.write(text_of(catalogue))


def text_of(catalogue: Catalogue) -> str:
    """Return all statements, in the order in which they are to be run."""
    return "\n".join([HEAD, *sections(catalogue)])


def sections(catalogue: Catalogue) -> Iterator[str]:
    yield "-- 1. Keys and references hold the session. An outage, or a long migration."
    yield from distribution.preparation(catalogue)
    yield "\n-- 2. The tables are spread. All others stay on the coordinator:"
    yield f"-- {', '.join(sorted(distribution.LOCAL))}"
    yield from distribution.distribution(catalogue)
    yield "\n-- 3. By hand, with citus.enable_unsafe_triggers:"
    yield from (f"-- {each}" for each in distribution.by_hand(catalogue))
