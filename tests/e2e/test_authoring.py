"""A vacancy from a template to a clone, as a recruiter writes it."""

from playwright.sync_api import expect

from tests.e2e.candidates import answer, begin
from tests.factories import (
    BankQuestionFactory,
    QuestionFactory,
    SessionFactory,
    VacancyFactory,
)
from vacancies.models import Vacancy

SAVE = "Save and continue editing"


def test_a_vacancy_is_authored_from_a_template_with_the_bank(hr_page, complaints):
    page = hr_page
    template = VacancyFactory(title="Bakers", is_template=True, status="draft")
    QuestionFactory(vacancy=template, order=1, text="Why bread?")
    for text in ("First of the bank?", "Second of the bank?", "Third of the bank?"):
        BankQuestionFactory(text=text)

    # From the template
    page.goto("/admin/vacancies/vacancy/add/")
    page.get_by_role("link", name="Bakers").click()
    page.get_by_label("Title").fill("Night baker")
    page.get_by_role("button", name="Make the vacancy").click()
    expect(page.get_by_text("This is the new vacancy “Night baker”")).to_be_visible()
    minutes = page.locator("[data-minutes]")
    expect(minutes).to_have_text("The interview takes about 1 to 2 min.")

    # Two from the bank, by keyboard, in the order ticked, over two searches
    page.get_by_role("link", name="Add from the bank").click()
    page.get_by_label("Third of the bank?").press("Space")
    page.get_by_label("Words").fill("first")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Second of the bank?")).to_have_count(0)
    expect(page.get_by_label("Third of the bank?")).to_be_checked()
    page.get_by_label("First of the bank?").press("Space")
    page.get_by_role("button", name="Add to the vacancy").press("Enter")
    expect(page.get_by_text("2 questions added at the end.")).to_be_visible()
    expect(minutes).to_have_text("The interview takes about 3 to 6 min.")

    # Limits change the minutes at once; the rubric unfolds by keyboard
    rows = page.locator("#questions-data > .form-group:not(.empty-form)")
    rows.nth(0).get_by_label("Time limit").fill("600")
    expect(minutes).to_have_text("The interview takes about 7 to 9 min.")
    unfold = rows.nth(0).locator("summary")
    unfold.focus()
    page.keyboard.press("Enter")
    rows.nth(0).get_by_label("A strong answer").fill("Names a bread")
    rows.nth(0).get_by_label("Weight").fill("3")
    expect(unfold).to_contain_text("×3 · A strong answer")
    page.get_by_role("link", name="Add another").click()
    page.keyboard.type("And rye?")
    expect(minutes).to_have_text("The interview takes about 8 to 11 min.")
    rows.nth(3).locator("summary").click()
    rows.nth(3).get_by_label("A weak answer").fill("Does not")
    rows.nth(3).get_by_role("button", name="Move up").click()
    page.get_by_role("button", name=SAVE).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()

    # On a phone nothing is wider than the screen
    page.set_viewport_size({"width": 360, "height": 740})
    page.locator("details.folded").first.evaluate("fold => (fold.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") == 360

    # A clone of it
    page.get_by_role("link", name="Clone").click()
    page.get_by_role("button", name="Make the vacancy").dblclick()
    expect(page.get_by_text("This is the new vacancy")).to_be_visible()

    clone = Vacancy.objects.get(title="Night baker (copy)")
    asked = clone.questions.current().values_list(
        "text", "weight", "strong_answer", "weak_answer"
    )
    assert list(asked) == [
        ("Why bread?", 3, "Names a bread", ""),
        ("Third of the bank?", 1, "", ""),
        ("And rye?", 1, "", "Does not"),
        ("First of the bank?", 1, "", ""),
    ]
    assert complaints == []


def test_a_candidate_meets_first_what_the_question_suggests(page, complaints):
    vacancy = VacancyFactory()
    modes = ["spoken", "written", "spoken", "any"]
    for place, mode in enumerate(modes, start=1):
        QuestionFactory(vacancy=vacancy, order=place, answer_mode=mode)
    begin(page, SessionFactory(vacancy=vacancy))
    start = page.get_by_role("button", name="Start recording")

    expect(start).to_be_visible()  # although the check ended with “write”
    page.get_by_text("Write", exact=True).click()
    answer(page, "One")
    expect(page.locator("#progress")).to_contain_text("Question 2 of")
    expect(start).to_be_hidden()
    answer(page, "Two")
    expect(page.locator("#progress")).to_contain_text("Question 3 of")
    # Whoever chose against the suggestion once need not do so again.
    expect(start).to_be_hidden()
    page.get_by_text("Speak", exact=True).click()
    expect(start).to_be_visible()
    assert complaints == []
