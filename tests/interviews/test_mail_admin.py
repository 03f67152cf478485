"""E-mails in the admin: their wording, their list, sending, deadlines, cancelling."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Role
from interviews.models import EmailTemplate, EventKind, InterviewSession, Message
from tests.factories import SessionFactory, UserFactory, VacancyFactory
from tests.jobs import run_jobs
from vacancies.models import Part

pytestmark = pytest.mark.django_db

MAILS = "/admin/interviews/message/"
WORDINGS = "/admin/interviews/emailtemplate/"
INVITATION = f"{WORDINGS}invitation/ru/"
SESSIONS = "/admin/interviews/interviewsession/"


@pytest.fixture(autouse=True)
def _mail_is_on(settings):
    settings.PUBLIC_URL = "https://portal.example"


@pytest.fixture
def recruiter():
    return UserFactory(is_staff=True, role=Role.RECRUITER)


@pytest.fixture
def session(recruiter):
    vacancy = VacancyFactory(questions=1)
    vacancy.members.create(user=recruiter, part=Part.OWNER)
    return SessionFactory(vacancy=vacancy)


@pytest.fixture
def recruiter_client(client, recruiter):
    client.force_login(recruiter)
    return client


def url(session, name):
    return reverse(f"admin:interviews_interviewsession_{name}", args=[session.pk])


def typed(moment):
    return f"{moment:%Y-%m-%dT%H:%M}"


def audited(session):
    rows = AuditEvent.objects.filter(vacancy_id=session.vacancy_id)
    return set(rows.values_list("action", "detail"))


# The wording


def test_every_letter_is_listed_in_every_language(hr_client):
    EmailTemplate.objects.create(
        kind="invitation", language="ru", subject="Привет", body="{link}"
    )

    page = hr_client.get(WORDINGS).text

    assert page.count("Your own wording") == 1
    assert page.count("The portal’s wording") == 9
    assert "Привет" in page


def test_a_wording_is_kept_and_taken_back(hr_client):
    wording = {"subject": "Здравствуйте, {name}", "body": "Вот: {link}"}

    hr_client.post(INVITATION, wording | {"save": "yes"})
    kept = EmailTemplate.objects.values("kind", "language", "subject", "body").get()
    page = hr_client.get(INVITATION).text
    hr_client.post(INVITATION, {"default": "yes"})

    assert kept == {"kind": "invitation", "language": "ru"} | wording
    assert "Вот: {link}" in page
    assert not EmailTemplate.objects.exists()
    log = AuditEvent.objects.filter(object_type="interviews.emailtemplate")
    assert (
        list(log.values_list("action", "detail")) == [("changed", "invitation ru")] * 2
    )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"body": "Come!"}, "Put {link} where"),
        (
            {"body": "{link} {salary} {Name}"},
            "There is no placeholder {salary}, {Name}.",
        ),
        ({"subject": "{link}} {oops}"}, "There is no placeholder {oops}."),
        ({"subject": "One\nTwo"}, "one line of plain text"),
        ({"subject": ""}, "This field is required."),
    ],
)
def test_a_wording_that_would_fail_is_refused(hr_client, fields, words):
    wording = {"subject": "Hello", "body": "{link}", "save": "yes"}

    response = hr_client.post(INVITATION, wording | fields)

    assert words in response.text
    assert not EmailTemplate.objects.exists()


def test_a_cancellation_needs_no_link(hr_client):
    wording = {"subject": "Sorry {", "body": "It is off. {} }{", "save": "yes"}

    hr_client.post(f"{WORDINGS}cancelled/en/", wording)

    assert EmailTemplate.objects.get().body == "It is off. {} }{"


def test_the_preview_is_what_would_be_sent(hr_client):
    wording = {"subject": "Hi <b>", "body": "{name}: {vacancy}\n\n{link}"}

    good = hr_client.post(f"{WORDINGS}invitation/en/preview/", wording).text
    bad = hr_client.post(
        f"{WORDINGS}invitation/en/preview/", wording | {"body": "no"}
    ).text

    assert "Anna Petrova: Baker" in good
    assert "Hi &lt;b&gt;" in good
    assert "To the interview" in good
    assert "Put {link} where" in bad
    assert not EmailTemplate.objects.exists()


def test_only_administrators_change_the_wording(recruiter_client):
    page = recruiter_client.get(INVITATION)
    posted = recruiter_client.post(
        INVITATION, {"subject": "x", "body": "{link}", "save": "yes"}
    )
    taken_back = recruiter_client.post(INVITATION, {"default": "yes"})

    assert "An administrator can change it." in page.text
    assert [posted.status_code, taken_back.status_code] == [403, 403]
    assert not EmailTemplate.objects.exists()


@pytest.mark.parametrize("path", ["nothing/ru/", "invitation/xx/", "99/change/"])
def test_no_other_wordings_exist(hr_client, path):
    assert hr_client.get(WORDINGS + path).status_code == 404


# The list of e-mails


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_has_constant_queries(hr_client, django_assert_num_queries, rows):
    for session in SessionFactory.create_batch(rows):
        Message.objects.create(session=session, kind="invitation", state="failed")

    with django_assert_num_queries(6):
        response = hr_client.get(MAILS)

    assert response.context["cl"].result_count == rows


def test_foreign_e_mails_are_nobody_s(recruiter_client, session):
    own = Message.objects.create(session=session, kind="invitation", body="Own words")
    foreign = Message.objects.create(
        session=SessionFactory(candidate__name="Canary"), kind="invitation"
    )

    page = recruiter_client.get(MAILS)
    gone = recruiter_client.get(f"{MAILS}{foreign.pk}/change/")

    assert [row.pk for row in page.context["cl"].result_list] == [own.pk]
    assert "Canary" not in page.text
    assert gone.status_code == 404
    assert "Own words" in recruiter_client.get(f"{MAILS}{own.pk}/change/").text


def test_a_letter_is_sent_again_from_the_list(recruiter_client, session):
    sent = Message.objects.create(
        session=session, kind="invitation", state="bounced", problem="No mailbox"
    )
    Message.objects.update(queued_at=timezone.now() - timedelta(hours=1))
    foreign = Message.objects.create(session=SessionFactory(), kind="invitation")

    recruiter_client.post(
        MAILS, {"action": "send_again", "_selected_action": [sent.pk, foreign.pk]}
    )
    run_jobs()

    assert [letter.to for letter in mail.outbox] == [[session.candidate.email]]


@pytest.mark.parametrize("role", [Role.REVIEWER])
def test_reviewers_read_no_e_mails(client, role):
    client.force_login(UserFactory(is_staff=True, role=role))

    assert client.get(MAILS).status_code == 403
    assert client.get(WORDINGS).status_code == 403
    assert client.get(INVITATION).status_code == 403


def test_outsiders_are_asked_to_sign_in(client):
    for path in (MAILS, WORDINGS, INVITATION, f"{SESSIONS}invite/mail/"):
        assert client.get(path).status_code == 302


# Sending


def test_an_invitation_is_sent_from_the_record(recruiter_client, session):
    page = recruiter_client.get(url(session, "send_mail"))
    recruiter_client.post(url(session, "send_mail"))
    again = recruiter_client.post(url(session, "send_mail"), follow=True)
    run_jobs()

    assert session.candidate.email in page.text
    assert "This was sent a moment ago already." in again.text
    assert len(mail.outbox) == 1
    assert ("mailed", "invitation: 1") in audited(session)


def test_invitations_are_sent_from_the_list(recruiter_client, session):
    foreign = SessionFactory()

    recruiter_client.post(
        SESSIONS,
        {"action": "mail_selected", "_selected_action": [session.pk, foreign.pk]},
    )
    run_jobs()

    assert [letter.to for letter in mail.outbox] == [[session.candidate.email]]


def test_invitations_are_sent_from_the_links(recruiter_client, session):
    foreign = SessionFactory()

    recruiter_client.post(
        f"{SESSIONS}invite/mail/", {"session": [session.pk, foreign.pk, "x"]}
    )
    run_jobs()

    assert [letter.to for letter in mail.outbox] == [[session.candidate.email]]


def test_where_there_is_no_mail_it_is_said_and_links_are_offered(hr_client, settings):
    settings.PUBLIC_URL = ""
    session = SessionFactory()

    page = hr_client.get(f"{SESSIONS}invite/").text
    sent = hr_client.post(url(session, "send_mail"), follow=True).text

    assert "PUBLIC_URL is not set" in page
    assert 'name="sends_mail"' not in page
    assert "PUBLIC_URL is not set" in sent
    assert not Message.objects.exists()


def test_inviting_sends_if_it_is_ticked(recruiter_client, session):
    fields = {"vacancy": session.vacancy_id, "name": "Новая", "email": "n@example.com"}

    recruiter_client.post(f"{SESSIONS}invite/", fields | {"sends_mail": "on"})
    run_jobs()

    assert [letter.to for letter in mail.outbox] == [["n@example.com"]]


def test_nobody_learns_of_candidates_of_others(recruiter_client, session):
    foreign = SessionFactory(candidate__name="Canary", candidate__email="c@example.com")
    invite = f"{SESSIONS}invite/"

    found = recruiter_client.get(f"{invite}candidates/", {"term": "Canary"})
    vacancies = recruiter_client.get(f"{invite}vacancies/")
    chosen = recruiter_client.post(
        invite, {"vacancy": session.vacancy_id, "candidates": [foreign.candidate_id]}
    )
    nameless = recruiter_client.post(
        invite, {"vacancy": session.vacancy_id, "email": "c@example.com"}
    )
    links = recruiter_client.get(
        f"{invite}links/",
        {"vacancy": foreign.vacancy_id, "candidates": foreign.candidate_id},
    )

    assert found.json()["results"] == []
    assert [row["id"] for row in vacancies.json()["results"]] == [
        str(session.vacancy_id)
    ]
    assert chosen.context["form"].errors["candidates"]
    assert nameless.context["form"].errors == {"name": ["Needed for a new candidate."]}
    assert links.status_code == 404


# Deadlines


def test_a_deadline_is_moved_in_the_zone_of_the_vacancy(recruiter_client, session):
    session.vacancy.time_zone = "Asia/Vladivostok"
    session.vacancy.save()
    until = timezone.now().replace(hour=18, minute=0) + timedelta(days=20)

    page = recruiter_client.get(url(session, "move_deadline"))
    recruiter_client.post(
        url(session, "move_deadline"), {"expires_at": typed(until), "sends_mail": "on"}
    )
    run_jobs()

    session.refresh_from_db()
    assert "Vladivostok, GMT+10" in page.text
    assert f"{session.expires_at:%d %H:%M}" == f"{until:%d} 08:00"
    assert "18:00 (Vladivostok, GMT+10)" in mail.outbox[0].body
    kinds = set(session.events.values_list("kind", flat=True))
    assert kinds == {EventKind.DEADLINE_MOVED, EventKind.MAILED}
    assert {("changed", "expires_at"), ("mailed", "deadline_moved: 1")} <= audited(
        session
    )
    assert (
        "18:00 (Vladivostok, GMT+10)"
        in recruiter_client.get(url(session, "change")).text
    )


def test_a_new_deadline_revives_what_had_expired(recruiter_client, session):
    past = timezone.now() - timedelta(days=1)
    InterviewSession.objects.update(expires_at=past)
    until = timezone.now() + timedelta(days=2)

    recruiter_client.post(url(session, "move_deadline"), {"expires_at": typed(until)})

    assert InterviewSession.objects.get().state == "invited"
    assert mail.outbox == []


def test_deadlines_of_many_are_moved_at_once(recruiter_client, session):
    other = SessionFactory(vacancy=session.vacancy)
    foreign = SessionFactory()
    until = timezone.now() + timedelta(days=30)
    chosen = {
        "action": "move_deadline_selected",
        "_selected_action": [session.pk, other.pk, foreign.pk],
    }

    page = recruiter_client.post(SESSIONS, chosen)
    recruiter_client.post(SESSIONS, chosen | {"expires_at": typed(until)})

    assert foreign.candidate.name not in page.text
    moved = InterviewSession.objects.exclude(pk=foreign.pk)
    assert {typed(one.expires_at) for one in moved} == {typed(until)}
    foreign.refresh_from_db()
    assert typed(foreign.expires_at) != typed(until)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("2020-01-01T10:00", "This moment is over"),
        ("", "This field is required."),
        ("tomorrow", "Enter a valid date/time."),
    ],
)
def test_a_deadline_is_to_come(recruiter_client, session, value, words):
    response = recruiter_client.post(
        url(session, "move_deadline"), {"expires_at": value}
    )

    assert words in response.text


def test_a_deadline_is_after_the_opening(recruiter_client, session):
    opens = timezone.now() + timedelta(days=5)
    InterviewSession.objects.update(opens_at=opens)

    response = recruiter_client.post(
        url(session, "move_deadline"),
        {"expires_at": typed(opens - timedelta(days=1))},
    )

    assert "opens later than that" in response.text


@pytest.mark.parametrize("name", ["send_mail", "move_deadline"])
def test_what_is_over_or_foreign_is_not_found(recruiter_client, session, name):
    InterviewSession.objects.update(cancelled_at=timezone.now())

    for one in (session, SessionFactory()):
        assert recruiter_client.get(url(one, name)).status_code == 404
        assert recruiter_client.post(url(one, name)).status_code == 404


@pytest.mark.parametrize("name", ["send_mail", "move_deadline"])
def test_who_may_not_change_sends_and_moves_nothing(client, session, name):
    for role in (Role.REVIEWER, Role.AUDITOR):
        user = UserFactory(is_staff=True, role=role)
        session.vacancy.members.create(user=user, part=Part.OWNER)
        client.force_login(user)
        assert client.get(url(session, name)).status_code == 403
    client.logout()
    assert client.get(url(session, name)).status_code == 302


# Cancelling


def test_cancelling_tells_the_candidate_if_asked(recruiter_client, session):
    page = recruiter_client.get(url(session, "cancel"))
    recruiter_client.post(
        url(session, "cancel"), {"confirmed": "yes", "sends_mail": "yes"}
    )
    run_jobs()

    assert "Tell the candidates by e-mail" in page.text
    assert [letter.subject for letter in mail.outbox] == [
        f"The interview is cancelled: {session.vacancy.title}"
    ]


def test_cancelling_may_be_silent(recruiter_client, session):
    recruiter_client.post(url(session, "cancel"), {"confirmed": "yes"})
    run_jobs()

    assert mail.outbox == []
