"""E6: signatures of webhooks that are forged, late, early, or no signatures at all.

The corpus goes to the portal's own verifier. The controls are the vendor's verifier (it
takes any future, and raises on odd headers) and one that compares the beginning alone.
"""

import os
import time
from collections.abc import Callable, Iterator
from random import Random
from unittest.mock import patch

import django
from django.conf import settings

from bench.harness.database import production
from faults.experiment import Figure, at_least, control, exactly
from faults.webhooks import SECRET, dice, digest, header

TITLE = "Signatures: vectors, clocks, rotation, random headers"

RAW = '{"type": "post_call_transcription", "data": {"name": "Анна"}}'.encode()
NOW = 1_800_000_000
HOUR = 3600
OTHER = "wsec_of_a_stranger"
PREVIOUS = "wsec_of_last_year"
# By OpenSSL: printf '1800000000.{}' | openssl dgst -sha256 -hmac key.
KNOWN = "7321475872b03ff21bdc2dfd86ea2d99ec29c479fbe4a77aa6acf4509505493f"
PIECES = [
    *("t=", "v0=", "v1=", "=", ",", ",,", " ", "\t", "\n", "\0", ";", "T=", "V0="),
    *("1800000000", "1800000001", "180000000", "-1", "1e9", "١٨٠٠٠٠٠٠٠٠", "０", "é"),
    *("0" * 64, "f" * 64, "F" * 64, "0" * 63, "None", "\ud800", "x" * 600),
]

Verify = Callable[[bytes, str, list[str], float], bool]


def run(*, is_short: bool) -> Iterator[Figure]:
    set_up()
    number = 5_000 if is_short else 2_000_000
    yield exactly("vectors answered wrongly", wrong_vectors(accepts), 0)
    yield exactly("good signatures refused by us, not by the SDK", sdk_refused(), 0)
    yield exactly("secrets compared in constant time", constant_comparisons(), 2)
    yield exactly("window errors, -48 h to +48 h", window_errors(accepts), 0)
    yield exactly("rotations answered wrongly", rotation_errors(accepts), 0)
    found = attack(accepts, number)
    yield at_least("random headers and bodies", found.tried, number)
    yield exactly("forged accepted", found.forged, 0)
    yield exactly("unhandled exceptions", found.raised, 0)
    few = min(number, 100_000)
    yield control("window errors of the SDK's verifier", window_errors(sdk_accepts))
    yield control("exceptions of the SDK's verifier", attack(sdk_accepts, few).raised)
    yield control("forged accepted by a beginning", attack(by_beginning, few).forged)


def set_up() -> None:
    """Load the portal; no database is asked for anything."""
    if not settings.configured:
        os.environ.update(production("postgresql://localhost/none"))
        django.setup()


def accepts(raw: bytes, header: str, secrets: list[str], now: float) -> bool:
    """Tell whether the portal takes these bytes, as its view does."""
    from voice.signatures import Check, Secret, Signature

    signature = Signature.parse(header)
    if signature is None:
        return False
    check = Check(signature, [Secret("default", value) for value in secrets])
    check.update(raw)
    return not check.refusal(now)


def sdk_accepts(raw: bytes, header: str, secrets: list[str], now: float) -> bool:
    """Tell whether the vendor's SDK takes them at that time, with the first secret."""
    from elevenlabs.core.client_wrapper import SyncClientWrapper
    from elevenlabs.errors import BadRequestError
    from elevenlabs.webhooks_custom import WebhooksClient

    client = WebhooksClient(client_wrapper=SyncClientWrapper.__new__(SyncClientWrapper))
    try:
        with patch.object(time, "time", return_value=now):
            client.construct_event(raw.decode(errors="replace"), header, secrets[0])
    except BadRequestError:
        return False
    return True


def by_beginning(raw: bytes, header: str, secrets: list[str], now: float) -> bool:
    """A verifier that is content with the first eight digits."""
    from voice.signatures import Signature

    signature = Signature.parse(header)
    if signature is None:
        return False
    right = digest(raw, int(signature.time), secrets[0])
    return signature.digest[:8] == right[:8]


def wrong_vectors(verify: Verify) -> int:
    """Count the answers that differ from what is known of each header."""
    good = digest(RAW, NOW)
    vectors = [
        (b"{}", f"t={NOW},v0={KNOWN}", ["key"], True),
        (RAW, f"t={NOW},v0={good}", [SECRET], True),
        (RAW, f"v0={good},t={NOW}", [SECRET], True),
        (RAW, f"t={NOW}, v0={good}", [SECRET], True),
        (RAW, f"t={NOW},v0={good},v1={'0' * 64}", [SECRET], True),
        (RAW + b" ", f"t={NOW},v0={good}", [SECRET], False),
        (RAW[:-1], f"t={NOW},v0={good}", [SECRET], False),
        (b"", f"t={NOW},v0={good}", [SECRET], False),
        (RAW, f"t={NOW + 1},v0={good}", [SECRET], False),
        (RAW, f"t={NOW},v0={good.upper()}", [SECRET], False),
        (RAW, f"t={NOW},v0={good[:-1]}", [SECRET], False),
        (RAW, f"t={NOW},v0={good}0", [SECRET], False),
        (RAW, f"t={NOW},t={NOW},v0={good}", [SECRET], False),
        (RAW, f"t={NOW},v0={'0' * 64},v0={good}", [SECRET], False),
        (RAW, f"t={NOW}.0,v0={good}", [SECRET], False),
        (RAW, f"t=0{NOW},v0={good}", [SECRET], False),
        (RAW, f"v0={good}", [SECRET], False),
        (RAW, f"t={NOW}", [SECRET], False),
        (RAW, good, [SECRET], False),
        (RAW, "", [SECRET], False),
        (RAW, header(RAW, NOW, OTHER), [SECRET], False),
        # Anyone can sign with an empty secret, and with none.
        (RAW, header(RAW, NOW, ""), [""], False),
        (RAW, header(RAW, NOW, ""), [], False),
    ]
    return sum(
        verify(raw, text, secrets, NOW) != expected
        for raw, text, secrets, expected in vectors
    )


def sdk_refused() -> int:
    """Count headers that the vendor's own SDK takes, and the portal does not.

    The SDK has a verifier and no signer, so what it accepts stands for what is signed.
    """
    chance = dice(6)
    wrong = 0
    for number in range(200):
        raw = b'{"n": "%s"}' % chance.randbytes(number).hex().encode()
        text = header(raw, NOW - chance.randrange(30 * 60))
        wrong += not sdk_accepts(raw, text, [SECRET], NOW)
        wrong += not accepts(raw, text, [SECRET], NOW)
    return wrong


def constant_comparisons() -> int:
    """Count the comparisons by `hmac.compare_digest` for two secrets, the first good."""
    import hmac

    with patch("hmac.compare_digest", side_effect=hmac.compare_digest) as compare:
        accepts(RAW, header(RAW, NOW), [SECRET, PREVIOUS], NOW)
    return compare.call_count


def window_errors(verify: Verify) -> int:
    """Count wrong answers to signatures of each minute of four days, and of each edge."""
    from voice.signatures import FUTURE, PAST

    edges = [PAST, PAST + 1, PAST - 1, -FUTURE, -FUTURE - 1, -FUTURE + 1, 0]
    ages = [*range(-48 * HOUR, 48 * HOUR + 1, 60), *map(int, edges)]
    return sum(
        verify(RAW, header(RAW, NOW - age), [SECRET], NOW) != (-FUTURE <= age <= PAST)
        for age in ages
    )


def rotation_errors(verify: Verify) -> int:
    """Count wrong answers while secrets are changed: old, both, new."""
    steps = [
        ([PREVIOUS], {PREVIOUS}),
        ([SECRET, PREVIOUS], {SECRET, PREVIOUS}),
        (["", SECRET], {SECRET}),
        ([SECRET], {SECRET}),
    ]
    return sum(
        verify(RAW, header(RAW, NOW, signer), configured, NOW) != (signer in counts)
        for configured, counts in steps
        for signer in (SECRET, PREVIOUS, OTHER, "")
    )


class Attack:
    """What came of random headers and bodies."""

    def __init__(self) -> None:
        self.tried = self.forged = self.raised = 0


def attack(verify: Verify, number: int) -> Attack:
    """Try so many; what is accepted must hold the digest of its own time and bytes."""
    chance, found = dice(number), Attack()
    for _ in range(number):
        raw, text = forged(chance)
        found.tried += 1
        try:
            is_accepted = verify(raw, text, [SECRET], NOW)
        except Exception:  # noqa: BLE001 (they are what is counted)
            found.raised += 1
            continue
        found.forged += is_accepted and not is_genuine(raw, text)
    return found


def forged(chance: Random) -> tuple[bytes, str]:
    """Return a body and a header: of pieces, or good ones that were tampered with."""
    if chance.random() < 0.5:
        size = chance.randrange(1, 8)
        return RAW, "".join(chance.choices(PIECES, k=size))
    raw, text = RAW, GOOD
    if chance.random() < 0.3:
        place = chance.randrange(len(raw))
        other = raw[place] ^ (1 << chance.randrange(8))
        raw = raw[:place] + bytes([other]) + raw[place + 1 :]
    for _ in range(chance.randrange(1, 4)):
        place = chance.randrange(len(text))
        piece = (
            chance.choice(PIECES)
            if chance.random() < 0.5
            else chr(chance.randrange(256))
        )
        text = text[:place] + piece + text[place + chance.randrange(2) :]
    return raw, text


GOOD = header(RAW, NOW)


def is_genuine(raw: bytes, text: str) -> bool:
    """Tell whether the header holds the digest of these bytes at a time it names."""
    times = [NOW + offset for offset in range(-HOUR, HOUR // 12)]
    return any(f"t={time}" in text and digest(raw, time) in text for time in times)
