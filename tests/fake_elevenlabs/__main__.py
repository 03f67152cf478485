"""Run the fake ElevenLabs on a port, until told to stop (SIGTERM, Ctrl+C)."""

import argparse
import logging
import signal
import sys

from tests.fake_elevenlabs.server import FakeElevenLabs


def main() -> None:
    options = parsed()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    fake = FakeElevenLabs(
        options.api_key,
        options.port,
        options.host,
        voice=options.voice,
        webhook_secret=options.webhook_secret,
    )
    signals = {signal.SIGINT, signal.SIGTERM}
    # Blocked before the thread starts, so that it inherits this, and awaited below.
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    fake.start()
    sys.stdout.write(f"Fake ElevenLabs: {fake.url}\n")
    sys.stdout.flush()
    signal.sigwait(signals)
    fake.stop()


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fake_elevenlabs", description=__doc__
    )
    parser.add_argument("--port", type=int, default=9010)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--api-key", required=True)
    parser.add_argument("--webhook-secret", default="", help="empty: made up")
    help_voice = "speak aloud and at a human pace; else as quickly as can be"
    parser.add_argument("--voice", action="store_true", help=help_voice)
    return parser.parse_args()


if __name__ == "__main__":
    main()
