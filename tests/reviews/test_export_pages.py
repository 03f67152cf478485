"""The way to a file: from the list, from one interview, and by the worker."""

import io
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import AuditEvent, Role
from interviews.models import InterviewSession
from reviews import tasks
from reviews.exports import making
from reviews.models import Export, ExportFormat, ExportState
from reviews.models.exports import exports_storage
from tests.factories import SessionFactory, UserFactory
from tests.jobs import run_jobs
from tests.reviews.exported import (
    asked,
    bakery,
    interview,
    read_csv,
    read_json,
    read_pdf,
    read_xlsx,
    recruiter,
)

pytestmark = pytest.mark.django_db

LIST = "/admin/interviews/interviewsession/"
EXPORT = f"{LIST}export/"
EXPORTS = "/admin/reviews/export/"


@pytest.fixture(autouse=True)
def _no_files_of_other_tests():
    for name in exports_storage().listdir("")[1]:
        exports_storage().delete(name)


@pytest.fixture
def vacancy():
    return bakery()


@pytest.fixture
def owner(vacancy):
    return recruiter(vacancy, email="anna@example.com")


@pytest.fixture
def signed_in(client, owner):
    client.force_login(owner)
    return client


@pytest.fixture
def one_at_once(monkeypatch):
    """Have the worker make whatever is more than one interview."""
    monkeypatch.setattr(making, "MOST_ROWS_AT_ONCE", 1)


def body(response):
    return b"".join(response.streaming_content)


def exported():
    return list(
        AuditEvent.objects.filter(action="exported")
        .order_by("pk")
        .values_list("object_type", "object_id", "vacancy_id", "detail")
    )


def names(content):
    return {one["candidate"]["name"] for one in read_json(content)["interviews"]}


def report_of(session):
    return reverse("admin:interviews_interviewsession_export_report", args=[session.pk])


# From the list


def test_ticked_interviews_are_downloaded(signed_in, vacancy, owner):
    ticked = interview(vacancy, name="Анна")
    interview(vacancy, name="Борис", email="c@d.example")

    page = signed_in.post(
        LIST, {"action": "export_selected", "_selected_action": [str(ticked.pk)]}
    )
    form = page.context["form"].initial | {"format": "json"}
    response = signed_in.post(EXPORT, form)

    assert "1 interview, as chosen on the list." in page.content.decode()
    assert names(body(response)) == {"Анна"}
    assert response["Content-Type"] == "application/json"
    assert response["Content-Disposition"].startswith("attachment; filename=")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    assert exported() == [
        ("interviews.interviewsession", str(ticked.pk), vacancy.pk, "json: 1")
    ]
    assert not Export.objects.exists()


def test_the_button_takes_the_filter_along(signed_in, vacancy):
    interview(vacancy, name="Анна Закончила")
    SessionFactory(vacancy=vacancy, candidate__name="Анна Приглашена")

    page = signed_in.get(f"{LIST}?q=Анна&state=finished").content.decode()
    query = "q=%D0%90%D0%BD%D0%BD%D0%B0&amp;state=finished"
    assert f'href="{EXPORT}?{query}"' in page
    page = signed_in.get(f"{EXPORT}?{query.replace('&amp;', '&')}")
    form = page.context["form"].initial | {"format": "json"}
    response = signed_in.post(EXPORT, form)

    assert names(body(response)) == {"Анна Закончила"}


def test_all_rows_of_all_pages_are_the_list_as_filtered(signed_in, vacancy):
    session = interview(vacancy)

    page = signed_in.post(
        f"{LIST}?state=finished",
        {
            "action": "export_selected",
            "_selected_action": [str(session.pk)],
            "select_across": "1",
        },
    )

    assert page.context["form"].initial == {"query": "state=finished"}
    assert "All interviews of the list, as it was filtered" in page.content.decode()


@pytest.mark.parametrize(
    ("export_format", "read", "extension"),
    [
        ("csv", read_csv, "csv"),
        ("xlsx", read_xlsx, "xlsx"),
        ("json", read_json, "json"),
        ("pdf", read_pdf, "pdf"),
    ],
)
def test_each_format_is_downloaded(signed_in, vacancy, export_format, read, extension):
    interview(vacancy)

    response = signed_in.post(EXPORT, {"query": "", "format": export_format})

    assert read(body(response))
    assert f'.{extension}"' in response["Content-Disposition"]
    assert response["Content-Type"] == making.CONTENT_TYPES[extension]


def test_whose_is_not_ones_own_cannot_be_asked_for(signed_in, vacancy):
    own, foreign = interview(vacancy, name="Своя"), interview(bakery(), email="c@d.ru")
    form = {"ids": f"{own.pk},{foreign.pk}", "format": "json"}

    assert names(body(signed_in.post(EXPORT, form))) == {"Своя"}

    response = signed_in.post(EXPORT, form | {"ids": str(foreign.pk)}, follow=True)
    assert response.redirect_chain == [(LIST, 302)]
    assert "There is no interview here to export." in response.content.decode()


@pytest.mark.parametrize(
    "form",
    [
        {"ids": "", "format": "csv"},
        {"ids": "1,2", "format": "csv"},
        {"ids": "\x00", "format": "csv"},
        {"ids": "🍞", "format": "csv"},
        {"query": "", "format": "exe"},
        {"query": ""},
        {"query": "", "format": "csv", "separator": "="},
    ],
)
def test_a_bad_form_is_shown_again(signed_in, vacancy, form):
    interview(vacancy)

    response = signed_in.post(EXPORT, form)

    assert response.status_code == 200
    assert response.context["form"].errors
    assert exported() == []


@pytest.mark.parametrize(
    "query",
    ["state__password=1", "nonsense=1", "q=%00", "o=x.y&p=99", "created_at_from=x"],
)
def test_a_strange_list_makes_no_error(signed_in, vacancy, query):
    interview(vacancy)

    response = signed_in.post(EXPORT, {"query": query, "format": "csv"})

    if response.status_code == 200:
        assert read_csv(body(response))
    else:
        assert response.url == LIST


def test_an_empty_choice_is_never_the_whole_list(signed_in, vacancy):
    interview(vacancy)

    response = signed_in.post(EXPORT, {"ids": "", "query": "", "format": "csv"})

    assert response.context["form"].errors["ids"]


# Of one interview


def test_an_interview_has_its_report(signed_in, vacancy, owner):
    session = interview(vacancy, name="Анна Ёжикова")

    page = signed_in.get(f"{LIST}{session.pk}/change/").content.decode()
    response = signed_in.get(report_of(session))

    assert f'href="{report_of(session)}"' in page
    assert "Анна Ёжикова" in read_pdf(body(response))
    assert (
        unquote(response["Content-Disposition"])
        == "attachment; filename*=utf-8''Анна Ёжикова – Пекарь.pdf"
    )
    assert exported() == [
        ("interviews.interviewsession", str(session.pk), vacancy.pk, "pdf: 1")
    ]


def test_a_foreign_report_is_not_there(signed_in):
    session = interview(bakery())

    assert signed_in.get(report_of(session)).status_code == 404
    assert signed_in.get(f"{LIST}nonsense/report/").status_code == 404


# By the worker


def test_many_are_made_by_the_worker(signed_in, vacancy, owner, one_at_once):
    for number in range(3):
        interview(vacancy, name=f"Анна {number}", email=f"{number}@b.example")

    response = signed_in.post(EXPORT, {"query": "", "format": "json"})
    assert (response.status_code, response.url) == (302, EXPORTS)
    assert "Being made…" in signed_in.get(EXPORTS).content.decode()
    run_jobs()

    export = Export.objects.get()
    assert (export.state, export.rows) == (ExportState.READY, 3)
    download = f"{EXPORTS}{export.pk}/download/"
    assert f'href="{download}"' in signed_in.get(EXPORTS).content.decode()
    response = signed_in.get(download)
    assert names(body(response)) == {"Анна 0", "Анна 1", "Анна 2"}
    assert "no-store" in response["Cache-Control"]
    assert exported() == [
        ("reviews.export", str(export.pk), vacancy.pk, "json: 3"),
        ("reviews.export", str(export.pk), None, "downloaded"),
    ]


def test_a_double_click_makes_one_file(signed_in, vacancy, one_at_once):
    for number in range(2):
        interview(vacancy, email=f"{number}@b.example")

    for _ in range(2):
        signed_in.post(EXPORT, {"query": "", "format": "csv"})

    assert Export.objects.count() == 1
    assert ProcrastinateJob.objects.filter(status="todo").count() == 1


def test_the_task_is_done_once(vacancy, owner):
    interview(vacancy)
    export = making.ask(asked(owner, "csv"))

    for _ in range(2):
        tasks.make_export(str(export.pk))

    assert exported() == [("reviews.export", str(export.pk), vacancy.pk, "csv: 1")]
    _, files = exports_storage().listdir("")
    assert files == [f"{export.pk}.csv"]


def test_rights_are_those_of_the_moment_it_is_made(vacancy, owner):
    interview(vacancy)
    export = making.ask(asked(owner, "csv"))
    owner.memberships.all().delete()

    run_jobs()

    export.refresh_from_db()
    assert (export.state, export.rows, export.file.name) == (ExportState.FAILED, 0, "")
    assert exported() == []


def test_a_failure_is_said_and_tried_again(signed_in, vacancy, owner, monkeypatch):
    interview(vacancy)
    export = making.ask(asked(owner, "csv"))
    with monkeypatch.context() as broken:
        broken.setattr(making, "write_csv", None)
        with pytest.raises(TypeError):
            run_jobs()

    page = signed_in.get(EXPORTS).content.decode()
    assert "It could not be made." in page
    assert f'action="{EXPORTS}{export.pk}/again/"' in page
    response = signed_in.post(f"{EXPORTS}{export.pk}/again/")
    assert response.url == EXPORTS
    run_jobs()
    assert Export.objects.get().state == ExportState.READY


def test_what_is_ready_is_not_made_again(signed_in, vacancy, owner):
    interview(vacancy)
    export = making.ask(asked(owner, "csv"))
    run_jobs()

    signed_in.post(f"{EXPORTS}{export.pk}/again/")

    assert Export.objects.get().state == ExportState.READY
    assert not ProcrastinateJob.objects.exists()


def test_reports_of_many_are_a_zip(signed_in, vacancy, owner, monkeypatch):
    monkeypatch.setitem(making.MOST_AT_ONCE, ExportFormat.PDF, 1)
    for number in range(2):
        interview(vacancy, email=f"{number}@b.example")

    signed_in.post(EXPORT, {"query": "", "format": "pdf"})
    run_jobs()

    response = signed_in.get(f"{EXPORTS}{Export.objects.get().pk}/download/")
    assert response["Content-Type"] == "application/zip"
    assert body(response).startswith(b"PK")


def test_files_are_deleted_after_a_week(vacancy, owner):
    interview(vacancy)
    old, new = making.ask(asked(owner, "csv")), making.ask(asked(owner, "json"))
    run_jobs()
    gone = timezone.now() - making.KEPT - timedelta(minutes=1)
    Export.objects.filter(pk=old.pk).update(created_at=gone)
    exports_storage().save("00000000-0000-0000-0000-000000000000.csv", io.BytesIO(b"x"))

    tasks.delete_old_exports(0)

    assert Export.objects.get() == new
    _, files = exports_storage().listdir("")
    assert files == [f"{new.pk}.json"]


# Who may


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.AUDITOR])
def test_other_roles_export_nothing(client, vacancy, role):
    session = interview(vacancy)
    user = UserFactory(is_staff=True, role=role)
    vacancy.members.create(user=user)
    client.force_login(user)

    assert client.get(EXPORT).status_code == 403
    assert client.post(EXPORT, {"query": "", "format": "csv"}).status_code == 403
    assert client.get(report_of(session)).status_code == 403
    page = client.get(LIST).content.decode()
    assert "Export" not in page.replace("Exports", "")
    page = client.get(f"{LIST}{session.pk}/change/").content.decode()
    assert "PDF report" not in page


def test_reviewers_have_no_page_of_exports_and_auditors_an_empty_one(client, owner):
    Export.objects.create(user=owner, format="csv")
    client.force_login(UserFactory(is_staff=True, role=Role.REVIEWER))
    assert client.get(EXPORTS).status_code == 403

    client.force_login(UserFactory(is_staff=True, role=Role.AUDITOR))
    response = client.get(EXPORTS)
    assert list(response.context["exports"]) == []


def test_a_file_is_its_owners_alone(client, vacancy, owner):
    interview(vacancy)
    export = making.ask(asked(owner, "csv"))
    run_jobs()

    for user in (UserFactory(hr=True), recruiter(vacancy)):
        client.force_login(user)
        assert list(client.get(EXPORTS).context["exports"]) == []
        assert client.get(f"{EXPORTS}{export.pk}/download/").status_code == 404
        assert client.post(f"{EXPORTS}{export.pk}/again/").status_code == 404


def test_whoever_lost_the_right_downloads_nothing(client, vacancy, owner):
    interview(vacancy)
    export = making.ask(asked(owner, "csv"))
    run_jobs()
    owner.role = Role.AUDITOR
    owner.save()
    client.force_login(owner)

    assert client.get(f"{EXPORTS}{export.pk}/download/").status_code == 403
    assert client.post(f"{EXPORTS}{export.pk}/again/").status_code == 403


def test_outsiders_are_sent_to_sign_in(client, vacancy, owner):
    session = interview(vacancy)
    export = Export.objects.create(user=owner, format="csv")

    for address in [
        EXPORT,
        EXPORTS,
        report_of(session),
        f"{EXPORTS}{export.pk}/download/",
        f"{EXPORTS}{export.pk}/again/",
    ]:
        response = client.get(address)
        assert response.status_code == 302
        assert "/login/" in response.url


def test_a_file_not_made_or_gone_is_not_there(signed_in, vacancy, owner):
    interview(vacancy)
    export = making.ask(asked(owner, "csv"))
    download = f"{EXPORTS}{export.pk}/download/"

    assert signed_in.get(download).status_code == 404
    run_jobs()
    exports_storage().delete(f"{export.pk}.csv")
    assert signed_in.get(download).status_code == 404


def test_an_administrator_exports_every_vacancy(hr_client, vacancy):
    for number in range(2):
        interview(bakery(), name=f"Анна {number}", email=f"{number}@b.example")

    response = hr_client.post(EXPORT, {"query": "", "format": "json"})

    assert names(body(response)) == {"Анна 0", "Анна 1"}


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_of_exports_has_constant_queries(
    signed_in, owner, django_assert_num_queries, rows
):
    for state in ["queued", "failed", "queued"][:rows]:
        Export.objects.create(user=owner, format="csv", state=state)

    with django_assert_num_queries(3):
        response = signed_in.get(EXPORTS)

    assert len(response.context["exports"]) == rows


def test_nothing_of_the_interviews_changes(signed_in, vacancy):
    interview(vacancy)
    before = list(InterviewSession.objects.values())

    body(signed_in.post(EXPORT, {"query": "", "format": "csv"}))

    assert list(InterviewSession.objects.values()) == before
