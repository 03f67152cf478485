"""Interviews in the admin: the list, the record of each, cancelling."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Role
from interviews import services
from interviews.models import (
    AnswerRevision,
    Channel,
    EventKind,
    InterviewSession,
    SessionStatus,
)
from tests.factories import (
    CandidateFactory,
    MemberFactory,
    ProgressFactory,
    SessionFactory,
    UserFactory,
    VacancyFactory,
)
from vacancies.models import Language, Part

pytestmark = pytest.mark.django_db

LIST = "/admin/interviews/interviewsession/"
HOSTILE = "<script>alert(1)</script><img src=x x-on:click=alert(1)>"


def change_url(session):
    return reverse("admin:interviews_interviewsession_change", args=[session.pk])


def history_url(session):
    return reverse("admin:interviews_interviewsession_history", args=[session.pk])


def cancel_url(session):
    return reverse("admin:interviews_interviewsession_cancel", args=[session.pk])


def deadline(moment):
    return {
        "expires_at_0": f"{moment:%Y-%m-%d}",
        "expires_at_1": f"{moment:%H:%M:%S}",
        "opens_at_0": "",
        "opens_at_1": "",
    }


def finish(session):
    session.finished_at = timezone.now()
    session.save()


# The list


@pytest.mark.parametrize("rows", [1, 3])
def test_list_has_constant_queries(hr_client, django_assert_num_queries, rows):
    for session in SessionFactory.create_batch(rows, started=True):
        ProgressFactory(session=session)

    with django_assert_num_queries(10):
        response = hr_client.get(LIST)

    shown = response.context["cl"].result_list
    assert [(one.answered_count, one.question_count) for one in shown] == [
        (1, 3)
    ] * rows


@pytest.mark.parametrize(
    ("state", "found"),
    [
        ("invited", ["invited"]),
        ("in_progress", ["in progress"]),
        ("finished", ["finished"]),
        ("cancelled", ["cancelled"]),
        ("expired", ["expired", "expired in progress"]),
    ],
)
def test_list_is_filtered_by_what_the_status_says(hr_client, state, found):
    past = timezone.now() - timedelta(minutes=1)
    later = timezone.now() + timedelta(minutes=1)
    for name, fields in {
        "invited": {},
        "in progress": {"started": True},
        "finished": {"started": True, "finished_at": later},
        "cancelled": {"cancelled_at": timezone.now()},
        "expired": {"expires_at": past},
        "expired in progress": {"expires_at": past, "started": True},
    }.items():
        SessionFactory(candidate__name=name, **fields)

    response = hr_client.get(LIST, {"state": state})

    shown = response.context["cl"].result_list
    assert sorted(session.candidate.name for session in shown) == found


def test_an_expired_interview_is_shown_as_such(hr_client):
    SessionFactory(expires_at=timezone.now())

    assert "Expired" in hr_client.get(LIST).text


@pytest.mark.parametrize("query", ["ИВАНОВА", "anna@", "повар"])
def test_search_finds_by_candidate_and_vacancy(hr_client, query):
    found = SessionFactory(
        candidate=CandidateFactory(name="Анна Иванова", email="anna@example.com"),
        vacancy=VacancyFactory(title="Повар"),
    )
    SessionFactory()

    response = hr_client.get(LIST, {"q": query})

    assert list(response.context["cl"].result_list) == [found]


@pytest.mark.parametrize(
    "query",
    [
        {"vacancy__language__exact": "ru"},
        {"created_at_from": "2000-01-01", "created_at_to": "2001-01-01"},
        {"created_at_from": "2100-01-01"},
    ],
)
def test_list_is_filtered_by_language_and_date(hr_client, query):
    SessionFactory(vacancy__language=Language.ENGLISH)

    response = hr_client.get(LIST, query)

    assert list(response.context["cl"].result_list) == []


@pytest.mark.parametrize(
    ("language", "form"), [("en", "%Y-%m-%d"), ("ru", "%d.%m.%Y"), ("en", "nonsense")]
)
def test_the_last_day_of_a_range_counts_whole(hr_client, language, form):
    session = SessionFactory()
    day = timezone.localdate().strftime(form)

    response = hr_client.get(
        LIST,
        {"created_at_from": day, "created_at_to": day},
        headers={"accept-language": language},
    )

    assert list(response.context["cl"].result_list) == [session]


def test_days_are_read_in_the_language_of_the_reader(hr_client):
    SessionFactory()

    response = hr_client.get(
        LIST, {"created_at_to": "31.12.2000"}, headers={"accept-language": "ru"}
    )

    assert list(response.context["cl"].result_list) == []


def test_filters_count_what_they_would_find(hr_client):
    SessionFactory(expires_at=timezone.now())
    SessionFactory()

    page = hr_client.get(LIST, {"_facets": "True"}).text

    for choice in ("Invited (1)", "Expired (1)", "Finished (0)"):
        assert choice in page


# The record of one


@pytest.mark.parametrize("rows", [1, 3])
def test_record_has_constant_queries(hr_client, django_assert_num_queries, rows):
    session = SessionFactory(vacancy__questions=rows, started=True)
    for question in session.vacancy.questions.all():
        answer = ProgressFactory(session=session, question=question)
        AnswerRevision.objects.create(
            progress=answer,
            channel=Channel.AGENT,
            timestamp=answer.timestamp,
            replaced_at=answer.timestamp,
        )

    with django_assert_num_queries(17):
        response = hr_client.get(change_url(session))

    assert len(response.context["turns"]) == rows


def test_record_shows_every_question_of_the_script_in_order(hr_client):
    session = SessionFactory(started=True)
    first, second, third = session.vacancy.questions.all()
    ProgressFactory(
        session=session,
        question=third,
        answer_text="What I said",
        answer_audio_url="https://audio.example.com/3.mp3",
        duration_ms=84_000,
        confidence=0.934,
    )
    ProgressFactory(session=session, question=first, answered=False, answer_text="")

    response = hr_client.get(change_url(session))

    turns = response.context["turns"]
    assert [turn.question.id for turn in turns] == [first.pk, second.pk, third.pk]
    page = response.text
    parts = [
        first.text,
        "Skipped by the candidate.",
        second.text,
        "No answer.",
        third.text,
        "What I said",
        '<audio controls preload="none" src="https://audio.example.com/3.mp3"',
        "1 min 24 s",
        "93% confidence",
    ]
    assert sorted(parts, key=page.index) == parts


def test_record_keeps_the_wording_that_was_asked(hr_client):
    session = SessionFactory(started=True)
    question = session.vacancy.questions.first()
    asked = question.text
    question.text = "Something else?"
    question.save()

    page = hr_client.get(change_url(session)).text

    assert asked in page
    assert "Something else?" not in page


def test_record_of_an_invitation_shows_what_would_be_asked(hr_client):
    session = SessionFactory()

    response = hr_client.get(change_url(session))

    assert len(response.context["turns"]) == 3
    assert "Not started." in response.text


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "//example.com/a.mp3",
        "file:///etc/passwd",
        "/admin/a.mp3",
        "/recordings/",
        "/recordings/../admin/",
        "/recordings/conv_a?next=1",
        "/recordings/conv_a/b",
        "recordings/conv_a",
        "//recordings/conv_a",
    ],
)
def test_only_web_addresses_and_own_recordings_become_players(hr_client, address):
    session = ProgressFactory(answer_audio_url=address).session

    page = hr_client.get(change_url(session)).text

    assert "<audio" not in page
    assert address not in page


def test_an_own_recording_becomes_a_player(hr_client):
    session = ProgressFactory(answer_audio_url="/recordings/conv_a#t=1,2").session

    page = hr_client.get(change_url(session)).text

    assert '<audio controls preload="none" src="/recordings/conv_a#t=1,2"' in page


def test_earlier_answers_and_the_timeline(hr_client):
    session = services.invite(
        candidate=CandidateFactory(), vacancy=VacancyFactory(questions=1)
    )
    services.start(session=session)
    session.refresh_from_db()
    start = session.started_at
    answer = ProgressFactory(
        session=session,
        question=session.vacancy.questions.get(),
        answer_text="In truth",
        timestamp=start + timedelta(minutes=2),
    )
    AnswerRevision.objects.create(
        progress=answer,
        answer_text="At first",
        channel=Channel.AGENT,
        timestamp=start + timedelta(minutes=1),
        replaced_at=answer.timestamp,
    )
    session.events.create(
        kind=EventKind.CALL_DISCONNECTED, at=start + timedelta(seconds=90)
    )

    response = hr_client.get(change_url(session))

    assert [moment.text for moment in response.context["timeline"]] == [
        "Invited",
        "Started",
        "Question 1 answered",
        "Call ended",
        "Question 1 answered anew",
    ]
    assert "1 earlier answer" in response.text
    assert "At first" in response.text


def test_what_people_wrote_is_text_and_nothing_else(hr_client):
    session = SessionFactory(
        candidate__name=HOSTILE, vacancy__title=HOSTILE, started=True
    )
    answer = ProgressFactory(session=session, answer_text=HOSTILE)
    AnswerRevision.objects.create(
        progress=answer,
        answer_text=HOSTILE,
        channel=Channel.AGENT,
        timestamp=answer.timestamp,
        replaced_at=answer.timestamp,
    )
    session.events.create(kind=EventKind.CALL_FAILED, detail=HOSTILE)

    for url in (LIST, change_url(session), cancel_url(session), "/admin/"):
        page = hr_client.get(url).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_the_link_is_whole_while_the_interview_is_open(hr_client):
    session = SessionFactory()
    link = f"http://testserver/interview/{session.pk}"

    assert link in hr_client.get(change_url(session)).text

    services.cancel(session=session)

    assert link not in hr_client.get(change_url(session)).text


# What may be changed


def test_the_deadline_may_be_moved(hr_client):
    session = SessionFactory()
    new = (timezone.now() + timedelta(days=30)).replace(microsecond=0)

    hr_client.post(change_url(session), deadline(new))

    session.refresh_from_db()
    assert session.expires_at == new


def test_an_interview_opens_before_its_deadline(hr_client):
    session = SessionFactory()
    new = (timezone.now() + timedelta(days=1)).replace(microsecond=0)
    late = {
        "opens_at_0": f"{new + timedelta(days=1):%Y-%m-%d}",
        "opens_at_1": "12:00:00",
    }

    response = hr_client.post(change_url(session), deadline(new) | late)

    assert "The interview must open before its deadline." in response.text


def test_machine_written_fields_are_out_of_reach(hr_client):
    session = SessionFactory(started=True)
    before = InterviewSession.objects.values().get()
    other = CandidateFactory()

    hr_client.post(
        change_url(session),
        deadline(session.expires_at.replace(microsecond=0))
        | {
            "candidate": other.pk,
            "vacancy": VacancyFactory().pk,
            "script": "",
            "consent": "",
            "started_at_0": "2020-01-01",
            "started_at_1": "00:00:00",
            "finished_at_0": "2020-01-01",
            "finished_at_1": "00:00:00",
            "finish_reason": "forged",
            "conversation_id": "forged",
        },
    )

    after = InterviewSession.objects.values().get()
    assert after | {"expires_at": None} == before | {"expires_at": None}


def test_a_form_opened_before_the_start_does_not_undo_it(hr_client, monkeypatch):
    session = SessionFactory()
    load = InterviewSession.refresh_from_db
    moved = (timezone.now() + timedelta(days=30)).replace(microsecond=0)
    clean = InterviewSession.full_clean

    def started_meanwhile(instance, *args, **kwargs):
        services.start(session=InterviewSession.objects.get(pk=instance.pk))
        return clean(instance, *args, **kwargs)

    monkeypatch.setattr(InterviewSession, "full_clean", started_meanwhile)
    hr_client.post(change_url(session), deadline(moved))

    load(session)
    assert (session.status, session.expires_at) == (SessionStatus.IN_PROGRESS, moved)


def test_a_finished_interview_is_not_changed(hr_client):
    session = SessionFactory(started=True)
    finish(session)

    response = hr_client.post(change_url(session), deadline(timezone.now()))

    assert response.status_code == 403
    assert hr_client.get(change_url(session)).status_code == 200


def test_interviews_are_not_added_by_hand(hr_client):
    assert hr_client.get(f"{LIST}add/").status_code == 403


def test_interviews_are_not_deleted(hr_client):
    session = ProgressFactory().session
    delete = reverse("admin:interviews_interviewsession_delete", args=[session.pk])

    assert hr_client.post(delete, {"post": "yes"}).status_code == 403
    assert InterviewSession.objects.filter(pk=session.pk).exists()


@pytest.mark.parametrize("role", [Role.RECRUITER, Role.REVIEWER])
def test_interviews_of_others_are_not_there(client, role):
    session = SessionFactory(started=True)
    user = UserFactory(is_staff=True, role=role)
    MemberFactory(user=user, part=Part.OWNER)
    client.force_login(user)

    assert client.get(LIST).context["cl"].result_count == 0
    for url in (change_url(session), history_url(session)):
        assert client.get(url).status_code == 404
    may_cancel = role == Role.RECRUITER
    assert client.get(cancel_url(session)).status_code == (404 if may_cancel else 403)


def test_filter_names_no_vacancy_of_others(client):
    """The address holds its key; the page must not tell whose it is."""
    other = SessionFactory(vacancy__title="Head of secrets").vacancy
    user = UserFactory(is_staff=True, role=Role.RECRUITER)
    own = MemberFactory(user=user, part=Part.OWNER, vacancy__title="Clerk").vacancy
    client.force_login(user)

    page = client.get(LIST, {"vacancy__id__exact": other.pk}).text

    assert other.title not in page
    assert own.title in client.get(LIST, {"vacancy__id__exact": own.pk}).text


def test_whoever_only_rates_cancels_nothing(client):
    """A recruiter of one vacancy may be a reviewer of another."""
    session = SessionFactory()
    user = UserFactory(is_staff=True, role=Role.RECRUITER)
    MemberFactory(user=user, vacancy=session.vacancy, part=Part.REVIEWER)
    MemberFactory(user=user, part=Part.OWNER)
    client.force_login(user)

    page = client.get(change_url(session))
    detail = client.post(cancel_url(session), {"confirmed": "yes"})
    client.post(
        LIST,
        {
            "action": "cancel_selected",
            "_selected_action": [session.pk],
            "confirmed": "yes",
        },
    )
    deadlines = client.post(change_url(session), {"expires_at_0": "2030-01-01"})

    session.refresh_from_db()
    assert page.status_code == 200
    assert cancel_url(session) not in page.text
    assert (detail.status_code, deadlines.status_code) == (403, 403)
    assert session.status == SessionStatus.INVITED


def test_who_looked_is_on_record(hr_client):
    session = SessionFactory(started=True)

    hr_client.get(LIST)
    hr_client.get(change_url(session))

    lines = (
        AuditEvent.objects.filter(action="viewed")
        .order_by("pk")
        .values_list("action", "object_type", "object_id", "vacancy_id", "detail")
    )
    label = "interviews.interviewsession"
    assert list(lines) == [
        ("viewed", label, "", None, "rows: 1"),
        ("viewed", label, str(session.pk), session.vacancy_id, ""),
    ]


# Cancelling


def test_cancelling_asks_first(hr_client):
    session = SessionFactory()

    page = hr_client.get(cancel_url(session)).text

    session.refresh_from_db()
    assert "cannot be undone" in page
    assert session.status == SessionStatus.INVITED


def test_an_interview_is_cancelled(hr_client):
    session = SessionFactory(started=True)

    hr_client.post(cancel_url(session), {"confirmed": "yes"})

    session.refresh_from_db()
    assert session.status == SessionStatus.CANCELLED
    assert session.events.get().kind == EventKind.CANCELLED


def test_a_finished_interview_is_not_cancelled(hr_client):
    session = SessionFactory(started=True)
    finish(session)

    response = hr_client.post(cancel_url(session), {"confirmed": "yes"}, follow=True)

    session.refresh_from_db()
    assert session.status == SessionStatus.FINISHED
    assert "Nothing to cancel" in response.text
    assert cancel_url(session) not in response.text


def test_several_are_cancelled_from_the_list_after_a_question(hr_client):
    sessions = SessionFactory.create_batch(2)
    left = SessionFactory()
    chosen = {
        "action": "cancel_selected",
        "_selected_action": [session.pk for session in sessions],
    }

    asked = hr_client.post(LIST, chosen)
    hr_client.post(LIST, chosen | {"confirmed": "yes"})

    assert "Cancel 2 interviews" in asked.text
    open_now = InterviewSession.objects.open()
    assert list(open_now) == [left]


@pytest.mark.parametrize("key", ["nonsense", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_interview_is_not_found(hr_client, key):
    assert hr_client.get(f"{LIST}{key}/cancel/").status_code == 404


@pytest.mark.parametrize("key", ["nonsense", "1", "%00", "🙂"])
def test_key_that_is_none_leads_nowhere(hr_client, key):
    response = hr_client.get(f"/admin/interviews/interviewsession/{key}/change/")

    assert response.status_code == 404
