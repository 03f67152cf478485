"""`manage.py voice`: set up the account at ElevenLabs, and tell whether it works."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext

from voice import diagnosis, env_file
from voice.diagnosis import Finding
from voice.synchronisation import Step, Sync, Verb
from voice.vendor import VendorError


class Command(BaseCommand):
    """What it says, it says in the language of LANGUAGE_CODE."""

    help = "Set up the voice agent at ElevenLabs (sync), or say what is wrong (check)."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        sync = actions.add_parser("sync", help="make the account what the settings say")
        sync.add_argument(
            "--dry-run",
            action="store_true",
            help="say what would change, change nothing",
        )
        sync.add_argument(
            "--env-file",
            type=Path,
            help="write a new webhook's secret into this file in place of the screen",
        )
        sync.add_argument(
            "--new-webhook",
            action="store_true",
            help="replace the webhook, because its secret is lost or known to others",
        )
        actions.add_parser("check", help="say what is missing, changed, off or away")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        if action == "check":
            self.check_all()
        else:
            self.synchronise(
                options["dry_run"], options["env_file"], options["new_webhook"]
            )

    def check_all(self) -> None:
        findings = diagnosis.check()
        for finding in findings:
            self.write_finding(finding)
        if findings:
            raise SystemExit(1)
        self.stdout.write(gettext("Voice interviews work."))

    def synchronise(
        self, dry_run: bool, secret_file: Path | None, new_webhook: bool
    ) -> None:
        self.dry_run, self.secret_file = dry_run, secret_file
        self.is_changed = False
        self.refuse_early()
        sync = Sync(
            rehearsal=dry_run,
            report=self.write_step,
            keep_secret=self.keep_secret,
            new_webhook=new_webhook,
        )
        try:
            sync.run()
        except VendorError as error:
            raise self.failure(error) from error
        self.write_end(sync)

    def refuse_early(self) -> None:
        """Raise CommandError for what would only fail halfway."""
        if finding := diagnosis.settings_finding():
            raise CommandError(f"{finding.what} {finding.todo}")
        if self.secret_file and not self.dry_run:
            try:
                env_file.check_writable(self.secret_file)
            except (OSError, UnicodeDecodeError) as error:
                raise CommandError(
                    gettext("%(file)s cannot be written: %(problem)s.")
                    % {"file": self.secret_file, "problem": error}
                ) from error

    def write_step(self, step: Step) -> None:
        self.is_changed = True
        text = planned(step) if self.dry_run else done(step)
        self.stdout.write(text % {"thing": step.thing})
        for line in step.lines:
            self.stdout.write(f"  {line}")

    def keep_secret(self, secret: str) -> None:
        """Write the secret down at once: into the file, or else on the screen."""
        if self.secret_file and self.is_stored(secret, self.secret_file):
            text = gettext("%(name)s is in %(file)s now. Restart the portal.")
            self.stdout.write(text % {"name": env_file.NAME, "file": self.secret_file})
            return
        text = gettext(
            "Put this line into the portal’s environment and restart it; it is not shown "
            "again. If there was another value before, keep it as %(previous)s for now."
        )
        self.stdout.write(text % {"previous": env_file.PREVIOUS})
        self.stdout.write(f"{env_file.NAME}={secret}")

    def is_stored(self, secret: str, path: Path) -> bool:
        try:
            env_file.store_secret(path, secret)
        except OSError as error:
            self.stderr.write(f"{path}: {error.strerror}")
            return False
        return True

    def write_end(self, sync: Sync) -> None:
        findings = diagnosis.duplicate_findings(sync)
        if not sync.makes_webhook:
            findings += diagnosis.webhook_secret_findings()
        for finding in findings:
            self.write_finding(finding)
        if not findings and not self.is_changed:
            self.stdout.write(gettext("Everything is as it should be."))

    def failure(self, error: VendorError) -> CommandError:
        finding = diagnosis.vendor_finding(error)
        text = f"{finding.what} {finding.todo}"
        if self.is_changed and not self.dry_run:
            text += " " + gettext(
                "What is said above is done; run the command again to go on from there."
            )
        return CommandError(text)

    def write_finding(self, finding: Finding) -> None:
        self.stdout.write(finding.what)
        for line in finding.details:
            self.stdout.write(f"  {line}")
        self.stdout.write(f"  → {finding.todo}")


def done(step: Step) -> str:
    return {
        Verb.CREATE: gettext("Created: %(thing)s."),
        Verb.UPDATE: gettext("Changed: %(thing)s."),
        Verb.ENABLE: gettext("Switched on again: %(thing)s."),
        Verb.DELETE: gettext("Deleted: %(thing)s."),
    }[step.verb]


def planned(step: Step) -> str:
    return {
        Verb.CREATE: gettext("Would create: %(thing)s."),
        Verb.UPDATE: gettext("Would change: %(thing)s."),
        Verb.ENABLE: gettext("Would switch on again: %(thing)s."),
        Verb.DELETE: gettext("Would delete: %(thing)s."),
    }[step.verb]
