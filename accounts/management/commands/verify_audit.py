"""`manage.py verify_audit`: see whether the audit log is as it was written."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import chain


class Command(BaseCommand):
    help = (
        "Computes the audit log's hashes anew and names the first line that was changed, "
        "removed, moved or put in. Keep the head it prints somewhere else, and give it "
        "next time: then a log whose end was cut off, or that was written anew, is "
        "found as well."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--since-head",
            metavar="HASH",
            default="",
            help="a head that this command printed earlier",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = chain.verify(kept=options["since_head"].strip().lower())
        if found.breach:
            raise CommandError(
                f"The audit log is broken at place {found.breach.position}: "
                f"{found.breach.problem}. Up to there it holds: {found.length} lines."
            )
        self.stdout.write(f"The audit log holds: {found.length} lines.")
        self.stdout.write(f"Head: {found.head}")
