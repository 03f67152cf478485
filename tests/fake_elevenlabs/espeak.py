"""A voice for demonstrations: espeak-ng, from the package `espeakng-loader`, by ctypes."""

import asyncio
import ctypes
from array import array
from concurrent.futures import ThreadPoolExecutor

import espeakng_loader

from tests.fake_elevenlabs.speech import RATE

# From espeak-ng's speak_lib.h.
AUDIO_OUTPUT_SYNCHRONOUS = 2
CHARS_UTF8 = 1
PARAMETER_RATE = 1
WORDS_PER_MINUTE = 150
CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)
VOICES = {"en": b"en", "ru": b"ru"}


class EspeakSpeaker:
    """Speaks English and Russian. The library has one state: one thread has it to itself."""

    def __init__(self) -> None:
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="espeak")
        self.library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = espeakng_loader.get_data_path().encode()
        self.rate = self.library.espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, 0, data, 0)
        if self.rate <= 0:
            raise RuntimeError("espeak-ng does not start.")
        self.samples = array("h")
        # Kept on the object: the library calls it for as long as it speaks.
        self.callback = CALLBACK(self.collect)
        self.library.espeak_SetSynthCallback(self.callback)
        self.library.espeak_SetParameter(PARAMETER_RATE, WORDS_PER_MINUTE, 0)

    async def audio(self, text: str, language: str) -> bytes:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.thread, self.synthesise, text, language)

    def synthesise(self, text: str, language: str) -> bytes:
        self.samples = array("h")
        self.library.espeak_SetVoiceByName(VOICES.get(language, VOICES["en"]))
        raw = text.encode()
        self.library.espeak_Synth(raw, len(raw) + 1, 0, 0, 0, CHARS_UTF8, None, None)
        return resampled(self.samples, self.rate).tobytes()

    def collect(
        self, samples: "ctypes._Pointer[ctypes.c_short]", count: int, _: object
    ) -> int:
        if samples and count > 0:
            self.samples.extend(samples[:count])
        return 0  # go on


def resampled(samples: array, rate: int) -> array:
    """Return the samples at 16 kHz, each on the straight line between its neighbours."""
    step = rate / RATE
    return array(
        "h", (between(samples, n * step) for n in range(int((len(samples) - 1) / step)))
    )


def between(samples: array, position: float) -> int:
    before = int(position)
    part = position - before
    return round(samples[before] * (1 - part) + samples[before + 1] * part)
