"""`manage.py backup --to DIR`: the database and the recordings, with sums of both."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import backup
from core.backup import ALSO, BackupError, Made
from core.backup_database import ProgramError


class Command(BaseCommand):
    help = "Make a backup in a new folder of DIR."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, required=True, metavar="DIR")
        parser.add_argument(
            "--keep",
            type=int,
            default=0,
            metavar="N",
            help="remove the oldest backups, so that N are left",
        )

    def handle(self, *, to: Path, keep: int, **options: Any) -> None:
        try:
            self.tell(backup.make(to.absolute(), keep=keep))
        except (BackupError, ProgramError, OSError) as error:
            raise CommandError(f"No backup was made: {error}") from error

    def tell(self, made: Made) -> None:
        found = made.manifest
        rows = sum(table.rows for table in found.tables.values())
        self.stdout.write(f"Backup {made.folder}")
        self.stdout.write(f"  {rows} rows of {len(found.tables)} tables")
        self.stdout.write(
            f"  {len(found.files)} recordings, {made.shared} unchanged since the last"
        )
        if found.bucket:
            self.stdout.write(
                f"  Recordings are in the bucket {found.bucket}, and not in here: "
                "its own versioning keeps them."
            )
        if found.missing:
            self.stdout.write(f"  {found.missing} rows name a file that is not there.")
        if made.removed:
            self.stdout.write(f"  {made.removed} older backups removed")
        secrets = ", ".join(
            [*(name for name, known in found.keys.items() if known), *ALSO]
        )
        self.stdout.write(f"Not in here, and to be kept elsewhere: {secrets}.")
