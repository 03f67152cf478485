"""The candidate's pages."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from interviews.models import EventKind, InterviewProgress, InterviewSession
from interviews.tokens import cookie_name, mint_token
from tests.factories import (
    ConsentFactory,
    ProgressFactory,
    QuestionFactory,
    SessionFactory,
    VacancyFactory,
)
from vacancies.models import VacancyStatus

pytestmark = pytest.mark.django_db


@pytest.fixture
def in_browser(client):
    """Return the client as the browser in which the session was started."""

    def browser(session):
        client.cookies[cookie_name(session.pk)] = mint_token(session.pk)
        return client

    return browser


def url(name, session):
    return reverse(f"interviews:{name}", args=[session.pk])


def post_answer(client, session, question, text="An answer", **data):
    return client.post(
        url("answer", session), {"question": question.pk, "text": text} | data
    )


def content_policy(response):
    """Return the content security policy as directive: set of sources."""
    directives = response["Content-Security-Policy"].split(";")
    return {
        name: set(sources) for name, *sources in (part.split() for part in directives)
    }


# Each state has a page of its own


def soon():
    return timezone.now() + timedelta(days=1)


def past():
    return timezone.now() - timedelta(days=1)


STATES = {
    "invited": lambda: SessionFactory(),
    "not_open": lambda: SessionFactory(vacancy__status=VacancyStatus.DRAFT),
    "not_open later": lambda: SessionFactory(opens_at=soon()),
    "not_open empty": lambda: SessionFactory(vacancy=VacancyFactory()),
    "vacancy_closed": lambda: SessionFactory(vacancy__status=VacancyStatus.CLOSED),
    "declined": lambda: SessionFactory(consent=ConsentFactory(given=False)),
    "resume": lambda: SessionFactory(started=True),
    "finished": lambda: SessionFactory(started=True, finished_at=soon()),
    "cancelled": lambda: SessionFactory(cancelled_at=timezone.now()),
    "cancelled late": lambda: SessionFactory(started=True, cancelled_at=soon()),
    "expired": lambda: SessionFactory(expires_at=past()),
    "expired late": lambda: SessionFactory(started=True, expires_at=past()),
}


@pytest.mark.parametrize("state", STATES)
def test_session_detail_shows_the_page_of_the_state(client, state):
    session = STATES[state]()

    response = client.get(f"/interview/{session.pk}")

    assert response.status_code == 200
    assert response.templates[0].name == f"interviews/{state.split()[0]}.html"


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_page_speaks_the_language_of_the_vacancy(client, state, language):
    session = STATES[state]()
    session.vacancy.language = language
    session.vacancy.save()

    response = client.get(session.get_absolute_url(), headers={"accept-language": "de"})

    assert f'<html lang="{language}">' in response.content.decode()


@pytest.mark.parametrize(
    "path", ["00000000-0000-0000-0000-000000000000", "nonsense", "a/b"]
)
def test_unknown_link_has_a_page_of_its_own(client, path):
    response = client.get(f"/interview/{path}", headers={"accept-language": "ru"})

    assert response.status_code == 404
    assert "Эта ссылка никуда не ведёт" in response.content.decode()


def test_link_with_a_slash_too_many_is_led_right(client):
    session = SessionFactory()

    response = client.get(f"/interview/{session.pk}/")

    assert (response.status_code, response.url) == (302, session.get_absolute_url())


@pytest.mark.parametrize("state", [*STATES, "unknown"])
def test_pages_are_private(client, state):
    path = STATES[state]().get_absolute_url() if state in STATES else "/interview/x"

    response = client.get(path)

    assert response["Referrer-Policy"] == "same-origin"
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Permissions-Policy"].endswith("microphone=()")
    assert content_policy(response)["script-src"] == {"'self'"}
    assert content_policy(response)["style-src"] == {"'self'"}
    assert content_policy(response)["frame-ancestors"] == {"'none'"}


# Consent


def test_start_records_consent_freezes_the_script_and_enters_the_interview(client):
    session = SessionFactory()

    check = client.post(url("start", session), follow=True)
    response = client.get(session.get_absolute_url())

    session.refresh_from_db()
    assert check.templates[0].name == "interviews/check.html"
    assert response.templates[0].name == "interviews/question.html"
    assert session.consent.given
    assert session.consent.language == "en"
    assert len(session.consent.text_hash) == 64
    assert session.script.frozen().questions[0].text in response.content.decode()


def test_start_sets_a_cookie_that_scripts_cannot_read(client, settings):
    settings.HTTPS = True
    session = SessionFactory()

    response = client.post(url("start", session))

    cookie = response.cookies[cookie_name(session.pk)]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (
        True,
        True,
        "Lax",
    )


def test_opening_the_link_starts_nothing(client):
    session = SessionFactory()

    client.get(session.get_absolute_url())

    session.refresh_from_db()
    assert session.started_at is None
    assert not session.events.exists()


def test_decline_is_recorded_and_can_be_taken_back(client):
    session = SessionFactory()

    declined = client.post(url("decline", session), follow=True)
    started = client.post(url("start", session), follow=True)

    assert declined.templates[0].name == "interviews/declined.html"
    assert started.templates[0].name == "interviews/check.html"
    assert list(session.candidate.consents.values_list("given", flat=True)) == [
        False,
        True,
    ]
    assert list(session.events.values_list("kind", flat=True)) == [
        EventKind.DECLINED,
        EventKind.STARTED,
    ]


@pytest.mark.parametrize("state", sorted({*STATES} - {"invited", "declined", "resume"}))
def test_start_of_a_session_that_cannot_start_leads_to_its_page(client, state):
    session = STATES[state]()

    response = client.post(url("start", session), follow=True)

    assert response.templates[0].name == f"interviews/{state.split()[0]}.html"
    assert InterviewSession.objects.get(pk=session.pk).started_at == session.started_at


@pytest.mark.parametrize("name", ["start", "decline", "resume", "answer"])
def test_changes_need_a_post_with_a_csrf_token(client, name):
    session = SessionFactory()
    strict = type(client)(enforce_csrf_checks=True)

    assert client.get(url(name, session)).status_code == 405
    assert strict.post(url(name, session)).status_code == 403


# Answers


def test_answer_is_stored_and_leads_to_the_next_question(in_browser):
    session = SessionFactory(started=True)
    first, second, _ = session.vacancy.questions.all()

    response = in_browser(session).post(
        url("answer", session),
        {"question": first.pk, "text": "Да 🙂\r\nнет", "duration_ms": "1500"},
        follow=True,
    )

    [answer] = InterviewProgress.objects.values(
        "question", "answered", "answer_text", "duration_ms", "channel"
    )
    assert answer == {
        "question": first.pk,
        "answered": True,
        "answer_text": "Да 🙂\nнет",
        "duration_ms": 1500,
        "channel": "written",
    }
    assert second.text in response.content.decode()


def test_last_answer_finishes_the_interview(in_browser):
    session = SessionFactory(started=True)
    questions = session.vacancy.questions.all()

    for question in questions:
        response = post_answer(in_browser(session), session, question)

    session.refresh_from_db()
    assert session.finish_reason == "completed"
    assert in_browser(session).get(response.url).templates[0].name == (
        "interviews/finished.html"
    )


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 20_001, "a\0b"])
def test_answer_that_cannot_be_taken_is_explained_and_kept_on_the_page(
    in_browser, text
):
    session = SessionFactory(started=True)
    question = session.vacancy.questions.first()

    response = post_answer(in_browser(session), session, question, text)

    assert response.status_code == 422
    assert response.context["form"]["text"].errors
    assert response.context["form"]["text"].value() == text
    assert not InterviewProgress.objects.exists()


def test_error_in_an_old_tab_leads_to_the_question_of_now(in_browser):
    session = SessionFactory(started=True)
    first, second, _ = session.vacancy.questions.all()
    ProgressFactory(session=session, question=first)

    response = post_answer(in_browser(session), session, first, "")

    assert response.context["step"].question.id == second.pk
    assert response.context["form"].initial == {"question": second.pk}


def test_interview_cut_off_after_the_last_answer_finishes_at_the_next_visit(
    in_browser,
):
    session = SessionFactory(started=True)
    for question in session.vacancy.questions.all():
        ProgressFactory(session=session, question=question)

    response = in_browser(session).get(session.get_absolute_url(), follow=True)

    assert response.templates[0].name == "interviews/finished.html"


def test_optional_question_can_be_skipped(in_browser):
    session = SessionFactory(vacancy=VacancyFactory())
    question = QuestionFactory(vacancy=session.vacancy, order=1, required=False)
    client = in_browser(session)
    client.post(url("start", session))

    page = client.get(session.get_absolute_url())
    post_answer(client, session, question, "", skip="1")

    assert 'name="skip"' in page.content.decode()
    assert InterviewProgress.objects.get().answered is False


def test_required_question_cannot_be_skipped(in_browser):
    session = SessionFactory(started=True)
    question = session.vacancy.questions.first()

    response = post_answer(in_browser(session), session, question, "", skip="1")

    assert response.url == session.get_absolute_url()
    assert not InterviewProgress.objects.exists()


def test_answer_to_a_foreign_question_stores_nothing(in_browser):
    session, foreign = SessionFactory(started=True), QuestionFactory()

    response = post_answer(in_browser(session), session, foreign)

    assert response.url == session.get_absolute_url()
    assert not InterviewProgress.objects.exists()


def test_answer_from_a_browser_that_did_not_start_is_not_taken(client):
    session, other = SessionFactory(started=True), SessionFactory(started=True)
    client.cookies[cookie_name(session.pk)] = mint_token(other.pk)

    response = post_answer(client, session, session.vacancy.questions.first())

    assert response.url == session.get_absolute_url()
    assert not InterviewProgress.objects.exists()


@pytest.mark.parametrize("state", ["finished", "expired late", "cancelled late"])
def test_answer_after_the_end_leads_to_the_page_that_says_so(in_browser, state):
    session = STATES[state]()

    response = in_browser(session).post(
        url("answer", session),
        {"question": session.vacancy.questions.first().pk, "text": "late"},
        follow=True,
    )

    assert response.templates[0].name == f"interviews/{state.split()[0]}.html"
    assert not InterviewProgress.objects.exists()


def test_another_device_continues_at_the_first_unanswered_question(client):
    session = SessionFactory(started=True)
    first, second, _ = session.vacancy.questions.all()
    ProgressFactory(session=session, question=first)

    response = client.post(url("resume", session), follow=True)

    assert response.context["step"].question.id == second.pk
    assert session.events.get().kind == EventKind.RESUMED


# What a candidate must not see


def test_no_response_holds_a_question_that_was_not_asked(in_browser):
    session = SessionFactory(vacancy=VacancyFactory())
    for place in range(1, 5):
        QuestionFactory(vacancy=session.vacancy, order=place, text=f"canary-{place}-")
    client = in_browser(session)
    seen = [client.get(session.get_absolute_url())]

    seen.append(client.post(url("start", session), follow=True))
    seen += [client.get(url(page, session)) for page in ("practice", "session_detail")]
    asked = [
        {place for place in range(1, 5) if f"canary-{place}-" in everything(response)}
        for response in seen
    ]
    for question in session.vacancy.questions.all()[:3]:
        response = post_answer(client, session, question)
        page = client.get(response.url)
        asked.append(
            {
                place
                for place in range(1, 5)
                if f"canary-{place}-" in everything(response) + everything(page)
            }
        )

    assert asked == [set(), set(), set(), {1}, {2}, {3}, {4}]


@pytest.mark.parametrize("state", STATES)
def test_page_outside_the_interview_holds_no_question_at_all(client, state):
    session = STATES[state]()

    seen = everything(client.get(session.get_absolute_url()))

    assert not [q.text for q in session.vacancy.questions.all() if q.text in seen]


def everything(response):
    """Return all that reaches the browser: body, headers, cookies."""
    return f"{response.content.decode()}{response.headers}{response.cookies}"


def test_page_escapes_what_people_wrote(client):
    session = SessionFactory(
        candidate__name="<b>Ann</b>", vacancy__description="<script>x</script>"
    )

    page = client.get(session.get_absolute_url()).content.decode()

    assert "<b>Ann</b>" not in page
    assert "<script>x" not in page


@pytest.mark.parametrize("answer_count", [0, 2])
def test_question_page_has_constant_queries(
    in_browser, django_assert_num_queries, answer_count
):
    session = SessionFactory(started=True)
    for question in session.vacancy.questions.all()[:answer_count]:
        ProgressFactory(session=session, question=question)
    client = in_browser(session)
    client.get(session.get_absolute_url())

    with django_assert_num_queries(4):
        client.get(session.get_absolute_url())
