"""POST /api/interview/{sessionId}/call/start: the candidate's click on "Start the call"."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache

from interviews.exceptions import NotAvailable
from interviews.models import EventKind
from interviews.tokens import cookie_name, mint_token, read_token
from interviews.turns import end_interview
from tests.factories import ConversationFactory, ProgressFactory, SessionFactory
from tests.interviews.api.conftest import CLOSED_STATES
from voice import admission, calls, provisioning
from voice.models import Call, CallStatus, Place
from voice.workspaces import default

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    return SessionFactory(started=True)


@pytest.fixture
def start(client):
    """Ask for a call as the candidate's page does."""

    def ask(session):
        client.cookies[cookie_name(session.pk)] = mint_token(session.pk)
        return client.post(
            f"/api/interview/{session.pk}/call/start",
            "{}",
            content_type="application/json",
        )

    return ask


def unavailable(response):
    assert response.status_code == 503
    assert response.json()["code"] == "voice_unavailable"
    assert not Place.objects.exists()


@pytest.mark.parametrize("place", ["field", "query"])
def test_call_is_bound_to_the_session_before_its_address_is_given(
    start, session, vendor, place
):
    vendor.conversation_id_in = place

    response = start(session)

    session.refresh_from_db()
    call = Call.objects.get()
    given = response.json()
    assert response.status_code == 200
    assert given["state"] == "ready"
    assert urlsplit(given["signedUrl"]).netloc == urlsplit(vendor.url).netloc
    assert session.conversation_id == call.pk == given["conversationId"]
    assert call.conversation.session == session
    assert call.status == CallStatus.OPEN
    assert list(session.events.values_list("kind", flat=True)) == [
        EventKind.CALL_STARTING
    ]
    variables = given["dynamicVariables"]
    assert variables["session_id"] == str(session.pk)
    assert read_token(variables["secret__session_token"]) == session.pk


def test_call_is_one_of_the_private_agent(start, session, vendor):
    response = start(session)

    query = parse_qs(urlsplit(response.json()["signedUrl"]).query)
    assert query["agent_id"] == list(vendor.agents)
    assert "conversation_signature" in query


def test_a_vendor_that_names_no_conversation_leaves_it_to_the_page(
    start, session, vendor
):
    vendor.conversation_id_in = "nowhere"
    session.conversation_id = "conv_before"
    session.save()

    response = start(session)

    session.refresh_from_db()
    assert response.status_code == 200
    assert session.conversation_id == response.json()["conversationId"] == ""
    assert not Call.objects.exists()


def test_starting_again_binds_the_new_call_and_welcomes_back(start, session, vendor):
    start(session)
    first = Call.objects.get().pk
    ProgressFactory(session=session)

    response = start(session)

    session.refresh_from_db()
    assert session.conversation_id not in {"", first}
    assert Call.objects.count() == 2
    assert response.json()["dynamicVariables"]["is_returning"] == "yes"


@pytest.mark.parametrize("state", CLOSED_STATES)
def test_no_call_without_an_interview_in_progress(start, state, vendor):
    before = len(vendor.requests)

    response = start(SessionFactory(**CLOSED_STATES[state]))

    assert response.status_code == 409
    assert len(vendor.requests) == before


def test_no_call_when_every_question_is_answered(start, session, vendor):
    for question in session.vacancy.questions.all():
        ProgressFactory(session=session, question=question)

    assert start(session).status_code == 409


def test_full_house_is_told_with_the_number_in_the_queue(
    start, session, vendor, settings
):
    settings.ELEVENLABS_MAX_CALLS = 1
    other = SessionFactory(started=True)
    admission.ask(other.pk)
    before = len(vendor.requests)

    waiting = start(session)
    admission.leave(other.pk)
    admitted = start(session)

    assert waiting.status_code == 202
    assert waiting.json() == {
        "state": "waiting",
        "position": 1,
        "retryAfterSeconds": 5,
    }
    assert admitted.json()["state"] == "ready"
    assert len([r for r in vendor.requests[before:] if "signed" in r[1]]) == 1


def test_the_end_of_a_call_frees_its_place(start, session, vendor, settings, client):
    settings.ELEVENLABS_MAX_CALLS = 1
    start(session)

    client.post(
        f"/api/interview/{session.pk}/call",
        {"event": "disconnected", "reason": "user"},
        content_type="application/json",
    )

    assert not Place.objects.exists()


def test_outage_is_told_and_takes_no_place(start, session, vendor, settings, caplog):
    settings.ELEVENLABS_MAX_CALLS = 1
    vendor.faults.outage = True

    response = start(session)

    unavailable(response)
    session.refresh_from_db()
    assert session.conversation_id == ""
    [record] = [line for line in caplog.records if line.name == "parley.voice"]
    assert record.getMessage() == "no call could be started"
    assert "503" in record.problem


def test_nobody_waits_again_for_a_vendor_that_was_away_a_moment_ago(
    start, session, vendor
):
    vendor.faults.outage = True
    start(session)
    asked = len(vendor.requests)

    response = start(session)

    unavailable(response)
    assert len(vendor.requests) == asked


def test_portal_without_an_agent_says_so(start, session, vendor):
    vendor.agents.clear()

    unavailable(start(session))


def test_agent_that_was_made_anew_is_found(start, session, vendor):
    cache.set(provisioning.agent_id_key(default()), "agent_of_before", 60)

    response = start(session)

    query = parse_qs(urlsplit(response.json()["signedUrl"]).query)
    assert query["agent_id"] == list(vendor.agents)


def test_address_that_the_page_may_not_reach_is_refused(
    start, session, vendor, monkeypatch
):
    address = calls.SignedAddress("wss://elsewhere.example/call", "conv_1")
    monkeypatch.setattr(calls, "sign", lambda workspace: address)

    unavailable(start(session))


def test_conversation_of_another_session_is_never_taken_over(
    start, session, vendor, monkeypatch
):
    theirs = ConversationFactory(id="conv_1")
    host = urlsplit(vendor.url).netloc
    address = calls.SignedAddress(f"ws://{host}/call", "conv_1")
    monkeypatch.setattr(calls, "sign", lambda workspace: address)

    unavailable(start(session))

    theirs.refresh_from_db()
    session.refresh_from_db()
    assert theirs.session != session
    assert session.conversation_id == ""


def test_interview_that_ends_meanwhile_takes_no_place(
    session, vendor, settings, monkeypatch
):
    settings.ELEVENLABS_MAX_CALLS = 1
    signed = calls.sign

    def slow_sign(workspace):
        end_interview(session.pk, reason="completed")
        return signed(workspace)

    monkeypatch.setattr(calls, "sign", slow_sign)

    with pytest.raises(NotAvailable):
        calls.start_call(session)

    assert not Place.objects.exists()
    assert not Call.objects.exists()


def test_start_is_the_candidates_alone(client, session, agent_headers):
    response = client.post(
        f"/api/interview/{session.pk}/call/start", headers=agent_headers(session)
    )

    assert response.status_code == 401
    assert not session.events.exists()


@pytest.mark.parametrize(("max_calls", "statements"), [(1, 2), (0, 1)])
def test_sign_of_life_costs_a_statement_and_one_for_a_counted_place(
    start,
    session,
    vendor,
    settings,
    client,
    django_assert_num_queries,
    max_calls,
    statements,
):
    """Of ten thousand calls one reports every few milliseconds, and none waits for another."""
    settings.ELEVENLABS_MAX_CALLS = max_calls
    conversation_id = start(session).json()["conversationId"]

    with django_assert_num_queries(statements) as asked:
        response = client.post(
            f"/api/interview/{session.pk}/call",
            {"event": "alive", "conversationId": conversation_id},
            content_type="application/json",
        )

    assert response.status_code == 200
    read, *renewed = [query["sql"] for query in asked.captured_queries]
    assert read.startswith("SELECT")
    assert "JOIN" not in read
    assert "FOR UPDATE" not in read
    assert all(sql.startswith('UPDATE "voice_place"') for sql in renewed)
