"""`manage.py restore --from DIR`: a backup brought back, and compared with what it was."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import backup, backup_restoring
from core.backup import BackupError
from core.backup_database import ProgramError
from core.backup_manifest import Manifest, read
from core.backup_restoring import Restored


class Command(BaseCommand):
    help = "Bring a backup back, into an empty database and an empty folder alone."
    # Some of them look at tables, of which there are none yet.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--from",
            dest="source",
            type=Path,
            required=True,
            metavar="DIR",
            help="a backup, or the folder of several: then the newest",
        )
        actions = parser.add_mutually_exclusive_group()
        actions.add_argument(
            "--verify",
            action="store_true",
            help="only look whether the backup is whole",
        )
        actions.add_argument(
            "--compare",
            action="store_true",
            help="only compare the portal's data with it, such as after a restore",
        )

    def handle(self, *args: Any, source: Path, **options: Any) -> None:
        try:
            folder = backup.find(source.absolute())
            if options["verify"]:
                self.verify(folder)
            elif options["compare"]:
                self.compare(folder)
            else:
                self.tell(folder, backup_restoring.restore(folder))
        except (BackupError, ProgramError, OSError) as error:
            raise CommandError(str(error)) from error

    def verify(self, folder: Path) -> None:
        self.end(backup.verify(folder), f"{folder} is whole.")

    def compare(self, folder: Path) -> None:
        found = read(folder)
        if not isinstance(found, Manifest):
            raise BackupError(found)
        self.end(backup_restoring.differences(found), "Nothing differs.")

    def end(self, wrong: list[str], all_is_well: str) -> None:
        """Say what is wrong and end with 1, or that nothing is."""
        for line in wrong:
            self.stdout.write(line)
        if wrong:
            raise CommandError(f"{len(wrong)} differences.")
        self.stdout.write(all_is_well)

    def tell(self, folder: Path, restored: Restored) -> None:
        self.stdout.write(f"Restored {folder}")
        self.stdout.write(f"  {restored.rows} rows of {restored.tables} tables")
        self.stdout.write(f"  {restored.files} recordings")
        for name in restored.other_keys:
            self.stdout.write(
                f"  {name} lacks a key that was set when the backup was made: put it back, "
                "or what it encrypted cannot be read."
            )
        self.tell_of_erasures(restored.to_erase)
        self.end(
            restored.differences,
            "Rows and files are as they were. Exports are not in a backup; make them "
            "anew.\nNow run: deploy/start.sh release",
        )

    def tell_of_erasures(self, candidates: list[int]) -> None:
        if not candidates:
            return
        self.stdout.write(
            f"{len(candidates)} people were erased after this backup was made. Before the "
            "portal is opened, erase them again:"
        )
        for key in candidates:
            self.stdout.write(f"  manage.py erase_candidate {key} --end-open")
