"""The agent for the ear of a person, and the command that runs it."""

import signal
import subprocess
import sys
from array import array

import httpx
import pytest

from tests.fake_elevenlabs.candidate import run_async
from tests.fake_elevenlabs.espeak import EspeakSpeaker
from tests.fake_elevenlabs.speech import BYTES_PER_SECOND, RATE, PatientEar


@pytest.mark.parametrize(
    ("text", "language"), [("Good morning.", "en"), ("Доброе утро.", "ru")]
)
def test_agent_can_speak_aloud(text, language):
    pcm = run_async(EspeakSpeaker().audio(text, language))

    assert 0.5 < len(pcm) / BYTES_PER_SECOND < 3
    assert max(array("h", pcm)) > 5000


def test_ear_hears_speech_above_the_rooms_noise():
    def sound(level, seconds):
        return [array("h", [level, -level] * (RATE // 100)).tobytes()] * round(
            seconds * 50
        )

    ear = PatientEar()
    room, speech = sound(120, 3), sound(4000, 1.5)
    cough = sound(4000, 0.1)

    heard = [
        ear.hear(piece)
        for piece in [*room, *cough, *room, *speech, *sound(120, 0.5), *speech, *room]
    ]

    assert [round(seconds, 1) for seconds in heard if seconds] == [3.5]


def test_ear_tells_that_somebody_is_speaking():
    """Meanwhile the agent's patience does not run out."""
    ear = PatientEar()
    speech, silence = (
        array("h", [4000, -4000] * (RATE // 8)).tobytes(),
        bytes(BYTES_PER_SECOND),
    )

    busy = []
    for piece in (silence, speech, speech, silence, silence, silence):
        ear.hear(piece)
        busy.append(ear.busy)

    assert busy == [False, True, True, True, False, False]


def test_command_serves_until_it_is_told_to_stop():
    command = [
        sys.executable,
        "-m",
        "tests.fake_elevenlabs",
        "--port",
        "0",
        "--api-key",
        "K",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        url = process.stdout.readline().removeprefix("Fake ElevenLabs: ").strip()
        answer = httpx.get(f"{url}/v1/convai/agents", headers={"xi-api-key": "K"})
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=10)

    assert (answer.json()["agents"], code) == ([], 0)
