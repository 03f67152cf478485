"""Signatures of what ElevenLabs sends: `t=<unix seconds>,v0=<hex digest>`.

The digest is HMAC-SHA256 over `<t>.<raw body>`. The SDK's own check compares in a time
that depends on the secret, takes timestamps of any future, and raises on odd ones.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple, Self

from django.utils.translation import gettext_noop as _

from voice.workspaces import workspaces

# The last retry leaves 41 minutes after the event. Bytes are stored once for ever, so
# that within the window nothing can be replayed.
PAST = timedelta(minutes=60).total_seconds()
FUTURE = timedelta(minutes=5).total_seconds()
MAX_HEADER = 512

# Another scheme may one day stand beside v0: other names are read over.
FIELD = re.compile(r"([a-z0-9_]{1,20})=([\x21-\x7e]{1,200})")
TIME = re.compile(r"[0-9]{10}")
DIGEST = re.compile(r"[0-9a-f]{64}")

WRONG = _("The signature was made with none of the configured secrets.")
OLD = _("The signature is older than an hour.")
EARLY = _("The signature is from the future: compare the clocks.")


@dataclass(frozen=True)
class Signature:
    """What a header claims. It proves nothing yet."""

    time: str
    digest: str

    def __str__(self) -> str:
        return f"t={self.time},v0={self.digest}"

    @classmethod
    def parse(cls, header: str) -> Self | None:
        """Read a header; None for one that no body could ever match."""
        if len(header) > MAX_HEADER:
            return None
        fields = [FIELD.fullmatch(part.strip(" ")) for part in header.split(",")]
        pairs = [(field[1], field[2]) for field in fields if field]
        found = dict(pairs)
        is_odd = len(pairs) < len(fields) or len(found) < len(pairs)
        time, digest = found.get("t", ""), found.get("v0", "")
        if is_odd or not TIME.fullmatch(time) or not DIGEST.fullmatch(digest):
            return None
        return cls(time, digest)


class Secret(NamedTuple):
    """What one workspace's reports are signed with."""

    workspace: str
    value: str


class Check:
    """Holds a body, as it comes in, against a signature and all secrets at once."""

    def __init__(self, signature: Signature, secrets: Iterable[Secret]) -> None:
        self.signature = signature
        start = f"{signature.time}.".encode()
        # Anyone can sign with an empty secret.
        self.codes = [
            (secret.workspace, hmac.new(secret.value.encode(), start, hashlib.sha256))
            for secret in secrets
            if secret.value
        ]

    def update(self, piece: bytes) -> None:
        for _workspace, code in self.codes:
            code.update(piece)

    @property
    def signer(self) -> str:
        """The workspace that signed these bytes, whenever it was; empty if none did."""
        # All are compared: the time taken does not tell which secret matched.
        matches = [
            (hmac.compare_digest(code.hexdigest(), self.signature.digest), workspace)
            for workspace, code in self.codes
        ]
        return next((workspace for is_match, workspace in matches if is_match), "")

    def refusal(self, now: float) -> str:
        """Say why the bytes that came at `now` are refused; empty if they are not."""
        if not self.signer:
            return WRONG
        age = now - int(self.signature.time)
        if age > PAST:
            return OLD
        return EARLY if age < -FUTURE else ""


def configured_secrets() -> list[Secret]:
    """Return the secrets of all workspaces that count now."""
    return [
        Secret(workspace.name, value)
        for workspace in workspaces()
        for value in workspace.webhook_secrets
    ]


def signer_of(raw: bytes, header: str) -> str:
    """Return the workspace that signed bytes kept with their header; empty if none did."""
    signature = Signature.parse(header)
    if signature is None:
        return ""
    check = Check(signature, configured_secrets())
    check.update(raw)
    return check.signer
