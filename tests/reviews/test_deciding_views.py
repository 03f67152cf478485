"""Stages and decisions in the admin: the panel, the pages that ask, the list's actions."""

import pytest
from django.urls import reverse

from accounts.models import Role
from reviews.admin import choosing
from reviews.deciding import decide, set_stage
from reviews.models import Decision, Stage, Standing
from tests.factories import SessionFactory, UserFactory, VacancyFactory
from vacancies.models import Part

pytestmark = pytest.mark.django_db

LIST = "/admin/interviews/interviewsession/"
DECIDE, STAGE = f"{LIST}decide/", f"{LIST}stage/"


@pytest.fixture
def vacancy():
    return VacancyFactory(questions=1)


@pytest.fixture
def sessions(vacancy):
    return SessionFactory.create_batch(2, vacancy=vacancy, started=True)


def member(vacancy, part=Part.OWNER, role=Role.RECRUITER):
    user = UserFactory(role=role, is_staff=True)
    vacancy.members.create(user=user, part=part)
    return user


@pytest.fixture
def owner(vacancy):
    return member(vacancy)


@pytest.fixture
def signed_in(client, owner):
    client.force_login(owner)
    return client


def keys(sessions):
    return [str(session.pk) for session in sessions]


def shortlist_url(session):
    return f"{LIST}{session.pk}/shortlist/"


def run(client, action, sessions, **extra):
    return client.post(
        LIST, {"action": action, "_selected_action": keys(sessions), **extra}
    )


def stages():
    return list(Standing.objects.values_list("stage", flat=True))


# The pages that ask


def test_many_are_decided_on_with_one_reason(signed_in, owner, sessions):
    page = run(signed_in, "decide_selected", sessions).text
    for session in sessions:
        assert session.candidate.name in page
        assert f'name="session" value="{session.pk}"' in page

    data = {"session": keys(sessions), "outcome": "rejected", "reason": "Не подошли"}
    response = signed_in.post(DECIDE, data, follow=True)

    assert "2 decisions recorded." in response.text
    rows = Decision.objects.values_list("outcome", "reason", "decided_by")
    assert list(rows) == [("rejected", "Не подошли", owner.pk)] * 2
    assert stages() == [Stage.DONE] * 2


def test_sent_twice_it_is_one_decision(signed_in, sessions):
    data = {"session": keys(sessions), "outcome": "hired", "reason": "Good"}
    signed_in.post(DECIDE, data)

    page = signed_in.post(DECIDE, data, follow=True).text

    assert "This was decided already, in the same words." in page
    assert Decision.objects.count() == 2


@pytest.mark.parametrize(
    ("outcome", "reason", "problem"),
    [
        ("hired", "", "Say why: a decision without a reason is not recorded."),
        ("hired", "  ", "Say why: a decision without a reason is not recorded."),
        ("", "Good", "This field is required."),
        ("promoted", "Good", "Select a valid choice."),
        ("hired", "a\x00b", "Null characters are not allowed."),
        ("hired", "x" * 5001, "Ensure this value has at most 5000 characters"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_lost(
    signed_in, sessions, outcome, reason, problem
):
    data = {"session": keys(sessions), "outcome": outcome, "reason": reason}

    response = signed_in.post(DECIDE, data)

    assert problem in response.text
    assert f'value="{sessions[0].pk}"' in response.text
    assert response.context["form"]["reason"].value() == reason
    assert not Decision.objects.exists()


def test_an_open_interview_is_decided_with_a_note_of_what_is_open(signed_in, sessions):
    page = signed_in.get(DECIDE, {"session": keys(sessions)}).text

    assert "2 interviews are not finished" in page
    assert "0 of 1 questions" in page


def test_many_are_moved_to_a_stage(signed_in, sessions):
    assert "Move to a stage" in run(signed_in, "stage_selected", sessions).text

    data = {"session": keys(sessions), "stage": "meeting", "next": f"{LIST}?stage=new"}
    response = signed_in.post(STAGE, data)

    assert response.url == f"{LIST}?stage=new"
    assert stages() == [Stage.MEETING] * 2


def test_done_is_no_stage_to_choose(signed_in, sessions):
    data = {"session": keys(sessions), "stage": "done"}

    assert "Select a valid choice." in signed_in.post(STAGE, data).text
    assert stages() == []


@pytest.mark.parametrize(
    "next_page", ["https://evil.example/", "//evil.example", "javascript:alert(1)"]
)
def test_nobody_is_led_away(signed_in, sessions, next_page):
    data = {"session": keys(sessions), "stage": "meeting", "next": next_page}

    assert signed_in.post(STAGE, data).url == LIST


# The shortlist


def test_the_star_is_a_switch_that_leads_back(signed_in, sessions):
    back = f"http://testserver{LIST}?stage=new"

    for stage in (Stage.SHORTLISTED, Stage.IN_REVIEW):
        response = signed_in.post(shortlist_url(sessions[0]), headers={"referer": back})

        assert response.url == back
        assert stages() == [stage]


def test_many_are_put_on_the_shortlist(signed_in, sessions):
    page = run(signed_in, "shortlist_selected", sessions).url

    assert "2 interviews moved to “Shortlisted”." in signed_in.get(page).text
    assert stages() == [Stage.SHORTLISTED] * 2


def test_the_star_takes_a_click(signed_in, sessions):
    assert signed_in.get(shortlist_url(sessions[0])).status_code == 405


# Whose


def test_rows_that_are_not_ones_own_are_left_out_and_it_is_said(
    signed_in, owner, sessions
):
    other = VacancyFactory(questions=1)
    other.members.create(user=owner, part=Part.REVIEWER)
    theirs = SessionFactory(vacancy=other, started=True)

    page = signed_in.get(
        run(signed_in, "shortlist_selected", [*sessions, theirs]).url
    ).text

    assert "1 interview is left out: it is not yours to decide." in page
    assert set(Standing.objects.values_list("pk", flat=True)) == {
        session.pk for session in sessions
    }


@pytest.mark.parametrize(
    "action", ["decide_selected", "stage_selected", "shortlist_selected"]
)
def test_a_selection_has_an_end(signed_in, sessions, monkeypatch, action):
    monkeypatch.setattr(choosing, "MOST_AT_ONCE", 1)

    response = run(signed_in, action, sessions[:1], select_across="1")

    page = signed_in.get(response.url).text
    assert "No more than 1 interview at once." in page
    assert stages() == []


@pytest.mark.parametrize(
    ("role", "part", "status"),
    [
        (Role.RECRUITER, Part.REVIEWER, 403),
        (Role.REVIEWER, Part.OWNER, 403),
        (Role.REVIEWER, Part.REVIEWER, 403),
        (Role.AUDITOR, None, 403),
        (Role.RECRUITER, None, 404),
        (Role.REVIEWER, None, 404),
    ],
)
def test_whose_it_is_not(client, vacancy, sessions, role, part, status):
    user = UserFactory(role=role, is_staff=True)
    if part:
        vacancy.members.create(user=user, part=part)
    client.force_login(user)
    data = {
        "session": keys(sessions[:1]),
        "outcome": "hired",
        "reason": "Good",
        "stage": "offer",
    }

    answers = [
        client.get(DECIDE, data),
        client.post(DECIDE, data),
        client.get(STAGE, data),
        client.post(STAGE, data),
        client.post(shortlist_url(sessions[0])),
    ]

    assert [answer.status_code for answer in answers] == [status] * 5
    assert stages() == []


def test_one_foreign_row_among_others_is_not_found(signed_in, sessions):
    foreign = SessionFactory(started=True)
    data = {
        "session": keys([*sessions, foreign]),
        "outcome": "hired",
        "reason": "Good",
    }

    assert signed_in.post(DECIDE, data).status_code == 404
    assert not Decision.objects.exists()


@pytest.mark.parametrize("session", [[], ["1"], ["\x00"], ["🙂"]])
def test_nonsense_is_not_found(signed_in, session):
    data = {"session": session, "outcome": "hired", "reason": "Good"}

    assert signed_in.post(DECIDE, data).status_code == 404


def test_outsiders_sign_in_first(client, sessions):
    for url in (DECIDE, STAGE, shortlist_url(sessions[0])):
        assert client.post(url, {"session": keys(sessions)}).status_code == 302


# The panel


def record_url(session):
    return reverse("admin:interviews_interviewsession_change", args=[session.pk])


def test_the_panel_tells_who_when_and_why(signed_in, owner, sessions):
    set_stage(sessions=sessions[:1], stage="meeting", by=owner)
    reason = "<script>alert(1)</script> потому что"
    decide(sessions=sessions[:1], outcome="hired", reason=reason, by=owner)

    page = signed_in.get(record_url(sessions[0])).text

    for text in ("Stage: Meeting", "Stage: Done", "Decision: Hired", "потому что"):
        assert text in page
    assert "<script>alert" not in page
    panel = page.partition('id="standing"')[2]
    assert panel.count(owner.email) >= 3


def test_whoever_does_not_decide_reads_the_panel(client, vacancy, sessions, owner):
    decide(sessions=sessions[:1], outcome="hired", reason="Good", by=owner)
    client.force_login(member(vacancy, Part.REVIEWER, Role.REVIEWER))

    page = client.get(record_url(sessions[0])).text

    assert "Decision: Hired" in page
    assert DECIDE not in page
    assert STAGE not in page


def test_deciding_on_the_panel_leads_back_to_it(signed_in, sessions):
    here = record_url(sessions[0])
    data = {
        "session": keys(sessions[:1]),
        "outcome": "withdrew",
        "reason": "Found another job",
        "next": here,
    }

    assert signed_in.post(DECIDE, data).url == here
