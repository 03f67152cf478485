"""Places in several workspaces: one queue, no limit exceeded, no place left empty."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import SessionFactory
from tests.threads import race
from tests.voice.conftest import further
from voice import admission
from voice.models import Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def limits(settings):
    """Return a function that sets the calls at once of default, second and third."""

    def set_limits(default, second, third=None):
        settings.ELEVENLABS_MAX_CALLS = default
        settings.ELEVENLABS_WORKSPACES = {
            name: further(API_KEY=name, MAX_CALLS=limit)
            for name, limit in {"second": second, "third": third}.items()
            if limit is not None
        }

    return set_limits


def sessions(count):
    return [session.pk for session in SessionFactory.create_batch(count)]


def ask(session_id, absent=()):
    """Return the name of the workspace, or the number in the queue."""
    given = admission.ask(session_id, absent)
    return given if isinstance(given, int) else given.name


def in_calls():
    admitted = Place.objects.exclude(admitted_at=None)
    return Counter(admitted.values_list("workspace", flat=True))


def test_calls_are_spread_by_the_part_of_the_limit_that_is_free(limits):
    limits(4, 2)

    given = [ask(session) for session in sessions(8)]

    assert given == [
        *("default", "second", "default", "second", "default", "default"),
        *(1, 2),
    ]
    assert in_calls() == {"default": 4, "second": 2}


def test_queue_is_one_and_its_order_is_kept(limits):
    limits(1, 1)
    first, second, third, fourth = asked = sessions(4)
    assert [ask(session) for session in asked] == ["default", "second", 1, 2]

    admission.leave(second)

    # The fourth asks first, and yet the place is the third's, where one is free.
    assert ask(fourth) == 1
    assert ask(third) == "second"
    assert [ask(session) for session in (first, third, fourth)] == [
        *("default", "second", 1)
    ]


def test_places_kept_for_those_ahead_are_counted_over_all_workspaces(limits):
    limits(1, 1)
    first, second, third, fourth, fifth = asked = sessions(5)
    for session in asked:
        ask(session)

    admission.leave(first)
    admission.leave(second)

    # Two places for two who asked before.
    assert ask(fifth) == 1
    assert {ask(fourth), ask(third)} == {"default", "second"}
    assert ask(fifth) == 1


def test_absent_workspace_gets_no_call(limits):
    limits(2, 2)

    given = [ask(session, {"second"}) for session in sessions(4)]

    assert given == ["default", "default", 1, 2]


def test_place_in_a_workspace_that_is_absent_now_moves(limits):
    limits(1, 1)
    [session] = sessions(1)
    assert ask(session) == "default"

    assert ask(session, {"default"}) == "second"
    assert in_calls() == {"second": 1}


def test_place_that_cannot_move_waits_in_front(limits):
    limits(1, 1)
    first, _second, third = asked = sessions(3)
    assert [ask(session) for session in asked] == ["default", "second", 1]

    # Its place is gone, but it asked before the third.
    assert ask(first, {"default"}) == 1
    assert ask(third, {"default"}) == 2
    assert in_calls() == {"second": 1}


def test_while_all_are_absent_the_queue_stays_as_it_is(limits):
    limits(1, 1)
    asked = sessions(3)
    for session in asked:
        ask(session)

    everything = {"default", "second"}
    assert [ask(session, everything) for session in asked] == ["default", "second", 1]


def test_workspace_taken_out_of_the_settings_gives_up_its_calls(limits, settings):
    limits(1, 1)
    first, second = sessions(2)
    assert [ask(first), ask(second)] == ["default", "second"]

    settings.ELEVENLABS_WORKSPACES = {}

    assert ask(second) == 1
    admission.leave(first)
    assert ask(second) == "default"


def test_workspace_without_a_key_is_none(limits, settings):
    limits(1, 5)
    settings.ELEVENLABS_WORKSPACES["second"]["API_KEY"] = ""

    assert [ask(session) for session in sessions(2)] == ["default", 1]


def test_workspace_without_a_limit_is_never_full(limits):
    limits(1, 0)

    given = Counter(ask(session) for session in sessions(5))

    assert given == {"default": 1, "second": 4}


@pytest.mark.django_db(transaction=True)
def test_racing_starts_fill_every_workspace_and_none_beyond_its_limit(limits):
    limits(5, 3, 2)
    asked = sessions(60)
    portions = [asked[start::12] for start in range(12)]

    given = race(
        *[lambda turn, portion=portion: ask(portion[turn % 5]) for portion in portions],
        rounds=5,
    )

    answers = Counter(answer for portion in given for answer in portion)
    assert in_calls() == {"default": 5, "second": 3, "third": 2}
    assert {name: answers.pop(name) for name in list(in_calls())} == in_calls()
    assert sorted(answers.elements()) == list(range(1, 51))


@pytest.mark.django_db(transaction=True)
def test_no_limit_is_exceeded_while_calls_begin_and_end(limits):
    """Ten candidates call and hang up, again and again; one counts all the while."""
    limits(2, 2, 1)
    candidates = sessions(10)
    highest = Counter()

    def call(session):
        def turn(number):
            if isinstance(ask(session), str) and number % 2:
                admission.leave(session)

        return turn

    def count(number):
        for name, calls in in_calls().items():
            highest[name] = max(highest[name], calls)

    race(*map(call, candidates), count, count, rounds=6)
    for _ in range(2):
        for session in candidates:
            ask(session)

    assert in_calls() == {"default": 2, "second": 2, "third": 1}
    assert highest <= Counter(default=2, second=2, third=1)


def statements(function, *arguments):
    with CaptureQueriesContext(
        connection,
    ) as context:
        function(*arguments)
    return [query["sql"] for query in context.captured_queries]


def test_waiting_takes_no_lock(limits):
    """Hundreds wait and ask every five seconds; only a place that is given is locked."""
    limits(1, 1)
    *calling, waiting = sessions(3)
    for session in (*calling, waiting):
        ask(session)
    before = Place.objects.get(pk=waiting).lease_until

    asked = statements(ask, waiting)

    assert [sql.partition(" ")[0] for sql in asked] == ["SELECT", "SELECT", "UPDATE"]
    assert not any("pg_advisory" in sql for sql in asked)
    assert Place.objects.get(pk=waiting).lease_until > before


def test_renewing_is_one_statement(limits):
    limits(1, 1)
    [session] = sessions(1)
    ask(session)

    renewed = statements(admission.renew, session)

    assert [sql.partition(" ")[0] for sql in renewed] == ["UPDATE"]


@pytest.mark.django_db(transaction=True)
def test_calls_go_on_while_a_place_is_being_given(limits):
    """Whoever holds the lock holds up neither a call's lease nor those who wait."""
    limits(1, 1)
    calling, _other, waiting = asked = sessions(3)
    for session in asked:
        ask(session)

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [admission.LOCK])

    def hurried(function, session):
        def call(number):
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '1s'")
            return function(session)

        return call

    renewed, number = race(hurried(admission.renew, calling), hurried(ask, waiting))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [admission.LOCK])

    assert (renewed, number) == ([None], [1])


def test_lapsed_places_count_nowhere(limits):
    limits(1, 1)
    _first, second, third = asked = sessions(3)
    for session in asked:
        ask(session)

    Place.objects.filter(pk=second).update(
        lease_until=timezone.now() - timedelta(seconds=1)
    )

    assert ask(third) == "second"
    assert ask(second) == 1


def test_rows_of_processes_that_know_one_workspace_are_its(limits):
    """While a new version is rolled out, the old one still writes."""
    limits(1, 1)
    old, new, late = sessions(3)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO voice_place (session_id, requested_at, admitted_at, lease_until) "
            "VALUES (%s, now(), now(), now() + interval '1 minute')",
            [old],
        )

    assert ask(new) == "second"
    assert ask(late) == 1
    assert ask(old) == "default"
