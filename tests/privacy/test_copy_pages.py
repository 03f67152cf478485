"""The pages on which a copy of the data is made and taken: the candidate's and HR's."""

import json
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Role
from interviews.models import CopyState, DataCopy
from interviews.tokens import cookie_name, mint_token
from privacy import copy_making
from reviews.models import Review
from tests.factories import (
    MemberFactory,
    ProgressFactory,
    SessionFactory,
    TakeFactory,
    UserFactory,
)
from tests.jobs import run_jobs
from vacancies.models import Part

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    answer = ProgressFactory(answer_text="I led a team of five.")
    return answer.session


@pytest.fixture
def own_browser(client, session):
    """Return the browser in which the interview was held: nothing but its cookie."""
    client.cookies[cookie_name(session.pk)] = mint_token(session.pk)
    return client


def page(session, name="everything"):
    return reverse(f"privacy:{name}", args=[session.pk])


def unzipped(response):
    return ZipFile(BytesIO(b"".join(response.streaming_content)))


def test_a_small_copy_is_there_at_once(own_browser, session):
    assert "Make the file" in own_browser.get(page(session)).text

    made = own_browser.post(page(session), follow=True)
    response = own_browser.get(page(session, "download"))

    assert "Download the file" in made.text
    assert response["Content-Disposition"] == (
        'attachment; filename="copy-of-the-data.zip"'
    )
    assert "no-store" in response["Cache-Control"]
    answers = json.loads(unzipped(response).read("interviews/1/answers.json"))
    assert [one["answer_text"] for one in answers] == ["I led a team of five."]
    line = AuditEvent.objects.get(action="exported")
    assert (line.actor, line.object_id) == ("the candidate", str(session.pk))


def test_a_large_copy_is_made_by_the_worker(own_browser, session, monkeypatch):
    monkeypatch.setattr(copy_making, "MOST_AT_ONCE", 10)
    TakeFactory(
        session=session, parts=[[b"\x1a\x45\xdf\xa3", b"sound, and more of it"]]
    )

    asked = own_browser.post(page(session), follow=True)
    own_browser.post(page(session))
    assert "The file is being made" in asked.text
    assert own_browser.get(page(session, "download")).status_code == 404
    assert DataCopy.objects.count() == 1
    run_jobs()

    archive = unzipped(own_browser.get(page(session, "download")))
    [name] = [name for name in archive.namelist() if "/audio/" in name]
    assert name.endswith(".webm")
    assert archive.read(name) == b"\x1a\x45\xdf\xa3sound, and more of it"


def test_another_browser_gets_nothing(client, session):
    copy_making.make_and_keep(copy_making.ask_for_own(session, language="en").pk)

    for method, name in (
        ("get", "everything"),
        ("post", "everything"),
        ("get", "download"),
    ):
        response = getattr(client, method)(page(session, name))
        assert response.templates[0].name == "interviews/copy_closed.html"
    assert not AuditEvent.objects.filter(action="exported").exists()


def test_the_cookie_of_another_interview_opens_nothing(client, session):
    other = SessionFactory(started=True, candidate=session.candidate)
    client.cookies[cookie_name(session.pk)] = mint_token(other.pk)

    response = client.get(page(session))

    assert response.templates[0].name == "interviews/copy_closed.html"


def test_a_copy_that_hr_made_is_not_the_candidates(own_browser, session):
    user = UserFactory(hr=True)
    wanted = copy_making.ask_for_all(session.candidate, user=user, language="en")
    copy_making.make_and_keep(wanted.pk)

    assert own_browser.get(page(session, "download")).status_code == 404


def test_what_could_not_be_made_is_said(own_browser, session, monkeypatch):
    def fails(*arguments, **named):
        raise OSError("No space left on device")

    monkeypatch.setattr(copy_making.copy_files, "write", fails)
    wanted = copy_making.ask_for_own(session, language="en")
    with pytest.raises(OSError, match="No space"):
        copy_making.make_and_keep(wanted.pk)

    assert "The file could not be made" in own_browser.get(page(session)).text


def test_copies_are_deleted_after_some_days(session):
    wanted = copy_making.ask_for_own(session, language="en")
    copy_making.make_and_keep(wanted.pk)
    wanted.refresh_from_db()
    storage, name = wanted.file.storage, wanted.file.name
    storage.save("copies/left.zip", wanted.file.open("rb"))

    copy_making.delete_old()
    assert storage.exists(name)
    assert not storage.exists("copies/left.zip")
    DataCopy.objects.update(created_at=timezone.now() - copy_making.KEPT)
    copy_making.delete_old()

    assert not storage.exists(name)
    assert not DataCopy.objects.exists()


# HR


def admin_page(session):
    return reverse("admin:candidates_candidate_copy", args=[session.candidate_id])


def recruiter_of(session):
    user = UserFactory(role=Role.RECRUITER)
    MemberFactory(vacancy=session.vacancy, user=user, part=Part.OWNER)
    return user


def test_a_recruiter_gets_the_interviews_of_their_vacancies(client, session):
    SessionFactory(candidate=session.candidate, vacancy__title="Another’s vacancy")
    client.force_login(recruiter_of(session))

    shown = client.post(admin_page(session), follow=True)
    wanted = DataCopy.objects.get()
    url = reverse(
        "admin:candidates_candidate_copy_download",
        args=[session.candidate_id, wanted.pk],
    )
    archive = unzipped(client.get(url))

    assert url in shown.text
    assert "an administrator can make the whole copy" in shown.text
    contents = json.loads(archive.read("interviews.json"))
    assert [one["id"] for one in contents] == [str(session.pk)]
    assert "consents.json" not in archive.namelist()
    line = AuditEvent.objects.get(action="exported")
    assert line.object_id == str(session.pk)


def test_whoever_lost_the_vacancy_lost_the_copy(client, session):
    user = recruiter_of(session)
    kept = SessionFactory(candidate=session.candidate)
    MemberFactory(vacancy=kept.vacancy, user=user)
    wanted = copy_making.ask_for_all(session.candidate, user=user, language="en")
    copy_making.make_and_keep(wanted.pk)
    user.memberships.filter(vacancy=session.vacancy).delete()
    client.force_login(user)

    response = client.get(
        reverse(
            "admin:candidates_candidate_copy_download",
            args=[session.candidate_id, wanted.pk],
        )
    )

    assert response.status_code == 404


def test_a_copy_tells_what_colleagues_think_so_a_later_rating_is_not_blind(session):
    user = recruiter_of(session)

    copy_making.ask_for_all(session.candidate, user=user, language="en")

    assert Review.objects.get(reviewer=user).peeked_at


def test_a_copy_whose_file_is_lost_is_not_found(client, session):
    user = recruiter_of(session)
    wanted = copy_making.ask_for_all(session.candidate, user=user, language="en")
    copy_making.make_and_keep(wanted.pk)
    wanted.refresh_from_db()
    wanted.file.storage.delete(wanted.file.name)
    client.force_login(user)

    response = client.get(
        reverse(
            "admin:candidates_candidate_copy_download",
            args=[session.candidate_id, wanted.pk],
        )
    )

    assert response.status_code == 404


def test_a_reviewer_makes_no_copies(client, session):
    user = UserFactory(role=Role.REVIEWER)
    MemberFactory(vacancy=session.vacancy, user=user)
    client.force_login(user)

    assert client.get(admin_page(session)).status_code == 403
    assert client.post(admin_page(session)).status_code == 403
    assert not DataCopy.objects.exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_of_copies_has_constant_queries(
    hr_client, django_assert_num_queries, session, rows
):
    user = hr_client.get(admin_page(session)).wsgi_request.user
    for _ in range(rows):
        DataCopy.objects.create(
            candidate=session.candidate, asked_by=user, state=CopyState.FAILED
        )

    with django_assert_num_queries(4):
        response = hr_client.get(admin_page(session))

    assert len(response.context["copies"]) == rows
