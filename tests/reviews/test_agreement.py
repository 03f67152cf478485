"""How far reviewers agree: the arithmetic, and who may read it."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from reviews.agreement import Verdict, agreement_of, alpha, counted
from tests.factories import SessionFactory, UserFactory, VacancyFactory
from vacancies.models import Part

pytestmark = pytest.mark.django_db

# K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), example C: four
# observers, twelve units, some values missing. Interval alpha is given as 0.849.
PUBLISHED = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]


def test_alpha_is_the_published_one():
    units = [
        [value for value in unit if value is not None]
        for unit in zip(*PUBLISHED, strict=True)
    ]

    assert alpha(counted(units)) == pytest.approx(0.849, abs=0.0005)


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        ([[1, 1], [5, 5], [3, 3]], 1),
        ([[1, 5], [5, 1]], -0.5),
        ([[3, 3], [3, 3]], None),
        ([[1], [2], [3]], None),
        ([], None),
    ],
)
def test_alpha_at_its_ends(units, expected):
    assert alpha(counted(units)) == expected


@pytest.fixture
def vacancy():
    return VacancyFactory(questions=2)


def mark(vacancy, *units, saved=True, blind=True, place=0):
    """Give each unit an interview of its own, each of its marks a reviewer."""
    question = vacancy.questions.all()[place]
    people = UserFactory.create_batch(max(len(unit) for unit in units))
    for unit in units:
        session = SessionFactory(vacancy=vacancy, started=True)
        for person, value in zip(people, unit, strict=False):
            review = session.reviews.create(
                reviewer=person,
                saved_at=timezone.now() if saved else None,
                is_blind=blind,
            )
            # As it was first; all have come round to the middle since.
            review.ratings.create(question=question, first_mark=value, mark=3)


def test_agreement_is_told_per_question(vacancy):
    mark(vacancy, [1, 1], [5, 5], [2, 3], [4, 4], [3, 3])
    mark(vacancy, [1, 5], [5, 1], [3, 3], [2, 4], [4, 2], place=1)

    first, second = agreement_of(vacancy)

    assert (first.answers, first.pairs, first.exact) == (5, 5, 0.8)
    assert first.difference == pytest.approx(0.2)
    assert first.verdict == Verdict.ALIKE
    assert second.verdict == Verdict.DIFFERENTLY
    assert second.difference == pytest.approx(12 / 5)


def test_three_reviewers_are_three_pairs(vacancy):
    mark(vacancy, [1, 1, 1], [5, 5, 5])

    [row] = agreement_of(vacancy)

    assert (row.answers, row.pairs, row.exact) == (2, 6, 1)


def test_few_pairs_say_nothing(vacancy):
    mark(vacancy, [1, 5], [5, 1], [1, 5], [5, 1])

    [row] = agreement_of(vacancy)

    assert row.verdict == Verdict.TOO_FEW
    assert (row.pairs, row.exact, row.difference, row.alpha) == (4, None, None, None)


def test_all_the_same_marks_are_alike(vacancy):
    mark(vacancy, *[[4, 4]] * 5)

    [row] = agreement_of(vacancy)

    assert (row.alpha, row.verdict) == (None, Verdict.ALIKE)


def test_only_blind_marks_count(vacancy):
    mark(vacancy, *[[1, 5]] * 5, blind=False)

    assert agreement_of(vacancy) == []


def test_drafts_single_marks_and_other_vacancies_do_not_count(vacancy):
    mark(vacancy, *[[1, 5]] * 5, saved=False)
    mark(vacancy, *[[1]] * 5)
    mark(VacancyFactory(questions=1), *[[1, 5]] * 5)

    assert agreement_of(vacancy) == []


def address(vacancy):
    return reverse("admin:interviews_interviewsession_agreement", args=[vacancy.pk])


@pytest.mark.parametrize("sets", [1, 3])
def test_the_page_has_constant_queries(
    hr_client, vacancy, django_assert_num_queries, sets
):
    for _ in range(sets):
        mark(vacancy, *[[1, 5]] * 2)

    with django_assert_num_queries(5):
        hr_client.get(address(vacancy))


def test_the_page_says_it_in_words(hr_client, vacancy):
    mark(vacancy, *[[1, 5], [5, 1]] * 3)
    mark(vacancy, [1, 5], place=1)

    page = hr_client.get(address(vacancy)).text

    assert "Reviewers read this question differently: make the rubric clearer." in page
    assert "Too few marks to tell." in page
    assert "-0.83" in page


@pytest.mark.parametrize(
    ("role", "part", "status"),
    [
        (Role.RECRUITER, Part.OWNER, 200),
        (Role.RECRUITER, Part.REVIEWER, 403),
        (Role.REVIEWER, Part.REVIEWER, 403),
        (Role.AUDITOR, None, 200),
        (Role.RECRUITER, None, 404),
        (Role.REVIEWER, None, 404),
    ],
)
def test_it_is_read_by_those_who_manage_or_audit(client, vacancy, role, part, status):
    user = UserFactory(role=role, is_staff=True)
    if part:
        vacancy.members.create(user=user, part=part)
    client.force_login(user)

    assert client.get(address(vacancy)).status_code == status


def test_outsiders_sign_in_first(client, vacancy):
    assert client.get(address(vacancy)).status_code == 302


@pytest.mark.parametrize(
    ("role", "part", "is_led"),
    [
        (Role.RECRUITER, Part.OWNER, True),
        (Role.REVIEWER, Part.REVIEWER, False),
        (Role.AUDITOR, None, True),
    ],
)
def test_the_vacancy_leads_to_it_whoever_may_read_it(
    client, vacancy, role, part, is_led
):
    user = UserFactory(role=role, is_staff=True)
    if part:
        vacancy.members.create(user=user, part=part)
    client.force_login(user)

    page = client.get(reverse("admin:vacancies_vacancy_change", args=[vacancy.pk])).text

    assert (address(vacancy) in page) == is_led
