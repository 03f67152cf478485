"""A vacancy whose voice stays here, in a real browser: whom does it talk to?"""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from interviews.models import Take
from tests.e2e.candidates import answer, begin, ready, record, stored
from tests.factories import SessionFactory, VacancyFactory
from vacancies.models import Language

# What a page could have asked to write words down, and the voices it could read with.
SPIES = """
    if (location.protocol === "http:") localStorage.setItem("parley-recognise", "on");
    window.listened = 0;
    window.SpeechRecognition = window.webkitSpeechRecognition = class {
        start() { window.listened += 1; }
        stop() {}
    };
    window.spokenBy = [];
    const voices = [
        { lang: "en-GB", name: "far", localService: false },
        { lang: "en-GB", name: "near", localService: true },
    ];
    Object.defineProperty(SpeechSynthesisUtterance.prototype, "voice", {
        set(voice) { window.spokenBy.push(voice.name); },
    });
    speechSynthesis.getVoices = () => voices;
    speechSynthesis.speak = () => {};
"""


@pytest.fixture
def contacted(context):
    """Collect every address that the browser asks for or opens a socket to."""
    found = set()
    context.on("request", lambda request: found.add(request.url))
    context.on(
        "page",
        lambda page: page.on("websocket", lambda socket: found.add(socket.url)),
    )
    return found


@pytest.mark.parametrize("keeps_voice_here", [True, False])
def test_the_whole_interview_contacts_no_foreign_host(
    context, base_url, settings, contacted, complaints, keeps_voice_here
):
    settings.ELEVENLABS_API_KEY = "key" if keeps_voice_here else ""
    vacancy = VacancyFactory(
        questions=2, language=Language.ENGLISH, keeps_voice_here=keeps_voice_here
    )
    context.add_init_script(SPIES)
    page = context.new_page()
    policies = []
    page.on(
        "response",
        lambda response: policies.append(
            response.headers.get("content-security-policy", "")
        ),
    )

    begin(page, SessionFactory(vacancy=vacancy))
    page.get_by_role("button", name="Read aloud").click()
    answer(page, "In writing")
    expect(page.locator("#progress")).to_contain_text("Question 2 of")
    ready(page)
    page.get_by_label("Speak", exact=True).check()
    record(page)
    listened, spoken_by = page.evaluate("[window.listened, window.spokenBy]")
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("heading", name="Thank you!")).to_be_visible()

    # The same page elsewhere would have asked the browser's maker: the spies do see it.
    assert (listened > 0) is not keeps_voice_here
    assert ("near" in spoken_by) is keeps_voice_here
    assert stored()[0] == "In writing"
    assert Take.objects.get().size > 0
    own = urlsplit(base_url).netloc
    outside = {url for url in contacted if url.startswith(("http", "ws"))}
    assert {urlsplit(url).netloc for url in outside} == {own}
    assert any(policies)
    assert not [policy for policy in policies if "://" in policy]
    assert complaints == []
