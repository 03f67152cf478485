"""A vacancy with one row of everything, each text of it marked."""

from datetime import timedelta
from types import SimpleNamespace

from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.audit import record
from accounts.models import AuditAction, AuditEvent, SavedFilter
from interviews.models import (
    DataCopy,
    InvitationBatch,
    Message,
    MessageKind,
    RequestKind,
)
from reviews.models import (
    Decision,
    Export,
    Moment,
    QuestionRating,
    Review,
    ShareFeedback,
    ShareView,
    StageChange,
    Standing,
)
from tests import factories as make
from vacancies.models import Part, VacancyStatus
from voice import recordings


def build(mark, *, owner):
    """Return a vacancy's world: every word that a person wrote in it holds the mark."""
    vacancy = make.VacancyFactory(
        title=f"{mark} clerk", description=f"{mark} tasks", greeting=f"{mark} hello"
    )
    question = make.QuestionFactory(vacancy=vacancy, text=f"{mark} why?", order=1)
    make.MemberFactory(vacancy=vacancy, user=owner, part=Part.OWNER)
    candidate = make.CandidateFactory(name=f"{mark} Anna", email=f"{mark}@example.com")
    session = make.SessionFactory(
        vacancy=vacancy,
        candidate=candidate,
        started=True,
        started_at=timezone.now() - timedelta(minutes=9),
        finished_at=timezone.now(),
    )
    answer = make.ProgressFactory(
        session=session, question=question, answer_text=f"{mark} because"
    )
    answer.revisions.create(
        answer_text=f"{mark} before",
        timestamp=timezone.now(),
        replaced_at=timezone.now(),
    )
    answer.corrections.create(text=f"{mark} I meant")
    event = session.events.create(kind="invited")
    asked = make.RequestFactory(
        session=session, kind=RequestKind.ERASURE, message=f"{mark} please"
    )
    waiting = make.SessionFactory(
        vacancy=vacancy,
        candidate__name=f"{mark} Boris",
        candidate__email=f"{mark}2@b.de",
    )
    call = make.CallFactory(
        conversation__id=f"conv_{session.pk}", conversation__session=session
    )
    recordings.save(call, ContentFile(f"{mark} sound".encode()))
    make.TurnFactory(call=call, text=f"{mark} said")
    found = SimpleNamespace(
        vacancy=vacancy,
        template=make.VacancyFactory(
            title=f"{mark} pattern", is_template=True, status=VacancyStatus.DRAFT
        ),
        question=question,
        candidate=candidate,
        session=session,
        waiting=waiting,
        event=event,
        request=asked,
        call=call,
        take=make.TakeFactory(session=session, parts=[[f"{mark} sound".encode()]]),
        message=Message.objects.create(
            session=session,
            kind=MessageKind.INVITATION,
            to=candidate.email,
            subject=f"{mark} subject",
            body=f"{mark} body",
        ),
        batch=InvitationBatch.objects.create(vacancy=vacancy, created_by=owner),
        voice=make.VoiceEventFactory(
            raw=f'{{"{mark}": 1}}'.encode(), conversation_id=call.pk
        ),
        export=Export.objects.create(user=owner, format="csv"),
        copy=DataCopy.objects.create(candidate=candidate, session=session),
        filter=SavedFilter.objects.create(
            user=owner, page="interviews_interviewsession", name=mark, query="q=1"
        ),
    )
    make.MemberFactory(vacancy=found.template, user=owner, part=Part.OWNER)
    judge(found, mark, owner)
    share(found, mark, owner)
    record(AuditAction.VIEWED, session, actor=f"{mark} link")
    found.line = AuditEvent.objects.filter(object_id=session.pk).latest("pk")
    return found


def judge(found, mark, owner):
    review = Review.objects.create(
        session=found.session,
        reviewer=owner,
        recommendation="yes",
        comment=f"{mark} comment",
        saved_at=timezone.now(),
    )
    QuestionRating.objects.create(
        review=review, question=found.question, mark=5, note=f"{mark} note"
    )
    decision = Decision.objects.create(
        session=found.session,
        outcome="hired",
        reason=f"{mark} reason",
        decided_by=owner,
    )
    Standing.objects.create(session=found.session, stage="done", decision=decision)
    StageChange.objects.create(
        session=found.session, before="new", after="done", by=owner
    )
    found.review = review
    found.moment = Moment.objects.create(
        session=found.session,
        question=found.question,
        author=owner,
        quote=f"{mark} because",
        note=f"{mark} good",
    )


def share(found, mark, owner):
    found.share = make.ShareFactory(
        vacancy=found.vacancy,
        recipient=f"{mark} boss",
        created_by=owner,
        sessions=[found.session],
    )
    ShareView.objects.create(share=found.share, session=found.session)
    ShareFeedback.objects.create(
        share=found.share, session=found.session, name=f"{mark} boss", comment=mark
    )
