"""Letters to candidates: queued once, sent once, and what becomes of them."""

import json
import smtplib
from datetime import UTC, datetime, timedelta

import pytest
from anymail.exceptions import AnymailRequestsAPIError
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.utils import timezone
from requests import ConnectionError as NoConnection
from requests import ReadTimeout, Response
from urllib3.exceptions import MaxRetryError

from interviews import services
from interviews.mail import delivery, outbox
from interviews.models import EmailTemplate, EventKind, Message, MessageKind
from tests.factories import CompanyFactory, SessionFactory, VacancyFactory
from tests.jobs import run_jobs
from tests.threads import race
from vacancies.models import Language, VacancyStatus

pytestmark = pytest.mark.django_db

INVITATION = MessageKind.INVITATION


@pytest.fixture(autouse=True)
def _mail_is_on(settings):
    settings.PUBLIC_URL = "https://portal.example"
    settings.DEFAULT_FROM_EMAIL = "jobs@portal.example"


@pytest.fixture
def server(monkeypatch):
    """Return a way to let the mail server refuse with an error."""

    def refuse(error, at="send_messages"):
        def fail(*args):
            raise error

        monkeypatch.setattr(EmailBackend, at, fail)

    return refuse


def queue(session, kind=INVITATION):
    return outbox.queue(sessions=[session], kind=kind)


def sent_to(session, kind=INVITATION):
    queue(session, kind)
    run_jobs()
    return mail.outbox[-1] if mail.outbox else None


def job(message_id, *, attempts):
    """Queue the sending of a letter, as it is after so many attempts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, attempts)"
            " VALUES ('default', %s, %s, %s)",
            [outbox.SEND, json.dumps({"message_id": message_id}), attempts],
        )


def later(minutes):
    """Let all that was queued be so many minutes old."""
    moment = timezone.now() - timedelta(minutes=minutes)
    Message.objects.update(queued_at=moment)


# The letter


def test_an_invitation_says_all_that_matters():
    company = CompanyFactory(
        name="Тёплый хлеб", contact_name="Ольга", contact_email="olga@bread.example"
    )
    session = SessionFactory(
        candidate__name="Анна",
        candidate__email="anna@example.com",
        vacancy=VacancyFactory(
            title="Пекарь",
            language=Language.RUSSIAN,
            company=company,
            time_zone="Europe/Moscow",
            questions=3,
        ),
        expires_at=datetime(2031, 12, 3, 15, 0, tzinfo=UTC),
    )

    letter = sent_to(session)

    assert (letter.to, letter.reply_to) == (
        ["anna@example.com"],
        ["olga@bread.example"],
    )
    assert letter.from_email.endswith("<jobs@portal.example>")
    assert letter.message()["Auto-Submitted"] == "auto-generated"
    link = f"https://portal.example/interview/{session.pk}"
    assert f"\n\n{link}\n\n" in letter.body
    for words in ("Анна", "«Пекарь»" if "«" in letter.body else "Пекарь", "18:00 ("):
        assert words in letter.body
    assert "GMT+3" in letter.body
    [(html, kind)] = letter.alternatives
    assert kind == "text/html"
    assert '<html lang="ru" dir="ltr">' in html
    assert f'<a href="{link}"' in html
    assert "<img" not in html


def test_without_a_contact_nobody_is_promised():
    session = SessionFactory()

    letter = sent_to(session)

    assert "reply to this e-mail" not in letter.body
    assert letter.reply_to == []


def test_a_name_is_text_and_no_placeholder():
    session = SessionFactory(candidate__name="<b>Anna</b> {link}")

    letter = sent_to(session)

    assert "Hello <b>Anna</b> {link}," in letter.body
    assert "&lt;b&gt;Anna&lt;/b&gt; {link}" in letter.alternatives[0][0]


def test_no_line_break_gets_into_the_head_of_a_letter():
    session = SessionFactory(
        vacancy__title="Baker\r\nBcc: evil@example.com",
        vacancy__company=CompanyFactory(name="Bread\r\nBcc: evil@example.com"),
    )

    letter = sent_to(session)

    assert letter.subject == "Your interview: Baker Bcc: evil@example.com"
    assert letter.recipients() == [session.candidate.email]
    assert letter.message()["Bcc"] is None


def test_the_team_s_own_wording_is_used():
    EmailTemplate.objects.create(
        kind=INVITATION, language="en", subject="Hi {name}", body="{{x}} {link} {no"
    )
    session = SessionFactory(candidate__name="Anna")

    letter = sent_to(session)

    link = f"https://portal.example/interview/{session.pk}"
    assert (letter.subject, letter.body) == ("Hi Anna", f"{{{{x}}}} {link} {{no")


def test_an_opening_to_come_is_told():
    opens = timezone.now() + timedelta(days=1)
    session = SessionFactory(opens_at=opens, vacancy__time_zone="Asia/Kolkata")

    assert "The interview opens on " in sent_to(session).body
    assert "(Kolkata, GMT+5:30)" in mail.outbox[0].body


# Once


def test_a_second_click_sends_one_letter():
    session = SessionFactory()

    numbers = [queue(session), queue(session)]
    run_jobs()

    assert numbers == [1, 0]
    assert len(mail.outbox) == 1


def test_asked_for_again_later_it_is_sent_again():
    session = SessionFactory()
    sent_to(session)
    later(minutes=2)

    sent_to(session)

    assert len(mail.outbox) == 2
    assert set(Message.objects.values_list("occasion", flat=True)) == {"", "2"}


def test_what_still_waits_is_not_queued_again():
    session = SessionFactory()
    queue(session)
    later(minutes=30)

    assert queue(session) == 0


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_queue_one_letter():
    session = SessionFactory()

    numbers = race(lambda _: queue(session), lambda _: queue(session))

    assert sorted(numbers) == [[0], [1]]
    assert Message.objects.count() == 1


def test_a_task_that_runs_twice_sends_once():
    session = SessionFactory()
    queue(session)
    message = Message.objects.get()

    outbox.send(message.pk)
    outbox.send(message.pk)

    assert len(mail.outbox) == 1


@pytest.mark.parametrize("number", [1, 3])
def test_queueing_has_constant_queries(django_assert_num_queries, number):
    sessions = SessionFactory.create_batch(number)

    with django_assert_num_queries(6):
        assert outbox.queue(sessions=sessions, kind=INVITATION) == number


def test_sent_letters_are_on_the_timeline_and_on_file():
    session = SessionFactory()

    letter = sent_to(session)

    message = Message.objects.get()
    assert (message.state, message.to, message.subject, message.body) == (
        "sent",
        session.candidate.email,
        letter.subject,
        letter.body,
    )
    assert message.provider_id == letter.extra_headers["Message-ID"]
    assert message.sent_at
    assert list(session.events.values_list("kind", "detail")) == [
        (EventKind.MAILED, "invitation")
    ]


# No longer needed


@pytest.mark.parametrize(
    "end",
    [
        lambda session: services.cancel(session=session),
        lambda session: services.decline(session=session),
        lambda session: set_fields(session, expires_at=timezone.now()),
        lambda session: set_status(session, VacancyStatus.CLOSED),
    ],
)
def test_what_ended_meanwhile_is_not_invited(end):
    session = SessionFactory()
    queue(session)
    end(session)

    run_jobs()

    assert mail.outbox == []
    assert Message.objects.get().state == "skipped"


def set_fields(session, **fields):
    type(session).objects.filter(pk=session.pk).update(**fields)


def set_status(session, status):
    type(session.vacancy).objects.filter(pk=session.vacancy_id).update(status=status)


def test_a_deadline_that_moved_again_is_told_once():
    session = SessionFactory()
    first, second = (timezone.now() + timedelta(days=days) for days in (20, 30))
    for moment in (first, second):
        services.move_deadline(session=session, expires_at=moment)
        queue(session, MessageKind.DEADLINE_MOVED)

    run_jobs()

    assert sorted(Message.objects.values_list("state", flat=True)) == [
        "sent",
        "skipped",
    ]
    assert len(mail.outbox) == 1


def test_the_end_is_told_only_of_what_was_cancelled():
    session = SessionFactory()
    queue(session, MessageKind.CANCELLED)
    run_jobs()

    assert mail.outbox == []


# Failures


def refused(code):
    reply = (code, b"5.1.1 User unknown")
    return smtplib.SMTPRecipientsRefused({"anna@example.com": reply})


def api_error(code=None, cause=None):
    answer = Response()
    answer.status_code = code
    error = AnymailRequestsAPIError("No luck", status_code=code, response=answer)
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (refused(550), "550 5.1.1 User unknown"),
        (smtplib.SMTPSenderRefused(553, b"Not you", "x"), "553 Not you"),
        (api_error(403), "No luck"),
        (ValueError("Bad header"), "Bad header"),
    ],
)
def test_a_refusal_for_good_is_kept_in_the_words_of_the_server(server, error, expected):
    server(error)

    sent_to(SessionFactory())

    message = Message.objects.get()
    assert message.state == "failed"
    assert message.reason.startswith(expected)


@pytest.mark.parametrize(
    ("error", "at"),
    [
        (refused(451), "send_messages"),
        (api_error(503), "send_messages"),
        (api_error(429), "send_messages"),
        (api_error(cause=NoConnection(MaxRetryError(None, "/"))), "send_messages"),
        (ConnectionRefusedError("refused"), "open"),
        (smtplib.SMTPAuthenticationError(535, b"Wrong"), "open"),
    ],
)
def test_a_passing_refusal_is_tried_again(server, monkeypatch, error, at):
    session = SessionFactory()
    queue(session)
    server(error, at)
    message = Message.objects.get()

    with pytest.raises(delivery.TryLater):
        outbox.send(message.pk)
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("queued", 1)

    monkeypatch.undo()
    outbox.send(message.pk)
    message.refresh_from_db()
    assert (message.state, message.attempts, message.problem) == ("sent", 2, "")


def test_patience_ends(server):
    queue(SessionFactory())
    Message.objects.update(attempts=outbox.MOST_ATTEMPTS - 1)
    server(refused(451))

    run_jobs()

    message = Message.objects.get()
    assert (message.state, message.problem) == ("failed", "451 5.1.1 User unknown")


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPServerDisconnected("gone"),
        TimeoutError("timed out"),
        api_error(cause=ReadTimeout()),
    ],
)
def test_a_connection_lost_in_the_middle_is_not_tried_again(server, error):
    server(error)

    sent_to(SessionFactory())

    message = Message.objects.get()
    assert message.state == "failed"
    assert "unclear" in message.reason


def test_a_letter_whose_worker_died_is_sent_under_the_same_message_id():
    """It may have been accepted: then the mailbox shows it once."""
    first = sent_to(SessionFactory())
    message = Message.objects.get()
    # As it was left by a worker that was killed just after.
    Message.objects.update(state="sending", sent_at=None, provider_id="")
    job(message.pk, attempts=1)

    run_jobs()

    second = mail.outbox[-1]
    message.refresh_from_db()
    assert len(mail.outbox) == 2
    assert second.extra_headers["Message-ID"] == first.extra_headers["Message-ID"]
    assert (message.state, message.attempts) == ("sent", 2)


def test_a_letter_that_another_worker_is_sending_is_left_alone():
    queue(SessionFactory())
    outbox.claim(Message.objects.get().pk)

    run_jobs()

    assert mail.outbox == []
    assert Message.objects.get().state == "sending"


def test_letters_differ_by_their_message_ids():
    one, other = [sent_to(SessionFactory()) for _ in range(2)]

    ids = {letter.extra_headers["Message-ID"] for letter in (one, other)}
    assert len(ids) == 2
    assert all(one.endswith("@portal.example>") for one in ids)


@pytest.mark.parametrize(("has_job", "state"), [(True, "sending"), (False, "failed")])
def test_a_letter_is_given_up_when_no_job_takes_it_up_again(has_job, state):
    queue(SessionFactory())
    message = Message.objects.get()
    outbox.claim(message.pk)
    Message.objects.update(tried_at=timezone.now() - outbox.PATIENCE)
    if not has_job:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs")

    outbox.give_up_on_the_lost()

    message.refresh_from_db()
    assert message.state == state
    assert ("unclear" in message.reason) == (not has_job)


def test_a_slow_server_is_given_its_time():
    queue(SessionFactory())
    outbox.claim(Message.objects.get().pk)

    outbox.give_up_on_the_lost()

    assert Message.objects.get().state == "sending"


def test_a_letter_that_never_left_is_given_up():
    queue(SessionFactory())
    later(minutes=25 * 60)

    outbox.give_up_on_the_lost()

    assert Message.objects.get().state == "failed"


def test_no_lock_is_held_while_the_server_is_spoken_to(server, monkeypatch):
    seen = []
    monkeypatch.setattr(
        EmailBackend,
        "send_messages",
        lambda *args: seen.append(len(connection.savepoint_ids)),
    )
    before = len(connection.savepoint_ids)

    sent_to(SessionFactory())

    # No transaction of its own is open then.
    assert seen == [before]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PUBLIC_URL", "", "PUBLIC_URL"),
        ("EMAIL_BACKEND", delivery.DUMMY, "No mail server"),
    ],
)
def test_without_settings_nothing_is_sent_and_it_is_said(settings, name, value, words):
    session = SessionFactory()
    queue(session)
    setattr(settings, name, value)

    run_jobs()

    assert mail.outbox == []
    message = Message.objects.get()
    assert (message.state, words in message.problem) == ("failed", True)


# What comes back


def bounce(client, message, kind="Bounce", secret="service:tests-only"):  # noqa: S107
    from base64 import b64encode

    return client.post(
        "/webhooks/mail/postmark/tracking/",
        {
            "RecordType": kind,
            "Type": "HardBounce",
            "MessageID": message.provider_id,
            "Email": message.to,
            "Description": "The mailbox\r\ndoes not exist",
            "BouncedAt": "2026-11-23T10:00:00Z",
        },
        content_type="application/json",
        headers={"authorization": f"Basic {b64encode(secret.encode()).decode()}"},
    )


def test_a_bounce_is_seen_with_its_reason(client):
    sent_to(SessionFactory())

    response = bounce(client, Message.objects.get())

    message = Message.objects.get()
    assert response.status_code == 200
    assert (message.state, message.reason) == (
        "bounced",
        "The mailbox does not exist",
    )


def test_a_bounce_that_is_quicker_than_we_are_stays():
    queue(SessionFactory())
    message, _letter = outbox.claim(Message.objects.get().pk)
    Message.objects.update(state="bounced", problem="Unknown")

    outbox.mark_sent(message, "x")

    message.refresh_from_db()
    assert (message.state, message.problem) == ("bounced", "Unknown")


def test_a_stranger_bounces_nothing(client):
    sent_to(SessionFactory())

    response = bounce(client, Message.objects.get(), secret="guessed:secret")

    assert response.status_code == 400
    assert Message.objects.get().state == "sent"
