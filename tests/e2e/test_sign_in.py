"""The staff's way in, as a person goes it: password, second factor, recovery codes."""

import os
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from core.environment import var_dir
from tests.e2e.conftest import EMAIL, PASSWORD
from tests.factories import UserFactory
from tests.totp import code_of

IS_PICTURED = bool(os.environ.get("PARLEY_SCREENSHOTS"))


@pytest.fixture
def browser_context_args(browser_context_args):
    return browser_context_args | {"viewport": {"width": 360, "height": 740}}


@pytest.fixture
def looked_at(page, complaints):
    """Return a function that holds the page to its promises."""

    def look(name):
        if IS_PICTURED:
            folder = var_dir() / "screenshots" / "sign-in"
            page.screenshot(path=folder / f"{name}.png", full_page=True)
        overhang = "document.documentElement.scrollWidth - window.innerWidth"
        assert page.evaluate(overhang) <= 0, f"{name} is wider than the window"
        assert Axe().run(page).response["violations"] == [], name
        assert complaints == [], name

    return look


def sign_in(page):
    page.get_by_label("Email address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")


def sign_out(page):
    page.goto("/accounts/logout/")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_second_factor_from_enrolment_to_the_lost_phone(page, settings, looked_at):
    settings.SECOND_FACTOR = "required"
    UserFactory(hr=True, email=EMAIL, password=PASSWORD)

    page.goto("/admin/vacancies/vacancy/")
    looked_at("login")
    sign_in(page)
    # Led to enrolment: nothing else opens.
    expect(page.get_by_role("heading", name="Set up the second factor")).to_be_visible()
    looked_at("enrol")
    page.get_by_text("It cannot be scanned?").click()
    key = page.locator(".key").inner_text()
    page.get_by_label("Code from the app").fill(code_of(key))
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    looked_at("codes")
    codes = page.locator(".codes li").all_inner_texts()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert codes[0] in download.value.path().read_text()
    page.get_by_role("link", name="go on").click()
    expect(page).to_have_url(re.compile("/admin/$"))

    sign_out(page)
    sign_in(page)
    expect(page.get_by_role("heading", name="Enter the code")).to_be_visible()
    looked_at("code")
    page.get_by_label("Code").fill(code_of(key, steps=1))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/admin/$"))

    # The phone is lost: a recovery code opens once.
    sign_out(page)
    sign_in(page)
    page.get_by_label("Code").fill(codes[0])
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/admin/$"))
    sign_out(page)
    sign_in(page)
    page.get_by_label("Code").fill(codes[0])
    page.keyboard.press("Enter")
    expect(page.get_by_text("This code is not right")).to_be_visible()
    looked_at("wrong-code")
