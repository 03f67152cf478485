"""What a test may make go wrong, each once."""

import asyncio

import aiohttp
import pytest

from tests.fake_elevenlabs import Faults
from tests.fake_elevenlabs.candidate import join_call, run_async
from tests.fake_elevenlabs.portal import (
    ANSWERS,
    QUESTIONS,
    SESSION,
    call,
    provision,
    settled,
    signed,
    the_conversation,
    words_of,
)


def test_answers_twice_at_once(fake, sdk, portal):
    fake.faults.duplicate_answer = True

    call(fake, sdk, portal)

    assert portal.handed_in == [
        pair for pair in enumerate(ANSWERS.values(), 1) for _ in range(2)
    ]


def test_answers_again_in_other_words(fake, sdk, portal):
    fake.faults.answer_twice_other_text = True

    call(fake, sdk, portal)

    assert portal.handed_in[:3] == [
        (1, "In Riga."),
        (1, "In Riga. And one more thing."),
        (2, "I bake."),
    ]
    assert len(portal.answers) == 3


@pytest.mark.parametrize(
    ("fault", "asked_again"),
    [("drop_after_answer", False), ("drop_before_answer", True)],
)
def test_socket_breaks_once(fake, sdk, portal, fault, asked_again):
    setattr(fake.faults, fault, 2)

    held = call(fake, sdk, portal, calls=2)

    first, second = fake.conversations.values()
    assert first.metadata["error"] == {"code": 1011, "reason": "Internal server error"}
    assert words_of(first)[-1] == "I bake."
    assert words_of(second)[1] == QUESTIONS[1 if asked_again else 2]
    assert (held.code, len(portal.handed_in)) == (1000, 3)


def test_last_answer_is_never_handed_in(fake, sdk, portal):
    fake.faults.skip_answer = {3}

    held = call(fake, sdk, portal)

    assert portal.answers == {1: "In Riga.", 2: "I bake."}
    assert words_of(the_conversation(fake))[-2:] == ["For the bread.", held.said[-1]]
    assert held.said[-1] == "Thank you, that was the last question. Goodbye!"
    assert portal.calls[-1][0] == "end"


def test_agent_goes_on_from_memory(fake, sdk, portal):
    fake.faults.skip_answer, fake.faults.known_questions = {2, 3}, QUESTIONS

    held = call(
        fake,
        sdk,
        portal,
        reply=lambda said: ANSWERS.get(said.removeprefix("Thank you. ")),
    )

    assert held.said[2:4] == ["What do you do?", "Thank you. Why us?"]
    assert portal.answers == {1: "In Riga."}
    assert words_of(the_conversation(fake))[5:7] == [
        "Thank you. Why us?",
        "For the bread.",
    ]


def test_agent_never_ends_the_interview(fake, sdk, portal):
    fake.faults.no_end = True

    held = call(fake, sdk, portal)

    assert [name for name, *_ in portal.calls] == ["next", "answer", "answer", "answer"]
    assert held.code == 1000


def test_agent_uses_its_own_words(fake, sdk, portal):
    fake.faults.paraphrase = {1: "So, where are you from?"}
    fake.faults.retell = {2: "The candidate is a baker."}
    fake.faults.ask_twice = {3}
    replies = ANSWERS | {"So, where are you from?": "Riga."}

    held = call(fake, sdk, portal, reply=replies.get)

    assert portal.answers == {
        1: "Riga.",
        2: "The candidate is a baker.",
        3: "For the bread. For the bread.",
    }
    assert held.said[1:-1] == [
        "So, where are you from?",
        QUESTIONS[1],
        QUESTIONS[2],
        QUESTIONS[2],
    ]
    assert "I bake." in words_of(the_conversation(fake))


def test_silent_agent_says_nothing(fake, sdk, portal):
    fake.faults.silent = True

    held = call(
        fake,
        sdk,
        portal,
        setup={"config": {"turn": {"silence_end_call_timeout": 0.1}}},
    )

    assert held.said == []
    assert portal.calls == []


def test_outage_lets_no_call_in(fake, sdk, portal):
    async def hold():
        async with portal.running():
            url, _ = signed(sdk, provision(sdk, portal))
            fake.faults.outage = True
            await join_call(url, ANSWERS.get, variables=SESSION)

    with pytest.raises(aiohttp.WSServerHandshakeError):
        run_async(hold())


@pytest.mark.parametrize(
    ("fault", "kinds"),
    [
        ({}, ["post_call_transcription", "post_call_audio"]),
        ({"no_webhook": True}, []),
        ({"webhook_audio_first": True}, ["post_call_audio", "post_call_transcription"]),
        (
            {"webhook_duplicates": 1},
            ["post_call_transcription"] * 2 + ["post_call_audio"] * 2,
        ),
        ({"no_audio": True}, ["post_call_transcription"]),
    ],
)
def test_webhooks_get_lost_doubled_and_out_of_order(fake, sdk, portal, fault, kinds):
    fake.faults = Faults(**fault)

    call(fake, sdk, portal)

    assert [event["type"] for event in portal.events()] == kinds


def test_reset_cuts_off_what_still_runs(fake, sdk, portal):
    async def hold():
        async with portal.running():
            url, _ = signed(sdk, provision(sdk, portal))
            talking = asyncio.create_task(
                join_call(url, lambda said: None, variables=SESSION)
            )
            while not portal.calls:
                await asyncio.sleep(0.005)
            fake.reset()
            held = await talking
            await settled(fake)
            return held

    held = run_async(hold())

    assert held.code != 1000
    assert (portal.webhooks, fake.conversations, fake.requests) == ([], {}, [])
