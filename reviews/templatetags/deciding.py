"""Where candidates stand, for the admin's templates."""

from datetime import datetime
from typing import Any, NamedTuple

from django import template
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext

from accounts.models import User
from interviews.models import InterviewSession
from reviews.deciding import may_decide
from reviews.forms_deciding import DecisionForm, StageForm
from reviews.models import Outcome, Stage, Standing

STAGE_COLOURS = {
    Stage.NEW: "default",
    Stage.IN_REVIEW: "info",
    Stage.SHORTLISTED: "primary",
    Stage.MEETING: "info",
    Stage.OFFER: "warning",
    Stage.DONE: "default",
}
OUTCOME_COLOURS = {
    Outcome.HIRED: "success",
    Outcome.ADVANCED: "info",
    Outcome.ON_HOLD: "warning",
    Outcome.REJECTED: "danger",
    Outcome.WITHDREW: "default",
}

register = template.Library()


class Step(NamedTuple):
    """A line of the history: a stage or a decision, whose, and why."""

    at: datetime
    who: User
    text: str
    reason: str = ""


def standing_of(session: InterviewSession) -> Standing:
    """Return where the candidate stands; without a row, at the beginning."""
    try:
        return session.standing
    except Standing.DoesNotExist:
        return Standing(session=session)


def badges(standing: Standing) -> dict[str, Any]:
    decision = standing.decision
    return {
        "stage": standing.stage,
        "stage_label": standing.get_stage_display(),
        "stage_colour": STAGE_COLOURS[Stage(standing.stage)],
        "decision": decision,
        "decision_colour": decision and OUTCOME_COLOURS[Outcome(decision.outcome)],
    }


@register.filter
def is_shortlisted(session: InterviewSession) -> bool:
    return standing_of(session).stage == Stage.SHORTLISTED


@register.filter
def address_to_read(session: InterviewSession) -> str:
    """Return the page to read an interview on; before it begins, its record."""
    name = "review" if session.started_at else "change"
    try:
        return reverse(f"admin:interviews_interviewsession_{name}", args=[session.pk])
    except NoReverseMatch:
        return reverse("admin:interviews_interviewsession_change", args=[session.pk])


@register.inclusion_tag("admin/reviews/_badges.html")
def standing_badges(session: InterviewSession) -> dict[str, Any]:
    """Show where the candidate stands; reads `standing__decision`."""
    return badges(standing_of(session))


@register.inclusion_tag("admin/reviews/_standing.html", takes_context=True)
def standing_panel(context: Context, session: InterviewSession) -> dict[str, Any]:
    """Show stage, decision and their history, with forms for whoever may decide."""
    request = context["request"]
    standing = standing_of(session)
    rows = InterviewSession.objects.managed_by(request.user).filter(pk=session.pk)
    return badges(standing) | {
        "session": session,
        "is_managed": may_decide(request.user) and rows.exists(),
        "is_shortlisted": standing.stage == Stage.SHORTLISTED,
        "stage_form": StageForm(
            initial={"stage": standing.stage}, auto_id="standing_%s"
        ),
        "decision_form": DecisionForm(),
        "history": history(session),
        "here": request.get_full_path(),
        "csrf_token": context.get("csrf_token"),
    }


def history(session: InterviewSession) -> list[Step]:
    """Return who moved the candidate, and who decided what and why, latest first."""
    stages = [
        Step(change.at, change.by, gettext("Stage: %s") % change.get_after_display())
        for change in session.stage_changes.select_related("by")
    ]
    decisions = [
        Step(
            decision.decided_at,
            decision.decided_by,
            gettext("Decision: %s") % decision.get_outcome_display(),
            decision.reason,
        )
        for decision in session.decisions.select_related("decided_by")
    ]
    return sorted(stages + decisions, key=lambda step: step.at, reverse=True)
