"""A candidate of whom every table, file and service knows something, each thing marked."""

from datetime import timedelta
from types import SimpleNamespace

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.sessions.backends.db import SessionStore
from django.core.files.base import ContentFile
from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.models import SavedFilter
from interviews.models import (
    DataCopy,
    InvitationBatch,
    Message,
    MessageKind,
    RequestKind,
    TakeState,
)
from interviews.models.data_copies import copies_storage
from interviews.models.recordings import recordings_storage
from privacy.models import LegalHold
from reviews.models import (
    Decision,
    Export,
    ExportState,
    Moment,
    QuestionRating,
    Review,
    ShareFeedback,
    ShareView,
    StageChange,
    Standing,
)
from reviews.models.exports import exports_storage
from tests import factories as make
from vacancies.models import Submission
from voice import recordings
from voice.models import Place


def build(mark, *, owner, vacancy=None, vendor=None, exports_a_list=True):
    """Return what is known of a person called `mark`, finished and decided on.

    The vacancy, the colleague and the link that shows the person are not marked: they
    stay. `vendor`: a fake ElevenLabs that held the call.
    """
    vacancy = vacancy or make.VacancyFactory(questions=2)
    candidate = make.CandidateFactory(
        name=f"{mark} Ivanova", email=f"{mark}@example.com"
    )
    now = timezone.now()
    session = make.SessionFactory(
        vacancy=vacancy,
        candidate=candidate,
        started=True,
        started_at=now - timedelta(minutes=9),
        finished_at=now,
    )
    session.consent.text = f"{mark} agrees"
    session.consent.save()
    session.consents.add(session.consent)
    found = SimpleNamespace(
        mark=mark, owner=owner, vacancy=vacancy, candidate=candidate, session=session
    )
    said(found)
    called(found, vendor)
    written_about(found)
    judged(found)
    shared(found)
    exported(found, exports_a_list)
    return found


def said(found):
    mark, session = found.mark, found.session
    question = found.vacancy.questions.first()
    found.answer = answer = make.ProgressFactory(
        session=session, question=question, answer_text=f"{mark} because"
    )
    answer.revisions.create(
        answer_text=f"{mark} before",
        channel=answer.channel,
        timestamp=timezone.now(),
        replaced_at=timezone.now(),
    )
    answer.corrections.create(text=f"{mark} I meant")
    session.events.create(kind="finished", detail=f"{mark} left")
    sound = f"{mark} sound".encode()
    found.take = make.TakeFactory(session=session, parts=[[sound]])
    found.joined = make.TakeFactory(session=session, state=TakeState.READY, file="x")
    found.joined.file = recordings_storage().save(
        f"takes/{found.joined.pk}.webm", ContentFile(sound)
    )
    found.joined.save()
    make.RequestFactory(
        session=session, kind=RequestKind.ERASURE, message=f"{mark} please"
    )


def called(found, vendor):
    """Hold a call: two events of it were read, one was not, and one was refused."""
    mark, session = found.mark, found.session
    key = f"conv_{session.pk.hex}"
    found.call = make.CallFactory(
        conversation__id=key, conversation__session=session, has_audio=True
    )
    recordings.save(found.call, ContentFile(f"{mark} sound".encode()))
    make.TurnFactory(call=found.call, text=f"{mark} said")
    raw = f'{{"conversation_id": "{key}", "words": "{mark}"}}'.encode()
    make.VoiceEventFactory(raw=raw, size=len(raw), conversation_id=key)
    make.VoiceEventFactory(raw=raw, conversation_id=key, kind="post_call_audio")
    make.VoiceEventFactory(raw=raw)
    make.VoiceEventFactory(raw=raw, state="rejected", workspace="")
    Place.objects.create(session=session, lease_until=timezone.now())
    if vendor:
        vendor.add_conversation(key, audio=f"{mark} sound".encode())


def written_about(found):
    mark, session, owner = found.mark, found.session, found.owner
    name, email = found.candidate.name, found.candidate.email
    Message.objects.create(
        session=session,
        kind=MessageKind.INVITATION,
        to=email,
        subject=f"{mark} subject",
        body=f"{mark} body",
    )
    found.batch = InvitationBatch.objects.create(
        vacancy=found.vacancy,
        created_by=owner,
        rows=[
            {"line": 1, "name": name, "email": email.upper(), "problem": ""},
            {"line": 2, "name": name, "email": "", "problem": "no_email"},
            {"line": 3, "name": "Olga", "email": "olga@example.com", "problem": ""},
        ],
    )
    LogEntry.objects.log_actions(
        owner.pk, [found.candidate], CHANGE, single_object=True
    )
    for query in (f"q={mark}", "q=petrova"):
        SavedFilter.objects.create(
            user=owner, page="candidates_candidate", name=f"who {query}", query=query
        )
    store = SessionStore()
    store["_auth_user_id"], store["_messages"] = "1", f"{name} was invited"
    store.save()
    found.sign_in = store.session_key
    Submission.objects.create(
        key=session.pk, outcome=f"/admin/interviews/interviewsession/{session.pk}/"
    )
    app.configure_task("interviews.tasks.prepare_take", allow_unknown=False).defer(
        take_id=str(found.take.pk)
    )
    LegalHold.objects.create(
        session=session,
        reason=f"{mark} sues",
        placed_by=owner,
        released_by=owner,
        released_at=timezone.now(),
    )


def judged(found):
    mark, session, owner = found.mark, found.session, found.owner
    question = found.vacancy.questions.first()
    review = Review.objects.create(
        session=session,
        reviewer=owner,
        recommendation="yes",
        comment=f"{mark} comment",
        saved_at=timezone.now(),
    )
    QuestionRating.objects.create(
        review=review, question=question, mark=5, note=f"{mark} note"
    )
    decision = Decision.objects.create(
        session=session, outcome="hired", reason=f"{mark} reason", decided_by=owner
    )
    Standing.objects.create(session=session, stage="done", decision=decision)
    StageChange.objects.create(session=session, before="new", after="done", by=owner)
    Moment.objects.create(
        session=session, question=question, author=owner, quote=f"{mark} because"
    )


def shared(found):
    found.share = make.ShareFactory(
        vacancy=found.vacancy, created_by=found.owner, sessions=[found.session]
    )
    ShareView.objects.create(share=found.share, session=found.session)
    ShareFeedback.objects.create(
        share=found.share,
        session=found.session,
        name="The boss",
        comment=f"{found.mark} sounds good",
    )


def exported(found, exports_a_list):
    """Export the person by name and in a list; somebody else alone; and as a copy."""
    content = f"{found.mark};because".encode()
    chosen = [{"ids": [str(found.session.pk)]}]
    if exports_a_list:
        chosen.append({"query": f"q={found.mark}"})
    found.exports = [export(found.owner, one, content) for one in chosen]
    found.other_export = export(found.owner, {"ids": []}, b"olga")
    copy = DataCopy(candidate=found.candidate, session=found.session)
    copy.file = copies_storage().save(f"copies/{copy.pk}.zip", ContentFile(content))
    copy.state = "ready"
    copy.save()


def export(owner, chosen, content):
    made = Export(user=owner, format="csv", chosen=chosen, state=ExportState.READY)
    made.file = exports_storage().save(f"{made.pk}.csv", ContentFile(content))
    made.save()
    return made
