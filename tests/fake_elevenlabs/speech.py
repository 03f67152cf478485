"""What an agent sounds like, and how it notices that somebody speaks."""

import math
from array import array
from typing import Protocol

RATE = 16_000  # samples a second, 16 bit, mono
BYTES_PER_SECOND = 2 * RATE
TONE_SECONDS = 0.3
TONE_HERTZ = 330
TONE_PEAK = 1500  # soft: of 32767


class Speaker(Protocol):
    """Turns text into PCM16, 16 kHz, mono."""

    async def audio(self, text: str, language: str) -> bytes: ...


class Ear(Protocol):
    """Listens for one utterance after another."""

    @property
    def busy(self) -> bool:
        """Tell if somebody has begun to speak."""

    def listen(self) -> None:
        """Forget what was heard so far."""

    def hear(self, pcm: bytes) -> float | None:
        """Take in a piece; return the seconds of speech once an utterance is over."""


class ToneSpeaker:
    """Says everything with one short soft tone: for tests."""

    def __init__(self) -> None:
        wave = (
            math.sin(2 * math.pi * TONE_HERTZ * n / RATE)
            for n in range(round(TONE_SECONDS * RATE))
        )
        self.tone = array("h", (round(TONE_PEAK * sample) for sample in wave)).tobytes()

    async def audio(self, text: str, language: str) -> bytes:
        return self.tone


class QuickEar:
    """Takes a moment of sound for a whole answer: browsers' fake microphones only beep."""

    LOUDNESS = 300
    SECONDS = 0.1

    def __init__(self) -> None:
        self.heard = 0.0

    @property
    def busy(self) -> bool:
        return self.heard > 0

    def listen(self) -> None:
        self.heard = 0.0

    def hear(self, pcm: bytes) -> float | None:
        if loudness(pcm) < self.LOUDNESS:
            return None
        self.heard += len(pcm) / BYTES_PER_SECOND
        if self.heard < self.SECONDS:
            return None
        seconds, self.heard = self.heard, 0.0
        return seconds


class PatientEar:
    """Follows a person: speech is what stands out of the room's noise, until a silence."""

    OVER_NOISE = 3.0
    LOWEST = 150
    HIGHEST_NOISE = 1000
    ADAPTING = 0.05  # how fast the idea of the room's noise follows what is heard
    END_SILENCE = 2.0
    SHORTEST = 0.3  # less is a cough or a key

    def __init__(self) -> None:
        self.noise = 100.0
        self.listen()

    @property
    def busy(self) -> bool:
        return self.speech > 0

    def listen(self) -> None:
        self.speech = self.silence = 0.0

    def hear(self, pcm: bytes) -> float | None:
        level, seconds = loudness(pcm), len(pcm) / BYTES_PER_SECOND
        if level > max(self.LOWEST, self.OVER_NOISE * self.noise):
            self.speech += self.silence + seconds if self.speech else seconds
            self.silence = 0.0
            return None
        noise = self.noise + self.ADAPTING * (level - self.noise)
        self.noise = min(noise, self.HIGHEST_NOISE)
        self.silence += seconds
        if self.silence < self.END_SILENCE or not self.speech:
            return None
        spoken = self.speech
        self.listen()
        return spoken if spoken >= self.SHORTEST else None


def loudness(pcm: bytes) -> float:
    """Return the mean amplitude, of 32767; every fourth sample is enough."""
    samples = array("h", pcm[: len(pcm) // 2 * 2])[::4]
    return sum(map(abs, samples)) / len(samples) if samples else 0.0
