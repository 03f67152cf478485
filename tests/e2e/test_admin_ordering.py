"""Ordering the questions of a vacancy by mouse, by keyboard and by number."""

import pytest
from playwright.sync_api import expect

from tests.factories import QuestionFactory, VacancyFactory


@pytest.fixture
def vacancy():
    vacancy = VacancyFactory(title="Baker")
    for place, text in enumerate(["One", "Two", "Three", "Four"], start=1):
        QuestionFactory(vacancy=vacancy, order=place, text=text)
    return vacancy


@pytest.fixture
def form(hr_page, vacancy):
    hr_page.goto(f"/admin/vacancies/vacancy/{vacancy.pk}/change/")
    expect(hr_page.get_by_role("button", name="Move up").first).to_be_visible()
    return hr_page


def rows(form):
    return form.locator("#questions-data > .form-group:not(.empty-form):visible")


def shown(form):
    """Return the texts and numbers as they stand on the page."""
    return form.evaluate(
        """() => [...document.querySelectorAll("#questions-data > .form-group")]
            .filter((row) => !row.hidden && !row.classList.contains("empty-form"))
            .map((row) => [
                row.querySelector("textarea").value,
                Number(row.querySelector(".order-number").value),
            ])"""
    )


def row(form, text):
    """Return the row by its name, so that it is the same after it has moved."""
    name = form.evaluate(
        """(text) => [...document.querySelectorAll("#questions-data textarea")]
            .find((field) => field.value === text).name""",
        text,
    )
    return form.locator(f'.form-group:has(textarea[name="{name}"])')


def save(form, vacancy):
    """Save and return the texts in their new order."""
    form.get_by_role("button", name="Save and continue editing").click()
    expect(form.get_by_text("was changed successfully")).to_be_visible()
    return [question.text for question in vacancy.questions.current()]


def test_a_question_is_moved_by_keyboard(form, vacancy, complaints):
    button = row(form, "One").get_by_role("button", name="Move down")
    button.focus()
    for _ in range(2):
        form.keyboard.press("Enter")

    assert shown(form) == [["Two", 1], ["Three", 2], ["One", 3], ["Four", 4]]
    expect(button).to_be_focused()
    expect(form.locator("[aria-live]").filter(has_text="3 of 4")).to_have_count(1)
    assert save(form, vacancy) == ["Two", "Three", "One", "Four"]
    assert complaints == []


def test_a_question_at_the_end_stays_there(form, vacancy):
    row(form, "Four").get_by_role("button", name="Move down").click()
    row(form, "One").get_by_role("button", name="Move up").click()

    assert shown(form) == [["One", 1], ["Two", 2], ["Three", 3], ["Four", 4]]


def test_a_question_is_moved_by_its_number(form, vacancy):
    row(form, "Four").locator(".order-number").fill("2")
    form.keyboard.press("Tab")

    assert shown(form) == [["One", 1], ["Four", 2], ["Two", 3], ["Three", 4]]
    assert save(form, vacancy) == ["One", "Four", "Two", "Three"]


@pytest.mark.parametrize(
    ("moved", "onto", "expected"),
    [
        ("One", "Three", ["Two", "Three", "One", "Four"]),
        ("Four", "Two", ["One", "Four", "Two", "Three"]),
    ],
)
def test_a_question_is_dragged(form, vacancy, complaints, moved, onto, expected):
    rows(form).last.scroll_into_view_if_needed()
    source = row(form, moved).get_by_text("drag_indicator").bounding_box()
    target = row(form, onto).get_by_text("drag_indicator").bounding_box()
    down = target["y"] > source["y"]
    form.mouse.move(source["x"] + 8, source["y"] + 8)
    form.mouse.down()
    form.mouse.move(source["x"] + 8, source["y"] + (20 if down else -4), steps=4)
    form.mouse.move(
        target["x"] + 8, target["y"] + (target["height"] if down else 2), steps=20
    )
    form.mouse.up()

    text = rows(form).nth(expected.index(moved)).locator("textarea").first
    expect(text).to_have_value(moved)
    form.wait_for_timeout(200)
    assert shown(form) == [[text, place] for place, text in enumerate(expected, 1)]
    assert save(form, vacancy) == expected
    assert complaints == []


def test_a_new_question_lands_last_or_where_it_is_moved(form, vacancy, complaints):
    form.get_by_role("link", name="Add another").click()
    form.keyboard.type("Five")
    form.get_by_role("link", name="Add another").click()
    form.keyboard.type("Zero")
    assert shown(form)[-2:] == [["Five", 5], ["Zero", 6]]
    for _ in range(5):
        row(form, "Zero").get_by_role("button", name="Move up").click()

    assert save(form, vacancy) == ["Zero", "One", "Two", "Three", "Four", "Five"]
    assert complaints == []


def test_taking_back_a_new_question_keeps_the_others(form, vacancy):
    for text in ("Five", "Never mind", "Six"):
        form.get_by_role("link", name="Add another").click()
        form.keyboard.type(text)
    row(form, "Never mind").get_by_role("button", name="Remove").press("Enter")

    assert shown(form)[-2:] == [["Five", 5], ["Six", 6]]
    assert save(form, vacancy) == ["One", "Two", "Three", "Four", "Five", "Six"]


def test_a_question_is_removed_by_keyboard(form, vacancy):
    row(form, "Two").get_by_label("Remove").press("Space")

    expect(row(form, "Two").get_by_text("This item will be deleted.")).to_be_visible()
    assert save(form, vacancy) == ["One", "Three", "Four"]


def test_the_order_survives_an_error(form, vacancy):
    row(form, "Four").locator(".order-number").fill("1")
    form.keyboard.press("Tab")
    form.get_by_label("Title").fill("")
    form.get_by_role("button", name="Save", exact=True).click()
    expect(form.get_by_text("This field is required")).to_be_visible()

    assert shown(form) == [["Four", 1], ["One", 2], ["Two", 3], ["Three", 4]]
    form.get_by_label("Title").fill("Baker")
    assert save(form, vacancy) == ["Four", "One", "Two", "Three"]
