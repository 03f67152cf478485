"""The shipped server dies in the middle of an answer; the candidate just goes on."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

from playwright.sync_api import expect

from core.environment import BASE_DIR
from tests.core.test_portal import free_port, wait_until
from tests.e2e.candidates import answer, begin, speak_until, stored
from tests.factories import SessionFactory
from tests.voice.test_webhook_server import WEB_SERVER, answers, variables


@contextmanager
def portal(port):
    environment = variables(port) | {
        "DJANGO_SETTINGS_MODULE": "config.settings_test",
        "SECRET_KEY": "the same after the crash as before it, " * 2,
    }
    process = subprocess.Popen(
        [sys.executable, *WEB_SERVER],
        cwd=BASE_DIR,
        env=environment,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_until(lambda: answers(port))
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_candidate_goes_on_when_the_server_is_back(browser):
    session, port = SessionFactory(), free_port()
    page = browser.new_page(base_url=f"http://127.0.0.1:{port}")
    with portal(port):
        begin(page, session)
        answer(page, "before the crash")
        expect(page.get_by_text("Question 2 of 3")).to_be_visible()
        page.get_by_text("Speak", exact=True).click()
        page.get_by_role("button", name="Start recording").click()
        speak_until(page, 1)
    speak_until(page, 3)
    page.get_by_role("button", name="Done").first.click()
    page.get_by_label("In writing, if you want").fill("in the dark")
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("status")).to_contain_text("Sending the recording")
    with portal(port):
        expect(page.get_by_text("Question 3 of 3")).to_be_visible(timeout=30_000)
    page.close()

    take = session.takes.get()
    assert stored() == ["before the crash", "in the dark"]
    assert list(take.chunks.values_list("position", flat=True)) == [0, 1]
