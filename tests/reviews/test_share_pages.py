"""The pages behind a shared link: who comes in, what is shown, and what never is."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from accounts.models import AuditAction, AuditEvent
from candidates.models import Candidate
from core.logs import JSONFormatter
from interviews.models import Channel, InterviewSession, TakeState
from interviews.takes import take_url
from reviews.models import Share, ShareFeedback
from reviews.sharing import hash_of, revoke
from tests.factories import (
    CallFactory,
    CandidateFactory,
    ConversationFactory,
    ProgressFactory,
    SessionFactory,
    ShareFactory,
    TakeFactory,
    VacancyFactory,
)
from voice import recordings

pytestmark = pytest.mark.django_db

TOKEN = "a-token_of-43-letters"
NAME, EMAIL = "Инна Ларина", "inna@example.com"
SAID = "Меня зовут Инна Ларина, пишите Инне на inna@example.com."
AUDIO = bytes(range(256)) * 4


@pytest.fixture
def vacancy():
    return VacancyFactory(title="Продавец", questions=3, language="ru")


@pytest.fixture
def session(vacancy):
    candidate = CandidateFactory(name=NAME, email=EMAIL)
    session = SessionFactory(started=True, candidate=candidate, vacancy=vacancy)
    answer = ProgressFactory(session=session, answer_text=SAID)
    answer.verbatim_text = f"Дословно: {SAID}"
    answer.save()
    answer.corrections.create(text=f"Исправлено: {SAID}")
    return session


@pytest.fixture
def share(vacancy, session):
    other = SessionFactory(vacancy=vacancy)
    return ShareFactory(
        vacancy=vacancy, sessions=[session, other], token_hash=hash_of(TOKEN)
    )


@pytest.fixture
def reader(client, share):
    """A browser that has opened the link."""
    assert client.get(f"/shared/{TOKEN}").status_code == 303
    return client


def url(share, rest=""):
    return f"/shared/{share.key}{rest}"


def body(response):
    content = response.streaming_content if response.streaming else [response.content]
    return b"".join(content)


def hide_names(share):
    Share.objects.filter(pk=share.pk).update(hides_names=True)


def views(share):
    rows = share.views.order_by("pk").values_list("session", "position", "address")
    return list(rows)


# The link


def test_link_lets_the_browser_in_and_leaves_the_token_behind(client, share, settings):
    settings.HTTPS = True
    response = client.get(f"/shared/{TOKEN}")

    cookie = response.cookies[f"__Host-share-{share.key.hex}"]
    assert response.status_code == 303
    assert response["Location"] == url(share)
    assert {
        "httponly": cookie["httponly"],
        "secure": cookie["secure"],
        "samesite": cookie["samesite"],
        "path": cookie["path"],
    } == {"httponly": True, "secure": True, "samesite": "Lax", "path": "/"}
    assert TOKEN not in cookie.value
    assert share.token_hash not in cookie.value
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in response["Cache-Control"]


def test_programs_that_look_at_links_use_up_and_count_nothing(client, share):
    for method in (client.head, client.get, client.get):
        assert method(f"/shared/{TOKEN}").status_code == 303
    assert client.get(f"/shared/{TOKEN}/").status_code == 303

    assert views(share) == []
    assert AuditEvent.objects.count() == 0


def closed_ways(share):
    """Ways of asking for what is not there, by name."""
    return {
        "unknown link": "/shared/unknown",
        "half a link": f"/shared/{TOKEN[:9]}",
        "no link": "/shared/",
        "odd link": "/shared/%00/ж/..",
        "unknown page": f"/shared/{uuid4()}",
        "page without cookie": url(share),
        "interview without cookie": url(share, "/1"),
        "recording without cookie": url(share, "/1/audio/1"),
    }


def test_all_that_is_closed_looks_the_same(client, share):
    answers = {
        name: client.get(address) for name, address in closed_ways(share).items()
    }
    Share.objects.update(expires_at=timezone.now())
    answers["expired"] = client.get(f"/shared/{TOKEN}")
    Share.objects.update(
        expires_at=timezone.now() + timedelta(days=1), revoked_at=timezone.now()
    )
    answers["revoked"] = client.get(f"/shared/{TOKEN}")

    def seen(response):
        headers = {
            k: v for k, v in response.items() if k not in {"X-Request-Id", "Expires"}
        }
        return response.status_code, body(response), headers, dict(response.cookies)

    expected = seen(answers.pop("unknown link"))
    assert expected[0] == 404
    assert {name for name, one in answers.items() if seen(one) != expected} == set()


@pytest.mark.parametrize("end", ["expired", "revoked", "another link"])
@pytest.mark.parametrize("rest", ["", "/1", "/1/audio/1"])
def test_open_pages_close_at_once(reader, share, session, end, rest):
    change = {
        "expired": {"expires_at": timezone.now()},
        "revoked": {"revoked_at": timezone.now()},
        "another link": {"token_hash": hash_of("another")},
    }
    give_call_recording(session)
    assert reader.get(url(share, rest)).status_code == 200

    Share.objects.filter(pk=share.pk).update(**change[end])

    assert reader.get(url(share, rest)).status_code == 404


def test_cookie_of_one_share_opens_no_other(reader, share, vacancy):
    other = ShareFactory(vacancy=vacancy, sessions=list(vacancy.sessions.all()))
    mine = reader.cookies[f"share-{share.key.hex}"].value
    reader.cookies[f"share-{other.key.hex}"] = mine

    assert reader.get(url(other)).status_code == 404
    assert reader.get(url(share)).status_code == 200


@pytest.mark.parametrize("kept", ["", "x", ":", "x:y", "é"])
def test_made_up_cookie_opens_nothing(client, share, kept):
    client.cookies[f"share-{share.key.hex}"] = kept

    assert client.get(url(share)).status_code == 404


def test_cookie_survives_a_change_of_the_secret_key(reader, share, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"

    assert reader.get(url(share)).status_code == 200


# What is shown


def test_list_names_each_interview_and_how_far_it_came(reader, share):
    text = body(reader.get(url(share), headers={"accept-language": "en"})).decode()

    assert [NAME in text, "Not finished yet" in text, "1 of 3 questions" in text] == [
        True,
        True,
        True,
    ]
    assert "Not started yet" in text
    assert share.recipient not in text


def test_interview_holds_what_was_asked_and_answered(reader, share, session):
    text = body(reader.get(url(share, "/1"))).decode()

    for question in session.vacancy.questions.all():
        assert question.text in text
    assert text.count("пишите Инне на") == 3


@pytest.mark.parametrize("language", ["en", "ru"])
def test_page_speaks_the_readers_language(reader, share, language):
    response = reader.get(url(share), headers={"accept-language": language})

    assert f'<html lang="{language}">' in body(response).decode()


def test_pages_are_private(reader, share, session):
    give_call_recording(session)

    for rest in ("", "/1", "/1/audio/1"):
        response = reader.get(url(share, rest))
        assert "no-store" in response["Cache-Control"]
        assert response["X-Robots-Tag"] == "noindex, nofollow"
        assert response["Referrer-Policy"] == "same-origin"
        assert "unsafe" not in response.headers.get("Content-Security-Policy", "")


def test_nothing_of_the_teams_own_is_shown(reader, share, session):
    secrets = share_secrets(session, share)

    for rest in ("", "/1", "/2"):
        text = body(reader.get(url(share, rest))).decode()
        assert [secret for secret in secrets if secret in text] == []


def share_secrets(session, share):
    """Give the interview what is the team's alone, and return the words of it."""
    user = share.created_by
    review = session.reviews.create(
        reviewer=user,
        comment="team-comment",
        recommendation="strong_no",
        saved_at=timezone.now(),
    )
    question = session.vacancy.questions.first()
    review.ratings.create(question=question, mark=1, note="team-note")
    session.moments.create(
        question=question, author=user, quote="q", note="team-moment"
    )
    session.decisions.create(outcome="rejected", reason="team-reason", decided_by=user)
    session.feedback.create(share=share, name="team-friend", comment="team-opinion")
    return [
        "team-",
        user.email,
        share.recipient,
        str(session.pk),
        session.get_absolute_url(),
        "/admin/",
    ]


def test_hidden_names_are_nowhere(reader, share, session):
    hide_names(share)
    give_call_recording(session)
    take = own_recording(session, 2)

    pages = [
        reader.get(url(share, rest)) for rest in ("", "/1", "/1/audio/1", "/1/audio/2")
    ]

    secrets = [
        NAME, "Инна", "Ларина", "Инне", "inna", EMAIL,
        str(session.pk), session.pk.hex, str(take.pk), "conv_a",
        f'"{session.candidate_id}"', f"/{session.candidate_id}/",
    ]  # fmt: skip
    for response in pages:
        assert response.status_code == 200
        sent = (
            body(response).decode("latin-1").encode("latin-1").decode(errors="ignore")
        )
        sent += str(response.headers) + str(response.cookies)
        assert [secret for secret in secrets if secret in sent] == []
    assert "███" in body(reader.get(url(share, "/1"))).decode()


def test_hidden_names_are_numbers_as_stored(reader, share):
    hide_names(share)

    text = body(reader.get(url(share), headers={"accept-language": "en"})).decode()

    assert text.index("Candidate 1") < text.index("Candidate 2")
    assert "the voice" in text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cancelled_at": timezone.now()}, "The interview was cancelled"),
        ({"expires_at": timezone.now()}, "Not held: its time is over"),
        ({}, "Not started yet"),
    ],
)
def test_interview_that_was_not_held_says_so(reader, share, change, said):
    row = share.rows.get(number=2)
    InterviewSession.objects.filter(pk=row.session_id).update(**change)

    response = reader.get(url(share, "/2"), headers={"accept-language": "en"})

    assert said in body(response).decode()
    assert "There are no answers to read." in body(response).decode()


def test_rows_that_are_gone_leave_the_rest(reader, share, session):
    session.answers.all().delete()
    Candidate.objects.filter(pk=session.candidate_id).update(name=" ")
    share.rows.get(number=2).session.delete()

    listed = body(reader.get(url(share), headers={"accept-language": "en"})).decode()

    assert "Candidate 1" in listed
    assert reader.get(url(share, "/1")).status_code == 200
    assert reader.get(url(share, "/2")).status_code == 404
    session.delete()
    assert reader.get(url(share)).status_code == 200


@pytest.mark.parametrize("number", [0, 3, 99999999999999999999])
@pytest.mark.parametrize("rest", ["", "/audio/1"])
def test_foreign_number_is_not_there(reader, share, number, rest):
    assert reader.get(url(share, f"/{number}{rest}")).status_code == 404


@pytest.mark.parametrize("row_count", [1, 3])
def test_list_has_constant_queries(
    client, vacancy, django_assert_num_queries, row_count
):
    sessions = [SessionFactory(started=True, vacancy=vacancy) for _ in range(row_count)]
    share = ShareFactory(vacancy=vacancy, sessions=sessions, token_hash=hash_of(TOKEN))
    client.get(f"/shared/{TOKEN}")

    # The share, the view and its line of the log (with their savepoints), the company,
    # the rows and their interviews.
    with django_assert_num_queries(LIST_QUERIES):
        assert client.get(url(share)).status_code == 200


LIST_QUERIES = 8


# Recordings


def give_call_recording(session, position=1):
    call = CallFactory(conversation=ConversationFactory(id="conv_a", session=session))
    recordings.save(call, ContentFile(AUDIO))
    question = session.vacancy.questions.all()[position - 1]
    session.answers.update_or_create(
        question=question,
        defaults={
            "answer_audio_url": "/recordings/conv_a#t=3,14.5",
            "answered": True,
            "answer_text": SAID,
            "channel": Channel.AGENT,
            "timestamp": timezone.now(),
        },
    )


def own_recording(session, position, **fields):
    question = session.vacancy.questions.all()[position - 1]
    take = TakeFactory(session=session, question=question, parts=[[AUDIO]])
    take.file.save(f"takes/{take.pk}.webm", ContentFile(AUDIO), save=False)
    take.state, take.content_type = TakeState.READY, "audio/webm"
    for name, value in fields.items():
        setattr(take, name, value)
    take.save()
    ProgressFactory(
        session=session,
        question=question,
        answer_text="",
        channel=Channel.SPOKEN,
        answer_audio_url=take_url(take.pk),
    )
    return take


def test_recordings_of_calls_and_of_pages_are_heard(reader, share, session):
    give_call_recording(session)
    own_recording(session, 2)

    text = body(reader.get(url(share, "/1"))).decode()
    answers = [reader.get(url(share, f"/1/audio/{place}")) for place in (1, 2)]

    assert f'src="{url(share, "/1/audio/1#t=3,14.5")}"' in text
    assert f'src="{url(share, "/1/audio/2")}"' in text
    assert [body(answer) for answer in answers] == [AUDIO, AUDIO]
    assert {answer["Content-Disposition"] for answer in answers} == {"inline"}


def test_a_stretch_of_a_recording_is_sent(reader, share, session):
    give_call_recording(session)

    response = reader.get(url(share, "/1/audio/1"), headers={"range": "bytes=2-4"})

    assert (response.status_code, body(response)) == (206, AUDIO[2:5])


def set_audio(session, address):
    session.answers.filter(question=session.vacancy.questions.first()).update(
        answer_audio_url=address
    )


@pytest.mark.parametrize("kind", ["call", "take"])
def test_recording_of_another_interview_is_never_played(reader, share, session, kind):
    """The address of a recording is whatever the voice agent sent."""
    other = SessionFactory(started=True)
    if kind == "call":
        give_call_recording(other)
        set_audio(session, "/recordings/conv_a")
    else:
        set_audio(session, take_url(own_recording(other, 1).pk))

    assert reader.get(url(share, "/1/audio/1")).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://audio.example.com/1.mp3",
        "/admin/",
        "//x",
        "javascript:1",
        "/recordings/no",
    ],
)
def test_recording_kept_elsewhere_is_not_led_to(reader, share, session, address):
    set_audio(session, address)

    text = body(reader.get(url(share, "/1"))).decode()

    assert reader.get(url(share, "/1/audio/1")).status_code == 404
    assert "example.com/1" not in text
    assert "javascript" not in text


@pytest.mark.parametrize("state", [TakeState.CLOSED, TakeState.UNREADABLE])
def test_recording_that_cannot_be_played_is_said_to_be_so(
    reader, share, session, state
):
    own_recording(session, 2, state=state)

    text = body(
        reader.get(url(share, "/1"), headers={"accept-language": "en"})
    ).decode()

    assert "<audio" not in text
    assert "The recording cannot be heard here." in text


# Who looked


def test_each_look_is_kept(reader, share, session):
    give_call_recording(session)

    for rest in ("", "/1", "/1/audio/1"):
        reader.get(url(share, rest), REMOTE_ADDR="192.0.2.7")
        reader.head(url(share, rest))

    assert views(share) == [
        (None, None, "192.0.2.7"),
        (session.pk, None, "192.0.2.7"),
        (session.pk, 1, "192.0.2.7"),
    ]
    actor, detail = f"shared link {share.pk}", f"share={share.pk}"
    rows = AuditEvent.objects.order_by("id").values_list(
        "action", "actor", "object_type", "object_id", "vacancy_id", "detail"
    )
    vacancy, key = share.vacancy_id, str(session.pk)
    assert list(rows) == [
        (AuditAction.VIEWED, actor, "reviews.share", str(share.pk), vacancy, detail),
        (AuditAction.VIEWED, actor, "interviews.interviewsession", key, vacancy, detail),
        (
            AuditAction.LISTENED, actor, "interviews.interviewsession", key, vacancy,
            f"{detail} answer=1",
        ),
    ]  # fmt: skip


def test_listening_counts_once_however_often_the_player_asks(reader, share, session):
    give_call_recording(session)

    for first in (0, 100, 0):
        reader.get(url(share, "/1/audio/1"), headers={"range": f"bytes={first}-"})
    share.views.update(at=timezone.now() - timedelta(minutes=11))
    reader.get(url(share, "/1/audio/1"), headers={"range": "bytes=100-"})

    assert [position for _, position, _ in views(share)] == [1, 1]


def test_what_is_refused_counts_for_nothing(reader, share):
    reader.get(url(share, "/7"))
    reader.get(url(share, "/1/audio/3"))

    assert views(share) == []


# What they think

OPINION = {"name": "Ольга", "recommendation": "yes", "comment": "Спокойно 👍"}


def opinions():
    rows = ShareFeedback.objects.order_by("pk")
    return list(rows.values_list("session", "name", "recommendation", "comment"))


def test_opinion_is_kept_and_thanked_for(reader, share, session):
    response = reader.post(url(share, "/1"), OPINION)

    assert response.status_code == 302
    assert response["Location"] == url(share, "/1?thanks#opinion")
    assert opinions() == [(session.pk, "Ольга", "yes", "Спокойно 👍")]
    text = body(reader.get(url(share, "/1?thanks"), headers={"accept-language": "en"}))
    assert "Thank you" in text.decode()
    assert "Спокойно" not in text.decode()


def test_opinion_sent_twice_is_one_and_a_changed_mind_another(reader, share, session):
    for comment in ("a", "a", "b", "a"):
        reader.post(url(share, "/1"), OPINION | {"comment": comment})

    assert [comment for *_, comment in opinions()] == ["a", "b", "a"]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"name": " "}, "Please write your name"),
        ({"name": "я" * 201}, "This is too long"),
        ({"comment": "я" * 5001}, "This is too long"),
        ({"comment": "a\x00b"}, "Null characters are not allowed."),
        ({"name": "a\x00b"}, "Null characters are not allowed."),
        ({"recommendation": "perhaps"}, "Select a valid choice"),
        ({"recommendation": "", "comment": " \n"}, "Please choose what you would do"),
    ],
)
def test_opinion_that_cannot_be_taken_is_shown_again(reader, share, change, complaint):
    sent = OPINION | change

    response = reader.post(url(share, "/1"), sent, headers={"accept-language": "en"})

    text = body(response).decode()
    assert response.status_code == 422
    assert complaint in text
    assert opinions() == []
    assert sent["comment"].strip()[:50] in text
    # It was shown, after all.
    assert len(views(share)) == 1


def test_longest_opinion_is_taken_with_a_browsers_line_ends(reader, share):
    comment = "я\r\n" * 2500

    assert (
        reader.post(url(share, "/1"), OPINION | {"comment": "x" + comment}).status_code
        == 302
    )
    assert len(opinions()[0][3]) == 5000


def test_opinions_come_to_an_end(reader, share, monkeypatch):
    monkeypatch.setattr("reviews.opinions.MOST_OPINIONS", 2)

    for number in range(3):
        response = reader.post(url(share, "/1"), OPINION | {"name": f"N{number}"})

    assert response.status_code == 422
    assert len(opinions()) == 2


def test_opinion_not_asked_for_is_refused(reader, share):
    Share.objects.update(asks_feedback=False)

    assert reader.post(url(share, "/1"), OPINION).status_code == 404
    assert "<form" not in body(reader.get(url(share, "/1"))).decode()
    assert opinions() == []


def test_opinion_of_what_was_not_held_is_neither_asked_for_nor_taken(reader, share):
    assert "<form" not in body(reader.get(url(share, "/2"))).decode()
    assert reader.post(url(share, "/2"), OPINION).status_code == 404
    assert opinions() == []


def test_opinion_after_the_end_is_refused(reader, share):
    revoke(share=share, user=share.created_by)

    assert reader.post(url(share, "/1"), OPINION).status_code == 404
    assert opinions() == []


def test_opinion_from_another_site_is_refused(share):
    strict = Client(enforce_csrf_checks=True)
    strict.get(f"/shared/{TOKEN}")

    assert strict.post(url(share, "/1"), OPINION).status_code == 403
    assert opinions() == []


# The log


def test_link_never_stands_in_the_log(client, share, caplog, monkeypatch):
    caplog.set_level("INFO")
    caplog.handler.setFormatter(JSONFormatter())
    client.raise_request_exception = False
    monkeypatch.setattr("reviews.sharing.share_of_token", lambda token: 1 / 0)

    client.get(f"/shared/{TOKEN}")

    assert "Internal Server Error: /shared/[link]" in caplog.text
    assert TOKEN not in caplog.text
