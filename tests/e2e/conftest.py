"""A real Chromium against the portal on a free port."""

import os
import shutil
import threading
import time

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import expect

from tests.factories import UserFactory

# Playwright runs an event loop in the test's thread; the tests query the database there.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

EMAIL, PASSWORD = "hr@example.com", "correct horse battery"
QUIET = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A microphone that hums, and leave to use it.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
expect.set_options(timeout=10_000)


def pytest_collection_modifyitems(items):
    for item in items:
        if "e2e" in item.path.parts:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    arguments = browser_type_launch_args | {"args": QUIET}
    if os.geteuid() == 0:
        arguments["chromium_sandbox"] = False
    # None of the two: Playwright's own, if it is installed.
    if chromium := os.environ.get("CHROMIUM") or shutil.which("chromium"):
        arguments["executable_path"] = chromium
    return arguments


@pytest.fixture(scope="session")
def base_url(live_server):
    return live_server.url


@pytest.fixture(autouse=True)
def _quiet_portal(transactional_db):
    """Set up before the browser's page, and so ended after it and before the database is.

    The page's last reports arrive when it is closed already: were the tables emptied at
    that moment, each would wait for the other.
    """
    # The queue's tables are not Django's to empty after a test.
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    yield
    give_up_at = time.monotonic() + 10
    while is_portal_busy():
        assert time.monotonic() < give_up_at, "a connection to the portal stays open"
        time.sleep(0.01)


def is_portal_busy():
    """Tell whether anybody holds a connection to the live server."""
    return any("process_request_thread" in t.name for t in threading.enumerate())


@pytest.fixture
def public_url(live_server):
    """Return where the fake voice service reaches the portal."""
    return live_server.url


@pytest.fixture
def complaints(context):
    """Collect what the pages complain of: errors, and what their policy forbids."""
    found = []
    context.on("weberror", lambda failure: found.append(str(failure.error.stack)))
    context.on(
        "console",
        lambda message: (
            found.append(message.text)
            # Refused answers are part of some tests, and Chromium reports each.
            if message.type == "error" and "Failed to load resource" not in message.text
            else None
        ),
    )
    return found


@pytest.fixture
def signed_in(context, base_url):
    """Return a function that signs somebody in, without the form (test_sign_in types)."""

    def sign_in(user):
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        context.add_cookies(
            [{"name": cookie.key, "value": cookie.value, "url": base_url}]
        )
        return user

    return sign_in


@pytest.fixture
def hr_page(page, signed_in):
    """Return a page on which HR has signed in."""
    signed_in(UserFactory(hr=True, email=EMAIL, password=PASSWORD))
    page.goto("/admin/")
    return page
