"""Consent, taken back at any time, and scores by AI, refused at any time."""

from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from candidates.consent import VERSION, consent_hash
from candidates.models import Consent
from interviews import rights, services, takes
from interviews.api import urls as session_urls
from interviews.exceptions import ConsentTextChanged, NotAvailable, TakeClosed
from interviews.models import (
    CandidateRequest,
    EventKind,
    InterviewProgress,
    InterviewSession,
    SessionState,
    Take,
    TakeChunk,
)
from interviews.tokens import cookie_name, mint_token
from tests import sounds
from tests.factories import (
    CallFactory,
    ConversationFactory,
    ProgressFactory,
    SessionFactory,
    TakeFactory,
    VacancyFactory,
)
from voice import recordings
from voice.api import urls as call_urls
from voice.models import Call, CallStatus

pytestmark = pytest.mark.django_db

TAKE = uuid4()
JSON = {"content_type": "application/json"}
# Each endpoint, and what a candidate's browser sends it.
CALLS = {
    "next": lambda session, question: ("get", "next", None),
    "answer": lambda session, question: (
        "post",
        "answer",
        {"questionId": question.pk, "answerText": "After the end"},
    ),
    "end": lambda session, question: ("post", "end", {}),
    "take": lambda session, question: (
        "put",
        f"takes/{uuid4()}",
        {"questionId": question.pk},
    ),
    "take_chunk": lambda session, question: ("put", f"takes/{TAKE}/chunks/1/1", b""),
    "call": lambda session, question: ("post", "call", {"event": "alive"}),
    "call_start": lambda session, question: ("post", "call/start", {}),
}


def withdrawn(**fields):
    session = SessionFactory(started=True, **fields)
    ProgressFactory(session=session)
    head = sounds.webm()[:1000]
    TakeFactory(id=TAKE, session=session, parts=[[head]])
    rights.withdraw_consent(session=session)
    session.refresh_from_db()
    return session


def declined():
    session = SessionFactory()
    services.decline(session=session)
    return session


STATES = {
    "never asked": SessionFactory,
    "refused": declined,
    "withdrawn": withdrawn,
}


def stored():
    """Return all that an interview could have added to."""
    return (
        list(InterviewProgress.objects.values()),
        list(Take.objects.values("pk", "size", "state")),
        TakeChunk.objects.count(),
        list(InterviewSession.objects.values()),
    )


def test_every_endpoint_is_tried():
    urls = [*session_urls.urlpatterns, *call_urls.urlpatterns]

    assert {one.name for one in urls} == set(CALLS)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("state", STATES)
def test_no_endpoint_takes_anything_without_a_consent_in_force(
    client, agent_headers, settings, state, name
):
    settings.ELEVENLABS_API_KEY = "key"
    session = STATES[state]()
    question = session.vacancy.questions.last()
    method, path, body = CALLS[name](session, question)
    before = stored()
    extra = JSON
    if body == b"":
        body, extra = sounds.webm()[1000:2000], {"content_type": "audio/webm"}
    client.cookies[cookie_name(session.pk)] = mint_token(session.pk)

    response = getattr(client, method)(
        f"/api/interview/{session.pk}/{path}", body, **extra
    )

    repeated_end = state == "withdrawn" and name == "end"
    lost = name == "take_chunk" and state != "withdrawn"
    assert response.status_code == (200 if repeated_end else 404 if lost else 409)
    assert stored() == before


def test_taking_the_consent_back_ends_the_interview_and_tells_the_team():
    session = SessionFactory(started=True)
    agreed = session.consent
    Consent.objects.filter(pk=agreed.pk).update(text="Word for word", version="7")
    ProgressFactory(session=session)

    assert rights.withdraw_consent(session=session) is True
    assert rights.withdraw_consent(session=session) is False

    session.refresh_from_db()
    assert session.state == SessionState.WITHDRAWN
    assert session.finish_reason == "consent_withdrawn"
    assert session.finished_at == session.consent_withdrawn_at
    last = session.consent
    assert (last.given, last.version, last.text) == (False, "7", "Word for word")
    assert session.answers.count() == 1
    assert list(session.events.values_list("kind", flat=True)) == [EventKind.WITHDRAWN]
    [asked] = CandidateRequest.objects.all()
    assert (asked.session, asked.kind, asked.handled_at) == (
        session,
        "withdrawal",
        None,
    )


def test_a_finished_interview_keeps_its_end():
    now = timezone.now()
    session = SessionFactory(
        started=True, started_at=now, finished_at=now, finish_reason="completed"
    )

    rights.withdraw_consent(session=session)

    session.refresh_from_db()
    assert (session.finished_at, session.finish_reason) == (now, "completed")
    assert session.state == SessionState.WITHDRAWN


def test_there_is_nothing_to_take_back_before_the_start():
    with pytest.raises(NotAvailable):
        rights.withdraw_consent(session=SessionFactory())


def test_the_database_lets_nothing_go_on_without_consent():
    session = SessionFactory(started=True)

    session.consent_withdrawn_at = timezone.now()

    with pytest.raises(IntegrityError, match="session_withdrawn_implies_over"):
        session.save()


def test_a_recording_that_is_on_its_way_comes_to_a_closed_door():
    session = withdrawn()

    with pytest.raises(TakeClosed):
        takes.add_chunk(
            session_id=session.pk,
            take_id=TAKE,
            part=1,
            position=1,
            data=b"more",
            duration_ms=0,
        )

    assert TakeChunk.objects.count() == 1


def test_calls_of_a_withdrawn_interview_are_not_fetched():
    conversation = ConversationFactory()
    now = timezone.now()
    waiting = CallFactory(conversation=conversation, pull_after=now)
    recorded = CallFactory(
        conversation=ConversationFactory(session=conversation.session),
        status=CallStatus.DONE,
        has_audio=True,
        pull_after=now,
    )
    assert list(Call.objects.due(timezone.now())) == [waiting]
    assert list(recordings.missing()) == [recorded]

    rights.withdraw_consent(session=conversation.session)

    assert list(Call.objects.due(timezone.now())) == []
    assert list(recordings.missing()) == []
    recorded.refresh_from_db()
    assert not recordings.is_missing(Call.objects.get(pk=recorded.pk))


# The candidate's pages


def page(session, name):
    return reverse(f"interviews:{name}", args=[session.pk])


def test_the_candidate_takes_the_consent_back_on_a_page(client):
    session = SessionFactory(started=True)

    asked = client.get(page(session, "withdraw"))
    done = client.post(page(session, "withdraw"), follow=True)

    assert "The interview then ends at once" in asked.text
    assert asked.templates[0].name == "interviews/withdraw.html"
    assert done.templates[0].name == "interviews/withdrawn.html"
    assert reverse("interviews:request", args=[session.pk, "erasure"]) in done.text
    session.refresh_from_db()
    assert session.consent_withdrawn_at


def test_before_the_start_the_page_leads_back(client):
    session = SessionFactory()

    response = client.post(page(session, "withdraw"))

    assert response.url == session.get_absolute_url()


def test_nobody_asks_for_a_withdrawal_as_for_a_request(client):
    session = SessionFactory(started=True)

    response = client.get(
        reverse("interviews:request", args=[session.pk, "withdrawal"])
    )

    assert response.status_code == 404


@pytest.mark.parametrize(
    "make",
    [
        lambda: SessionFactory(started=True),
        lambda: SessionFactory(
            started=True, started_at=timezone.now(), finished_at=timezone.now()
        ),
        lambda: SessionFactory(started=True, expires_at=timezone.now()),
        lambda: SessionFactory(started=True, cancelled_at=timezone.now()),
    ],
    ids=["in progress", "finished", "expired", "cancelled"],
)
def test_each_page_after_the_start_leads_to_the_withdrawal(client, make):
    session = make()

    for browser in (False, True):
        if browser:
            client.cookies[cookie_name(session.pk)] = mint_token(session.pk)
        text = client.get(session.get_absolute_url()).text
        assert f'href="{page(session, "withdraw")}"' in text


# Consent to the text that was seen


def test_consent_is_given_to_the_text_that_was_shown(client):
    session = SessionFactory()
    shown = consent_hash(services.consent_text(session.vacancy))
    assert shown in client.get(session.get_absolute_url()).text

    client.post(page(session, "start"), {"text": shown})

    session.refresh_from_db()
    assert (session.consent.given, session.consent.text_hash) == (True, shown)
    assert session.consent.version == VERSION
    assert list(session.consents.all()) == [session.consent]


def test_a_text_that_changed_meanwhile_is_shown_anew(client):
    session = SessionFactory()
    shown = consent_hash(services.consent_text(session.vacancy))
    session.vacancy.uses_ai_scores = True
    session.vacancy.save()

    response = client.post(page(session, "start"), {"text": shown}, follow=True)

    assert "This text has changed since you saw it" in response.text
    session.refresh_from_db()
    assert (session.started_at, session.consent) == (None, None)


def test_whoever_refused_reads_a_changed_text_before_agreeing(client):
    session = declined()
    session.vacancy.uses_ai_scores = True
    session.vacancy.save()
    session.refresh_from_db()

    response = client.post(
        page(session, "start"), {"text": session.consent.text_hash}, follow=True
    )

    assert response.templates[0].name == "interviews/invited.html"
    with pytest.raises(ConsentTextChanged):
        services.start(session=session, agreed_to=session.consent.text_hash)


def test_all_that_was_said_to_the_text_stays_with_the_interview():
    session = declined()
    services.start(session=session)
    rights.withdraw_consent(session=session)

    said = session.consents.order_by("pk").values_list("given", flat=True)
    assert list(said) == [False, True, False]


# Scores by AI


@pytest.fixture
def scored():
    """Return a started interview of a vacancy where AI suggests scores."""
    vacancy = VacancyFactory(questions=1, uses_ai_scores=True)
    return services.start(session=SessionFactory(vacancy=vacancy))


def test_an_interview_whose_candidate_was_told_may_be_scored(scored):
    assert rights.may_be_scored(scored) is True
    assert scored.scoring_told_at == scored.started_at


def test_nobody_is_scored_who_was_not_told():
    session = services.start(session=SessionFactory())
    session.vacancy.uses_ai_scores = True
    session.vacancy.save()

    assert rights.may_be_scored(session) is False


def test_nobody_is_scored_where_the_vacancy_stopped_it(scored):
    scored.vacancy.uses_ai_scores = False

    assert rights.may_be_scored(scored) is False


def test_nobody_is_scored_who_took_the_consent_back(scored):
    rights.withdraw_consent(session=scored)

    scored.refresh_from_db()
    assert rights.may_be_scored(scored) is False


def test_whoever_says_no_at_the_start_is_not_scored(client):
    vacancy = VacancyFactory(questions=1, uses_ai_scores=True)
    session = SessionFactory(vacancy=vacancy)
    text = client.get(session.get_absolute_url()).text
    assert 'name="no_ai_scores"' in text

    client.post(page(session, "start"), {"no_ai_scores": "on"})

    session.refresh_from_db()
    assert session.scoring_declined_at == session.started_at
    assert rights.may_be_scored(session) is False


def test_a_mind_may_be_changed_and_each_time_is_kept(scored, client):
    for answer, is_allowed in (("refuse", False), ("allow", True), ("refuse", False)):
        response = client.post(page(scored, "scoring"), {answer: "1"}, follow=True)
        assert response.status_code == 200
        scored.refresh_from_db()
        assert rights.may_be_scored(scored) is is_allowed

    kinds = scored.events.exclude(kind="started").values_list("kind", flat=True)
    assert list(kinds) == ["scoring_declined", "scoring_allowed", "scoring_declined"]
    assert rights.choose_scoring(session=scored, allows=False) is False


def test_there_is_no_choice_where_no_ai_scores(client):
    session = services.start(session=SessionFactory())

    response = client.get(page(session, "scoring"))

    assert response.url == session.get_absolute_url()
    with pytest.raises(NotAvailable):
        rights.choose_scoring(session=session, allows=False)


def test_hr_sees_the_refusal(scored, hr_client):
    rights.choose_scoring(session=scored, allows=False)

    text = hr_client.get(
        reverse("admin:interviews_interviewsession_change", args=[scored.pk])
    ).text

    assert "The candidate said no" in text
    assert "must not count against" in text
