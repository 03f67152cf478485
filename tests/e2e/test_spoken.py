"""An interview answered aloud: recorded, kept while it is spoken, heard by HR."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from interviews.models import Channel, InterviewProgress, SessionEvent, Take
from tests.e2e.candidates import answer, begin, record, speak_until, stored
from tests.factories import (
    QuestionFactory,
    SessionFactory,
    TakeFactory,
    VacancyFactory,
)
from tests.jobs import run_jobs

# A browser that writes words down, as far as a page can tell.
RECOGNITION = """
    window.SpeechRecognition = class {
        start() {
            setTimeout(() => this.onresult({resultIndex: 0, results: [
                Object.assign([{transcript: "I bake bred"}], {isFinal: true})]}), 300);
        }
        stop() { this.onend?.(); }
    };
"""
DENIED = """
    navigator.mediaDevices.getUserMedia = async () => {
        throw new DOMException("no", "%s");
    };
"""


@pytest.fixture
def session():
    return SessionFactory()


def one_question(**fields):
    vacancy = VacancyFactory()
    QuestionFactory(vacancy=vacancy, order=1, **fields)
    return SessionFactory(vacancy=vacancy)


def takes():
    return list(Take.objects.order_by("began_at").values_list("number", "state"))


def wait_for_piece(page):
    """Wait until the portal has a piece of the recording."""
    with page.expect_response(lambda response: "/chunks/" in response.url):
        pass


def test_answers_spoken_by_a_candidate_are_heard_by_hr(
    page, hr_page, new_context, complaints
):
    session = one_question()
    candidate = new_context().new_page()
    begin(candidate, session, way="speak")
    record(candidate, seconds=2)
    expect(candidate.get_by_role("status")).to_contain_text("recording is ready")
    candidate.get_by_role("button", name="Save and continue").click()
    expect(candidate.get_by_role("heading", name="Thank you!")).to_be_visible()
    run_jobs()

    hr_page.goto(reverse("admin:interviews_interviewsession_change", args=[session.pk]))
    player = hr_page.locator("audio").first
    player.evaluate("(audio) => { audio.muted = true; return audio.play(); }")

    spoken = InterviewProgress.objects.get()
    heard = player.evaluate("(audio) => audio.duration")
    assert (spoken.channel, spoken.answered, spoken.answer_text) == ("spoken", True, "")
    assert 2 <= heard < 4
    assert abs(heard * 1000 - spoken.duration_ms) < 150
    expect(hr_page.get_by_text("Spoken, recorded")).to_be_visible()
    assert complaints == []


def test_reload_in_the_middle_of_a_recording_costs_nothing(page):
    session = one_question()
    begin(page, session, way="speak")
    page.get_by_role("button", name="Start recording").click()
    wait_for_piece(page)
    page.reload()

    expect(page.get_by_text("of an answer, and it is kept")).to_be_visible()
    page.get_by_role("button", name="Go on speaking").click()
    wait_for_piece(page)
    page.get_by_role("button", name="Done").first.click()
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("heading", name="Thank you!")).to_be_visible()
    before = set(Take.objects.get().chunks.values_list("part", flat=True))
    run_jobs()

    take = Take.objects.get()
    assert before == {1, 2}
    assert take.state == "ready"
    assert take.duration_ms >= 3_500


def test_recording_that_was_not_sent_is_there_after_a_reload(page):
    begin(page, one_question(), way="speak")
    # It may be there before the clock shows the first second.
    with page.expect_response(lambda response: "/chunks/1/0" in response.url):
        record(page)
    page.reload()

    told = page.get_by_text(re.compile(r"You had recorded 0:0[1-9] of"))
    expect(told).to_be_visible()
    seconds = int(re.search(r"0:0(\d) of", told.inner_text())[1])
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("heading", name="Thank you!")).to_be_visible()
    # How long the first piece was on its way is the machine's affair.
    assert abs(InterviewProgress.objects.get().duration_ms - seconds * 1000) < 1_000


def test_words_written_down_by_the_browser_are_corrected_before_they_are_sent(page):
    session = one_question()
    page.add_init_script(RECOGNITION)
    begin(page, session, way="speak")
    page.get_by_label("Write my words down").check()
    page.get_by_role("button", name="Start recording").click()
    expect(page.locator("[data-captions]")).to_have_text("I bake bred")
    page.get_by_role("button", name="Done").first.click()
    words = page.get_by_label("Your words, as the browser understood them")
    expect(words).to_have_value("I bake bred")
    words.fill("I bake bread")
    page.get_by_role("button", name="Save and continue").click()

    expect(page.get_by_role("heading", name="Thank you!")).to_be_visible()
    assert stored() == ["I bake bread"]
    assert InterviewProgress.objects.get().channel == Channel.SPOKEN


def test_pause_is_not_recorded(page):
    begin(page, one_question(), way="speak")
    page.get_by_role("button", name="Start recording").click()
    speak_until(page, 1)
    page.get_by_role("button", name="I need a moment").click()
    expect(page.get_by_text("Take your time:")).to_be_visible()
    at_pause = page.locator("[data-clock]").text_content()
    page.wait_for_timeout(1_200)
    page.get_by_role("button", name="Go on recording").click()

    page.wait_for_timeout(600)  # one tick of the clock
    assert at_pause == "0:01"
    assert page.locator("[data-clock]").text_content() in {"0:01", "0:02"}


def test_retakes_end_where_hr_says_and_earlier_takes_are_kept(page):
    begin(page, one_question(retakes=1), way="speak")
    record(page)
    expect(page.get_by_text("Recordings left for this question: 1")).to_be_visible()
    page.get_by_role("button", name="Record anew").click()
    speak_until(page, 1)
    page.get_by_role("button", name="Done").first.click()
    expect(page.get_by_role("button", name="Record anew")).to_be_hidden()
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("heading", name="Thank you!")).to_be_visible()
    run_jobs()

    sent = InterviewProgress.objects.get().answer_audio_url
    assert takes() == [(1, "ready"), (2, "ready")]
    assert sent.endswith(str(Take.objects.get(number=2).pk))


def test_recording_of_nothing_is_begun_once_more(page):
    page.add_init_script("""
        MediaRecorder.prototype.start = function () {
            this.dispatchEvent(new Event("start"));
        };""")
    begin(page, one_question(retakes=0), way="speak")
    page.get_by_role("button", name="Start recording").click()
    page.get_by_role("button", name="Done").first.click()

    expect(page.get_by_role("status")).to_contain_text("Nothing was recorded")
    expect(page.get_by_role("button", name="Start recording")).to_be_visible()


def test_portal_refuses_a_take_too_many_and_the_page_offers_writing(page):
    session = one_question(retakes=0)
    begin(page, session, way="speak")
    # Another window has used up the one recording meanwhile.
    question = session.vacancy.questions.get()
    TakeFactory(session=session, question=question, parts=[[b"a take"]])
    page.get_by_role("button", name="Start recording").click()

    expect(page.get_by_role("status")).to_contain_text("no more recordings")
    answer(page, "in writing then")
    expect(page.get_by_role("heading", name="Thank you!")).to_be_visible()
    assert stored() == ["in writing then"]


def test_more_time_is_given_once_and_noted(page):
    page.clock.install()
    session = one_question(time_limit_seconds=60)
    begin(page, session)
    page.clock.run_for(31_000)
    expect(page.get_by_role("status")).to_contain_text("Left for this question: 0:")
    page.get_by_role("button", name="More time").click()
    expect(page.get_by_role("status")).to_contain_text("more time now")
    expect(page.get_by_role("button", name="More time")).to_be_hidden()
    page.clock.run_for(70_000)
    expect(page.get_by_role("status")).to_contain_text("Left for this question: 0:")
    expect(page.get_by_role("button", name="More time")).to_be_hidden()
    page.clock.run_for(30_000)
    expect(page.get_by_role("status")).to_contain_text("Nothing is lost")
    answer(page, "late, and taken all the same")

    expect(page.get_by_role("heading", name="Thank you!")).to_be_visible()
    [event] = SessionEvent.objects.filter(kind="more_time")
    assert event.detail == str(session.vacancy.questions.get().pk)
    assert stored() == ["late, and taken all the same"]


def test_time_limit_stops_the_recorder_and_keeps_what_was_said(page):
    session = one_question(time_limit_seconds=60)
    # A minute by the clock of the limit is a second here.
    page.route("**/interview/*", lambda route: shorten_limit(route))
    begin(page, session, way="speak")
    page.get_by_role("button", name="Start recording").click()

    expect(page.get_by_role("status")).to_contain_text("time for this question is over")
    expect(page.get_by_role("button", name="More time")).to_be_visible()
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("heading", name="Thank you!")).to_be_visible()
    assert InterviewProgress.objects.get().channel == Channel.SPOKEN


def shorten_limit(route):
    response = route.fetch()
    body = response.text().replace('data-limit-seconds="60"', 'data-limit-seconds="1"')
    route.fulfill(response=response, body=body)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("NotAllowedError", "The microphone is not allowed here"),
        ("NotFoundError", "No microphone was found"),
        ("NotReadableError", "The microphone is in use"),
    ],
)
def test_microphone_that_cannot_be_had_is_explained(page, session, error, words):
    page.add_init_script(DENIED % error)
    begin(page, session, way="speak")
    page.get_by_role("button", name="Start recording").click()
    expect(page.get_by_text(words).first).to_be_visible()
    expect(page.get_by_role("status")).to_have_text(words)
    page.get_by_role("button", name="Write instead").click()
    answer(page, "typed instead")

    expect(page.get_by_text("Question 2 of 3")).to_be_visible()
    assert stored() == ["typed instead"]
    assert takes() == []


def test_help_with_the_microphone_is_that_of_the_browser_at_hand(page, session):
    page.add_init_script(DENIED % "NotAllowedError")
    begin(page, session, way="speak")
    page.get_by_role("button", name="Start recording").click()
    ways = page.locator("[data-problem=denied] li")

    expect(ways.filter(visible=True)).to_have_text(re.compile("^Chrome, Edge"))


def test_microphone_taken_away_in_the_middle_keeps_what_was_said(page):
    page.add_init_script("""
        const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = async (wanted) =>
            (window.microphone = await open(wanted));
    """)
    begin(page, one_question(), way="speak")
    page.get_by_role("button", name="Start recording").click()
    speak_until(page, 1)
    page.evaluate("""() => {
        const [track] = window.microphone.getTracks();
        track.stop();
        track.dispatchEvent(new Event("ended"));
    }""")
    expect(page.get_by_text("The microphone went away").first).to_be_visible()
    page.get_by_role("button", name="Go on speaking").click()
    wait_for_piece(page)
    page.get_by_role("button", name="Done").first.click()
    page.get_by_role("button", name="Save and continue").click()

    expect(page.get_by_role("heading", name="Thank you!")).to_be_visible()
    parts = Take.objects.get().chunks.values_list("part", flat=True)
    assert set(parts) == {1, 2}


def test_recording_outlives_a_lost_connection(page, context):
    begin(page, one_question(), way="speak")
    page.get_by_role("button", name="Start recording").click()
    speak_until(page, 1)
    context.set_offline(True)
    speak_until(page, 3)
    page.get_by_role("button", name="Done").first.click()
    context.set_offline(False)
    page.get_by_role("button", name="Save and continue").click()

    expect(page.get_by_role("heading", name="Thank you!")).to_be_visible()
    run_jobs()
    assert Take.objects.get().duration_ms >= 2_800


def test_recording_by_the_keyboard_alone(page):
    begin(page, one_question())
    page.keyboard.press("Tab")
    tab_to(page, "way")
    page.keyboard.press("ArrowLeft")
    tab_to(page, "record")
    page.keyboard.press("Enter")
    speak_until(page, 1)
    page.keyboard.press("Enter")  # "Done" has the focus
    expect(page.get_by_role("button", name="Save and continue")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Thank you!")).to_be_focused()
    assert InterviewProgress.objects.get().channel == Channel.SPOKEN


def tab_to(page, name):
    for _ in range(12):
        focused = "document.activeElement"
        if page.evaluate(
            f"{focused}.name === '{name}' || {focused}.dataset.do === '{name}'"
        ):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} cannot be reached by keyboard")


def test_nothing_of_practice_is_stored(page, session):
    page.goto(session.get_absolute_url())
    page.get_by_role("button", name="start the interview").click()
    page.get_by_role("link", name="practice question").click()
    page.get_by_text("Speak", exact=True).click()
    requests = []
    page.on("request", lambda request: requests.append(request.method))
    record(page)
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("heading", name="That is how it works")).to_be_focused()

    assert requests.count("PUT") == 0
    assert (takes(), stored()) == ([], [])


def test_check_hears_the_candidate_and_lets_them_hear_themselves(
    page, session, complaints
):
    page.goto(session.get_absolute_url())
    page.get_by_role("button", name="start the interview").click()
    expect(page.get_by_text("The connection is good.")).to_be_visible()
    page.get_by_role("button", name="Check the microphone").click()
    expect(page.get_by_text("We hear you well.")).to_be_visible()
    page.get_by_role("button", name="Hear yourself").click()
    expect(page.get_by_text("This is how you sound.")).to_be_visible()
    player = page.locator("[data-sample]")
    player.evaluate("(audio) => { audio.muted = true; return audio.play(); }")

    assert player.evaluate("(audio) => audio.error") is None
    assert complaints == []


def test_check_without_a_microphone_says_what_to_do(page, session):
    page.add_init_script(DENIED % "NotAllowedError")
    page.goto(session.get_absolute_url())
    page.get_by_role("button", name="start the interview").click()
    page.get_by_role("button", name="Check the microphone").click()

    expect(page.get_by_role("alert")).to_contain_text(
        "The microphone is not allowed here"
    )
    page.get_by_role("link", name="Begin and write").click()
    answer(page, "I write")
    expect(page.get_by_text("Question 2 of 3")).to_be_visible()


def test_interview_needs_no_speech_features_of_the_browser(page, session, complaints):
    page.add_init_script("""
        for (const name of ["speechSynthesis", "SpeechSynthesisUtterance", "MediaRecorder",
            "SpeechRecognition", "webkitSpeechRecognition", "AudioContext", "BroadcastChannel"])
            Object.defineProperty(window, name, {value: undefined});
        Object.defineProperty(navigator, "mediaDevices", {value: undefined});
    """)
    begin(page, session, script=False)
    expect(page.get_by_role("button", name="Read aloud")).to_be_hidden()
    expect(page.get_by_text("Speak", exact=True)).to_be_hidden()
    for place in (1, 2, 3):
        expect(page.get_by_text(re.compile(f"Question {place} of 3"))).to_be_visible()
        answer(page, f"typed {place}")

    expect(page.get_by_role("heading", name="Thank you!")).to_be_visible()
    assert stored() == ["typed 1", "typed 2", "typed 3"]
    assert complaints == []
