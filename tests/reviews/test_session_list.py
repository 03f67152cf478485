"""The list of interviews: what it says of each, to whom, and what it finds."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from candidates.models import Consent
from interviews.models import (
    EventKind,
    Message,
    MessageKind,
    MessageState,
    TakeState,
)
from reviews.deciding import decide, set_stage
from reviews.models import Stage
from tests.factories import SessionFactory, TakeFactory, UserFactory, VacancyFactory
from vacancies.models import Part

pytestmark = pytest.mark.django_db

LIST = "/admin/interviews/interviewsession/"


@pytest.fixture
def vacancy():
    return VacancyFactory(questions=2)


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


def finished(vacancy, **fields):
    session = SessionFactory(vacancy=vacancy, started=True, **fields)
    session.finished_at = timezone.now()
    session.save()
    return session


def review(session, reviewer, *marks, **fields):
    row = session.reviews.create(
        reviewer=reviewer, **{"saved_at": timezone.now()} | fields
    )
    questions = session.vacancy.questions.all()
    for question, mark in zip(questions, marks, strict=False):
        row.ratings.create(question=question, mark=mark)
    return row


def shown(response):
    return list(response.context["cl"].result_list)


def found(client, **query):
    return {row.candidate.name for row in shown(client.get(LIST, query))}


@pytest.mark.parametrize("rows", [1, 3])
def test_list_has_constant_queries(
    signed_in, owner, vacancy, django_assert_num_queries, rows
):
    for _ in range(rows):
        session = finished(vacancy)
        review(session, owner, 4)
        review(session, UserFactory(), 2, 3)
        decide(sessions=[session], outcome="on_hold", reason="Wait", by=owner)

    with django_assert_num_queries(11):
        response = signed_in.get(LIST)

    assert [row.figures.reviewers for row in shown(response)] == [2] * rows


# What it shows, to whom


def test_marks_count_by_weight_and_each_person_once(signed_in, owner, vacancy):
    first = vacancy.questions.first()
    first.weight = 3
    first.save()
    session = finished(vacancy)
    review(session, owner, 5, 1)
    review(session, UserFactory(), 2)

    response = signed_in.get(LIST)

    # (5 * 3 + 1 * 1) / 4 = 4, and 2.
    assert shown(response)[0].figures.mark == 3
    assert "3.0 (2)" in response.text


def test_others_marks_wait_for_ones_own(signed_in, owner, vacancy):
    session = finished(vacancy)
    review(session, UserFactory(), 2, 2)
    review(session, owner, 5, saved_at=None)

    response = signed_in.get(LIST)

    [row] = shown(response)
    assert row.figures[1:] == (True, False, None, 0)
    assert "after yours" in response.text


def test_whoever_only_reads_sees_marks_and_no_buttons(client, vacancy):
    review(finished(vacancy), UserFactory(), 4, 2)
    client.force_login(UserFactory(role=Role.AUDITOR, is_staff=True))

    page = client.get(LIST).text

    assert "3.0 (1)" in page
    assert "formaction" not in page
    for action in ("decide_selected", "stage_selected", "shortlist_selected"):
        assert action not in page
    assert "compare_selected" in page


def test_stage_and_decision_are_shown(signed_in, owner, vacancy):
    decided, staged = finished(vacancy), finished(vacancy)
    decide(sessions=[decided], outcome="hired", reason="Good", by=owner)
    set_stage(sessions=[staged], stage=Stage.MEETING, by=owner)

    page = signed_in.get(LIST).text

    cells = re.findall(r"field-standing_shown.*?</td>", page, re.DOTALL)
    words = [re.sub(r"<[^>]*>|\s+", " ", cell) for cell in cells]
    assert ["Meeting" in cell for cell in words] == [True, False]
    assert ["Hired" in cell for cell in words] == [False, True]


def test_foreign_rows_are_not_there(signed_in, vacancy):
    finished(vacancy, candidate__name="Mine")
    finished(VacancyFactory(questions=1), candidate__name="Foreign")

    assert found(signed_in) == {"Mine"}
    assert found(signed_in, q="Foreign") == set()
    assert found(signed_in, trouble="any", stage="new") == set()


# What it finds


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"stage": "new"}, {"untouched", "held"}),
        ({"stage": "meeting"}, {"met"}),
        ({"stage": "done"}, {"hired"}),
        ({"decision": "none"}, {"untouched", "met"}),
        ({"decision": "hired"}, {"hired"}),
        ({"decision": "on_hold"}, {"held"}),
        ({"decision": "nonsense"}, set()),
        ({"stage": "nonsense"}, set()),
    ],
)
def test_filters_by_stage_and_decision(signed_in, owner, vacancy, query, expected):
    finished(vacancy, candidate__name="untouched")
    met, held, hired = (
        finished(vacancy, candidate__name=name) for name in ("met", "held", "hired")
    )
    set_stage(sessions=[met], stage="meeting", by=owner)
    decide(sessions=[held], outcome="on_hold", reason="Wait", by=owner)
    decide(sessions=[hired], outcome="hired", reason="Good", by=owner)

    assert found(signed_in, **query) == expected


def test_what_waits_for_my_review(signed_in, owner, vacancy):
    finished(vacancy, candidate__name="waits")
    SessionFactory(vacancy=vacancy, started=True, candidate__name="goes on")
    review(finished(vacancy, candidate__name="draft"), owner, saved_at=None)
    review(finished(vacancy, candidate__name="another's"), UserFactory(), 3)
    review(finished(vacancy, candidate__name="mine"), owner, 3)
    review(
        finished(vacancy, candidate__name="peeked"),
        owner,
        saved_at=None,
        peeked_at=timezone.now(),
    )
    over = finished(vacancy, candidate__name="decided")
    decide(sessions=[over], outcome="rejected", reason="No", by=owner)
    held = finished(vacancy, candidate__name="held")
    decide(sessions=[held], outcome="on_hold", reason="Wait", by=owner)

    names = found(signed_in, review="mine")

    assert names == {"waits", "draft", "another's", "held"}


def test_nothing_waits_for_whoever_does_not_rate(client, vacancy):
    finished(vacancy)
    client.force_login(UserFactory(role=Role.AUDITOR, is_staff=True))

    assert found(client, review="mine") == set()


def test_filters_by_trouble(signed_in, vacancy):
    for name, state in {
        "bounced": "bounced",
        "failed": "failed",
        "sent": "sent",
    }.items():
        Message.objects.create(
            session=finished(vacancy, candidate__name=name),
            kind=MessageKind.INVITATION,
            state=MessageState(state),
        )
    TakeFactory(
        session=finished(vacancy, candidate__name="unheard"), state=TakeState.UNREADABLE
    )
    broken = finished(vacancy, candidate__name="broken")
    broken.events.create(kind=EventKind.CALL_FAILED)

    assert found(signed_in, trouble="mail") == {"bounced", "failed"}
    assert found(signed_in, trouble="audio") == {"unheard"}
    assert found(signed_in, trouble="call") == {"broken"}
    everything = {"bounced", "failed", "unheard", "broken"}
    assert found(signed_in, trouble="any") == everything


def test_by_end_the_latest_comes_first_and_the_open_ones_last(signed_in, vacancy):
    for name in ["first", "second"]:
        finished(vacancy, candidate__name=name)
    SessionFactory(vacancy=vacancy, candidate__name="open")

    def names(order):
        rows = signed_in.get(LIST, {"o": order}).context["cl"].result_list
        return [row.candidate.name for row in rows]

    assert names("-8") == ["second", "first", "open"]
    assert names("8") == ["open", "first", "second"]


def test_filters_by_a_deadline_that_is_near(signed_in, vacancy):
    now = timezone.now()
    soon, later = now + timedelta(days=2), now + timedelta(days=4)
    SessionFactory(vacancy=vacancy, candidate__name="soon", expires_at=soon)
    SessionFactory(vacancy=vacancy, candidate__name="later", expires_at=later)
    SessionFactory(vacancy=vacancy, candidate__name="expired", expires_at=now)
    finished(vacancy, candidate__name="finished", expires_at=soon)
    refused = SessionFactory(
        vacancy=vacancy, candidate__name="refused", expires_at=soon
    )
    refused.consent = Consent.objects.create(
        candidate=refused.candidate, given=False, version="1", language="en"
    )
    refused.save()

    assert found(signed_in, ends="soon") == {"soon"}


def test_every_column_may_give_the_order(signed_in, vacancy):
    finished(vacancy)

    answers = {signed_in.get(LIST, {"o": order}).status_code for order in range(1, 10)}

    assert answers == {200}
