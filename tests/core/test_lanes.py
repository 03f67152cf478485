"""How much a process does at once."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event, Thread

import pytest
from django.conf import settings
from django.db import OperationalError, connection, connections
from django.http import HttpResponse, StreamingHttpResponse

from core import lanes
from core.headers import outside_django
from core.lanes import (
    ANSWERS,
    CALLS,
    CANDIDATES,
    LANES,
    QUESTIONS,
    REPORTS,
    STAFF,
    THREADS,
    Lane,
    Lanes,
)

NEXT = "/api/interview/0d7a1f0e-0000-4000-8000-000000000000/next"


@pytest.fixture(autouse=True)
def _closed_connections():
    """What a test before has left open, no place of a lane may look after."""
    connections.close_all()


@pytest.fixture
def lane(monkeypatch):
    """A lane of one place in which one may wait, for every path."""
    lane = Lane("test", places=1, waiting=1)
    monkeypatch.setattr(lanes, "lane_of", lambda path: lane)
    return lane


def call(application, path=NEXT, **environ):
    """Return status line, headers and body of one call."""
    started = []
    environ |= {"PATH_INFO": path}
    body = Lanes(application)(
        environ, lambda status, headers: started.extend([status, dict(headers)])
    )
    return *started, b"".join(body)


def in_thread(function, *arguments):
    thread = Thread(target=function, args=arguments)
    thread.start()
    return thread


def wait_until(condition):
    for _ in range(500):
        if condition():
            return
        Event().wait(0.01)
    raise AssertionError("it did not come to pass")


class Slow:
    """An application that works until it is told to end."""

    def __init__(self):
        self.begun = 0
        self.end = Event()

    def __call__(self, environ, start_response):
        self.begun += 1
        assert self.end.wait(10)
        start_response("200 OK", [])
        return HttpResponse("done")


@pytest.mark.parametrize(
    ("path", "lane"),
    [
        (NEXT, QUESTIONS),
        (NEXT.replace("next", "answer"), ANSWERS),
        (NEXT.replace("next", "call"), ANSWERS),
        (NEXT.replace("next", "call/start"), CALLS),
        ("/webhooks/elevenlabs", REPORTS),
        ("/interview/1", CANDIDATES),
        ("/admin/", STAFF),
        ("/recordings/1", STAFF),
        ("/readyz", STAFF),
        ("/healthz", None),
        ("/static/css/base.css", None),
    ],
)
def test_each_path_has_its_lane(path, lane):
    assert lanes.lane_of(path) is lane


def test_server_has_threads_for_all_that_work_and_wait_and_some_to_refuse():
    assert sum(lane.places + lane.waiting for lane in LANES) < THREADS


def test_one_waits_and_one_more_is_refused_at_once(lane):
    slow = Slow()
    with ThreadPoolExecutor(2) as pool:
        served = [pool.submit(call, slow) for _ in range(2)]
        wait_until(lambda: slow.begun == 1 and len(lane._queue) == 1)

        status, headers, body = call(slow)
        slow.end.set()

    assert status == "503 Service Unavailable"
    assert headers == {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Retry-After": "2",
        **dict(outside_django(is_page=False)),
    }
    assert json.loads(body)["code"] == "unavailable"
    assert [future.result()[2] for future in served] == [b"done", b"done"]
    assert slow.begun == 2
    assert not lane._queue


def test_other_lanes_are_not_kept_waiting():
    slow = Slow()
    threads = [in_thread(call, slow, "/admin/") for _ in range(STAFF.places)]
    wait_until(lambda: slow.begun == STAFF.places)

    quick = call(lambda environ, start_response: start_response("200 OK", []) or [])
    slow.end.set()

    assert quick == ("200 OK", {}, b"")
    for thread in threads:
        thread.join()


def test_place_goes_to_who_came_first_and_not_to_who_comes_just_then(lane):
    lane.waiting = 2
    place = lane.take()
    served = []

    def wait(name):
        mine = lane.take()
        served.append(name)
        lane.give_back(mine)

    threads = []
    for number, name in enumerate("ab", start=1):
        threads.append(in_thread(wait, name))
        wait_until(lambda number=number: len(lane._queue) == number)
    lane.give_back(place)
    wait("c")
    for thread in threads:
        thread.join()

    assert served[0] == "a"
    assert sorted(served) == ["a", "b", "c"]
    assert lane.take()


def test_who_waits_too_long_is_refused(lane, monkeypatch):
    monkeypatch.setattr(lanes, "PATIENCE_SECONDS", 0.01)
    slow = Slow()
    thread = in_thread(call, slow)
    wait_until(lambda: slow.begun == 1)

    status, _, _ = call(slow)
    slow.end.set()
    thread.join()

    assert status == "503 Service Unavailable"
    # The place was not handed to who had left.
    assert lane.take()


@pytest.mark.parametrize(
    ("language", "words"), [("ru-RU,ru", "ru"), ("en", "en"), ("", "en")]
)
def test_people_are_refused_by_a_page_in_their_language(lane, language, words):
    lane.waiting = 0
    lane.take()

    status, headers, body = call(None, "/interview/1", HTTP_ACCEPT_LANGUAGE=language)

    assert (status[:3], headers["Content-Type"]) == ("503", "text/html; charset=utf-8")
    assert f'lang="{words}"' in body.decode()


def test_refusals_are_logged_now_and_then(lane, caplog):
    lane.waiting = 0
    lane.take()

    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            call(None)

    assert [(line.lane, line.refused) for line in caplog.records] == [("test", 1)]


def test_failure_gives_the_place_back(lane):
    def fail(environ, start_response):
        raise ValueError("broken")

    for _ in range(2):
        with pytest.raises(ValueError, match="broken"):
            call(fail)

    assert lane.take()


@pytest.mark.django_db(transaction=True)
def test_streamed_body_gives_its_place_back_and_closes_what_it_opens(lane):
    """A recording is read for as long as somebody listens."""
    closed, seen = [], []

    def read():
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        yield b"a"

    class Response(StreamingHttpResponse):
        def close(self):
            closed.append(1)

    def listen():
        body = Lanes(lambda environ, start_response: Response(read()))(
            {"PATH_INFO": "/"}, None
        )
        place = lane.take()
        seen.append((place is not None, list(body), closed.copy()))
        body.close()
        seen.append((closed.copy(), connection.connection))

    in_thread(listen).join()

    assert seen == [(True, [b"a"], []), ([1], None)]


@pytest.fixture
def kept_connections(monkeypatch):
    """Connections of new threads are kept, as in production; at the end, closed."""
    monkeypatch.setitem(settings.DATABASES["default"], "CONN_MAX_AGE", None)
    places = []
    monkeypatch.setattr(
        lanes.Place, "enter", keeping(lanes.Place.enter, places), raising=True
    )
    yield
    for place in places:
        for each in place._connections:
            each.close()


def keeping(enter, places):
    def entering(place):
        places.append(place)
        enter(place)

    return entering


def backend(environ, start_response):
    """Answer with the process of the database that serves the thread's connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
    start_response("200 OK", [])
    return [str(pid).encode()]


@pytest.mark.django_db(transaction=True)
def test_connections_belong_to_the_places(lane, kept_connections):
    """However many threads serve, a place needs one connection."""
    used, left = [], []

    def serve():
        used.append(call(backend)[2])
        left.extend(connections.all(initialized_only=True))

    for _ in range(3):
        in_thread(serve).join()

    assert len(used) == 3
    assert len(set(used)) == 1
    assert left == []


@pytest.mark.django_db(transaction=True)
def test_broken_connections_are_not_kept(lane, kept_connections):
    """In the middle of a transaction, or cut off by the database."""
    used = []

    def leave_open(environ, start_response):
        connection.set_autocommit(False)
        return backend(environ, start_response)

    def break_off(environ, start_response):
        with connection.cursor() as cursor, suppress(OperationalError):
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        start_response("200 OK", [])
        return []

    for application in [leave_open, backend, break_off, backend]:
        in_thread(
            lambda application=application: used.append(call(application)[2])
        ).join()

    assert len(used) == 4
    assert len(set(used)) == 4
