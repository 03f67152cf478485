"""Inviting lists of people: every row's fate, and doing it once."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Role
from candidates.models import Candidate
from interviews import batches
from interviews.models import InterviewSession, InvitationBatch, Message
from interviews.people_lists import read_text
from tests.factories import (
    CandidateFactory,
    SessionFactory,
    UserFactory,
    VacancyFactory,
)
from tests.jobs import run_jobs
from tests.threads import race
from vacancies.models import Part, VacancyStatus

pytestmark = pytest.mark.django_db

LIST = "/admin/interviews/interviewsession/invite/list/"
SESSIONS = "/admin/interviews/interviewsession/"


@pytest.fixture(autouse=True)
def _mail_is_on(settings):
    settings.PUBLIC_URL = "https://portal.example"


@pytest.fixture
def recruiter():
    return UserFactory(is_staff=True, role=Role.RECRUITER)


@pytest.fixture
def vacancy(recruiter):
    vacancy = VacancyFactory(questions=1)
    vacancy.members.create(user=recruiter, part=Part.OWNER)
    return vacancy


@pytest.fixture
def client(client, recruiter):
    client.force_login(recruiter)
    return client


def keep(vacancy, user, text):
    return batches.keep(vacancy=vacancy, rows=read_text(text), user=user)


def fates(batch, user):
    return [(p.line, p.fate.value, p.note) for p in batches.preview(batch, user)]


def invite(batch, user, lines=range(1, 100), *, sends_mail=True):
    return batches.invite(batch=batch, user=user, lines=lines, sends_mail=sends_mail)


def preview_url(batch):
    return f"{LIST}{batch.pk}/"


# Fates


def test_every_row_has_its_fate(vacancy, recruiter):
    past = timezone.now() - timedelta(days=1)
    known = CandidateFactory(name="Anna", email="ANNA@example.com", added_by=recruiter)
    CandidateFactory(name="Stranger", email="hidden@example.com")
    SessionFactory(vacancy=vacancy, candidate__email="open@example.com")
    SessionFactory(
        vacancy=vacancy, candidate__email="late@example.com", expires_at=past
    )
    SessionFactory(
        vacancy=vacancy,
        candidate__email="done@example.com",
        started=True,
        started_at=past,
        finished_at=timezone.now(),
    )
    batch = keep(
        vacancy,
        recruiter,
        "name,email\nNew,new@example.com\nAnna P,anna@example.com\n"
        "Hidden,hidden@example.com\n,hidden@example.com\nOpen,open@example.com\n"
        "Late,late@example.com\nDone,done@example.com\nNew too,NEW@example.com\n"
        "Bad,bad\n,nobody@example.com\n,anna@example.com",
    )

    found = [(line, fate) for line, fate, _ in fates(batch, recruiter)]

    assert found == [
        (2, "new"),
        (3, "known"),
        (4, "new"),
        (5, "no_name"),
        (6, "invited"),
        (7, "again"),
        (8, "finished"),
        (9, "duplicate"),
        (10, "bad_email"),
        (11, "no_name"),
        (12, "duplicate"),
    ]
    notes = {line: note for line, _, note in fates(batch, recruiter)}
    assert (notes[3], notes[4], notes[9]) == (
        f"On file as {known.name}.",
        "",
        "As in line 2.",
    )


@pytest.mark.parametrize("rows", [1, 30])
def test_the_preview_has_constant_queries(
    vacancy, recruiter, django_assert_num_queries, rows
):
    lines = [f"Anna,anna{n}@example.com" for n in range(rows)]
    for n in range(rows):
        CandidateFactory(email=f"anna{n}@example.com")
    batch = keep(vacancy, recruiter, "\n".join(lines))

    with django_assert_num_queries(3):
        batches.preview(batch, recruiter)


# Inviting


def test_those_chosen_are_invited_and_written_to(vacancy, recruiter):
    known = CandidateFactory(name="Stored", email="known@example.com")
    batch = keep(
        vacancy,
        recruiter,
        "Anna,anna@example.com\nKnown,known@example.com\nNot,not@example.com",
    )

    mailed = invite(batch, recruiter, [1, 2])
    run_jobs()

    assert mailed == 2
    sessions = InterviewSession.objects.filter(vacancy=vacancy)
    assert {(s.candidate.name, s.candidate.added_by) for s in sessions} == {
        ("Anna", recruiter),
        # Known to others, and so by the name that they gave.
        (known.name, None),
    }
    assert {letter.to[0] for letter in mail.outbox} == {
        "anna@example.com",
        "known@example.com",
    }
    batch.refresh_from_db()
    assert (batch.invited, bool(batch.applied_at)) == (2, True)
    # Nobody's name is kept.
    assert sorted(batch.rows) == sorted(str(session.pk) for session in sessions)


def test_a_second_confirmation_does_nothing(vacancy, recruiter):
    batch = keep(vacancy, recruiter, "Anna,anna@example.com")

    results = [invite(batch, recruiter), invite(batch, recruiter)]

    assert results == [1, None]
    assert Message.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_confirmations_at_once_invite_once(vacancy, recruiter):
    batch = keep(vacancy, recruiter, "Anna,anna@example.com\nBoris,boris@example.com")

    results = race(
        lambda _: invite(batch, recruiter), lambda _: invite(batch, recruiter)
    )

    assert sorted(results, key=str) == [[2], [None]]
    assert (InterviewSession.objects.count(), Message.objects.count()) == (2, 2)


@pytest.mark.django_db(transaction=True)
def test_two_lists_with_the_same_people_do_not_wait_for_each_other(vacancy, recruiter):
    people = [f"Anna {n},anna{n}@example.com" for n in range(20)]
    lists = ["\n".join(people), "\n".join(reversed(people))]
    kept = [keep(vacancy, recruiter, text) for text in lists]

    race(*(lambda _, batch=batch: invite(batch, recruiter) for batch in kept))

    assert InterviewSession.objects.count() == 20
    assert Candidate.objects.count() == 20


@pytest.mark.parametrize("rows", [1, 30])
def test_inviting_has_constant_queries(
    vacancy, recruiter, django_assert_max_num_queries, rows
):
    lines = [f"Anna,anna{n}@example.com" for n in range(rows)]
    batch = keep(vacancy, recruiter, "\n".join(lines))

    with django_assert_max_num_queries(26):
        invite(batch, recruiter)


def test_lists_are_forgotten_after_a_day(vacancy, recruiter):
    old, new = (keep(vacancy, recruiter, "Anna,anna@example.com") for _ in range(2))
    a_day_ago = timezone.now() - timedelta(days=1)
    InvitationBatch.objects.filter(pk=old.pk).update(created_at=a_day_ago)

    batches.empty_old()

    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.rows, len(new.rows)) == ([], 1)


# The pages


def upload(client, vacancy, text):
    return client.post(LIST, {"vacancy": vacancy.pk, "text": text})


def test_a_list_goes_by_its_preview_to_its_links(client, vacancy):
    response = upload(client, vacancy, "Anna,anna@example.com\nBad,bad")
    page = client.get(response.url)
    assert "Nothing has been sent yet." in page.text
    assert 'name="line" value="1"' in page.text
    assert 'name="line" value="2"' not in page.text
    assert "Not an e-mail address" in page.text
    assert not InterviewSession.objects.exists()

    done = client.post(response.url, {"line": ["1"], "sends_mail": "on"}, follow=True)

    session = InterviewSession.objects.get()
    assert f"/interview/{session.pk}" in done.text
    assert "1 e-mail is on its way." in done.text
    kinds = AuditEvent.objects.filter(vacancy_id=vacancy.pk).values_list(
        "action", "detail"
    )
    assert {("invited", "interviews: 1"), ("mailed", "invitation: 1")} <= set(kinds)


def test_without_the_tick_nobody_is_written_to(client, vacancy):
    url = upload(client, vacancy, "Anna,anna@example.com").url

    client.post(url, {"line": ["1"]})

    assert InterviewSession.objects.count() == 1
    assert not Message.objects.exists()


def test_a_deadline_is_meant_in_the_zone_of_the_vacancy(client, vacancy):
    vacancy.time_zone = "Asia/Yekaterinburg"
    vacancy.save()
    url = upload(client, vacancy, "Anna,anna@example.com").url
    until = (timezone.now() + timedelta(days=5)).replace(hour=15, minute=0, second=0)

    page = client.get(url)
    client.post(url, {"line": ["1"], "expires_at": f"{until:%Y-%m-%dT%H:%M}"})

    assert "Yekaterinburg, GMT+5" in page.text
    kept = InterviewSession.objects.get().expires_at
    assert f"{kept:%Y-%m-%d %H:%M}" == f"{until:%Y-%m-%d} 10:00"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Choose at least one person."),
        ({"line": ["1"], "expires_at": "2020-01-01T10:00"}, "This moment is over"),
        ({"line": ["1"], "expires_at": "9999-12-31T23:59"}, "two years from now"),
        ({"line": ["1"], "expires_at": "soon"}, "Enter a valid date/time."),
    ],
)
def test_what_cannot_be_confirmed_is_said_and_nothing_is_lost(
    client, vacancy, fields, words
):
    url = upload(client, vacancy, "Anna,anna@example.com").url

    response = client.post(url, fields)

    assert words in response.text
    assert not InterviewSession.objects.exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": ""}, "The list is empty"),
        ({"text": "x" * 400_001}, "at most 400000"),
        ({"text": "\0"}, "Null characters are not allowed."),
    ],
)
def test_a_list_that_is_none_is_refused(client, vacancy, fields, words):
    response = client.post(LIST, {"vacancy": vacancy.pk} | fields)

    assert words in response.text
    assert not InvitationBatch.objects.exists()


def test_a_foreign_vacancy_or_a_template_is_not_invited_to(client, vacancy):
    foreign = VacancyFactory(title="Foreign")
    template = VacancyFactory(is_template=True, status=VacancyStatus.DRAFT)
    template.members.create(user_id=vacancy.members.get().user_id, part=Part.OWNER)

    for other in (foreign, template):
        response = upload(client, other, "Anna,anna@example.com")
        assert response.context["form"].errors["vacancy"]
    assert not InvitationBatch.objects.exists()


def test_a_list_is_its_uploader_s_alone(client, vacancy, recruiter):
    colleague = UserFactory(is_staff=True, role=Role.RECRUITER)
    vacancy.members.create(user=colleague, part=Part.OWNER)
    of_colleague = keep(vacancy, colleague, "Anna,anna@example.com")
    of_lost_vacancy = keep(VacancyFactory(), recruiter, "Anna,anna@example.com")

    for batch in (of_colleague, of_lost_vacancy):
        assert client.get(preview_url(batch)).status_code == 404
        assert client.post(preview_url(batch), {"line": ["1"]}).status_code == 404


def test_an_invisible_candidate_is_not_named(client, vacancy):
    CandidateFactory(name="Canary", email="hidden@example.com")

    page = client.get(upload(client, vacancy, "Anna,hidden@example.com").url)

    assert "Canary" not in page.text
    assert "New" in page.text


def test_names_are_text(client, vacancy):
    page = client.get(
        upload(client, vacancy, "<script>alert(1)</script>,anna@example.com").url
    )

    assert "<script>alert(1)" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


def test_outsiders_and_reviewers_invite_no_lists(client, vacancy):
    batch = keep(vacancy, vacancy.members.get().user, "Anna,anna@example.com")
    client.logout()
    for url in (LIST, preview_url(batch)):
        assert client.get(url).status_code == 302
    for role in (Role.REVIEWER, Role.AUDITOR):
        client.force_login(UserFactory(is_staff=True, role=role))
        for url in (LIST, preview_url(batch)):
            assert client.get(url).status_code == 403


def test_the_list_of_interviews_has_room_for_what_came_back(client, vacancy):
    session = SessionFactory(vacancy=vacancy)
    Message.objects.create(session=session, kind="invitation", state="bounced")
    fine = SessionFactory(vacancy=vacancy)
    Message.objects.create(session=fine, kind="invitation", state="sent")

    everybody = client.get(SESSIONS)
    bounced = client.get(SESSIONS, {"mail": "bounced"})

    assert everybody.text.count("Came back") > 1
    assert [row.pk for row in bounced.context["cl"].result_list] == [session.pk]
    assert (
        "Came back"
        in client.get(
            reverse("admin:interviews_interviewsession_change", args=[session.pk])
        ).text
    )
