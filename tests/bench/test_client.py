"""The load client: it waits for whole answers, checks each, and never hangs."""

import socket
import threading
from contextlib import contextmanager, suppress

import pytest

from bench.harness.client import (
    Client,
    Exhausted,
    LoadError,
    Loop,
    Request,
    WrongAnswer,
    parse,
)

GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\ngo\r\n2\r\nod\r\n0\r\n\r\n"
CLOSING = GOOD.replace(b"OK\r\n", b"OK\r\nConnection: close\r\n")
BAD = GOOD.replace(b"good", b"evil")


@contextmanager
def answering(*answers):
    """Serve the answers in turn, the last for ever; yield the port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        state = {"left": list(answers)}

        def serve(connection):
            # A loop that gives up leaves connections behind with answers under way.
            with connection, suppress(ConnectionError):
                while connection.recv(65_536):
                    left = state["left"]
                    answer = left.pop(0) if len(left) > 1 else left[0]
                    connection.sendall(answer)
                    if not answer or b"Connection: close" in answer:
                        return

        def accept():
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                threading.Thread(target=serve, args=[connection], daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield listening.getsockname()[1]
        finally:
            # accept() in the other thread returns only so.
            listening.shutdown(socket.SHUT_RDWR)


class Work:
    """Asks the same for ever, or so many times; each piece is of so many requests."""

    def __init__(self, pieces=10**9, requests=1):
        self.pieces, self.requests = pieces, requests
        self.checked = 0

    def begin(self, kind="any"):
        if not self.pieces:
            raise Exhausted("done")
        self.pieces -= 1
        return self.request(self.requests)

    def request(self, left):
        def check(status, body):
            self.checked += 1
            if (status, body) != (200, b"good"):
                raise WrongAnswer(body.decode())
            return self.request(left - 1) if left > 1 else None

        return Request(b"GET / HTTP/1.1\r\n\r\n", check)


@contextmanager
def loop(port, size=2):
    made = Loop(port, size)
    try:
        yield made
    finally:
        made.close()


@pytest.mark.parametrize("answer", [GOOD, CHUNKED, CLOSING])
def test_good_answers_are_checked_and_counted(answer):
    work = Work()
    with answering(answer) as port, loop(port) as running:
        load = running.run(work.begin, 0.05)

    assert work.checked == load.pieces == load.requests > 0


def test_a_connection_the_server_closes_is_opened_anew():
    with answering(CLOSING) as port, loop(port) as running:
        load = running.run(Work().begin, 0.05)

    assert load.connections == load.requests


def test_connections_that_rested_are_not_used_again():
    """Some servers close them after seconds, while others are measured."""
    with answering(GOOD) as port, loop(port) as running:
        assert running.serves(port, 2)
        assert not running.serves(port, 3)
        running.rests_since -= 2
        assert not running.serves(port, 2)


def test_a_piece_of_work_of_two_requests_counts_once():
    with answering(GOOD) as port, loop(port) as running:
        load = running.run(Work(requests=2).begin, 0.05)

    assert load.requests == 2 * load.pieces


def test_one_wrong_body_among_good_ones_ends_the_run():
    with (
        answering(GOOD, GOOD, BAD, GOOD) as port,
        loop(port) as running,
        pytest.raises(WrongAnswer, match="evil"),
    ):
        running.run(Work().begin, 5)


def test_running_out_of_work_is_no_success():
    with (
        answering(GOOD) as port,
        loop(port) as running,
        pytest.raises(Exhausted),
    ):
        running.run(Work(pieces=10).begin, 5)


def test_a_connection_closed_in_place_of_an_answer_ends_the_run():
    with (
        answering(b"") as port,
        loop(port) as running,
        pytest.raises(LoadError, match="in place of an answer"),
    ):
        running.run(Work().begin, 5)


@pytest.mark.parametrize("answer", [GOOD, CHUNKED])
def test_an_answer_in_pieces_is_waited_for(answer):
    cut = [parse(answer[:end]) for end in range(len(answer))]

    assert cut == [None] * len(answer)
    assert parse(answer) == (200, b"good", False)


def test_an_answer_without_an_end_is_wrong():
    with pytest.raises(WrongAnswer, match="without a length"):
        parse(b"HTTP/1.0 200 OK\r\n\r\ngood")


def test_more_than_the_answers_length_is_wrong():
    with pytest.raises(WrongAnswer, match="More came"):
        parse(GOOD + b"!")


class Unreadable:
    """Work that the client's process cannot take."""

    def __reduce__(self):
        return (int, ("none",))


def test_a_client_process_that_ends_is_noticed(capfd):
    with (
        Client(Unreadable()) as client,
        pytest.raises(LoadError, match="process has ended"),
    ):
        client.run(1, "any", seconds=1)

    assert "invalid literal" in capfd.readouterr().err
