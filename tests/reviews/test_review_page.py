"""The page on which an interview is read, heard and rated."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditAction, AuditEvent, Role
from interviews.models import Channel
from reviews.models import Moment, Review
from tests.factories import (
    CallFactory,
    ConversationFactory,
    ProgressFactory,
    QuestionFactory,
    SessionFactory,
    TurnFactory,
    UserFactory,
)
from tests.reviews.reviewing import (
    NAME,
    answered,
    marked_moment,
    page_of,
    reviewer_of,
    said,
    sent,
)
from vacancies.models import Part
from voice.models import CallStatus, Speaker

pytestmark = pytest.mark.django_db
CANARY = "Канарейка-7f3a"
HOSTILE = "<script>alert(1)</script><img src=x x-on:click=alert(1)>"
POSTS = ["_draft", "_save", "_peek", "_moment"]


@pytest.fixture
def session():
    return answered()


@pytest.fixture
def reviewer(session, client):
    """A reviewer of the vacancy, signed in."""
    user = reviewer_of(session)
    client.force_login(user)
    return user


@pytest.fixture
def question(session):
    return session.vacancy.questions.first()


def shown(client, session):
    response = client.get(page_of(session))
    assert response.status_code == 200
    return response.content.decode()


# What it shows


def test_page_shows_the_interview_and_is_on_record(client, session, reviewer):
    ProgressFactory(
        session=session,
        question=session.vacancy.questions.last(),
        answer_text=HOSTILE,
        channel=Channel.WRITTEN,
    )

    page = shown(client, session)

    assert session.candidate.name in page
    assert "We were five, and I led." in page
    assert "Voice agent" in page
    assert "In writing" in page
    assert "No answer." in page
    assert HOSTILE not in page
    event = AuditEvent.objects.get(action=AuditAction.VIEWED)
    assert (event.object_id, event.vacancy_id, event.actor, event.detail) == (
        str(session.pk),
        session.vacancy_id,
        reviewer.email,
        "review",
    )


def test_page_has_the_rubric_beside_the_mark(client):
    rubric = {"strong_answer": "Names people", "weak_answer": "Says “we”", "weight": 3}
    session = SessionFactory(vacancy__questions=0)
    QuestionFactory(vacancy=session.vacancy, **rubric)
    session = answered(vacancy=session.vacancy)
    client.force_login(UserFactory(role=Role.AUDITOR, is_staff=True))

    page = shown(client, session)

    assert "Names people" in page
    assert "Says “we”" in page
    assert "This question counts 3 times." in page


def test_page_follows_a_call(client, session, reviewer, question, settings, tmp_path):
    call = CallFactory(
        conversation=ConversationFactory(id="conv_x", session=session),
        status=CallStatus.DONE,
        duration_seconds=60,
        has_audio=True,
    )
    call.recording.save("conv_x.mp3", ContentFile(b"sound"))
    for position, (speaker, text, seconds) in enumerate(
        [
            (Speaker.AGENT, f"Well: {question.text}", 2),
            (Speaker.CANDIDATE, "We were five", 10),
            (Speaker.AGENT, "Go on", 14),
            (Speaker.CANDIDATE, "and I led", 16),
            (Speaker.TOOL, "answer", 19),
            (Speaker.AGENT, "Thank you", 20),
        ]
    ):
        TurnFactory(
            call=call, position=position, speaker=speaker, text=text, seconds=seconds
        )
    session.answers.update(answer_audio_url="/recordings/conv_x#t=10,20")

    page = shown(client, session)

    article, _, rest = page.partition('id="q2"')
    assert 'src="/recordings/conv_x#t=10,20"' in article
    lines = [f'href="/recordings/conv_x#t={at}"' for at in [2, 10, 14, 16, 20]]
    assert [line in article for line in lines] == [False, True, True, True, False]
    assert all(line in rest for line in lines)
    assert "Word for word" in article


def test_auditor_reads_and_does_not_rate(client, session):
    review = said(session, comment="A colleague's word")
    marked_moment(session, review.reviewer, note="Listen here")
    client.force_login(UserFactory(role=Role.AUDITOR, is_staff=True))

    page = shown(client, session)

    assert "A colleague&#x27;s word" in page
    assert "Listen here" in page
    assert "own-review" not in page
    statuses = {client.post(page_of(session, post)).status_code for post in POSTS}
    assert statuses == {403}


# Blind first


def test_nothing_of_others_is_in_any_answer_before(client, session, reviewer, question):
    other = reviewer_of(session, first_name=CANARY, email="canary7f3a@example.com")
    canary = {"comment": CANARY, "recommendation": "strong_no"}
    notes = {question.pk: CANARY}
    review = said(session, other, marks={question.pk: 1}, notes=notes, **canary)
    moment = marked_moment(session, other, note=CANARY, quote="")
    field = f"mark_{question.pk}"

    answers = [
        client.get(page_of(session)),
        client.post(page_of(session, "_draft"), {field: "3"}),
        client.post(page_of(session, "_save"), {field: ""}, follow=True),
        client.post(page_of(session, "_moment"), {"question_id": question.pk}),
        client.post(page_of(session, "_moment_remove", moment.pk)),
        client.get(
            reverse("admin:interviews_interviewsession_change", args=[session.pk])
        ),
        client.get(page_of(session)),
    ]

    texts = [answer.content.decode() for answer in answers]
    assert not any(CANARY in text or "canary7f3a" in text for text in texts)
    assert (
        "1 colleague has rated; you will see theirs after you save yours." in texts[0]
    )
    assert Moment.objects.get() == moment
    # The same words are there for whoever has rated.
    client.force_login(review.reviewer)
    assert CANARY in shown(client, session)


def test_after_saving_one_sees_marks_recommendations_and_comments(
    client, session, reviewer, question
):
    other = reviewer_of(session, first_name="Вера", last_name="Ильина")
    said(
        session,
        other,
        marks={question.pk: 5},
        notes={question.pk: "Names people"},
        comment="I would work with her",
        recommendation="strong_yes",
        first_recommendation="yes",
    )

    client.post(page_of(session, "_save"), {f"mark_{question.pk}": "3"})
    page = shown(client, session)

    assert "Вера Ильина" in page
    assert "Names people" in page
    assert "I would work with her" in page
    assert "Certainly" in page
    assert "first: Rather yes" in page
    assert "two marks apart" in page


def test_whoever_will_not_rate_is_shown_and_remembered(client, session, reviewer):
    said(session, comment="A colleague wrote this")

    client.post(page_of(session, "_peek"))
    page = shown(client, session)
    client.post(page_of(session, "_save"), {"recommendation": "yes"})

    assert "A colleague wrote this" in page
    assert not Review.objects.get(reviewer=reviewer).is_blind


# Rating


def test_draft_is_kept_and_comes_back(client, session, reviewer, question):
    fields = {
        f"mark_{question.pk}": "4",
        f"note_{question.pk}": "Чётко 🙂",
        "recommendation": "yes",
        "comment": "Ещё подумаю",
    }

    answer = sent(client, page_of(session, "_draft"), **fields)
    page = shown(client, session)

    assert answer == (200, {})
    assert Review.objects.get().saved_at is None
    assert "Чётко 🙂" in page
    assert "Ещё подумаю" in page
    assert f'name="mark_{question.pk}" value="4" checked' in page
    assert 'value="yes" checked' in page


def test_plain_form_saves_without_a_script(client, session, reviewer, question):
    fields = {"recommendation": "no", "comment": "", f"mark_{question.pk}": ""}

    response = client.post(page_of(session, "_save"), fields, follow=True)

    assert response.redirect_chain == [(page_of(session), 302)]
    assert "Your review is saved, and counts." in response.content.decode()
    assert Review.objects.get().saved_at is not None


def test_words_without_a_mark_are_kept_but_do_not_count(client, session, reviewer):
    answer = sent(client, page_of(session, "_save"), comment="Words alone")

    review = Review.objects.get()
    assert answer == (
        409,
        {
            "code": "empty_review",
            "detail": "A review needs at least one mark or a recommendation.",
        },
    )
    assert (review.comment, review.saved_at) == ("Words alone", None)


def test_what_is_wrong_is_refused_and_nothing_stored(
    client, session, reviewer, question
):
    foreign = QuestionFactory()
    mark, note = f"mark_{question.pk}", f"note_{question.pk}"
    for name, value in [
        (mark, "0"),
        (mark, "6"),
        (mark, "4.5"),
        (mark, "four"),
        (mark, "9" * 5000),
        (mark, "\x00"),
        (note, "a\x00b"),
        (note, "a" * 2001),
        ("comment", "a" * 5001),
        ("recommendation", "perhaps"),
        (f"mark_{foreign.pk}", "4"),
        ("mark_", "4"),
        ("is_blind", "1"),
    ]:
        fields = {name: value, "recommendation": "yes"} | {name: value}

        status, body = sent(client, page_of(session, "_draft"), **fields)

        assert (status, body["code"]) == (400, "invalid"), name
        assert body["detail"]
        assert client.post(page_of(session, "_save"), fields).status_code == 400
    assert not Review.objects.exists()


def test_plain_form_is_told_what_is_wrong(client, session, reviewer):
    response = client.post(page_of(session, "_save"), {"comment": "a" * 5001})

    page = response.content.decode()
    assert response.status_code == 400
    assert "Nothing was stored." in page
    assert "at most 5000 characters" in page


def test_unstarted_interview_is_shown_but_not_rated(client):
    session = SessionFactory()
    client.force_login(reviewer_of(session))

    page = shown(client, session)
    answer = sent(client, page_of(session, "_draft"), recommendation="yes")

    assert session.vacancy.questions.first().text in page
    assert "own-review" not in page
    assert (answer[0], answer[1]["code"]) == (409, "not_started")


# Moments


def test_moment_is_marked_shown_and_removed(client, session, reviewer, question):
    fields = {"question_id": question.pk, "at_ms": "1:05", "note": "Ведёт людей"}

    answer = sent(client, page_of(session, "_moment"), **fields)
    moment = Moment.objects.get()
    page = shown(client, session)
    removed = client.post(page_of(session, "_moment_remove", moment.pk))

    shown_at_once = {
        "id": moment.pk,
        "at_ms": 65_000,
        "quote": "",
        "note": "Ведёт людей",
        "remove": page_of(session, "_moment_remove", moment.pk),
    }
    assert answer == (200, shown_at_once)
    assert 'data-at="65000"' in page
    assert "▶ 1:05" in page
    assert "Ведёт людей" in page
    assert removed["Location"] == f"{page_of(session)}#m{question.pk}"
    assert not Moment.objects.exists()


def test_moment_that_cannot_be_is_refused(client, session, reviewer, question):
    foreign = QuestionFactory()
    for fields in [
        {},
        {"at_ms": "1"},
        {"question_id": "one", "at_ms": "1"},
        {"question_id": foreign.pk, "at_ms": "1"},
        {"question_id": question.pk},
        {"question_id": question.pk, "at_ms": "-1"},
        {"question_id": question.pk, "at_ms": "soon"},
        {"question_id": question.pk, "at_ms": "٣"},
        {"question_id": question.pk, "at_ms": "1:1:1:1:1"},
        {"question_id": question.pk, "at_ms": "99999999"},
        {"question_id": question.pk, "at_ms": "999999999999"},
        {"question_id": question.pk, "at_ms": "1", "note": "a\x00"},
        {"question_id": question.pk, "at_ms": "1", "note": "a" * 301},
        {"question_id": question.pk, "quote": "never said"},
    ]:
        status, body = sent(client, page_of(session, "_moment"), **fields)

        assert status == 400, fields
        assert body["detail"]
    assert not Moment.objects.exists()


def test_only_ones_own_moment_is_removed(client, session, reviewer):
    moment = marked_moment(session, reviewer_of(session))

    response = client.post(page_of(session, "_moment_remove", moment.pk))

    assert response.status_code == 404
    assert Moment.objects.get() == moment


# Who may


def addresses(session):
    posts = [page_of(session, post) for post in POSTS]
    return [*posts, page_of(session, "_moment_remove", 1)]


def test_outsiders_are_asked_to_sign_in(client, session):
    answers = [client.get(page_of(session)), *map(client.post, addresses(session))]

    assert {answer.status_code for answer in answers} == {302}
    assert all("login" in answer["Location"] for answer in answers)


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.RECRUITER])
def test_interview_of_others_does_not_exist(client, session, role):
    client.force_login(reviewer_of(answered(), role=role))

    answers = [client.get(page_of(session)), *map(client.post, addresses(session))]

    assert {answer.status_code for answer in answers} == {404}


def test_whoever_lost_access_is_refused(client, session, reviewer):
    reviewer.memberships.all().delete()

    status, _ = client.post(page_of(session, "_draft")).status_code, None

    assert status == 404
    assert client.get(page_of(session)).status_code == 404


def test_recruiters_rate_their_own(client, session):
    client.force_login(reviewer_of(session, Part.OWNER, role=Role.RECRUITER))

    assert "own-review" in shown(client, session)


@pytest.mark.parametrize("key", ["nonsense", "00000000-0000-4000-8000-000000000000"])
def test_unknown_interview_is_not_found(client, reviewer, key):
    address = reverse(NAME, args=[key])

    assert client.get(address).status_code == 404
    assert client.post(f"{address}draft/").status_code == 404


def test_only_forms_write(client, session, reviewer):
    assert client.post(page_of(session)).status_code == 405
    assert {client.get(address).status_code for address in addresses(session)} == {405}


# From one to the next


def test_neighbours_are_of_the_same_vacancy_and_finished(client, reviewer, session):
    now = timezone.now()
    times = [now + timedelta(minutes=minute) for minute in (1, 2, 3, 3, 4)]
    rows = [answered(vacancy=session.vacancy) for _ in times]
    rows.sort(key=lambda row: row.pk)
    for row, time in zip(rows, times, strict=True):
        row.finished_at = time
        row.save()
    answered(vacancy=session.vacancy, finished=False)
    answered()

    pairs = []
    for row in rows:
        found = client.get(page_of(row)).context["neighbours"]
        pairs.append((found.earlier, found.later))

    around = [session, *rows, None]
    assert pairs == [
        (around[place - 1], around[place + 1]) for place in range(1, len(rows) + 1)
    ]


def test_next_that_waits_is_one_that_was_not_rated(client, reviewer, session):
    rated, decided, waiting = (answered(vacancy=session.vacancy) for _ in range(3))
    said(rated, reviewer, recommendation="yes")
    said(decided, reviewer, saved=False, peeked_at=timezone.now())

    assert client.get(page_of(session)).context["neighbours"].waiting == waiting


def test_record_of_an_interview_leads_to_its_review(client, session, reviewer):
    record = reverse("admin:interviews_interviewsession_change", args=[session.pk])

    page = client.get(record).content.decode()

    assert f'href="{page_of(session)}"' in page


# Queries


@pytest.mark.parametrize("rows", [1, 3])
def test_page_has_constant_queries(client, django_assert_num_queries, rows):
    session = SessionFactory(vacancy__questions=rows, started=True)
    reviewer = reviewer_of(session)
    for question in session.vacancy.questions.all():
        answer = ProgressFactory(session=session, question=question)
        answer.corrections.create(text="Rather this")
        answer.revisions.create(
            answer_text="Earlier",
            channel=Channel.AGENT,
            timestamp=timezone.now(),
            replaced_at=timezone.now(),
        )
        said(session, marks={question.pk: 3}, notes={question.pk: "Note"})
        marked_moment(session, reviewer, question=question)
        answered(vacancy=session.vacancy)
    said(session, reviewer, recommendation="yes")
    client.force_login(reviewer)
    client.get(page_of(session))

    with django_assert_num_queries(QUERIES):
        response = client.get(page_of(session))

    assert len(response.context["rows"]) == rows


QUERIES = 21
