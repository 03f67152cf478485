"""Recordings as browsers make them: streams without a duration, and cut into pieces."""

import math
import struct
from fractions import Fraction
from functools import cache
from io import BytesIO
from pathlib import Path

import av

DATA = Path(__file__).parent / "interviews" / "data"
RATE = 48_000
LIVE = {"live": "1"}
FRAGMENTED = {
    "movflags": "frag_keyframe+empty_moov+default_base_moof",
    "frag_duration": "200000",
}


def webm(seconds=1.0, layout="mono"):
    """Opus in WebM, as Chrome and Firefox record it."""
    return sound("libopus", "webm", seconds, layout, **LIVE)


def ogg(seconds=1.0):
    return sound("libopus", "ogg", seconds)


def mp4(seconds=1.0, rate=RATE):
    """AAC in fragments of MP4, as Safari records it."""
    return sound("aac", "mp4", seconds, rate=rate, **FRAGMENTED)


def chromium(kind):
    """Return 2.3 s that Chromium 156 recorded by its fake microphone."""
    return (DATA / f"chromium.{kind}").read_bytes()


def cut(data, size=3000):
    return [data[start : start + size] for start in range(0, len(data), size)]


@cache
def sound(codec, container, seconds, layout="mono", rate=RATE, **options):
    file = BytesIO()
    with av.open(file, "w", format=container, options=options) as output:
        stream = output.add_stream(codec, rate=rate, layout=layout)
        stream.codec_context.open()
        encode(output, stream, seconds)
    return file.getvalue()


def encode(output, stream, seconds):
    context = stream.codec_context
    size = context.frame_size or 960
    resampler = av.AudioResampler(
        context.format.name, context.layout, context.rate, frame_size=size
    )
    for start in range(0, round(seconds * context.rate), size):
        for frame in resampler.resample(tone(context, start, size)):
            output.mux(stream.encode(frame))
    output.mux(stream.encode(None))


def tone(context, start, size):
    frame = av.AudioFrame("s16", context.layout, size)
    frame.sample_rate, frame.pts = context.rate, start
    frame.time_base = Fraction(1, context.rate)
    samples = [
        struct.pack("<h", round(8000 * math.sin(2 * math.pi * 440 * place / RATE)))
        * context.layout.nb_channels
        for place in range(start, start + size)
    ]
    plane = frame.planes[0]
    plane.update(b"".join(samples).ljust(plane.buffer_size, b"\0"))
    return frame
