"""The call's page beside the call: captions, help, another window, a microphone that goes."""

import re

import pytest
from playwright.sync_api import expect

from interviews import services
from interviews.models import EventKind
from interviews.pacing import take_over
from interviews.tokens import cookie_name, mint_token
from tests.e2e.test_voice import (
    DeafEar,
    answers,
    begin,
    connected,
    questions,
    report,
    spoken_by_agent,
    thanks,
)
from tests.factories import SessionFactory
from voice.calls import start_call
from voice.models import Call, Place

pytestmark = pytest.mark.usefixtures("_widget")
# By which a test reaches the microphone that the call listens to.
COLLECT_TRACKS = """
    window.tracks = [];
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      const stream = await ask(wanted);
      window.tracks.push(...stream.getTracks());
      return stream;
    };
"""


@pytest.fixture
def session():
    return SessionFactory()


def captions(page):
    return page.get_by_role("log", name="What was said")


def lines(page):
    """Return the captions so far, a line each."""
    return captions(page).locator("p").all_inner_texts()


def elsewhere(page):
    return page.get_by_role("heading", name="goes on in another window")


def test_both_sides_are_written_down_and_nothing_is_kept(
    page, vendor, session, monkeypatch, complaints
):
    monkeypatch.setattr(vendor, "new_ear", DeafEar)
    asked = questions(session)
    hostile = "<img src=x onerror=alert(1)> Привет 🙂"

    begin(page, session)
    expect(captions(page)).to_contain_text(f"Interviewer: {asked[0]}")
    page.get_by_role("textbox").fill(hostile)
    page.get_by_role("textbox").press("Enter")
    expect(captions(page)).to_contain_text(f"Interviewer: {asked[1]}")

    assert lines(page)[1:] == [
        f"Interviewer: {asked[0]}",
        f"You: {hostile}",
        f"Interviewer: {asked[1]}",
    ]
    stored = page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert not [text for text in [*asked, "Привет"] if text in stored]
    assert complaints == []


def test_spoken_words_are_written_down_and_outlive_a_drop(page, vendor, session):
    vendor.faults.drop_after_answer = 1

    begin(page, session)
    last = captions(page).get_by_text(questions(session)[2])
    expect(last).to_be_visible(timeout=60_000)

    text = " ".join(lines(page))
    assert f"You: {vendor.spoken_answers(1)} Interviewer: " in text
    assert "Welcome back" in text
    assert text.count(questions(session)[1]) == 1


def test_captions_are_hidden_on_demand_and_stay_so(page, vendor, session):
    vendor.faults.silent = True
    begin(page, session)
    expect(connected(page)).to_be_visible()
    page.evaluate(
        "document.querySelector('[data-captions]').hidden = false"  # nobody speaks
    )

    page.get_by_role("button", name="Hide the captions").press("Enter")

    shown = page.get_by_role("button", name="Show the captions")
    expect(shown).to_have_attribute("aria-expanded", "false")
    expect(shown).to_be_focused()
    expect(captions(page)).to_be_hidden()
    page.reload()
    assert page.locator("#said").is_hidden()


def test_help_calls_again_at_the_same_question(page, vendor, session):
    vendor.faults.silent = True
    begin(page, session)
    expect(connected(page)).to_be_visible()
    vendor.faults.silent = False

    page.get_by_text("Having trouble?").click()
    page.get_by_role("button", name="Call again").click()

    expect(thanks(page)).to_be_visible(timeout=60_000)
    assert len(vendor.conversations) == 2
    assert len(answers(session)) == 3
    said = spoken_by_agent(vendor)
    assert [text for text in said if text in questions(session)] == questions(session)


def test_calling_again_twice_at_once_makes_one_call(page, vendor, session):
    vendor.faults.silent = True
    begin(page, session)
    expect(connected(page)).to_be_visible()
    again = page.locator(".trouble [data-agent-again]")

    again.evaluate("(button) => { button.click(); button.click(); }")

    expect(connected(page)).to_be_visible()
    expect(page.locator("elevenlabs-convai")).to_have_count(1)
    held = [each for each in vendor.conversations.values() if is_open(each)]
    assert len(held) == 1


def is_open(conversation):
    return conversation.status == "in-progress"


def open_page(page, context, base_url, session):
    """Open the page of an interview that has begun in this browser."""
    services.start(session=session)
    token = {"name": cookie_name(session.pk), "value": mint_token(session.pk)}
    context.add_cookies([token | {"url": base_url}])
    page.goto(session.get_absolute_url())


def show_state(page, state):
    page.evaluate(
        """(state) => document.querySelectorAll("[data-state]").forEach(
            (section) => { section.hidden = section.dataset.state !== state; })""",
        state,
    )


def test_help_is_there_in_every_state(page, context, base_url, vendor, session):
    open_page(page, context, base_url, session)
    sections = page.locator("[data-state]")
    states = [each.get_attribute("data-state") for each in sections.all()]

    for state in states:
        show_state(page, state)
        assert page.get_by_text("Having trouble?").is_visible(), state

    assert len(states) == 15
    page.get_by_text("Having trouble?").click()
    check = page.get_by_role("link", name="Check the microphone")
    expect(check).to_have_attribute("href", f"{session.get_absolute_url()}/check")


def test_page_is_light_and_says_nothing_before_the_call(
    page, context, base_url, vendor, session
):
    sizes = {}
    page.on(
        "requestfinished",
        lambda request: sizes.update({request.url: len(request.response().body())}),
    )

    open_page(page, context, base_url, session)
    page.wait_for_load_state("networkidle")

    ours = {url: size for url, size in sizes.items() if "/static/vendor/" not in url}
    assert {url.rpartition(".")[2] for url in ours if "/static/" in url} >= {
        "css",
        "js",
    }
    assert sum(ours.values()) < 60_000
    assert page.get_by_role("status").inner_text() == ""


def test_call_is_asked_for_when_all_it_needs_is_there(page, vendor, session):
    """On a slow line it would be over before the widget has come, and hold a place."""
    vendor.faults.silent = True
    asked = []
    page.on("requestfinished", lambda request: asked.append(request.url))
    # As in Firefox, which needs the resampler besides.
    page.add_init_script("navigator.mediaDevices.getSupportedConstraints = () => ({})")

    begin(page, session)
    expect(connected(page)).to_be_visible()

    [start] = [place for place, url in enumerate(asked) if url.endswith("/call/start")]
    before = "".join(asked[:start])
    assert "convai-widget" in before
    assert "libsamplerate" in before


def test_widget_that_does_not_come_costs_no_call(page, vendor, session):
    page.route("**/convai-widget*.js", lambda route: route.abort())
    begin(page, session)
    away = page.get_by_role("heading", name="The interviewer cannot be reached")
    expect(away).to_be_visible()
    assert not Call.objects.exists()

    page.unroute("**/convai-widget*.js")
    page.get_by_role("button", name="Try again").click()

    expect(thanks(page)).to_be_visible(timeout=60_000)


def test_looks_and_signs_of_life_are_not_announced(page, vendor, session):
    vendor.faults.silent = True
    page.clock.install()
    begin(page, session)
    expect(page.get_by_role("heading", name=questions(session)[0])).to_be_visible()
    page.evaluate(
        """() => {
            window.announced = [];
            const notice = () => window.announced.push(document.activeElement.outerHTML);
            for (const region of document.querySelectorAll("[role=status], [role=alert]"))
                new MutationObserver(notice).observe(region, {
                    attributes: true, characterData: true, childList: true, subtree: true,
                });
        }"""
    )

    with page.expect_response(report("alive")):
        page.clock.run_for(61_000)

    assert page.evaluate("window.announced") == []


@pytest.fixture
def other_page(context):
    """Return another window of the same browser."""
    return context.new_page()


def test_another_window_takes_the_call_and_gives_it_back(
    page, other_page, vendor, session, settings, complaints
):
    settings.ELEVENLABS_MAX_CALLS = 1
    vendor.faults.silent = True
    begin(page, session)
    expect(connected(page)).to_be_visible()

    other_page.goto(session.get_absolute_url())
    other_page.get_by_role("button", name="Start the call").click()
    expect(connected(other_page)).to_be_visible()

    expect(elsewhere(page)).to_be_visible()
    expect(page.locator("elevenlabs-convai")).to_have_count(0)
    await_open_calls(page, vendor, 1)
    assert Place.objects.filter(session=session).exists()

    page.bring_to_front()
    vendor.faults.silent = False
    page.get_by_role("button", name="Continue here").click()
    expect(elsewhere(other_page)).to_be_visible()
    expect(thanks(page)).to_be_visible(timeout=60_000)
    expect(elsewhere(other_page)).to_be_visible()
    assert len(vendor.conversations) == 3
    assert complaints == []


def await_open_calls(page, vendor, number):
    for _ in range(50):
        if sum(is_open(call) for call in vendor.conversations.values()) == number:
            return
        page.wait_for_timeout(100)
    raise AssertionError("a call was left open")


def call_elsewhere(session):
    """Begin a call as the page of another device does."""
    session.refresh_from_db()
    start_call(session)


def test_another_device_takes_the_call_within_a_heartbeat(
    page, vendor, session, settings
):
    settings.ELEVENLABS_MAX_CALLS = 1
    vendor.faults.silent = True
    page.clock.install()
    begin(page, session)
    expect(connected(page)).to_be_visible()
    call_elsewhere(session)

    page.clock.run_for(61_000)

    expect(elsewhere(page)).to_be_visible()
    expect(page.get_by_role("button", name="Continue here")).to_be_focused()
    await_open_calls(page, vendor, 0)
    kinds = session.events.values_list("kind", flat=True)
    assert EventKind.CALL_DISCONNECTED not in kinds
    assert Place.objects.filter(session=session).exists()


def test_another_device_takes_the_call_when_the_agent_is_refused(
    page, vendor, session, monkeypatch
):
    """The call left behind cannot save an answer any more: the page need not wait."""
    monkeypatch.setattr(vendor, "new_ear", DeafEar)
    begin(page, session)
    expect(page.get_by_role("heading", name=questions(session)[0])).to_be_visible()
    call_elsewhere(session)

    page.get_by_role("textbox").fill("Typed here, where the interview is no more")
    page.get_by_role("textbox").press("Enter")

    expect(elsewhere(page)).to_be_visible()
    assert answers(session) == []


def test_call_rests_when_the_interview_goes_on_in_writing_elsewhere(
    page, vendor, session, settings
):
    settings.ELEVENLABS_MAX_CALLS = 1
    vendor.faults.silent = True
    page.clock.install()
    begin(page, session)
    expect(connected(page)).to_be_visible()
    take_over(session=session, page_id="page-1")

    page.clock.run_for(61_000)

    expect(elsewhere(page)).to_be_visible()
    await_open_calls(page, vendor, 0)
    for _ in range(50):
        if not Place.objects.exists():
            break
        page.wait_for_timeout(100)
    assert not Place.objects.exists()


def test_dropped_call_is_not_taken_back_from_another_device(page, vendor, session):
    vendor.faults.silent = True
    sockets = []

    def listen_in(socket):
        socket.connect_to_server()
        sockets.append(socket)

    page.route_web_socket(re.compile("^ws://"), listen_in)
    begin(page, session)
    expect(connected(page)).to_be_visible()
    call_elsewhere(session)

    sockets[-1].close(code=1011, reason="fault")

    expect(elsewhere(page)).to_be_visible()
    assert len(sockets) == 1


def test_drops_are_counted_anew_after_a_good_call(page, vendor, session):
    vendor.faults.silent = True
    sockets = []

    def listen_in(socket):
        socket.connect_to_server()
        sockets.append(socket)

    page.route_web_socket(re.compile("^ws://"), listen_in)
    page.clock.install()
    begin(page, session)
    for number in (1, 2, 3, 4):
        expect(connected(page)).to_be_visible()
        assert len(sockets) == number
        page.clock.run_for(61_000)
        sockets[-1].close(code=1011, reason="fault")
        expect(connected(page)).to_be_hidden()
        expect(page.get_by_role("heading", name="calling again")).to_be_visible()
        page.clock.run_for(2_000)

    expect(connected(page)).to_be_visible()


@pytest.mark.parametrize(
    "notice",
    [
        "track.dispatchEvent(new Event('ended'))",
        "navigator.mediaDevices.dispatchEvent(new Event('devicechange'))",
    ],
    ids=["ended", "devicechange"],
)
def test_microphone_that_goes_is_told_and_may_come_back(page, vendor, session, notice):
    vendor.faults.silent = True
    page.add_init_script(COLLECT_TRACKS)
    begin(page, session)
    expect(connected(page)).to_be_visible()
    alert = page.get_by_role("alert")
    expect(alert).to_be_hidden()

    page.evaluate(
        "const track = window.tracks.findLast((t) => t.readyState === 'live');"
        f"track.stop(); {notice}"
    )

    expect(alert).to_contain_text("The microphone went away")
    expect(alert.get_by_role("link", name="Continue in writing")).to_be_visible()
    expect(connected(page)).to_be_visible()
    vendor.faults.silent = False
    alert.get_by_role("button", name="Call again").click()
    expect(alert).to_be_hidden()
    expect(thanks(page)).to_be_visible(timeout=60_000)


def test_plugging_in_headphones_alarms_nobody(page, vendor, session):
    vendor.faults.silent = True
    begin(page, session)
    expect(connected(page)).to_be_visible()

    page.evaluate("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")

    expect(page.get_by_role("alert")).to_be_hidden()
