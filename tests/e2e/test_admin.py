"""The admin in a real browser: its policy holds, and a keyboard gets everywhere."""

import io
import wave

import pytest
from playwright.sync_api import expect

from tests.factories import ProgressFactory, SessionFactory, VacancyFactory

INTERVIEWS = "/admin/interviews/interviewsession/"


@pytest.fixture
def recording():
    """Return half a second of silence."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(8000))
    return file.getvalue()


def test_no_page_breaks_its_policy(hr_page, context, complaints):
    """Each page in a tab of its own, so that all come to rest at the same time."""
    session = ProgressFactory().session
    candidate = f"/admin/candidates/candidate/{session.candidate_id}/"
    vacancy = f"/admin/vacancies/vacancy/{session.vacancy_id}/"

    tabs = []
    for path in [
        "/admin/",
        "/admin/vacancies/vacancy/",
        "/admin/vacancies/vacancy/add/",
        f"{vacancy}change/",
        f"{vacancy}history/",
        "/admin/candidates/candidate/",
        f"{candidate}change/",
        INTERVIEWS,
        f"{INTERVIEWS}{session.pk}/change/",
        f"{INTERVIEWS}{session.pk}/cancel/",
        f"{INTERVIEWS}invite/?vacancy={session.vacancy_id}",
        "/admin/accounts/user/add/",
        "/accounts/password/change/",
        "/accounts/2fa/",
    ]:
        tabs.append(context.new_page())
        assert tabs[-1].goto(path, wait_until="commit").status == 200
    for tab in tabs:
        tab.wait_for_load_state()
    hr_page.wait_for_timeout(500)  # what scripts still do, now that all has come

    assert complaints == []


def test_an_answer_is_played(hr_page, complaints, recording):
    address = "https://audio.example.com/1.wav"
    session = ProgressFactory(answer_audio_url=address).session
    hr_page.route(
        address, lambda route: route.fulfill(body=recording, content_type="audio/wav")
    )

    hr_page.goto(f"{INTERVIEWS}{session.pk}/change/")
    played = hr_page.locator("audio").evaluate(
        """(audio) => new Promise((done) => {
            audio.onended = () => done(true);
            audio.onerror = () => done(false);
            audio.muted = true;
            audio.play().catch(() => done(false));
        })"""
    )

    assert played
    assert complaints == []


def test_a_candidate_is_invited_and_the_link_copied(hr_page, context, complaints):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    vacancy = VacancyFactory(title="Пекарь", questions=1)
    hr_page.goto(f"/admin/vacancies/vacancy/{vacancy.pk}/change/")
    hr_page.get_by_role("link", name="Invite").click()

    hr_page.get_by_label("Name").fill("Anna")
    hr_page.get_by_label("Email address").fill("anna@example.com")
    hr_page.get_by_role("button", name="Invite", exact=True).click()
    hr_page.get_by_role("button", name="Copy").click()

    expect(hr_page.locator("#copied")).to_have_text("Copied")
    link = hr_page.evaluate("navigator.clipboard.readText()")
    session = vacancy.sessions.get()
    assert link.endswith(session.get_absolute_url())
    assert complaints == []


def test_without_a_clipboard_the_link_is_selected(hr_page):
    session = SessionFactory()
    hr_page.add_init_script(
        "Object.defineProperty(navigator, 'clipboard', {value: undefined});"
        "document.execCommand = () => false;"
    )
    hr_page.goto(f"{INTERVIEWS}{session.pk}/change/")

    hr_page.get_by_role("button", name="Copy").click()

    expect(hr_page.locator("#copied")).to_have_text("Press Ctrl+C to copy")
    assert hr_page.evaluate("getSelection().toString()").endswith(str(session.pk))


def test_candidates_are_chosen_by_typing(hr_page, complaints):
    session = SessionFactory(candidate__name="Анна Иванова")
    hr_page.goto(f"{INTERVIEWS}invite/?vacancy={session.vacancy_id}")

    hr_page.get_by_role("searchbox", name="Candidates").press_sequentially("иван")
    hr_page.get_by_role("option", name="Анна Иванова").click()
    hr_page.get_by_role("button", name="Invite", exact=True).click()

    expect(hr_page.get_by_label("Link for the candidate")).to_have_value(
        f"{hr_page.url.partition('/admin/')[0]}{session.get_absolute_url()}"
    )
    assert complaints == []


def test_signing_out_takes_no_mouse(hr_page):
    hr_page.get_by_role("button", name="hr@example.com").press("Enter")
    hr_page.get_by_role("button", name="Log out").press("Enter")

    hr_page.goto("/admin/")
    expect(hr_page.get_by_label("Password")).to_be_visible()
