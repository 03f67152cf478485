"""Legal holds: placed and released by a person, in the log, and kept to."""

import pytest
from django.urls import reverse

from accounts.models import AuditEvent
from privacy import holds
from privacy.models import LegalHold
from tests.factories import SessionFactory, UserFactory

pytestmark = pytest.mark.django_db
ADD = "/admin/privacy/legalhold/add/"
LIST = "/admin/privacy/legalhold/"


@pytest.fixture
def session():
    return SessionFactory(candidate__name="Anna Petrova")


def placed(session, **fields):
    hold = LegalHold(session=session, reason="A dispute", **fields)
    return holds.place(hold=hold, user=UserFactory())


def test_a_hold_is_placed_and_the_log_says_so(hr_client, session):
    page = hr_client.post(ADD, {"session": session.pk, "reason": "A dispute"})

    hold = LegalHold.objects.get()
    assert page.status_code == 302
    assert (hold.session, hold.reason, hold.released_at) == (session, "A dispute", None)
    assert hold.placed_by.role == "administrator"
    line = AuditEvent.objects.get(action="held")
    assert line.detail == f"interview {session.pk}"
    assert line.vacancy_id == session.vacancy_id


def test_a_hold_is_of_one_thing(hr_client, session):
    page = hr_client.post(
        ADD,
        {"session": session.pk, "vacancy": session.vacancy_id, "reason": "A dispute"},
    )

    assert "Choose one" in page.content.decode()
    assert not LegalHold.objects.exists()


def test_it_is_released_once_and_the_log_says_so(hr_client, session):
    hold = placed(session)
    address = reverse("admin:privacy_legalhold_release", args=[hold.pk])

    assert hr_client.get(address).status_code == 405
    for _ in range(2):
        page = hr_client.post(address, follow=True)

    assert "It was released already." in page.content.decode()
    hold.refresh_from_db()
    assert hold.released_at
    assert AuditEvent.objects.filter(action="released").count() == 1


def test_its_page_tells_who_why_and_since_when(hr_client, session):
    hold = placed(session)

    page = hr_client.get(f"{LIST}{hold.pk}/change/").content.decode()

    for word in ("Anna Petrova", "A dispute", hold.placed_by.email, "Release"):
        assert word in page


def test_an_auditor_reads_and_releases_nothing(client, session):
    client.force_login(UserFactory(role="auditor"))
    hold = placed(session)

    assert client.get(LIST).status_code == 200
    assert client.get(ADD).status_code == 403
    address = reverse("admin:privacy_legalhold_release", args=[hold.pk])
    assert client.post(address).status_code == 403
    assert LegalHold.objects.standing().exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_as_much_for_many_as_for_one(
    hr_client, django_assert_num_queries, rows
):
    for _ in range(rows):
        placed(SessionFactory())

    with django_assert_num_queries(4):
        page = hr_client.get(LIST)

    assert page.context["cl"].result_count == rows
