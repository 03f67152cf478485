"""Candidates side by side: who sees what, and which answers stand beside each other."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Role
from reviews.comparing import compare
from tests.factories import (
    ProgressFactory,
    SessionFactory,
    TakeFactory,
    UserFactory,
    VacancyFactory,
)
from vacancies.models import Part

pytestmark = pytest.mark.django_db

PAGE = reverse("admin:interviews_interviewsession_compare")
LIST = "/admin/interviews/interviewsession/"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def vacancy():
    return VacancyFactory(questions=2)


@pytest.fixture
def sessions(vacancy):
    names = ["Анна", "Boris 🙂"]
    return [
        SessionFactory(vacancy=vacancy, started=True, candidate__name=name)
        for name in names
    ]


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


def page(client, sessions, **extra):
    keys = ",".join(str(session.pk) for session in sessions)
    return client.get(PAGE, {"ids": keys, **extra})


def review(session, reviewer, mark, *, saved=True, note="", **fields):
    row = session.reviews.create(
        reviewer=reviewer, saved_at=timezone.now() if saved else None, **fields
    )
    question = session.vacancy.questions.first()
    row.ratings.create(question=question, mark=mark, note=note)
    return row


# The page


def test_answers_stand_beside_each_other(signed_in, sessions):
    for session in sessions:
        ProgressFactory(session=session, answer_text=f"I am {session.candidate.name}")

    response = page(signed_in, sessions)

    rows = response.context["comparison"].rows
    assert [
        [cell.turn.answer and cell.turn.answer.answer_text for cell in row.cells]
        for row in rows
    ] == [
        ["I am Boris 🙂", "I am Анна"],
        [None, None],
    ]
    assert response.text.count("No answer.") == 2


def test_each_candidate_looked_at_is_logged(signed_in, owner, sessions):
    page(signed_in, sessions)

    events = AuditEvent.objects.filter(action="viewed", actor_id=owner.pk)
    assert set(events.values_list("object_id", "vacancy_id", "detail")) == {
        (str(one.pk), one.vacancy_id, "comparison of 2") for one in sessions
    }


def test_names_can_be_hidden(signed_in, sessions):
    text = page(signed_in, sessions, names="0").text

    assert "Анна" not in text
    assert "Boris" not in text
    assert "Candidate 1" in text


def test_what_was_said_is_text(signed_in, sessions):
    ProgressFactory(session=sessions[0], answer_text=HOSTILE)

    assert HOSTILE not in page(signed_in, sessions).text


@pytest.mark.parametrize("number", [2, 6])
def test_the_page_has_constant_queries(
    hr_client, vacancy, django_assert_num_queries, number
):
    sessions = SessionFactory.create_batch(number, vacancy=vacancy, started=True)
    for session in sessions:
        answer = ProgressFactory(session=session)
        answer.corrections.create(text="No, this")
        TakeFactory(session=session, parts=[[b"a"]])
        review(session, UserFactory(), 3)
        session.moments.create(
            question=answer.question, author=UserFactory(), at_ms=1000, quote="Good"
        )

    # The log has a line, in a savepoint or not, for each of the candidates.
    with django_assert_num_queries(CONSTANT + LOG * number):
        assert page(hr_client, sessions).status_code == 200


CONSTANT, LOG = 13, 1


# Which questions are the same


def test_an_edited_vacancy_is_matched_by_key_then_by_words(owner, vacancy):
    first, second = vacancy.questions.all()
    early = SessionFactory(vacancy=vacancy, started=True)
    # The first is archived and asked anew in the same words; the second is reworded.
    first.archived_at, first.order = timezone.now(), None
    first.save()
    again = vacancy.questions.create(text=f" {first.text.upper()} ", order=1)
    second.text, asked_before = "Reworded?", second.text
    second.save()
    only_late = vacancy.questions.create(text="Only late?", order=3)
    late = SessionFactory(vacancy=vacancy, started=True)

    comparison = compare([early, late], owner)

    assert [
        [cell.turn and cell.turn.question.id for cell in row.cells]
        for row in comparison.rows
    ] == [[first.pk, again.pk], [second.pk, second.pk], [None, only_late.pk]]
    assert [row.text for row in comparison.rows] == [
        first.text,
        asked_before,
        "Only late?",
    ]
    assert [row.cells[1].wording for row in comparison.rows] == ["", "Reworded?", ""]


# Blind first


def test_others_marks_wait_for_ones_own(signed_in, owner, sessions):
    other = UserFactory(email="other@example.com")
    for session in sessions:
        review(session, other, 2, note="Too short", recommendation="strong_no")
        session.moments.create(
            question=session.vacancy.questions.first(), author=other, quote="Said so"
        )
    review(sessions[0], owner, 5)

    columns = page(signed_in, sessions).context["comparison"].columns
    first = {column.session.pk: column for column in columns}[sessions[0].pk]
    second = {column.session.pk: column for column in columns}[sessions[1].pk]

    assert (first.is_open, first.mark, len(first.reviews)) == (True, 3.5, 2)
    assert (second.is_open, second.mark, second.reviews) == (False, None, [])
    text = page(signed_in, sessions).text
    assert text.count("other@example.com") == 2
    assert text.count("Too short") == 1
    assert text.count("Said so") == 1
    assert text.count("Certainly not") == 1


def test_a_draft_is_its_authors_alone(signed_in, owner, sessions):
    other = UserFactory()
    review(sessions[0], owner, 4, saved=False, note="My draft")
    review(sessions[0], other, 2, saved=False, note="Another draft")
    review(sessions[1], owner, 4)
    review(sessions[1], other, 1, saved=False, note="Another draft")

    text = page(signed_in, sessions).text

    assert "My draft" in text
    assert "Another draft" not in text


def test_auditors_see_all(client, sessions):
    review(sessions[0], UserFactory(), 2)
    client.force_login(UserFactory(role=Role.AUDITOR, is_staff=True))

    columns = page(client, sessions).context["comparison"].columns

    assert {column.mark for column in columns} == {2, None}
    assert not any(column.is_managed for column in columns)


# Who, and what not


def test_foreign_interviews_are_not_there(signed_in, sessions):
    foreign = SessionFactory(started=True)

    assert page(signed_in, [sessions[0], foreign]).status_code == 404


@pytest.mark.parametrize("ids", ["", "1,2", "x", ",", "\x00", "🙂,🙂"])
def test_nonsense_is_not_found(signed_in, ids):
    assert signed_in.get(PAGE, {"ids": ids}).status_code == 404


def test_outsiders_sign_in_first(client, sessions):
    assert page(client, sessions).status_code == 302


def test_reviewers_compare_too(client, vacancy, sessions):
    client.force_login(member(vacancy, Part.REVIEWER, Role.REVIEWER))

    assert page(client, sessions).status_code == 200


def test_one_is_nothing_to_compare(signed_in, sessions):
    assert page(signed_in, sessions[:1]).url == LIST
    assert page(signed_in, [sessions[0], sessions[0]]).url == LIST


def test_two_vacancies_are_not_compared(hr_client):
    pair = [SessionFactory(started=True), SessionFactory(started=True)]

    assert page(hr_client, pair).url == LIST


def test_what_has_not_begun_is_not_compared(hr_client, vacancy):
    pair = SessionFactory.create_batch(2, vacancy=vacancy)

    assert page(hr_client, pair).url == LIST


def test_the_list_leads_to_it(signed_in, sessions):
    response = signed_in.post(
        LIST,
        {
            "action": "compare_selected",
            "_selected_action": [str(session.pk) for session in sessions],
        },
    )

    assert response.url.startswith(PAGE)
    assert signed_in.get(response.url).status_code == 200


@pytest.mark.parametrize("number", [1, 7])
def test_the_list_says_how_many(hr_client, vacancy, number):
    rows = SessionFactory.create_batch(number, vacancy=vacancy, started=True)

    response = hr_client.post(
        LIST,
        {
            "action": "compare_selected",
            "_selected_action": [str(session.pk) for session in rows],
        },
        follow=True,
    )

    assert "Choose two to six interviews to compare." in response.text
