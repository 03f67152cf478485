"""Recordings, played to staff."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

from accounts.models import AuditEvent, Role
from tests.factories import (
    CallFactory,
    ConversationFactory,
    MemberFactory,
    UserFactory,
)
from voice import recordings
from voice.models import Call

pytestmark = pytest.mark.django_db

AUDIO = bytes(range(256)) * 1000
URL = "/recordings/conv_a"


@pytest.fixture(params=["memory", "folder"])
def call(request, monkeypatch, tmp_path):
    if request.param == "folder":
        storage = FileSystemStorage(tmp_path, allow_overwrite=True)
        monkeypatch.setattr(Call._meta.get_field("recording"), "storage", storage)
    call = CallFactory(conversation=ConversationFactory(id="conv_a"))
    recordings.save(call, ContentFile(AUDIO))
    return call


def body(response):
    return (
        b"".join(response.streaming_content) if response.streaming else response.content
    )


# The whole


def test_a_recording_is_played(hr_client, call):
    response = hr_client.get(URL)

    assert response.status_code == 200
    assert body(response) == AUDIO
    assert {
        name: response[name]
        for name in (
            "Content-Type",
            "Content-Length",
            "Content-Disposition",
            "Accept-Ranges",
            "X-Content-Type-Options",
        )
    } == {
        "Content-Type": "audio/mpeg",
        "Content-Length": str(len(AUDIO)),
        "Content-Disposition": "inline",
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
    }
    assert "no-store" in response["Cache-Control"]


def test_head(hr_client, call):
    response = hr_client.head(URL)

    assert (response.status_code, response.content) == (200, b"")
    assert response["Content-Length"] == str(len(AUDIO))


# Parts


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-", 0, 255_999),
        ("bytes=100-199", 100, 199),
        ("bytes=255999-", 255_999, 255_999),
        ("bytes=250000-9999999", 250_000, 255_999),
        ("bytes=-1", 255_999, 255_999),
        ("bytes=-300000", 0, 255_999),
        ("bytes=60000-140000", 60_000, 140_000),
    ],
)
@pytest.mark.parametrize("method", ["get", "head"])
def test_a_part(hr_client, call, asked, first, last, method):
    response = getattr(hr_client, method)(URL, headers={"range": asked})

    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {first}-{last}/256000"
    assert response["Content-Length"] == str(last - first + 1)
    assert body(response) == (AUDIO[first : last + 1] if method == "get" else b"")


@pytest.mark.parametrize("asked", ["bytes=256000-", "bytes=999999-9999999", "bytes=-0"])
def test_no_such_part(hr_client, call, asked):
    response = hr_client.get(URL, headers={"range": asked})

    assert response.status_code == 416
    assert response["Content-Range"] == "bytes */256000"


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "bytes",
        "bytes=-",
        "bytes=a-b",
        "bytes=5-3",
        "bytes=0-1,5-6",
        "lines=0-1",
        "bytes=١-٢",
        f"bytes=0-{'9' * 30}",
    ],
)
def test_what_is_no_range_gets_the_whole(hr_client, call, asked):
    response = hr_client.get(URL, headers={"range": asked})

    assert (response.status_code, body(response)) == (200, AUDIO)


def test_a_part_of_an_earlier_version_is_not_told_apart(hr_client, call):
    response = hr_client.get(URL, headers={"range": "bytes=0-1", "if-range": '"x"'})

    assert (response.status_code, body(response)) == (200, AUDIO)


# What there is not


def test_unknown_calls_and_calls_without_a_recording(hr_client):
    CallFactory(conversation=ConversationFactory(id="conv_b"))

    assert hr_client.get("/recordings/conv_b").status_code == 404
    assert hr_client.get("/recordings/conv_x").status_code == 404


def test_a_recording_that_vanished_from_the_storage(hr_client, call):
    call.recording.storage.delete(Call.objects.get().recording.name)

    assert hr_client.get(URL).status_code == 404


# Who may listen


def test_strangers_are_asked_to_sign_in(client, call):
    response = client.get(URL)

    assert response.status_code == 302
    assert response["Location"] == f"/admin/login/?next={URL}"


@pytest.mark.parametrize("role", [Role.RECRUITER, Role.REVIEWER])
@pytest.mark.parametrize(("is_on_the_team", "status"), [(True, 200), (False, 404)])
def test_team_of_the_vacancy_may_listen(client, call, role, is_on_the_team, status):
    user = UserFactory(is_staff=True, role=role)
    if is_on_the_team:
        MemberFactory(user=user, vacancy=call.conversation.session.vacancy)
    client.force_login(user)

    response = client.get(URL)

    body(response)
    assert response.status_code == status
    listened = AuditEvent.objects.filter(action="listened")
    assert listened.count() == is_on_the_team


def test_listening_in_stretches_is_one_line_of_the_log(client, call):
    user = UserFactory(is_staff=True, role=Role.AUDITOR)
    client.force_login(user)

    for stretch in ("bytes=0-1", "bytes=2-3"):
        body(client.get(URL, headers={"range": stretch}))

    session = call.conversation.session
    lines = AuditEvent.objects.exclude(action="signed_in").values_list(
        "actor_id", "action", "object_id", "vacancy_id", "detail"
    )
    assert list(lines) == [
        (user.pk, "listened", str(session.pk), session.vacancy_id, f"call {call.pk}")
    ]


def test_nothing_is_changed_here(hr_client, call):
    assert hr_client.post(URL).status_code == 405
