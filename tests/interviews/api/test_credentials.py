"""Who may call the session endpoints: the agent, or the candidate's own browser."""

import json
from uuid import uuid4

import pytest
from django.core.signing import Signer

from interviews import tokens
from interviews.models import Channel, InterviewProgress, InterviewSession
from interviews.tokens import cookie_name, mint_token
from tests.factories import SessionFactory
from tests.interviews.api.conftest import CheckedClient

pytestmark = pytest.mark.django_db

FORGED = "11111111111111111111111111111111:forged-signature"
WRONG = {
    "code": "authentication_failed",
    "detail": "Send the agent key and the session token.",
}
ABSENT = {
    "code": "not_authenticated",
    "detail": "Authentication credentials were not provided.",
}
NOT_FOUND = {"code": "not_found", "detail": "Not found."}
CSRF = "c" * 32


@pytest.fixture(params=["next", "answer", "end"])
def call(client, request):
    """Call one of the endpoints with the headers given, on behalf of a session."""

    def call(session_id, headers):
        if request.param == "next":
            return client.get(f"/api/interview/{session_id}/next", headers=headers)
        return client.post(
            f"/api/interview/{session_id}/{request.param}",
            {"questionId": 1, "answerText": "a"} if request.param == "answer" else {},
            content_type="application/json",
            headers=headers,
        )

    return call


def nothing_changed(session):
    row = InterviewSession.objects.filter(pk=session.pk, finished_at=None)
    return row.exists() and not InterviewProgress.objects.exists()


def test_call_without_credentials_is_refused(call, session, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = call(session.pk, {})

    assert response.status_code == 401
    assert response.json() == ABSENT
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert nothing_changed(session)


@pytest.mark.parametrize(
    "change",
    [
        {"authorization": "Bearer wrong"},
        {"authorization": "Bearer "},
        {"authorization": "Bearer"},
        {"authorization": "Bearer ключ"},
        {"x-session-token": ""},
        {"x-session-token": FORGED},
        {"x-session-token": "nonsense"},
        {"x-session-token": ":"},
        {"x-session-token": "\udcff:\udcff"},
    ],
)
def test_call_with_wrong_credentials_is_refused(
    call, session, agent_headers, django_assert_num_queries, change
):
    with django_assert_num_queries(0):
        response = call(session.pk, agent_headers(session) | change)

    assert response.status_code == 401
    assert response.json() == WRONG
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert nothing_changed(session)


def test_agent_key_alone_is_refused(
    call, session, agent_headers, django_assert_num_queries
):
    headers = {"authorization": agent_headers(session)["authorization"]}

    with django_assert_num_queries(0):
        response = call(session.pk, headers)

    assert response.status_code == 401
    assert response.json() == WRONG
    assert nothing_changed(session)


@pytest.mark.parametrize("authorization", ["", "Basic dXNlcjpwYXNz", "Token {key}"])
def test_another_scheme_of_authorization_counts_as_none(
    call, session, agent_headers, settings, authorization
):
    given = authorization.format(key=settings.AGENT_API_KEY)

    response = call(session.pk, agent_headers(session, authorization=given))

    assert response.status_code == 401
    assert response.json() == ABSENT


def test_empty_previous_key_opens_nothing(call, session, agent_headers, settings):
    settings.AGENT_API_KEY_PREVIOUS = ""

    response = call(session.pk, agent_headers(session, authorization="Bearer "))

    assert response.status_code == 401
    assert response.json() == WRONG


def test_session_token_alone_in_a_header_is_refused(call, session, agent_headers):
    headers = {"x-session-token": agent_headers(session)["x-session-token"]}

    response = call(session.pk, headers)

    assert response.status_code == 401
    assert response.json() == ABSENT


def test_another_session_is_not_found_and_not_looked_up(
    call, session, agent_headers, django_assert_num_queries, caplog
):
    other = SessionFactory(started=True)

    with django_assert_num_queries(0):
        response = call(other.pk, agent_headers(session))

    assert response.status_code == 404
    assert response.json() == NOT_FOUND
    assert nothing_changed(other)
    assert warnings(caplog) == ["call for another session"]


def warnings(caplog):
    return [
        line.getMessage() for line in caplog.records if line.name == "parley.security"
    ]


def test_unknown_session_answers_like_another_callers(call, session, agent_headers):
    unknown = InterviewSession(pk=uuid4())

    foreign = call(session.pk, agent_headers(unknown))
    missing = call(unknown.pk, agent_headers(unknown))

    assert missing.status_code == foreign.status_code == 404
    assert missing.json() == foreign.json() == NOT_FOUND
    assert headers_but_the_id(missing) == headers_but_the_id(foreign)


def headers_but_the_id(response):
    return {name: value for name, value in response.items() if name != "X-Request-Id"}


def test_call_that_was_replaced_is_not_found(call, session, agent_headers, caplog):
    InterviewSession.objects.update(conversation_id="conv_new")
    headers = agent_headers(session) | {"x-conversation-id": "conv_old"}

    response = call(session.pk, headers)

    assert response.status_code == 404
    assert response.json() == NOT_FOUND
    assert nothing_changed(session)
    assert warnings(caplog)[-1] == "call for a session that another conversation holds"


@pytest.mark.parametrize("conversation_id", ["conv_new", ""])
def test_next_of_the_call_in_hand_is_accepted(
    client, session, agent_headers, conversation_id
):
    InterviewSession.objects.update(conversation_id="conv_new")
    headers = agent_headers(session) | {"x-conversation-id": conversation_id}

    response = client.get(f"/api/interview/{session.pk}/next", headers=headers)

    assert response.status_code == 200


@pytest.mark.parametrize("key", ["the-new-key", "the-old-key"])
def test_both_agent_keys_are_valid_during_a_rotation(
    client, session, agent_headers, settings, key
):
    settings.AGENT_API_KEY = "the-new-key"
    settings.AGENT_API_KEY_PREVIOUS = "the-old-key"
    headers = agent_headers(session) | {"authorization": f"bearer {key}"}

    response = client.get(f"/api/interview/{session.pk}/next", headers=headers)

    assert response.status_code == 200


@pytest.fixture
def sign_anew(settings):
    """Change the signing key in the middle, as a restart with another one does."""

    def change(**keys):
        tokens.signer.cache_clear()
        for name, value in keys.items():
            setattr(settings, name, value)

    yield change
    tokens.signer.cache_clear()


def test_token_of_a_fallback_key_is_valid(client, session, agent_headers, sign_anew):
    sign_anew(SECRET_KEY="old-" * 20)
    headers = agent_headers(session)
    sign_anew(SECRET_KEY="new-" * 20, SECRET_KEY_FALLBACKS=["old-" * 20])

    response = client.get(f"/api/interview/{session.pk}/next", headers=headers)

    assert response.status_code == 200


def test_token_of_a_dropped_key_is_refused(call, session, agent_headers, sign_anew):
    sign_anew(SECRET_KEY="old-" * 20)
    headers = agent_headers(session)
    sign_anew(SECRET_KEY="new-" * 20, SECRET_KEY_FALLBACKS=[])

    response = call(session.pk, headers)

    assert response.status_code == 401
    assert response.json() == WRONG


def test_token_signed_for_another_purpose_is_refused(call, session, agent_headers):
    token = Signer(salt="something-else").sign(session.pk.hex)

    response = call(session.pk, agent_headers(session) | {"x-session-token": token})

    assert response.status_code == 401
    assert response.json() == WRONG


@pytest.fixture
def candidate_browser(session):
    """A candidate's browser that checks CSRF as a real one makes the portal do."""
    client = CheckedClient(enforce_csrf_checks=True)
    client.cookies[cookie_name(session.pk)] = mint_token(session.pk)
    client.cookies["csrftoken"] = CSRF
    return client


def post_answer(client, session, headers):
    return client.post(
        f"/api/interview/{session.pk}/answer",
        {"questionId": session.vacancy.questions.first().pk, "answerText": "a"},
        content_type="application/json",
        headers=headers,
    )


def test_browser_reads_with_its_cookie_alone(
    candidate_browser, session, django_assert_num_queries
):
    candidate_browser.get(f"/api/interview/{session.pk}/next")

    with django_assert_num_queries(1):
        response = candidate_browser.get(f"/api/interview/{session.pk}/next")

    assert response.status_code == 200
    assert response.json()["position"] == 1


def test_browser_behind_a_proxy_with_a_login_of_its_own_is_let_in(
    candidate_browser, session
):
    response = candidate_browser.get(
        f"/api/interview/{session.pk}/next",
        headers={"authorization": "Basic dXNlcjpwYXNz"},
    )

    assert response.status_code == 200


def test_browser_answers_with_its_csrf_token(candidate_browser, session):
    response = post_answer(candidate_browser, session, {"x-csrftoken": CSRF})

    assert response.status_code == 200
    assert list(InterviewProgress.objects.values_list("channel", "answer_text")) == [
        (Channel.WRITTEN, "a")
    ]


def test_browser_ends_with_its_csrf_token(candidate_browser, session):
    response = candidate_browser.post(
        f"/api/interview/{session.pk}/end", headers={"x-csrftoken": CSRF}
    )

    assert response.status_code == 200
    assert not nothing_changed(session)


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "CSRF token missing."),
        (
            {"x-csrftoken": "x" * 32},
            "CSRF token from the 'X-Csrftoken' HTTP header incorrect.",
        ),
        (
            {"x-csrftoken": CSRF, "origin": "https://elsewhere.example"},
            "Origin checking failed - https://elsewhere.example does not match any "
            "trusted origins.",
        ),
    ],
)
@pytest.mark.parametrize("action", ["answer", "end"])
def test_browser_without_its_csrf_token_changes_nothing(
    candidate_browser, session, django_assert_num_queries, headers, reason, action
):
    with django_assert_num_queries(0):
        response = candidate_browser.post(
            f"/api/interview/{session.pk}/{action}",
            json.dumps({"questionId": 1, "answerText": "a"}),
            content_type="application/json",
            headers=headers,
        )

    assert response.status_code == 403
    assert response.json() == {
        "code": "permission_denied",
        "detail": f"CSRF check failed: {reason}",
    }
    assert nothing_changed(session)


def test_cookie_of_another_session_opens_nothing(
    candidate_browser, session, django_assert_num_queries
):
    other = SessionFactory(started=True)

    with django_assert_num_queries(0):
        response = candidate_browser.get(f"/api/interview/{other.pk}/next")

    assert response.status_code == 401
    assert response.json() == ABSENT


def test_token_of_another_session_in_the_right_cookie_is_not_found(
    candidate_browser, session, django_assert_num_queries
):
    other = SessionFactory(started=True)
    candidate_browser.cookies[cookie_name(other.pk)] = mint_token(session.pk)

    with django_assert_num_queries(0):
        response = candidate_browser.get(f"/api/interview/{other.pk}/next")

    assert response.status_code == 404
    assert response.json() == NOT_FOUND


def test_forged_cookie_is_refused(
    candidate_browser, session, django_assert_num_queries
):
    candidate_browser.cookies[cookie_name(session.pk)] = FORGED

    with django_assert_num_queries(0):
        response = candidate_browser.get(f"/api/interview/{session.pk}/next")

    assert response.status_code == 401
    assert response.json() == {
        "code": "authentication_failed",
        "detail": "Open the interview's link again.",
    }


def test_signed_in_hr_staff_have_no_way_in(hr_client, session):
    response = hr_client.get(f"/api/interview/{session.pk}/next")

    assert response.status_code == 401
    assert response.json() == ABSENT


def test_credentials_are_checked_before_the_body(client, session):
    response = client.post(
        f"/api/interview/{session.pk}/answer",
        b"x" * 100_000,
        content_type="application/json",
    )

    assert response.status_code == 401
    assert response.json() == ABSENT
