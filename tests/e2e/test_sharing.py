"""A shared link in real browsers: HR's, and one that has no account."""

import re

import pytest
from playwright.sync_api import expect

from accounts.models import User
from interviews import preparation
from interviews.models import Channel, TakeState
from interviews.takes import take_url
from reviews.models import ShareFeedback
from tests import sounds
from tests.factories import (
    CandidateFactory,
    ProgressFactory,
    SessionFactory,
    TakeFactory,
    VacancyFactory,
)

NAME = "Инна Ларина"
PLAY = """(audio) => new Promise((done) => {
    audio.onended = () => done(true);
    audio.onerror = () => done(false);
    audio.muted = true;
    audio.play().catch(() => done(false));
})"""


@pytest.fixture
def sessions():
    """Two interviews; of the first there is a recording."""
    vacancy = VacancyFactory(title="Sales assistant", questions=1)
    candidate = CandidateFactory(name=NAME)
    first = SessionFactory(vacancy=vacancy, candidate=candidate, started=True)
    take = TakeFactory(session=first, parts=[sounds.cut(sounds.webm(0.3))])
    take.state = TakeState.CLOSED
    take.save()
    ProgressFactory(
        session=first,
        answer_text="I am Инна, and I like people.",
        channel=Channel.SPOKEN,
        answer_audio_url=take_url(take.pk),
    )
    preparation.prepare(take.pk)
    return [first, SessionFactory(vacancy=vacancy, started=True)]


def test_interviews_are_shared_heard_judged_and_closed(
    hr_page, sessions, new_context, complaints
):
    link = share_all(hr_page)
    outside = new_context()
    outside.on("weberror", lambda failure: complaints.append(str(failure.error)))
    reader = outside.new_page()
    reader.goto(link)
    assert link.rpartition("/")[2] not in reader.url
    reader.get_by_role("link", name="Candidate 1").click()
    expect(reader.get_by_text("I am ███, and I like people.")).to_be_visible()
    assert reader.locator("audio").evaluate(PLAY)

    reader.get_by_label("Your name").fill("Olga")
    reader.get_by_label("Rather yes").check()
    reader.get_by_label("Why, in a few words").fill("Calm and clear")
    reader.get_by_role("button", name="Send").click()
    expect(reader.get_by_role("status")).to_contain_text("Thank you")
    assert ShareFeedback.objects.get().session == sessions[0]
    # Another opinion may follow: the name is known, the words are not sent twice.
    expect(reader.get_by_label("Your name")).to_have_value("Olga")
    expect(reader.get_by_label("Why, in a few words")).to_have_value("")

    sessions[0].reviews.create(
        reviewer=User.objects.get(), saved_at=sessions[0].created_at
    )
    hr_page.get_by_role("link", name="To the link’s page").click()
    expect(hr_page.get_by_text("Calm and clear")).to_be_visible()
    expect(hr_page.get_by_text(f"{NAME}: listened to answer 1")).to_be_visible()
    hr_page.get_by_role("button", name="Revoke").click()
    expect(hr_page.get_by_text("The link is closed, from this moment.")).to_be_visible()

    reader.get_by_role("link", name="Next interview").click()
    expect(reader.get_by_role("heading")).to_have_text("This link does not work")
    assert complaints == []


def share_all(page):
    """Share all interviews of the list with names hidden; return the link."""
    page.goto("/admin/interviews/interviewsession/")
    page.get_by_role("checkbox", name=re.compile("Select all")).first.check()
    page.locator("select[name=action]").first.select_option("share_selected")
    page.get_by_role("button", name=re.compile("Run|Go")).first.click()
    page.get_by_label("For whom").fill("The head of sales")
    page.get_by_label("Hide names").check()
    page.get_by_role("button", name="Make the link").click()
    return page.get_by_label("The shared link").input_value()
