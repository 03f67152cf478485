"""Signatures: what is genuine, what is timely, and headers of every kind."""

import json
import string
import time

import pytest
from elevenlabs.webhooks_custom import WebhooksClient

from tests.voice.deliveries import SECRET, dice, digest, signed
from voice.signatures import (
    EARLY,
    FUTURE,
    OLD,
    PAST,
    WRONG,
    Check,
    Secret,
    Signature,
    signer_of,
)

NOW = 1_800_000_000
RAW = '{"type": "post_call_transcription", "name": "Анна"}'.encode()
GOOD = "a" * 64


def refusal(raw, header, *secrets, now=NOW):
    """Return the refusal, or None for a header that is not even read."""
    signature = Signature.parse(header)
    if signature is None:
        return None
    check = Check(signature, [Secret("one", value) for value in secrets or [SECRET]])
    check.update(raw)
    return check.refusal(now)


def header(raw=RAW, moment=NOW, secret=SECRET):
    return f"t={moment},v0={digest(raw, moment, secret)}"


def test_signed_bytes_are_accepted():
    assert refusal(RAW, header()) == ""


def test_pieces_count_as_the_whole():
    check = Check(Signature.parse(header()), [Secret("one", SECRET)])
    for position in range(0, len(RAW), 7):
        check.update(RAW[position : position + 7])

    assert check.refusal(NOW) == ""


def test_example_from_elsewhere_is_accepted():
    """Computed by OpenSSL: printf '1800000000.{}' | openssl dgst -sha256 -hmac key."""
    known = "7321475872b03ff21bdc2dfd86ea2d99ec29c479fbe4a77aa6acf4509505493f"

    assert refusal(b"{}", f"t={NOW},v0={known}", "key") == ""


@pytest.mark.parametrize(
    "raw", [b"", RAW[:-1], RAW + b" ", RAW.replace("А".encode(), "Б".encode())]
)
def test_other_bytes_are_refused(raw):
    assert refusal(raw, header()) == WRONG


def test_other_time_is_refused():
    assert refusal(RAW, header().replace(f"{NOW}", f"{NOW + 1}")) == WRONG


@pytest.mark.parametrize(
    ("secrets", "expected"),
    [
        ([SECRET, "before"], ""),
        (["after", SECRET], ""),
        (["after", "before"], WRONG),
        (["after", ""], WRONG),
        ([SECRET + " "], WRONG),
    ],
)
def test_either_secret_counts_while_they_are_changed(secrets, expected):
    assert refusal(RAW, header(), *secrets) == expected


@pytest.mark.parametrize("secrets", [("",), ("", "")])
def test_empty_secret_matches_nothing(secrets):
    assert refusal(RAW, header(secret=""), *secrets) == WRONG


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (NOW - PAST - 1, OLD),
        (NOW - PAST, ""),
        (NOW - PAST + 1, ""),
        (NOW + FUTURE - 1, ""),
        (NOW + FUTURE, ""),
        (NOW + FUTURE + 1, EARLY),
        (NOW - 10 * 365 * 86_400, OLD),
        (9_999_999_999, EARLY),
    ],
)
def test_window_has_two_sides(moment, expected):
    assert refusal(RAW, header(moment=int(moment))) == expected


def test_window_is_an_hour_and_five_minutes():
    assert (PAST, FUTURE) == (3600, 300)


def test_fractions_of_a_second_count():
    assert refusal(RAW, header(moment=NOW - 3600), now=NOW + 0.01) == OLD
    assert refusal(RAW, header(moment=NOW + 300), now=NOW - 0.01) == EARLY


def test_window_holds_at_any_moment():
    """Skews of two days either way, seeded: accepted within the window and nowhere else."""
    chance = dice(3)
    for _ in range(2000):
        skew = chance.randint(-172_800, 172_800)
        expected = OLD if skew < -3600 else EARLY if skew > 300 else ""

        assert refusal(RAW, header(moment=NOW + skew)) == expected, skew


@pytest.mark.parametrize(
    "header",
    [
        "",
        " ",
        ",",
        "v0=" + GOOD,
        f"t={NOW}",
        f"t={NOW};v0={GOOD}",
        f"t={NOW},v0={GOOD},",
        f"t={NOW},v0={GOOD},v0={GOOD}",
        f"t={NOW},t={NOW},v0={GOOD}",
        f"t={NOW},v0={GOOD},v1=a,v1=b",
        f"t={NOW},v0={GOOD},odd",
        f"t={NOW},v0=",
        f"t=,v0={GOOD}",
        f"t={NOW},v0={GOOD[1:]}",
        f"t={NOW},v0={GOOD}a",
        f"t={NOW},v0={GOOD.upper()}",
        f"t={NOW},v0={'g' * 64}",
        f"t=0{NOW},v0={GOOD}",
        f"t={str(NOW)[1:]},v0={GOOD}",
        f"t=-{str(NOW)[1:]},v0={GOOD}",
        f"t=+{str(NOW)[1:]},v0={GOOD}",
        f"t={NOW}.5,v0={GOOD}",
        f"t=1_800_0000,v0={GOOD}",
        f"t=١٨٠٠٠٠٠٠٠٠,v0={GOOD}",
        f"t={NOW},v0={'а' * 64}",
        f"t={NOW}\n,v0={GOOD}",
        f"t={NOW},v0={GOOD}\n",
        f"\tt={NOW},v0={GOOD}",
        f"T={NOW},V0={GOOD}",
        f"t= {NOW},v0={GOOD}",
        f"t={NOW},v0={GOOD}," + ",".join(f"x{n}=1" for n in range(200)),
        "t=" * 1_000_000,
        "," * 1_000_000,
        "\x00",
        "\ud800",
    ],
)
def test_odd_header_is_not_read(header):
    assert Signature.parse(header) is None


@pytest.mark.parametrize(
    "header",
    [
        f"t={NOW},v0={GOOD}",
        f"v0={GOOD},t={NOW}",
        f" t={NOW} , v0={GOOD} ",
        f"t={NOW},v0={GOOD},v1=of-another-scheme",
    ],
)
def test_well_formed_header_is_read_and_written(header):
    signature = Signature.parse(header)

    assert str(signature) == f"t={NOW},v0={GOOD}"
    assert Signature.parse(str(signature)) == signature


def test_digests_are_compared_in_constant_time(monkeypatch):
    compared = []

    def compare(ours, theirs):
        compared.append((len(ours), len(theirs)))
        return False

    monkeypatch.setattr("voice.signatures.hmac.compare_digest", compare)

    assert refusal(RAW, header(), SECRET, "before") == WRONG
    assert compared == [(64, 64), (64, 64)]


def test_all_secrets_are_compared_though_the_first_matches(monkeypatch):
    compared = []

    def compare(ours, theirs):
        compared.append(ours)
        return True

    monkeypatch.setattr("voice.signatures.hmac.compare_digest", compare)

    assert refusal(RAW, header(), SECRET, "before") == ""
    assert len(compared) == 2


def mutations(chance, good):
    """Yield headers that are nearly good, and headers that are nothing of the kind."""
    letters = string.printable + "éя\x00\ud800٣"
    while True:
        kind = chance.randrange(5)
        if kind == 0:
            yield "".join(chance.choices(letters, k=chance.randrange(120)))
        elif kind == 1:
            position = chance.randrange(len(good))
            yield good[:position] + chance.choice(letters) + good[position + 1 :]
        elif kind == 2:
            yield good[: chance.randrange(len(good))]
        elif kind == 3:
            yield good + chance.choice([",", ",t=1", ",v0=", "=", "a", ",v0=" + GOOD])
        else:
            yield f"t={chance.randrange(10**10)},v0={chance.randbytes(32).hex()}"


def test_no_random_header_or_body_is_accepted():
    """200 000 of them, seeded: none accepted, none raises."""
    chance, good = dice(2026), header()
    read = 0
    for _, odd in zip(range(200_000), mutations(chance, good), strict=False):
        raw = RAW if chance.random() < 0.5 else chance.randbytes(chance.randrange(40))
        result = refusal(raw, odd, SECRET, "")
        # A changed letter may be the same letter; what it says is then good.
        same = Signature.parse(odd) == Signature.parse(good) and raw == RAW
        assert result == "" if same else result in {None, WRONG, OLD, EARLY}
        read += result is not None

    assert read > 40_000


def test_genuine_bytes_stay_genuine(settings):
    settings.ELEVENLABS_WEBHOOK_SECRET = SECRET
    old = header(moment=NOW - 10**6)

    assert signer_of(RAW, old) == "default"
    assert signer_of(RAW + b" ", old) == ""
    assert signer_of(RAW, "") == ""

    settings.ELEVENLABS_WEBHOOK_SECRET = ""
    assert signer_of(RAW, old) == ""


@pytest.mark.parametrize("age", [0, 1700])
def test_sdk_accepts_the_same_headers(age):
    raw = json.dumps({"type": "post_call_transcription", "data": {"a": "ё"}})
    header = signed(raw.encode(), age=age)

    event = WebhooksClient(client_wrapper=None).construct_event(raw, header, SECRET)

    assert event == json.loads(raw)
    assert refusal(raw.encode(), header, now=time.time()) == ""
