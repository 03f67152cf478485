"""What is known of audio: kinds of recordings, and making one file of their parts.

Browsers record as they go: without a duration, without an index, and after a reload in
a stream of its own. Players want one file with both. PyAV does it, in the worker alone:
web processes never load it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from errno import EDQUOT, ENOMEM, ENOSPC
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer, OutputContainer
    from av.packet import Packet

# By their first bytes; and the only formats that FFmpeg may take a recording for.
FORMATS = {"audio/webm": "matroska", "audio/ogg": "ogg", "audio/mp4": "mov"}
CODECS = {"aac", "alac", "flac", "mp3", "opus", "pcm_f32le", "pcm_s16le", "vorbis"}
# What goes into a file as it is, and which kind of file takes it.
KEPT_IN = {"opus": "webm", "vorbis": "webm", "aac": "mp4"}
CONTENT_TYPES = {"webm": "audio/webm", "mp4": "audio/mp4"}
OPUS_RATE = 48_000
OPUS_FRAME = 960
OPUS_BITS_PER_SECOND = 48_000


class Unreadable(Exception):
    """Not one frame of sound can be had from it."""


class Joined(NamedTuple):
    """A finished file: its kind ("webm" or "mp4") and its duration, measured."""

    kind: str
    duration_ms: int

    @property
    def content_type(self) -> str:
        return CONTENT_TYPES[self.kind]


def content_type_of(data: bytes) -> str | None:
    """Tell by its first bytes what a recording is; None if it is none we know."""
    if data.startswith(b"\x1a\x45\xdf\xa3"):
        return "audio/webm"
    if data.startswith(b"OggS"):
        return "audio/ogg"
    return "audio/mp4" if data[4:8] == b"ftyp" else None


def join(parts: Sequence[Path], target: Path) -> Joined:
    """Make one file of the parts, in their order, each as far as it can be read.

    Without re-encoding where all parts are of one make. Raises Unreadable if no part
    holds any sound.
    """
    made = [(part, make) for part in parts if (make := make_of(part))]
    if not made:
        raise Unreadable
    readable = [part for part, _ in made]
    (codec, _), *others = {make for _, make in made}
    kind = KEPT_IN.get(codec)
    if kind and not others:
        # A muxer may refuse what a decoder takes.
        with ending_at_damage():
            return Joined(kind, remux(readable, target, kind))
    with ending_at_damage():
        return Joined("webm", transcode(readable, target))
    raise Unreadable


@contextmanager
def ending_at_damage() -> Iterator[None]:
    """End quietly where a recording is damaged; what the machine fails at is raised."""
    import av

    try:
        yield
    except av.FFmpegError as error:
        # FFmpeg calls it an I/O error, too, when a recording breaks off.
        if error.errno in {ENOMEM, ENOSPC, EDQUOT}:
            raise


def make_of(part: Path) -> tuple[str, bytes] | None:
    """Return what parts must have in common to be put together as they are.

    None if nothing in it can be decoded.
    """
    with ending_at_damage(), opened(part) as stream:
        if stream and any(True for _ in frames(stream)):
            context = stream.codec_context
            codec = stream.codec.canonical_name
            # Opus says in each packet what it is.
            return codec, b"" if codec == "opus" else bytes(context.extradata or b"")
    return None


@contextmanager
def opened(part: Path) -> Iterator[AudioStream | None]:
    """Open a recording as what its first bytes say; None if it has no sound we know."""
    import av

    with part.open("rb") as file:
        content_type = content_type_of(file.read(16))
    if content_type is None:
        yield None
        return
    with av.open(str(part), format=FORMATS[content_type]) as source:
        known = [
            stream
            for stream in source.streams.audio
            if stream.codec.canonical_name in CODECS
        ]
        yield known[0] if known else None


def packets(stream: AudioStream) -> Iterator[Packet]:
    """Give the whole packets until the end, or until nothing more can be read."""
    with ending_at_damage():
        for packet in cast("InputContainer", stream.container).demux(stream):
            if packet.pts is not None and packet.size and not packet.is_corrupt:
                yield packet


def frames(stream: AudioStream) -> Iterator[AudioFrame]:
    """Give the sound of every packet that can be decoded."""
    for packet in packets(stream):
        with ending_at_damage():
            yield from stream.decode(packet)
    with ending_at_damage():
        yield from stream.decode(None)


# As it is


def remux(parts: Sequence[Path], target: Path, kind: str) -> int:
    """Put the packets of all parts into one file; return its duration in ms."""
    import av

    options = {"movflags": "faststart"} if kind == "mp4" else {}
    output_stream: AudioStream | None = None
    end = Fraction(0)
    with av.open(str(target), "w", format=kind, options=options) as output:
        for part in parts:
            with opened(part) as stream:
                assert stream is not None  # `make_of` has read it
                if output_stream is None:
                    output_stream = output.add_stream_from_template(stream)
                end = copy(packets(stream), output, output_stream, end)
    return milliseconds(end)


def copy(
    packets: Iterator[Packet],
    output: OutputContainer,
    stream: AudioStream,
    begin: Fraction,
) -> Fraction:
    """Write the packets, moved to begin at `begin` seconds; return where they end."""
    shift: int | None = None
    last, end = -1, begin
    for packet in packets:
        base, time = packet.time_base, packet.pts or 0
        if shift is None:
            shift = round(begin / base) - time
        time += shift
        # Not every muxer takes a packet that steps back.
        if time > last:
            last = packet.pts = packet.dts = time
            end = max(end, (time + (packet.duration or 0)) * base)
            packet.stream = stream
            output.mux(packet)
    return end


# Anew


def transcode(parts: Sequence[Path], target: Path) -> int:
    """Put the sound of all parts into one file as Opus; return its duration in ms."""
    import av

    samples = 0
    with av.open(str(target), "w", format="webm") as output:
        stream = output.add_stream("libopus", rate=OPUS_RATE, layout="mono")
        stream.bit_rate = OPUS_BITS_PER_SECOND
        for part in parts:
            for frame in resampled(part):
                frame.pts = samples
                frame.time_base = Fraction(1, OPUS_RATE)
                samples += frame.samples
                output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return milliseconds(Fraction(samples, OPUS_RATE))


def resampled(part: Path) -> Iterator[AudioFrame]:
    """Give the sound of a part in frames as the encoder wants them."""
    from av.audio.resampler import AudioResampler

    resampler = AudioResampler("s16", "mono", OPUS_RATE, frame_size=OPUS_FRAME)
    with opened(part) as stream:
        assert stream is not None  # `make_of` has read it
        for frame in frames(stream):
            yield from resampler.resample(frame)
    yield from resampler.resample(None)


def milliseconds(seconds: Fraction) -> int:
    return round(seconds * 1000)
