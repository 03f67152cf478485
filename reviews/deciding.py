"""Stages and decisions: every one is somebody's, and each is kept.

The one place that writes `Standing`, `StageChange` and `Decision`.
"""

from collections.abc import Sequence
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.audit import record
from accounts.models import AuditAction, User
from core.exceptions import DomainError
from interviews.models import InterviewSession
from reviews.models import Decision, Outcome, Stage, StageChange, Standing

# With these the hiring of the candidate is over.
FINAL = frozenset({Outcome.HIRED, Outcome.REJECTED, Outcome.WITHDREW})
# What a person may choose; `Stage.DONE` comes with a decision.
CHOSEN_STAGES = [stage for stage in Stage if stage != Stage.DONE]


class NoReason(DomainError):
    """A decision without a reason."""

    code = "no_reason"
    detail = _("Say why: a decision without a reason is not recorded.")  # type: ignore[assignment]


class NotAStage(DomainError):
    """A stage that nobody chooses."""

    code = "not_a_stage"
    detail = _("Choose one of the stages; an interview is done when it is decided.")  # type: ignore[assignment]


def may_decide(user: User) -> bool:
    """Tell whether it is the person's part to decide, of whatever interviews."""
    return user.has_perm("reviews.add_decision")


@transaction.atomic
def set_stage(
    *, sessions: Sequence[InterviewSession], stage: str, by: User
) -> list[InterviewSession]:
    """Move the candidates to a stage; return those that were at another.

    Raises PermissionDenied if one of the interviews is not the person's to decide, and
    NotAStage for a stage that nobody chooses.
    """
    if stage not in CHOSEN_STAGES:
        raise NotAStage
    standings = locked_standings(sessions, by)
    moved = [one for one in sessions if standings[one.pk].stage != stage]
    for session in moved:
        move(standings[session.pk], Stage(stage), by)
        record(
            AuditAction.CHANGED,
            session,
            user=by,
            vacancy_id=session.vacancy_id,
            detail=f"stage={stage}",
        )
    return moved


@transaction.atomic
def toggle_shortlist(*, session: InterviewSession, by: User) -> Stage:
    """Put the candidate on the shortlist, or back into review; return the new stage."""
    standing = locked_standings([session], by)[session.pk]
    listed = standing.stage == Stage.SHORTLISTED
    stage = Stage.IN_REVIEW if listed else Stage.SHORTLISTED
    set_stage(sessions=[session], stage=stage, by=by)
    return stage


@transaction.atomic
def decide(
    *, sessions: Sequence[InterviewSession], outcome: str, reason: str, by: User
) -> list[Decision]:
    """Record what a person decided, and why; return the decisions that are new.

    Saying the same again, as a double click does, adds nothing. Raises NoReason, and
    PermissionDenied if one of the interviews is not the person's to decide.
    """
    reason = reason.strip()
    if not reason:
        raise NoReason
    standings = locked_standings(sessions, by)
    decisions = []
    for session in sessions:
        standing = standings[session.pk]
        if is_same(standing.decision, outcome, reason, by):
            continue
        decisions.append(decide_one(session, standing, Outcome(outcome), reason, by))
    return decisions


def decide_one(
    session: InterviewSession,
    standing: Standing,
    outcome: Outcome,
    reason: str,
    by: User,
) -> Decision:
    decision = Decision.objects.create(
        session=session, outcome=outcome, reason=reason, decided_by=by
    )
    standing.decision = decision
    standing.save(update_fields=["decision", "updated_at"])
    if outcome in FINAL and standing.stage != Stage.DONE:
        move(standing, Stage.DONE, by)
    record(
        AuditAction.DECIDED,
        session,
        user=by,
        vacancy_id=session.vacancy_id,
        detail=f"outcome={outcome}",
    )
    return decision


def is_same(decision: Decision | None, outcome: str, reason: str, by: User) -> bool:
    return decision is not None and (
        decision.outcome,
        decision.reason,
        decision.decided_by_id,
    ) == (outcome, reason, by.pk)


def move(standing: Standing, stage: Stage, by: User) -> None:
    StageChange.objects.create(
        session_id=standing.pk, before=standing.stage, after=stage, by=by
    )
    standing.stage = stage
    standing.save(update_fields=["stage", "updated_at"])


def locked_standings(
    sessions: Sequence[InterviewSession], by: User
) -> dict[object, Standing]:
    """Return the interviews' standings, made where there are none, locked in one order."""
    keys = [session.pk for session in sessions]
    check_managed(keys, by)
    Standing.objects.bulk_create(
        [Standing(session_id=key) for key in keys], ignore_conflicts=True
    )
    rows = Standing.objects.filter(pk__in=keys).order_by("pk")
    locked = rows.select_related("decision").select_for_update(of=("self",))
    return {standing.pk: standing for standing in locked}


def check_managed(keys: Sequence[UUID], by: User) -> None:
    managed = InterviewSession.objects.managed_by(by).filter(pk__in=keys)
    if not may_decide(by) or managed.count() != len(set(keys)):
        raise PermissionDenied
