"""The database is away while somebody writes: nothing typed is lost, and all goes on by itself."""

import re

import pytest
from django.db import OperationalError
from playwright.sync_api import expect

from interviews import turns
from tests.e2e.candidates import answer, begin, stored
from tests.factories import SessionFactory

AWAY = "The portal is out of reach for a moment"


@pytest.fixture
def session(transactional_db):
    return SessionFactory()


@pytest.fixture
def database(monkeypatch):
    """Takes the database away from the turns of interviews, and gives it back."""

    def fail(*arguments, **named):
        raise OperationalError("the connection is lost")

    class Database:
        def leave(self):
            for name in ("next_step", "record_answer", "end_interview"):
                monkeypatch.setattr(turns, name, fail)

        def come_back(self):
            monkeypatch.undo()

    return Database()


def heading(page):
    return page.get_by_role("heading", level=1)


def test_answer_is_sent_by_itself_when_the_portal_is_back(page, session, database):
    begin(page, session)
    database.leave()
    answer(page, "patient")
    expect(page.get_by_role("status")).to_contain_text(f"{AWAY}. Trying again")
    database.come_back()

    expect(page.get_by_text("Question 2 of 3")).to_be_visible(timeout=20_000)
    assert stored() == ["patient"]


def test_draft_outlives_a_reload_while_the_portal_is_away(page, session, database):
    begin(page, session)
    page.get_by_label("Your answer").fill("half a thought")
    database.leave()
    page.reload()
    expect(heading(page)).to_have_text(AWAY)
    expect(page.get_by_role("status")).to_contain_text("is kept on this device")
    expect(page.get_by_role("link", name="Try again")).to_be_visible()
    database.come_back()

    expect(page.get_by_label("Your answer")).to_have_value(
        "half a thought", timeout=20_000
    )


def test_page_without_its_script_keeps_what_was_sent(page, session, database):
    page.route(re.compile(r"/js/question"), lambda route: route.abort())
    begin(page, session, script=False)
    database.leave()
    answer(page, "by hand")
    expect(heading(page)).to_have_text(AWAY)
    expect(page.get_by_label("Your answer")).to_have_value("by hand")
    database.come_back()
    page.get_by_role("button", name="Send again").click()

    expect(page.get_by_text("Question 2 of 3")).to_be_visible(timeout=20_000)
    assert stored() == ["by hand"]
