"""Events in the admin: the list, what came, and trying again."""

import json

import pytest
from django.urls import reverse

from accounts.models import AuditEvent, Role
from interviews.models import InterviewSession
from tests.factories import ConversationFactory, UserFactory, VoiceEventFactory
from tests.voice.deliveries import POISON, SECRET, report, signed
from voice.admin import content
from voice.models import EventSource, EventState, VoiceEvent
from voice.signatures import WRONG, Signature

pytestmark = pytest.mark.django_db

LIST = "/admin/voice/voiceevent/"
HOSTILE = "<script>alert(1)</script><img src=x x-on:click=alert(1)>{{ 7 }}"


def url(name, event):
    return reverse(f"admin:voice_voiceevent_{name}", args=[event.pk])


def holding(raw, **fields):
    return VoiceEventFactory(raw=raw, size=len(raw), **fields)


@pytest.fixture
def client_of(client):
    """Return a function that signs in somebody of a role."""

    def sign_in(role):
        is_superuser = role == Role.ADMINISTRATOR
        user = UserFactory(is_staff=True, role=role, is_superuser=is_superuser)
        client.force_login(user)
        return client

    return sign_in


# The list


@pytest.mark.parametrize("rows", [1, 3])
def test_list_has_constant_queries_and_reads_no_content(
    hr_client, django_assert_num_queries, rows
):
    for _ in range(rows):
        holding(b"x" * 10_000)

    with django_assert_num_queries(5) as queries:
        response = hr_client.get(LIST)

    assert len(response.context["cl"].result_list) == rows
    assert not any('"raw"' in query["sql"] for query in queries.captured_queries)


def test_list_tells_what_came_and_what_became_of_it(hr_client):
    holding(
        b"x" * 2048,
        kind="post_call_audio",
        conversation_id="conv_1",
        state=EventState.QUARANTINED,
        problem="No such conversation",
        source=EventSource.PULL,
    )

    html = hr_client.get(LIST).content.decode()

    for text in (
        "post_call_audio",
        "conv_1",
        "Could not be read",
        "No such conversation",
        "Fetched by Parley",
        "2.0\xa0KB",
    ):
        assert text in html


def test_problem_is_told_in_the_language_of_the_reader(hr_client, monkeypatch):
    texts = {WRONG: "Подпись не подходит."}
    monkeypatch.setattr(
        "voice.admin.events.gettext", lambda text: texts.get(text, text)
    )
    event = VoiceEventFactory(problem=WRONG)

    for page in (LIST, url("change", event)):
        assert "Подпись не подходит." in hr_client.get(page).content.decode()


def test_list_is_filtered_by_state_and_kind(hr_client):
    for state in EventState:
        VoiceEventFactory(state=state, kind=f"kind of {state}")

    for query in ("state__exact=rejected", "kind=kind+of+rejected"):
        shown = hr_client.get(f"{LIST}?{query}").context["cl"].result_list
        assert [event.state for event in shown] == ["rejected"], query


def test_list_is_searched_by_conversation(hr_client):
    VoiceEventFactory(conversation_id="conv_1")
    VoiceEventFactory(conversation_id="conv_2")

    shown = hr_client.get(f"{LIST}?q=conv_2").context["cl"].result_list

    assert [event.conversation_id for event in shown] == ["conv_2"]


@pytest.mark.parametrize("place", ["add/", "{pk}/delete/", "{pk}/change/"])
def test_nobody_adds_changes_or_deletes(hr_client, place):
    event = VoiceEventFactory()

    response = hr_client.post(LIST + place.format(pk=event.pk), {"post": "yes"})

    assert response.status_code == 403
    assert VoiceEvent.objects.count() == 1


def test_no_action_deletes(hr_client):
    VoiceEventFactory()

    html = hr_client.get(LIST).content.decode()

    assert "retry_selected" in html
    assert "delete_selected" not in html


# One event


def test_content_is_laid_out(hr_client):
    event = holding('{"type": "a", "data": {"имя": "Анна"}}'.encode())

    response = hr_client.get(url("change", event))

    expected = '{\n  "type": "a",\n  "data": {\n    "имя": "Анна"\n  }\n}'
    assert response.context["content"] == (expected, True)
    assert "Анна" in response.content.decode()


@pytest.mark.parametrize(
    "raw", [HOSTILE.encode(), json.dumps({HOSTILE: HOSTILE}).encode()]
)
def test_content_is_escaped(hr_client, raw):
    event = holding(raw, kind=HOSTILE[:50], conversation_id=HOSTILE, problem=HOSTILE)

    for page in (url("change", event), LIST):
        html = hr_client.get(page).content.decode()
        assert "&lt;script&gt;alert(1)" in html
        assert "<script>alert" not in html
        assert "<img src=x" not in html


@pytest.mark.parametrize("raw", POISON.values(), ids=POISON)
def test_anything_can_be_shown_and_downloaded(hr_client, raw):
    event = holding(raw)

    assert hr_client.get(url("change", event)).status_code == 200

    response = hr_client.get(url("download", event))
    assert response.content == raw
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == f'attachment; filename="{event.pk}.json"'


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b'{"a": "\\ud800"}', '{\n  "a": "\\ud800"\n}'),
        (b'{"a": "\\u0000"}', '{\n  "a": "\\u0000"\n}'),
        (b'{"a": NaN}', '{\n  "a": NaN\n}'),
        (b"\x00\x1b[1m\r\n\tabc", "��[1m�\n\tabc"),
        (b"abc\xff", "abc�"),
        ("\u202egnp.exe".encode(), "�gnp.exe"),
        ('"\u202egnp.exe"'.encode(), '"�gnp.exe"'),
        (b"", ""),
    ],
)
def test_what_a_page_cannot_show_is_replaced(raw, text):
    assert content.content_of(holding(raw)) == (text, True)


def test_long_content_is_cut(monkeypatch):
    monkeypatch.setattr(content, "READ_BYTES", 100)
    monkeypatch.setattr(content, "SHOWN_CHARACTERS", 50)

    # The whole, too long for the page; too long to be read; nothing but text.
    assert content.content_of(holding(b'"%s"' % (b"a" * 80))) == ('"' + "a" * 49, False)
    assert content.content_of(holding(b'{"a": "%s"}' % (b"a" * 99))) == (
        '{"a": "' + "a" * 43,
        False,
    )
    assert content.content_of(holding(b"a" * 50)) == ("a" * 50, True)


def test_deep_nesting_does_not_grow_beyond_the_page():
    nested = b"[" * 900 + b"1," * 100_000 + b"1" + b"]" * 900

    shown = content.content_of(holding(nested))

    assert len(shown.text) == content.SHOWN_CHARACTERS
    assert not shown.is_whole
    # Some 180 MB, were it laid out to its end.
    assert len(content.laid_out_json(nested)) < content.SHOWN_CHARACTERS + 10_000


def test_page_reads_the_beginning_of_a_recording_only(
    hr_client, django_capture_on_commit_callbacks, django_assert_max_num_queries
):
    event = holding(b"x" * (content.READ_BYTES + 10))

    with django_assert_max_num_queries(10) as queries:
        hr_client.get(url("change", event))

    whole = [
        q["sql"] for q in queries.captured_queries if '"voice_event"."raw"' in q["sql"]
    ]
    assert [sql.count("substring(") for sql in whole] == [1]


def test_event_leads_to_its_interview(hr_client):
    conversation = ConversationFactory()
    event = VoiceEventFactory(conversation_id=conversation.pk)
    link = reverse(
        "admin:interviews_interviewsession_change", args=[conversation.session_id]
    )

    assert link in hr_client.get(url("change", event)).content.decode()
    assert InterviewSession.objects.count() == 1


def test_reading_an_event_is_a_line_of_the_log(hr_client):
    event = VoiceEventFactory()

    hr_client.get(url("change", event))
    hr_client.get(url("download", event))

    lines = AuditEvent.objects.filter(object_id=event.pk).order_by("pk")
    assert list(lines.values_list("action", flat=True)) == ["viewed", "exported"]


# Trying again


def refused(raw, secret):
    header = Signature.parse(signed(raw, secret=secret, age=100_000))
    return holding(raw, state=EventState.REJECTED, problem=WRONG, signature=str(header))


def texts(response):
    return [str(message) for message in response.context["messages"]]


def test_selected_events_are_tried_again(hr_client, queued, webhook_secret):
    unread = VoiceEventFactory(state=EventState.QUARANTINED, problem="Not JSON")
    mended = refused(report("conv_1"), SECRET)
    wrong = refused(report("conv_2"), "still wrong")
    done = VoiceEventFactory(state=EventState.PROCESSED)
    selected = [event.pk for event in (unread, mended, wrong, done)]

    response = hr_client.post(
        LIST,
        {"action": "retry_selected", "_selected_action": selected},
        follow=True,
    )

    assert queued() == [unread.pk, mended.pk]
    states = dict(VoiceEvent.objects.values_list("pk", "state"))
    assert [states[pk] for pk in selected] == [
        *[EventState.RECEIVED] * 2,
        EventState.REJECTED,
        EventState.PROCESSED,
    ]
    assert texts(response) == [
        "2 events will be read again in a moment.",
        "2 events stay as they are: they are processed already, or were signed with "
        "none of the configured secrets.",
    ]


def test_event_is_tried_again_from_its_page(hr_client, queued):
    event = VoiceEventFactory(state=EventState.QUARANTINED, problem="Not JSON")
    assert url("retry", event) in hr_client.get(url("change", event)).content.decode()

    response = hr_client.post(url("retry", event), follow=True)

    assert response.redirect_chain == [(url("change", event), 302)]
    assert texts(response) == ["1 event will be read again in a moment."]
    assert queued() == [event.pk]
    history = hr_client.get(url("history", event))
    assert "Retried" in history.content.decode()


def test_processed_event_is_not_offered_again(hr_client):
    event = VoiceEventFactory(state=EventState.PROCESSED)

    html = hr_client.get(url("change", event)).content.decode()

    assert url("retry", event) not in html


def test_following_a_link_tries_nothing(hr_client, queued):
    event = VoiceEventFactory(state=EventState.QUARANTINED)

    assert hr_client.get(url("retry", event)).status_code == 405

    assert queued() == []


@pytest.mark.parametrize("name", ["download", "retry"])
def test_unknown_event_is_404(hr_client, name):
    method = hr_client.post if name == "retry" else hr_client.get

    assert method(f"{LIST}1/{name}/").status_code == 404
    assert method(f"{LIST}x/{name}/").status_code == 404


# Rights


def statuses(client, event):
    calls = {
        "list": client.get(LIST),
        "page": client.get(url("change", event)),
        "download": client.get(url("download", event)),
        "retry": client.post(url("retry", event)),
    }
    return {name: response.status_code for name, response in calls.items()}


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.REVIEWER, [403, 403, 403, 403]),
        (Role.RECRUITER, [403, 403, 403, 403]),
        (Role.AUDITOR, [200, 200, 200, 403]),
        (Role.ADMINISTRATOR, [200, 200, 200, 302]),
    ],
)
def test_rights(client_of, queued, role, expected):
    event = VoiceEventFactory(state=EventState.QUARANTINED)

    assert list(statuses(client_of(role), event).values()) == expected

    assert len(queued()) == (expected[-1] == 302)


def test_who_may_only_see_is_offered_nothing(client_of, queued):
    event = VoiceEventFactory(state=EventState.QUARANTINED)
    client = client_of(Role.AUDITOR)

    assert "retry_selected" not in client.get(LIST).content.decode()
    assert url("retry", event) not in client.get(url("change", event)).content.decode()

    client.post(LIST, {"action": "retry_selected", "_selected_action": [event.pk]})
    assert queued() == []


@pytest.mark.parametrize(
    ("role", "shown"), [(Role.AUDITOR, True), (Role.RECRUITER, False)]
)
def test_menu_leads_there_who_may_go(client_of, role, shown):
    html = client_of(role).get("/admin/").content.decode()

    assert (f'href="{LIST}"' in html) is shown
    assert ('href="/admin/voice/voiceevent/health/"' in html) is shown
