"""With FIELD_KEYS set, no table holds a candidate's name, address or words in the clear."""

from base64 import b64encode

import pytest
from django.db import connection
from django.urls import reverse

from candidates.models import Candidate
from interviews import batches, copies, requests, turns
from interviews.mail import outbox
from interviews.models import (
    Channel,
    InterviewProgress,
    Message,
    MessageKind,
    RequestKind,
)
from interviews.people_lists import Row
from reviews.deciding import decide
from reviews.models import Export, Moment, QuestionRating, Review, ShareFeedback
from tests.factories import (
    CallFactory,
    SessionFactory,
    ShareFactory,
    TurnFactory,
    UserFactory,
)
from voice.events import store_event
from voice.models import EventSource

pytestmark = pytest.mark.django_db

CANARY = "Kanarienvogel"
# Names, and words in texts.
SAID = f"I am {CANARY} and I sing"
# What holds the canary while nothing is encrypted: else the test would see nothing.
TABLES = {
    "answer_correction",
    "answer_revision",
    "candidate",
    "candidate_message",
    "candidate_request",
    "decision",
    "export",
    "interview_progress",
    "invitation_batch",
    "moment",
    "question_rating",
    "review",
    "share_feedback",
    "voice_event",
    "voice_turn",
}


def live(client, headers):
    """Do all that leaves words of, and about, a candidate in the database."""
    client.post(
        reverse("admin:candidates_candidate_add"),
        {"name": CANARY, "email": f"{CANARY}@example.com"},
    )
    candidate = Candidate.objects.get()
    session = SessionFactory(candidate=candidate, started=True)
    answer_by_agent_and_in_writing(client, headers, session)
    write_and_ask(session)
    be_recorded(session)
    be_judged(session)
    client.get("/admin/interviews/interviewsession/", {"q": CANARY})


def answer_by_agent_and_in_writing(client, headers, session):
    first, second, _third = session.vacancy.questions.all()
    for text in (SAID, f"{SAID} well"):
        response = client.post(
            f"/api/interview/{session.pk}/answer",
            {"questionId": first.pk, "answerText": text},
            content_type="application/json",
            headers=headers(session),
        )
        assert response.status_code == 200
    turns.record_answer(session.pk, turns.AnswerInput(second.pk, SAID, Channel.WRITTEN))
    answer = InterviewProgress.objects.get(question=first)
    answer.verbatim_text = SAID
    answer.save()
    copies.correct(answer=answer, text=f"{SAID} often")


def write_and_ask(session):
    outbox.queue(sessions=[session], kind=MessageKind.INVITATION)
    message = Message.objects.get()
    outbox.send(message.pk)
    message.refresh_from_db()
    outbox.end(message, "failed", problem=f"550 <{CANARY}@example.com> unknown")
    requests.ask(session=session, kind=RequestKind.ERASURE, message=SAID)
    batches.keep(
        vacancy=session.vacancy,
        rows=[Row(1, CANARY, f"{CANARY}@example.org")],
        user=UserFactory(),
    )


def be_recorded(session):
    store_event(SAID.encode(), source=EventSource.WEBHOOK)
    TurnFactory(call=CallFactory(conversation__session=session), text=SAID)


def be_judged(session):
    user = UserFactory(hr=True)
    question = session.vacancy.questions.first()
    review = Review.objects.create(session=session, reviewer=user, comment=SAID)
    QuestionRating.objects.create(review=review, question=question, note=SAID)
    Moment.objects.create(
        session=session, question=question, author=user, quote=SAID, note=SAID
    )
    decide(sessions=[session], outcome="rejected", reason=SAID, by=user)
    ShareFeedback.objects.create(
        share=ShareFactory(), session=session, name="Boss", comment=SAID
    )
    Export.objects.create(user=user, format="csv", chosen={"query": f"q={CANARY}"})


def tables_with(word):
    """Return the tables whose dump holds the word, in any of the ways it may be written."""
    small = word.lower().encode()
    ways = [small, small.hex().encode(), word.encode().hex().encode()]
    ways += [b64encode((" " * n + word).encode())[4:-4].lower() for n in range(3)]
    return {
        table
        for table in connection.introspection.table_names()
        if any(way in dump(table).lower() for way in ways)
    }


def dump(table):
    with (
        connection.cursor() as cursor,
        cursor.copy(f'COPY "{table}" TO STDOUT') as rows,
    ):
        return b"".join(map(bytes, rows))


@pytest.fixture
def _mail(settings):
    settings.PUBLIC_URL = "https://portal.example"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.mark.usefixtures("_mail")
def test_the_dump_of_a_database_without_keys_holds_the_words(hr_client, agent_headers):
    live(hr_client, agent_headers)

    assert tables_with(CANARY) == TABLES


@pytest.mark.usefixtures("_mail", "field_keys")
def test_the_dump_of_an_encrypted_database_does_not(hr_client, agent_headers):
    live(hr_client, agent_headers)

    assert tables_with(CANARY) == set()
    # And yet all of it is there.
    assert Candidate.objects.get().name == CANARY
    assert {answer.answer_text for answer in InterviewProgress.objects.all()} == {
        SAID,
        f"{SAID} well",
    }
    assert SAID in Message.objects.get().body or CANARY in Message.objects.get().body
