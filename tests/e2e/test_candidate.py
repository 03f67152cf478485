"""A candidate's interview in a real browser."""

import gzip
import re

import pytest
from playwright.sync_api import expect

from interviews.demo import seed
from interviews.models import InterviewSession
from tests.e2e.candidates import answer, begin, ready, stored
from tests.factories import QuestionFactory, SessionFactory, VacancyFactory
from vacancies.models import Language


@pytest.fixture
def session():
    return SessionFactory()


def test_interview_in_russian_is_left_and_finished_on_a_phone(
    page, new_context, complaints
):
    seed()
    session = InterviewSession.objects.get(candidate__email="anna.smirnova@example.com")
    page.goto(session.get_absolute_url())
    expect(page.get_by_role("heading", name="Менеджер по работе")).to_be_visible()
    page.get_by_role("button", name="Даю согласие").click()
    page.get_by_role("link", name="Начать и писать").click()
    for place in (1, 2):
        expect(page.get_by_text(f"Вопрос {place} из 7")).to_be_visible()
        page.get_by_label("Ваш ответ").fill(f"Ответ № {place} 🙂")
        page.get_by_role("button", name="Сохранить и продолжить").click()
    expect(page.get_by_text("Вопрос 3 из 7")).to_be_visible()
    page.close()

    phone = new_context(viewport={"width": 360, "height": 740}).new_page()
    phone.goto(session.get_absolute_url())
    expect(phone.get_by_role("heading", name="С возвращением, Анна")).to_be_visible()
    phone.get_by_role("button", name="Продолжить").click()
    for place in range(3, 8):
        expect(phone.get_by_text(f"Вопрос {place} из 7")).to_be_visible()
        phone.get_by_label("Ваш ответ").fill(f"Ответ № {place} 🙂")
        phone.get_by_role("button", name="Сохранить и продолжить").click()

    expect(phone.get_by_role("heading", name="Спасибо!")).to_be_visible()
    given = [f"Ответ № {place} 🙂" for place in range(1, 8)]
    assert stored(session=session) == given
    assert complaints == []


def test_interview_needs_no_javascript(new_context, session):
    page = new_context(java_script_enabled=False).new_page()
    begin(page, session, script=False)

    for place in range(1, 4):
        answer(page, f"plain {place}")

    expect(page.get_by_role("heading", name="Thank you!")).to_be_visible()
    assert stored() == ["plain 1", "plain 2", "plain 3"]


def test_interview_by_keyboard_alone(page, session, complaints):
    page.goto(session.get_absolute_url())
    press_tab_until(page, "start the interview")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="A quick check")).to_be_visible()
    press_tab_until(page, "Begin and write")
    page.keyboard.press("Enter")

    for place in range(1, 4):
        expect(page.get_by_text(f"Question {place} of 3")).to_be_visible()
        press_tab_until(page, "Your answer")
        page.keyboard.type(f"typed {place}")
        press_tab_until(page, "Save and continue")
        page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Thank you!")).to_be_focused()
    assert stored() == ["typed 1", "typed 2", "typed 3"]
    assert complaints == []


def press_tab_until(page, name):
    label = "(e => e.labels?.[0]?.textContent ?? e.textContent)(document.activeElement)"
    for _ in range(15):
        page.keyboard.press("Tab")
        if name in page.evaluate(label):
            return
    raise AssertionError(f"{name} cannot be reached by keyboard")


def test_lost_connection_keeps_the_text_and_says_what_to_press(page, session):
    page.clock.install()
    begin(page, session)
    answer(page, "first")
    expect(page.get_by_text("Question 2 of 3")).to_be_visible()
    page.route("**/answer", lambda route: route.abort())

    answer(page, "second")
    expect(page.get_by_role("status")).to_have_text(re.compile("Saving|Trying again"))
    for _ in range(20):
        page.clock.run_for(1_000)
    expect(page.get_by_role("status")).to_contain_text("kept on this device")
    before = stored()
    page.unroute("**/answer")
    page.get_by_role("button", name="Save and continue").click()

    expect(page.get_by_text("Question 3 of 3")).to_be_visible()
    assert before == ["first"]
    assert stored() == ["first", "second"]


def test_server_that_is_away_for_a_moment_is_asked_again(page, session):
    page.clock.install()
    begin(page, session)
    failures = iter([503, 500])

    def fail_twice(route):
        status = next(failures, None)
        route.fulfill(status=status) if status else route.continue_()

    page.route("**/answer", fail_twice)
    answer(page, "patient")
    expect(page.get_by_role("status")).to_have_text(re.compile("Trying again"))
    for _ in range(8):
        page.clock.run_for(1_000)

    expect(page.get_by_text("Question 2 of 3")).to_be_visible()
    assert stored() == ["patient"]


def test_draft_survives_a_closed_tab(page, context, session):
    begin(page, session)
    page.get_by_label("Your answer").fill("half a thought")
    expect(page.get_by_role("status")).to_have_text(re.compile("Kept on this device"))
    page.close()

    again = context.new_page()
    again.goto(session.get_absolute_url())

    expect(again.get_by_label("Your answer")).to_have_value("half a thought")
    expect(again.get_by_role("status")).to_have_text("We kept what you had written.")
    answer(again, "the whole thought")
    expect(again.get_by_text("Question 2 of 3")).to_be_visible()
    drafts = [
        key for key in again.evaluate("Object.keys(localStorage)") if "-" in key[7:]
    ]
    assert drafts == []


def test_text_typed_before_the_script_came_is_kept_too(page, context, session):
    begin(page, session)
    page.route("**/question.js", lambda route: route.abort())
    page.reload()
    page.get_by_label("Your answer").fill("early bird")
    page.unroute("**/question.js")
    page.add_script_tag(url="/static/js/question.js", type="module")
    expect(page.get_by_role("status")).to_have_text(re.compile("Kept on this device"))
    page.close()

    again = context.new_page()
    again.goto(session.get_absolute_url())

    expect(again.get_by_label("Your answer")).to_have_value("early bird")


def test_empty_answer_is_explained_beside_the_field(page, session):
    begin(page, session)

    answer(page, "")

    expect(page.get_by_role("alert")).to_have_text(
        "Please write an answer: a few words are enough."
    )
    expect(page.get_by_label("Your answer")).to_be_focused()
    assert stored() == []


def test_question_is_read_aloud_in_its_language(page):
    vacancy = VacancyFactory(language=Language.RUSSIAN)
    QuestionFactory(vacancy=vacancy, order=1, text="Как дела?")
    session = SessionFactory(vacancy=vacancy)
    page.add_init_script(
        "speechSynthesis.speak = (said) => { window.said = [said.text, said.lang]; }"
    )
    page.goto(session.get_absolute_url())
    page.get_by_role("button", name="Даю согласие").click()
    page.get_by_role("link", name="Начать и писать").click()

    page.get_by_role("button", name="Прослушать вопрос").click()

    assert page.evaluate("window.said") == ["Как дела?", "ru"]


def test_browser_holds_nothing_that_was_not_asked(page, session):
    for question in session.vacancy.questions.all():
        question.text = f"canary-{question.order}-"
        question.save()
    begin(page, session)

    address = session.get_absolute_url()
    pages = [f"/api{address}/next", address, f"{address}/check", f"{address}/practice"]
    told = [page.request.get(path) for path in pages]
    assert [response.status for response in told] == [200] * 4

    held = page.content() + page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
    )
    texts = [held, *(response.text() for response in told)]
    assert set(re.findall(r"canary-\d", "".join(texts))) == {"canary-1"}


def test_second_tab_takes_over_and_the_first_rests(page, context, session):
    begin(page, session)
    page.get_by_label("Your answer").fill("half a thought")

    second = context.new_page()
    second.goto(session.get_absolute_url())
    expect(
        page.get_by_role("heading", name="goes on in another window")
    ).to_be_focused()
    expect(second.get_by_label("Your answer")).to_have_value("half a thought")
    answer(second, "the whole thought")
    expect(second.get_by_text("Question 2 of 3")).to_be_visible()
    page.get_by_role("link", name="Continue here").click()

    expect(page.get_by_text("Question 2 of 3")).to_be_visible()
    expect(second.get_by_role("heading", name="goes on in another")).to_be_visible()
    assert stored() == ["the whole thought"]


def test_second_device_takes_over_and_what_was_typed_on_the_first_stays(
    page, new_context, session
):
    begin(page, session)
    page.get_by_label("Your answer").fill("from the laptop")
    phone = new_context().new_page()
    phone.goto(session.get_absolute_url())
    phone.get_by_role("button", name="Continue").click()
    ready(phone)
    answer(phone, "from the phone")
    expect(phone.get_by_text("Question 2 of 3")).to_be_visible()

    page.get_by_role("button", name="Save and continue").click()

    expect(
        page.get_by_role("heading", name="goes on in another window")
    ).to_be_focused()
    assert stored() == ["from the phone"]
    assert "from the laptop" in page.evaluate("Object.values(localStorage)")


def test_answer_typed_offline_is_sent_when_the_connection_is_back(
    page, context, session
):
    begin(page, session)
    page.clock.install()
    context.set_offline(True)
    expect(page.get_by_role("status")).to_contain_text("You are offline")
    answer(page, "written in a tunnel")
    for _ in range(20):
        page.clock.run_for(1_000)
    expect(page.get_by_role("status")).to_contain_text("sent by itself")
    before = stored()
    context.set_offline(False)

    expect(page.get_by_text("Question 2 of 3")).to_be_visible()
    assert (before, stored()) == ([], ["written in a tunnel"])


def test_refusal_is_taken_back(page, session):
    page.goto(session.get_absolute_url())
    page.get_by_role("button", name="I do not agree").click()
    expect(
        page.get_by_role("heading", name="You chose not to take part")
    ).to_be_visible()
    page.get_by_role("button", name="I agree after all").click()
    page.get_by_role("link", name="Begin and write").click()

    answer(page, "here I am")
    expect(page.get_by_text("Question 2 of 3")).to_be_visible()
    given = session.candidate.consents.values_list("given", flat=True)
    assert list(given) == [False, True]


def test_question_page_is_light_enough_for_a_slow_phone(page, session):
    """By what travels: the document and its files are compressed on their way."""
    with page.expect_response("**/here"):  # the script's first word: all has come
        begin(page, session)

    addresses = page.evaluate("""() => ["navigation", "resource"].flatMap(
        (kind) => performance.getEntriesByType(kind).map((part) => part.name))""")
    parts = [page.request.get(one) for one in addresses if not one.endswith("/here")]
    assert len(parts) >= 8
    assert all(part.ok for part in parts)
    assert sum(len(gzip.compress(part.body())) for part in parts) < 25_000


def test_pages_fit_a_window_enlarged_to_320_pixels(page, session):
    """As wide as 1280 pixels are at 400 percent: nothing is read by scrolling sideways."""
    page.set_viewport_size({"width": 320, "height": 512})
    begin(page, session, way="speak")
    address = session.get_absolute_url()
    paths = [
        "",
        "?writing",
        "/check",
        "/practice",
        "/leave",
        "/copy",
        "/request/erasure",
    ]

    overhangs = {}
    for path in paths:
        page.goto(address + path)
        overhangs[path] = page.evaluate("document.documentElement.scrollWidth - 320")

    assert {path: over for path, over in overhangs.items() if over > 0} == {}
