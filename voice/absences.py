"""Workspaces that failed a moment ago: for a while nobody waits for them again.

Known to all processes, of all machines: the first candidate who meets a failure spares
the others the wait.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from voice.models import Absence
from voice.vendor import VendorError
from voice.workspaces import Workspace, workspaces

# A lone workspace is tried again soon; where there are others, they take its calls.
ALONE = timedelta(seconds=10)
AMONG_OTHERS = timedelta(minutes=1)


def absent() -> dict[str, datetime]:
    """Return until when which workspaces are left out."""
    away = Absence.objects.filter(until__gt=timezone.now())
    return dict(away.values_list("workspace", "until"))


def leave_out(workspace: Workspace, error: VendorError) -> None:
    """Begin no call in the workspace for a while.

    A lone one is left out only for what may pass by itself: a key or an agent that is
    put right must count at once.
    """
    is_alone = len(workspaces()) == 1
    if is_alone and not error.is_passing:
        return
    until = timezone.now() + (ALONE if is_alone else AMONG_OTHERS)
    Absence.objects.update_or_create(
        workspace=workspace.name,
        defaults={"until": until, "problem": str(error)[:300]},
    )


def welcome_back(workspace: Workspace) -> None:
    """Begin calls in the workspace again at once: it was seen to work."""
    Absence.objects.filter(pk=workspace.name).delete()
