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
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(BASE_DIR))

from core.processes import end_with_parent, stop  # noqa: E402 - needs the path above

READY_SECONDS = 120
STOP_SECONDS = 25
NOTICE = """
  The voice interviewer of this demo is a stand-in that runs on this machine: it speaks,
  and it hears when you do, but it does not recognise words. Type to be quoted.
"""


def main() -> None:
    host = os.environ.get("HOST") or "127.0.0.1"
    port = os.environ.get("PORT") or "8000"
    voice_port = os.environ.get("VOICE_PORT") or str(int(port) + 1000)
    variables = os.environ | {
        "ELEVENLABS_API_KEY": secrets.token_urlsafe(16),
        "ELEVENLABS_BASE_URL": f"http://{host}:{voice_port}",
        "ELEVENLABS_WEBHOOK_SECRET": secrets.token_urlsafe(16),
        "PUBLIC_URL": f"http://{host}:{port}",
        "PYTHONUNBUFFERED": "1",
    }
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with ExitStack() as stack:
        vendor = stack.enter_context(child(variables, *vendor_command(variables)))
        portal = stack.enter_context(child(variables, "manage.py", "portal"))
        wait_until_ready(f"http://{host}:{port}/readyz", portal, vendor)
        set_up_agent(variables)
        sys.stdout.write(NOTICE)
        sys.stdout.flush()
        while portal.poll() is None and vendor.poll() is None:
            time.sleep(0.2)


def vendor_command(variables: Mapping[str, str]) -> list[str]:
    port = variables["ELEVENLABS_BASE_URL"].rpartition(":")[2]
    return [
        *("-m", "tests.fake_elevenlabs", "--voice", "--port", port),
        *("--api-key", variables["ELEVENLABS_API_KEY"]),
        *("--webhook-secret", variables["ELEVENLABS_WEBHOOK_SECRET"]),
    ]


@contextmanager
def child(
    variables: Mapping[str, str], *arguments: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a part until the end of the block; Ctrl-C reaches this script alone."""
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=BASE_DIR,
        env=variables,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=end_with_parent(signal.SIGTERM),
    )
    try:
        yield process
    finally:
        stop(process, signal.SIGTERM, patience=STOP_SECONDS)


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


def wait_until_ready(url: str, *parts: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not is_ready(url):
        if any(part.poll() is not None for part in parts):
            sys.exit("A part of the demo ended; its message is above.")
        if time.monotonic() > deadline:
            sys.exit("The portal does not become ready.")
        time.sleep(0.3)


def is_ready(url: str) -> bool:
    # A proxy in the environment is for the outside world.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit()
