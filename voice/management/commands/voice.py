"""`manage.py voice`: set up the account at ElevenLabs, and tell whether it works."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext

from voice import absences, diagnosis, env_file
from voice.diagnosis import Finding
from voice.synchronisation import Step, Sync, Verb
from voice.vendor import VendorError
from voice.workspaces import Workspace, workspaces


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
        check = actions.add_parser("check", help="say what is missing, changed or off")
        for action in (sync, check):
            action.add_argument(
                "--workspace", metavar="NAME", help="this workspace alone, not all"
            )

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        chosen = self.chosen(options["workspace"])
        if action == "check":
            self.check_all(chosen)
        else:
            self.dry_run, self.secret_file = options["dry_run"], options["env_file"]
            self.synchronise_all(chosen, new_webhook=options["new_webhook"])

    def chosen(self, name: str | None) -> list[Workspace]:
        """Return the workspace of that name, all without one; raises CommandError."""
        everything = workspaces()
        if name is None:
            return everything
        if found := [one for one in everything if one.name == name]:
            return found
        raise CommandError(
            gettext("There is no workspace “%(name)s”. There are: %(names)s.")
            % {"name": name, "names": ", ".join(one.name for one in everything)}
        )

    def check_all(self, chosen: list[Workspace]) -> None:
        findings = self.findings(chosen)
        if findings:
            raise SystemExit(1)
        self.stdout.write(gettext("Voice interviews work."))

    def findings(self, chosen: list[Workspace]) -> list[Finding]:
        """Say what is found; what belongs to one workspace under its name."""
        if finding := diagnosis.settings_finding():
            self.write_findings([finding])
            return [finding]
        found: list[Finding] = []
        for workspace in chosen:
            look = diagnosis.look(workspace)
            if look.findings:
                self.write_name(workspace)
            found += self.write_findings(look.findings)
        return found + self.write_findings(diagnosis.portal_findings())

    def synchronise_all(self, chosen: list[Workspace], *, new_webhook: bool) -> None:
        """Go through all of them, also after one that fails; raises CommandError then."""
        self.refuse_early()
        failures = []
        for workspace in chosen:
            self.write_name(workspace)
            try:
                self.synchronise(workspace, new_webhook=new_webhook)
            except VendorError as error:
                failures.append(self.failure(error, workspace))
        if failures:
            raise CommandError("\n".join(failures))

    def synchronise(self, workspace: Workspace, *, new_webhook: bool) -> None:
        self.workspace = workspace
        self.is_changed = False
        sync = Sync(
            workspace,
            rehearsal=self.dry_run,
            report=self.write_step,
            keep_secret=self.keep_secret,
            new_webhook=new_webhook,
        )
        sync.run()
        absences.welcome_back(workspace)
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
        name = self.workspace.variable("WEBHOOK_SECRET")
        if self.secret_file and self.is_stored(name, secret, self.secret_file):
            text = gettext("%(name)s is in %(file)s now. Restart the portal.")
            self.stdout.write(text % {"name": name, "file": self.secret_file})
            return
        text = gettext(
            "Put this line into the portal’s environment and restart it; it is not shown "
            "again. If there was another value before, keep it as %(previous)s for now."
        )
        self.stdout.write(text % {"previous": env_file.previous(name)})
        self.stdout.write(f"{name}={secret}")

    def is_stored(self, name: str, secret: str, path: Path) -> bool:
        try:
            env_file.store_secret(path, secret, name)
        except OSError as error:
            self.stderr.write(f"{path}: {error.strerror}")
            return False
        return True

    def write_end(self, sync: Sync) -> None:
        findings = diagnosis.duplicate_findings(sync)
        if not sync.makes_webhook:
            findings += diagnosis.webhook_secret_findings(sync.workspace)
        self.write_findings(findings)
        if not findings and not self.is_changed:
            self.stdout.write(gettext("Everything is as it should be."))

    def failure(self, error: VendorError, workspace: Workspace) -> str:
        finding = diagnosis.vendor_finding(error, workspace)
        text = f"{finding.what} {finding.todo}"
        if self.is_changed and not self.dry_run:
            text += " " + gettext(
                "What is said above is done; run the command again to go on from there."
            )
        return text if len(workspaces()) == 1 else f"{workspace.name}: {text}"

    def write_name(self, workspace: Workspace) -> None:
        """Say which workspace comes now, where there are several."""
        if len(workspaces()) > 1:
            text = gettext("Workspace “%(name)s”:")
            self.stdout.write(text % {"name": workspace.name})

    def write_findings(self, findings: list[Finding]) -> list[Finding]:
        for finding in findings:
            self.stdout.write(finding.what)
            for line in finding.details:
                self.stdout.write(f"  {line}")
            self.stdout.write(f"  → {finding.todo}")
        return findings


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
