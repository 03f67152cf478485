"""The audit log as people read it."""

import csv
from io import StringIO

import pytest
from django.urls import reverse

from accounts.admin import audit
from accounts.audit import record
from accounts.models import AuditAction, AuditEvent, Role
from tests.factories import MemberFactory, SessionFactory, UserFactory
from vacancies.models import Part

pytestmark = pytest.mark.django_db

LIST = "/admin/accounts/auditevent/"


@pytest.fixture
def auditor(client):
    client.force_login(UserFactory(is_staff=True, role=Role.AUDITOR))
    return client


@pytest.fixture
def recruiter(client):
    """Return a client of a recruiter, and the vacancy that is theirs."""
    user = UserFactory(is_staff=True, role=Role.RECRUITER)
    vacancy = MemberFactory(user=user, part=Part.OWNER).vacancy
    client.force_login(user)
    return client, vacancy


def looked(session, **fields):
    record(AuditAction.VIEWED, session, user=UserFactory(**fields))


def shown(response):
    return [event.object_id for event in response.context["cl"].result_list]


@pytest.mark.parametrize("rows", [1, 3])
def test_list_has_constant_queries(auditor, django_assert_num_queries, rows):
    for session in SessionFactory.create_batch(rows):
        looked(session)

    with django_assert_num_queries(8):
        response = auditor.get(LIST)

    assert len(response.context["cl"].result_list) == rows + 1


def test_lines_name_what_they_are_about(auditor):
    session = SessionFactory(candidate__name="Анна Иванова")
    looked(session, email="boris@example.com")

    page = auditor.get(LIST).text

    url = reverse("admin:interviews_interviewsession_change", args=[session.pk])
    assert f'<a class="text-link" href="{url}">Анна Иванова</a>' in page
    assert "boris@example.com" in page
    assert "Looked at" in page


def test_what_was_erased_keeps_its_key(auditor):
    session = SessionFactory()
    looked(session)
    key = str(session.pk)
    session.delete()

    page = auditor.get(LIST).text

    assert key in page
    assert f"{key}/change/" not in page


def test_recruiter_reads_of_own_vacancies_alone(recruiter):
    client, vacancy = recruiter
    own, other = SessionFactory(vacancy=vacancy), SessionFactory()
    looked(own)
    looked(other)
    line = AuditEvent.objects.get(object_id=other.pk)

    assert shown(client.get(LIST)) == [str(own.pk)]
    assert client.get(f"{LIST}{line.pk}/change/").status_code == 404
    assert client.get(f"{LIST}log.csv").status_code == 403


def test_recruiter_who_rates_for_a_vacancy_reads_nothing_of_it(recruiter):
    client, _vacancy = recruiter
    session = SessionFactory()
    user = AuditEvent.objects.get(action="signed_in").actor_id
    MemberFactory(user_id=user, user=None, vacancy=session.vacancy)
    looked(session)

    assert shown(client.get(LIST)) == []


def test_reviewer_reads_no_log(client):
    client.force_login(UserFactory(is_staff=True, role=Role.REVIEWER))

    assert client.get(LIST).status_code == 403


def test_log_is_filtered(auditor):
    first, second = SessionFactory.create_batch(2)
    looked(first, email="anna@example.com")
    looked(second, email="boris@example.com")
    who = AuditEvent.objects.get(actor="boris@example.com").actor_id

    def found(**query):
        return shown(auditor.get(LIST, {"action__exact": "viewed"} | query))

    key = str(second.pk)
    assert found() == [key, str(first.pk)]
    assert found(who=who) == [key]
    assert found(q="BORIS@") == [key]
    assert found(q="example.com") == [key, str(first.pk)]
    assert found(q="nobody") == found(q="%") == []
    assert found(vacancy=second.vacancy_id) == [key]
    assert found(object_type__exact="interviews.interviewsession", object_id=key) == [
        key
    ]
    assert found(at_from="2001-01-01", at_to="2001-01-02") == []
    assert found(action__exact="deleted") == []
    assert found(who="x", vacancy="x") == [key, str(first.pk)]


def test_who_looked_is_a_link_on_the_interview(recruiter):
    client, vacancy = recruiter
    session = SessionFactory(vacancy=vacancy)
    page = reverse("admin:interviews_interviewsession_change", args=[session.pk])

    query = f"object_type__exact=interviews.interviewsession&amp;object_id__exact={session.pk}"
    assert f'href="{LIST}?{query}"' in client.get(page).text
    assert shown(client.get(f"{LIST}?{query.replace('&amp;', '&')}")) == [
        str(session.pk)
    ]


@pytest.mark.parametrize("verb", ["change", "delete"])
def test_nobody_changes_a_line(hr_client, verb):
    line = AuditEvent.objects.get()

    assert (
        hr_client.post(f"{LIST}{line.pk}/{verb}/", {"post": "yes"}).status_code == 403
    )
    assert hr_client.post(f"{LIST}add/").status_code == 403
    assert AuditEvent.objects.get(pk=line.pk)


def test_log_as_a_table_is_whole_in_any_number_of_portions(auditor, monkeypatch):
    monkeypatch.setattr(audit, "PORTION", 2)
    for number in range(5):
        record(AuditAction.VIEWED, actor=f"{number}")

    response = auditor.get(f"{LIST}log.csv")

    text = b"".join(response.streaming_content).decode("utf-8-sig")
    keys = [int(row["id"]) for row in csv.DictReader(StringIO(text))]
    assert keys == sorted(AuditEvent.objects.values_list("id", flat=True))
    assert len(keys) == 7


def test_log_as_a_table_runs_nothing(auditor):
    record(AuditAction.VIEWED, actor="=1+1", detail="opens_at, «да»")

    response = auditor.get(f"{LIST}log.csv")

    text = b"".join(response.streaming_content).decode("utf-8-sig")
    signed_in, row, exported = csv.DictReader(StringIO(text))
    assert (row["actor"], row["detail"]) == ("'=1+1", "opens_at, «да»")
    assert exported["action"] == "exported"
    assert signed_in["action"] == "signed_in"
