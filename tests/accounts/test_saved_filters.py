"""Filters kept under a name: each person's own, and never an address to anywhere else."""

from urllib.parse import quote

import pytest

from accounts.models import Role, SavedFilter
from accounts.saved_filters import MOST_FILTERS
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

LIST = "/admin/interviews/interviewsession/"
PAGE = "interviews_interviewsession"


@pytest.fixture
def user():
    return UserFactory(role=Role.REVIEWER, is_staff=True)


@pytest.fixture
def signed_in(client, user):
    client.force_login(user)
    return client


def save(client, name, query):
    return client.post(f"{LIST}filters/save/", {"name": name, "query": query})


def kept():
    rows = SavedFilter.objects.order_by("pk")
    return list(rows.values_list("page", "name", "query"))


def said(client):
    response = client.get(LIST)
    return [str(message) for message in response.context["messages"]]


def test_a_filter_is_kept_and_shown(signed_in, user):
    response = save(signed_in, "Мои 🙂", "?q=Анна&state=finished&p=3&_facets=True")

    query = f"q={quote('Анна')}&state=finished"
    assert response.url == f"{LIST}?{query}"
    assert kept() == [(PAGE, "Мои 🙂", query)]
    page = signed_in.get(response.url).text
    assert (
        f'href="?{query.replace("&", "&amp;")}" aria-current="page">Мои 🙂</a>' in page
    )


def test_an_order_and_several_values_are_part_of_it(signed_in):
    save(signed_in, "Both", "stage=new&stage=offer&o=-3&decision=")

    assert kept() == [(PAGE, "Both", "stage=new&stage=offer&o=-3")]


def test_a_name_used_again_stands_for_the_new_filter(signed_in):
    save(signed_in, "Mine", "state=finished")
    save(signed_in, "Mine", "state=invited")

    assert kept() == [(PAGE, "Mine", "state=invited")]


@pytest.mark.parametrize(
    ("name", "query", "problem"),
    [
        ("", "state=finished", "Give the filter a name."),
        ("  ", "state=finished", "Give the filter a name."),
        ("n" * 61, "state=finished", "Ensure this value has at most 60 characters"),
        ("a\x00b", "state=finished", "Null characters are not allowed."),
        ("Empty", "", "Filter the list first, then save the filter."),
        ("Place", "p=3&state=", "Filter the list first, then save the filter."),
        ("Long", f"q={'a' * 2000}", "These filters are too many to be kept."),
        ("NUL", "q=\x00", "Null characters are not allowed."),
        ("Abroad", "https://evil.example/?q=1", "These are no filters of this list."),
        ("Abroad", "//evil.example?q=1", "These are no filters of this list."),
        ("Script", "javascript:alert(1)=1", "These are no filters of this list."),
    ],
)
def test_what_is_no_filter_is_refused(signed_in, name, query, problem):
    response = save(signed_in, name, query)

    assert response.url.startswith(LIST)
    [message] = said(signed_in)
    assert message.startswith(problem)
    assert kept() == []


def test_markup_in_a_value_stays_text(signed_in):
    response = save(signed_in, "<b>bold</b>", 'q="><script>alert(1)</script>')

    page = signed_in.get(response.url).text
    assert "<b>bold" not in page
    assert "<script>alert" not in page


def test_there_is_a_limit(signed_in, user):
    for number in range(MOST_FILTERS):
        user.saved_filters.create(page=PAGE, name=f"{number}", query="q=a")

    save(signed_in, "One more", "q=b")
    assert said(signed_in) == ["You have 30 filters here. Delete one first."]
    save(signed_in, "0", "q=b")
    assert said(signed_in) == ["Filter saved."]

    assert user.saved_filters.count() == MOST_FILTERS


def test_a_filter_is_deleted(signed_in, user):
    row = user.saved_filters.create(page=PAGE, name="Mine", query="q=a")

    response = signed_in.post(
        f"{LIST}filters/{row.pk}/delete/", {"query": "state=finished"}
    )

    assert response.url == f"{LIST}?state=finished"
    assert kept() == []


def test_nobody_sees_or_deletes_anothers(signed_in):
    row = UserFactory().saved_filters.create(page=PAGE, name="Theirs", query="q=a")

    assert "Theirs" not in signed_in.get(LIST).text
    assert signed_in.post(f"{LIST}filters/{row.pk}/delete/").status_code == 404
    assert SavedFilter.objects.exists()


def test_a_filter_of_another_list_is_not_shown(signed_in, user):
    row = user.saved_filters.create(page="other", name="Elsewhere", query="q=a")

    assert "Elsewhere" not in signed_in.get(LIST).text
    assert signed_in.post(f"{LIST}filters/{row.pk}/delete/").status_code == 404


def test_only_posts_change_anything(signed_in):
    assert signed_in.get(f"{LIST}filters/save/").status_code == 405


def test_outsiders_sign_in_first(client):
    assert save(client, "Mine", "q=a").status_code == 302
    assert kept() == []
