"""`POST /webhooks/elevenlabs`: what is stored, what is refused, what is answered."""

import hashlib
import logging

import pytest
from django.db import OperationalError, connection
from django.test import Client

from tests.voice.deliveries import POISON, SECRET, URL, report, signed
from voice import events
from voice.models import EventSource, EventState, VoiceEvent
from voice.signatures import EARLY, OLD, WRONG

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("webhook_secret")]

STORED = {"stored": True}
AGAIN = {"stored": True, "duplicate": True}
REFUSED = {"code": "signature_refused", "detail": "The signature is not valid."}


@pytest.fixture
def deliver():
    """Return a function that delivers bytes, and returns the status and the answer."""
    client = Client(enforce_csrf_checks=True)

    def post(raw, header=None):
        header = signed(raw) if header is None else header
        response = client.post(
            URL,
            raw,
            content_type="application/json",
            headers={"elevenlabs-signature": header},
        )
        return response.status_code, response.json()

    return post


def stored():
    return [bytes(event.raw) for event in VoiceEvent.objects.order_by("pk")]


def test_delivery_is_stored_as_it_came_and_queued(deliver, queued):
    raw = report(summary="Анна")

    assert deliver(raw) == (200, STORED)

    event = VoiceEvent.objects.get()
    assert bytes(event.raw) == raw
    assert event.sha256 == hashlib.sha256(raw).hexdigest()
    assert event.size == len(raw)
    assert (event.source, event.state) == (EventSource.WEBHOOK, EventState.RECEIVED)
    assert (event.problem, event.signature) == ("", "")
    assert queued() == [event.pk]


def test_same_bytes_are_stored_and_queued_once(deliver, queued):
    raw = report()
    deliver(raw)

    # A retry is signed anew, or not: nobody says.
    assert deliver(raw, signed(raw, age=100)) == (200, AGAIN)
    assert deliver(raw, signed(raw)) == (200, AGAIN)

    assert stored() == [raw]
    assert len(queued()) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("size", "is_left"), [(events.KEPT_BYTES + 1, True), (1, False)]
)
def test_connection_that_keeps_a_large_buffer_is_left(deliver, size, is_left):
    assert deliver(b"x" * size) == (200, STORED)

    assert (connection.connection is None) is is_left


@pytest.mark.parametrize("raw", POISON.values(), ids=POISON)
def test_anything_that_is_signed_is_stored(deliver, queued, raw):
    assert deliver(raw) == (200, STORED)
    assert deliver(raw) == (200, AGAIN)

    assert stored() == [raw]
    assert len(queued()) == 1


def test_larger_than_memory_should_hold(deliver):
    raw = bytes(range(256)) * 4 * 1024 * 3

    assert deliver(raw) == (200, STORED)

    assert stored() == [raw]


def test_signature_by_the_previous_secret_counts(deliver, settings):
    settings.ELEVENLABS_WEBHOOK_SECRET = "the new one"
    settings.ELEVENLABS_WEBHOOK_SECRET_PREVIOUS = SECRET

    assert deliver(report()) == (200, STORED)


@pytest.mark.parametrize(
    ("age", "secret", "problem"),
    [
        (0, "of somebody else", WRONG),
        (0, "", WRONG),
        (3700, SECRET, OLD),
        (-400, SECRET, EARLY),
        (3700, "of somebody else", WRONG),
    ],
)
def test_refused_delivery_is_kept_apart(deliver, queued, age, secret, problem):
    raw = report()
    header = signed(raw, age=age, secret=secret)

    assert deliver(raw, header) == (401, REFUSED)

    event = VoiceEvent.objects.get()
    assert bytes(event.raw) == raw
    assert (event.state, event.problem) == (EventState.REJECTED, problem)
    assert event.signature == header
    assert queued() == []


@pytest.mark.parametrize("header", ["", "t=1,v0=abc", "v0=" + "a" * 64, "\x7f" * 600])
def test_header_that_nothing_could_match_is_refused_unread(deliver, header):
    assert deliver(report(), header) == (401, REFUSED)

    assert stored() == []


def test_large_refused_body_is_not_kept(deliver):
    raw = b"x" * (events.KEPT_BYTES + 1)

    assert deliver(raw, signed(raw, secret="wrong")) == (401, REFUSED)
    assert deliver(raw[1:], signed(raw[1:], secret="wrong")) == (401, REFUSED)

    assert stored() == [raw[1:]]


def test_refused_bytes_count_as_new_once_they_are_signed(deliver, queued):
    raw = report()
    deliver(raw, signed(raw, secret="wrong"))

    assert deliver(raw) == (200, STORED)
    assert deliver(raw) == (200, AGAIN)

    event = VoiceEvent.objects.get()
    assert (event.state, event.problem) == (EventState.RECEIVED, "")
    assert queued() == [event.pk]


@pytest.mark.parametrize("state", [EventState.RECEIVED, EventState.PROCESSED])
def test_bad_signature_changes_nothing_that_is_stored(deliver, state):
    raw = report()
    deliver(raw)
    VoiceEvent.objects.update(state=state)

    assert deliver(raw, signed(raw, secret="wrong")) == (401, REFUSED)

    event = VoiceEvent.objects.get()
    assert (event.state, event.problem, event.signature) == (state, "", "")


def test_without_a_secret_the_vendor_is_asked_to_repeat(client, settings, caplog):
    settings.ELEVENLABS_WEBHOOK_SECRET = ""
    raw = report()

    for header in (signed(raw), signed(raw, secret=""), ""):
        response = client.post(
            URL, raw, "application/json", headers={"elevenlabs-signature": header}
        )
        assert (response.status_code, response["Retry-After"]) == (503, "60")
        assert response.json()["code"] == "not_configured"

    assert stored() == []
    lines = [record for record in caplog.records if record.name == "parley.voice"]
    assert [line.reason for line in lines] == ["no secret is configured"] * 3


@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete", "options"])
def test_other_methods_are_refused(client, method):
    status = {"options": 200}.get(method, 405)

    assert getattr(client, method)(URL).status_code == status


def test_delivery_costs_few_queries_and_no_session(
    client, django_assert_num_queries, queued
):
    """A savepoint about the insert, the job; and before all, a look for the same bytes."""
    raw = report()

    with django_assert_num_queries(7):
        response = client.post(
            URL, raw, "application/json", headers={"elevenlabs-signature": signed(raw)}
        )

    assert response.cookies == {}
    assert len(queued()) == 1


def test_database_that_is_away_is_503(client, monkeypatch):
    def away(*args, **options):
        raise OperationalError("the connection is closed")

    monkeypatch.setattr(events, "get_or_store", away)
    raw = report()
    for header in (signed(raw), signed(raw, secret="wrong")):
        response = client.post(
            URL, raw, "application/json", headers={"elevenlabs-signature": header}
        )
        assert response.status_code == 503
        assert int(response["Retry-After"]) > 0


def test_event_and_job_are_stored_together_or_not_at_all(client, monkeypatch):
    def fail(event):
        raise OperationalError("no room for the job")

    monkeypatch.setattr(events, "queue", fail)
    raw = report()

    response = client.post(
        URL, raw, "application/json", headers={"elevenlabs-signature": signed(raw)}
    )

    assert response.status_code == 503
    assert stored() == []


def test_log_tells_reasons_and_counts_and_nothing_personal(deliver, caplog):
    caplog.set_level(logging.INFO)
    raw = report("conv_secret", summary="Анна")
    deliver(raw)
    deliver(raw, signed(raw, age=3700))
    deliver(raw[1:], signed(raw[1:], secret="wrong"))
    deliver(raw, "nonsense Анна")

    lines = [record for record in caplog.records if record.name == "parley.voice"]
    assert [line.reason for line in lines][:2] == [OLD, WRONG]
    assert [getattr(line, "kept", None) for line in lines] == [True, True, None]
    assert {line.getMessage() for line in lines} == {"webhook refused"}
    everything = " ".join(str(vars(line)) for line in lines)
    assert "conv_secret" not in everything
    assert "Анна" not in everything
