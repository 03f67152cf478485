"""Run the portal against a voice service of its own, on this machine (make demo-voice).

For a look at voice interviews without an account: an agent that speaks with a synthetic
voice, calls the portal as the real one does, and hears that somebody speaks, but not what.
"""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(BASE_DIR))

from core.management.commands.portal import child, probe  # noqa: E402 - needs the path

READY_SECONDS = 120
NOTICE = """
  The voice interviewer of this demo is a stand-in that runs on this machine: it speaks,
  and it hears when you do, but it does not recognise words. Type to be quoted.
"""


def main() -> None:
    # Without TLS a browser gives the microphone to pages of its own machine alone.
    host = "127.0.0.1"
    port = os.environ.get("PORT") or "8000"
    voice_port = os.environ.get("VOICE_PORT") or str(int(port) + 1000)
    variables = os.environ | {
        "ELEVENLABS_API_KEY": secrets.token_urlsafe(16),
        "ELEVENLABS_BASE_URL": f"http://{host}:{voice_port}",
        "ELEVENLABS_WEBHOOK_SECRET": secrets.token_urlsafe(16),
        "HOST": host,
        "PUBLIC_URL": f"http://{host}:{port}",
        "PYTHONUNBUFFERED": "1",
    }
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with ExitStack() as stack:
        parts = [
            stack.enter_context(child([sys.executable, *command], variables))
            for command in (vendor(host, voice_port, variables), portal())
        ]
        wait_until_ready(f"http://{host}:{port}/readyz", parts)
        set_up_agent(variables)
        sys.stdout.write(NOTICE)
        sys.stdout.flush()
        while all(part.poll() is None for part in parts):
            time.sleep(0.2)


def vendor(host: str, port: str, variables: Mapping[str, str]) -> list[str]:
    return [
        *("-m", "tests.fake_elevenlabs", "--voice", "--host", host, "--port", port),
        # In one word with the option: a random secret may begin with a dash.
        f"--api-key={variables['ELEVENLABS_API_KEY']}",
        f"--webhook-secret={variables['ELEVENLABS_WEBHOOK_SECRET']}",
    ]


def portal() -> list[str]:
    return ["manage.py", "portal"]


def wait_until_ready(url: str, parts: list[subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while probe(url) != "ready":
        if any(part.poll() is not None for part in parts):
            sys.exit("A part of the demo ended; its message is above.")
        if time.monotonic() > deadline:
            sys.exit("The portal does not become ready.")
        time.sleep(0.3)


def set_up_agent(variables: Mapping[str, str]) -> None:
    """Make the agent at the stand-in; what is said of it matters only when it fails."""
    command = [sys.executable, "manage.py", "voice", "sync"]
    done = subprocess.run(
        command, cwd=BASE_DIR, env=variables, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(
            f"The voice interviewer could not be set up.\n{done.stdout}{done.stderr}"
        )


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit()
