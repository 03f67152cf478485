"""Places among the calls that the vendor's plan allows at once."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from tests.factories import SessionFactory
from tests.threads import race
from voice import admission
from voice.models import Place
from voice.workspaces import default

pytestmark = pytest.mark.django_db


@pytest.fixture
def _two_calls(settings):
    settings.ELEVENLABS_MAX_CALLS = 2


def sessions(count):
    return [session.pk for session in SessionFactory.create_batch(count)]


def number(session_id):
    """Return the number in the queue, 0 for a place in the only workspace."""
    given = admission.ask(session_id)
    return 0 if given == default() else given


def lapse(*session_ids):
    past = timezone.now() - timedelta(seconds=1)
    Place.objects.filter(pk__in=session_ids).update(lease_until=past)


def test_no_limit_means_no_queue(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert number(uuid4()) == 0


@pytest.mark.usefixtures("_two_calls")
def test_places_are_given_in_the_order_of_asking():
    asked = sessions(4)

    assert [number(session) for session in asked] == [0, 0, 1, 2]
    assert [number(session) for session in reversed(asked)] == [2, 1, 0, 0]


@pytest.mark.usefixtures("_two_calls")
def test_a_place_given_back_goes_to_the_first_in_the_queue():
    first, _, third, fourth = asked = sessions(4)
    for session in asked:
        number(session)

    admission.leave(first)

    # The fourth asks first, and yet the place is the third's.
    assert number(fourth) == 1
    assert number(third) == 0
    assert number(fourth) == 1


@pytest.mark.usefixtures("_two_calls")
def test_whoever_leaves_the_queue_makes_it_shorter():
    asked = sessions(4)
    for session in asked:
        number(session)

    lapse(asked[2])

    assert number(asked[3]) == 1


@pytest.mark.usefixtures("_two_calls")
def test_a_page_that_vanished_loses_its_place():
    first, second, third = sessions(3)
    assert [number(session) for session in (first, second, third)] == [0, 0, 1]

    lapse(first)

    assert number(third) == 0
    assert number(first) == 1


@pytest.mark.usefixtures("_two_calls")
def test_a_call_that_goes_on_keeps_its_place():
    first, second, third = sessions(3)
    for session in (first, second):
        number(session)
    before = Place.objects.get(pk=first).lease_until
    Place.objects.filter(pk=first).update(
        lease_until=timezone.now() + timedelta(seconds=1)
    )

    admission.renew(first)

    assert Place.objects.get(pk=first).lease_until >= before
    assert number(third) == 1


@pytest.mark.usefixtures("_two_calls")
def test_a_call_is_kept_longer_than_a_place_in_the_queue():
    asked = sessions(3)
    for session in asked:
        number(session)

    leases = [
        Place.objects.get(pk=session).lease_until - timezone.now() for session in asked
    ]

    assert leases[0] > admission.WAITING_LEASE >= leases[2]
    assert admission.CALL_LEASE >= leases[0] > 2 * timedelta(seconds=60)


@pytest.mark.usefixtures("_two_calls")
def test_waiting_cannot_be_renewed_into_a_call():
    asked = sessions(3)
    for session in asked:
        number(session)
    before = Place.objects.get(pk=asked[2])

    admission.renew(asked[2])

    assert Place.objects.get(pk=asked[2]).lease_until == before.lease_until


@pytest.mark.usefixtures("_two_calls")
def test_calling_again_after_a_drop_takes_no_second_place():
    first, second, third = sessions(3)
    number(first)

    assert number(first) == 0
    assert number(second) == 0
    assert number(third) == 1


def test_a_lower_limit_sends_nobody_away(settings):
    settings.ELEVENLABS_MAX_CALLS = 3
    asked = sessions(5)
    for session in asked[:3]:
        number(session)

    settings.ELEVENLABS_MAX_CALLS = 1

    assert [number(session) for session in asked] == [0, 0, 0, 1, 2]


@pytest.mark.django_db(transaction=True)
def test_200_racing_starts_get_ten_places_and_an_exact_queue(settings):
    settings.ELEVENLABS_MAX_CALLS = 10
    asked = sessions(200)
    portions = [asked[start::20] for start in range(20)]

    numbers = race(
        *[lambda turn, portion=portion: number(portion[turn]) for portion in portions],
        rounds=10,
    )

    assert len(portions) * 10 == 200
    given = sorted(number for portion in numbers for number in portion)
    assert given == [0] * 10 + list(range(1, 191))
    assert Place.objects.exclude(admitted_at=None).count() == 10


@pytest.mark.django_db(transaction=True)
def test_places_given_back_in_a_race_are_never_given_twice(settings):
    settings.ELEVENLABS_MAX_CALLS = 5
    asked = sessions(60)
    for session in asked:
        number(session)
    calling = list(Place.objects.exclude(admitted_at=None).values_list("pk", flat=True))
    waiting = [session for session in asked if session not in calling]

    race(
        *[
            lambda turn, session=session: admission.leave(session)
            for session in calling
        ],
        *[lambda turn, session=session: number(session) for session in waiting[:15]],
        rounds=1,
    )
    for session in waiting:
        number(session)

    admitted = Place.objects.exclude(admitted_at=None).values_list("pk", flat=True)
    assert set(admitted) == set(waiting[:5])
