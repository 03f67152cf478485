"""Workspaces that failed a moment ago: for a while nobody waits for them again.

Known to all processes, of all machines: the first candidate who meets a failure spares
the others the wait.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from voice.models import Absence, Call
from voice.transcripts import CallRecord
from voice.vendor import VendorError
from voice.workspaces import Workspace, find, workspaces

# A lone workspace is tried again soon; where there are others, they take its calls.
ALONE = timedelta(seconds=8)
AMONG_OTHERS = timedelta(minutes=1)
# What the vendor's record says of a call for which the account had not paid.
USED_UP = "quota"
USED_UP_FOR = timedelta(minutes=10)
# An older record tells of a quota that may be another by now.
FRESH = timedelta(minutes=15)


def absent() -> dict[str, datetime]:
    """Return until when which workspaces are left out."""
    away = Absence.objects.filter(until__gt=timezone.now())
    return dict(away.values_list("workspace", "until"))


def leave_out(
    workspace: Workspace, error: VendorError, among_others: timedelta = AMONG_OTHERS
) -> None:
    """Begin no call in the workspace for a while.

    A lone one is left out only for what may pass by itself: a key or an agent that is
    put right must count at once.
    """
    is_alone = len(workspaces()) == 1
    if is_alone and not error.is_passing:
        return
    until = timezone.now() + (ALONE if is_alone else among_others)
    Absence.objects.update_or_create(
        workspace=workspace.name,
        defaults={"until": until, "problem": str(error)[:300]},
    )


def note_end(call: Call, record: CallRecord) -> None:
    """Leave a workspace out whose quota cut a call short a moment ago.

    It goes on signing addresses and is never full, so it would be given every call. Only
    the vendor's own record counts, not what a candidate's page reports.
    """
    is_fresh = timezone.now() - call.conversation.opened_at < FRESH
    workspace = find(call.workspace)
    if (
        workspace
        and is_fresh
        and record.has_failed
        and USED_UP in record.end_reason.lower()
    ):
        leave_out(workspace, VendorError(record.end_reason, 402), USED_UP_FOR)


def welcome_back(workspace: Workspace) -> None:
    """Begin calls in the workspace again at once: it was seen to work."""
    Absence.objects.filter(pk=workspace.name).delete()
