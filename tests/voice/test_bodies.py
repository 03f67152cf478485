"""Bodies read piece by piece from the web server."""

from io import BytesIO

import pytest
from gunicorn.http.errors import InvalidChunkSize

from voice import bodies
from voice.bodies import BodyBroken, BodyTooLarge, pieces


def with_length(raw, length=None):
    length = len(raw) if length is None else length
    return {"CONTENT_LENGTH": str(length), "wsgi.input": BytesIO(raw)}


def chunked(raw):
    return {
        "HTTP_TRANSFER_ENCODING": "chunked",
        "wsgi.input_terminated": True,
        "wsgi.input": BytesIO(raw),
    }


class Broken:
    def __init__(self, error):
        self.error = error

    def read(self, size):
        raise self.error


@pytest.mark.parametrize("environ", [with_length, chunked])
@pytest.mark.parametrize("size", [0, 1, 65_536, 200_000])
def test_body_comes_whole_in_small_pieces(environ, size):
    raw = b"x" * size

    got = list(pieces(environ(raw)))

    assert b"".join(got) == raw
    assert all(len(piece) <= bodies.PIECE_BYTES for piece in got)


def test_next_request_is_left_on_the_connection():
    environ = with_length(b"mine, theirs", 4)

    assert list(pieces(environ)) == [b"mine"]
    assert environ["wsgi.input"].read() == b", theirs"


@pytest.mark.parametrize("environ", [with_length, chunked])
def test_body_over_the_limit_is_refused(environ, monkeypatch):
    monkeypatch.setattr(bodies, "MAX_BYTES", 10)

    assert list(pieces(environ(b"x" * 10))) == [b"x" * 10]
    with pytest.raises(BodyTooLarge):
        list(pieces(environ(b"x" * 11)))


def test_announced_excess_is_refused_unread():
    environ = with_length(b"", bodies.MAX_BYTES + 1) | {"wsgi.input": None}

    with pytest.raises(BodyTooLarge):
        list(pieces(environ))


def test_body_that_ends_early_is_refused():
    with pytest.raises(BodyBroken):
        list(pieces(with_length(b"half", 8)))


@pytest.mark.parametrize("error", [ConnectionResetError(), InvalidChunkSize(b"x")])
def test_body_that_breaks_is_refused(error):
    with pytest.raises(BodyBroken):
        list(pieces(chunked(b"") | {"wsgi.input": Broken(error)}))


@pytest.mark.parametrize("length", [None, "", "-1", "x", "٣"])
def test_body_without_a_length_is_empty(length):
    environ = {"CONTENT_LENGTH": length, "wsgi.input": BytesIO(b"abc")}

    assert list(pieces(environ)) == []


def test_stream_that_may_not_end_is_not_read():
    environ = chunked(b"abc") | {"wsgi.input_terminated": False}

    assert list(pieces(environ)) == []
