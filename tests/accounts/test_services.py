"""What is done to accounts, also by two people at once."""

from functools import partial

import pytest
from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts import services
from accounts.exceptions import LastAdministrator
from accounts.models import Role, User
from tests.factories import UserFactory
from tests.jobs import run_jobs
from tests.threads import race


@pytest.mark.django_db(transaction=True)
def test_two_administrators_do_not_demote_each_other():
    anna, boris = UserFactory(hr=True), UserFactory(hr=True)

    @transaction.atomic
    def demote(user, number):
        try:
            services.keep_an_administrator(user)
        except LastAdministrator:
            return "refused"
        user.assign_role(Role.RECRUITER)
        user.save()
        return "demoted"

    [first], [second] = race(partial(demote, anna), partial(demote, boris))

    assert sorted([first, second]) == ["demoted", "refused"]
    assert User.objects.filter(role=Role.ADMINISTRATOR).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("fields", [{"is_active": False}, {"role": Role.RECRUITER}])
def test_who_is_no_active_administrator_may_go(fields):
    UserFactory(hr=True)
    user = UserFactory(hr=True, is_active=fields.get("is_active", True))
    user.assign_role(fields.get("role", user.role))
    user.save()

    services.keep_an_administrator(user)


# Links to choose a password by


def ask(client, address):
    return client.post("/accounts/password/reset/", {"email": address})


@pytest.mark.django_db
def test_a_forgotten_password_is_replaced_by_a_link(client, mailoutbox):
    UserFactory(email="anna@example.com")

    # A double click, and another spelling.
    answers = [ask(client, "anna@example.com"), ask(client, "Anna@Example.com")]
    in_queue = str(list(ProcrastinateJob.objects.values_list("args", flat=True)))
    run_jobs()

    assert [each["Location"] for each in answers] == [
        "/accounts/password/reset/done/"
    ] * 2
    [mail] = mailoutbox
    assert mail.subject == "Parley: choose a new password"
    # The link itself is in no table.
    assert "reset" in in_queue
    assert "/key/" not in in_queue


@pytest.mark.django_db
def test_a_link_whose_worker_died_has_the_same_message_id(client, mailoutbox):
    UserFactory(email="anna@example.com")
    for _ in range(2):
        ask(client, "anna@example.com")
        [arguments] = ProcrastinateJob.objects.values_list("args", flat=True)
        # The worker dies when the letter is out, and the job is taken up again.
        app.tasks["accounts.tasks.mail_password_link"](**arguments)
        run_jobs()

    ids = [mail.extra_headers["Message-ID"] for mail in mailoutbox]
    assert ids[0] == ids[1] != ids[2] == ids[3]


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["nobody", "closed"])
def test_others_get_no_link_and_the_same_answer(client, mailoutbox, who):
    UserFactory(email="closed@example.com", is_active=False)

    answer = ask(client, f"{who}@example.com")
    run_jobs()

    assert answer["Location"] == "/accounts/password/reset/done/"
    assert mailoutbox == []


@pytest.mark.django_db
def test_a_link_is_in_the_readers_language(client, mailoutbox):
    UserFactory(email="anna@example.com")

    client.post(
        "/accounts/password/reset/",
        {"email": "anna@example.com"},
        headers={"accept-language": "ru"},
    )
    [arguments] = ProcrastinateJob.objects.values_list("args", flat=True)

    assert arguments["language"] == "ru"


@pytest.mark.django_db
def test_without_mail_an_administrator_is_named(client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

    assert "ask an administrator" in client.get("/accounts/password/reset/").text
