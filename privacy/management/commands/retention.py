"""`manage.py retention`: erase what was kept long enough, as the worker does every night."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from privacy import retention
from privacy.retention import Due


class Command(BaseCommand):
    help = "Erase the interviews and recordings whose period is over."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="tell what is due, and change nothing",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            for due in retention.forecast():
                self.stdout.write(line(due))
            return
        done = retention.run()
        self.stdout.write(
            f"Erased: {done.interviews} interviews, and the recordings of "
            f"{done.recordings} more."
        )


def line(due: Due) -> str:
    period = f"{due.days} days" if due.days else "for ever"
    return (
        f"Vacancy {due.vacancy.pk} (kept {period}): {due.interviews} interviews due, "
        f"recordings of {due.recordings} more, {due.held} held, "
        f"{due.interviews_soon} within {retention.SOON.days} days"
    )
