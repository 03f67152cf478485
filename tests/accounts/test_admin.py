"""HR staff in the admin."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from accounts.models import User
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager_client(client):
    """A client of somebody who may change users, but is no superuser."""
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__model="user"))
    client.force_login(user)
    return client


def change_url(user):
    return reverse("admin:accounts_user_change", args=[user.pk])


def test_staff_sign_in_by_address_in_any_case(client):
    UserFactory(hr=True, email="anna@example.com", password="a long password")

    client.post(
        "/admin/login/",
        {"username": "Anna@Example.com", "password": "a long password"},
    )

    assert client.get("/admin/").status_code == 200


def test_the_sign_in_page_asks_for_the_address(client):
    assert "Email address" in client.get("/admin/login/").text


def test_a_user_is_added_by_address(hr_client):
    hr_client.post(
        reverse("admin:accounts_user_add"),
        {
            "email": "new@example.com",
            "first_name": "Nina",
            "is_staff": "on",
            "usable_password": "true",
            "password1": "correct horse battery",
            "password2": "correct horse battery",
        },
    )

    user = User.objects.get(email="new@example.com")
    assert (user.first_name, user.is_staff, user.is_superuser) == ("Nina", True, False)
    assert user.check_password("correct horse battery")


def test_a_password_is_changed(hr_client):
    user = UserFactory()

    hr_client.post(
        reverse("admin:auth_user_password_change", args=[user.pk]),
        {
            "usable_password": "true",
            "password1": "another long one",
            "password2": "another long one",
        },
    )

    user.refresh_from_db()
    assert user.check_password("another long one")


@pytest.mark.parametrize("rows", [1, 3])
def test_list_has_constant_queries(hr_client, django_assert_num_queries, rows):
    UserFactory.create_batch(rows - 1)

    with django_assert_num_queries(5):
        response = hr_client.get("/admin/accounts/user/")

    assert response.context["cl"].result_count == rows


def test_nobody_makes_themselves_a_superuser(manager_client):
    user = User.objects.get()

    manager_client.post(
        change_url(user),
        {
            "email": user.email,
            "is_active": "on",
            "is_staff": "on",
            "is_superuser": "on",
        },
    )

    user.refresh_from_db()
    assert user.is_superuser is False


def test_a_superuser_is_out_of_reach_of_others(manager_client):
    superuser = UserFactory(hr=True)
    password = reverse("admin:auth_user_password_change", args=[superuser.pk])

    changed = manager_client.post(change_url(superuser), {"email": "x@example.com"})
    new_password = manager_client.post(
        password, {"password1": "mine now mine now", "password2": "mine now mine now"}
    )

    assert (changed.status_code, new_password.status_code) == (403, 403)


@pytest.mark.parametrize(
    "url",
    ["/admin/accounts/user/add/", "/admin/auth/group/", "/admin/auth/group/add/"],
)
def test_pages_open(hr_client, url):
    assert hr_client.get(url).status_code == 200


def test_the_queue_is_not_in_the_admin(hr_client):
    assert hr_client.get("/admin/procrastinate/procrastinatejob/").status_code == 404


def test_a_role_is_made_of_rights_in_plain_words(hr_client):
    page = hr_client.get("/admin/auth/group/add/")
    choices = page.context["adminform"].form.fields["permissions"].choices
    keys = {str(label): key.value for key, label in choices}

    hr_client.post(
        "/admin/auth/group/add/",
        {"name": "Recruiters", "permissions": [keys["Interviews: invite"]]},
    )

    assert len(keys) == 23
    given = Group.objects.get(name="Recruiters").permissions.get()
    assert given.codename == "add_interviewsession"


def test_roles_are_for_superusers(client):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.all())
    client.force_login(user)

    assert client.get("/admin/auth/group/").status_code == 403
