"""Who may start a call, and with what."""

import asyncio
import time

import pytest

from tests.fake_elevenlabs.candidate import join_call, run_async
from tests.fake_elevenlabs.portal import (
    ANSWERS,
    SESSION,
    call,
    provision,
    settled,
    signed,
)


@pytest.mark.parametrize(
    ("options", "setup", "reason"),
    [
        (
            {"variables": {"session_id": "s-1", "secret__session_token": "t"}},
            {},
            "Missing required dynamic variables in first message: {'candidate_name'}",
        ),
        (
            {"variables": {"candidate_name": "Anna"}},
            {
                "config": {
                    "agent": {
                        "dynamic_variables": {
                            "dynamic_variable_placeholders": {"session_id": "x"}
                        }
                    }
                }
            },
            "Missing required dynamic variables in tools: {'secret__session_token', 'session_id'}",
        ),
        (
            {"overrides": {"tts": {"voice_id": "mine"}}},
            {},
            "Override for field 'voice_id' is not allowed by config.",
        ),
        ({"language": "de"}, {}, "Language de is not enabled for this agent."),
        (
            {"origin": "https://else.example"},
            {"settings": {"auth": {"allowlist": [{"hostname": "portal.example"}]}}},
            "Host of origin https://else.example is not allowed.",
        ),
    ],
)
def test_call_that_the_agent_does_not_allow_is_closed(
    fake, sdk, portal, options, setup, reason
):
    held = call(fake, sdk, portal, setup=setup, **options)

    assert (held.code, held.reason, held.events) == (1008, reason, [])
    assert portal.webhooks == []
    # Only what the first message says leaves a trace; the address itself does not.
    assert all(each.status == "failed" for each in fake.conversations.values())


def test_signature_works_once_and_for_its_time(fake, sdk, portal):
    async def hold():
        async with portal.running():
            url, _ = signed(sdk, provision(sdk, portal))
            held = [
                await join_call(url, ANSWERS.get, variables=SESSION) for _ in range(2)
            ]
            stale, _ = signed(sdk, next(iter(fake.agents)))
            fake.signatures[list(fake.signatures)[-1]].expires = time.time() - 1
            held.append(await join_call(stale, ANSWERS.get, variables=SESSION))
            unsigned = url.partition("&conversation_signature")[0]
            held.append(await join_call(unsigned, ANSWERS.get, variables=SESSION))
            nobody = url.replace("agent_id=", "agent_id=x")
            held.append(await join_call(nobody, ANSWERS.get, variables=SESSION))
            return [(each.code, each.reason) for each in held]

    assert run_async(hold()) == [
        (1000, ""),
        (1008, "The signed URL has already been used."),
        (1008, "The signed URL is invalid or has expired."),
        (1008, "This agent requires a signed URL."),
        (3000, "The AI agent you are trying to reach does not exist."),
    ]


def test_calls_beyond_the_accounts_limit_are_turned_away(fake, sdk, portal):
    fake.max_calls = 1
    turned_away = []

    async def hold():
        async with portal.running():
            agent_id = provision(sdk, portal)
            (first, _), (second, _) = signed(sdk, agent_id), signed(sdk, agent_id)
            talking = asyncio.create_task(
                join_call(first, lambda said: None, variables=SESSION)
            )
            while not portal.calls:
                await asyncio.sleep(0.005)
            turned_away.append(await join_call(second, ANSWERS.get, variables=SESSION))
            talking.cancel()
            await asyncio.gather(talking, return_exceptions=True)
            await settled(fake)

    run_async(hold())

    assert (turned_away[0].code, turned_away[0].reason) == (
        3008,
        "too many concurrent connections",
    )
