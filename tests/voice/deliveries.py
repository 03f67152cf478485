"""Deliveries as ElevenLabs makes them: it signs, and its SDK has no signer to borrow."""

import hashlib
import hmac
import json
import random
import time

SECRET = "wsec_of_the_tests"
URL = "/webhooks/elevenlabs"


def dice(seed):
    """Chance that comes out the same each time."""
    return random.Random(seed)  # noqa: S311 - nobody is to be kept from guessing


def digest(raw, moment, secret=SECRET):
    return hmac.new(secret.encode(), b"%d." % moment + raw, hashlib.sha256).hexdigest()


def signed(raw, *, age=0, secret=SECRET):
    """Return the header for bytes that were signed `age` seconds ago."""
    moment = int(time.time()) - age
    return f"t={moment},v0={digest(raw, moment, secret)}"


def report(conversation_id="conv_1", **data):
    """Return a small report of an ended call."""
    data = {"conversation_id": conversation_id, "status": "done"} | data
    event = {"type": "post_call_transcription", "event_timestamp": 1, "data": data}
    return json.dumps(event).encode()


# What no JSON column or text column would take, or what makes a parser raise.
POISON = {
    "empty": b"",
    "not json": b"hello",
    "nul": b'{"a": "\\u0000"}',
    "raw nul": b"\x00",
    "lone surrogate": b'{"a": "\\ud800"}',
    "encoded surrogate": b'"\xed\xa0\x80"',
    "nan": b'{"a": NaN}',
    "infinite": b'{"a": 1e400}',
    "deep": b"[" * 100_000,
    "deep and closed": b"[" * 100_000 + b"]" * 100_000,
    "long number": b"9" * 5000,
    "not utf-8": b'{"a": "\xff\xfe"}',
    "utf-16": '{"a": "ё"}'.encode("utf-16"),
    "a list": b"[1, 2]",
    "null": b"null",
}
