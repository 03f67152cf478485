"""The stand-in's command line, as `make demo-voice` starts it."""

import runpy
import sys

from core.environment import BASE_DIR
from tests.fake_elevenlabs.__main__ import parsed


def test_a_random_secret_may_begin_with_a_dash(monkeypatch):
    demo = runpy.run_path(BASE_DIR / "scripts" / "demo_voice.py", run_name="demo_voice")
    secrets = {"ELEVENLABS_API_KEY": "-key", "ELEVENLABS_WEBHOOK_SECRET": "-secret"}

    command = demo["vendor"]("127.0.0.1", "9000", secrets)
    monkeypatch.setattr(sys, "argv", command[1:])

    options = parsed()
    assert (options.api_key, options.webhook_secret) == ("-key", "-secret")
