"""`manage.py export_candidate`: everything held about a candidate, as a ZIP."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.audit import record
from accounts.models import AuditAction
from candidates.models import Candidate
from privacy import copy_making


class Command(BaseCommand):
    help = (
        "Writes a ZIP of everything that is held about a candidate: rows as JSON, "
        "transcripts, recordings. Who is named by key or by e-mail address."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("candidate", help="the candidate's key, or e-mail address")
        parser.add_argument("--to", required=True, metavar="FILE", help="a new file")
        parser.add_argument(
            "--language",
            default=settings.LANGUAGE_CODE,
            choices=[code for code, _ in settings.LANGUAGES],
            help="of the page that explains the copy",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        candidate = named(options["candidate"])
        path = Path(options["to"])
        try:
            # For its owner alone, and never in place of another file.
            path.touch(mode=0o600, exist_ok=False)
        except OSError as error:
            raise CommandError(f"{path} cannot be made: {error.strerror}.") from error
        try:
            with path.open("w+b") as file:
                count = copy_making.write_all(
                    candidate, file, language=options["language"]
                )
        except BaseException:
            path.unlink()  # half a copy is none
            raise
        record(AuditAction.EXPORTED, candidate, actor="manage.py export_candidate")
        self.stdout.write(f"Written: {count} interviews.")


def named(key: str) -> Candidate:
    """Return the candidate of a key or an address; raises CommandError."""
    if key.isascii() and key.isdigit():
        found = Candidate.objects.filter(pk=int(key))
    else:
        found = Candidate.objects.with_addresses([key])
    if (candidate := found.first()) is None:
        raise CommandError("There is no such candidate.")
    return candidate
