"""Bodies, read before the application has to do with them."""

from io import BytesIO

import pytest
from django.urls import reverse

from core.wsgi import MAX_BYTES, Bodies, is_streamed


def seen_by_application(environ):
    seen = {}

    def application(environ, start_response):
        seen.update(
            body=environ["wsgi.input"].read(), length=environ.get("CONTENT_LENGTH")
        )
        return []

    Bodies(application)(environ, None)
    return seen


def chunked(body):
    return {
        "HTTP_TRANSFER_ENCODING": "chunked",
        "wsgi.input_terminated": True,
        "wsgi.input": BytesIO(body),
    }


@pytest.mark.parametrize("body", [b"", "ответ".encode(), b"x" * MAX_BYTES])
def test_chunked_body_gets_its_length(body):
    assert seen_by_application(chunked(body)) == {
        "body": body,
        "length": str(len(body)),
    }


def test_endless_chunked_body_is_cut_beyond_every_limit():
    seen = seen_by_application(chunked(b"x" * (MAX_BYTES + 100)))

    assert seen["length"] == str(MAX_BYTES + 1)


@pytest.mark.parametrize(
    ("sent", "length"), [("ответ".encode(), 10), (b"x" * MAX_BYTES, MAX_BYTES)]
)
def test_body_of_known_length_is_read_ahead(sent, length):
    class Slow(BytesIO):
        def read(self, size=-1):
            return super().read(min(size, 7 * 1024))

    environ = {"CONTENT_LENGTH": str(length), "wsgi.input": Slow(sent)}

    assert seen_by_application(environ) == {"body": sent, "length": str(length)}


def test_body_that_breaks_off_is_as_long_as_what_came():
    class Broken(BytesIO):
        def read(self, size=-1):
            if piece := super().read(min(size, 4)):
                return piece
            raise OSError("the client went away")

    environ = {"CONTENT_LENGTH": "100", "wsgi.input": Broken(b"abcdef")}

    assert seen_by_application(environ) == {"body": b"abcdef", "length": "6"}


@pytest.mark.parametrize("length", [str(MAX_BYTES + 1), "", "0", "-1", "many"])
def test_large_file_and_no_body_are_left_to_the_application(length):
    stream = BytesIO(b"abc")
    environ = {"CONTENT_LENGTH": length, "wsgi.input": stream}

    Bodies(lambda environ, start_response: [])(environ, None)

    assert environ["wsgi.input"] is stream
    assert environ["CONTENT_LENGTH"] == length


@pytest.mark.parametrize("path", ["/webhooks/elevenlabs", "/webhooks/"])
def test_webhooks_read_their_chunked_bodies_themselves(path):
    seen = seen_by_application(chunked(b"x" * MAX_BYTES * 2) | {"PATH_INFO": path})

    assert seen == {"body": b"x" * MAX_BYTES * 2, "length": None}


@pytest.mark.parametrize("path", ["/", "/webhooks", "/api/webhooks/", "//webhooks/"])
def test_no_other_path_is_streamed(path):
    seen = seen_by_application(chunked(b"abc") | {"PATH_INFO": path})

    assert seen == {"body": b"abc", "length": "3"}


def test_webhook_is_under_the_streamed_path():
    assert is_streamed({"PATH_INFO": reverse("elevenlabs_webhook")})


def test_body_with_a_length_is_left_alone():
    environ = {"CONTENT_LENGTH": "3", "wsgi.input": BytesIO(b"abc")}

    assert seen_by_application(environ) == {"body": b"abc", "length": "3"}


def test_stream_that_may_not_end_is_left_alone():
    environ = chunked(b"abc") | {"wsgi.input_terminated": False}

    assert seen_by_application(environ)["length"] is None
