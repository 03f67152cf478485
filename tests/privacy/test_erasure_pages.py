"""Erasing in the admin: who may, what the page shows, and what comes of a yes."""

from datetime import timedelta

import pytest
from django.core.files.storage import storages
from django.utils import timezone

from candidates.models import Candidate
from interviews.models import InterviewSession
from privacy import erasing
from privacy.erasing import Order
from privacy.models import Cause, Erasure, ErasureStep, LegalHold
from tests.factories import (
    CandidateFactory,
    MemberFactory,
    RequestFactory,
    SessionFactory,
    UserFactory,
    VacancyFactory,
)

pytestmark = pytest.mark.django_db
LIST = "/admin/privacy/erasure/"
PERIODS = "/admin/privacy/erasure/periods/"


@pytest.fixture(autouse=True)
def _own_places(settings, tmp_path):
    settings.ERASURES_FILE = str(tmp_path / "erasures.log")
    assert storages["recordings"]


@pytest.fixture
def session():
    return SessionFactory(
        candidate__name="Anna Petrova",
        started=True,
        started_at=timezone.now() - timedelta(hours=1),
        finished_at=timezone.now(),
    )


def page_of(candidate):
    return f"/admin/candidates/candidate/{candidate.pk}/erase/"


def erased(session):
    order = Order(Cause.STAFF, user=UserFactory(), ends_open=True)
    return erasing.erase_person(candidate=session.candidate, order=order)


def test_the_page_shows_what_goes_and_changes_nothing(hr_client, session):
    page = hr_client.get(page_of(session.candidate))

    assert page.context["found"].rows == [
        ("interviews", 1),
        ("consents", 1),
        ("candidates", 1),
    ]
    assert Candidate.objects.count() == 1


def test_without_a_yes_nothing_goes(hr_client, session):
    page = hr_client.post(page_of(session.candidate))

    assert page.context["form"].errors.keys() == {"is_sure"}
    assert Candidate.objects.count() == 1


def test_after_a_yes_it_is_erased_and_no_message_names_anybody(hr_client, session):
    page = hr_client.post(page_of(session.candidate), {"is_sure": "on"}, follow=True)

    assert not Candidate.objects.exists()
    assert Erasure.objects.get().asked_by.role == "administrator"
    [message] = page.context["messages"]
    assert str(message).startswith("Erased.")
    assert hr_client.get(page_of(session.candidate)).status_code == 404


def test_an_open_interview_needs_a_yes_of_its_own(hr_client):
    candidate = SessionFactory().candidate

    page = hr_client.post(page_of(candidate), {"is_sure": "on"})
    assert page.context["form"].errors.keys() == {"ends_open"}

    hr_client.post(page_of(candidate), {"is_sure": "on", "ends_open": "on"})
    assert not InterviewSession.objects.exists()


def test_a_hold_is_shown_and_there_is_no_button(hr_client, session):
    LegalHold.objects.create(
        candidate=session.candidate, reason="A dispute", placed_by=UserFactory()
    )

    page = hr_client.get(page_of(session.candidate)).content.decode()
    assert "A dispute" in page
    assert "Erase now" not in page

    hr_client.post(page_of(session.candidate), {"is_sure": "on"})
    assert Candidate.objects.exists()


def test_a_request_leads_there_and_is_handled_by_it(hr_client, session):
    asked = RequestFactory(session=session)
    address = f"/admin/interviews/candidaterequest/{asked.pk}/change/"

    assert page_of(session.candidate) in hr_client.get(address).content.decode()
    hr_client.post(page_of(session.candidate), {"is_sure": "on"})

    erasure = Erasure.objects.get()
    assert (erasure.cause, erasure.requested_at) == (Cause.REQUEST, asked.created_at)
    assert hr_client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("role", "part", "status"),
    [
        ("recruiter", "owner", 200),
        ("recruiter", "reviewer", 403),
        ("recruiter", None, 404),
        ("reviewer", "reviewer", 403),
        ("auditor", None, 403),
    ],
)
def test_who_may(client, session, role, part, status):
    user = UserFactory(role=role)
    if part:
        MemberFactory(vacancy=session.vacancy, user=user, part=part)
    client.force_login(user)

    assert client.get(page_of(session.candidate)).status_code == status
    client.post(page_of(session.candidate), {"is_sure": "on"})
    assert Candidate.objects.exists() == (status != 200)


def test_a_recruiter_erases_nobody_who_is_anothers_too(client, session):
    user = UserFactory(role="recruiter")
    MemberFactory(vacancy=session.vacancy, user=user, part="owner")
    SessionFactory(candidate=session.candidate)
    client.force_login(user)

    assert client.get(page_of(session.candidate)).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_as_much_for_many_as_for_one(
    hr_client, django_assert_num_queries, rows
):
    for _ in range(rows):
        erased(SessionFactory())

    with django_assert_num_queries(4):
        page = hr_client.get(LIST)

    assert page.context["cl"].result_count == rows


def test_the_proof_is_found_by_the_address(hr_client):
    found = erased(SessionFactory(candidate__email="anna@example.com"))
    erased(SessionFactory())

    page = hr_client.get(LIST, {"q": "Anna@Example.com"})

    assert [one.pk for one in page.context["cl"].result_list] == [found.pk]


def test_the_proof_tells_what_is_still_to_go(hr_client):
    erasure = erased(SessionFactory())
    ErasureStep.objects.create(
        erasure=erasure, place="vendor", name="conv_1", problem="away", attempts=3
    )

    page = hr_client.get(f"{LIST}{erasure.pk}/change/").content.decode()

    for word in ("conv_1", "away", "On its way", "interview_session"):
        assert word in page


def test_the_first_page_tells_of_what_is_late(hr_client):
    erasure = erased(SessionFactory())
    erased(SessionFactory())
    old = timezone.now() - timedelta(hours=25)
    Erasure.objects.filter(pk=erasure.pk).update(erased_at=old)

    [problem] = hr_client.get("/admin/").context["problems"]

    assert (problem.number, problem.url) == ("1", f"{LIST}?state=overdue")
    [found] = hr_client.get(problem.url).context["cl"].result_list
    assert found.pk == erasure.pk


@pytest.mark.parametrize("rows", [1, 3])
def test_what_falls_due_asks_as_much_for_many_as_for_one(
    hr_client, django_assert_num_queries, rows
):
    for _ in range(rows):
        VacancyFactory(retention_days=10)

    with django_assert_num_queries(7):
        page = hr_client.get(PERIODS)

    assert len(page.context["vacancies"]) == rows


def test_a_reviewer_sees_no_proofs(client):
    client.force_login(UserFactory(role="reviewer"))
    CandidateFactory()

    for address in (LIST, PERIODS):
        assert client.get(address).status_code == 403
