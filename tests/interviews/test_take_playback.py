"""Spoken answers, heard by the candidate who gave them and by staff."""

from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from accounts.models import AuditEvent, Role
from interviews.models import Take, TakeState
from interviews.takes import take_url
from interviews.tokens import cookie_name, mint_token
from tests import sounds
from tests.factories import MemberFactory, SessionFactory, TakeFactory, UserFactory

pytestmark = pytest.mark.django_db

FIRST, SECOND = sounds.webm(), sounds.mp4()


@pytest.fixture
def take():
    return TakeFactory(parts=[sounds.cut(FIRST), sounds.cut(SECOND)])


@pytest.fixture
def candidate(client, take):
    client.cookies[cookie_name(take.session_id)] = mint_token(take.session_id)
    return client


@pytest.fixture(params=["candidate", "hr_client"])
def listener(request, take):
    """Get a take as the candidate who recorded it, or as staff."""
    client = request.getfixturevalue(request.param)
    url = own_url(take) if request.param == "candidate" else take_url(take.pk)
    return lambda query="", method="get", **headers: getattr(client, method)(
        url + query, headers=headers
    )


def own_url(take):
    return reverse("interviews:take_audio", args=[take.session_id, take.pk])


def body(response):
    return (
        b"".join(response.streaming_content) if response.streaming else response.content
    )


def prepare(take, data=b"a" * 5000):
    take.file.save(f"takes/{take.pk}.webm", ContentFile(data), save=False)
    take.state, take.content_type = TakeState.READY, "audio/webm"
    take.save()
    take.chunks.all().delete()


# Before a worker has prepared it


@pytest.mark.parametrize(
    ("query", "data", "content_type"),
    [
        ("", FIRST, "audio/webm"),
        ("?part=1", FIRST, "audio/webm"),
        ("?part=2", SECOND, "audio/mp4"),
    ],
)
def test_a_part_is_played_as_it_came(listener, query, data, content_type):
    response = listener(query)

    assert response.status_code == 200
    assert body(response) == data
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
        "Content-Type": content_type,
        "Content-Length": str(len(data)),
        "Content-Disposition": "inline",
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
    }
    assert {"no-store", "private"} <= set(response["Cache-Control"].split(", "))


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-1", 0, 1),
        ("bytes=0-", 0, len(FIRST) - 1),
        # Over the seams between pieces of 3000 bytes.
        ("bytes=2990-6010", 2990, 6010),
        ("bytes=3000-5999", 3000, 5999),
        ("bytes=-10", len(FIRST) - 10, len(FIRST) - 1),
    ],
)
def test_a_stretch_of_a_part(listener, asked, first, last):
    response = listener(range=asked)

    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {first}-{last}/{len(FIRST)}"
    assert body(response) == FIRST[first : last + 1]


def test_no_such_stretch(listener):
    assert listener(range=f"bytes={len(FIRST)}-").status_code == 416


def test_head(listener):
    response = listener(method="head")

    assert (response.status_code, response.content) == (200, b"")
    assert response["Content-Length"] == str(len(FIRST))


@pytest.mark.parametrize("part", ["0", "3", "-1", "a", "", "٢", "9" * 30, "1.0"])
def test_no_such_part(listener, part):
    assert listener(f"?part={part}").status_code == 404


def test_one_piece_at_a_time_is_in_memory(
    candidate, take, django_assert_max_num_queries
):
    response = candidate.get(own_url(take), headers={"range": "bytes=0-99"})

    with django_assert_max_num_queries(1):
        assert body(response) == FIRST[:100]


def test_nothing_was_recorded(hr_client):
    assert hr_client.get(take_url(TakeFactory().pk)).status_code == 404


# Afterwards


@pytest.mark.parametrize("query", ["", "?part=1", "?part=2"])
def test_the_file_is_played(listener, take, query):
    prepare(take)

    response = listener(query)

    assert body(response) == b"a" * 5000
    assert response["Content-Type"] == "audio/webm"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_stretch_of_the_file(listener, take):
    prepare(take)

    response = listener(range="bytes=4990-")

    assert (response.status_code, body(response)) == (206, b"a" * 10)


def test_a_file_that_vanished_from_the_storage(listener, take):
    prepare(take)
    take.file.storage.delete(take.file.name)

    assert listener().status_code == 404


# Who may listen


def test_another_browser_hears_nothing(client, take):
    assert client.get(own_url(take)).status_code == 404


def test_another_candidate_hears_nothing(client, take):
    other = SessionFactory(started=True)
    client.cookies[cookie_name(other.pk)] = mint_token(other.pk)
    client.cookies[cookie_name(take.session_id)] = mint_token(other.pk)
    mixed = reverse("interviews:take_audio", args=[other.pk, take.pk])

    assert client.get(own_url(take)).status_code == 404
    assert client.get(mixed).status_code == 404


def test_unknown_takes(candidate, take):
    unknown = Take(pk=uuid4(), session=take.session)

    assert candidate.get(own_url(unknown)).status_code == 404


def test_a_candidate_hears_nothing_as_staff(candidate, take):
    response = candidate.get(take_url(take.pk))

    assert response.status_code == 302
    assert response["Location"] == f"/admin/login/?next={take_url(take.pk)}"


@pytest.mark.parametrize("role", [Role.RECRUITER, Role.REVIEWER])
@pytest.mark.parametrize(("is_on_the_team", "status"), [(True, 200), (False, 404)])
def test_team_of_the_vacancy_may_listen(client, take, role, is_on_the_team, status):
    user = UserFactory(is_staff=True, role=role)
    if is_on_the_team:
        MemberFactory(user=user, vacancy=take.session.vacancy)
    client.force_login(user)

    response = client.get(take_url(take.pk))

    body(response)
    assert response.status_code == status
    listened = AuditEvent.objects.filter(action="listened")
    assert listened.count() == is_on_the_team


def test_listening_in_stretches_is_one_line_of_the_log(client, take):
    user = UserFactory(is_staff=True, role=Role.AUDITOR)
    client.force_login(user)

    for stretch in ("bytes=0-1", "bytes=2-3"):
        body(client.get(take_url(take.pk), headers={"range": stretch}))

    session = take.session
    lines = AuditEvent.objects.exclude(action="signed_in").values_list(
        "actor_id", "action", "object_id", "vacancy_id", "detail"
    )
    assert list(lines) == [
        (user.pk, "listened", str(session.pk), session.vacancy_id, f"take {take.pk}")
    ]


def test_nothing_is_changed_here(listener):
    assert listener(method="post").status_code == 405


def test_addresses_are_what_the_answers_say(take):
    assert take_url(take.pk) == f"/recordings/takes/{take.pk}"
    assert own_url(take) == f"/interview/{take.session_id}/takes/{take.pk}"
