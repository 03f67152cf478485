"""Errors are reported without anything personal: only what is allowed leaves."""

import json
import logging
import subprocess
import sys

import pytest
import sentry_sdk
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory
from sentry_sdk.transport import Transport

from core import error_reports
from core.environment import BASE_DIR
from core.logs import request_id
from core.version import version

CANARY = "canary-7d1f"


class Kept(Transport):
    """Carries nothing away."""

    def __init__(self):
        super().__init__()
        self.envelopes = []

    def capture_envelope(self, envelope):
        self.envelopes.append(envelope)

    @property
    def events(self):
        return [envelope.get_event() for envelope in self.envelopes]

    @property
    def bytes(self):
        return b"".join(envelope.serialize() for envelope in self.envelopes)


@pytest.fixture
def reports(settings):
    """Switch reports on for a test, and off after it."""
    settings.SENTRY_DSN = "https://public@errors.example/1"
    transport = Kept()
    assert error_reports.set_up(transport)
    yield transport
    sentry_sdk.get_client().close(timeout=0)
    sentry_sdk.init(dsn=None, default_integrations=False)


def fail(answer):
    text = f"Key (answer_text)=({answer}) already exists."
    raise ValueError(text)


def request_with_secrets() -> WSGIRequest:
    return RequestFactory().post(
        f"/interview/{CANARY}?token={CANARY}",
        {"answer": CANARY},
        headers={
            "authorization": f"Bearer {CANARY}",
            "x-session-token": CANARY,
            "cookie": f"sessionid={CANARY}",
            "referer": f"https://portal.example/interview/{CANARY}",
        },
    )


def report_everything():
    """Log an error in every way that could carry something along."""
    logger = logging.getLogger("django.request")
    try:
        fail(CANARY)
    except ValueError:
        logger.exception(
            "Internal Server Error: %s",
            f"/interview/{CANARY}",
            extra={"request": request_with_secrets(), "answer": CANARY},
        )
    logging.getLogger("procrastinate.worker").error(f"Job 5 score({CANARY}) failed")
    logging.getLogger("parley.request").error("database away", extra={"error": CANARY})
    sentry_sdk.set_user({"email": CANARY})
    sentry_sdk.set_tag("link", CANARY)
    sentry_sdk.add_breadcrumb(message=CANARY)
    sentry_sdk.capture_message(CANARY)


def test_nothing_personal_is_in_a_report(reports):
    report_everything()

    assert len(reports.events) == 4
    assert CANARY.encode() not in reports.bytes
    assert b"answer" not in reports.bytes.replace(b"test_error_reports", b"")


def test_report_tells_what_failed_where_and_in_which_version(reports):
    token = request_id.set("abc")
    report_everything()
    request_id.reset(token)

    (
        event,
        *_,
    ) = reports.events
    [error] = event["exception"]["values"]
    assert (error["type"], error["stacktrace"]["frames"][-1]["function"]) == (
        "ValueError",
        "fail",
    )
    assert set(error["stacktrace"]["frames"][-1]) <= set(error_reports.OF_A_FRAME)
    assert event["release"] == f"parley@{version()}"
    assert event["tags"] == {"request_id": "abc"}
    assert "server_name" not in event


def test_only_texts_of_our_own_are_told(reports):
    report_everything()

    assert [event.get("logentry") for event in reports.events] == [
        None,
        None,
        {"message": "database away"},
        None,
    ]


def test_nothing_is_reported_of_what_is_no_error(reports):
    logging.getLogger("parley.request").warning("slow")

    assert reports.envelopes == []


def test_no_request_is_traced(reports):
    assert not sentry_sdk.get_client().options["traces_sample_rate"]
    options = sentry_sdk.get_client().options
    assert not options["include_local_variables"]
    assert not options["send_default_pii"]


def test_package_is_not_loaded_where_nobody_wants_reports():
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, django; django.setup(); import json;"
            "print(json.dumps([name in sys.modules for name in"
            " ('sentry_sdk', 'prometheus_client')]))",
        ],
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert json.loads(told) == [False, False]


def test_nothing_is_set_up_without_an_address(settings):
    settings.SENTRY_DSN = ""

    assert not error_reports.set_up()
