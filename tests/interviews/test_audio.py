"""One file of what browsers record: right duration, seekable, as far as it goes."""

import subprocess
import sys
from io import BytesIO

import av
import pytest

from interviews import audio
from interviews.audio import Joined, Unreadable
from tests import sounds

PCM = {"codec": "pcm_s16le", "container": "matroska", "seconds": 0.5}
HEADS = {
    "webm": b"\x1a\x45\xdf\xa3",
    "ogg": b"OggS",
    "mp4": b"\0\0\0\x18ftypisom",
}


@pytest.fixture
def join(tmp_path):
    """Join the given parts; return what is said of the file, and the file."""

    def call(*parts):
        paths = [tmp_path / str(number) for number in range(len(parts))]
        for path, part in zip(paths, parts, strict=True):
            path.write_bytes(part)
        return audio.join(paths, tmp_path / "joined"), tmp_path / "joined"

    return call


def heard(path):
    """Return the duration the header tells and the one there is, in seconds."""
    with av.open(str(path)) as file:
        stream = file.streams.audio[0]
        samples = sum(frame.samples for frame in file.decode(stream))
        return file.duration / av.time_base, samples / stream.rate


def codec_of(path):
    with av.open(str(path)) as file:
        return file.streams.audio[0].codec.canonical_name


# Kinds


KINDS = {
    "opus in webm": (sounds.webm(), "audio/webm"),
    "opus in ogg": (sounds.ogg(), "audio/ogg"),
    "aac in mp4": (sounds.mp4(), "audio/mp4"),
    "chromium's webm": (sounds.chromium("webm"), "audio/webm"),
    "chromium's mp4": (sounds.chromium("mp4"), "audio/mp4"),
    "nothing": (b"", None),
    "half a head": (b"\x1a\x45\xdf", None),
    "a word in the wrong place": (b"ftypisom", None),
    "a page": (b"<script>", None),
    "Cyrillic": ("Да".encode(), None),
}


@pytest.mark.parametrize(("data", "kind"), KINDS.values(), ids=KINDS)
def test_kind_is_told_by_the_first_bytes(data, kind):
    assert audio.content_type_of(data) == kind


# Joining


@pytest.mark.parametrize(
    ("parts", "kind", "codec", "seconds"),
    [
        ([sounds.webm()], "webm", "opus", 1),
        ([sounds.webm(), sounds.webm(2)], "webm", "opus", 3),
        ([sounds.webm(), sounds.webm(1, "stereo")], "webm", "opus", 2),
        ([sounds.ogg()], "webm", "opus", 1),
        ([sounds.ogg(), sounds.webm()], "webm", "opus", 2),
        ([sounds.mp4()], "mp4", "aac", 1),
        ([sounds.mp4(), sounds.mp4(2)], "mp4", "aac", 3),
        # Nothing to put together as it is.
        ([sounds.mp4(), sounds.mp4(1, 44_100)], "webm", "opus", 2),
        ([sounds.mp4(), sounds.webm()], "webm", "opus", 2),
        ([sounds.sound(**PCM)], "webm", "opus", 0.5),
        # A real browser's.
        ([sounds.chromium("webm")], "webm", "opus", 2.28),
        ([sounds.chromium("mp4")], "webm", "opus", 2.24),
        ([sounds.chromium("webm"), sounds.chromium("webm")], "webm", "opus", 4.56),
    ],
)
def test_parts_become_one_file_that_says_how_long_it_is(
    join, parts, kind, codec, seconds
):
    joined, path = join(*parts)

    assert joined.kind == kind
    assert codec_of(path) == codec
    assert joined.duration_ms == pytest.approx(seconds * 1000, abs=80)
    assert heard(path) == pytest.approx((seconds, seconds), abs=0.1)
    assert audio.content_type_of(path.read_bytes()) == joined.content_type


@pytest.mark.parametrize("record", [sounds.webm, sounds.ogg, sounds.mp4])
def test_one_make_is_not_encoded_again(join, record):
    source = record(2)

    _, path = join(source)

    with av.open(str(path)) as file:
        kept = b"".join(bytes(packet) for packet in file.demux(audio=0) if packet.size)
    assert all(piece in kept for piece in middle_packets(source))


def middle_packets(data, number=5):
    with av.open(BytesIO(data)) as file:
        packets = [bytes(packet) for packet in file.demux(audio=0) if packet.size]
    return packets[10 : 10 + number]


@pytest.mark.parametrize("record", [sounds.webm, sounds.mp4])
def test_a_player_can_go_to_any_place(join, record):
    _, path = join(record(2), record(2))

    with av.open(str(path)) as file:
        file.seek(3 * av.time_base)
        first = next(file.decode(audio=0))

    assert first.time == pytest.approx(3, abs=1.1)


def test_what_browsers_record_has_no_duration():
    with av.open(BytesIO(sounds.webm())) as file:
        assert file.duration is None


# Damage


@pytest.mark.parametrize("record", [sounds.webm, sounds.ogg, sounds.mp4])
def test_a_broken_tail_is_kept_as_far_as_it_goes(join, record):
    whole = record(2)

    joined, path = join(whole[: len(whole) * 3 // 4])

    assert 1000 <= joined.duration_ms <= 1700
    assert heard(path) == pytest.approx(
        (joined.duration_ms / 1000, joined.duration_ms / 1000), abs=0.1
    )


def test_a_part_without_any_sound_does_not_spoil_the_others(join):
    joined, path = join(HEADS["webm"] + b"\xff" * 50, sounds.webm(), b"OggS")

    assert joined == Joined("webm", joined.duration_ms)
    assert heard(path) == pytest.approx((1, 1), abs=0.1)


def test_damage_in_the_middle_is_left_out(join):
    whole = sounds.webm(2)

    joined, path = join(whole[:4000] + b"\xff" * 300 + whole[4300:])

    assert joined.duration_ms == pytest.approx(2000, abs=50)
    assert heard(path)[1] > 0.5


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
@pytest.mark.parametrize("rest", [b"", b"\0" * 5000, bytes(range(256)) * 100])
def test_nonsense_is_unreadable(join, head, rest):
    with pytest.raises(Unreadable):
        join(head + rest)


@pytest.mark.parametrize(
    "data",
    [
        b"RIFF\x24\x08\0\0WAVEfmt ",
        b"#EXTM3U\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
    ],
)
def test_only_the_three_formats_are_opened(join, data):
    with pytest.raises(Unreadable):
        join(data)


def test_pictures_are_no_sound(join, tmp_path):
    path = tmp_path / "film"
    with av.open(str(path), "w", format="webm") as output:
        stream = output.add_stream("libvpx", rate=5)
        stream.width = stream.height = 16
        stream.pix_fmt = "yuv420p"
        output.mux(stream.encode(av.VideoFrame(16, 16, "yuv420p")))
        output.mux(stream.encode(None))

    with pytest.raises(Unreadable):
        join(path.read_bytes())


def test_a_full_disk_is_no_damage(join, monkeypatch):
    def full(*arguments):
        raise av.error.OSError(28, "No space left on device")

    monkeypatch.setattr(audio, "remux", full)

    with pytest.raises(OSError, match="No space left"):
        join(sounds.webm())


def test_what_the_muxer_refuses_is_encoded_anew(join, monkeypatch):
    def refuse(*arguments):
        raise av.error.InvalidDataError(1, "Malformed")

    monkeypatch.setattr(audio, "remux", refuse)

    joined, path = join(sounds.mp4())

    assert (joined.kind, codec_of(path)) == ("webm", "opus")


# The web


def test_web_processes_do_not_load_the_decoder():
    program = (
        "import django, sys; django.setup();"
        "import config.urls, interviews.tasks; sys.exit('av' in sys.modules)"
    )

    subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        env={"DJANGO_SETTINGS_MODULE": "config.settings_test", "PATH": ""},
    )
