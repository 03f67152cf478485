"""Reading the vendor's events, whatever they are like."""

import base64
import json

import pytest

from tests.voice.records import STARTED_AT, record, turn
from voice.models import Speaker
from voice.transcripts import (
    Said,
    Unreadable,
    read,
    read_call,
    read_recording,
)


def envelope(data, kind="post_call_transcription"):
    return json.dumps({"type": kind, "data": data}).encode()


def turns_of(*said):
    return read_call(record("conv_a", *said)).turns


# The envelope


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", "The event is not JSON."),
        (b"\xff\x00\x12", "The event is not JSON."),
        (b"{", "The event is not JSON."),
        (b"[" * 100_000, "The event is nested too deeply."),
        (b'{"data":' + b'{"a":' * 100_000, "The event is nested too deeply."),
        (b"[]", "The event is not a JSON object."),
        (b"NaN", "The event is not a JSON object."),
        (b"9" * 5000, "The event is not a JSON object."),
        (b"{}", "The event does not say what it is."),
        (b'{"type": 5, "data": {}}', "The event does not say what it is."),
        (b'{"type": "x"}', "The event has no data."),
        (b'{"type": "x", "data": [1]}', "The event has no data."),
    ],
    ids=lambda value: repr(value[:20]),
)
def test_what_is_no_event_is_said_in_words(raw, problem):
    with pytest.raises(Unreadable) as caught:
        read(raw)

    assert str(caught.value) == problem


@pytest.mark.parametrize(
    "beside",
    [
        '"\\u0000"',
        '"\\ud800"',
        "NaN",
        "-Infinity",
        "1e400",
        "9" * 5000,
        "-" + "9" * 5000,
    ],
    ids=lambda value: value[:10],
)
def test_one_bad_value_beside_does_not_cost_the_rest(beside):
    raw = b'{"type": "x", "data": {"bad": %s, "good": 5}}' % beside.encode()

    assert read(raw).data["good"] == 5


def test_bytes_that_are_no_utf8_are_replaced():
    assert read(b'\xef\xbb\xbf{"type": "x", "data": {"a": "\xff"}}').data == {
        "a": "\ufffd"
    }


# A call


def test_a_whole_record():
    data = record(
        "conv_a",
        ("agent", "Hello"),
        ("me", "Hi"),
        ("tool", "save_answer"),
        has_audio=True,
        conversation_initiation_client_data={"dynamic_variables": {"session_id": "5"}},
    )

    assert read_call(read(envelope(data)).data)._asdict() == {
        "conversation_id": "conv_a",
        "is_over": True,
        "has_failed": False,
        "turns": [
            Said(Speaker.AGENT, "Hello", 0),
            Said(Speaker.CANDIDATE, "Hi", 10),
            Said(Speaker.TOOL, "save_answer", 20),
        ],
        "started_at": STARTED_AT,
        "duration_seconds": 30,
        "end_reason": "end_call tool was called.",
        "has_audio": True,
        "named_session": "5",
    }


def test_the_least_that_a_record_can_be():
    assert read_call({"conversation_id": "conv_a"})._asdict() == {
        "conversation_id": "conv_a",
        "is_over": True,
        "has_failed": False,
        "turns": [],
        "started_at": None,
        "duration_seconds": None,
        "end_reason": "",
        "has_audio": False,
        "named_session": "",
    }


@pytest.mark.parametrize(
    ("status", "is_over", "has_failed"),
    [
        ("initiated", False, False),
        ("in-progress", False, False),
        ("processing", False, False),
        ("done", True, False),
        ("failed", True, True),
    ],
)
def test_status(status, is_over, has_failed):
    found = read_call({"conversation_id": "conv_a", "status": status})

    assert (found.is_over, found.has_failed) == (is_over, has_failed)


@pytest.mark.parametrize("bad", [None, 5, "", [], {}])
def test_a_record_without_its_id_is_no_record(bad):
    with pytest.raises(Unreadable, match="names no conversation"):
        read_call({"conversation_id": bad})


@pytest.mark.parametrize("bad", [5, "text", {"a": 1}])
def test_a_transcript_is_a_list(bad):
    with pytest.raises(Unreadable, match="not a list"):
        read_call({"conversation_id": "conv_a", "transcript": bad})


@pytest.mark.parametrize("bad", [None, 5, "x", [], [[]], True])
def test_parts_of_another_type_are_as_if_absent(bad):
    data = {
        "conversation_id": "conv_a",
        "status": bad,
        "metadata": bad,
        "has_audio": 1,
        "conversation_initiation_client_data": bad,
        "transcript": [bad, {"role": bad, "message": bad, "tool_calls": bad}],
    }

    assert read_call(data) == read_call({"conversation_id": "conv_a"})


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        (7, 7),
        (7.9, 7),
        (-3, 0),
        (10**17, 604_800),
        (float("inf"), 604_800),
        (float("nan"), 5),
        (None, 5),
        ("7", 5),
        (True, 5),
    ],
)
def test_a_time_that_is_none_is_that_of_the_turn_before(given, seconds):
    found = turns_of(turn("me", "One", 5), turn("me", "Two", given))

    assert [said.seconds for said in found] == [5, seconds]


@pytest.mark.parametrize("start", [None, "soon", 0, -5, float("nan")])
def test_a_start_that_is_none(start):
    data = record("conv_a", metadata={"start_time_unix_secs": start})

    assert read_call(data).started_at is None


def test_a_start_beyond_all_calendars_is_kept_within():
    data = record("conv_a", metadata={"start_time_unix_secs": 10**17})

    assert read_call(data).started_at.year == 2100


def test_why_a_call_ended():
    error = {"error": {"code": 1002, "reason": "x" * 300}, "termination_reason": None}

    assert read_call(record("conv_a", metadata=error)).end_reason == "x" * 200


# Turns


def test_characters_that_cannot_be_stored_are_replaced():
    assert turns_of(("me", "a\0b\ud800c\U0001f600")) == [
        Said(Speaker.CANDIDATE, "a\ufffdb\ufffdc\U0001f600", 0)
    ]


def test_listening_noises_are_left_out():
    assert turns_of(turn("me", "mhm", 1, ignored_as_backchannel=True)) == []


def test_turns_without_words_are_left_out():
    assert turns_of(("me", None), ("me", " \n"), ("agent", "")) == []


def test_speaking_and_acting_in_one_turn_are_two():
    both = turn(
        "agent", "Thanks.", 3, tool_calls=[{"tool_name": "a"}, {"tool_name": "b"}]
    )

    assert turns_of(both) == [
        Said(Speaker.AGENT, "Thanks.", 3),
        Said(Speaker.TOOL, "a", 3),
        Said(Speaker.TOOL, "b", 3),
    ]


@pytest.mark.parametrize("bad", [5, [5], [{}], [{"tool_name": None}]])
def test_tool_calls_without_a_name_are_left_out(bad):
    assert turns_of(turn("agent", None, 3, tool_calls=bad)) == []


# A recording


def test_a_recording():
    assert read_recording({"full_audio": base64.b64encode(b"mp3").decode()}) == b"mp3"


@pytest.mark.parametrize("bad", [None, 5, "", "YQ", "YQ==!", "ÿ", "YQ==\n\n!"])
def test_a_damaged_recording(bad):
    with pytest.raises(Unreadable):
        read_recording({"full_audio": bad})


@pytest.mark.parametrize(
    ("tool_call", "question_id"),
    [
        ({"tool_details": {"body": '{"questionId": "5"}'}}, 5),
        ({"tool_details": {"body": {"questionId": 5}}}, 5),
        ({"params_as_json": '{"questionId": 5}'}, 5),
        ({"tool_details": {"body": '{"questionId": "6"}'}, "params_as_json": "{"}, 6),
        ({}, None),
        ({"tool_details": {"body": "no JSON"}, "params_as_json": None}, None),
        ({"params_as_json": '{"questionId": "none"}'}, None),
        ({"params_as_json": '{"questionId": true}'}, None),
        ({"params_as_json": '{"questionId": -5}'}, None),
        ({"params_as_json": '{"questionId": "9999999999999999999"}'}, None),
        ({"params_as_json": "[" * 100_000}, None),
    ],
)
def test_saved_question_is_read_from_what_was_sent(tool_call, question_id):
    tool_calls = [{"tool_name": "save_answer"} | tool_call]
    data = record("conv_a", turn("tool", "save_answer", 3, tool_calls=tool_calls))

    [said] = read_call(data).turns

    assert said == Said(Speaker.TOOL, "save_answer", 3, question_id)
