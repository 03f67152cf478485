"""Voice interviews: the real widget and a fake microphone against the fake vendor."""

import logging
import re
import time
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from interviews.models import InterviewProgress, SessionStatus
from interviews.turns import end_interview
from tests.factories import SessionFactory
from tests.jobs import run_jobs
from voice import admission, pull
from voice.models import Call, Place

pytestmark = pytest.mark.usefixtures("_widget")


def begin(page, session):
    page.goto(session.get_absolute_url())
    page.get_by_role("button", name="start the interview").click()
    page.get_by_role("link", name="Begin and speak").click()
    page.get_by_role("button", name="Start the call").click()


def questions(session):
    return [question.text for question in session.vacancy.questions.all()]


def answers(session):
    rows = session.answers.order_by("question__order")
    return list(rows.values_list("answer_text", "channel"))


def spoken_by_agent(vendor):
    """Return everything the agent said, call after call."""
    return [
        turn["message"]
        for conversation in vendor.conversations.values()
        for turn in conversation.transcript
        if turn["role"] == "agent" and turn["message"]
    ]


def connected(page):
    return page.locator('[data-state="connected"]')


def thanks(page):
    return page.get_by_role("heading", name="Thank you!")


def test_interview_by_voice_under_the_strict_policy(page, base_url, vendor, complaints):
    hosts = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.on("websocket", lambda socket: hosts.add(urlsplit(socket.url).netloc))
    session = SessionFactory()

    begin(page, session)

    expect(thanks(page)).to_be_visible(timeout=60_000)
    assert answers(session) == [
        (vendor.spoken_answers(number), "agent") for number in (1, 2, 3)
    ]
    said = spoken_by_agent(vendor)
    assert [text for text in said if text in questions(session)] == questions(session)
    assert "AI" in said[0]
    assert complaints == []
    assert hosts == {urlsplit(base_url).netloc, urlsplit(vendor.url).netloc}


class DeafEar:
    """Hears nobody: the candidate has muted the microphone."""

    def listen(self):
        return None

    def hear(self, pcm):
        return None


def test_interview_by_typing_in_the_call(page, vendor, complaints, monkeypatch):
    monkeypatch.setattr(vendor, "new_ear", DeafEar)
    session = SessionFactory()

    begin(page, session)
    for number, question in enumerate(questions(session), start=1):
        expect(page.get_by_text(question).last).to_be_visible()
        field = page.get_by_role("textbox")
        field.fill(f"Typed answer {number}")
        field.press("Enter")

    expect(thanks(page)).to_be_visible(timeout=60_000)
    assert answers(session) == [
        (f"Typed answer {number}", "agent") for number in (1, 2, 3)
    ]
    assert complaints == []


def test_dropped_call_is_begun_again_at_the_right_question(page, vendor):
    vendor.faults.drop_after_answer = 2
    session = SessionFactory()

    begin(page, session)

    expect(thanks(page)).to_be_visible(timeout=60_000)
    said = spoken_by_agent(vendor)
    assert [text for text in said if text in questions(session)] == questions(session)
    assert any("Welcome back" in text for text in said)
    assert len(vendor.conversations) == 2
    assert [channel for _, channel in answers(session)] == ["agent"] * 3


def test_call_that_goes_on_dropping_is_left_to_the_candidate(page, vendor):
    vendor.faults.silent = True
    session = SessionFactory()
    sockets = []

    def listen_in(socket):
        socket.connect_to_server()
        sockets.append(socket)

    page.route_web_socket(re.compile("^ws://"), listen_in)
    begin(page, session)
    for number in (1, 2, 3):
        expect(connected(page)).to_be_visible()
        assert len(sockets) == number
        sockets[-1].close(code=1011, reason="fault")
        expect(connected(page)).to_be_hidden()

    expect(page.get_by_role("heading", name="The call was interrupted")).to_be_visible()
    button = page.get_by_role("button", name="Continue the call")
    expect(button).to_be_focused()
    vendor.faults.silent = False
    button.click()
    expect(thanks(page)).to_be_visible(timeout=60_000)


def test_candidate_hangs_up_and_comes_back(page, vendor):
    vendor.faults.silent = True
    session = SessionFactory()
    begin(page, session)
    expect(connected(page)).to_be_visible()
    expect(page.get_by_role("heading", name=questions(session)[0])).to_be_visible()
    expect(page.get_by_text("Question 1 of 3", exact=True).last).to_be_visible()

    page.get_by_role("button", name="End the call").click()

    expect(page.get_by_role("heading", name="The call has ended")).to_be_visible()
    expect(page.locator("elevenlabs-convai")).to_have_count(0)
    vendor.faults.silent = False
    page.get_by_role("button", name="Continue the call").click()
    expect(thanks(page)).to_be_visible(timeout=60_000)


@pytest.fixture
def deaf_page(browser_type, browser_type_launch_args, base_url):
    """Return a page of a browser that refuses the microphone, as a person may."""
    allowing = "--use-fake-ui-for-media-stream"
    args = [arg for arg in browser_type_launch_args["args"] if arg != allowing]
    browser = browser_type.launch(**browser_type_launch_args | {"args": args})
    yield browser.new_page(base_url=base_url)
    browser.close()


def test_refused_microphone_is_explained_and_costs_nothing(deaf_page, vendor):
    session = SessionFactory()

    begin(deaf_page, session)

    refused = deaf_page.get_by_role("heading", name="The microphone is not allowed")
    expect(refused).to_be_visible()
    expect(deaf_page.get_by_role("button", name="Try again")).to_be_focused()
    assert not Call.objects.exists()
    assert not [call for call in vendor.requests if "signed" in call[1]]
    deaf_page.get_by_role("link", name="Continue in writing").click()
    deaf_page.get_by_label("Your answer").fill("Written")
    deaf_page.get_by_role("button", name="Save and continue").click()
    expect(deaf_page.get_by_text("Question 2 of 3")).to_be_visible()
    assert answers(session) == [("Written", "written")]


def test_concurrent_answers_are_one_answer(page, vendor):
    vendor.faults.duplicate_answer = True
    session = SessionFactory()

    begin(page, session)

    expect(thanks(page)).to_be_visible(timeout=60_000)
    assert len(answers(session)) == 3
    assert not session.answers.filter(revisions__isnull=False).exists()


def await_webhook(page, vendor, count=1):
    """Wait until the vendor has delivered what it has to, then do the work."""
    for _ in range(100):
        if len(vendor.deliveries) >= count:
            break
        page.wait_for_timeout(100)
    assert [status for _, _, status in vendor.deliveries] == [200] * count
    run_jobs()


def test_answer_that_the_agent_never_saved_is_filled_in(page, vendor):
    vendor.faults.skip_answer = {3}
    session = SessionFactory()

    begin(page, session)
    expect(thanks(page)).to_be_visible(timeout=60_000)
    assert len(answers(session)) == 2
    await_webhook(page, vendor)

    assert answers(session)[2] == (vendor.spoken_answers(3), "transcript")
    # And the recording is here, without waiting for a pull, and each answer in it.
    assert Call.objects.get().recording.size > 1000
    heard = session.answers.values_list("answer_audio_url", flat=True)
    assert all(address.startswith("/recordings/conv_") for address in heard)


def test_answer_saved_to_the_wrong_question_keeps_what_was_said(page, vendor):
    """A confused agent goes on from memory, and saves the third answer as the second."""
    session = SessionFactory()
    vendor.faults.skip_answer = {2}
    vendor.faults.known_questions = questions(session)

    begin(page, session)
    expect(thanks(page)).to_be_visible(timeout=60_000)
    await_webhook(page, vendor)

    second = session.answers.get(question__order=2)
    assert second.answer_text == vendor.spoken_answers(3)
    assert second.verbatim_text == vendor.spoken_answers(2)


def await_end_of_call(page):
    ended = page.get_by_role(
        "heading", name=re.compile("The call has ended|Thank you!")
    )
    expect(ended).to_be_visible(timeout=60_000)


def test_interview_that_the_agent_never_ended_is_closed_by_the_webhook(page, vendor):
    vendor.faults.no_end = True
    vendor.faults.skip_answer = {3}
    session = SessionFactory()

    begin(page, session)
    await_end_of_call(page)
    await_webhook(page, vendor)

    session.refresh_from_db()
    assert session.status == SessionStatus.FINISHED
    assert answers(session)[2] == (vendor.spoken_answers(3), "transcript")
    page.reload()
    expect(thanks(page)).to_be_visible()


def test_interview_is_closed_by_the_pull_when_no_webhook_comes(page, vendor):
    vendor.faults.no_end = True
    vendor.faults.no_webhook = True
    vendor.faults.skip_answer = {3}
    session = SessionFactory()

    begin(page, session)
    await_end_of_call(page)
    Call.objects.update(pull_after=timezone.now())
    pull.pull_now()

    session.refresh_from_db()
    assert session.status == SessionStatus.FINISHED
    assert answers(session)[2] == (vendor.spoken_answers(3), "transcript")


def test_paraphrasing_agent_is_found_out(page, vendor):
    vendor.faults.paraphrase = {2: "So, what about the second of your questions then?"}
    vendor.faults.retell = {1: "The candidate said something."}
    session = SessionFactory()

    begin(page, session)
    expect(thanks(page)).to_be_visible(timeout=60_000)
    await_webhook(page, vendor)

    first = session.answers.get(question=session.vacancy.questions.first())
    assert first.answer_text == "The candidate said something."
    assert first.verbatim_text == vendor.spoken_answers(1)


def test_changed_session_id_opens_nothing_and_is_logged(page, vendor, caplog):
    ours, theirs = SessionFactory(), SessionFactory(started=True)
    page.add_init_script(
        f"""document.addEventListener("elevenlabs-convai:call", ({{detail}}) => {{
            detail.config.dynamicVariables.session_id = "{theirs.pk}";
        }});"""
    )

    with caplog.at_level(logging.WARNING, "parley.security"):
        begin(page, ours)
        await_end_of_call(page)

    messages = {
        line.getMessage() for line in caplog.records if line.name == "parley.security"
    }
    assert messages == {"call for another session"}
    assert not InterviewProgress.objects.exists()
    theirs.refresh_from_db()
    assert (theirs.status, theirs.conversation_id) == (SessionStatus.IN_PROGRESS, "")
    heard = " ".join(spoken_by_agent(vendor))
    assert not [text for text in questions(theirs) if text in heard]


def test_candidate_waits_for_a_free_call_and_is_called(page, vendor, settings):
    settings.ELEVENLABS_MAX_CALLS = 1
    other = SessionFactory(started=True)
    admission.ask(other.pk)
    session = SessionFactory()

    begin(page, session)

    expect(page.get_by_text("You are number 1 in the queue.").last).to_be_visible()
    expect(page.get_by_role("link", name="Continue in writing")).to_be_visible()
    admission.leave(other.pk)
    expect(thanks(page)).to_be_visible(timeout=60_000)


def look(status):
    """Tell the page's look at the interview's state, answered so, from other requests."""
    return lambda answer: answer.url.endswith("/next") and answer.status == status


def report(event):
    """Tell the page's report of this event from other requests."""
    return lambda answer: (
        answer.url.endswith("/call") and answer.request.post_data_json["event"] == event
    )


def let_time_pass(page, until):
    """Let the page's clock run until something is to be seen.

    Not for so many seconds: between them the page waits for the portal in real time,
    and for longer the busier the machine is.
    """
    give_up_at = time.monotonic() + 10
    while not until.is_visible():
        assert time.monotonic() < give_up_at, "the page's time passed in vain"
        page.clock.run_for(1_000)


def test_interview_that_ends_in_silence_is_noticed(page, vendor):
    """The portal knows that it is over; the widget was never told."""
    vendor.faults.silent = True
    session = SessionFactory()
    page.clock.install()
    begin(page, session)
    expect(connected(page)).to_be_visible()

    end_interview(session.pk, reason="completed")
    with page.expect_response(look(409)):
        page.clock.run_for(61_000)
    expect(connected(page)).to_be_visible()  # there is time for a goodbye
    let_time_pass(page, until=thanks(page))


def test_call_that_goes_on_asks_for_little(page, vendor):
    """Ten thousand calls at once ask in proportion: this is what capacity counts with."""
    vendor.faults.silent = True
    session = SessionFactory()
    page.clock.install()
    with page.expect_response(look(200)), page.expect_response(report("connected")):
        begin(page, session)
    looks, reports = [], []
    page.on("response", lambda answer: look(200)(answer) and looks.append(answer))
    page.on(
        "response", lambda answer: report("alive")(answer) and reports.append(answer)
    )

    page.clock.run_for(270_000)

    for _ in range(50):  # one report waits for the other
        if len(looks) + len(reports) >= 8:
            break
        page.wait_for_timeout(100)
    assert (len(looks), len(reports)) == (4, 4)


@pytest.mark.parametrize("heard", ["of its tools", "its words alone"])
def test_page_follows_the_agent(page, vendor, monkeypatch, heard):
    """What the call itself tells moves the page on, long before it would ask by itself."""
    monkeypatch.setattr(vendor, "new_ear", DeafEar)
    [agent] = vendor.agents.values()
    events = agent["conversation_config"]["conversation"]["client_events"]
    if heard == "its words alone":
        events.remove("agent_tool_response")
    session = SessionFactory()
    page.clock.install()
    begin(page, session)
    expect(page.get_by_role("heading", name=questions(session)[0])).to_be_visible()

    page.get_by_role("textbox").fill("Typed answer")
    page.get_by_role("textbox").press("Enter")
    said = page.get_by_role("log", name="What was said")
    expect(said).to_contain_text(f"Interviewer: {questions(session)[1]}")
    if heard == "its words alone":
        page.clock.run_for(15_000)

    expect(page.get_by_role("heading", name=questions(session)[1])).to_be_visible()


def test_place_is_kept_while_the_call_goes_on_and_given_back(page, vendor, settings):
    settings.ELEVENLABS_MAX_CALLS = 1
    vendor.faults.silent = True
    session = SessionFactory()
    page.clock.install()
    with page.expect_response(report("connected")):
        begin(page, session)
    soon = timezone.now() + timedelta(seconds=5)
    Place.objects.update(lease_until=soon)

    with page.expect_response(report("alive")):
        page.clock.run_for(61_000)
    kept = Place.objects.get().lease_until
    page.get_by_role("link", name="Continue in writing").click()
    expect(page.get_by_label("Your answer")).to_be_visible()

    assert kept > soon
    for _ in range(50):  # the page's last report outlives it
        if not Place.objects.exists():
            break
        time.sleep(0.1)
    assert not Place.objects.exists()


def test_vendor_away_is_told_and_writing_offered(page, vendor):
    vendor.faults.outage = True
    session = SessionFactory()

    begin(page, session)

    away = page.get_by_role("heading", name="The interviewer cannot be reached")
    expect(away).to_be_visible(timeout=30_000)
    expect(page.get_by_role("link", name="Continue in writing")).to_be_visible()
    assert not Place.objects.exists()


def test_call_moves_to_writing_and_back(page, vendor):
    vendor.faults.silent = True
    session = SessionFactory()
    begin(page, session)
    expect(connected(page)).to_be_visible()

    page.get_by_role("link", name="Continue in writing").click()
    page.get_by_label("Your answer").fill("Written")
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_text("Question 2 of 3")).to_be_visible()
    vendor.faults.silent = False
    page.get_by_role("link", name="Continue by voice").click()
    page.get_by_role("button", name="Start the call").click()

    expect(thanks(page)).to_be_visible(timeout=60_000)
    assert [channel for _, channel in answers(session)] == ["written", "agent", "agent"]


def press(page, control):
    """Go to the control by Tab alone, and press Enter."""
    expect(control).to_be_enabled()
    for _ in range(30):
        page.keyboard.press("Tab")
        if control.evaluate("(element) => element === document.activeElement"):
            return page.keyboard.press("Enter")
    raise AssertionError(f"{control} is out of the keyboard's reach")


def test_all_is_done_by_the_keyboard(page, vendor, complaints):
    session = SessionFactory()
    page.goto(session.get_absolute_url())

    press(page, page.get_by_role("button", name="start the interview"))
    press(page, page.get_by_role("link", name="Begin and speak"))
    press(page, page.get_by_role("button", name="Start the call"))

    expect(thanks(page)).to_be_visible(timeout=60_000)
    assert complaints == []
