"""The whole way: HR writes a vacancy and invites, the candidate answers, HR reads."""

import re

from playwright.sync_api import expect

from interviews.models import InterviewSession
from vacancies.models import Vacancy

QUESTIONS = ["What do you bake best?", "Who taught you?", "When can you start?"]


def test_hr_invites_a_candidate_answers_and_hr_reads(hr_page, new_context, complaints):
    vacancy = write_vacancy(hr_page)
    link = invite(hr_page, vacancy, "Zoë Ødegård", "zoe@example.com")
    candidate = new_context().new_page()
    answer_all(candidate, link)
    read_answers(hr_page)
    assert complaints == []


def write_vacancy(page):
    page.goto("/admin/vacancies/vacancy/add/")
    page.get_by_label("Title").fill("Baker")
    page.get_by_label("Status").select_option("open")
    for number, text in enumerate(QUESTIONS):
        page.get_by_role("link", name="Add another Question").click()
        page.locator(f"#id_questions-{number}-text").fill(text)
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
    drag(page, QUESTIONS[2], onto=QUESTIONS[0])
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    vacancy = Vacancy.objects.get()
    assert [question.text for question in vacancy.questions.current()] == [
        QUESTIONS[2],
        QUESTIONS[0],
        QUESTIONS[1],
    ]
    return vacancy


def drag(page, text, *, onto):
    """Drag a question by its handle, in small steps as a hand does."""
    page.set_viewport_size({"width": 1280, "height": 1400})
    start, end = (handle(page, which).bounding_box() for which in (text, onto))
    page.mouse.move(start["x"] + 8, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(start["x"] + 8, start["y"] - 4, steps=4)
    page.mouse.move(end["x"] + 8, end["y"] + 2, steps=20)
    page.mouse.up()
    expect(page.locator("#questions-data textarea").first).to_have_value(text)


def handle(page, text):
    row = page.locator("#questions-data > .form-group").filter(
        has=page.locator("textarea", has_text=text)
    )
    return row.get_by_text("drag_indicator")


def invite(page, vacancy, name, email):
    page.goto(f"/admin/vacancies/vacancy/{vacancy.pk}/change/")
    page.get_by_role("link", name="Invite").click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Email address").fill(email)
    page.get_by_role("button", name="Invite", exact=True).click()
    link = page.get_by_label("Link for the candidate").input_value()
    assert link.endswith(InterviewSession.objects.get().get_absolute_url())
    return link


def answer_all(page, link):
    page.goto(link)
    expect(page.get_by_text("Zoë Ødegård, the hiring team invites you")).to_be_visible()
    page.get_by_role("button", name="start the interview").click()
    page.get_by_role("link", name="Begin and write").click()
    for place in range(1, 4):
        expect(page.get_by_text(f"Question {place} of 3")).to_be_visible()
        page.get_by_label("Your answer").fill(f"Answer {place}: brød 🍞")
        page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("heading", name="Thank you!")).to_be_visible()


def read_answers(page):
    page.goto("/admin/interviews/interviewsession/")
    expect(page.get_by_text("3 of 3")).to_be_visible()
    page.get_by_role("link", name=re.compile("Zoë")).first.click()
    for place in range(1, 4):
        expect(page.get_by_text(f"Answer {place}: brød 🍞")).to_be_visible()
    questions = page.locator("main").or_(page.locator("#content")).first.inner_text()
    assert questions.index(QUESTIONS[2]) < questions.index(QUESTIONS[0])
