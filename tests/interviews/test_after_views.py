"""The candidate's pages for afterwards: requests, rating, own copy, corrections, leaving."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from interviews.models import (
    AnswerCorrection,
    CandidateRequest,
    Channel,
    RequestKind,
)
from interviews.requests import MAX_MESSAGE_LENGTH, MAX_REQUEST_LENGTH
from interviews.takes import take_url
from interviews.tokens import cookie_name, mint_token
from interviews.turns import MAX_TEXT_LENGTH
from tests.factories import (
    ProgressFactory,
    RequestFactory,
    SessionFactory,
    VacancyFactory,
)
from tests.interviews.api.conftest import A_DAY_LATER, LONG_AGO

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script>{{ 7 }}"
FINISHED = {"started": True, "started_at": LONG_AGO, "finished_at": A_DAY_LATER}
BEGUN = {
    "in progress": {"started": True},
    "finished": FINISHED,
    "expired": {"started": True, "expires_at": LONG_AGO},
    "cancelled": {"started": True, "cancelled_at": A_DAY_LATER},
}
NOT_BEGUN = {
    "invited": {},
    "expired": {"expires_at": LONG_AGO},
    "cancelled": {"cancelled_at": LONG_AGO},
}
ADDRESSES = {
    "request": ["erasure"],
    "rate": [],
    "leave": [],
    "copy": [],
    "copy_open": [],
    "copy_text": [],
    "correct": [1],
}


@pytest.fixture
def in_browser(client):
    """Return the client as the browser in which the session was started."""

    def browser(session):
        client.cookies[cookie_name(session.pk)] = mint_token(session.pk)
        return client

    return browser


def url(name, session, *arguments):
    return reverse(f"interviews:{name}", args=[session.pk, *arguments])


def page_of(response):
    return (response.status_code, response.templates[0].name)


def rows():
    return list(CandidateRequest.objects.order_by("pk").values_list("kind", "message"))


def canaries(session):
    """Give every question of the session a text that no page holds by chance."""
    session.script.content["questions"] = [
        question | {"text": f"CANARY {question['id']}"}
        for question in session.script.content["questions"]
    ]
    session.script.save()
    return [question["text"] for question in session.script.content["questions"]]


# Every address


@pytest.mark.parametrize("name", ADDRESSES)
def test_an_unknown_link_has_its_page(client, name):
    path = reverse(
        f"interviews:{name}",
        args=["00000000-0000-0000-0000-000000000000", *ADDRESSES[name]],
    )
    send = client.post if name in {"rate", "copy_open", "correct"} else client.get

    assert page_of(send(path)) == (404, "interviews/unknown_link.html")


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("request", {"get", "head", "post"}),
        ("rate", {"post"}),
        ("leave", {"get", "head"}),
        ("copy", {"get", "head"}),
        ("copy_open", {"post"}),
        ("copy_text", {"get", "head"}),
        ("correct", {"post"}),
    ],
)
def test_other_methods_are_refused(client, name, allowed):
    path = url(name, SessionFactory(), *ADDRESSES[name])

    methods = ["get", "head", "post", "put", "patch", "delete", "options"]
    taken = {m for m in methods if getattr(client, m)(path).status_code != 405}

    assert taken == allowed


@pytest.mark.parametrize("name", ["request", "rate", "copy_open", "correct"])
def test_forms_of_other_sites_are_refused(name):
    session = SessionFactory(**FINISHED)
    client = Client(enforce_csrf_checks=True)
    client.cookies[cookie_name(session.pk)] = mint_token(session.pk)

    response = client.post(url(name, session, *ADDRESSES[name]), {"rating": "5"})

    assert response.status_code == 403


@pytest.mark.parametrize("language", ["en", "ru"])
def test_pages_are_private_and_speak_the_language_of_the_vacancy(in_browser, language):
    session = SessionFactory(started=True, vacancy__language=language)
    client = in_browser(session)

    for name in ("request", "leave", "copy"):
        response = client.get(url(name, session, *ADDRESSES[name]))

        assert f'<html lang="{language}">' in response.text
        assert "no-store" in response["Cache-Control"]
        assert response["X-Robots-Tag"] == "noindex"


# Requests


# A withdrawal is done, not asked for: tests/privacy/test_opting_out.py.
@pytest.mark.parametrize("kind", sorted({*RequestKind.values} - {"withdrawal"}))
def test_a_request_is_made_on_its_page_and_confirmed(client, kind, settings):
    settings.CONTACT_EMAIL = "anna@example.com"
    session = SessionFactory(started=True)
    path = url("request", session, kind)

    asks = client.get(path)
    response = client.post(path, {"message": "Пожалуйста 🙏\r\nСкоро"}, follow=True)

    assert page_of(asks) == (200, "interviews/request.html")
    assert response.redirect_chain == [(f"{path}?sent", 302)]
    assert page_of(response) == (200, "interviews/request_sent.html")
    assert "mailto:anna@example.com" in response.text
    assert rows() == [(kind, "Пожалуйста 🙏\nСкоро")]


@pytest.mark.parametrize("state", [*BEGUN.keys() - {"finished"}])
def test_only_an_open_interview_is_said_to_stay_so(client, state):
    path = url("request", SessionFactory(**BEGUN[state]), "another_way")

    pages = client.get(path), client.post(path, follow=True)

    told = ["stays open" in page.text for page in pages]
    assert told == [state == "in progress"] * 2


def test_a_request_needs_no_words(client):
    session = SessionFactory()

    client.post(url("request", session, "another_way"), {"message": " \r\n "})
    client.post(url("request", session, "erasure"))

    assert rows() == [("another_way", ""), ("erasure", "")]


def test_a_repeated_request_is_told_so_and_shows_no_earlier_message(client):
    session = SessionFactory()
    RequestFactory(session=session, kind="erasure", message="SECRET")
    path = url("request", session, "erasure")

    asks = client.get(path)
    response = client.post(path, {"message": "And soon"}, follow=True)

    assert "asked for this already" in asks.text
    assert response.redirect_chain == [(f"{path}?already", 302)]
    assert "has your request already" in response.text
    assert "SECRET" not in asks.text + response.text
    assert rows() == [("erasure", "SECRET\n\nAnd soon")]


def test_a_confirmation_is_not_shown_for_what_was_not_asked(client):
    path = url("request", SessionFactory(), "erasure")

    assert page_of(client.get(f"{path}?sent")) == (200, "interviews/request.html")


@pytest.mark.parametrize("text", ["x" * (MAX_MESSAGE_LENGTH + 1), "a\x00b"])
def test_a_message_that_cannot_be_taken_is_kept_and_explained(client, text):
    path = url("request", SessionFactory(), "erasure")

    response = client.post(path, {"message": text})

    assert page_of(response) == (422, "interviews/request.html")
    assert text in response.text
    assert 'role="alert"' in response.text
    assert rows() == []


def test_the_longest_message_is_taken_however_its_lines_end(client):
    text = "x\r\n" * (MAX_MESSAGE_LENGTH // 2 - 1) + "xx"

    client.post(url("request", SessionFactory(), "erasure"), {"message": text})

    assert rows() == [("erasure", text.replace("\r\n", "\n"))]


def test_a_full_request_keeps_what_was_written_and_explains(client):
    session = SessionFactory()
    full = RequestFactory(session=session, message="x" * MAX_REQUEST_LENGTH)

    response = client.post(url("request", session, full.kind), {"message": "More"})

    assert page_of(response) == (422, "interviews/request.html")
    assert "written a lot already" in response.text
    assert ">More</textarea>" in response.text
    assert rows() == [(full.kind, full.message)]


@pytest.mark.parametrize("kind", ["holiday", "ERASURE", "erasure%00"])
def test_an_unknown_kind_has_the_page_of_unknown_links(client, kind):
    response = client.get(f"/interview/{SessionFactory().pk}/request/{kind}")

    assert page_of(response) == (404, "interviews/unknown_link.html")


@pytest.mark.parametrize("send", ["get", "post"])
def test_what_may_not_be_asked_now_leads_to_the_interview(client, send):
    session = SessionFactory()

    response = getattr(client, send)(url("request", session, "human_review"))

    assert (response.status_code, response.url) == (302, session.get_absolute_url())
    assert rows() == []


# The finished page and the rating


def test_the_finished_page_offers_what_is_left_to_do(client):
    session = SessionFactory(**FINISHED)

    response = client.get(session.get_absolute_url())

    for path in (
        url("copy", session),
        url("rate", session),
        url("request", session, "human_review"),
        url("request", session, "erasure"),
    ):
        assert f'"{path}"' in response.text
    assert session.script.content["closing"] in response.text
    assert "noted" not in client.get(f"{session.get_absolute_url()}?rated").text


def test_a_rating_is_taken_noted_and_may_be_changed(client):
    session = SessionFactory(**FINISHED)

    client.post(url("rate", session), {"rating": "2"})
    response = client.post(url("rate", session), {"rating": "4"}, follow=True)

    session.refresh_from_db()
    assert session.rating == 4
    assert response.redirect_chain == [
        (f"{session.get_absolute_url()}?rated#rating", 302)
    ]
    assert "Thank you, noted." in response.text
    assert 'value="4" checked' in response.text
    assert 'value="2" checked' not in response.text


@pytest.mark.parametrize(
    "rating", ["", "0", "6", "4.5", "-1", "٣", "five", "9" * 5000, "3\x00"]
)
def test_a_rating_that_is_none_is_explained(client, rating):
    session = SessionFactory(**FINISHED)

    response = client.post(url("rate", session), {"rating": rating})

    session.refresh_from_db()
    assert page_of(response) == (422, "interviews/finished.html")
    assert "choose a number from 1 to 5" in response.text
    assert session.rating is None


@pytest.mark.parametrize("state", [*BEGUN.keys() - {"finished"}])
def test_only_a_finished_interview_is_rated(client, state):
    session = SessionFactory(**BEGUN[state])

    response = client.post(url("rate", session), {"rating": "5"})

    session.refresh_from_db()
    assert (response.status_code, response.url) == (302, session.get_absolute_url())
    assert session.rating is None


# The own copy


@pytest.mark.parametrize("state", BEGUN)
def test_the_copy_shows_what_was_answered(in_browser, state):
    session = SessionFactory(**BEGUN[state])
    question, *_ = canaries(session)
    answer = ProgressFactory(session=session, answer_text=f"Привет 🌷 {HOSTILE}")
    client = in_browser(session)

    page = client.get(url("copy", session))
    text = client.get(url("copy_text", session)).content.decode("utf-8-sig")

    assert page_of(page) == (200, "interviews/copy.html")
    assert question in page.text
    assert "Привет 🌷 &lt;script&gt;" in page.text
    assert HOSTILE not in page.text
    assert answer.timestamp.isoformat(timespec="seconds") in page.text
    assert question in text
    assert f"Привет 🌷 {HOSTILE}" in text


@pytest.mark.parametrize("state", sorted(BEGUN))
@pytest.mark.parametrize("path", ["copy", "copy_text", "leave", "request"])
def test_no_page_holds_a_question_that_was_not_asked(in_browser, state, path):
    session = SessionFactory(**BEGUN[state])
    _, *unasked = canaries(session)
    ProgressFactory(session=session)

    response = in_browser(session).get(
        url(path, session, *ADDRESSES[path]), follow=state != "in progress"
    )

    assert [canary for canary in unasked if canary in response.text] == []


def test_two_sessions_never_see_each_others_copies(in_browser):
    one, other = SessionFactory.create_batch(2, **FINISHED)
    answers = [
        ProgressFactory(session=session, answer_text=f"SECRET-{number}")
        for number, session in enumerate((one, other))
    ]
    AnswerCorrection.objects.create(progress=answers[1], text="SECRET-correction")
    client = in_browser(one)

    own = [client.get(url(name, one)).text for name in ("copy", "copy_text")]
    foreign = [client.get(url(name, other)).text for name in ("copy", "copy_text")]

    assert ["SECRET-0" in text for text in own] == [True, True]
    assert "SECRET-1" not in "".join(own)
    assert "SECRET-" not in "".join(foreign)


@pytest.mark.parametrize(
    "token", [None, "", "nonsense", "foreign", "0" * 32 + ":forged"]
)
@pytest.mark.parametrize("name", ["copy", "copy_text"])
def test_another_browser_is_offered_the_copy_and_not_given_it(client, name, token):
    session = SessionFactory(**FINISHED)
    ProgressFactory(session=session, answer_text="SECRET")
    if token == "foreign":
        token = mint_token(SessionFactory().pk)
    if token is not None:
        client.cookies[cookie_name(session.pk)] = token

    response = client.get(url(name, session))

    assert page_of(response) == (200, "interviews/copy_closed.html")
    assert "SECRET" not in response.text
    assert url("copy_open", session) in response.text


@pytest.mark.parametrize("state", BEGUN)
def test_another_browser_can_be_let_see_the_copy(client, state):
    session = SessionFactory(**BEGUN[state])
    ProgressFactory(session=session, answer_text="SECRET")

    response = client.post(url("copy_open", session), follow=True)

    assert page_of(response) == (200, "interviews/copy.html")
    assert "SECRET" in response.text


@pytest.mark.parametrize("state", NOT_BEGUN)
@pytest.mark.parametrize("name", ["copy", "copy_text", "copy_open", "correct"])
def test_before_the_start_there_is_nothing_to_copy(in_browser, name, state):
    session = SessionFactory(**NOT_BEGUN[state])
    client = in_browser(session)
    send = client.post if name in {"copy_open", "correct"} else client.get
    client.cookies.clear() if name == "copy_open" else None

    response = send(url(name, session, *ADDRESSES[name]))

    assert (response.status_code, response.url) == (302, session.get_absolute_url())
    assert response.cookies.keys() & {cookie_name(session.pk)} == set()


def test_a_spoken_answer_has_its_player(in_browser):
    session = SessionFactory(**FINISHED)
    ProgressFactory(
        session=session,
        channel=Channel.SPOKEN,
        answer_text="",
        answer_audio_url=take_url(session.pk),
    )

    response = in_browser(session).get(url("copy", session))

    assert f'src="{url("take_audio", session, session.pk)}"' in response.text


@pytest.mark.parametrize(
    "address", ["https://evil.example/a.mp3", "javascript:alert(1)", "/recordings/c1"]
)
def test_a_recording_that_is_not_the_portals_is_no_part_of_the_copy(
    in_browser, address
):
    session = SessionFactory(**FINISHED)
    ProgressFactory(session=session, answer_audio_url=address)

    response = in_browser(session).get(url("copy", session))

    assert "<audio" not in response.text
    assert address not in response.text


@pytest.mark.parametrize("answers", [1, 3])
def test_the_copy_takes_constant_queries(
    in_browser, django_assert_num_queries, answers
):
    session = SessionFactory(**FINISHED)
    for question in session.vacancy.questions.all()[:answers]:
        answer = ProgressFactory(session=session, question=question)
        AnswerCorrection.objects.create(progress=answer, text="Better")
    client = in_browser(session)

    with django_assert_num_queries(4):
        response = client.get(url("copy", session))

    assert response.text.count("Better</p>") == answers


def test_the_download_is_a_file_that_nothing_runs(in_browser):
    session = SessionFactory(
        vacancy=VacancyFactory(title="Повар", questions=1), **FINISHED
    )
    ProgressFactory(session=session, answer_text="=cmd()\nдва")

    response = in_browser(session).get(url("copy_text", session))

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"] == (
        'attachment; filename="interview.txt"; '
        f"filename*=UTF-8''{quote('Interview Повар.txt')}"
    )
    assert response.content.startswith("\ufeffПовар\r\n".encode())
    assert "\r\n    =cmd()\r\n    два\r\n" in response.content.decode()


# Corrections


@pytest.mark.parametrize("state", BEGUN)
def test_a_correction_is_stored_beside_the_answer(in_browser, state):
    session = SessionFactory(**BEGUN[state])
    answer = ProgressFactory(session=session, answer_text="two lips")
    path = url("correct", session, answer.question_id)

    response = in_browser(session).post(
        path, {"text": "tulips 🌷\r\nи розы"}, follow=True
    )

    answer.refresh_from_db()
    key = answer.question_id
    assert response.redirect_chain == [
        (f"{url('copy', session)}?corrected={key}#answer-{key}", 302)
    ]
    assert "Your correction is stored beside the answer" in response.text
    assert answer.answer_text == "two lips"
    assert [row.text for row in answer.corrections.all()] == ["tulips 🌷\nи розы"]


def test_what_was_not_corrected_is_not_said_to_be(in_browser):
    answer = ProgressFactory()

    response = in_browser(answer.session).get(
        f"{url('copy', answer.session)}?corrected={answer.question_id}"
    )

    assert "Your correction is stored" not in response.text


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "Please write what the answer should read."),
        ("   ", "Please write what the answer should read."),
        ("x" * (MAX_TEXT_LENGTH + 1), "This is too long"),
        ("a\x00b", "Null characters are not allowed."),
        ("An answer", "what the answer says already"),
    ],
    ids=["empty", "blank", "huge", "NUL", "the same"],
)
def test_a_correction_that_cannot_be_taken_is_kept_and_explained(
    in_browser, text, complaint
):
    answer = ProgressFactory()
    path = url("correct", answer.session, answer.question_id)

    response = in_browser(answer.session).post(path, {"text": text})

    assert page_of(response) == (422, "interviews/copy.html")
    assert complaint in response.text
    assert f"{text.strip()}</textarea>" in response.text
    assert "<details open>" in response.text
    assert not answer.corrections.exists()


def test_too_many_corrections_are_explained(in_browser):
    answer = ProgressFactory()
    AnswerCorrection.objects.bulk_create(
        AnswerCorrection(progress=answer, text=str(number)) for number in range(20)
    )

    response = in_browser(answer.session).post(
        url("correct", answer.session, answer.question_id), {"text": "More"}
    )

    assert page_of(response) == (422, "interviews/copy.html")
    assert "as many corrections as we can keep" in response.text
    assert answer.corrections.count() == 20


def test_another_browser_corrects_nothing(client):
    answer = ProgressFactory()

    response = client.post(
        url("correct", answer.session, answer.question_id), {"text": "Mine"}
    )

    assert page_of(response) == (200, "interviews/copy_closed.html")
    assert not answer.corrections.exists()


def test_what_was_not_answered_is_not_corrected(in_browser):
    session = SessionFactory(**FINISHED)
    foreign = ProgressFactory()
    keys = [foreign.question_id, session.vacancy.questions.first().pk, 0, 10**30]
    client = in_browser(session)

    statuses = [
        client.post(url("correct", session, key), {"text": "Mine"}).status_code
        for key in keys
    ]

    assert statuses == [404] * 4
    assert not AnswerCorrection.objects.exists()


# Leaving


def test_the_leave_page_says_what_is_kept_and_until_when(in_browser):
    session = SessionFactory(started=True)
    ProgressFactory(session=session)

    response = in_browser(session).get(url("leave", session))

    assert page_of(response) == (200, "interviews/leave.html")
    assert "1 of 3 answers is kept." in response.text
    deadline = session.expires_at.isoformat(timespec="seconds")
    assert f'<time datetime="{deadline}" data-local>' in response.text
    assert f'class="button" href="{session.get_absolute_url()}"' in response.text


@pytest.mark.parametrize(
    "state",
    [{}, FINISHED, {"started": True, "expires_at": timezone.now() - timedelta(days=1)}],
    ids=["invited", "finished", "expired"],
)
def test_whoever_is_not_in_an_interview_does_not_leave_it(client, state):
    session = SessionFactory(**state)

    response = client.get(url("leave", session))

    assert (response.status_code, response.url) == (302, session.get_absolute_url())
