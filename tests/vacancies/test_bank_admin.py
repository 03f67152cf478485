"""The question bank in the admin."""

import pytest

from accounts.models import AuditEvent, Role
from tests.factories import BankQuestionFactory, VacancyFactory
from tests.vacancies.staff import person
from vacancies.models import BankQuestion, Tag

pytestmark = pytest.mark.django_db

LIST = "/admin/vacancies/bankquestion/"
QUESTION = {
    "text": "Почему мы? 🙂",
    "language": "ru",
    "required": "on",
    "answer_mode": "written",
    "time_limit_seconds": "90",
    "retakes": "1",
    "strong_answer": "Names a product",
    "weak_answer": "",
    "weight": "3",
    "tag_names": "Мотивация, motivation",
}


@pytest.fixture
def recruiter(client):
    user = person()
    client.force_login(user)
    return user


def test_a_recruiter_adds_a_question_with_new_and_known_tags(client, recruiter):
    Tag.objects.create(name="МОТИВАЦИЯ")

    client.post(f"{LIST}add/", QUESTION)

    question = BankQuestion.objects.get()
    assert (question.text, question.weight, question.created_by) == (
        "Почему мы? 🙂",
        3,
        recruiter,
    )
    assert [tag.name for tag in question.tags.all()] == ["motivation", "МОТИВАЦИЯ"]
    assert AuditEvent.objects.filter(
        object_type="vacancies.bankquestion", actor_id=recruiter.pk
    ).exists()


def test_tags_are_shown_and_taken_away(client, recruiter):
    question = BankQuestionFactory()
    question.tags.add(Tag.objects.create(name="a"), Tag.objects.create(name="b"))
    address = f"{LIST}{question.pk}/change/"

    page = client.get(address)
    client.post(address, QUESTION | {"tag_names": "b"})

    assert page.context["adminform"].form.initial["tag_names"] == "a, b"
    assert [tag.name for tag in question.tags.all()] == ["b"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", ""),
        ("text", "x" * 2001),
        ("weight", "6"),
        ("weight", ""),
        ("time_limit_seconds", "14"),
        ("retakes", "21"),
        ("answer_mode", "sung"),
        ("tag_names", "x" * 51),
        ("strong_answer", "a\0"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(client, recruiter, field, value):
    response = client.post(f"{LIST}add/", QUESTION | {field: value})

    assert list(response.context["adminform"].form.errors) == [field]
    assert BankQuestion.objects.count() == 0


@pytest.mark.parametrize("rows", [1, 3])
def test_list_has_constant_queries(client, recruiter, django_assert_num_queries, rows):
    for question in BankQuestionFactory.create_batch(rows):
        question.tags.add(Tag.objects.create(name=f"tag {question.pk}"))

    with django_assert_num_queries(6):
        page = client.get(LIST)

    assert len(page.context["cl"].result_list) == rows


@pytest.mark.parametrize("sent", [{"q": "ОМСК"}, {"tags__id__exact": "{tag}"}])
def test_questions_are_found_by_word_and_by_tag_once(client, recruiter, sent):
    found, _ = BankQuestionFactory(text="Бывали в Омске?"), BankQuestionFactory()
    tag = Tag.objects.create(name="омск и Омск")
    found.tags.add(tag, Tag.objects.create(name="Омск"))
    sent = {name: value.format(tag=tag.pk) for name, value in sent.items()}

    page = client.get(LIST, sent)

    assert list(page.context["cl"].result_list) == [found]


def test_the_bank_is_not_for_reviewers_and_auditors_only_read_it(client):
    question = BankQuestionFactory(text="Canary?")
    address = f"{LIST}{question.pk}/change/"

    def answers(role):
        client.force_login(person(role))
        use = f"{LIST}use/?question={question.pk}"
        got = [client.get(url).status_code for url in (LIST, address, use)]
        return [*got, client.post(address, QUESTION).status_code]

    assert answers(Role.REVIEWER) == [403, 403, 403, 403]
    assert answers(Role.AUDITOR) == [200, 200, 403, 403]
    assert answers(Role.RECRUITER) == [200, 200, 200, 302]


def test_outsiders_are_asked_to_sign_in(client):
    responses = [client.get(url) for url in (LIST, f"{LIST}use/")]

    assert [response.status_code for response in responses] == [302, 302]


def test_questions_are_taken_to_a_vacancy_of_ones_own(client, recruiter):
    question = BankQuestionFactory(text="Taken?", language="ru")
    own, foreign = VacancyFactory(title="Own"), VacancyFactory(title="Canary")
    own.members.create(user=recruiter, part="owner")

    chosen = client.post(
        LIST, {"action": "use_in_vacancy", "_selected_action": [question.pk]}
    )
    page = client.get(chosen.url)
    [link] = [part for part in page.text.split('"') if f"/{own.pk}/bank/" in part]
    then = client.get(link.replace("&amp;", "&"))

    assert foreign.title not in page.text
    assert then.context["ticked"] == [question]
