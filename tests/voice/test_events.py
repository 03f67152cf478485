"""Storing events: once each, whatever meets; what is kept of refused ones; trying again."""

import hashlib
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tests.factories import VoiceEventFactory
from tests.threads import race
from tests.voice.deliveries import SECRET, report, signed
from voice import events
from voice.events import retry_event, store_event, store_refused
from voice.models import EventSource, EventState, VoiceEvent
from voice.signatures import OLD, WRONG, Signature

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("webhook_secret")]

OTHER = "of somebody else"


def refuse(raw, *, secret=OTHER, age=0, problem=WRONG):
    signature = Signature.parse(signed(raw, secret=secret, age=age))
    return store_refused(raw, signature=signature, problem=problem)


def store_good(raw):
    return store_event(raw, source=EventSource.WEBHOOK)[1]


def aged(**age):
    VoiceEvent.objects.update(received_at=timezone.now() - timedelta(**age))


def test_same_bytes_from_webhook_and_pull_are_one_event(queued):
    event, is_new = store_event(report(), source=EventSource.WEBHOOK)
    again, is_new_again = store_event(report(), source=EventSource.PULL)

    assert (again.pk, is_new, is_new_again) == (event.pk, True, False)
    assert VoiceEvent.objects.get().source == EventSource.WEBHOOK
    assert queued() == [event.pk]


def test_content_of_a_repeated_event_is_not_read_back(
    django_assert_max_num_queries,
):
    store_event(report(), source=EventSource.WEBHOOK)

    with django_assert_max_num_queries(3) as queries:
        store_event(report(), source=EventSource.WEBHOOK)

    assert not any('"raw"' in query["sql"] for query in queries.captured_queries)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("store", [store_good, refuse])
def test_connection_that_died_meanwhile_loses_nothing(store):
    """A recording comes once: the first delivery after a restart of the database counts."""
    VoiceEvent.objects.count()
    connection.connection.close()

    assert store(report())

    assert VoiceEvent.objects.count() == 1


def test_pulled_bytes_need_no_signature(queued):
    refuse(report())

    event, is_new = store_event(report(), source=EventSource.PULL)

    assert is_new
    assert event.state == EventState.RECEIVED
    assert event.source == EventSource.PULL
    assert queued() == [event.pk]


@pytest.mark.django_db(transaction=True)
def test_same_bytes_at_the_same_moment_are_stored_once(queued):
    raws = [report(f"conv_{number}") for number in range(10)]

    def store(number):
        return store_event(raws[number], source=EventSource.WEBHOOK)[1]

    results = race(*[store] * 8, rounds=len(raws))

    assert [sum(column) for column in zip(*results, strict=True)] == [1] * len(raws)
    assert VoiceEvent.objects.count() == len(raws)
    assert len(queued()) == len(raws)


@pytest.mark.django_db(transaction=True)
def test_refused_bytes_signed_at_the_same_moment_are_queued_once(queued):
    refuse(report())

    def store(number):
        return store_event(report(), source=EventSource.WEBHOOK)[1]

    results = race(*[store] * 8)

    assert sum(sum(result) for result in results) == 1
    assert len(queued()) == 1


def test_refused_bytes_are_kept_in_bounds(monkeypatch):
    monkeypatch.setattr(events, "KEPT_EVENTS", 3)

    kept = [refuse(report(f"conv_{number}")) for number in range(5)]

    assert kept == [True, True, True, False, False]
    assert VoiceEvent.objects.count() == 3


def test_old_refused_bytes_make_way(monkeypatch):
    monkeypatch.setattr(events, "KEPT_EVENTS", 2)
    store_event(b"good", source=EventSource.WEBHOOK)
    refuse(b"one")
    refuse(b"two")
    aged(hours=23)
    assert not refuse(b"three")

    aged(hours=25)
    assert refuse(b"four")

    kept = VoiceEvent.objects.order_by("pk").values_list("raw", flat=True)
    assert [bytes(raw) for raw in kept] == [b"good", b"four"]


def test_old_refused_bytes_stay_while_there_is_room():
    refuse(b"one")
    aged(days=30)

    assert refuse(b"two")

    assert VoiceEvent.objects.count() == 2


def test_bounds_are_a_hundred_megabytes():
    assert events.KEPT_BYTES * events.KEPT_EVENTS == 100 * 1024 * 1024


@pytest.mark.parametrize(
    ("state", "is_queued"),
    [
        (EventState.RECEIVED, True),
        (EventState.QUARANTINED, True),
        (EventState.PROCESSED, False),
    ],
)
def test_event_is_tried_again_unless_it_is_done(queued, state, is_queued):
    event = VoiceEventFactory(
        state=state, problem="Not JSON", processed_at=timezone.now()
    )

    assert retry_event(event) is is_queued

    event.refresh_from_db()
    expected = (
        (EventState.RECEIVED, "", True) if is_queued else (state, "Not JSON", False)
    )
    assert (event.state, event.problem, event.processed_at is None) == expected
    assert queued() == [event.pk] * is_queued


@pytest.mark.django_db(transaction=True)
def test_event_tried_by_two_at_once_is_queued_once(queued):
    pk = VoiceEventFactory(state=EventState.QUARANTINED).pk
    copies = [VoiceEvent.objects.get(pk=pk) for _ in range(4)]

    results = race(*[lambda number, copy=copy: retry_event(copy) for copy in copies])

    assert sorted(results) == [[False], [False], [False], [True]]
    assert queued() == [pk]


def test_refused_event_is_tried_once_its_secret_is_configured(queued, settings):
    refuse(report(), secret="the right one")
    event = VoiceEvent.objects.defer("raw").get()

    assert not retry_event(event)
    assert VoiceEvent.objects.get().state == EventState.REJECTED

    settings.ELEVENLABS_WEBHOOK_SECRET_PREVIOUS = "the right one"
    assert retry_event(event)
    assert VoiceEvent.objects.get().state == EventState.RECEIVED
    assert queued() == [event.pk]


def test_age_does_not_matter_to_who_tries_again(queued):
    refuse(report(), secret=SECRET, age=10**7, problem=OLD)
    event = VoiceEvent.objects.get()

    assert retry_event(event)

    assert queued() == [event.pk]


@pytest.mark.parametrize("signature", ["", "nonsense"])
def test_refused_event_without_a_signature_stays_refused(queued, signature):
    event = VoiceEventFactory(state=EventState.REJECTED, signature=signature)

    assert not retry_event(event)

    assert queued() == []


def test_changed_bytes_stay_refused(queued):
    refuse(report(), secret=SECRET)
    VoiceEvent.objects.update(raw=b"{}", sha256=hashlib.sha256(b"{}").hexdigest())

    assert not retry_event(VoiceEvent.objects.get())

    assert queued() == []
