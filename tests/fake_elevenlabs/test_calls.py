"""Calls: the agent works by the configuration that it was given."""

import base64
import json
from array import array

from tests.fake_elevenlabs.candidate import LEAVE
from tests.fake_elevenlabs.portal import (
    ANSWERS,
    CLOSING,
    QUESTIONS,
    SESSION,
    call,
    the_conversation,
    words_of,
)
from tests.fake_elevenlabs.speech import BYTES_PER_SECOND, ToneSpeaker


def test_agent_interviews_by_the_tools_it_was_given(fake, sdk, portal):
    held = call(fake, sdk, portal)

    session, headers = portal.calls[0][1:]
    assert portal.handed_in == [(1, "In Riga."), (2, "I bake."), (3, "For the bread.")]
    assert [name for name, *_ in portal.calls] == [
        "next",
        "answer",
        "answer",
        "answer",
        "end",
    ]
    assert portal.calls[-1] == ("end", "s-1", {"reason": "completed"})
    assert session == "s-1"
    assert headers["Authorization"] == "Bearer agent-key"
    assert headers["X-Session-Token"] == "t-1"
    assert headers["X-Conversation-Id"] == the_conversation(fake).id
    assert held.said == ["Hello Anna.", *QUESTIONS, CLOSING]
    assert held.events[0]["type"] == "conversation_initiation_metadata"
    assert (
        held.of("agent_tool_response")[-1]["agent_tool_response"]["tool_name"]
        == "end_call"
    )
    audio = held.of("audio")[0]["audio_event"]["audio_base_64"]
    assert 0 < max(array("h", base64.b64decode(audio))) < 2000
    assert held.code == 1000


def test_conversation_remains_as_the_vendor_shows_it(fake, sdk, portal):
    call(fake, sdk, portal)

    read = sdk.conversational_ai.conversations.get(the_conversation(fake).id)
    spoken = [(turn.role, turn.message) for turn in read.transcript if turn.message]
    tool_turns = [turn for turn in read.transcript if not turn.message]
    asked, answered = tool_turns[0].tool_calls[0], tool_turns[1].tool_results[0]
    given = tool_turns[2].tool_calls[0]
    seconds = [turn.time_in_call_secs for turn in read.transcript]
    dialogue = [
        pair
        for each in ANSWERS.items()
        for pair in zip(["agent", "user"], each, strict=True)
    ]
    assert spoken == [("agent", "Hello Anna."), *dialogue, ("agent", CLOSING)]
    assert (asked.tool_name, asked.type, asked.tool_details.method) == (
        "interview_next",
        "webhook",
        "GET",
    )
    assert asked.tool_details.headers == {
        "X-Session-Token": "<redacted>",
        "X-Conversation-Id": read.conversation_id,
        "Authorization": "<redacted>",
    }
    assert answered.is_error is False
    assert json.loads(answered.result_value)["questionId"] == 1
    assert answered.dynamic_variable_updates[0].new_value == "1"
    assert json.loads(given.params_as_json) == {"answerText": "In Riga."}
    assert json.loads(given.tool_details.body) == {
        "questionId": 1,
        "answerText": "In Riga.",
    }
    assert seconds == sorted(seconds)
    assert 0 < seconds[-1] <= read.metadata.call_duration_secs
    assert read.metadata.termination_reason == "end_call tool was called."
    assert (read.metadata.error, read.metadata.main_language) == (None, "en")
    assert (read.status, read.analysis.call_successful) == ("done", "success")
    variables = read.conversation_initiation_client_data.dynamic_variables
    assert variables["session_id"] == "s-1"
    assert variables["secret__session_token"] == "<redacted>"
    assert variables["system__conversation_id"] == read.conversation_id
    source = read.conversation_initiation_client_data.source_info
    assert (source.source, read.metadata.authorization_method) == (
        "widget",
        "signed_url",
    )


def test_speech_is_recognised_as_the_test_says(fake, sdk, portal):
    fake.spoken_answers = {1: "one", 2: "two", 3: "three"}.get
    beep = ToneSpeaker().tone

    held = call(
        fake, sdk, portal, reply=lambda said: beep if said in QUESTIONS else None
    )

    heard = [
        event["user_transcription_event"]["user_transcript"]
        for event in held.of("user_transcript")
    ]
    assert heard == ["one", "two", "three"]
    assert portal.answers == {1: "one", 2: "two", 3: "three"}


def test_silence_is_no_answer(fake, sdk, portal):
    patience = {"turn": {"turn_timeout": 0.2, "silence_end_call_timeout": 0.2}}

    held = call(
        fake,
        sdk,
        portal,
        reply=lambda said: bytes(BYTES_PER_SECOND) if said in QUESTIONS else None,
        by_hand=patience,
    )

    assert held.said == ["Hello Anna.", QUESTIONS[0]]
    assert (held.code, portal.answers) == (1000, {})


def test_agent_asks_whether_anybody_is_there(fake, sdk, portal):
    replies = {"Are you still there? Take your time.": LEAVE}

    held = call(
        fake,
        sdk,
        portal,
        reply=replies.get,
        by_hand={"turn": {"turn_timeout": 0.2}},
    )

    assert held.said[1:] == [QUESTIONS[0], "Are you still there? Take your time."]
    assert (
        the_conversation(fake).metadata["termination_reason"]
        == "Client disconnected: 1000"
    )


def test_call_ends_at_its_longest(fake, sdk, portal):
    config = {
        "conversation": {"max_duration_seconds": 0.3},
        "agent": {"max_conversation_duration_message": "Our time is up."},
    }

    held = call(fake, sdk, portal, reply=lambda said: None, by_hand=config)

    assert held.said[-1] == "Our time is up."
    assert held.of("error")[0]["error_event"]["error_type"] == "max_duration_exceeded"


def test_other_language_speaks_its_preset(fake, sdk, portal):
    said = {"first_message": "Здравствуйте, {{candidate_name}}."}
    preset = {"overrides": {"agent": said | {"prompt": {"prompt": "О {{topic}}."}}}}
    setup = {"config": {"language_presets": {"ru": preset}}}
    russian = {"setup": setup, "language": "ru"}

    refused = call(fake, sdk, portal, **russian)
    held = call(fake, sdk, portal, variables=SESSION | {"topic": "хлебе"}, **russian)

    assert refused.reason == "Missing required dynamic variables in prompt: {'topic'}"
    assert held.said[0] == "Здравствуйте, Anna."
    conversation = list(fake.conversations.values())[-1]
    assert conversation.metadata["main_language"] == "ru"


def test_agent_may_wait_until_the_candidate_is_ready(fake, sdk, portal):
    fake.awaits_readiness = True

    call(fake, sdk, portal, reply=(ANSWERS | {"Hello Anna.": "Yes."}).get)

    assert words_of(the_conversation(fake))[:3] == ["Hello Anna.", "Yes.", QUESTIONS[0]]
    assert portal.handed_in[0] == (1, "In Riga.")


def test_text_only_call_has_no_audio_at_all(fake, sdk, portal):
    held = call(fake, sdk, portal, text_only=True)

    assert held.of("audio") == []
    assert len(portal.answers) == 3
    assert fake.conversation_payload(the_conversation(fake).id)["has_audio"] is False
    assert [event["type"] for event in portal.events()] == ["post_call_transcription"]


def test_page_gets_only_the_events_it_was_configured_for(fake, sdk, portal):
    events = {"conversation": {"client_events": ["agent_response"]}}

    held = call(fake, sdk, portal, setup={"config": events})

    kinds = {event["type"] for event in held.events}
    assert kinds == {"conversation_initiation_metadata", "ping", "agent_response"}
    assert held.code == 1000


def test_agent_without_end_call_just_falls_silent(fake, sdk, portal):
    config = {
        "agent": {"prompt": {"built_in_tools": {"end_call": None}}},
        "turn": {"silence_end_call_timeout": 0.1},
    }

    held = call(fake, sdk, portal, setup={"config": config})

    assert (
        held.of("agent_tool_response")[-1]["agent_tool_response"]["tool_name"]
        == "interview_end"
    )
    assert (
        the_conversation(fake).metadata["termination_reason"]
        == "Call ended after a long silence."
    )


def test_refusal_steers_the_agent_only_if_it_is_passed_through(fake, sdk, portal):
    portal.refuse_next = True
    call(fake, sdk, portal)
    told = list(portal.answers)

    portal.answers, portal.refuse_next = {}, True
    hidden = {"changes": {"tool_error_handling_mode": "auto"}}
    held = call(fake, sdk, portal, setup=hidden)

    assert told == [1, 2, 3]
    assert portal.answers == {}
    assert (
        held.said[-1] == "I am sorry, something does not work. Please try again later."
    )


def test_tool_whose_variable_makes_no_sense_is_not_called(fake, sdk, portal):
    """No assignment keeps the question's id: it is still what the page began with."""
    held = call(
        fake,
        sdk,
        portal,
        setup={"changes": {"assignments": []}},
        variables=SESSION | {"current_question_id": "none"},
    )

    failed = held.of("agent_tool_response")[1]["agent_tool_response"]
    assert portal.handed_in == []
    assert (failed["is_error"], failed["is_called"]) == (True, False)
    assert held.said[-1].startswith("I am sorry")
