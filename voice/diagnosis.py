"""Whether voice interviews can be held, and if not, what to do: for people to read."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

import httpx
from django.conf import settings
from django.utils.translation import gettext, ngettext

from voice import installation
from voice.differences import Change, shown
from voice.synchronisation import UNKNOWN_AGENT, Step, Sync, Verb
from voice.vendor import VendorError
from voice.workspaces import Workspace, workspaces

# Somebody waits for the answer.
TIMEOUT_SECONDS = 5
MISSING_PERMISSIONS = "missing_permissions"


class Severity(Enum):
    """An error keeps calls from working; a warning may do no harm."""

    ERROR = "error"
    WARNING = "warning"


class Finding(NamedTuple):
    """Something that is not as it should be: what it is, and what to do about it.

    `details` are places that differ, one a line.
    """

    severity: Severity
    what: str
    todo: str
    details: tuple[str, ...] = ()


class Look(NamedTuple):
    """What a look at one workspace found; nothing is good news."""

    workspace: Workspace
    is_reached: bool
    findings: list[Finding]

    @property
    def is_in_step(self) -> bool:
        """Whether the agent there, and all that belongs to it, is as the settings say."""
        errors = [one for one in self.findings if one.severity is Severity.ERROR]
        return self.is_reached and not errors


def check() -> tuple[list[Finding], list[Look]]:
    """Look at the settings, the way back and every workspace, one after the other."""
    if finding := settings_finding():
        return [finding], []
    return portal_findings(), [look(workspace) for workspace in workspaces()]


def look(workspace: Workspace) -> Look:
    """Rehearse a synchronisation: whatever it would do is a finding."""
    steps: list[Step] = []
    rehearsal = Sync(
        workspace,
        rehearsal=True,
        report=steps.append,
        keep_secret=lambda secret: None,
        timeout_seconds=TIMEOUT_SECONDS,
    )
    secret = webhook_secret_findings(workspace)
    try:
        rehearsal.run()
    except VendorError as error:
        findings = [vendor_finding(error, workspace), *secret]
        return Look(workspace, is_reached(error), findings)
    findings = duplicate_findings(rehearsal) + [step_finding(step) for step in steps]
    return Look(workspace, True, [*findings, *secret])


def is_reached(error: VendorError) -> bool:
    """Tell whether a workspace that refused something was reached, and took the key."""
    return not error.is_passing and error.status not in {401, 403}


def settings_finding() -> Finding | None:
    """Return what keeps the rest from being looked at."""
    if not settings.ELEVENLABS_API_KEY:
        return no_key()
    problem = installation.address_problem()
    return address_finding(problem) if problem else None


def no_key() -> Finding:
    return Finding(
        Severity.ERROR,
        gettext("ELEVENLABS_API_KEY is not set: the page itself interviews."),
        gettext(
            "Set it to a key of your ElevenLabs account, then run {command}."
        ).format(command="manage.py voice sync"),
    )


def address_finding(problem: str) -> Finding:
    return Finding(
        Severity.ERROR,
        problem,
        gettext(
            "Set PUBLIC_URL to the address at which the internet reaches the portal: "
            "the voice agent saves answers there."
        ),
    )


def step_finding(step: Step) -> Finding:
    problems = {
        Verb.CREATE: gettext("Missing: %(thing)s."),
        Verb.UPDATE: gettext("Not as the settings say: %(thing)s."),
        Verb.ENABLE: gettext("Off: %(thing)s."),
        Verb.DELETE: gettext("Left over: %(thing)s."),
    }
    return Finding(
        Severity.WARNING if step.verb is Verb.DELETE else Severity.ERROR,
        problems[step.verb] % {"thing": step.thing},
        gettext("Run {command}.").format(command="manage.py voice sync"),
        (*filter(None, [step.detail]), *map(deviation, step.changes)),
    )


def deviation(change: Change) -> str:
    found, expected = shown(change.found, change.expected)
    return gettext("%(path)s: %(found)s, expected: %(expected)s") % {
        "path": change.path,
        "found": found,
        "expected": expected,
    }


def duplicate_findings(sync: Sync) -> list[Finding]:
    ids = sync.agents_of_our_name
    if len(ids) < 2:
        return []
    what = ngettext(
        "There is %(count)d agent called “%(name)s”.",
        "There are %(count)d agents called “%(name)s”.",
        len(ids),
    )
    return [
        Finding(
            Severity.WARNING,
            what % {"count": len(ids), "name": installation.agent_name()},
            gettext(
                "Parley uses the oldest, %(id)s. Delete the others at ElevenLabs, or "
                "set %(variable)s."
            )
            % {"id": ids[0], "variable": sync.workspace.variable("AGENT_ID")},
        )
    ]


def vendor_finding(error: VendorError, workspace: Workspace) -> Finding:
    what = f"{str(error).rstrip('.')}."
    return Finding(Severity.ERROR, what, vendor_todo(error, workspace))


def vendor_todo(error: VendorError, workspace: Workspace) -> str:
    """Say what to do when the vendor refuses or is away."""
    if error.code == UNKNOWN_AGENT:
        return gettext(
            "Correct %(variable)s, or clear it: then the agent is found by its name, or "
            "made."
        ) % {"variable": workspace.variable("AGENT_ID")}
    if error.code == MISSING_PERMISSIONS or error.status == 403:
        return gettext(
            "Give the key the right to read and write agents (ElevenAgents) and "
            "webhooks, or set %(variable)s to another one."
        ) % {"variable": workspace.variable("API_KEY")}
    if error.status == 401:
        return gettext(
            "Set %(key)s to a valid key. A key of an account with data residency works "
            "only with its own %(location)s."
        ) % {
            "key": workspace.variable("API_KEY"),
            "location": workspace.variable("LOCATION"),
        }
    if error.is_passing:
        return gettext(
            "Try again in some minutes. Candidates can answer in writing meanwhile."
        )
    return gettext("Correct the setting that is named there, then try again.")


def webhook_secret_findings(workspace: Workspace) -> list[Finding]:
    if workspace.webhook_secret:
        return []
    return [
        Finding(
            Severity.ERROR,
            gettext(
                "%(variable)s is not set: reports of ended calls are refused. Their "
                "transcripts come later, when Parley fetches them."
            )
            % {"variable": workspace.variable("WEBHOOK_SECRET")},
            gettext(
                "Set it to what {first} printed. If that is lost, {second} makes a new one."
            ).format(
                first="manage.py voice sync",
                second=f"manage.py voice sync --new-webhook{only(workspace)}",
            ),
        )
    ]


def only(workspace: Workspace) -> str:
    """Return the option that names one workspace, where there are several."""
    return f" --workspace {workspace.name}" if len(workspaces()) > 1 else ""


def portal_findings() -> list[Finding]:
    problem = portal_problem(f"{settings.PUBLIC_URL}/healthz")
    if not problem:
        return []
    return [
        Finding(
            Severity.WARNING,
            problem,
            gettext(
                "ElevenLabs has to reach the portal there. If it does, and only the way "
                "from this machine to its own address is closed, nothing is wrong."
            ),
        )
    ]


def portal_problem(url: str) -> str:
    """Say how the portal does not answer at its own public address, if it does not."""
    try:
        response = httpx.get(url, timeout=TIMEOUT_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return gettext("%(url)s cannot be reached from here (%(error)s).") % {
            "url": url,
            "error": type(error).__name__,
        }
    if response.status_code == 200:
        return ""
    return gettext("%(url)s answered %(status)s.") % {
        "url": url,
        "status": response.status_code,
    }
