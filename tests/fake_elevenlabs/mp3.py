"""Silence as MP3: frames that any player can play and seek in, made without an encoder."""

# MPEG 1 layer III, 64 kbit/s, 48 kHz, mono: 192 bytes are 24 ms. A body of zeros is silence.
FRAME = bytes([0xFF, 0xFB, 0x54, 0xC4]) + bytes(188)
FRAME_SECONDS = 0.024


def silence(seconds: float) -> bytes:
    return FRAME * max(1, round(seconds / FRAME_SECONDS))
