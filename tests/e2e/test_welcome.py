"""The welcome page in a real browser."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from tests.factories import CompanyFactory, SessionFactory
from vacancies.colours import look


@pytest.fixture
def browser_context_args(browser_context_args):
    return browser_context_args | {"timezone_id": "Asia/Tokyo", "locale": "en-GB"}


def test_the_deadline_is_in_the_candidates_own_time_zone(page, complaints):
    company = CompanyFactory(colour="#ffee00")
    deadline = datetime(2999, 12, 6, 20, 30, tzinfo=UTC)
    session = SessionFactory(expires_at=deadline, vacancy__company=company)

    page.goto(session.get_absolute_url())

    expect(page.locator("time")).to_have_text(
        re.compile(r"^Saturday,? 7 December 2999.* 0?5:30 \(Japan Standard Time\)$")
    )
    # The company's colour, as dark as it must be for letters on paper.
    button = page.get_by_role("button").first
    assert "--accent: #756d00" in look("#ffee00")
    expect(button).to_have_css("background-color", "rgb(117, 109, 0)")
    expect(button).to_have_css("color", "rgb(255, 255, 255)")
    assert complaints == []
