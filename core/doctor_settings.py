"""The doctor's look at settings and keys."""

import base64
import math
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256

from django.conf import settings
from django.core.checks import ERROR, CheckMessage, run_checks
from django.core.checks import WARNING as SERIOUS
from django.db import DEFAULT_DB_ALIAS

from core.doctor import Finding, check, ok, problem, warning

MAKE_A_KEY = "Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(64))'"
# Bits that a key must have at least, by how often each of its characters comes.
ENOUGH_BITS = 128
# What stands in examples, build files and this project's tests.
KNOWN = ("build", "change", "example", "insecure", "password", "secret", "test", "demo")


@check("settings")
def settings_fit() -> Iterator[Finding]:
    yield from modes()
    found = run_checks(include_deployment_checks=True, databases=[DEFAULT_DB_ALIAS])
    yield from map(finding_of, found)


def modes() -> Iterator[Finding]:
    if settings.DEMO:
        yield problem(
            "DEMO is on: a login stands in the open, and much is allowed that should not.",
            "Set DEMO=false and give the portal a database and keys of its own.",
        )
    if settings.DEBUG:
        yield problem("DEBUG is on: errors show settings to strangers.", "Set it off.")
    if "*" in settings.ALLOWED_HOSTS:
        yield warning(
            "ALLOWED_HOSTS takes every name.",
            "Name the hosts at which the portal is reached.",
        )
    if not settings.HTTPS:
        yield warning(
            "HTTPS is off: cookies and links go over the line in the open.",
            "Put a proxy with TLS in front and set HTTPS=true.",
        )
    if not (settings.DEMO or settings.DEBUG):
        yield ok("Production: neither DEMO nor DEBUG is on.")


def finding_of(message: CheckMessage) -> Finding:
    """Turn a message of Django's own checks into a finding."""
    text = f"{message.msg} ({message.id})"
    todo = message.hint or "See `manage.py check --deploy`."
    if message.level >= ERROR:
        return problem(text, todo)
    return warning(text, todo) if message.level >= SERIOUS else ok(text)


@check("keys")
def keys_are_strong() -> Iterator[Finding]:
    keys = {
        "SECRET_KEY": settings.SECRET_KEY,
        "AGENT_API_KEY": settings.AGENT_API_KEY,
    }
    if settings.METRICS_TOKEN:
        keys["METRICS_TOKEN"] = settings.METRICS_TOKEN
    for name, key in keys.items():
        yield strength(name, key)
    if settings.SECRET_KEY == settings.AGENT_API_KEY:
        yield problem(
            "SECRET_KEY and AGENT_API_KEY are the same.",
            "Give each its own: the voice service knows AGENT_API_KEY.",
        )
    yield from rotation()


def strength(name: str, key: str) -> Finding:
    if not key:
        return problem(f"{name} is not set.", MAKE_A_KEY)
    if any(word in key.lower() for word in KNOWN) and len(key) < 50:
        return problem(f"{name} looks like an example's.", MAKE_A_KEY)
    if bits(key) < ENOUGH_BITS:
        return problem(f"{name} is short, or repeats itself.", MAKE_A_KEY)
    return ok(f"{name} is set and strong.")


def bits(key: str) -> float:
    """Return how hard a key is to guess, at most: its length times its variety."""
    total = len(key)
    shares = [number / total for number in Counter(key).values()]
    return -sum(total * share * math.log2(share) for share in shares)


def rotation() -> Iterator[Finding]:
    """Tell of keys from before that still count."""
    previous = {
        "AGENT_API_KEY_PREVIOUS": settings.AGENT_API_KEY_PREVIOUS,
        "SECRET_KEY_FALLBACKS": settings.SECRET_KEY_FALLBACKS,
        "ELEVENLABS_WEBHOOK_SECRET_PREVIOUS": (
            settings.ELEVENLABS_WEBHOOK_SECRET_PREVIOUS
        ),
    }
    for name, value in previous.items():
        if value:
            yield ok(f"{name} is set: an earlier key still counts.")


def check_mark(key: str) -> str:
    """Return a mark by which a key is recognised, and not guessed: 15 bits of a hash.

    Kept with a backup, so that a restore can tell a mistyped key. So few bits fit one key
    of thirty thousand, and help nobody to find it.
    """
    digest = sha256(b"parley check mark " + key.encode()).digest()
    return base64.b32encode(digest)[:3].decode()
