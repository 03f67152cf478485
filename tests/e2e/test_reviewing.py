"""Two people review by keyboard, and neither sees the other's marks before their own."""

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from accounts.models import Role
from interviews.models import Channel, TakeState
from reviews.models import Review
from tests import sounds
from tests.factories import ProgressFactory, TakeFactory, VacancyFactory
from tests.reviews.reviewing import answered, page_of, reviewer_of

RUSSIAN_J = """document.body.dispatchEvent(
    new KeyboardEvent("keydown", { key: "о", code: "KeyJ", bubbles: true }))"""


@pytest.fixture
def sessions():
    """Three finished interviews of a vacancy; the first answer of each was recorded."""
    vacancy = VacancyFactory(questions=2, language="ru")
    rows = [answered(vacancy=vacancy) for _ in range(3)]
    for session in rows:
        record(session)
    return rows


def record(session):
    first, second = session.vacancy.questions.all()[:2]
    take = TakeFactory(
        session=session,
        question=first,
        state=TakeState.CLOSED,
        duration_ms=20_000,
        content_type="audio/webm",
        parts=[[sounds.webm(20)]],
    )
    session.answers.update(
        channel=Channel.SPOKEN,
        answer_text="Нас было пятеро, и всё получилось. Ещё бы!",
        answer_audio_url=f"/recordings/takes/{take.pk}",
        duration_ms=20_000,
    )
    ProgressFactory(session=session, question=second, answer_text="Люблю людей.")


@pytest.fixture
def page_of_user(browser, live_server, complaints):
    """Return a function that gives a person a browser of their own, signed in."""
    contexts = []

    def opened(user, **options):
        client = Client()
        client.force_login(user)
        context = browser.new_context(base_url=live_server.url, locale="en", **options)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        name, url = settings.SESSION_COOKIE_NAME, live_server.url
        context.add_cookies([{"name": name, "value": cookie, "url": url}])
        context.on("weberror", lambda failure: complaints.append(str(failure.error)))
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


def kept(page):
    return expect(page.get_by_text("All is kept.")).to_be_visible()


def test_two_people_rate_blind_and_by_keyboard(page_of_user, sessions, complaints):
    users = [
        reviewer_of(sessions[0], role=Role.REVIEWER, first_name=name)
        for name in ("Anna", "Boris")
    ]
    anna = page_of_user(users[0])

    # Anna: three interviews, and hardly a mouse.
    for session in sessions:
        anna.goto(page_of(session))
        expect(anna.locator(".has-script")).to_be_visible()
        anna.keyboard.press("4")
        anna.evaluate(RUSSIAN_J)
        expect(anna.locator("#q2")).to_be_focused()
        anna.keyboard.press("2")
        kept(anna)
        anna.get_by_label("Your note for question 2").fill("Слова, 5 и j")
        anna.get_by_role("radio", name="Rather yes").check()
        anna.get_by_role("button", name="Save my review").click()
        expect(anna.get_by_text("It counts since")).to_be_visible()

    # Boris sees nothing of it; his draft outlives a reload.
    boris = page_of_user(users[1])
    boris.goto(f"{page_of(sessions[0])}#q2")
    expect(boris.locator("#q2")).to_be_focused()
    expect(boris.get_by_text("1 colleague has rated")).to_be_visible()
    assert "Anna" not in boris.content()
    assert "Слова" not in boris.content()
    boris.keyboard.press("5")
    boris.get_by_label("Comment").fill("Ещё подумаю")
    kept(boris)
    boris.reload()
    expect(boris.get_by_label("Comment")).to_have_value("Ещё подумаю")
    expect(boris.locator("#q2 input[value='5']")).to_be_checked()
    boris.get_by_role("button", name="Save my review").click()
    expect(boris.locator("#q2").get_by_text("far apart")).to_be_visible()
    expect(boris.locator("#q2").get_by_text("Anna")).to_be_visible()

    marks = Review.objects.order_by("pk").values_list("ratings__mark", "is_blind")
    assert sorted(marks.exclude(ratings__mark=None)) == [
        *[(2, True)] * 3,
        *[(4, True)] * 3,
        (5, True),
    ]
    assert complaints == []


def test_sound_search_and_moments(page_of_user, sessions, complaints):
    page = page_of_user(reviewer_of(sessions[0], role=Role.REVIEWER))
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page_of(sessions[0]))
    expect(page.locator(".has-script")).to_be_visible()
    assert not any("/recordings/" in url for url in asked)

    # It plays, faster, and remembers how fast.
    page.keyboard.press(" ")
    page.wait_for_function("document.querySelector('.player audio').currentTime > 0.3")
    expect(page.locator("#q1")).to_have_class("card turn question is-current is-heard")
    page.keyboard.press("Shift+>")
    page.keyboard.press("Shift+>")
    rate = "document.querySelector('.player audio').playbackRate"
    assert page.evaluate(rate) == 1.5
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('.player audio').currentTime > 5")
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()

    # A moment is marked at that second, and heard from there.
    page.keyboard.press("m")
    expect(page.locator("#q1 [name='at_ms']")).to_have_value("0:05")
    page.keyboard.type("Ведёт людей")
    page.keyboard.press("Enter")
    expect(page.get_by_text("▶ 0:05")).to_be_visible()
    expect(page.get_by_label("Speed")).to_have_value("1.5")
    page.get_by_text("▶ 0:05").click()
    page.wait_for_function("document.querySelector('.player audio').currentTime >= 5")
    page.keyboard.press(" ")

    # ё is е, and a letter in a field is a letter.
    page.keyboard.press("/")
    page.keyboard.type("ВСЁ")
    expect(page.get_by_text("1 of 1")).to_be_visible()
    expect(page.locator("mark")).to_have_text(["всё"])
    page.keyboard.press("Control+a")
    page.keyboard.type("все")
    expect(page.locator("mark")).to_have_text(["всё"])
    page.keyboard.press("Control+a")
    page.keyboard.type("<b>ё")
    expect(page.get_by_text("Not found")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")

    # What cannot be kept is said, and tried again.
    page.route("**/draft/", lambda route: route.abort())
    page.keyboard.press("3")
    expect(page.get_by_text("Not kept yet")).to_be_visible()
    page.unroute("**/draft/")
    kept(page)

    assert complaints == []
