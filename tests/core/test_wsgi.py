"""Chunked bodies."""

from io import BytesIO

import pytest
from django.urls import reverse

from core.wsgi import MAX_BYTES, ChunkedBodies, is_streamed


def seen_by_application(environ):
    seen = {}

    def application(environ, start_response):
        seen.update(
            body=environ["wsgi.input"].read(), length=environ.get("CONTENT_LENGTH")
        )
        return []

    ChunkedBodies(application)(environ, None)
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
