"""What the browser tests of the candidate's pages do again and again."""

from playwright.sync_api import expect

from interviews.models import InterviewProgress


def begin(page, session, *, way="write", script=True):
    """Start the interview as the candidate does, past the check, to the first question."""
    page.goto(session.get_absolute_url())
    page.get_by_role("button", name="start the interview").click()
    page.get_by_role("link", name=f"Begin and {way}").click()
    expect(page.locator("#progress")).to_contain_text("Question 1 of")
    if script:
        ready(page)


def ready(page):
    """Wait until the question page's script is there."""
    page.locator("form[data-ready]").wait_for()


def answer(page, text):
    page.get_by_label("Your answer").fill(text)
    page.get_by_role("button", name="Save and continue").click()


def record(page, *, seconds=1):
    """Record an answer for some seconds by the recorder's own clock."""
    page.get_by_role("button", name="Start recording").click()
    speak_until(page, seconds)
    page.get_by_role("button", name="Done").first.click()


def speak_until(page, seconds):
    expect(page.locator("[data-clock]")).to_have_text(f"0:{seconds:02}")


def stored(**chosen):
    """Return the texts of the answers there are, or of those chosen."""
    answers = InterviewProgress.objects.filter(**chosen).order_by("pk")
    return list(answers.values_list("answer_text", flat=True))
