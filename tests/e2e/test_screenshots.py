"""Every page in every state: no barrier, nothing sticks out sideways, no complaint.

`make screenshots` (PARLEY_SCREENSHOTS) looks at more windows, and pictures each page as
well, to be looked at: var/screenshots. Without it only what differs is tested.
"""

import json
import os
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from core.environment import var_dir
from interviews.demo import VACANCIES, make_vacancy
from interviews.models import InterviewSession, RequestKind
from interviews.requests import ask
from interviews.services import start
from interviews.tokens import cookie_name, mint_token
from interviews.turns import AnswerInput, Channel, end_interview, record_answer
from tests.e2e.conftest import EMAIL, PASSWORD
from tests.e2e.test_call_page import show_state
from tests.factories import (
    CandidateFactory,
    ConsentFactory,
    ConversationFactory,
    UserFactory,
)
from tests.interviews.test_views import past
from vacancies.models import VacancyStatus
from voice.events import store_event
from voice.models import EventSource
from voice.tasks import fetch_recording, process_event

pytestmark = pytest.mark.screenshots

IS_PICTURED = bool(os.environ.get("PARLEY_SCREENSHOTS"))
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LOOKS = {
    "desktop-light": (1280, "light"),
    "desktop-dark": (1280, "dark"),
    "phone-light": (360, "light"),
    "phone-dark": (360, "dark"),
}
LANGUAGES = ["ru", "en"]
# What is tested without pictures: axe needs both colours; the admin is of one kind.
CANDIDATE_LOOKS = ["phone-light", "phone-dark"]
SOME_LOOKS = [("phone-light", "ru"), ("phone-dark", "en")]
PROBLEMS = ["denied", "missing", "busy", "lost", "unsupported"]
ADMIN_LOOKS = [("phone-light", "ru"), ("desktop-dark", "en")]
ANSWERS = {
    "ru": "Я шесть лет работаю с клиентами: сначала в гостинице, потом в поддержке.",
    "en": "I maintain the billing service of a parcel company; it was a monolith of "
    "fifteen years when I came, and the part I am proud of is how calmly we left it.",
}
STATES = [
    "invited",
    "question",
    "error",
    "resume",
    "declined",
    "finished",
    "not_open",
    "vacancy_closed",
    "cancelled",
    "expired",
    "unknown_link",
]
CALL_STATES = [
    "ready",
    "microphone",
    "connecting",
    "waiting",
    "reconnecting",
    "dropped",
    "stopped",
    "denied",
    "missing",
    "busy",
    "insecure",
    "unavailable",
    "elsewhere",
    "finished",
]
# Captions as the page makes them: so many that they scroll.
WRITE_DOWN = """(captions, text) => {
    captions.hidden = false;
    for (let number = 1; number <= 6; number++) {
        const name = document.createElement("strong");
        name.textContent = "AI: ";
        const line = document.createElement("p");
        line.append(name, text);
        captions.querySelector("[role=log]").append(line);
    }
}"""
ADMIN_PAGES = {
    "home": "/admin/",
    "vacancies": "/admin/vacancies/vacancy/",
    "vacancy": "/admin/vacancies/vacancy/{vacancy}/change/",
    "candidates": "/admin/candidates/candidate/",
    "candidate": "/admin/candidates/candidate/{candidate}/change/",
    "interviews": "/admin/interviews/interviewsession/",
    "interview": "/admin/interviews/interviewsession/{session}/change/",
    "preview": "/interview/preview/{vacancy}/1",
    "links": "/admin/interviews/interviewsession/invite/links/"
    "?vacancy={vacancy}&candidates={candidate}",
    "companies": "/admin/vacancies/company/",
    "company": "/admin/vacancies/company/{company}/change/",
    "requests": "/admin/interviews/candidaterequest/",
    "request": "/admin/interviews/candidaterequest/{request}/change/",
    "users": "/admin/accounts/user/",
    "user": "/admin/accounts/user/add/",
    "user-change": "/admin/accounts/user/{user}/change/",
    "account": "/accounts/",
    "password": "/accounts/password/change/",
    "second-factor": "/accounts/2fa/",
    "invite": "/admin/interviews/interviewsession/invite/?vacancy={vacancy}",
    "voice": "/admin/voice/voiceevent/health/",
    "voice-events": "/admin/voice/voiceevent/",
    "voice-event": "/admin/voice/voiceevent/{event}/change/",
}


def in_looks(looks):
    """Run the test in these pairs of look and language; in all of them for the pictures."""
    everything = [(look, language) for look in LOOKS for language in LANGUAGES]
    return pytest.mark.parametrize(
        ("look", "language"), everything if IS_PICTURED else looks
    )


some_looks = in_looks(SOME_LOOKS)
admin_looks = in_looks(ADMIN_LOOKS)


@pytest.fixture
def browser_context_args(browser_context_args, look, language):
    width, scheme = LOOKS[look]
    return browser_context_args | {
        "viewport": {"width": width, "height": 740 if width < 400 else 900},
        "color_scheme": scheme,
        "locale": language,
        "reduced_motion": "reduce",
    }


@pytest.fixture
def session(language):
    vacancy = make_vacancy(**VACANCIES[LANGUAGES.index(language)])
    name = {"ru": "Анна Смирнова", "en": "Olivia Brown"}[language]
    return InterviewSession.objects.create(
        vacancy=vacancy, candidate=CandidateFactory(name=name)
    )


@pytest.fixture
def take(page, look, language, complaints):
    """Return a function that holds the page to its promises, and pictures it if asked to."""

    def picture(name, *, full_page=True):
        if IS_PICTURED:
            folder = var_dir() / "screenshots" / f"{look}-{language}"
            page.screenshot(path=folder / f"{name}.png", full_page=full_page)
        overhang = "document.documentElement.scrollWidth - window.innerWidth"
        assert page.evaluate(overhang) <= 0, f"{name} is wider than the window"
        assert complaints == [], name

    return picture


@pytest.fixture
def take_accessible(take, page, look):
    """Like `take`, and let axe look for barriers (WCAG 2.0 to 2.2, A and AA)."""

    def picture(name):
        take(name)
        if look in CANDIDATE_LOOKS:
            found = Axe().run(page, options={"runOnly": WCAG})
            assert found.response["violations"] == [], name

    return picture


def bring_to(session, state):
    if state in {"question", "error", "resume", "finished"}:
        start(session=session)
        answer_questions(session, 2)
    if state == "finished":
        end_interview(session.pk, reason="completed")
    changes = {
        "declined": {
            "consent_id": ConsentFactory(candidate=session.candidate, given=False).pk
        },
        "cancelled": {"cancelled_at": timezone.now()},
        "expired": {"expires_at": past()},
    }
    InterviewSession.objects.filter(pk=session.pk).update(**changes.get(state, {}))
    statuses = {"not_open": VacancyStatus.DRAFT, "vacancy_closed": VacancyStatus.CLOSED}
    session.vacancy.status = statuses.get(state, VacancyStatus.OPEN)
    session.vacancy.save()


def answer_questions(session, count):
    for question in session.vacancy.questions.all()[:count]:
        text = ANSWERS[session.vacancy.language]
        answer = AnswerInput(question.pk, text, Channel.WRITTEN, duration_ms=48_200)
        record_answer(session.pk, answer)


@some_looks
def test_candidate_pages(page, base_url, context, session, take_accessible):
    for state in STATES:
        InterviewSession.objects.filter(pk=session.pk).delete()
        session = InterviewSession.objects.create(
            vacancy=session.vacancy, candidate=session.candidate
        )
        bring_to(session, state)
        if state in {"question", "error"}:
            token = {"name": cookie_name(session.pk), "value": mint_token(session.pk)}
            context.add_cookies([token | {"url": base_url}])
        page.goto(address(session, state))
        if state == "question":
            page.locator("textarea").fill(ANSWERS[session.vacancy.language])
        if state == "error":
            page.locator("textarea").fill("")
            page.locator("button[name=save]").click()
            page.get_by_role("alert").wait_for()
        take_accessible(state)


@pytest.fixture
def let_in(context, base_url):
    """Return a function that gives the browser a session's cookie."""

    def give(session):
        token = {"name": cookie_name(session.pk), "value": mint_token(session.pk)}
        context.add_cookies([token | {"url": base_url}])

    return give


@some_looks
def test_check_and_practice(page, let_in, session, take_accessible):
    start(session=session)
    let_in(session)
    page.goto(f"{session.get_absolute_url()}/check")
    page.locator("[data-try-microphone]:enabled").wait_for()
    take_accessible("check")
    page.locator("[data-try-microphone]").click()
    page.locator("[data-microphone]").wait_for()
    take_accessible("check-microphone")
    page.locator("[data-record-sample]").click()
    page.locator("[data-sample]").wait_for()
    take_accessible("check-heard")
    for problem in PROBLEMS if IS_PICTURED else PROBLEMS[:1]:
        show_problem(page, problem)
        take_accessible(f"check-{problem}")
    page.goto(f"{session.get_absolute_url()}/practice")
    take_accessible("practice")
    page.locator("button[name=save]").click()
    page.locator("[data-page=practised]").wait_for()
    take_accessible("practised")


def show_problem(page, problem):
    page.evaluate(
        """(problem) => {
            document.querySelector("[data-problems]").hidden = false;
            document.querySelector("[data-microphone]").hidden = true;
            for (const section of document.querySelectorAll("[data-problem]"))
                section.hidden = section.dataset.problem !== problem;
        }""",
        problem,
    )


@some_looks
def test_spoken_answer(page, let_in, session, take_accessible):
    """Each stage of the recorder, and what interrupts it."""
    session.vacancy.questions.update(time_limit_seconds=120, retakes=2)
    bring_to(session, "question")
    let_in(session)
    page.goto(f"{session.get_absolute_url()}?speaking")
    page.locator('[data-do="record"]').first.wait_for()
    take_accessible("spoken-ready")
    page.locator('[data-do="record"]').first.click()
    page.locator("[data-clock]").get_by_text("0:02").wait_for()
    page.evaluate(
        """(words) => {
            const captions = document.querySelector("[data-captions]");
            captions.hidden = false;
            captions.textContent = words;
        }""",
        ANSWERS[session.vacancy.language],
    )
    take_accessible("spoken-recording")
    page.locator('[data-do="pause"]').click()
    take_accessible("spoken-paused")
    page.locator('[data-stage="paused"] [data-do="stop"]').click()
    page.locator("[data-players] audio").wait_for()
    take_accessible("spoken-review")
    page.evaluate("document.querySelector('[data-more-time]').hidden = false")
    page.locator("details.trouble summary").first.click()
    take_accessible("spoken-help")
    page.reload()
    page.locator("[data-players] audio").wait_for()
    take_accessible("spoken-kept")


@some_looks
def test_question_in_trouble(page, let_in, session, context, take_accessible):
    page.add_init_script("""
        navigator.mediaDevices.getUserMedia = async () => {
            throw new DOMException("no", "NotAllowedError");
        };""")
    page.clock.install()
    bring_to(session, "question")
    let_in(session)
    page.goto(f"{session.get_absolute_url()}?speaking")
    page.locator('[data-do="record"]').first.click()
    page.locator('[data-problem="denied"]').wait_for()
    take_accessible("spoken-denied")
    page.locator('[data-do="write"]').click()
    page.route("**/answer", lambda route: route.fulfill(status=503))
    page.locator("textarea").fill(ANSWERS[session.vacancy.language])
    page.locator("button[name=save]").click()
    for _ in range(12):
        page.clock.run_for(1_000)
    page.locator("[data-failed]").wait_for()
    take_accessible("question-failed")
    context.new_page().goto(session.get_absolute_url())
    page.get_by_role(
        "link", name=re.compile("Continue here|Продолжить здесь")
    ).wait_for()
    take_accessible("elsewhere")


@some_looks
def test_requests_and_leaving(page, session, take_accessible):
    bring_to(session, "question")
    address = session.get_absolute_url()
    page.goto(f"{address}/leave")
    take_accessible("leave")
    page.goto(f"{address}/request/another_way")
    take_accessible("request-another-way")
    page.get_by_role("textbox").fill(ANSWERS[session.vacancy.language])
    page.get_by_role("button").click()
    page.wait_for_url("**/*sent")
    take_accessible("request-sent")
    for kind in ("human_review", "erasure"):
        page.goto(f"{address}/request/{kind}")
        take_accessible(f"request-{kind}")


@some_looks
def test_own_copy(page, let_in, session, take_accessible):
    bring_to(session, "finished")
    address = session.get_absolute_url()
    page.goto(f"{address}/copy")
    take_accessible("copy-closed")
    let_in(session)
    page.goto(address)
    page.get_by_role("radio").nth(4).check()
    page.get_by_role("button").click()
    page.wait_for_url("**/*rated*")
    take_accessible("rated")
    page.goto(f"{address}/copy")
    take_accessible("copy")
    page.locator("summary").first.click()
    page.get_by_role("textbox").first.fill("Corrected. Исправлено.")
    page.locator("details button").first.click()
    page.wait_for_url("**/*corrected*")
    take_accessible("copy-corrected")
    page.goto(f"{address}/everything")
    take_accessible("everything")
    page.locator("main form button").click()
    page.locator("a[download], a[href$='.zip']").wait_for()
    take_accessible("everything-ready")


@some_looks
@pytest.mark.usefixtures("_widget")
def test_call_states(
    page, base_url, context, session, vendor, take_accessible, language
):
    """Each state of the call's page; the last is a call that goes on."""
    vendor.faults.silent = True
    bring_to(session, "question")
    token = {"name": cookie_name(session.pk), "value": mint_token(session.pk)}
    context.add_cookies([token | {"url": base_url}])
    page.goto(session.get_absolute_url())
    for state in CALL_STATES:
        show_state(page, state)
        take_accessible(f"call-{state}")
    page.locator("details.trouble summary").first.click()
    take_accessible("call-trouble")
    page.locator("details.trouble summary").first.click()
    page.locator("[data-agent-begin]:enabled").first.evaluate("(b) => b.click()")
    page.locator('[data-state="connected"]').wait_for()
    page.get_by_role("textbox").wait_for()
    take_accessible("call-connected")
    page.locator("[data-agent-deaf]").evaluate("(alert) => { alert.hidden = false; }")
    take_accessible("call-deaf")
    page.locator("[data-captions]").evaluate(WRITE_DOWN, ANSWERS.get(language))
    take_accessible("call-captions")


def address(session, state):
    if state == "unknown_link":
        return "/interview/nothing"
    return session.get_absolute_url()


def hold_call(vendor, session):
    """Store a call in which the agent was not quite exact, and return its event."""
    asked = [question.text for question in session.vacancy.questions.all()]
    answer = ANSWERS[session.vacancy.language]
    said = [("agent", "AI."), ("agent", asked[0]), ("user", answer)]
    said += [("agent", asked[1].split(".")[0]), ("user", answer[:40]), ("user", answer)]
    said += [("agent", asked[3]), ("user", answer), ("agent", asked[4])]
    transcript = [{"role": role, "message": message} for role, message in said]
    ConversationFactory(id="conv_1", session=session)
    vendor.add_conversation("conv_1", transcript=transcript)
    record = {
        "type": "post_call_transcription",
        "data": vendor.conversation_payload("conv_1"),
    }
    event, _ = store_event(json.dumps(record).encode(), source=EventSource.WEBHOOK)
    process_event(event.pk)
    fetch_recording("conv_1")
    return event


@admin_looks
def test_admin_pages(page, session, take, vendor, language):
    start(session=session)
    event = hold_call(vendor, session)
    answer_questions(session, 5)
    user = UserFactory(hr=True, email=EMAIL, password=PASSWORD)
    page.goto("/admin/")
    take("admin-login")
    page.locator("[name=login]").fill(EMAIL)
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login/" not in url)
    ask(session=session, kind=RequestKind.HUMAN_REVIEW, message=ANSWERS[language])
    places = {
        "company": session.vacancy.company_id,
        "request": session.requests.get().pk,
        "vacancy": session.vacancy.pk,
        "candidate": session.candidate.pk,
        "session": session.pk,
        "event": event.pk,
        "user": user.pk,
    }
    for name, path in ADMIN_PAGES.items():
        page.goto(path.format(**places))
        take(f"admin-{name}")
    page.goto(ADMIN_PAGES["interview"].format(**places))
    take("admin-interview-top", full_page=False)
