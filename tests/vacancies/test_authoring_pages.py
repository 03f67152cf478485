"""The pages beside a vacancy's form: clones, templates, the bank, versions; who may."""

from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.models import AuditAction, AuditEvent, Role
from tests.factories import (
    BankQuestionFactory,
    QuestionFactory,
    SessionFactory,
    UserFactory,
    VacancyFactory,
)
from tests.vacancies.staff import person
from vacancies.admin.bank_pages import SHOWN_AT_ONCE
from vacancies.forms.bank import MOST_AT_ONCE
from vacancies.models import BankQuestion, Part, Question, Tag, Vacancy

pytestmark = pytest.mark.django_db

LIST = "/admin/vacancies/vacancy/"
PAGES = ["copy", "template", "bank", "save-to-bank", "versions"]
CANARY = "Canary of a foreign vacancy"


def address(vacancy, page="change"):
    return f"{LIST}{vacancy.pk}/{page}/"


@pytest.fixture
def vacancy():
    return VacancyFactory(title="Baker", questions=2)


@pytest.fixture
def owner(client, vacancy):
    """Sign in a recruiter who owns the vacancy."""
    user = person(vacancy=vacancy)
    client.force_login(user)
    return user


# Who may


@pytest.mark.parametrize("page", PAGES)
def test_outsiders_are_asked_to_sign_in(client, vacancy, page):
    response = client.get(address(vacancy, page))

    assert (response.status_code, response.url.startswith("/admin/login/")) == (
        302,
        True,
    )


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_foreign_vacancy_is_not_found(client, page, method):
    foreign = VacancyFactory(title=CANARY, questions=1)
    client.force_login(person())

    response = getattr(client, method)(address(foreign, page))

    assert (response.status_code, CANARY in response.text) == (404, False)
    assert Vacancy.objects.count() == 1


@pytest.mark.parametrize("key", ["0", "9" * 30])
@pytest.mark.parametrize("page", PAGES)
def test_what_is_no_vacancy_is_not_found(hr_client, page, key):
    assert hr_client.get(f"{LIST}{key}/{page}/").status_code == 404


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.AUDITOR])
@pytest.mark.parametrize("page", PAGES[:4])
def test_whoever_only_reads_makes_nothing(client, vacancy, role, page):
    client.force_login(person(role, vacancy, Part.REVIEWER))

    response = client.post(address(vacancy, page), {"title": "Mine", "question": [1]})

    assert response.status_code == 403
    assert (Vacancy.objects.count(), BankQuestion.objects.count()) == (1, 0)


@pytest.mark.parametrize("page", ["bank", "save-to-bank"])
def test_a_recruiter_who_only_reviews_a_vacancy_does_not_change_it(
    client, vacancy, page
):
    client.force_login(person(vacancy=vacancy, part=Part.REVIEWER))

    assert client.get(address(vacancy, page)).status_code == 404


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.AUDITOR])
def test_whoever_reads_a_vacancy_reads_its_versions(client, vacancy, role):
    client.force_login(person(role, vacancy, Part.REVIEWER))

    assert client.get(address(vacancy, "versions")).status_code == 200


# Clones and templates


def test_a_clone_is_opened_and_belongs_to_whoever_made_it(client, owner, vacancy):
    page = client.get(address(vacancy, "copy"))
    form = page.context["form"]
    data = {"title": form.initial["title"], "key": form.initial["key"]}

    response = client.post(address(vacancy, "copy"), data)

    copy = Vacancy.objects.exclude(pk=vacancy.pk).get()
    assert response.url == address(copy)
    assert (copy.title, copy.questions.count()) == ("Baker (copy)", 2)
    assert list(copy.members.values_list("user", "part")) == [(owner.pk, Part.OWNER)]
    assert client.get(response.url).status_code == 200
    events = AuditEvent.objects.filter(action=AuditAction.ADDED, object_id=str(copy.pk))
    assert list(events.values_list("vacancy_id", "detail")) == [
        (copy.pk, f"copy of {vacancy.pk}")
    ]


def test_a_double_click_makes_one_clone(client, owner, vacancy):
    data = {"title": "Cook", "key": uuid4()}

    responses = [client.post(address(vacancy, "copy"), data) for _ in range(2)]

    copy = Vacancy.objects.get(title="Cook")
    assert [response.url for response in responses] == [address(copy)] * 2


@pytest.mark.parametrize("title", ["", " ", "A" * 201, "a\0b"])
def test_a_clone_needs_a_title(client, owner, vacancy, title):
    response = client.post(address(vacancy, "copy"), {"title": title})

    assert list(response.context["form"].errors) == ["title"]
    assert Vacancy.objects.count() == 1


def test_a_broken_key_is_told_and_nothing_is_made(client, owner, vacancy):
    client.post(address(vacancy, "copy"), {"title": "Cook", "key": "no key"})

    assert Vacancy.objects.count() == 1


def test_the_longest_title_is_shortened_to_fit(client, owner, vacancy):
    Vacancy.objects.update(title="A" * 200)

    page = client.get(address(vacancy, "copy"))

    assert len(page.context["form"].initial["title"]) == 200


def test_a_template_is_saved_listed_apart_and_made_a_vacancy_of(client, owner, vacancy):
    client.post(address(vacancy, "template"), {"title": "Bakers"})
    template = Vacancy.objects.get(is_template=True)

    vacancies = client.get(LIST).context["cl"].result_list
    templates = client.get(LIST, {"templates": "only"}).context["cl"].result_list
    offered = client.get(f"{LIST}add/").context["offered_templates"]
    client.post(address(template, "copy"), {"title": "Night baker"})

    assert (list(vacancies), list(templates), offered) == (
        [vacancy],
        [template],
        [template],
    )
    made = Vacancy.objects.get(title="Night baker")
    assert (made.is_template, made.questions.count()) == (False, 2)


def test_foreign_templates_are_not_offered(client):
    VacancyFactory(title=CANARY, is_template=True, status="draft")
    client.force_login(person())

    assert CANARY not in client.get(f"{LIST}add/").text


def test_a_template_cannot_be_opened(client, owner):
    template = VacancyFactory(is_template=True, status="draft", questions=1)
    template.members.create(user=owner, part=Part.OWNER)

    page = client.get(address(template))
    client.post(LIST, {"action": "open_selected", "_selected_action": [template.pk]})

    assert "status" not in page.context["adminform"].form.fields
    template.refresh_from_db()
    assert template.status == "draft"


def test_a_template_is_found_by_no_autocomplete(hr_client, vacancy):
    VacancyFactory(title="Baker’s template", is_template=True, status="draft")
    where = {"app_label": "interviews", "model_name": "interviewsession"}

    found = hr_client.get(
        "/admin/autocomplete/", where | {"field_name": "vacancy", "term": "Baker"}
    )

    assert [row["text"] for row in found.json()["results"]] == ["Baker"]


@pytest.mark.parametrize("number", [1, 2])
def test_one_vacancy_is_cloned_from_the_list(client, owner, vacancy, number):
    other = VacancyFactory()
    other.members.create(user=owner, part=Part.OWNER)
    chosen = [vacancy.pk, other.pk][:number]

    response = client.post(
        LIST, {"action": "clone_selected", "_selected_action": chosen}
    )

    assert response.url == (address(vacancy, "copy") if number == 1 else LIST)


def test_what_one_only_reviews_is_not_opened_from_the_list(client, vacancy):
    Vacancy.objects.update(status="draft")
    client.force_login(person(vacancy=vacancy, part=Part.REVIEWER))

    response = client.post(
        LIST,
        {"action": "open_selected", "_selected_action": [vacancy.pk]},
        follow=True,
    )

    vacancy.refresh_from_db()
    assert vacancy.status == "draft"
    assert "Nothing changed" in response.text


# From the bank


def test_questions_are_added_in_the_order_ticked(client, owner, vacancy):
    first, _, third = BankQuestionFactory.create_batch(3)
    data = {"question": [first.pk, third.pk], "chosen": f"{third.pk},{first.pk}"}

    response = client.post(address(vacancy, "bank"), data, follow=True)

    texts = vacancy.questions.current().values_list("text", flat=True)
    assert list(texts)[2:] == [third.text, first.text]
    assert response.redirect_chain == [(address(vacancy), 302)]
    assert "2 questions added at the end." in response.text


def test_without_a_script_they_are_added_in_the_order_of_the_page(
    client, owner, vacancy
):
    first, second = BankQuestionFactory.create_batch(2)

    client.post(address(vacancy, "bank"), {"question": [second.pk, first.pk]})

    texts = vacancy.questions.current().values_list("text", flat=True)
    assert list(texts)[2:] == [second.text, first.text]


def test_a_double_click_adds_once_and_says_so_twice(client, owner, vacancy):
    data = {"question": [BankQuestionFactory().pk], "key": uuid4()}

    pages = [
        client.post(address(vacancy, "bank"), data, follow=True).text for _ in range(2)
    ]

    assert vacancy.questions.count() == 3
    assert ["1 question added at the end." in page for page in pages] == [True, True]


@pytest.mark.parametrize("question", [[], ["0"], ["one"], ["9" * 30], ["1", "0"]])
def test_a_wrong_choice_is_told_and_nothing_is_added(client, owner, vacancy, question):
    response = client.post(address(vacancy, "bank"), {"question": question})

    assert list(response.context["form"].errors) == ["question"]
    assert Question.objects.count() == 2


def test_too_many_at_once_are_refused(client, owner, vacancy):
    BankQuestion.objects.bulk_create(
        BankQuestion(text="?") for _ in range(MOST_AT_ONCE + 1)
    )
    keys = list(BankQuestion.objects.values_list("pk", flat=True))

    response = client.post(address(vacancy, "bank"), {"question": keys})

    assert response.context["form"].errors == {
        "question": ["At most 100 questions at once, please."]
    }


def test_the_search_finds_by_word_tag_and_language_and_keeps_what_is_ticked(
    client, owner, vacancy
):
    wanted = BankQuestionFactory(text="Как вы продаёте?", language="ru")
    tagged = BankQuestionFactory(language="ru")
    tagged.tags.add(Tag.objects.create(name="Продажи"))
    english, ticked = BankQuestionFactory.create_batch(2)

    def found(**sent):
        return client.get(address(vacancy, "bank"), sent).context["rows"]

    page = client.get(
        address(vacancy, "bank"), {"question": [ticked.pk], "language": "ru"}
    )

    assert found(q="ПРОДА", language="") == [tagged, wanted]
    assert found(tag=Tag.objects.get().pk, language="") == [tagged]
    assert found() == [ticked, english]  # the vacancy's language
    assert (page.context["ticked"], page.context["rows"]) == (
        [ticked],
        [tagged, wanted],
    )


@pytest.mark.parametrize(
    "sent", [{"q": "\0"}, {"tag": "x"}, {"language": "xx"}, {"question": "9" * 30}]
)
def test_a_broken_search_is_no_error(client, owner, vacancy, sent):
    assert client.get(address(vacancy, "bank"), sent).status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_the_banks_page_has_constant_queries(
    client, owner, vacancy, django_assert_num_queries, rows
):
    for question in BankQuestionFactory.create_batch(rows):
        question.tags.add(Tag.objects.create(name=f"tag {question.pk}"))

    with django_assert_num_queries(6):
        client.get(address(vacancy, "bank"))


def test_of_a_large_bank_one_page_is_read(client, owner, vacancy):
    BankQuestion.objects.bulk_create(
        BankQuestion(text="?") for _ in range(SHOWN_AT_ONCE + 1)
    )

    page = client.get(address(vacancy, "bank"))

    assert (len(page.context["rows"]), page.context["has_more"]) == (
        SHOWN_AT_ONCE,
        True,
    )


# Into the bank


def test_questions_are_kept_with_tags(client, owner, vacancy):
    first, _ = vacancy.questions.all()
    data = {"question": [first.pk], "tag_names": " Команда, sales ,КОМАНДА,, "}

    response = client.post(address(vacancy, "save-to-bank"), data, follow=True)

    kept = BankQuestion.objects.get()
    assert (kept.text, kept.language) == (first.text, vacancy.language)
    assert {tag.name for tag in kept.tags.all()} == {"Команда", "sales"}
    assert "1 question saved to the bank." in response.text


def test_what_the_bank_has_is_told(client, owner, vacancy):
    data = {"question": [one.pk for one in vacancy.questions.all()]}
    client.post(address(vacancy, "save-to-bank"), data)

    response = client.post(address(vacancy, "save-to-bank"), data, follow=True)

    assert "0 questions saved to the bank. 2 were there already." in response.text
    assert BankQuestion.objects.count() == 2


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"question": "0"},
        {"tag_names": "x" * 51},
        {"tag_names": ",".join("abcdefghijk")},
        {"tag_names": "a\0"},
    ],
)
def test_a_wrong_choice_keeps_nothing(client, owner, vacancy, data):
    if "tag_names" in data:
        data = data | {"question": [vacancy.questions.first().pk]}

    response = client.post(address(vacancy, "save-to-bank"), data)

    assert (response.status_code, len(response.context["form"].errors)) == (200, 1)
    assert (BankQuestion.objects.count(), Tag.objects.count()) == (0, 0)


def test_a_foreign_question_is_not_kept(client, owner, vacancy):
    foreign = QuestionFactory(text=CANARY, order=1)

    response = client.post(address(vacancy, "save-to-bank"), {"question": foreign.pk})

    assert CANARY not in response.text
    assert BankQuestion.objects.count() == 0


# Versions


def test_versions_tell_what_changed_and_for_how_many(client, owner, vacancy):
    SessionFactory.create_batch(2, vacancy=vacancy, started=True)
    vacancy.questions.filter(order=1).update(text="Why <b>bread</b>?")
    SessionFactory(vacancy=vacancy, started=True)
    QuestionFactory(vacancy=vacancy, order=3, text="Newest?")

    page = client.get(address(vacancy, "versions"))

    versions = page.context["versions"]
    assert [one["script"].session_count for one in versions] == [1, 2]
    assert [change.after for change in versions[0]["difference"].questions] == [1]
    assert [
        change.is_added for change in page.context["now"]["difference"].questions
    ] == [True]
    assert "<b>" not in page.text
    assert "&lt;b&gt;" in page.text


def test_now_is_not_told_apart_when_it_is_the_newest(client, owner, vacancy):
    SessionFactory(vacancy=vacancy, started=True)

    assert client.get(address(vacancy, "versions")).context["now"] is None


def test_now_may_be_an_older_version_again(client, owner, vacancy):
    before = vacancy.questions.get(order=1).text
    older = SessionFactory(vacancy=vacancy, started=True).script
    vacancy.questions.filter(order=1).update(text="Changed?")
    SessionFactory(vacancy=vacancy, started=True)
    vacancy.questions.filter(order=1).update(text=before)

    assert client.get(address(vacancy, "versions")).context["now"]["again"] == older


def test_a_vacancy_without_versions_shows_its_questions(client, owner, vacancy):
    page = client.get(address(vacancy, "versions"))

    assert vacancy.questions.first().text in page.text


@pytest.mark.parametrize("number", [1, 3])
def test_versions_cost_a_constant_number_of_queries(
    client, owner, vacancy, django_assert_num_queries, number
):
    for version in range(number):
        vacancy.questions.filter(order=1).update(text=f"Version {version}?")
        SessionFactory(vacancy=vacancy, started=True)

    with django_assert_num_queries(5):
        page = client.get(address(vacancy, "versions"))

    assert len(page.context["versions"]) == number


def test_older_versions_are_on_a_further_page(client, owner, vacancy):
    for version in range(12):
        vacancy.questions.filter(order=1).update(text=f"Version {version}?")
        SessionFactory(vacancy=vacancy, started=True)

    newer = client.get(address(vacancy, "versions"))
    older = client.get(address(vacancy, "versions"), {"page": "2"})
    beyond = client.get(address(vacancy, "versions"), {"page": "-1"})

    assert [len(page.context["versions"]) for page in (newer, older, beyond)] == [
        10,
        2,
        10,
    ]
    assert [one["difference"] is None for one in older.context["versions"]] == [
        False,
        True,
    ]


# The form


def test_the_form_tells_minutes_and_whom_a_change_reaches(client, owner, vacancy):
    SessionFactory.create_batch(2, vacancy=vacancy, started=True)
    SessionFactory(vacancy=vacancy)

    page = client.get(address(vacancy)).text

    assert "The interview takes about 2 to 4 min." in page
    assert "2 interviews have started: they keep the questions they began with." in page
    assert "1 person who is invited and has not begun gets your change" in page


def test_before_any_interview_there_is_no_warning(client, owner, vacancy):
    SessionFactory(vacancy=vacancy)

    assert client.get(address(vacancy)).context["reach"] is None


def test_links_lead_where_the_person_may_go(client, vacancy):
    def names(user):
        client.force_login(user)
        links = client.get(address(vacancy)).context["offered_links"]
        return [link["name"].removeprefix("admin:vacancies_vacancy_") for link in links]

    assert names(person(vacancy=vacancy)) == [
        "versions",
        "from_bank",
        "to_bank",
        "copy",
        "template",
    ]
    assert names(person(Role.REVIEWER, vacancy, Part.REVIEWER)) == ["versions"]
    assert names(UserFactory(is_staff=True, role=Role.AUDITOR)) == ["versions"]


def test_nobody_invites_to_a_template_or_a_foreign_vacancy(client, owner, vacancy):
    template = VacancyFactory(is_template=True, status="draft")
    template.members.create(user=owner, part=Part.OWNER)
    invite = "admin:vacancies_vacancy_invite"

    refused = client.get(reverse(invite, args=[template.pk]))
    allowed = client.get(reverse(invite, args=[vacancy.pk]))

    assert (refused.status_code, allowed.status_code) == (403, 302)
