"""What the form of a vacancy tells beside its fields."""

from django.db.models import Q
from django.utils import timezone

from vacancies.models import Vacancy
from vacancies.scripts import (
    BRISK_ANSWER_SECONDS,
    LONGEST_COUNTED_SECONDS,
    THOROUGH_ANSWER_SECONDS,
)
from vacancies.services import current_script

TEMPLATES_OFFERED = 50


def minutes_shown(vacancy):
    """Return the estimate as of the last saving, and by what a browser goes on counting."""
    script = vacancy and current_script(vacancy)
    return {
        "script": script if script and script.questions else None,
        "brisk": BRISK_ANSWER_SECONDS,
        "thorough": THOROUGH_ANSWER_SECONDS,
        "longest": LONGEST_COUNTED_SECONDS,
    }


def reach_of(vacancy):
    """Count whom a change does not reach any more, and whom it does."""
    started = vacancy.sessions.filter(started_at__isnull=False).count()
    if not started:
        return None
    still_open = Q(cancelled_at=None, expires_at__gt=timezone.now())
    invited = vacancy.sessions.filter(still_open, started_at=None).count()
    return {"started": started, "invited": invited}


def templates_offered(request):
    templates = Vacancy.objects.visible_to(request.user).filter(is_template=True)
    return list(templates.order_by("title")[:TEMPLATES_OFFERED])


def team_changes(formset):
    """Name the people by their keys alone, as the log does."""
    changes = [f"+{member.user_id} {member.part}" for member in formset.new_objects]
    changes += [
        f"{member.user_id} {member.part}" for member, _ in formset.changed_objects
    ]
    changes += [f"-{member.user_id}" for member in formset.deleted_objects]
    return "team: " + ", ".join(changes)
