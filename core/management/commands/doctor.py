"""`manage.py doctor`: what is well, what is not, and what to do, one line each."""

import json
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core import doctor
from core.doctor import Level, Line

WIDTH = 12


class Command(BaseCommand):
    help = "Look at a running installation; ends with 1 if there is a problem."
    # It runs them itself, and tells of them in its own way.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="for programs")
        parser.add_argument(
            "--send-test", metavar="ADDRESS", help="send a test letter to this address"
        )
        parser.add_argument(
            "--timeout",
            type=float,
            default=doctor.TIMEOUT_SECONDS,
            metavar="SECONDS",
            help="for each check",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        lines = doctor.examine(options["timeout"])
        found = self.as_json(lines) if options["json"] else self.as_text(lines)
        if options["send_test"]:
            from core.doctor_mail import sent_test  # its check has its own place

            line = Line("mail", sent_test(options["send_test"]))
            found += self.as_text([line])
        if doctor.worst(found) is Level.PROBLEM:
            raise SystemExit(1)

    def as_text(self, lines: Iterable[Line]) -> list[Line]:
        """Write each line as it is known."""
        found = []
        for line in lines:
            found.append(line)
            level, text, todo = line.finding
            self.stdout.write(f"{level:<8} {line.check:<{WIDTH}} {text}")
            if todo:
                self.stdout.write(f"{'':<9}{'':<{WIDTH}} → {todo}")
            self.stdout.flush()
        return found

    def as_json(self, lines: Iterable[Line]) -> list[Line]:
        found = list(lines)
        rows = [{"check": line.check, **line.finding._asdict()} for line in found]
        self.stdout.write(json.dumps(rows, indent=1))
        return found
