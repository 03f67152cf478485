"""An authenticator app: the codes of RFC 6238, from the key that the page shows."""

import base64
import hashlib
import hmac
import struct
import time


def code_of(key, moment=None, steps=0):
    """Return the code of a moment (Unix seconds; now), or of some half minutes later."""
    counter = int(time.time() if moment is None else moment) // 30 + steps
    digest = hmac.digest(
        base64.b32decode(key), struct.pack(">Q", counter), hashlib.sha1
    )
    start = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"
