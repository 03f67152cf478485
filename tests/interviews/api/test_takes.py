"""PUT /api/interview/{sessionId}/takes/{takeId} and …/chunks/{part}/{position}"""

from unittest.mock import ANY
from uuid import uuid4

import pytest

from core.api import MAX_AUDIO_BYTES
from interviews import takes
from interviews.models import InterviewSession, Take, TakeChunk, TakeState
from interviews.tokens import cookie_name, mint_token
from interviews.turns import MAX_DURATION_MS, script_by_id
from tests import sounds
from tests.factories import (
    ProgressFactory,
    SessionFactory,
    TakeFactory,
    VacancyFactory,
)
from tests.interviews.api.conftest import CheckedClient
from vacancies.models import Question

pytestmark = pytest.mark.django_db

HEAD = sounds.webm()[:1000]
NOT_FOUND = {"code": "not_found", "detail": "Not found."}


class Candidate:
    """A candidate's browser."""

    def __init__(self, session, client):
        self.url = f"/api/interview/{session.pk}"
        self.client = client
        client.cookies[cookie_name(session.pk)] = mint_token(session.pk)

    def begin(self, take_id, question_id):
        return self.put(
            f"takes/{take_id}",
            {"questionId": question_id},
            content_type="application/json",
        )

    def send(self, take_id, position=0, data=HEAD, part=1, query="", **extra):
        return self.put(
            f"takes/{take_id}/chunks/{part}/{position}{query}",
            data,
            **{"content_type": "audio/webm;codecs=opus"} | extra,
        )

    def put(self, path, body, **extra):
        return self.client.put(f"{self.url}/{path}", body, **extra)


@pytest.fixture
def candidate(session, client):
    return Candidate(session, client)


@pytest.fixture
def question(session):
    return session.vacancy.questions.get(order=1)


@pytest.fixture
def take(session, question):
    return TakeFactory(session=session, question=question)


def session_allowing(retakes):
    vacancy = VacancyFactory(questions=1)
    vacancy.questions.update(retakes=retakes)
    return SessionFactory(started=True, vacancy=vacancy)


def step(question, position=1, total=3):
    return {
        "done": False,
        "questionId": question.pk,
        "text": question.text,
        "position": position,
        "total": total,
    }


def invalid(field, message):
    return {
        "code": "invalid",
        "detail": f"{field}: {message}",
        "errors": {field: [message]},
    }


def pieces():
    return list(
        TakeChunk.objects.values_list("take_id", "part", "position").order_by("pk")
    )


# Beginning


def test_a_take_begins(candidate, session, question):
    take_id = uuid4()

    response = candidate.begin(take_id, question.pk)

    assert response.status_code == 200
    assert response.json() == {
        "takeId": str(take_id),
        "number": 1,
        "takesLeft": None,
    }
    assert list(Take.objects.values()) == [
        {
            "id": take_id,
            "session_id": session.pk,
            "question_id": question.pk,
            "number": 1,
            "state": TakeState.OPEN,
            "began_at": ANY,
            "size": 0,
            "duration_ms": 0,
            "content_type": "",
            "file": "",
        }
    ]


def test_a_beginning_repeated_changes_nothing(candidate, question):
    take_id = uuid4()
    first = candidate.begin(take_id, question.pk)
    before = list(Take.objects.values())

    second = candidate.begin(take_id, question.pk)

    assert second.status_code == 200
    assert second.json() == first.json()
    assert list(Take.objects.values()) == before


def test_another_take_closes_the_one_before_and_keeps_it(candidate, question, take):
    response = candidate.begin(uuid4(), question.pk)

    assert response.json()["number"] == 1
    states = Take.objects.order_by("number").values_list("state", flat=True)
    assert list(states) == [TakeState.CLOSED, TakeState.OPEN]


def record(candidate, question):
    """Begin a take and send a piece of it; return what the beginning was answered."""
    take_id = uuid4()
    response = candidate.begin(take_id, question.pk)
    candidate.send(take_id)
    return response


def test_takes_are_as_many_as_hr_allows(client):
    session = session_allowing(retakes=1)
    candidate = Candidate(session, client)
    question = session.vacancy.questions.get()

    answers = [record(candidate, question) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 409]
    assert [answer.json().get("number") for answer in answers] == [1, 2, None]
    assert [answer.json().get("takesLeft") for answer in answers] == [1, 0, None]
    assert answers[2].json() == {
        "code": "no_takes_left",
        "detail": "There are no more attempts at this question; send what is recorded.",
    }
    assert Take.objects.filter(state=TakeState.OPEN).count() == 1


def test_no_retakes_means_one_take(client):
    session = session_allowing(retakes=0)
    candidate = Candidate(session, client)
    question = session.vacancy.questions.get()
    take_id = uuid4()

    first = candidate.begin(take_id, question.pk)
    candidate.send(take_id)
    again = candidate.begin(take_id, question.pk)
    another = candidate.begin(uuid4(), question.pk)

    assert first.json() == again.json()
    assert first.json()["takesLeft"] == 0
    assert another.status_code == 409


def test_the_frozen_script_says_how_many(client):
    session = session_allowing(retakes=0)
    Question.objects.update(retakes=5)
    candidate = Candidate(session, client)
    question = session.vacancy.questions.get()

    answers = [record(candidate, question) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 409]


def test_a_take_without_any_sound_does_not_count(client):
    session = session_allowing(retakes=0)
    candidate = Candidate(session, client)
    question = session.vacancy.questions.get()
    silent = uuid4()
    candidate.begin(silent, question.pk)

    response = candidate.begin(uuid4(), question.pk)

    assert response.status_code == 200
    assert (response.json()["number"], response.json()["takesLeft"]) == (1, 0)
    assert candidate.send(silent).json()["code"] == "take_closed"


def wrong_question(following):
    return {
        "code": "wrong_question",
        "detail": "This question does not belong to the interview; ask the question in "
        "next and send its questionId with the answer.",
        "next": following,
    }


def test_only_the_question_asked_now_is_answered_aloud(candidate, session, question):
    _, second, third = session.vacancy.questions.current()
    ProgressFactory(session=session, question=question)

    for other in (question.pk, third.pk, 2**63 - 1):
        response = candidate.begin(uuid4(), other)

        assert response.status_code == 409
        assert response.json() == wrong_question(step(second, 2))
    assert Take.objects.count() == 0


def test_a_take_of_another_question_is_not_begun_again(candidate, session, question):
    _, second, _ = session.vacancy.questions.current()
    take = TakeFactory(session=session, question=second)

    response = candidate.begin(take.pk, question.pk)

    assert response.status_code == 409
    assert response.json() == wrong_question(step(question))


def test_a_take_of_another_session_is_not_found(candidate, question):
    foreign = TakeFactory()

    begun = candidate.begin(foreign.pk, question.pk)
    sent = candidate.send(foreign.pk)

    assert (begun.status_code, begun.json()) == (404, NOT_FOUND)
    assert (sent.status_code, sent.json()) == (404, NOT_FOUND)
    assert pieces() == []


@pytest.mark.parametrize(
    "body", ["", "[]", '{"questionId": 0}', '{"questionId": "a"}', "{}", "\0"]
)
def test_a_beginning_without_a_question_is_refused(candidate, body):
    response = candidate.put(f"takes/{uuid4()}", body, content_type="application/json")

    assert response.status_code == 400
    assert response.json()["code"] == "invalid"
    assert Take.objects.count() == 0


def test_a_beginning_is_refused_when_the_interview_is_not_in_progress(
    client, closed_session
):
    session, refusal = closed_session
    question = session.vacancy.questions.first()

    response = Candidate(session, client).begin(uuid4(), question.pk)

    assert response.status_code == 409
    del refusal["next"]
    assert response.json() | {"next": None} == refusal | {"next": None}
    assert Take.objects.count() == 0


# Pieces


def test_pieces_are_stored_and_counted(candidate, take):
    data = sounds.cut(sounds.webm())

    answers = [
        candidate.send(take.pk, position, piece, query=f"?durationMs={position * 100}")
        for position, piece in enumerate(data)
    ]

    assert [answer.status_code for answer in answers] == [200] * len(data)
    assert [answer.json() for answer in answers] == [
        {"received": number} for number in range(1, len(data) + 1)
    ]
    stored = TakeChunk.objects.order_by("position").values_list("data", flat=True)
    assert [bytes(piece) for piece in stored] == data
    take.refresh_from_db()
    assert (take.size, take.duration_ms, take.state) == (
        sum(map(len, data)),
        (len(data) - 1) * 100,
        TakeState.OPEN,
    )


@pytest.mark.parametrize("content_type", ["audio/mp4", "application/octet-stream", ""])
def test_what_it_is_its_bytes_say_and_no_header(candidate, take, content_type):
    response = candidate.send(take.pk, content_type=content_type)

    assert response.json() == {"received": 1}


def test_a_piece_repeated_changes_nothing(candidate, take):
    candidate.send(take.pk, query="?durationMs=5")
    before = list(Take.objects.values()), pieces()

    again = candidate.send(take.pk, data=HEAD + b"other", query="?durationMs=9")

    assert (again.status_code, again.json()) == (200, {"received": 1})
    assert (list(Take.objects.values()), pieces()) == before


def test_a_gap_is_refused_and_says_what_is_missing(candidate, take):
    candidate.send(take.pk)

    for position in (2, 2**31, 10**30):
        response = candidate.send(take.pk, position)

        assert response.status_code == 409
        assert response.json() == {
            "code": "gap",
            "detail": "Send the pieces in their order, without gaps, from the one "
            "expected.",
            "expected": 1,
        }
    assert pieces() == [(take.pk, 1, 0)]


def test_a_part_is_a_stream_of_its_own(candidate, take):
    candidate.send(take.pk)
    candidate.send(take.pk, 1, b"more")

    second = candidate.send(take.pk, 0, HEAD, part=2)
    late = candidate.send(take.pk, 2, b"late", part=1)

    assert (second.json(), late.json()) == ({"received": 1}, {"received": 3})


@pytest.mark.parametrize(
    "data", [b"<script>", b"\0", "Да".encode(), b"RIFF....WAVE", b"ID3"]
)
def test_a_part_begins_as_a_recording_does(candidate, take, data):
    first = candidate.send(take.pk, 0, data)
    second = candidate.send(take.pk, 0, data, part=2)

    message = "Begin a part with the first bytes of a WebM, Ogg or MP4 recording."
    assert first.status_code == second.status_code == 400
    assert first.json() == second.json() == invalid("body", message)
    assert pieces() == []


@pytest.mark.parametrize(
    "content_type", ["audio/webm", "multipart/form-data; boundary=a"]
)
def test_an_empty_piece_is_refused(candidate, take, content_type):
    response = candidate.send(take.pk, 0, b"", content_type=content_type)

    assert response.status_code == 400
    assert response.json() == invalid("body", "Send the bytes of the recording.")


@pytest.mark.parametrize("part", [0, 1001, 10**30])
def test_parts_are_counted_from_one(candidate, take, part):
    response = candidate.send(take.pk, part=part)

    assert response.status_code == 400
    assert response.json() == invalid("part", "Count parts from 1 to 1000.")


@pytest.mark.parametrize("claim", ["-1", "a", "", "1.5", str(MAX_DURATION_MS + 1)])
def test_a_duration_that_is_none_is_refused(candidate, take, claim):
    response = candidate.send(take.pk, query=f"?durationMs={claim}")

    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["durationMs"]
    assert pieces() == []


def test_the_longest_duration_claimed_is_kept(candidate, take):
    for position, claim in enumerate((4000, 9000, 7000)):
        candidate.send(take.pk, position, query=f"?durationMs={claim}")

    take.refresh_from_db()
    assert take.duration_ms == 9000


def test_a_piece_is_at_most_a_mebibyte(candidate, take):
    fits = candidate.send(take.pk, 0, HEAD.ljust(MAX_AUDIO_BYTES, b"\0"))
    over = candidate.send(take.pk, 1, b"\0" * (MAX_AUDIO_BYTES + 1))

    assert fits.status_code == 200
    assert over.status_code == 413
    assert over.json() == {
        "code": "too_large",
        "detail": "Send a body of at most 1048576 bytes.",
    }


def test_a_take_is_bounded(candidate, take, monkeypatch):
    monkeypatch.setattr(takes, "MAX_TAKE_BYTES", 2 * len(HEAD))

    answers = [candidate.send(take.pk, position) for position in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 409]
    assert answers[2].json() == {
        "code": "take_too_long",
        "detail": "This recording is as long as it can be; send it as it is.",
    }
    take.refresh_from_db()
    assert take.size == 2 * len(HEAD)


def test_a_closed_take_gets_no_more_but_knows_what_it_has(candidate, take):
    candidate.send(take.pk)
    Take.objects.update(state=TakeState.CLOSED)

    again = candidate.send(take.pk)
    further = candidate.send(take.pk, 1)

    assert (again.status_code, again.json()) == (200, {"received": 1})
    assert further.status_code == 409
    assert further.json() == {
        "code": "take_closed",
        "detail": "This recording is closed; begin another, or send it as it is.",
    }


def test_a_prepared_take_acknowledges_nothing_it_does_not_have(candidate, take):
    Take.objects.update(state=TakeState.READY, file="takes/a.webm")

    assert candidate.send(take.pk).json()["code"] == "take_closed"


def test_what_is_being_said_at_the_deadline_is_kept(candidate, take, session):
    InterviewSession.objects.update(expires_at=session.started_at)

    assert candidate.send(take.pk).json() == {"received": 1}


@pytest.mark.django_db(transaction=True)
def test_a_piece_costs_four_statements_in_one_transaction(
    candidate, take, django_assert_num_queries
):
    with django_assert_num_queries(6) as queries:
        candidate.send(take.pk)

    words = [query["sql"].split()[0] for query in queries]
    assert words == ["BEGIN", "SELECT", "SELECT", "INSERT", "UPDATE", "COMMIT"]


# Who may


@pytest.mark.parametrize("path", ["", "/chunks/1/0"])
def test_the_agent_may_not_record(client, take, agent_headers, path):
    response = client.put(
        f"/api/interview/{take.session_id}/takes/{take.pk}{path}",
        HEAD,
        content_type="application/octet-stream",
        headers=agent_headers(take.session),
    )

    assert response.status_code == 401
    assert pieces() == []


@pytest.mark.parametrize("path", ["", "/chunks/1/0"])
@pytest.mark.parametrize(
    ("cookie", "status"), [(None, 401), ("forged", 401), ("another's", 404)]
)
def test_strangers_may_not_record(client, take, path, cookie, status):
    name = cookie_name(take.session_id)
    if cookie == "forged":
        client.cookies[name] = "forged"
    elif cookie:
        client.cookies[name] = mint_token(SessionFactory().pk)

    response = client.put(
        f"/api/interview/{take.session_id}/takes/{take.pk}{path}", HEAD
    )

    assert response.status_code == status
    assert pieces() == []


@pytest.mark.parametrize("path", ["", "/chunks/1/0"])
def test_other_sites_may_not_record(session, take, path):
    candidate = Candidate(session, CheckedClient(enforce_csrf_checks=True))

    response = candidate.put(f"takes/{take.pk}{path}", HEAD)

    assert response.status_code == 403
    assert pieces() == []


@pytest.mark.parametrize("method", ["get", "post", "delete", "patch"])
def test_nothing_else_is_done_here(candidate, take, method):
    response = getattr(candidate.client, method)(f"{candidate.url}/takes/{take.pk}")

    assert response.status_code == 405


def test_first_use_of_a_script_is_no_obstacle(candidate, question):
    script_by_id.cache_clear()

    assert candidate.begin(uuid4(), question.pk).status_code == 200
