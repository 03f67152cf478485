"""The team in the admin."""

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.models import AuditAction, AuditEvent, Role, User
from tests.factories import MemberFactory, RequestFactory, UserFactory
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db
LIST = "/admin/accounts/user/"
PASSWORD = "correct horse battery"


def change_url(user):
    return reverse("admin:accounts_user_change", args=[user.pk])


def filled(user, **changes):
    """Return what the form sends when somebody changes this much of it."""
    fields = {
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "role": user.role,
        "is_active": "on" if user.is_active else "",
    }
    return fields | changes


def added(**changes):
    return {
        "email": "New@Example.com",
        "first_name": "Nina",
        "last_name": "",
        "role": "recruiter",
        "password": "",
    } | changes


@pytest.mark.parametrize("role", Role.values)
def test_a_colleague_is_added_with_a_role(hr_client, role):
    hr_client.post(f"{LIST}add/", added(role=role, password=PASSWORD))

    user = User.objects.get(email="new@example.com")
    assert (user.first_name, user.role, user.is_staff) == ("Nina", role, True)
    assert user.is_superuser is (role == Role.ADMINISTRATOR)
    assert user.check_password(PASSWORD)
    told = AuditEvent.objects.get(action=AuditAction.ADDED)
    assert (told.object_id, told.detail) == (str(user.pk), "")


def test_roles_are_told_in_words(hr_client):
    page = hr_client.get(f"{LIST}add/").text

    assert "Recruiter: Their own vacancies and those shared with them" in page
    assert "Auditor: Reads everything" in page
    # Django's own rights mean nothing here, and are not offered.
    assert "groups" not in page
    assert "is_superuser" not in page


def test_an_invited_colleague_chooses_the_password(hr_client, mailoutbox):
    page = hr_client.post(f"{LIST}add/", added(), follow=True)
    run_jobs()

    [mail] = mailoutbox
    link = next(line for line in mail.body.splitlines() if line.startswith("http"))
    colleague = Client()
    form = colleague.get(link, follow=True)
    colleague.post(
        form.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD}
    )
    signed_in = colleague.post(
        "/accounts/login/", {"login": "new@example.com", "password": PASSWORD}
    )

    assert "is on its way" in page.text
    assert (mail.to, mail.subject) == (["new@example.com"], "You are invited to Parley")
    assert signed_in["Location"] == "/admin/"
    # Good once.
    assert "no longer good" in Client().get(link, follow=True).text


def test_without_mail_a_first_password_is_needed(hr_client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

    page = hr_client.post(f"{LIST}add/", added())

    assert page.context["adminform"].form.errors == {
        "password": ["This field is required."]
    }
    assert "at least 12 characters" in page.text


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"password": "short"}, "password"),
        ({"password": "new@example.com"}, "password"),
        ({"email": "not an address"}, "email"),
        ({"email": "TAKEN@example.com"}, "email"),
        ({"email": ""}, "email"),
        ({"role": "emperor"}, "role"),
        ({"first_name": "я" * 151}, "first_name"),
        ({"first_name": "a\x00b"}, "first_name"),
    ],
    ids=["short", "like", "bad", "taken", "empty", "role", "long", "NUL"],
)
def test_bad_input_is_told(hr_client, changes, wrong):
    UserFactory(email="taken@example.com")

    page = hr_client.post(f"{LIST}add/", added(password=PASSWORD) | changes)

    assert list(page.context["adminform"].form.errors) == [wrong]
    assert User.objects.count() == 2


def test_a_role_changes_at_once(hr_client):
    user = UserFactory(role="reviewer")

    hr_client.post(change_url(user), filled(user, role="administrator"))
    raised = User.objects.get(pk=user.pk)
    hr_client.post(change_url(user), filled(user, role="auditor"))

    user.refresh_from_db()
    assert (raised.role, raised.is_superuser) == ("administrator", True)
    assert (user.role, user.is_superuser) == ("auditor", False)
    assert (
        list(
            AuditEvent.objects.filter(object_id=user.pk).values_list(
                "action", flat=True
            )
        )
        == [AuditAction.CHANGED] * 2
    )


@pytest.mark.parametrize(
    "changes", [{"role": "recruiter"}, {"is_active": ""}], ids=["role", "active"]
)
def test_the_last_administrator_stays(hr_client, changes):
    user = User.objects.get()
    UserFactory(hr=True, is_active=False)

    page = hr_client.post(change_url(user), filled(user, **changes))
    deleted = hr_client.post(f"{LIST}{user.pk}/delete/", {"post": "yes"}, follow=True)

    assert "last active administrator" in page.text
    assert "last active administrator" in deleted.text
    user.refresh_from_db()
    assert (user.role, user.is_active) == (Role.ADMINISTRATOR, True)


def test_one_of_two_administrators_may_go(hr_client):
    other = UserFactory(hr=True)

    hr_client.post(change_url(other), filled(other, role="recruiter"))

    other.refresh_from_db()
    assert other.role == "recruiter"


def test_who_left_traces_is_deactivated_not_deleted(hr_client):
    user = UserFactory()
    RequestFactory(handled_by=user, handled_at="2026-01-01T00:00Z")

    page = hr_client.post(f"{LIST}{user.pk}/delete/", {"post": "yes"}, follow=True)

    assert "Deactivate it instead" in page.text
    assert User.objects.filter(pk=user.pk).exists()


def test_who_left_none_is_deleted(hr_client):
    user = MemberFactory().user

    hr_client.post(f"{LIST}{user.pk}/delete/", {"post": "yes"})

    assert not User.objects.filter(pk=user.pk).exists()


def test_nobody_is_deleted_by_the_dozen(hr_client):
    users = UserFactory.create_batch(2)

    hr_client.post(
        LIST,
        {
            "action": "delete_selected",
            "_selected_action": [user.pk for user in users],
            "post": "yes",
        },
    )

    assert User.objects.count() == 3


@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        ("recruiter", [403, 403, 403, 403, 403, 403]),
        ("reviewer", [403, 403, 403, 403, 403, 403]),
        # An auditor reads.
        ("auditor", [200, 200, 403, 403, 403, 403]),
        (None, [302, 302, 302, 302, 302, 302]),
    ],
)
def test_who_may_do_what(client, role, statuses):
    """Nobody raises themselves, nor anybody else."""
    user = UserFactory(role=role or "reviewer")
    if role:
        client.force_login(user)
    own = change_url(user)
    password = reverse("admin:auth_user_password_change", args=[user.pk])

    found = [
        client.get(LIST),
        client.get(own),
        client.post(own, filled(user, role="administrator")),
        client.post(f"{LIST}add/", added(role="administrator", password=PASSWORD)),
        client.post(password, {"password1": PASSWORD, "password2": PASSWORD}),
        client.post(f"{LIST}{user.pk}/reset_second_factor/"),
    ]

    assert [each.status_code for each in found] == statuses
    assert not User.objects.filter(role=Role.ADMINISTRATOR).exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_list_has_constant_queries(hr_client, django_assert_num_queries, rows):
    UserFactory.create_batch(rows - 1)

    with django_assert_num_queries(5):
        response = hr_client.get(LIST)

    assert response.context["cl"].result_count == rows


def test_the_list_shows_who_has_a_second_factor(hr_client, enrolled):
    user, _key = enrolled(role="recruiter", hr=False)

    rows = {
        each.email: each.has_factor
        for each in hr_client.get(LIST).context["cl"].result_list
    }

    assert rows[user.email] is True
    assert list(rows.values()).count(False) == 1


def test_a_password_is_set_and_ends_the_sign_ins(hr_client):
    user = UserFactory()
    theirs = Client()
    theirs.force_login(user)

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
    assert theirs.get("/accounts/").status_code == 302


def test_a_second_factor_is_reset(hr_client, enrolled):
    user, _key = enrolled()
    theirs = Client()
    theirs.force_login(user)
    url = f"{LIST}{user.pk}/reset_second_factor/"

    asked = hr_client.get(url)
    kept = Authenticator.objects.count()
    done = hr_client.post(url, follow=True)

    assert "Make sure that it is they who ask" in asked.text
    assert (kept, Authenticator.objects.count()) == (2, 0)
    assert "The second factor is reset" in done.text
    assert theirs.get("/accounts/").status_code == 302
    assert Session.objects.count() == 1
    told = AuditEvent.objects.get(object_id=user.pk, action=AuditAction.CHANGED)
    assert told.detail == "second factor reset (2)"


def test_only_what_helps_is_offered(hr_client, enrolled):
    enrolled_page = hr_client.get(change_url(enrolled()[0])).text
    plain_page = hr_client.get(change_url(UserFactory())).text

    assert "Reset the second factor" in enrolled_page
    assert "Reset the second factor" not in plain_page
    assert "Send a link to choose a password" in plain_page
    assert "Unlock" not in plain_page


@pytest.mark.parametrize(
    "action", ["reset_second_factor", "unlock", "mail_password_link"]
)
def test_nobody_there_is_not_found(hr_client, action):
    assert hr_client.get(f"{LIST}999999/{action}/").status_code == 404


def test_groups_are_gone(hr_client):
    assert hr_client.get("/admin/auth/group/").status_code == 404


def test_the_queue_is_not_in_the_admin(hr_client):
    assert hr_client.get("/admin/procrastinate/procrastinatejob/").status_code == 404


def test_attempts_and_secrets_are_not_in_the_admin(hr_client):
    paths = ["axes/accessattempt", "mfa/authenticator", "account/emailaddress"]

    found = [hr_client.get(f"/admin/{path}/").status_code for path in paths]

    assert found == [404] * 3


def test_a_first_administrator_is_made_at_the_shell(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)

    call_command("createsuperuser", email="Root@example.com", interactive=False)

    user = User.objects.get(email="root@example.com")
    assert (user.role, user.is_superuser, user.is_staff) == (
        Role.ADMINISTRATOR,
        True,
        True,
    )


def test_the_users_menu_leads_to_ones_own_pages(hr_client):
    page = hr_client.get("/admin/").text

    for address in ["/accounts/", "/accounts/2fa/", "/accounts/password/change/"]:
        assert f'href="{address}"' in page
    assert settings.SECOND_FACTOR == "optional"
