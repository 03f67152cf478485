"""What HR sees of candidates' requests and ratings."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Role
from interviews.models import CandidateRequest
from interviews.requests import handle
from tests.factories import (
    CandidateFactory,
    MemberFactory,
    RequestFactory,
    SessionFactory,
    UserFactory,
    VacancyFactory,
)
from tests.interviews.api.conftest import A_DAY_LATER, LONG_AGO
from vacancies.models import Part

pytestmark = pytest.mark.django_db

LIST = "/admin/interviews/candidaterequest/"
HOSTILE = "<script>alert(1)</script>{{ 7 }}"


def change_url(asked):
    return f"{LIST}{asked.pk}/change/"


def session_url(session):
    return reverse("admin:interviews_interviewsession_change", args=[session.pk])


@pytest.fixture
def client_of(client):
    """Return a function that signs in somebody of a role, and a part in a vacancy."""

    def signed_in(role, vacancy=None, part=Part.OWNER):
        user = UserFactory(is_staff=True, role=role)
        if vacancy:
            MemberFactory(user=user, vacancy=vacancy, part=part)
        client.force_login(user)
        return client

    return signed_in


def make(name="", **fields):
    session = SessionFactory(started=True, candidate__name=name or "Anna")
    return RequestFactory(session=session, **fields)


# The list


@pytest.mark.parametrize("rows", [1, 3])
def test_list_has_constant_queries(hr_client, django_assert_num_queries, rows):
    for _ in range(rows):
        make()

    with django_assert_num_queries(6):
        response = hr_client.get(LIST)

    assert response.context["cl"].result_count == rows


def test_the_list_begins_with_the_open_ones_that_wait_longest(hr_client):
    user = UserFactory()
    for name, days, is_handled in [
        ("new", 0, False),
        ("old", 5, False),
        ("done first", 9, True),
        ("done last", 8, True),
    ]:
        asked = make(name)
        moment = timezone.now() - timedelta(days=days)
        CandidateRequest.objects.filter(pk=asked.pk).update(created_at=moment)
        if is_handled:
            handle(asked=asked, user=user, note="Done")

    response = hr_client.get(LIST)

    names = [row.session.candidate.name for row in response.context["cl"].result_list]
    assert names == ["old", "new", "done last", "done first"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"state": "open"}, {"open", "review"}),
        ({"state": "handled"}, {"handled"}),
        ({"state": "nonsense"}, {"open", "review", "handled"}),
        ({"kind__exact": "human_review"}, {"review"}),
        ({"q": "REVIEW"}, {"review"}),
        ({"q": "повар"}, set()),
    ],
)
def test_the_list_is_filtered_and_searched(hr_client, query, found):
    make("open")
    make("review", kind="human_review")
    handle(asked=make("handled"), user=UserFactory(), note="Done")

    response = hr_client.get(LIST, query)

    shown = response.context["cl"].result_list
    assert {asked.session.candidate.name for asked in shown} == found


# The page of a request


def test_the_page_shows_the_request_as_plain_text(hr_client):
    asked = RequestFactory(
        message=f"Привет 🙏 {HOSTILE}",
        session=SessionFactory(
            candidate=CandidateFactory(name="Анна", email="anna@example.com"),
            vacancy=VacancyFactory(title="Повар"),
        ),
    )

    response = hr_client.get(change_url(asked))

    for text in ("Анна", "anna@example.com", "Повар", session_url(asked.session)):
        assert text in response.text
    assert "Привет 🙏 &lt;script&gt;alert(1)&lt;/script&gt;{{ 7 }}" in response.text
    assert HOSTILE not in response.text
    assert f"Request {asked.pk}" not in response.text


def test_a_request_is_marked_as_handled_by_whoever_says_what_was_done(client):
    user = UserFactory(hr=True)
    client.force_login(user)
    asked = make(message="Please")

    response = client.post(change_url(asked), {"note": "Called"}, follow=True)

    asked.refresh_from_db()
    assert (asked.handled_by, asked.note, asked.message) == (user, "Called", "Please")
    assert asked.handled_at is not None
    assert response.redirect_chain == [(LIST, 302)]
    assert "Marked as handled." in response.text


@pytest.mark.parametrize("note", ["", "  ", "x" * 5001, "a\x00b"])
def test_a_request_is_not_handled_without_words(hr_client, note):
    asked = make()

    response = hr_client.post(change_url(asked), {"note": note})

    asked.refresh_from_db()
    assert response.status_code == 200
    assert "note" in response.context["adminform"].form.errors
    assert (asked.handled_at, asked.note) == (None, "")


def test_only_the_note_can_be_written(hr_client):
    asked = make(message="Please")

    hr_client.post(
        change_url(asked), {"note": "Done", "message": "Forged", "kind": "another_way"}
    )

    asked.refresh_from_db()
    assert (asked.message, asked.kind) == ("Please", "erasure")


def test_what_was_handled_stays_as_it_is(hr_client):
    asked = make()
    handle(asked=asked, user=UserFactory(email="boris@example.com"), note="Called")

    page = hr_client.get(change_url(asked))
    response = hr_client.post(change_url(asked), {"note": "Forged"})

    asked.refresh_from_db()
    assert response.status_code == 403
    assert asked.note == "Called"
    assert "Called" in page.text
    assert "boris@example.com" in page.text
    assert "<textarea" not in page.text


def test_requests_are_neither_added_nor_deleted(hr_client):
    asked = make()

    statuses = [
        hr_client.get(path).status_code
        for path in (f"{LIST}add/", f"{LIST}{asked.pk}/delete/")
    ]

    assert statuses == [403, 403]


# Rights


@pytest.mark.parametrize(
    ("role", "part", "statuses"),
    [
        (Role.REVIEWER, Part.REVIEWER, (403, 403, 403)),
        (Role.AUDITOR, None, (200, 200, 403)),
        (Role.RECRUITER, Part.OWNER, (200, 200, 302)),
        # Who only rates for this vacancy deals with none of its requests.
        (Role.RECRUITER, Part.REVIEWER, (200, 200, 403)),
        (Role.RECRUITER, None, (200, 404, 404)),
    ],
)
def test_role_and_part_say_who_sees_and_who_handles(client_of, role, part, statuses):
    asked = make()
    client = client_of(role, part and asked.session.vacancy, part)

    got = (
        client.get(LIST).status_code,
        client.get(change_url(asked)).status_code,
        client.post(change_url(asked), {"note": "Done"}).status_code,
    )

    asked.refresh_from_db()
    assert got == statuses
    assert bool(asked.handled_at) == (statuses[-1] == 302)


@pytest.mark.parametrize(
    ("role", "part"), [(Role.RECRUITER, Part.OWNER), (Role.REVIEWER, Part.REVIEWER)]
)
def test_requests_are_shown_elsewhere_to_those_who_may_see_them(client_of, role, part):
    asked = make()
    client = client_of(role, asked.session.vacancy, part)
    may_see = role == Role.RECRUITER

    interview, home = client.get(session_url(asked.session)), client.get("/admin/")

    assert (change_url(asked) in interview.text) == may_see
    assert (f"{LIST}?state=open" in home.text) == may_see
    assert (f'href="{LIST}"' in home.text) == may_see


def test_handling_is_a_line_of_the_log(client_of):
    asked = make()
    client = client_of(Role.RECRUITER, asked.session.vacancy)

    client.get(change_url(asked))
    client.post(change_url(asked), {"note": "Done"})

    lines = AuditEvent.objects.filter(object_id=asked.pk).order_by("pk")
    assert list(lines.values_list("action", "vacancy_id", "detail")) == [
        ("viewed", asked.session.vacancy_id, ""),
        ("changed", asked.session.vacancy_id, "What was done"),
    ]


# The interview's page and the first page


def test_the_interview_lists_its_requests_in_constant_queries(hr_client):
    session, user = SessionFactory(started=True), UserFactory()
    RequestFactory()
    hr_client.get(session_url(session))
    queries, shown = [], []

    for _ in range(3):
        handle(asked=RequestFactory(session=session), user=user, note="Done")
        with CaptureQueriesContext(connection) as captured:
            response = hr_client.get(session_url(session))
        queries.append(len(captured))
        shown.append(len(response.context["requests"]))

    assert queries == queries[:1] * 3
    assert shown == [1, 2, 3]


def test_the_interview_shows_its_rating(hr_client):
    session = SessionFactory(
        started=True, started_at=LONG_AGO, finished_at=A_DAY_LATER, rating=4
    )

    response = hr_client.get(session_url(session))

    assert "The candidate’s rating of the interview" in response.text
    assert "<dd>4 of 5</dd>" in response.text


def test_an_interview_without_rating_or_requests_shows_none(hr_client):
    session = SessionFactory(started=True)

    response = hr_client.get(session_url(session))

    assert "rating of the interview" not in response.text
    assert 'id="requests"' not in response.text


def test_the_rating_is_not_in_the_list(hr_client):
    SessionFactory(started=True, started_at=LONG_AGO, finished_at=A_DAY_LATER, rating=4)

    response = hr_client.get(reverse("admin:interviews_interviewsession_changelist"))

    assert "rating" not in response.text
